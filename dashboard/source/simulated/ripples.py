"""Moving ripples on the water, the light they throw on the floor, rings around whoever is in it."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from dashboard.source.simulated.camera import Camera
from dashboard.source.simulated.site import WATER_Z
from dashboard.source.simulated.textures import tiling_noise
from dashboard.values import Floats, Image

SIDE = 256
# Layers of the surface: metres a tile covers, and how fast it travels (metres a second, x and y).
SLOPE_LAYERS = ((3.6, (0.10, 0.055)), (1.5, (-0.075, 0.14)))
LIGHT_LAYERS = ((2.1, (0.09, 0.06)), (1.7, (-0.07, 0.11)))


@dataclass(frozen=True)
class Wake:
    """Rings that somebody in the water makes: place and strength in metres."""

    x: float
    y: float
    strength: float


@dataclass(frozen=True, eq=False)
class Patch:
    """A piece of the surface as a camera sees it: `world` (h, w, 2) metres of every pixel, and where
    every pixel lies in each layer's tile."""

    world: Floats
    slope_maps: tuple[tuple[Floats, Floats], ...]
    light_maps: tuple[tuple[Floats, Floats], ...]


def patch_of(world: Floats) -> Patch:
    """Prepares a piece of the surface."""

    def maps(
        points: Floats, layers: tuple[tuple[float, tuple[float, float]], ...]
    ) -> tuple[tuple[Floats, Floats], ...]:
        scaled = [points * np.float32(SIDE / cover_m) for cover_m, _ in layers]
        return tuple((s[..., 0].copy(), s[..., 1].copy()) for s in scaled)

    return Patch(world, maps(world, SLOPE_LAYERS), maps(world, LIGHT_LAYERS))


class Ripples:
    """Moving slopes of the surface. Every layer travels whole tiles in `loop_s`, so that the story's
    end meets its beginning."""

    def __init__(self, seed: int, wind: float, loop_s: float) -> None:
        rng = np.random.default_rng(seed + 2)
        strength = 0.35 + 0.9 * wind
        height = tiling_noise(SIDE, 8, rng, 4)
        slopes = [np.roll(height, -1, axis) - np.roll(height, 1, axis) for axis in (1, 0)]
        first = np.stack(slopes, axis=2).astype(np.float32) * np.float32(14 * strength)
        self._slopes = (first, first * np.float32(0.7))
        self._caustic = _caustic_tile(rng)
        self._loop_s = loop_s

    def slopes(self, patch: Patch, t: float) -> Floats:
        """Slope of the surface at every pixel: (h, w, 2)."""
        first, second = (
            self._layer(tile, maps, layer, t)
            for tile, maps, layer in zip(self._slopes, patch.slope_maps, SLOPE_LAYERS, strict=True)
        )
        return np.asarray(cv2.add(first, second, dst=first), dtype=np.float32)

    def caustics(self, patch: Patch, t: float) -> Image:
        """Bright lines that the ripples throw on the floor: (h, w), 0 to 255."""
        first, second = (
            self._layer(self._caustic, maps, layer, t)
            for maps, layer in zip(patch.light_maps, LIGHT_LAYERS, strict=True)
        )
        return np.asarray(cv2.min(first, second), dtype=np.uint8)

    def _layer(
        self,
        tile: Floats | Image,
        maps: tuple[Floats, Floats],
        layer: tuple[float, tuple[float, float]],
        t: float,
    ) -> NDArray[np.float32] | Image:
        cover_m, speed = layer
        # Whole tiles in the loop; texels are as fine as pixels, so the nearest one will do.
        shifts = [round(v / cover_m * self._loop_s) / self._loop_s * t % 1 * SIDE for v in speed]
        at_x, at_y = (m + np.float32(shift) for m, shift in zip(maps, shifts, strict=True))
        return cv2.remap(tile, at_x, at_y, cv2.INTER_NEAREST, borderMode=cv2.BORDER_WRAP)  # type: ignore[return-value]


def _caustic_tile(rng: np.random.Generator) -> Image:
    lines = 1 - np.abs(tiling_noise(SIDE, 7, rng, 3)) * 2.6
    bright = np.clip(lines, 0, 1) ** 3
    return np.asarray(bright * 255, dtype=np.uint8)


def add_wakes(
    slopes: Floats, patch: Patch, camera: Camera, corner: tuple[float, float], wakes: list[Wake], t: float
) -> None:
    """Adds rings to slopes, in place. `camera` has the slopes' resolution; `corner` is where in its
    picture they begin."""
    for wake in wakes:
        reach = 0.5 + 5 * wake.strength
        near = camera.project(np.array([[wake.x, wake.y, WATER_Z]]))[0]
        x, y = near[0] - corner[0], near[1] - corner[1]
        wide = reach * camera.focal / max(near[2], 0.5)
        x0, x1 = max(0, int(x - wide)), min(slopes.shape[1], int(x + wide) + 1)
        y0, y1 = max(0, int(y - wide * 0.6)), min(slopes.shape[0], int(y + wide * 0.6) + 1)
        if x1 - x0 < 2 or y1 - y0 < 2:
            continue
        away = patch.world[y0:y1, x0:x1] - np.array((wake.x, wake.y), np.float32)
        far = np.sqrt(away[..., 0] ** 2 + away[..., 1] ** 2) + np.float32(1e-3)
        wave = np.cos(far * np.float32(2 * np.pi / 0.34) - np.float32(t * 2 * np.pi / 0.9))
        fade = np.clip(1 - far / np.float32(reach), 0, 1) * np.float32(wake.strength * 6)
        slopes[y0:y1, x0:x1] += away * (wave * fade / far)[..., None]
