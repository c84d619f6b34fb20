"""The water: the pool's inside seen through moving ripples, caustics, reflections and glare.

Computed per picture on half the resolution, only where water is: the ripples are two moving layers of
a tiling slope texture; the inside of the pool is painted once where still water would show it, and
each picture is that one warped by the slopes.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from dashboard.source.simulated.backdrop import Plane, clipped_outline
from dashboard.source.simulated.camera import REFRACTIVE_INDEX, Camera, Reals
from dashboard.source.simulated.ripples import Patch, patch_of
from dashboard.source.simulated.site import (
    FLOOR_DEEP_Z,
    FLOOR_SHALLOW_Z,
    POOL_X,
    POOL_Y,
    WATER_Z,
)
from dashboard.values import Floats, Image

HALF = 2
WATER_TINT = np.array((176, 146, 40), np.float32)
# Metres until the water has taken (1 - 1/e) of what comes from below, at full clarity.
CLEAR_M = 2.6


@dataclass(frozen=True, eq=False)
class WaterView:
    """What of the water one camera sees. `box` is its rectangle in the picture (even numbers), `mask`
    (full resolution) where in it water is, `edge` the rows and columns of partly covered pixels;
    everything else is for half that resolution: the `camera`, the surface's `patch`, the pool's
    `inside`, how far slopes shift it (`gain`), how much is mirrored (`mirror`) of what (`sky`), the
    lamps' `glow`, and the slope that would mirror the sun (`sunny`)."""

    box: tuple[int, int, int, int]
    mask: Image
    edge: tuple[NDArray[np.intp], NDArray[np.intp]]
    camera: Camera
    patch: Patch
    inside: Image
    gain: Floats
    grid: Floats
    mirror: Floats
    sky: Image
    glow: Floats
    sunny: Floats

    @property
    def corner(self) -> tuple[int, int]:
        """Where the half-resolution arrays begin in the half-resolution picture."""
        return self.box[0] // HALF, self.box[1] // HALF


def water_view(camera: Camera, clarity: float, sun: Reals, seed: int) -> WaterView | None:
    """Prepares one camera's water; None when it sees none. `sun` (3,) is the direction to it."""
    mask, box = _surface_mask(camera)
    if box is None:
        return None
    x0, y0, x1, y1 = box
    size = (camera.size_wh[0] // HALF, camera.size_wh[1] // HALF)
    half = Camera(camera.position, camera.axes, camera.focal / HALF, size)
    us, vs = np.meshgrid(
        np.arange(x0 // HALF, x1 // HALF, dtype=np.float32) + 0.5,
        np.arange(y0 // HALF, y1 // HALF, dtype=np.float32) + 0.5,
    )
    rays = half.rays(us, vs)
    rays /= np.linalg.norm(rays, axis=2, keepdims=True)
    reach = (WATER_Z - camera.position[2]) / np.minimum(rays[..., 2], -0.02)
    world = (camera.position + rays * reach[..., None]).astype(np.float32)
    facing = np.clip(-rays[..., 2], 0.02, 1)
    gain = half.focal / np.maximum(reach, 0.5) * 0.10
    steps = np.meshgrid(np.arange(us.shape[1]), np.arange(us.shape[0]))
    part = mask[y0:y1, x0:x1]
    rows, columns = np.nonzero((part > 0) & (part < 255))
    normal = sun - rays
    return WaterView(
        box=box,
        mask=part,
        edge=(rows, columns),
        camera=half,
        patch=patch_of(world[..., :2]),
        inside=_inside(world, rays, clarity, np.random.default_rng(seed + 1)),
        gain=np.stack([gain, gain * np.clip(facing, 0.25, 1)], axis=2).astype(np.float32),
        grid=np.stack(steps, axis=2).astype(np.float32),
        mirror=(0.02 + 0.98 * (1 - facing) ** 5).astype(np.float32),
        sky=_reflected(world, rays),
        glow=_glow(world),
        sunny=(normal[..., :2] / normal[..., 2:]).astype(np.float32),
    )


def _surface_mask(camera: Camera) -> tuple[Image, tuple[int, int, int, int] | None]:
    """Where water is seen, antialiased: within the rim, and below the strip of wall over the water."""
    width, height = camera.size_wh
    masks = []
    for z in (0.0, WATER_Z):
        quad = Plane(
            np.array([POOL_X[0], POOL_Y[0], z]),
            np.array([8.0, 0, 0]),
            np.array([0, 4.0, 0]),
            np.zeros((1, 1, 3), np.uint8),
        )
        outline = clipped_outline(quad, camera)
        mask = np.zeros((height, width), np.uint8)
        if outline is not None:
            cv2.fillConvexPoly(mask, (outline * 16).astype(np.int32), 255, cv2.LINE_AA, 4)
        masks.append(mask)
    mask = np.minimum(masks[0], masks[1])
    rows, columns = np.nonzero(mask.max(axis=1))[0], np.nonzero(mask.max(axis=0))[0]
    if len(rows) < 4 or len(columns) < 4:
        return mask, None
    x0, y0 = int(columns[0]) // 2 * 2, int(rows[0]) // 2 * 2
    x1, y1 = (
        min(width // 2 * 2, int(columns[-1]) // 2 * 2 + 2),
        min(height // 2 * 2, int(rows[-1]) // 2 * 2 + 2),
    )
    return mask, (x0, y0, x1, y1)


def _inside(world: Floats, rays: Floats, clarity: float, rng: np.random.Generator) -> Image:
    """The pool's floor and walls through still water, tinted by the way the light goes through it."""
    down = _refracted(rays)
    slope = (FLOOR_DEEP_Z - FLOOR_SHALLOW_Z) / (POOL_X[1] - POOL_X[0])
    # The floor is the plane z = shallow + slope * x; walls are the pool's sides.
    gap = world[..., 2] - (FLOOR_SHALLOW_Z + slope * world[..., 0])
    way = gap / np.maximum(slope * down[..., 0] - down[..., 2], 1e-3)
    for axis, (low, high) in ((0, POOL_X), (1, POOL_Y)):
        speed = down[..., axis]
        wall = np.where(speed > 0, high, low)
        way_wall = (wall - world[..., axis]) / np.where(np.abs(speed) < 1e-5, 1e-5, speed)
        way = np.minimum(way, np.maximum(way_wall, 0))
    hit = world + down * way[..., None]
    light = _tiles(hit, rng)
    base = np.array((222, 214, 196), np.float32) * light[..., None]
    left = np.exp(-way / (CLEAR_M * max(clarity, 0.05)))[..., None]
    # Water takes red first, then green.
    left = left ** np.array((0.55, 0.75, 1.6), np.float32)
    return np.asarray(np.clip(base * left + WATER_TINT * (1 - left), 0, 255), dtype=np.uint8)


def _refracted(rays: Floats) -> Floats:
    """Rays (h, w, 3) going down into the water, by Snell's law at a level surface."""
    ratio = 1 / REFRACTIVE_INDEX
    across = rays[..., :2] * ratio
    sink = np.sqrt(np.maximum(1 - np.sum(across**2, axis=2), 1e-4))
    return np.concatenate([across, -sink[..., None]], axis=2).astype(np.float32)


def _tiles(hit: Floats, rng: np.random.Generator) -> Floats:
    """Brightness of small tiles with joints, a dark line around the walls' feet."""
    size = 0.30
    tones = rng.uniform(-0.05, 0.05, (64, 64)).astype(np.float32)
    cells = np.floor(hit / size).astype(int)
    light = 1 + tones[(cells[..., 0] + 3 * cells[..., 2]) % 64, (cells[..., 1] + 5 * cells[..., 2]) % 64]
    off = np.abs(hit / size - np.round(hit / size)) * size
    joint = np.minimum(np.where(off[..., 0] < off[..., 1], off[..., 0], off[..., 1]), 1)
    light = light - 0.10 * np.exp(-((joint / 0.018) ** 2))
    side = np.minimum.reduce(
        [np.abs(hit[..., 0] - v) for v in POOL_X] + [np.abs(hit[..., 1] - v) for v in POOL_Y]
    )
    return np.asarray(light * (0.80 + 0.20 * np.clip(side / 0.5, 0, 1)), dtype=np.float32)


def _reflected(world: Floats, rays: Floats) -> Image:
    """What still water mirrors: the sky, and the hedge at flat angles."""
    up = rays.copy()
    up[..., 2] = -up[..., 2]
    to_hedge = (7.6 - world[..., 1]) / np.maximum(up[..., 1], 1e-3)
    height = np.where(up[..., 1] > 0.02, WATER_Z + up[..., 2] * to_hedge, 9.0)
    share = np.clip((height - 1.7) / 1.6, 0, 1)[..., None]
    high = np.clip(up[..., 2], 0, 1)[..., None]
    sky = np.array((244, 226, 204), np.float32) * (1 - high) + np.array((226, 184, 140), np.float32) * high
    hedge = np.array((58, 88, 62), np.float32)
    return np.asarray(hedge * (1 - share) + sky * share, dtype=np.uint8)


def _glow(world: Floats) -> Floats:
    """Light of two lamps in the pool's long wall, 0 to 1, for the dark hours."""
    out = np.zeros(world.shape[:2], np.float32)
    for x, y in ((2.0, POOL_Y[1]), (6.0, POOL_Y[1]), (4.0, POOL_Y[0])):
        out += np.exp(-np.hypot(world[..., 0] - x, world[..., 1] - y) / 1.5).astype(np.float32)
    return np.asarray(np.clip(0.22 + 0.6 * out, 0, 1), dtype=np.float32)


def shown_water(
    view: WaterView, inside: Image, slopes: Floats, caustics: Image | None, gain: Floats, glare: float
) -> Image:
    """The water's picture (h, w, 3) at half resolution. `inside` is the pool's inside with whoever is
    under water; `gain` (3,) BGR the light of the day."""
    shift = cv2.multiply(slopes, view.gain)
    cv2.add(shift, view.grid, dst=shift)
    picture = cv2.remap(
        inside,
        shift,
        None,  # type: ignore[call-overload]
        cv2.INTER_LINEAR,
        borderMode=cv2.BORDER_REPLICATE,
    )
    if caustics is not None:
        picture = cv2.add(picture, cv2.merge([caustics] * 3))
    share = cv2.scaleAdd(cv2.extractChannel(slopes, 1), 0.55, view.mirror)
    share = np.clip(share, 0.0, 0.85)
    mixed = np.asarray(cv2.blendLinear(view.sky, np.asarray(picture, np.uint8), share, 1 - share), np.uint8)
    if float(np.abs(gain - 1).max()) > 0.004:
        mixed = brightened(mixed, gain)
    if glare > 0:
        spark = _glints(view, slopes, glare)
        mixed = np.asarray(cv2.add(mixed, cv2.merge([spark] * 3)), dtype=np.uint8)
    return mixed


def brightened(picture: Image, gain: Floats) -> Image:
    """A picture times a factor per channel, (3,)."""
    steps = np.arange(256, dtype=np.float32)[:, None] * gain
    table = np.clip(steps, 0, 255).astype(np.uint8).reshape(256, 1, 3)
    return np.asarray(cv2.LUT(picture, table), dtype=np.uint8)


def _glints(view: WaterView, slopes: Floats, glare: float) -> Image:
    """Where the surface is tilted so that it mirrors the sun: (h, w)."""
    off = cv2.scaleAdd(slopes, 0.9, view.sunny)
    square = cv2.multiply(off, off)
    wide = 0.012 + 0.05 * glare
    full = 255.0 * min(1.0, 0.4 + glare)
    miss = cv2.transform(square, np.full((1, 2), -full / wide, np.float32))
    # Saturating: what misses by more than `wide` becomes 0.
    return np.asarray(cv2.add(miss, np.full(1, full), dtype=cv2.CV_8U), dtype=np.uint8)


def paste_water(picture: Image, view: WaterView, water: Image) -> None:
    """Puts the water's half-resolution picture into the full one, in place, smooth at its edge."""
    x0, y0, x1, y1 = view.box
    full = cv2.resize(water, (x1 - x0, y1 - y0), interpolation=cv2.INTER_LINEAR)
    target = picture[y0:y1, x0:x1]
    rows, columns = view.edge
    share = view.mask[rows, columns].astype(np.float32)[:, None] / 255
    border = full[rows, columns] * share + target[rows, columns] * (1 - share)
    cv2.copyTo(full, view.mask, target)
    target[rows, columns] = border.astype(np.uint8)
