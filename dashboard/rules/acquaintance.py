"""Whether an animal is one that the owner has named: the nearest of the remembered looks, if it is near
enough and clearly nearer than those that are said to be otherwise; else nobody knows it. Pure.

Nearest neighbour with a distance and a margin to reject by (Chow 1970; Hellman 1970): one example is enough
to begin with, and what is like nothing that was ever named stays unknown."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from dashboard.rules.context import Wild
from dashboard.values import Floats

# By cross-validation over coats, sizes and light, in `bench animals`.
FARTHEST = 0.05
MARGIN = 0.02


@dataclass(frozen=True, eq=False)
class Acquaintance:
    """Remembered looks: `looks` (N, D) of unit length, `wild` what each is said to be."""

    looks: Floats
    wild: tuple[Wild, ...]

    def told(self, look: Floats, farthest: float = FARTHEST, margin: float = MARGIN) -> Wild:
        """What an animal of this look (D,) is; UNKNOWN in doubt. Distances are 1 minus the cosine."""
        if not self.wild or self.looks.shape[1] != len(look):
            return Wild.UNKNOWN
        apart = 1.0 - self.looks @ look
        nearest = int(apart.argmin())
        mine = self.wild[nearest]
        others = [float(d) for d, wild in zip(apart, self.wild, strict=True) if wild is not mine]
        if apart[nearest] > farthest or (others and min(others) - float(apart[nearest]) < margin):
            return Wild.UNKNOWN
        return mine


NOBODY = Acquaintance(np.zeros((0, 0), np.float32), ())


def acquaintance(looks: Sequence[tuple[Sequence[float], Wild]]) -> Acquaintance:
    """Out of what is kept; looks of another length than the newest are of another program's making."""
    if not looks:
        return NOBODY
    length = len(looks[0][0])
    kept = [(look, wild) for look, wild in looks if len(look) == length and wild is not Wild.UNKNOWN]
    if not kept:
        return NOBODY
    return Acquaintance(np.array([look for look, _ in kept], np.float32), tuple(wild for _, wild in kept))
