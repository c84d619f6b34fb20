"""Paints solids: shaded hulls and globes on small transparent sprites, and puts them on a picture.

A hull is filled several times, each time smaller and moved towards the light, brighter each time:
nested fills follow the lines of equal light on a round limb closely enough, and cost a few
microseconds each.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

from dashboard.source.simulated.camera import Camera, Reals
from dashboard.source.simulated.globes import globe_sprite
from dashboard.source.simulated.sight import (
    CLEAR,
    Seen,
    ball_box,
    globe_box,
    globe_over_m,
    united,
    waterline,
)
from dashboard.source.simulated.site import WATER_Z
from dashboard.source.simulated.solids import Group, Hull, Solid
from dashboard.values import Floats, Image

SHIFT = 4
SHRINK = np.array([1.0, 0.88, 0.69, 0.44])
BRIGHT = np.array([0.0, 0.40, 0.75, 1.0], np.float32)
SIDES = 10
THIN_PX = 5.0
# Hulls of this level (marks, a lanyard) are flat: one fill.
FLAT = 2
Outline: TypeAlias = list[cv2.typing.MatLike | None]
CIRCLE = np.stack(
    [np.cos(np.arange(SIDES) / SIDES * 2 * np.pi), np.sin(np.arange(SIDES) / SIDES * 2 * np.pi)], axis=1
)


@dataclass(frozen=True, eq=False)
class Light:
    """`sun` (3,) unit vector towards the light; `ambient` and `diffuse` BGR factors (3,); `rim` is how
    dark outlines are against the ambient light."""

    sun: Reals
    ambient: Floats
    diffuse: Floats
    rim: float = 0.74


@dataclass(frozen=True, eq=False)
class Tint:
    """What water does to what lies in it: `colour` BGR (3,), and how fast things fade, per metre."""

    colour: Floats
    per_m: float

    def left(self, z: Reals) -> Reals:
        """Share of a thing's own colour left at heights z (N,)."""
        shares: Reals = np.exp(-self.per_m * np.maximum(WATER_Z - z, 0.0))
        return shares


@dataclass(frozen=True, eq=False)
class Sprite:
    """A painted solid: BGRA with premultiplied alpha (h, w, 4), its place and its depth in metres."""

    image: Image
    left: int
    top: int
    depth_m: float


def painted(
    solid: Solid,
    seen: Seen,
    camera: Camera,
    light: Light,
    textures: dict[str, Image],
    finer: int = 2,
    tint: Tint | None = None,
) -> Sprite | None:
    """The solid as a sprite in the camera's pixels, or None when it is out of the picture.

    `finer` is the supersampling; `tint` is given for what lies under water.
    """
    box = _canvas_box(solid, seen, camera, tint is not None)
    if box is None:
        return None
    left, top, right, bottom = box
    canvas = np.zeros(((bottom - top) * finer, (right - left) * finer, 4), np.uint8)
    brush = _Brush(canvas, np.array([left, top], float), float(finer), camera, light, tint)
    far = seen.depth.tolist()
    depths = {name: _depth(group, far, camera) for name, group in solid.groups.items()}
    order = sorted(depths, key=lambda name: -depths[name])
    batches = [(solid.groups[name], batch) for name in order for batch in _levels(solid, name, camera)]
    hulls = [hull for _, batch in batches for hull in batch]
    outlines = brush.outlines(hulls, solid, seen)
    colours = brush.colours(hulls, solid)
    done = 0
    for group, batch in batches:
        if group.globe is not None:
            brush.globe(group, textures, bool(np.isfinite(seen.waterline).any()))
        brush.fill(outlines[done : done + len(batch)], colours[done : done + len(batch)])
        done += len(batch)
    if finer > 1:
        size = (right - left, bottom - top)
        canvas = np.asarray(cv2.resize(canvas, size, interpolation=cv2.INTER_AREA), dtype=np.uint8)
    return Sprite(canvas, left, top, float(seen.depth.mean()))


def _canvas_box(solid: Solid, seen: Seen, camera: Camera, under: bool) -> tuple[int, int, int, int] | None:
    boxes = [b for b in (ball_box(seen),) if b is not None]
    boxes += [globe_box(g.globe, camera) for g in solid.groups.values() if g.globe and _shows(g, under)]
    box = united(boxes)
    if box is None or float(seen.depth.min()) < 0.3:
        return None
    width, height = camera.size_wh
    left, top = max(0, int(box[0]) - 2), max(0, int(box[1]) - 2)
    right, bottom = min(width, int(box[2]) + 3), min(height, int(box[3]) + 3)
    return (left, top, right, bottom) if right - left > 1 and bottom - top > 1 else None


def _shows(group: Group, under: bool) -> bool:
    """Whether a globe is to be painted in the air (or, with `under`, under water) at all."""
    if group.globe is None:
        return False
    over, reach = globe_over_m(group.globe)
    return over < 0.3 * reach if under else over > -0.8 * reach


def _depth(group: Group, far: list[float], camera: Camera) -> float:
    if group.globe is not None:
        return float(camera.axes[2] @ (group.globe.centre - camera.position)) - group.closer_m
    balls = [far[b] for hull in group.hulls for b in hull.balls]
    return sum(balls) / len(balls) - group.closer_m


def _levels(solid: Solid, name: str, camera: Camera) -> list[list[Hull]]:
    """A group's hulls by level, without those whose side is turned away; one empty list for a globe."""
    group = solid.groups[name]
    if group.globe is not None:
        return [[]]
    shown = [h for h in group.hulls if h.facing is None or _turned_here(h, solid, camera)]
    return [batch for level in range(3) if (batch := [h for h in shown if h.level == level])]


def _turned_here(hull: Hull, solid: Solid, camera: Camera) -> bool:
    assert hull.facing is not None
    towards = camera.position - solid.centres[hull.balls[0]]
    return float(towards @ np.array(hull.facing)) > 0.12 * float(np.linalg.norm(towards))


def _nested(rings: NDArray[np.int32], flat: bool, few: bool) -> Outline:
    """A hull's outline for every layer, None for layers left out. `rings` (layers, points, 2): circle
    points that are on the outermost hull are on the inner ones, near enough."""
    if flat:
        return [cv2.convexHull(rings[0]), None, None, None]
    outline = np.take(rings, cv2.convexHull(rings[0], returnPoints=False).ravel(), axis=1)
    if few:
        return [outline[0], None, outline[2], outline[3]]
    return list(outline)


class _Brush:
    """Fills one solid's hulls and globes on one canvas."""

    def __init__(
        self,
        canvas: Image,
        origin: Reals,
        scale: float,
        camera: Camera,
        light: Light,
        tint: Tint | None,
    ) -> None:
        self._canvas, self._origin, self._scale = canvas, origin, scale
        self._camera, self._light, self._tint = camera, light, tint
        # Supersampled edges need no smoothing of their own, which costs three times as much.
        self._line = cv2.LINE_8 if scale > 1 else cv2.LINE_AA

    def outlines(self, hulls: list[Hull], solid: Solid, seen: Seen) -> list[Outline]:
        """For each hull its outline in fixed-point pixels for every layer; none when it is hidden."""
        hidden = seen.hidden.tolist()
        shown = [[b for b in hull.balls if not hidden[b]] for hull in hulls]
        flat = [b for balls in shown for b in balls]
        if not flat:
            return [[] for _ in hulls]
        counts = [len(balls) for balls in shown]
        towards = np.repeat(self._bright_sides(shown, solid), counts, axis=0)
        radii, centres = seen.radii[flat], seen.centres[flat]
        middle = centres + ((1 - SHRINK)[:, None] * radii)[..., None] * towards
        points = middle[:, :, None] + CIRCLE * (SHRINK[:, None] * radii)[..., None, None]
        if np.isfinite(seen.waterline).any():
            points[..., 1] = np.minimum(points[..., 1], seen.waterline[flat][None, :, None])
        pixels = ((points - self._origin) * (self._scale * (1 << SHIFT)) - (1 << SHIFT) / 2).astype(np.int32)
        # Thin limbs, and what water blurs, show no more than three shades.
        thin = (radii * self._scale < (THIN_PX if self._tint is None else np.inf)).tolist()
        out: list[Outline] = []
        end = 0
        for hull, count in zip(hulls, counts, strict=True):
            rings = pixels[:, end : end + count].reshape(len(SHRINK), -1, 2)
            few = all(thin[end : end + count])
            end += count
            out.append(_nested(rings, hull.level == FLAT, few) if count else [])
        return out

    def _bright_sides(self, shown: list[list[int]], solid: Solid) -> Reals:
        """Where on each hull the light falls, as a direction in the picture: (H, 2)."""
        centres = solid.packed()[0]
        ends = [(b[0], b[-1]) if len(b) in (2, 3) else (0, 0) for b in shown]
        pairs = np.array(ends)
        axes = centres[pairs[:, 1]] - centres[pairs[:, 0]]
        lengths = np.maximum(np.sum(axes**2, axis=1, keepdims=True), 1e-9)
        sun = self._light.sun
        bright = sun - axes * ((axes @ sun)[:, None] / lengths)
        bright /= np.maximum(np.sqrt(np.sum(bright**2, axis=1, keepdims=True)), 1e-6)
        sides: Reals = bright @ self._camera.axes[:2].T * 0.8
        return sides

    def colours(self, hulls: list[Hull], solid: Solid) -> list[list[list[float]]]:
        """Fill colours of every hull and layer, premultiplied BGRA: (H, layers, 4)."""
        base = np.array([h.colour for h in hulls], np.float64).reshape(-1, 1, 3)
        levels = self._light.ambient + self._light.diffuse * BRIGHT[:, None]
        rims = np.array([(self._light.rim, (1 + self._light.rim) / 2, 1.0)[h.level] for h in hulls])
        shades = base * levels
        shades[:, 0] *= rims[:, None]
        flat = [n for n, h in enumerate(hulls) if h.level == FLAT]
        shades[flat, 0] = shades[flat, 2]
        shades = np.minimum(shades, 255)
        alpha = np.full((*shades.shape[:2], 1), 255.0)
        if self._tint is not None:
            z = solid.packed()[0][:, 2].tolist()
            depths = np.array([sum(z[b] for b in h.balls) / len(h.balls) for h in hulls])
            share = self._tint.left(depths).reshape(-1, 1, 1)
            fade = _fade(share)
            shades = (shades * share + self._tint.colour * (1 - share)) * fade
            alpha = alpha * fade
        colours: list[list[list[float]]] = np.concatenate([shades, alpha], axis=2).tolist()
        return colours

    def fill(self, outlines: list[Outline], colours: list[list[list[float]]]) -> None:
        """Some hulls layer by layer, so that a limb's parts melt into each other."""
        for layer in range(len(SHRINK)):
            for outline, shades in zip(outlines, colours, strict=True):
                shape = outline[layer] if outline else None
                if shape is not None:
                    cv2.fillConvexPoly(self._canvas, shape, shades[layer], self._line, SHIFT)

    def globe(self, group: Group, textures: dict[str, Image], wet: bool) -> None:
        """A globe's sprite, cut at the water's surface when it floats."""
        globe = group.globe
        if globe is None or not _shows(group, self._tint is not None):
            return
        light = self._light
        sprite, to_px, _ = globe_sprite(
            globe, textures[globe.texture], self._camera, light.sun, light.ambient, light.diffuse
        )
        if self._tint is not None:
            sprite = _washed(sprite, self._tint, globe.centre)
        middle = (self._camera.project_wet(globe.centre[None])[0, :2] - self._origin) * self._scale - 0.5
        side = sprite.shape[0]
        turn = to_px * (self._scale * 2 / side)
        shift = middle - turn @ np.full(2, (side - 1) / 2)
        cut = self._cut_row(group) if wet and self._tint is None else CLEAR
        self._lay(sprite, np.column_stack([turn, shift]), cut)

    def _cut_row(self, group: Group) -> float:
        """Canvas row below which a floating globe is under the surface."""
        assert group.globe is not None
        over, reach = globe_over_m(group.globe)
        if over > reach:
            return CLEAR
        wide = float(np.linalg.norm(group.globe.axes[:2])) / 1.6
        rim = np.array([wide * np.sqrt(max(0.0, 1 - (over / reach) ** 2))])
        row = float(waterline(group.globe.centre[None, :2], rim, self._camera)[0])
        return (row - float(self._origin[1])) * self._scale

    def _lay(self, sprite: Image, place: Reals, cut_row: float) -> None:
        height, width = self._canvas.shape[:2]
        side = sprite.shape[0]
        corners = place[:, :2] @ np.array([[0, side, 0, side], [0, 0, side, side]]) + place[:, 2:]
        x0, y0 = np.maximum(np.floor(corners.min(axis=1)) - 1, 0).astype(int)
        x1, y1 = np.minimum(np.ceil(corners.max(axis=1)) + 1, [width, min(height, max(cut_row, 0))]).astype(
            int
        )
        if x1 - x0 < 1 or y1 - y0 < 1:
            return
        moved = place.copy()
        moved[:, 2] -= (x0, y0)
        patch = cv2.warpAffine(sprite, moved, (int(x1 - x0), int(y1 - y0)), flags=cv2.INTER_LINEAR)
        blend(self._canvas[y0:y1, x0:x1], np.asarray(patch, dtype=np.uint8))


def _fade(share: Reals) -> Reals:
    """How solid a thing looks whose own colour is left by `share`."""
    solid: Reals = np.minimum(1.0, 0.12 + 1.15 * share)
    return solid


def _washed(sprite: Image, tint: Tint, centre: Reals) -> Image:
    share = tint.left(centre[2:3])
    alpha = sprite[..., 3:].astype(np.float32) / 255
    colour = sprite[..., :3] * share + tint.colour * (1 - share) * alpha
    return np.asarray(np.concatenate([colour, alpha * 255], axis=2) * _fade(share), dtype=np.uint8)


def blend(under: Image, over: Image) -> None:
    """Lays premultiplied BGRA over a BGR or BGRA picture of the same size, in place."""
    channels = under.shape[2]
    clear = cv2.bitwise_not(cv2.extractChannel(over, 3))
    left = cv2.multiply(under, cv2.merge([clear] * channels), scale=1 / 255)
    colour = over if channels == 4 else cv2.cvtColor(over, cv2.COLOR_BGRA2BGR)
    cv2.add(left, colour, dst=left)
    np.copyto(under, left)
