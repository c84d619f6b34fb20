"""Where the simulated garden's deck and water are in a camera's picture: its zones, drawn by no hand."""

from __future__ import annotations

import numpy as np

from dashboard.source.simulated.camera import NEAR_M, Camera, Reals, mounted
from dashboard.source.simulated.site import (
    DECK_X,
    DECK_Y,
    DEFAULT_SIZE_WH,
    MOUNTS,
    POOL_X,
    POOL_Y,
    VIEWS,
    WATER_Z,
)
from dashboard.values import Zone, ZoneKind

_Outline = list[tuple[float, float]]
WATER_NAME, DECK_NAME = "pool", "garden"
_LEAST_AREA = 1e-3
# What may be measured in a picture, the largest first: the pool's rim, the deck at the gate.
_RECTANGLES = ((POOL_X, POOL_Y), ((-2.5, 0.0), (1.0, 3.5)), ((-2.0, 0.0), (1.5, 3.0)))


def story_zones(camera: str, address: str) -> tuple[Zone, ...]:
    """The zones of the simulated camera with the id `camera` and the address `story:view`."""
    view = address.partition(":")[2] or VIEWS[0]
    if view not in MOUNTS:
        return ()
    eye = mounted(MOUNTS[view], DEFAULT_SIZE_WH)
    parts = (
        (DECK_NAME, ZoneKind.BOUNDARY, _corners(DECK_X, DECK_Y, 0.0)),
        (WATER_NAME, ZoneKind.WATER, _corners(POOL_X, POOL_Y, WATER_Z)),
    )
    zones = []
    for name, kind, corners in parts:
        outline = _in_picture(corners, eye)
        if len(outline) >= 3 and _area(outline) >= _LEAST_AREA:
            zones.append(Zone(camera, name, kind, tuple((round(x, 4), round(y, 4)) for x, y in outline)))
    return tuple(zones)


def story_ground(address: str) -> tuple[_Outline, _Outline] | None:
    """Four points of the deck's level: where they are in the simulated camera's picture (0 to 1 of width
    and height) and in the garden (metres, the same for all cameras); None where too little is seen."""
    view = address.partition(":")[2] or VIEWS[0]
    if view not in MOUNTS:
        return None
    eye = mounted(MOUNTS[view], DEFAULT_SIZE_WH)
    width, height = eye.size_wh
    for xs, ys in _RECTANGLES:
        points = eye.project(_corners(xs, ys, 0.0))
        outline = [(float(x) / width, float(y) / height) for x, y, _ in points]
        ahead = bool((points[:, 2] > NEAR_M).all())
        if ahead and all(0 <= x <= 1 and 0 <= y <= 1 for x, y in outline):
            return outline, [(float(x), float(y)) for x, y, _ in _corners(xs, ys, 0.0)]
    return None


def _corners(xs: tuple[float, float], ys: tuple[float, float], z: float) -> Reals:
    (x0, x1), (y0, y1) = xs, ys
    return np.array([(x0, y0, z), (x1, y0, z), (x1, y1, z), (x0, y1, z)], dtype=float)


def _in_picture(corners: Reals, eye: Camera) -> _Outline:
    """The outline (0 to 1 of width and height) of a flat shape (N, 3), clipped to what the camera sees."""
    depths = (corners - eye.position) @ eye.axes[2]
    ahead = _clipped3(corners, depths, NEAR_M * 2)
    if len(ahead) < 3:
        return []
    width, height = eye.size_wh
    outline = [(float(x) / width, float(y) / height) for x, y, _ in eye.project(np.array(ahead))]
    for axis in (0, 1):
        outline = _clipped(outline, axis, 1.0)
        outline = _clipped(outline, axis, -1.0)
    return outline


def _clipped3(points: Reals, depths: Reals, least: float) -> list[Reals]:
    """The part of a flat shape that is at least `least` metres before the camera."""
    kept: list[Reals] = []
    for n in range(len(points)):
        m = (n + 1) % len(points)
        if depths[n] >= least:
            kept.append(points[n])
        if (depths[n] >= least) != (depths[m] >= least):
            part = (least - depths[n]) / (depths[m] - depths[n])
            kept.append(points[n] + part * (points[m] - points[n]))
    return kept


def _clipped(outline: _Outline, axis: int, side: float) -> _Outline:
    """Sutherland and Hodgman's step: the part of an outline on one side of the picture's edge (side 1:
    over 0, side -1: under 1)."""

    def over(point: tuple[float, float]) -> float:
        return point[axis] if side > 0 else 1.0 - point[axis]

    kept: _Outline = []
    for n, here in enumerate(outline):
        there = outline[(n + 1) % len(outline)]
        if over(here) >= 0:
            kept.append(here)
        if (over(here) >= 0) != (over(there) >= 0):
            part = over(here) / (over(here) - over(there))
            x, y = (a + part * (b - a) for a, b in zip(here, there, strict=True))
            kept.append((min(max(x, 0.0), 1.0), min(max(y, 0.0), 1.0)))
    return kept


def _area(outline: _Outline) -> float:
    pairs = zip(outline, outline[1:] + outline[:1], strict=True)
    return abs(sum(a[0] * b[1] - b[0] * a[1] for a, b in pairs)) / 2
