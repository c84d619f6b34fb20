"""Boxes and polygons: pure functions over arrays. Shapes are in the docstrings; boxes are `xyxy`."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from dashboard.values import Floats


def iou(a: Floats, b: Floats) -> Floats:
    """Intersection over union of every pair: `a` (N, 4), `b` (M, 4) -> (N, M). Empty boxes give 0."""
    left_top = np.maximum(a[:, None, :2], b[None, :, :2])
    right_bottom = np.minimum(a[:, None, 2:4], b[None, :, 2:4])
    overlap = np.prod(np.clip(right_bottom - left_top, 0, None), axis=2)
    union = area(a)[:, None] + area(b)[None, :] - overlap
    shares: Floats = np.divide(overlap, union, out=np.zeros_like(overlap), where=union > 0)
    return shares


def area(xyxy: Floats) -> Floats:
    """Area of each box: (N, 4) -> (N,)."""
    sides: Floats = np.clip(xyxy[:, 2:4] - xyxy[:, :2], 0, None)
    return sides[:, 0] * sides[:, 1]


def contains(polygon: Floats, points: Floats) -> NDArray[np.bool_]:
    """Which points lie in the polygon (even-odd rule): `polygon` (P, 2), `points` (N, 2) -> (N,).

    A polygon of fewer than three corners holds nothing.
    """
    inside = np.zeros(len(points), dtype=bool)
    if len(polygon) < 3:
        return inside
    x, y = points[:, 0], points[:, 1]
    for (x0, y0), (x1, y1) in zip(polygon, np.roll(polygon, -1, axis=0), strict=True):
        crosses = (y0 > y) != (y1 > y)
        rise = y1 - y0 if y1 != y0 else 1.0
        inside ^= crosses & (x < x0 + (y - y0) / rise * (x1 - x0))
    return inside
