"""Whether a camera is looked at often enough: a machine that cannot keep up misses heads between two looks,
and counts people as under water who are not. Pure."""

from __future__ import annotations

from dashboard.monitor.statistics import Statistics

# No rule has been tried with fewer looks a second.
LEAST_FPS = 2.0
# Told after so long, and taken back after so long of a pace well over the least: it must not flicker.
_TELL_S, _END_S = 15.0, 10.0
_WELL_OVER = 1.5
# A camera whose pictures are all looked at is slow by itself, or by its owner's wish.
_LEFT_OUT = 0.5

TOO_SLOW = "this machine or the network is too slow to look at it twice a second"


class Pace:
    """One camera's, since its worker began. Times are the judge's, monotonic seconds."""

    def __init__(self) -> None:
        self.too_slow = False
        self._since: float | None = None

    def judged(self, now: float, statistics: Statistics) -> None:
        """To be told every second or so."""
        looks, left_out = statistics.fps(now), statistics.left_out_fps()
        if looks is None or left_out is None:
            return
        if self.too_slow:
            turns = looks >= _WELL_OVER * LEAST_FPS or left_out < _LEFT_OUT * looks
        else:
            turns = looks < LEAST_FPS and left_out >= _LEFT_OUT * looks
        if not turns:
            self._since = None
            return
        self._since = now if self._since is None else self._since
        if now - self._since >= (_END_S if self.too_slow else _TELL_S):
            self.too_slow, self._since = not self.too_slow, None
