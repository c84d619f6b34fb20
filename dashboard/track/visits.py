"""Animals over time, before one camera: which findings are of one visit, and how the animal looked in it.
Pure. A detector calls the same cat a dog in the next frame: its word is that of most frames."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from dashboard.values import Detection, Floats, Label

Box = tuple[float, float, float, float]
# Whoever was not found for so long has gone.
GAP_S = 3.0
# A running cat is its own length further at the next look.
_REACH = 1.5


@dataclass(frozen=True, eq=False)
class Visit:
    """One animal. `since` and `t` are when it was first and last seen, seconds, `labels` what the detector
    called it and how often; `looks` is the sum of `looked` unit vectors (D,), None while there was none."""

    since: float
    t: float
    xyxy: Box
    labels: Counter[str]
    looked: int = 0
    looks: Floats | None = None

    @property
    def label(self) -> str:
        """What the detector called it most often; `animal` where only its movement told of it."""
        named = sorted(word for word in self.labels if word != Label.ANIMAL) or [Label.ANIMAL.value]
        return max(named, key=self.labels.__getitem__)

    @property
    def look(self) -> Floats | None:
        """How it looked on the whole: (D,), of unit length."""
        if self.looks is None:
            return None
        return np.asarray(self.looks / max(float(np.linalg.norm(self.looks)), 1e-9), np.float32)


class Visits:
    """The animals of one camera; `step` is fed with its findings in order of time."""

    def __init__(self) -> None:
        self._there: list[Visit] = []
        self._gone: list[Visit] = []

    def step(self, t: float, animals: Iterable[Detection]) -> tuple[Visit, ...]:
        """The visits of those findings, in no order."""
        self._gone += [visit for visit in self._there if t - visit.t > GAP_S]
        waiting = [visit for visit in self._there if t - visit.t <= GAP_S]
        found: list[Visit] = []
        for one in sorted(animals, key=lambda one: -one.score):
            before = _nearest(one.xyxy, waiting)
            if before is not None:
                waiting = [visit for visit in waiting if visit is not before]
            found.append(_with(before or Visit(t, t, one.xyxy, Counter()), t, one))
        self._there = [*waiting, *found]
        return tuple(found)

    def ended(self) -> tuple[Visit, ...]:
        """The visits that are over, once each."""
        gone, self._gone = self._gone, []
        return tuple(gone)

    def all(self) -> tuple[Visit, ...]:
        """All visits that were not handed out as ended."""
        return (*self._gone, *self._there)


def _with(visit: Visit, t: float, one: Detection) -> Visit:
    labels = visit.labels + Counter([one.label.value])
    look = one.appearance
    if look is None:
        return Visit(visit.since, t, one.xyxy, labels, visit.looked, visit.looks)
    looks = look if visit.looks is None else visit.looks + look
    return Visit(visit.since, t, one.xyxy, labels, visit.looked + 1, looks)


def _nearest(box: Box, there: Sequence[Visit]) -> Visit | None:
    near = [(d, n) for n, visit in enumerate(there) if (d := _apart(box, visit.xyxy)) <= _REACH]
    return there[min(near)[1]] if near else None


def _apart(a: Box, b: Box) -> float:
    """How far the middles are from each other, in lengths of the larger of the two."""
    (ax, ay), (bx, by) = (((c[0] + c[2]) / 2, (c[1] + c[3]) / 2) for c in (a, b))
    length = max(a[2] - a[0], a[3] - a[1], b[2] - b[0], b[3] - b[1], 1.0)
    return float(np.hypot(ax - bx, ay - by)) / length
