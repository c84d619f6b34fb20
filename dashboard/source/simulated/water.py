"""The water: the pool's inside seen through moving ripples, caustics, reflections and glare.

Computed per picture on half the resolution, only where water is: the ripples are two moving layers of
a tiling slope texture; the inside of the pool is painted once where still water would show it, and
each picture is that one warped by the slopes.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import cv2
import numpy as np

from dashboard.source.simulated.camera import REFRACTIVE_INDEX, Camera, Reals
from dashboard.source.simulated.site import (
    FLOOR_DEEP_Z,
    FLOOR_SHALLOW_Z,
    POOL_X,
    POOL_Y,
    WATER_Z,
)
from dashboard.source.simulated.textures import tiling_noise
from dashboard.values import Floats, Image

HALF = 2
SIDE = 256
WATER_TINT = np.array((176, 146, 40), np.float32)
# Metres until the water has taken (1 - 1/e) of what comes from below, at full clarity.
CLEAR_M = 2.6


@dataclass(frozen=True)
class Wake:
    """Rings that somebody in the water makes: place, strength in metres, seconds of their motion."""

    x: float
    y: float
    strength: float


@dataclass(frozen=True, eq=False)
class WaterView:
    """What of the water one camera sees; `box` is its rectangle in the picture (even numbers), arrays
    are for half that resolution (h, w)."""

    box: tuple[int, int, int, int]
    camera: Camera
    mask: Image
    edge: tuple[np.ndarray, np.ndarray]
    world: Floats
    inside: Image
    gain: Floats
    mirror: Floats
    grid: Floats
    sky: Image
    glow: Floats
    world_m_px: float
    low: dict[str, Image] = field(default_factory=dict)


def water_view(camera: Camera, surroundings: Image, clarity: float, seed: int) -> WaterView | None:
    """Prepares one camera's water; None when it sees none. `surroundings` is the dry backdrop."""
    rim = np.array([(x, y, 0.0) for x, y in ((POOL_X[0], POOL_Y[0]), (POOL_X[1], POOL_Y[0]))]
                   + [(x, y, 0.0) for x, y in ((POOL_X[1], POOL_Y[1]), (POOL_X[0], POOL_Y[1]))])  # fmt: skip
    mask, box = _surface_mask(rim, camera)
    if box is None:
        return None
    x0, y0, x1, y1 = box
    half = Camera(
        camera.position,
        camera.axes,
        camera.focal / HALF,
        (camera.size_wh[0] // HALF, camera.size_wh[1] // HALF),
    )
    us, vs = np.meshgrid(
        np.arange(x0 // HALF, x1 // HALF, dtype=np.float32) + 0.5,
        np.arange(y0 // HALF, y1 // HALF, dtype=np.float32) + 0.5,
    )
    rays = half.rays(us, vs)
    rays /= np.linalg.norm(rays, axis=2, keepdims=True)
    reach = (WATER_Z - camera.position[2]) / np.minimum(rays[..., 2], -0.02)
    world = camera.position.astype(np.float32) + rays * reach[..., None].astype(np.float32)
    inside = _inside(world, rays, clarity, np.random.default_rng(seed + 1))
    facing = np.clip(-rays[..., 2], 0.02, 1)
    fresnel = 0.02 + 0.98 * (1 - facing) ** 5
    gain = half.focal / np.maximum(reach, 0.5) * 0.16
    part = mask[y0:y1, x0:x1]
    return WaterView(
        box=box,
        camera=half,
        mask=part,
        edge=np.nonzero((part > 0) & (part < 255)),
        world=world[..., :2].astype(np.float32),
        inside=inside,
        gain=np.stack([gain, gain * np.clip(facing, 0.25, 1)], axis=2).astype(np.float32),
        mirror=fresnel.astype(np.float32),
        grid=np.stack(np.meshgrid(np.arange(us.shape[1]), np.arange(us.shape[0])), axis=2).astype(np.float32),
        sky=_reflected(surroundings, camera, world, rays),
        glow=_glow(world),
        world_m_px=float(np.median(reach) / half.focal),
    )


def _surface_mask(rim: Reals, camera: Camera) -> tuple[Image, tuple[int, int, int, int] | None]:
    """Where water is seen, antialiased: within the rim, and below the strip of wall over the water."""
    from dashboard.source.simulated.backdrop import Plane, clipped_outline

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


def _reflected(surroundings: Image, camera: Camera, world: Floats, rays: Floats) -> Image:
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
    return np.clip(0.22 + 0.6 * out, 0, 1)


class Ripples:
    """Moving slopes of the surface. Every layer travels whole tiles in `loop_s`, so that the story's
    end meets its beginning."""

    def __init__(self, seed: int, wind: float, loop_s: float) -> None:
        rng = np.random.default_rng(seed + 2)
        height = tiling_noise(SIDE, 8, rng, 4)
        slope_x = (np.roll(height, -1, 1) - np.roll(height, 1, 1)) * 14
        slope_y = (np.roll(height, -1, 0) - np.roll(height, 1, 0)) * 14
        self._slopes = np.stack([slope_x, slope_y], axis=2).astype(np.float32)
        self._caustic = _caustic_tile(rng)
        self._strength = 0.35 + 0.9 * wind
        self._loop_s = loop_s

    def slopes(self, view: WaterView, t: float) -> Floats:
        """Slope of the surface at every pixel: (h, w, 2)."""
        first = self._layer(self._slopes, view, 1 / 3.6, (0.10, 0.055), t)
        second = self._layer(self._slopes, view, 1 / 1.5, (-0.075, 0.14), t)
        cv2.scaleAdd(second, 0.7, first, dst=first)
        return np.asarray(cv2.multiply(first, (self._strength,) * 4), dtype=np.float32)

    def caustics(self, view: WaterView, t: float) -> Image:
        """Bright lines that the ripples throw on the floor: (h, w), 0 to 255."""
        first = self._layer(self._caustic, view, 1 / 2.1, (0.09, 0.06), t)
        second = self._layer(self._caustic, view, 1 / 1.7, (-0.07, 0.11), t)
        return np.asarray(cv2.min(first, second), dtype=np.uint8)

    def _layer(
        self, tile: Floats | Image, view: WaterView, per_m: float, speed: tuple[float, float], t: float
    ) -> np.ndarray:
        moved = [round(v * per_m * self._loop_s) / self._loop_s * t for v in speed]
        scaled = cv2.addWeighted(view.world, per_m * SIDE, view.world, 0, 0)
        at_x, at_y = cv2.split(scaled)
        at_x += np.float32((moved[0] % 1) * SIDE)
        at_y += np.float32((moved[1] % 1) * SIDE)
        return np.asarray(cv2.remap(tile, at_x, at_y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_WRAP))


def _caustic_tile(rng: np.random.Generator) -> Image:
    lines = 1 - np.abs(tiling_noise(SIDE, 7, rng, 3)) * 2.6
    bright = np.clip(lines, 0, 1) ** 3
    return np.asarray(bright * 255, dtype=np.uint8)


def add_wakes(slopes: Floats, view: WaterView, wakes: list[Wake], t: float) -> None:
    """Adds the rings around people in the water, in place."""
    for wake in wakes:
        reach = 0.5 + 5 * wake.strength
        near = view.camera.project(np.array([[wake.x, wake.y, WATER_Z]]))[0]
        x, y = near[0] - view.box[0] / HALF, near[1] - view.box[1] / HALF
        wide = reach * view.camera.focal / max(near[2], 0.5)
        x0, x1 = max(0, int(x - wide)), min(slopes.shape[1], int(x + wide) + 1)
        y0, y1 = max(0, int(y - wide * 0.6)), min(slopes.shape[0], int(y + wide * 0.6) + 1)
        if x1 - x0 < 2 or y1 - y0 < 2:
            continue
        away = view.world[y0:y1, x0:x1] - np.array((wake.x, wake.y), np.float32)
        far = np.sqrt(away[..., 0] ** 2 + away[..., 1] ** 2) + np.float32(1e-3)
        wave = np.cos(far * np.float32(2 * np.pi / 0.34) - np.float32(t * 2 * np.pi / 0.9))
        fade = np.clip(1 - far / np.float32(reach), 0, 1) * np.float32(wake.strength * 6)
        slopes[y0:y1, x0:x1] += away * (wave * fade / far)[..., None]


def shown_water(
    view: WaterView,
    inside: Image,
    slopes: Floats,
    caustics: Image | None,
    light: tuple[float, float, float],
    sun: Reals,
    glare: float,
) -> Image:
    """The water's picture (h, w, 3) at half resolution. `inside` is the pool's inside with whoever is
    under water; `light` the factors BGR of the day; `sun` the direction to the sun (3,)."""
    shift = cv2.multiply(slopes, view.gain)
    cv2.add(shift, view.grid, dst=shift)
    at_x, at_y = cv2.split(shift)
    picture = cv2.remap(inside, at_x, at_y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    if caustics is not None:
        picture = cv2.add(picture, cv2.merge([caustics] * 3))
    tilt = np.ascontiguousarray(slopes[..., 1])
    share = cv2.scaleAdd(tilt, 0.55, view.mirror)
    share = np.clip(share, 0.0, 0.85)
    mixed = cv2.blendLinear(view.sky, np.asarray(picture, np.uint8), share, 1 - share)
    out = np.asarray(cv2.multiply(mixed, (*light, 1.0)), dtype=np.uint8)
    if glare > 0:
        spark = _glints(view, slopes, sun, glare)
        if spark is not None:
            out = np.asarray(cv2.add(out, cv2.merge([spark] * 3)), dtype=np.uint8)
    return out


def _glints(view: WaterView, slopes: Floats, sun: Reals, glare: float) -> Image | None:
    """Where the surface is tilted so that it mirrors the sun: (h, w)."""
    if "want_x" not in view.low:
        towards = view.camera.position - np.concatenate(
            [view.world, np.full((*view.world.shape[:2], 1), WATER_Z, np.float32)], axis=2
        )
        towards /= np.linalg.norm(towards, axis=2, keepdims=True)
        normal = towards + sun
        view.low["want"] = (normal[..., :2] / normal[..., 2:]).astype(np.float32)  # type: ignore[assignment]
        view.low["want_x"] = np.zeros((1, 1), np.uint8)
    off = cv2.scaleAdd(slopes, 0.9, view.low["want"])
    x, y = cv2.split(off)
    miss = cv2.add(cv2.multiply(x, x), cv2.multiply(y, y))
    bright = cv2.threshold(1 - miss * np.float32(1 / (0.012 + 0.05 * glare)), 0, 0, cv2.THRESH_TOZERO)[1]
    return np.asarray(cv2.multiply(bright, 255.0 * min(1.0, 0.4 + glare), dtype=cv2.CV_8U), dtype=np.uint8)


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
