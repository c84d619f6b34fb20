"""Boxes and polygons: pure functions over arrays. Shapes are in the docstrings; boxes are `xyxy`."""

from __future__ import annotations

import itertools
import math
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from dashboard.values import Floats

Point: TypeAlias = tuple[float, float]
Polygon: TypeAlias = tuple[Point, ...]
Matrix: TypeAlias = NDArray[np.float64]
Box: TypeAlias = tuple[float, float, float, float]
# From so many head's lengths between their centres on, two heads are two people's: nearer, one body's head
# may have been taken for two (an arm, the feet of somebody who floats).
HEADS_APART = 1.6


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


def covered(a: Floats, b: Floats) -> Floats:
    """The share of each box of `a` that each of `b` covers: `a` (N, 4), `b` (M, 4) -> (N, M), 0 to 1."""
    left_top = np.maximum(a[:, None, :2], b[None, :, :2])
    right_bottom = np.minimum(a[:, None, 2:4], b[None, :, 2:4])
    overlap: Floats = np.prod(np.clip(right_bottom - left_top, 0, None), axis=2)
    return np.asarray(overlap / np.maximum(area(a), 1e-6)[:, None])


def heads_between(a: Box, b: Box) -> float:
    """How far the centres of two heads' boxes are from each other, in the larger one's length."""
    across, down = (a[0] + a[2] - b[0] - b[2]) / 2, (a[1] + a[3] - b[1] - b[3]) / 2
    length = max(a[2] - a[0], a[3] - a[1], b[2] - b[0], b[3] - b[1])
    return math.hypot(across, down) / max(length, 1e-6)


def two_heads(a: Box | None, b: Box | None) -> bool:
    """Whether two heads' boxes, where both are known, surely are two people's."""
    return a is not None and b is not None and heads_between(a, b) >= HEADS_APART


def one_head(a: Box | None, b: Box | None, within: float) -> bool:
    """Whether two heads' boxes, where both are known, are of one head: at most `within` of the larger one's
    length between them."""
    return a is not None and b is not None and heads_between(a, b) <= within


def inside(polygon: Polygon, point: Point) -> bool:
    """Whether `point` lies in `polygon` (N points in any unit), even-odd; N < 3 holds nothing."""
    x, y = point
    found = False
    for (ax, ay), (bx, by) in edges(polygon):
        if (ay > y) != (by > y) and x < (bx - ax) * (y - ay) / (by - ay) + ax:
            found = not found
    return found


def depth_inside(polygon: Polygon, point: Point) -> float:
    """Distance to the nearest edge, positive inside and negative outside; -inf for an empty polygon."""
    distance = min((segment_distance(a, b, point) for a, b in edges(polygon)), default=math.inf)
    return distance if inside(polygon, point) else -distance


def edges(polygon: Polygon) -> list[tuple[Point, Point]]:
    """The closed outline as pairs of neighbouring points."""
    return list(zip(polygon, (*polygon[1:], *polygon[:1]), strict=True))


def segment_distance(a: Point, b: Point, point: Point) -> float:
    """Distance from `point` to the segment a-b."""
    (ax, ay), (bx, by), (x, y) = a, b, point
    dx, dy = bx - ax, by - ay
    length2 = dx * dx + dy * dy
    along = 0.0 if length2 == 0 else min(1.0, max(0.0, ((x - ax) * dx + (y - ay) * dy) / length2))
    return math.hypot(x - ax - along * dx, y - ay - along * dy)


def polygon_area(polygon: Polygon) -> float:
    """Area by the shoelace formula, in the points' unit squared; never negative."""
    return abs(sum(ax * by - bx * ay for (ax, ay), (bx, by) in edges(polygon))) / 2


def crossing_edges(polygon: Polygon) -> tuple[int, int] | None:
    """The first two edges (by number from 0) that cross or touch without being neighbours, or None."""
    sides = edges(polygon)
    for i, (a, b) in enumerate(sides):
        for j in range(i + 2, len(sides)):
            if (i, j) != (0, len(sides) - 1) and segments_meet(a, b, *sides[j]):
                return i, j
    return None


def segments_meet(a: Point, b: Point, c: Point, d: Point) -> bool:
    """Whether segment a-b and segment c-d have a point in common."""
    turns = [_turn(c, d, a), _turn(c, d, b), _turn(a, b, c), _turn(a, b, d)]
    if turns[0] * turns[1] < 0 and turns[2] * turns[3] < 0:
        return True
    touching = ((c, d, a, turns[0]), (c, d, b, turns[1]), (a, b, c, turns[2]), (a, b, d, turns[3]))
    return any(turn == 0 and segment_distance(p, q, r) == 0 for p, q, r, turn in touching)


def _turn(a: Point, b: Point, c: Point) -> float:
    return (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])


def homography(source: Polygon, target: Polygon) -> Matrix:
    """The (3, 3) matrix that takes four points of one plane to four of another (direct linear transform).

    ValueError when there are not four points each, or three of them lie on a line.
    """
    if len(source) != 4 or len(target) != 4:
        raise ValueError("a homography needs four points on both sides")
    if _three_in_line(source) or _three_in_line(target):
        raise ValueError("three of the four points lie on a line")
    rows = []
    for (x, y), (u, v) in zip(source, target, strict=True):
        rows.append([-x, -y, -1, 0, 0, 0, u * x, u * y, u])
        rows.append([0, 0, 0, -x, -y, -1, v * x, v * y, v])
    vectors = np.linalg.svd(np.array(rows, np.float64))[2]
    matrix: Matrix = vectors[8].reshape(3, 3)
    return matrix / np.linalg.norm(matrix)


def _three_in_line(points: Polygon) -> bool:
    span = max(max(abs(x - points[0][0]), abs(y - points[0][1])) for x, y in points)
    return any(abs(_turn(a, b, c)) <= 1e-6 * span * span for a, b, c in itertools.combinations(points, 3))


def transform(matrix: Matrix, point: Point) -> Point:
    """`point` under a homography; infinite for a point on the horizon."""
    x, y, w = (float(value) for value in matrix @ (point[0], point[1], 1.0))
    return (x / w, y / w) if w != 0 else (math.inf, math.inf)
