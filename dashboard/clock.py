"""The only place that reads a clock. Everything else is given times, or one of these to ask."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol


class Clock(Protocol):
    """What asks for the time takes one of these, so that tests can turn the hands."""

    def monotonic(self) -> float:
        """Seconds that never go back; comparable between processes of one machine."""
        ...

    def utc(self) -> datetime:
        """The wall clock, aware, in UTC: for the database and for people."""
        ...


class SystemClock:
    """The machine's own clocks."""

    def monotonic(self) -> float:
        return time.monotonic()

    def utc(self) -> datetime:
        return datetime.now(UTC)


def this_boot() -> str:
    """Which start of the machine `SystemClock.monotonic` counts from; "" where the system does not say."""
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    except OSError:
        return ""


def slept_s() -> float:
    """Seconds that the machine was suspended since its start: the monotonic clock stood still."""
    if not hasattr(time, "CLOCK_BOOTTIME"):
        return 0.0
    return max(time.clock_gettime(time.CLOCK_BOOTTIME) - time.monotonic(), 0.0)
