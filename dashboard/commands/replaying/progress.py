"""How far a replay is, for a program that shows it: lines of JSON before the last one."""

from __future__ import annotations

import json

from dashboard.clock import Clock

_EVERY_S = 0.25


class Progress:
    """`of_s` is the length that the recording claims, 0 where it claims none."""

    def __init__(self, clock: Clock, of_s: float) -> None:
        self._clock = clock
        self._of_s = of_s
        self._next_t = float("-inf")

    def say(self, done_s: float) -> None:
        """At most a few times a second."""
        now = self._clock.monotonic()
        if now >= self._next_t:
            self._next_t = now + _EVERY_S
            print(json.dumps({"done_s": round(done_s, 2), "of_s": round(self._of_s, 2)}), flush=True)
