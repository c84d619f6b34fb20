"""The garden in metres: where pool, deck, fence, gate and cameras are.

x runs to the right along the pool, y away from the house, z up; the deck is z = 0.
"""

from __future__ import annotations

from dataclasses import dataclass

WATER_Z = -0.10
FLOOR_SHALLOW_Z = -1.15
FLOOR_DEEP_Z = -1.85
POOL_X = (0.0, 8.0)
POOL_Y = (0.0, 4.0)
COPING_M = 0.32
DECK_X = (-3.0, 10.6)
DECK_Y = (-3.4, 6.2)
FENCE_X = -3.0
GATE_Y = (1.6, 2.7)
HEDGE_Y = 7.6
WALL_X = 11.6

VIEWS: tuple[str, ...] = ("overview", "entrance")
DEFAULT_SIZE_WH = (1280, 720)


@dataclass(frozen=True)
class Mount:
    """A camera on the site: where it is, where it looks (metres) and its horizontal field of view."""

    position: tuple[float, float, float]
    target: tuple[float, float, float]
    hfov_deg: float
    roll_deg: float = 0.0


MOUNTS: dict[str, Mount] = {
    "overview": Mount((3.6, -5.0, 3.9), (3.75, 2.2, -0.05), 77.0),
    "entrance": Mount((2.5, -2.7, 2.5), (-1.35, 2.5, 0.35), 80.0),
}


def in_pool(x: float, y: float, margin_m: float = 0.0) -> bool:
    """Whether the place is within the pool's rim, `margin_m` or more from it."""
    return (
        POOL_X[0] + margin_m <= x <= POOL_X[1] - margin_m
        and POOL_Y[0] + margin_m <= y <= POOL_Y[1] - margin_m
    )


def floor_z(x: float) -> float:
    """Height of the pool's floor: shallow on the left, sloping to deep on the right."""
    part = min(max((x - POOL_X[0]) / (POOL_X[1] - POOL_X[0]), 0.0), 1.0)
    return FLOOR_SHALLOW_Z + (FLOOR_DEEP_Z - FLOOR_SHALLOW_Z) * part


def nearest_rim(x: float, y: float) -> tuple[float, float, float, float]:
    """Rim point nearest to a place, and the unit direction there that leads away from the water."""
    cx = min(max(x, POOL_X[0]), POOL_X[1])
    cy = min(max(y, POOL_Y[0]), POOL_Y[1])
    if not in_pool(x, y):
        dx, dy = x - cx, y - cy
        length = (dx * dx + dy * dy) ** 0.5
        return cx, cy, dx / length, dy / length
    gaps = (
        (cx - POOL_X[0], POOL_X[0], cy, -1.0, 0.0),
        (POOL_X[1] - cx, POOL_X[1], cy, 1.0, 0.0),
        (cy - POOL_Y[0], cx, POOL_Y[0], 0.0, -1.0),
        (POOL_Y[1] - cy, cx, POOL_Y[1], 0.0, 1.0),
    )
    return min(gaps)[1:]
