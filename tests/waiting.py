"""Waiting for something that another thread or process does: looks again and again, up to a deadline."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TypeVar

from dashboard.clock import SystemClock

T = TypeVar("T")
LOOK_S = 0.01


def until(found: Callable[[], T], within_s: float, what: str) -> T:
    """The first truthy value of `found`; fails, naming `what`, when none came in time."""
    clock = SystemClock()
    deadline = clock.monotonic() + within_s
    pause = threading.Event()
    while True:
        value = found()
        if value:
            return value
        assert clock.monotonic() < deadline, f"{what}: not within {within_s} s"
        pause.wait(LOOK_S)
