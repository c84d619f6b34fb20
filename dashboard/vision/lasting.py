"""From what single looks say to what is told of a camera: a fault that lasts, until it is gone. Pure."""

from __future__ import annotations

from dashboard.values import CameraFault, FaultKind

CONFIRM_S = 4.0  # a hand or a back before the lens for two seconds is no fault
CLEAR_S = 2.5
FLICKER_S = 0.8  # a look that finds nothing amid others that do


class Lasting:
    """`step` takes in a look every so often; `told` is the fault that lasts. Looks see what is new late by
    `late_s`: so much earlier did it begin."""

    def __init__(self, late_s: float) -> None:
        self.told: CameraFault | None = None
        self._late_s = late_s
        self._since_t: float | None = None
        self._well_t: float | None = None
        self._said: list[tuple[float, FaultKind]] = []

    def step(self, kind: FaultKind | None, t: float) -> CameraFault | None:
        """What is to be told at `t` (s), after a look that found `kind`."""
        if kind is None:
            self._well(t)
            return self.told
        self._well_t = None
        self._since_t = t if self._since_t is None else self._since_t
        self._said = [*((s, k) for s, k in self._said if t - s <= CONFIRM_S), (t, kind)]
        if t - self._since_t >= CONFIRM_S:
            kinds = [k for _, k in self._said]
            self.told = CameraFault(max(kinds, key=kinds.count), self._since_t - self._late_s)
        return self.told

    def _well(self, t: float) -> None:
        self._well_t = t if self._well_t is None else self._well_t
        if t - self._well_t >= (FLICKER_S if self.told is None else CLEAR_S):
            self.told = self._since_t = None
            self._said = []
