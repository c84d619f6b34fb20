"""Whether a polygon that somebody drew can be a zone."""

from __future__ import annotations

import math

from dashboard.geometry import Polygon, crossing_edges, polygon_area

# A hundredth of the width times a hundredth of the height: less is a slip of the finger, not a place.
SMALLEST_AREA = 1e-4


def why_unfit(polygon: Polygon) -> str | None:
    """The reason why this outline (points 0 to 1) cannot be a zone, or None when it can.

    Repeated neighbours (a double click) are let be.
    """
    if any(not math.isfinite(v) or not 0 <= v <= 1 for point in polygon for v in point):
        return "a point lies outside of the picture"
    corners = without_repeats(polygon)
    if len(set(corners)) < 3:
        return "fewer than three different points"
    crossing = crossing_edges(corners)
    if crossing is not None:
        return f"the outline crosses itself (sides {crossing[0] + 1} and {crossing[1] + 1})"
    if polygon_area(corners) < SMALLEST_AREA:
        return "too small: less than 1 % by 1 % of the picture"
    return None


def without_repeats(polygon: Polygon) -> Polygon:
    """The outline without points that repeat their neighbour, the last and the first included."""
    kept: list[tuple[float, float]] = []
    for point in polygon:
        if not kept or kept[-1] != point:
            kept.append(point)
    while len(kept) > 1 and kept[0] == kept[-1]:
        kept.pop()
    return tuple(kept)
