"""Animals by how they move: a small part of the picture that the background does not explain and no person
does, that keeps its size and goes its way, is told as an animal of an unknown kind.

A detector that was taught on photographs misses most of what comes at night, and it may not be installed.
What moves is no proof: a crawling child moves like that too. So nothing is taken from the search for people
by it, and what must be sure that it is an animal does not ask here.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from dashboard.values import Detection, Label
from dashboard.vision.blobs import apart_px

Box = tuple[float, float, float, float]
WINDOW_S = 6.0
LEAST_S = 2.0
LOST_S, FOUND_LOST_S = 1.0, 3.0
STEP_S = 0.5
# In its own sizes (root of the area of its box). A hedgehog goes 0.7 of them in a second, a walking cat 1.5.
TRAVEL_SIZES = 2.0
STRAIGHT = 0.7  # of the way, as the crow flies
ONWARD = 0.8  # of the steps go where the whole way goes
SEEN = 0.7  # of the pictures
GROWTH = 1.8  # between the 10th and the 90th percentile of its size in the window
UPRIGHT = 1.25  # higher than so for its width: who walks upright
LARGEST = 0.03  # of the picture
RISEN, RISEN_S = 1.5, 2.0  # times as tall as lately; who comes nearer does not grow so fast
FARTHEST = 2.5  # from one picture to another
SCORE = 0.5


@dataclass(eq=False)
class _Mover:
    """A part that is followed: `path` has time, centre, width and height, pixels, of the last seconds."""

    path: list[tuple[float, float, float, float, float]]
    looked: list[float] = field(default_factory=list)
    told: bool = False

    @property
    def t(self) -> float:
        return self.path[-1][0]

    @property
    def box(self) -> Box:
        _, x, y, width, height = self.path[-1]
        return x - width / 2, y - height / 2, x + width / 2, y + height / 2


class Movers:
    """What moves in one camera's pictures of `image_wh` pixels. `step` is fed in order of time."""

    def __init__(self, image_wh: tuple[int, int]) -> None:
        self._area = float(image_wh[0] * image_wh[1])
        self._movers: list[_Mover] = []
        self._t = float("-inf")

    def step(self, t: float, changed: Sequence[Box], explained: Sequence[Box]) -> tuple[Detection, ...]:
        """The animals at `t`. `changed`: boxes that the background does not explain, `explained`: boxes of
        people, and of animals and things that a detector has found, all in pixels. What has been told of goes
        on, whatever it is taken for later, until it grows suddenly: who crawled has stood up."""
        if t < self._t:
            self._movers = []
        self._t = t
        free = [not any(_touch(box, other) for other in explained) for box in changed]
        self._follow(t, changed, free)
        self._movers = [mover for mover in self._movers if not (mover.told and _has_risen(mover))]
        for mover in self._movers:
            mover.told |= mover.t == t and self._goes(mover)
        return tuple(
            Detection(mover.box, SCORE, Label.ANIMAL, "motion")
            for mover in self._movers
            if mover.told and mover.t == t
        )

    def _follow(self, t: float, boxes: Sequence[Box], free: Sequence[bool]) -> None:
        """Gives each box to the part that it continues, the nearest first, or begins a new one. What is not
        `free` only continues what was told of."""
        ties = sorted(
            (far, n, m)
            for n, mover in enumerate(self._movers)
            for m, box in enumerate(boxes)
            if (free[m] or mover.told) and (far := _apart(mover, box, t)) is not None
        )
        movers: set[int] = set()
        used: set[int] = set()
        for _, n, m in ties:
            if n not in movers and m not in used:
                movers.add(n)
                used.add(m)
                self._movers[n].path.append(_place(t, boxes[m]))
        self._movers += [_Mover([_place(t, box)]) for m, box in enumerate(boxes) if free[m] and m not in used]
        for mover in self._movers:
            mover.looked = [s for s in mover.looked if t - s <= WINDOW_S] + [t]
            mover.path = [p for p in mover.path if t - p[0] <= WINDOW_S] or mover.path[-1:]
        self._movers = [m for m in self._movers if t - m.t <= (FOUND_LOST_S if m.told else LOST_S)]

    def _goes(self, mover: _Mover) -> bool:
        """Whether it goes its way as an animal does."""
        path = np.array(mover.path)
        if path[-1, 0] - path[0, 0] < LEAST_S or len(path) < SEEN * len(mover.looked):
            return False
        sizes = np.sqrt(path[:, 3] * path[:, 4])
        size = float(np.median(sizes))
        few, many = np.percentile(sizes, (10, 90))
        if size * size > LARGEST * self._area or many > GROWTH * few:
            return False
        if float(np.median(path[:, 4] / path[:, 3])) > UPRIGHT:
            return False
        return _onward(path, size)


def _has_risen(mover: _Mover) -> bool:
    """Whether it is suddenly much taller than it was."""
    heights = [place[4] for place in mover.path if mover.t - place[0] <= RISEN_S]
    return heights[-1] > RISEN * float(np.median(heights))


def _onward(path: np.ndarray, size: float) -> bool:
    """Whether a path (N, 5) leads away from where it began, without going to and fro."""
    marks = np.arange(path[0, 0], path[-1, 0] + 1e-6, STEP_S)
    places = path[np.searchsorted(path[:, 0], marks - 1e-6), 1:3]
    way = places[-1] - places[0]
    net = float(np.hypot(*way))
    steps = np.diff(places, axis=0)
    long = float(np.hypot(steps[:, 0], steps[:, 1]).sum())
    if net < TRAVEL_SIZES * size or net < STRAIGHT * long:
        return False
    return float(np.mean(steps @ way > 0)) >= ONWARD


def _place(t: float, box: Box) -> tuple[float, float, float, float, float]:
    left, top, right, bottom = box
    return t, (left + right) / 2, (top + bottom) / 2, right - left, bottom - top


def _apart(mover: _Mover, box: Box, t: float) -> float | None:
    """How far, in sizes, a box is from where a part was last; None where it cannot be the same."""
    _, x, y, width, height = mover.path[-1]
    _, new_x, new_y, new_width, new_height = _place(t, box)
    ratio = new_width * new_height / max(width * height, 1e-6)
    size = (max(width * height, new_width * new_height)) ** 0.5
    far = float(np.hypot(new_x - x, new_y - y)) / max(size, 1e-6)
    if not 0.3 < ratio < 3.3 or far > min(0.7 + 2.5 * (t - mover.t), FARTHEST):
        return None
    return float(far)


def _touch(box: Box, other: Box) -> bool:
    """Whether a box lies on another, widened by a quarter: whoever stands there casts a shadow."""
    across, down = 0.25 * (other[2] - other[0]), 0.25 * (other[3] - other[1])
    return apart_px(box, (other[0] - across, other[1] - down, other[2] + across, other[3] + down)) <= 0
