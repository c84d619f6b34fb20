"""The only place that reads a clock. Everything else is given times, or one of these to ask."""

from __future__ import annotations

import time
from datetime import UTC, datetime
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
