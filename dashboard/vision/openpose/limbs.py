"""Which peaks the affinity fields join: line integrals along every possible limb, best first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from dashboard.settings import OpenPoseSettings
from dashboard.values import Floats
from dashboard.vision.openpose.layouts import Limb
from dashboard.vision.openpose.peaks import Ints, Peaks

SAMPLES = 10  # points along a limb, as in the paper's code


@dataclass(frozen=True, eq=False)
class Pairs:
    """Possible limbs: `limb` (K,) which limb, `a` and `b` (K,) peaks, `score` (K,) of the line integral."""

    limb: Ints
    a: Ints
    b: Ints
    score: Floats

    def __len__(self) -> int:
        return len(self.limb)

    def only(self, which: Ints) -> Pairs:
        """These pairs, in this order."""
        return Pairs(self.limb[which], self.a[which], self.b[which], self.score[which])


def possible(peaks: Peaks, limbs: Sequence[Limb]) -> Pairs:
    """Every peak of a limb's one end with every peak of its other end."""
    of, first, second = [], [], []
    for index, limb in enumerate(limbs):
        a, b = peaks.of(limb.a), peaks.of(limb.b)
        first.append(np.repeat(a, len(b)))
        second.append(np.tile(b, len(a)))
        of.append(np.full(len(a) * len(b), index, np.intp))
    a, b = np.concatenate(first), np.concatenate(second)
    return Pairs(np.concatenate(of), a, b, np.zeros(len(a), np.float32))


def scored(
    pairs: Pairs, peaks: Peaks, fields: Floats, limbs: Sequence[Limb], settings: OpenPoseSettings
) -> Pairs:
    """The pairs that the fields (2L, H, W) bear out: at least `connect_inter_min_above_threshold` of the
    samples along the line agree with its direction by more than `connect_inter_threshold`. Lines longer than
    half the map's height count for less."""
    if len(pairs) == 0:
        return pairs
    start, way = peaks.xy[pairs.a], peaks.xy[pairs.b] - peaks.xy[pairs.a]
    length = np.hypot(way[:, 0], way[:, 1])
    along = way / np.maximum(length, 1e-6)[:, None]
    steps = np.linspace(0.0, 1.0, SAMPLES, dtype=np.float32)
    at = start[:, None] + way[:, None] * steps[:, None]
    channel = np.array([limb.x for limb in limbs])[pairs.limb]
    x, y = _sampled(fields, channel, at)
    agreement = x * along[:, :1] + y * along[:, 1:]
    above = (agreement > settings.connect_inter_threshold).mean(axis=1)
    far = np.minimum(0.5 * fields.shape[1] / np.maximum(length, 1e-6) - 1, 0)
    score = (agreement.mean(axis=1) + far).astype(np.float32)
    good = (above >= settings.connect_inter_min_above_threshold) & (score > 0) & (length > 0)
    return Pairs(pairs.limb, pairs.a, pairs.b, score).only(np.flatnonzero(good))


def _sampled(fields: Floats, channel: Ints, at: Floats) -> tuple[Floats, Floats]:
    """A field's x and y at places (K, S, 2) in cells, between the cells' middles: (K, S) each."""
    _, height, width = fields.shape
    x = np.clip(at[..., 0], 0, width - 1)
    y = np.clip(at[..., 1], 0, height - 1)
    left, top = x.astype(np.intp), y.astype(np.intp)
    fx, fy = x - left, y - top
    right = np.minimum(left + 1, width - 1) - left
    below = (np.minimum(top + 1, height - 1) - top) * width
    place = top * width + left
    flat = fields.reshape(-1)
    found = []
    for offset in (0, 1):
        first = (channel[:, None] + offset) * (height * width) + place
        upper = flat[first] * (1 - fx) + flat[first + right] * fx
        lower = flat[first + below] * (1 - fx) + flat[first + below + right] * fx
        found.append(upper * (1 - fy) + lower * fy)
    return found[0], found[1]


def matched(pairs: Pairs) -> Pairs:
    """Greedily one to one within each limb: the best pair first, then the best of what is left."""
    order = np.lexsort((pairs.b, pairs.a, -pairs.score))
    used: set[tuple[int, int, int]] = set()
    kept = []
    columns = (pairs.limb[order].tolist(), pairs.a[order].tolist(), pairs.b[order].tolist())
    for place, limb, a, b in zip(order.tolist(), *columns, strict=True):
        ends = (limb, 0, a), (limb, 1, b)
        if ends[0] not in used and ends[1] not in used:
            used.update(ends)
            kept.append(place)
    return pairs.only(np.array(kept, np.intp))
