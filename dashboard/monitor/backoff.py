"""How long to wait before a worker is started again. Pure."""

from __future__ import annotations

_GROWTH = 3.0


class Backoff:
    """Short after a single death, longer and longer while it keeps dying young, short again once a
    worker has lived `steady_s`."""

    def __init__(self, first_s: float, longest_s: float, steady_s: float) -> None:
        self._first_s = first_s
        self._longest_s = longest_s
        self._steady_s = steady_s
        self._next_s = first_s

    def after(self, lived_s: float) -> float:
        """The pause in seconds after a worker that lived `lived_s`."""
        if lived_s >= self._steady_s:
            self._next_s = self._first_s
        pause_s = self._next_s
        self._next_s = min(self._next_s * _GROWTH, self._longest_s)
        return pause_s
