"""The box around a person of whom only COCO's points are known."""

from __future__ import annotations

import numpy as np

from dashboard.values import Floats

Box = tuple[float, float, float, float]
SEEN = 0.05
# Parts of the extent of the points, which is about 0.87 of stature when all are there (Drillis and Contini):
# flesh at the sides, hair above eyes and ears, soles below ankles.
FLESH, HAIR, SOLES = 0.06, 0.11, 0.05
_HEAD, _ANKLES = slice(0, 5), slice(15, 17)


def person_box(keypoints: Floats) -> Box | None:
    """`xyxy` of the body around (17, 3) keypoints that are seen; None with fewer than three."""
    seen = keypoints[:, 2] > SEEN
    if seen.sum() < 3:
        return None
    points = keypoints[seen, :2]
    low, high = points.min(axis=0), points.max(axis=0)
    size = float(max(high - low)) or 1.0
    margin = FLESH * size
    left, top, right, bottom = low[0] - margin, low[1] - margin, high[0] + margin, high[1] + margin
    up = _upright(keypoints)
    if up and seen[_HEAD].any():
        top = min(top, keypoints[_HEAD][seen[_HEAD], 1].min() - HAIR * size)
    if up and seen[_ANKLES].any():
        bottom = max(bottom, keypoints[_ANKLES][seen[_ANKLES], 1].max() + SOLES * size)
    return float(left), float(top), float(right), float(bottom)


def _upright(keypoints: Floats) -> bool:
    """Whether the extent is rather high than wide."""
    points = keypoints[keypoints[:, 2] > SEEN, :2]
    width, height = np.ptp(points, axis=0)
    return bool(height >= width)
