"""What a camera's view looks like for good: its edges, where they are usually found again, and how sharp."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import cv2
import numpy as np

from dashboard.values import Floats
from dashboard.vision.background import Mask
from dashboard.vision.structure import Structure, blocks, structure_of

LEARN_S = 40.0
YOUNG_S = 8.0  # so long it is learnt what is usual before anything is said against it
USUAL, STRONG = 0.55, 1.5  # likeness and squared grey levels: edges that are found again
RENEW_S = 1.0
WHOLE, RECALLED = 0.95, 0.8  # blocks that are known all over, and how alike they are taken to be
LEAST_VOTERS = 12  # of 144 blocks: with fewer there is nothing to go by


@dataclass(eq=False)
class LearntView:
    """`grey` (h, w) is the long-term picture; `usual` and `sharp` (ROWS, COLUMNS) how alike its edges usually
    are and how fine. `known_s`: learnt for so long. `learn` changes."""

    grey: Floats
    usual: Floats = field(init=False)
    sharp: Floats = field(init=False)
    known_s: float = 0.0

    def __post_init__(self) -> None:
        self.usual = np.zeros_like(blocks(self.grey))
        self.sharp = np.zeros_like(self.usual)
        self._structure: tuple[float, Structure] | None = None

    @property
    def young(self) -> bool:
        """Whether nobody knows yet what is usual."""
        return self.known_s < YOUNG_S

    def recall(self, grey: Floats, known: Mask) -> None:
        """Takes up a picture (h, w) of before, as far as it is `known` (h, w)."""
        self.grey[:] = grey
        self.usual = np.where(blocks(known) > WHOLE, np.float32(RECALLED), np.float32(0))
        self.known_s, self._structure = YOUNG_S, None

    def adopt(self, now: Floats, known: Mask, alike: Floats, sharp: Floats) -> None:
        """What was recalled has proved to be the view: what it lacks is taken from `now` (h, w)."""
        self.grey[~known] = now[~known]
        self.usual, self.sharp = np.clip(alike, 0, 1), sharp.copy()
        self._structure = None

    def structure(self) -> Structure:
        """That of the long-term picture, at most a second of learning old."""
        if self._structure is None or self.known_s - self._structure[0] >= RENEW_S:
            self._structure = (self.known_s, structure_of(self.grey))
        return self._structure[1]

    def voters(self, seen: Mask) -> Mask | None:
        """The blocks that have a say among those `seen` (ROWS, COLUMNS); None: too few to judge by."""
        if self.young:
            return None
        found = (self.usual > USUAL) & (self.structure().energy > STRONG) & seen
        return found if int(found.sum()) >= LEAST_VOTERS else None

    def learn(self, now: Floats, step: float, free: Floats, alike: Floats, sharp: Floats, held: Mask) -> None:
        """Moves towards `now` (h, w) where it is `free` (h, w) of people and its block is not `held`; `alike`
        and `sharp` are its blocks'."""
        self.known_s += step
        pace = max(1 - math.exp(-step / LEARN_S), step / (self.known_s + step + 1e-6))
        size_wh = (self.grey.shape[1], self.grey.shape[0])
        keep = cv2.resize(held.astype(np.uint8), size_wh, interpolation=cv2.INTER_NEAREST)
        where = ((free > 0) & (keep == 0)).astype(np.uint8)
        cv2.accumulateWeighted(now, self.grey, pace, mask=where)
        good = (blocks(free) > 0.5) & ~held
        self.usual[good] += pace * (np.clip(alike, 0, 1)[good] - self.usual[good])
        self.sharp[good] += pace * (sharp[good] - self.sharp[good])
