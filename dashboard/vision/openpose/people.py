"""Joined limbs made into people: the surest limb first, never two of one point in a person."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from dashboard.settings import OpenPoseSettings
from dashboard.values import Floats
from dashboard.vision.openpose.layouts import Limb
from dashboard.vision.openpose.limbs import Pairs
from dashboard.vision.openpose.peaks import Peaks


@dataclass
class _Body:
    """A person in the making: their peak of each part, and the sum of their limbs' scores."""

    peaks: dict[int, int] = field(default_factory=dict)
    limbs: float = 0.0


@dataclass(frozen=True, eq=False)
class Person:
    """`points` (P, 3) x, y in cells and score, 0 where the point was not found; `score` 0 and more: the
    paper's mean of points' and limbs' scores."""

    points: Floats
    score: float


def parsed(
    peaks: Peaks, pairs: Pairs, limbs: Sequence[Limb], parts: int, settings: OpenPoseSettings
) -> list[Person]:
    """All people, surest first. Who has fewer than `connect_min_subset_cnt` points, or a score under
    `connect_min_subset_score`, is nobody."""
    bodies = [_person(body, peaks, parts) for body in _assembled(peaks, pairs, limbs)]
    least, count = settings.connect_min_subset_score, settings.connect_min_subset_cnt
    people = [p for p in bodies if p.score >= least and (p.points[:, 2] > 0).sum() >= count]
    return sorted(people, key=lambda person: -person.score)


def _assembled(peaks: Peaks, pairs: Pairs, limbs: Sequence[Limb]) -> list[_Body]:
    bridge = np.array([limb.bridge for limb in limbs], bool)[pairs.limb]
    order = np.lexsort((pairs.b, pairs.a, -pairs.score, bridge))
    body_of: dict[int, _Body] = {}
    part = peaks.part.tolist()
    for place in order.tolist():
        a, b, score = int(pairs.a[place]), int(pairs.b[place]), float(pairs.score[place])
        first = body_of.get(a) or _Body({part[a]: a})
        second = body_of.get(b) or _Body({part[b]: b})
        if first is second:
            first.limbs += score
            continue
        alone = len(first.peaks) == 1 or len(second.peaks) == 1
        if first.peaks.keys() & second.peaks.keys() or (bridge[place] and not alone):
            continue
        first.peaks |= second.peaks
        first.limbs += second.limbs + score
        body_of.update(dict.fromkeys(first.peaks.values(), first))
    return list({id(body): body for body in body_of.values()}.values())


def _person(body: _Body, peaks: Peaks, parts: int) -> Person:
    points = np.zeros((parts, 3), np.float32)
    for part, peak in body.peaks.items():
        points[part, :2], points[part, 2] = peaks.xy[peak], peaks.score[peak]
    return Person(points, float(points[:, 2].sum() + body.limbs) / len(body.peaks))
