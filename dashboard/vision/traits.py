"""What a part of the picture looks like beside what is around it and what would be usual: pure functions."""

from __future__ import annotations

from math import log

import cv2
import numpy as np

from dashboard.values import Floats
from dashboard.vision.background import Mask
from dashboard.vision.blobs import Blob
from dashboard.vision.normal import Normal
from dashboard.vision.thing_score import Traits

NEAR_PX, AROUND_PX = 2, 6
# Without colour (infrared) tint says nothing: as much as things and others have alike (`bench things`).
COLOURLESS, NO_TINT = 0.01, 0.06


def traits_of(blob: Blob, before: Blob, changed: Mask, normal: Normal) -> Traits:
    """A blob's traits. `before`: the same part at the look before; `changed` (h, w): where the picture is not
    as usual."""
    place, beside = _around(blob, changed)
    now_around, usual_around = (p[place][beside].mean(axis=0) for p in (normal.quick, normal.expected))
    now_apart = float(np.abs(blob.colour - now_around).max())
    usual_apart = float(np.abs(blob.usual - usual_around).max())
    stir_around = float(normal.flicker[place][beside].mean())
    stir = float(normal.flicker[blob.place][blob.mask].mean())
    left, top, right, bottom = blob.box
    return Traits(
        size=log(max(blob.size, 1.0) / changed.shape[0]),
        fill=blob.area / ((right - left) * (bottom - top)),
        edge=blob.edge,
        strength=log(max(blob.strength, 0.3)),
        apart=log((now_apart + 4) / (usual_apart + 4)),
        shade=log((float(blob.colour.mean()) + 6) / (float(blob.usual.mean()) + 6)),
        tint=_tint(blob.colour, blob.usual),
        calm=log((stir_around + 1) / (stir + 1)),
        gaps=float(normal.back[blob.place][blob.mask].mean()) / 255,
        same=same(before, blob),
    )


def same(a: Blob, b: Blob) -> float:
    """Intersection over union of two blobs' masks, 0 to 1."""
    left, top = max(a.box[0], b.box[0]), max(a.box[1], b.box[1])
    right, bottom = min(a.box[2], b.box[2]), min(a.box[3], b.box[3])
    if right <= left or bottom <= top:
        return 0.0
    ours, theirs = (
        x.mask[top - x.box[1] : bottom - x.box[1], left - x.box[0] : right - x.box[0]] for x in (a, b)
    )
    both = int(np.count_nonzero(ours & theirs))
    return both / max(a.area + b.area - both, 1)


def _around(blob: Blob, changed: Mask) -> tuple[tuple[slice, slice], Mask]:
    """The part of the picture around a blob, and which of its pixels lie beside it and are as usual; all that
    lie beside it where none is."""
    left, top, right, bottom = blob.box
    height, width = changed.shape
    rows = slice(max(0, top - AROUND_PX), min(height, bottom + AROUND_PX))
    columns = slice(max(0, left - AROUND_PX), min(width, right + AROUND_PX))
    near = np.zeros((rows.stop - rows.start, columns.stop - columns.start), np.uint8)
    near[top - rows.start : bottom - rows.start, left - columns.start : right - columns.start] = blob.mask
    near = np.asarray(cv2.dilate(near, np.ones((2 * NEAR_PX + 1, 2 * NEAR_PX + 1), np.uint8)), np.uint8)
    beside = near == 0
    usual = beside & ~changed[rows, columns]
    if usual.any():
        return (rows, columns), np.asarray(usual)
    return (rows, columns), np.asarray(beside if beside.any() else np.ones_like(beside))


def _tint(now: Floats, usual: Floats) -> float:
    """How far apart the hues of two colours (3,) are."""
    a, b = _hue(now), _hue(usual)
    if max(float(np.ptp(a)), float(np.ptp(b))) < COLOURLESS:
        return NO_TINT
    return float(np.abs(a - b).max())


def _hue(colour: Floats) -> Floats:
    return np.asarray(colour / (float(colour.sum()) + 12), np.float32)
