"""People found in several looks at one picture: each from the look that showed them as large as the network
was trained on, points that it missed from the others."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from dashboard.values import Floats
from dashboard.vision.openpose.people import Person

# OpenPose trains on people who are 0.6 of its 368 pixels high; found people of a quarter or four times that
# are at the end of what it was shown.
TRAINED_PX = 0.6 * 368
SPREAD = 0.7
WRONG_SIZE = 0.3
SAME = 0.4
NEAR = 0.1


@dataclass(frozen=True, eq=False)
class Candidate:
    """A person of one look: `size` in pixels of the picture, `worth` how much the look is believed."""

    person: Person
    size: float
    worth: float


def candidate(person: Person, scale: float) -> Candidate:
    """A person found at `scale` pixels of the network's picture a pixel of the picture."""
    seen = person.points[person.points[:, 2] > 0, :2]
    size = max(1.0, float((seen.max(axis=0) - seen.min(axis=0)).max()))
    off = np.log(size * scale / TRAINED_PX)
    believed = WRONG_SIZE + (1 - WRONG_SIZE) * float(np.exp(-(off**2) / (2 * SPREAD**2)))
    return Candidate(person, size, believed * float(person.points[:, 2].mean()))


def one_each(candidates: Sequence[Candidate]) -> list[Person]:
    """Each person once, most believed first."""
    kept: list[Candidate] = []
    filled: list[Floats] = []
    for one in sorted(candidates, key=lambda c: -c.worth):
        twin = next((i for i, other in enumerate(kept) if _same(one, other)), None)
        if twin is None:
            kept.append(one)
            filled.append(one.person.points.copy())
        else:
            missing = filled[twin][:, 2] == 0
            filled[twin][missing] = one.person.points[missing]
    return [Person(points, one.person.score) for points, one in zip(filled, kept, strict=True)]


def _same(a: Candidate, b: Candidate) -> bool:
    first, second = a.person.points, b.person.points
    both = (first[:, 2] > 0) & (second[:, 2] > 0)
    apart = ((first[both, :2] - second[both, :2]) ** 2).sum(axis=1)
    near = float(np.exp(-apart / (2 * (NEAR * max(a.size, b.size)) ** 2)).sum())
    fewer = min((first[:, 2] > 0).sum(), (second[:, 2] > 0).sum())
    return near >= SAME * float(fewer)
