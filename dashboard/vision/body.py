"""The body around a skeleton: stature, the box that a person would draw, and whether a skeleton can be one.

Proportions of stature: Drillis and Contini 1966 as printed in Winter, Biomechanics and Motor Control.
"""

from __future__ import annotations

import numpy as np

from dashboard.values import Floats
from dashboard.vision.blazepose import Crop

# parts of stature between joint centres
TORSO, THIGH, SHANK, UPPER_ARM, FOREARM = 0.288, 0.245, 0.246, 0.186, 0.146
# 0.075 of stature by the tables; hair, and ears that the model puts low, make it this on labelled pictures
EAR_TO_VERTEX = 0.11
# flesh around the points, in statures, by BlazePose point
FLESH = np.array(
    [0.035] * 11
    + [0.035] * 2
    + [0.03] * 2
    + [0.025] * 2
    + [0.03] * 6
    + [0.05] * 2
    + [0.04] * 2
    + [0.025] * 6,
    np.float32,
)
LEFT, RIGHT = np.array([11, 13, 15, 23, 25, 27]), np.array([12, 14, 16, 24, 26, 28])


def _length(a: Floats, b: Floats) -> float:
    return float(np.hypot(*(a - b)[:2]))


def stature(points: Floats) -> float:
    """How tall the person would stand, in pixels, from points (33 or more, 2 or more). Foreshortening only
    shrinks limbs, so the longer witnesses are believed."""
    torso = _length((points[11] + points[12]) / 2, (points[23] + points[24]) / 2)
    thigh = (_length(points[23], points[25]) + _length(points[24], points[26])) / 2
    shank = (_length(points[25], points[27]) + _length(points[26], points[28])) / 2
    chain = (torso + thigh + shank) / (TORSO + THIGH + SHANK)
    single = sorted((torso / TORSO, thigh / THIGH, shank / SHANK))
    return max(chain, single[1])


def vertex(points: Floats, height: float) -> Floats:
    """The top of the head (2,): beyond the ears, in the direction from the shoulders."""
    ears = (points[7, :2] + points[8, :2]) / 2
    neck = (points[11, :2] + points[12, :2]) / 2
    up = ears - neck
    reach = float(np.hypot(*up))
    step = up / reach if reach > 0 else np.zeros(2)
    return np.asarray(ears + step * EAR_TO_VERTEX * height, np.float32)


def body_box(points: Floats) -> tuple[float, float, float, float]:
    """`xyxy` of the whole body, hair and soles included, from points (33 or more, 2 or more) in pixels."""
    height = stature(points)
    margin = FLESH[:, None] * height
    top = vertex(points, height)
    low = np.minimum((points[:33, :2] - margin).min(axis=0), top)
    high = np.maximum((points[:33, :2] + margin).max(axis=0), top)
    return float(low[0]), float(low[1]), float(high[0]), float(high[1])


def crop_of_box(xyxy: tuple[float, float, float, float], turn: float = 0.0) -> Crop:
    """A first guess at the landmark crop of a person of whom only the box is known: hips in its
    middle, 1.3 times its long side (the landmarks of standing people then ask for the same crop again)."""
    left, top, right, bottom = xyxy
    width, height = right - left, bottom - top
    return Crop(((left + right) / 2, (top + bottom) / 2), 1.3 * max(width, height), turn)


def plausible(points: Floats) -> bool:
    """Whether points (33 or more, 2 or more) can be a body: both sides alike in length, no limb that
    is out of all proportion to the others."""
    height = stature(points)
    if height <= 0 or not np.isfinite(points[:33, :2]).all():
        return False
    torso = _length((points[11] + points[12]) / 2, (points[23] + points[24]) / 2)
    limbs = [_length(points[a], points[b]) for a, b in ((11, 13), (12, 14), (13, 15), (14, 16))]
    legs = [_length(points[a], points[b]) for a, b in ((23, 25), (24, 26), (25, 27), (26, 28))]
    shoulders, hips = _length(points[11], points[12]), _length(points[23], points[24])
    head = _length((points[7] + points[8]) / 2, (points[11] + points[12]) / 2)
    return (
        max(limbs) < 0.35 * height
        and max(legs) < 0.45 * height
        and shoulders < 0.4 * height
        and hips < 0.3 * height
        and head < 0.35 * height
        and torso > 0.05 * height
    )


def body_shaped(xyxy: tuple[float, float, float, float], size_wh: tuple[int, int]) -> bool:
    """Whether a box could hold one upright or lying person: not too slim, not too small to have a skeleton,
    not most of the picture."""
    width, height = xyxy[2] - xyxy[0], xyxy[3] - xyxy[1]
    short, long_ = sorted((width, height))
    return short >= 8 and long_ >= 24 and long_ <= 5 * short and long_ <= 0.95 * max(size_wh)
