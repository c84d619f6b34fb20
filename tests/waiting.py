"""Waiting for what happens in its own time: asked again and again until it is so, or a deadline is over."""

from __future__ import annotations

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


class Hands:
    """A clock that the test turns."""

    def __init__(self, now: float = 1000.0) -> None:
        self.now = now

    def monotonic(self) -> float:
        return self.now
