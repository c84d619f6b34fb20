"""Waiting for what happens in its own time: asked again and again until it is so, or a deadline is over."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from typing import TypeVar

from dashboard.clock import SystemClock

T = TypeVar("T")
_AGAIN_S = 0.02


def until(ask: Callable[[], T | bool | None], seconds: float, what: str) -> T:
    """What `ask` answers as soon as that is true; AssertionError naming `what` after so many seconds."""
    clock, pause = SystemClock(), threading.Event()
    deadline = clock.monotonic() + seconds
    while True:
        answer = ask()
        if answer:
            return answer  # type: ignore[return-value]
        assert clock.monotonic() < deadline, f"not within {seconds:g} s: {what}"
        pause.wait(_AGAIN_S)


def fair(seconds: float) -> float:
    """A promised time, made longer by as much as the machine has more to do than it has cores."""
    return seconds * max(1.0, os.getloadavg()[0] / (os.cpu_count() or 1))
