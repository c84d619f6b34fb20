"""What of a solid a camera sees: its balls in pixels, in the air and under water."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from dashboard.source.simulated.camera import Camera, Reals
from dashboard.source.simulated.site import WATER_Z
from dashboard.source.simulated.solids import Globe, Group, Hull, Solid

Box = tuple[float, float, float, float]
CLEAR = float("inf")


@dataclass(frozen=True, eq=False)
class Seen:
    """A solid's balls in a camera: centres (N, 2) and radii (N,) in pixels, depth (N,) metres, and the
    row (N,) below which the water's surface hides a ball (infinite: nothing does)."""

    centres: Reals
    radii: Reals
    depth: Reals
    waterline: Reals
    hidden: NDArray[np.bool_]


def seen_dry(solid: Solid, camera: Camera, wet: bool) -> Seen:
    """The part of a solid in the air; with `wet` the water's surface cuts it."""
    centres, radii = solid.packed()
    line = np.full(len(radii), CLEAR)
    hidden = np.zeros(len(radii), bool)
    if wet:
        centres, radii, line, hidden = _cut_off(centres, radii, camera)
    at = camera.project(centres)
    return Seen(at[:, :2], radii * camera.focal / np.maximum(at[:, 2], 0.2), at[:, 2], line, hidden)


def _cut_off(centres: Reals, radii: Reals, camera: Camera) -> tuple[Reals, Reals, Reals, NDArray[np.bool_]]:
    """A ball whose middle is under water shows only its cap: it becomes a ball with that cap's rim."""
    over = centres[:, 2] - WATER_Z
    touched = np.abs(over) < radii
    rim = np.sqrt(np.maximum(radii**2 - over**2, 0))
    sunk = touched & (over < 0)
    centres = centres.copy()
    centres[sunk, 2] = WATER_Z + (radii + over - rim)[sunk]
    line = np.full(len(radii), CLEAR)
    line[touched] = waterline(centres[touched, :2], rim[touched], camera)
    return centres, np.where(sunk, rim, radii), line, over < -0.85 * radii


def waterline(places: Reals, rim_m: Reals, camera: Camera) -> Reals:
    """Pixel row of the nearest point of circles in the surface around places (N, 2): (N,)."""
    towards = camera.position[:2] - places
    towards /= np.maximum(np.linalg.norm(towards, axis=1, keepdims=True), 1e-6)
    near = np.column_stack([places + towards * rim_m[:, None], np.full(len(places), WATER_Z)])
    rows: Reals = camera.project(near)[:, 1]
    return rows


def seen_wet(solid: Solid, camera: Camera) -> Seen:
    """The part of a solid below the surface, where refraction shows it."""
    centres, radii = solid.packed()
    at = camera.project_wet(np.minimum(centres, [np.inf, np.inf, WATER_Z]))
    hidden = centres[:, 2] - WATER_Z > 0.6 * radii
    line = np.full(len(radii), CLEAR)
    return Seen(at[:, :2], radii * camera.focal / np.maximum(at[:, 2], 0.2), at[:, 2], line, hidden)


def cut_at_surface(solid: Solid) -> Solid:
    """The solid with balls added where a hull's edges pass the surface, so that both parts meet there."""
    heights = (solid.packed()[0][:, 2] - WATER_Z).tolist()
    if all(h > 0 for h in heights) or all(h < 0 for h in heights):
        return solid
    cut = Solid(list(solid.centres), list(solid.radii))
    for name, group in solid.groups.items():
        hulls = [_cut_hull(cut, hull, heights) for hull in group.hulls]
        cut.groups[name] = Group(hulls, group.globe, group.closer_m)
    return cut


def _cut_hull(cut: Solid, hull: Hull, heights: list[float]) -> Hull:
    over = [heights[b] > 0 for b in hull.balls]
    if all(over) or not any(over):
        return hull
    return replace(hull, balls=hull.balls + _crossings(cut, hull.balls, heights))


def _crossings(cut: Solid, balls: tuple[int, ...], heights: list[float]) -> tuple[int, ...]:
    extra = []
    for n, a in enumerate(balls):
        for b in balls[n + 1 :]:
            if (heights[a] > 0) != (heights[b] > 0):
                part = heights[a] / (heights[a] - heights[b])
                centre = cut.centres[a] + (cut.centres[b] - cut.centres[a]) * part
                extra.append(cut.ball(centre, cut.radii[a] + (cut.radii[b] - cut.radii[a]) * part))
    return tuple(extra)


def ball_box(seen: Seen) -> Box | None:
    """The box around what is seen of a solid's balls, pixels; None when nothing is."""
    shown = ~seen.hidden & (seen.depth > 0.2) & (seen.radii > 0)
    if not shown.any():
        return None
    low = seen.centres[shown] - seen.radii[shown, None]
    high = seen.centres[shown] + seen.radii[shown, None]
    bottom = np.minimum(high[:, 1], np.maximum(seen.waterline[shown], low[:, 1]))
    return float(low[:, 0].min()), float(low[:, 1].min()), float(high[:, 0].max()), float(bottom.max())


def globe_box(globe: Globe, camera: Camera) -> Box:
    """The box around a globe, pixels."""
    at = camera.project_wet(globe.centre[None])[0]
    seen, middle = camera.axes @ globe.axes, camera.axes @ (globe.centre - camera.position)
    flat = seen[:2] - np.outer(middle[:2] / max(middle[2], 0.2), seen[2])
    reach = np.sqrt(np.sum(flat**2, axis=1)) * camera.focal / max(at[2], 0.2)
    return (
        float(at[0] - reach[0]),
        float(at[1] - reach[1]),
        float(at[0] + reach[0]),
        float(at[1] + reach[1]),
    )


def globe_over_m(globe: Globe) -> tuple[float, float]:
    """How high a globe's middle is over the surface, and its reach up and down, metres."""
    return float(globe.centre[2]) - WATER_Z, float(np.linalg.norm(globe.axes[2]))


def united(boxes: list[Box]) -> Box | None:
    """The box around boxes; None for none."""
    if not boxes:
        return None
    return (
        min(b[0] for b in boxes),
        min(b[1] for b in boxes),
        max(b[2] for b in boxes),
        max(b[3] for b in boxes),
    )
