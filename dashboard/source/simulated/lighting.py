"""Light of the day: sun, clouds, the tree's moving shadow, dusk, night with infrared lamps."""

from __future__ import annotations

from dataclasses import dataclass
from math import cos, pi, radians, sin

import cv2
import numpy as np

from dashboard.source.simulated.camera import Camera, Reals
from dashboard.source.simulated.paint import Light
from dashboard.source.simulated.story import Story
from dashboard.source.simulated.textures import tiling_noise
from dashboard.values import Floats, Image

SIDE = 256
LOW = 8
# Shade pictures are bytes; this byte stands for a factor of 1.
ONE = 200.0
CLOUD_M = 26.0
TREE_AT = (-1.9, 5.6)


@dataclass(frozen=True, eq=False)
class Day:
    """The light at one moment. `gain` BGR is what becomes of noon's colours; `daylight` 0 to 1."""

    daylight: float
    infrared: bool
    sun: Reals
    gain: Floats
    ambient: Floats
    diffuse: Floats


def day_at(story: Story, t: float) -> Day:
    """The light of a story at time t."""
    daylight, infrared = _between_keys(story, t)
    weather = story.weather
    azimuth, height = radians(weather.sun_azimuth_deg), radians(weather.sun_height_deg)
    sun = np.array([cos(azimuth) * cos(height), sin(azimuth) * cos(height), sin(height)])
    dull = 1 - 0.35 * weather.rain - 0.10 * weather.clouds
    share = daylight**0.9 * dull
    warm = 4 * daylight * (1 - daylight)
    tint = 1 + warm * np.array([-0.10, -0.05, 0.10])
    night = np.array([0.150, 0.105, 0.085])
    gain = (night * (1 - share) + share) * tint
    soft = 0.25 + 0.75 * (1 - 0.8 * weather.rain)
    diffuse = np.array([0.44, 0.50, 0.54]) * daylight**1.3 * soft
    ambient = gain * np.array([0.68, 0.62, 0.58]) + 0.25 * (1 - soft)
    if infrared:
        gain, ambient, diffuse = np.full(3, 0.55), np.full(3, 0.30), np.full(3, 0.62)
    return Day(
        daylight,
        infrared,
        sun,
        gain.astype(np.float32),
        ambient.astype(np.float32),
        diffuse.astype(np.float32),
    )


def _between_keys(story: Story, t: float) -> tuple[float, bool]:
    before = story.light[0]
    for key in story.light:
        if key.t <= t:
            before = key
            continue
        part = (t - before.t) / (key.t - before.t) if key.t > before.t else 1.0
        part = min(max(part, 0.0), 1.0)
        return before.daylight + (key.daylight - before.daylight) * part, before.infrared
    return before.daylight, before.infrared


class Sky:
    """Clouds that drift and a tree that sways over the garden. The loop's end meets its beginning."""

    def __init__(self, story: Story) -> None:
        rng = np.random.default_rng(story.seed + 3)
        clouds = np.clip(tiling_noise(SIDE, 4, rng, 4) * 1.6 + 0.1, 0, 1)
        self._clouds = cv2.GaussianBlur(clouds, (0, 0), 3).astype(np.float32)
        self._leaves = _leaf_shade(rng)
        self._cover = 0.85 * story.weather.clouds
        self._wind = story.weather.wind
        self._loop_s = story.duration_s

    def sunlit(self, x: Floats, y: Floats, t: float) -> Floats:
        """How much of the sun reaches places x, y (metres, any one shape (h, w)), 0 to 1."""
        at_x = (x * np.float32(SIDE / CLOUD_M) + np.float32(self._drift(t))).astype(np.float32)
        at_y = (y * np.float32(SIDE / CLOUD_M)).astype(np.float32)
        cloud = cv2.remap(self._clouds, at_x, at_y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_WRAP)
        sway = self._sway(t)
        side = self._leaves.shape[0]
        leaf_x = ((x - TREE_AT[0] + sway[0]) / 6.0 * side + side / 2).astype(np.float32)
        leaf_y = ((y - TREE_AT[1] + sway[1]) / 6.0 * side + side / 2).astype(np.float32)
        leaves = cv2.remap(self._leaves, leaf_x, leaf_y, cv2.INTER_LINEAR, borderValue=0.0)
        return np.asarray((1 - self._cover * cloud) * (1 - 0.8 * leaves), dtype=np.float32)

    def sunlit_at(self, x: float, y: float, t: float) -> float:
        """How much of the sun reaches one place."""
        shift, sway = self._drift(t), self._sway(t)
        cloud = self._clouds[int(y * SIDE / CLOUD_M) % SIDE, int(x * SIDE / CLOUD_M + shift) % SIDE]
        side = self._leaves.shape[0]
        leaf_x = int((x - TREE_AT[0] + sway[0]) / 6.0 * side + side / 2)
        leaf_y = int((y - TREE_AT[1] + sway[1]) / 6.0 * side + side / 2)
        inside = 0 <= leaf_x < side and 0 <= leaf_y < side
        leaves = float(self._leaves[leaf_y, leaf_x]) if inside else 0.0
        return float((1 - self._cover * cloud) * (1 - 0.8 * leaves))

    def _drift(self, t: float) -> float:
        travel = max(1.0, round(0.55 * self._loop_s / CLOUD_M)) / self._loop_s
        return (t * travel) % 1.0 * SIDE

    def _sway(self, t: float) -> tuple[float, float]:
        swing = 2 * pi * t / self._loop_s
        turns = max(1, round(self._loop_s / 4.5))
        reach = 0.16 * self._wind
        return reach * sin(swing * turns), reach * cos(swing * (turns + 2))


def _leaf_shade(rng: np.random.Generator) -> Floats:
    """The shadow of a tree's crown, dappled: (128, 128), 0 to 1."""
    side = 128
    steps = np.linspace(-1, 1, side, dtype=np.float32)
    away = np.hypot(steps[:, None], steps[None, :] * 0.9)
    noise = tiling_noise(side, 12, rng, 3)
    crown = np.clip((0.85 - away) * 3 + 0.9 * noise, 0, 1)
    dapple = np.clip(0.75 + 1.4 * tiling_noise(side, 24, rng, 2), 0, 1)
    return np.asarray(cv2.GaussianBlur(crown * dapple, (0, 0), 1.2), dtype=np.float32)


@dataclass(frozen=True, eq=False)
class Ground:
    """Where on the ground a camera's pixels lie, at 1/LOW of the resolution: metres (h, w) each, the
    distance from the camera, and how much of clouds and tree shows there (0 in the sky)."""

    x: Floats
    y: Floats
    far_m: Floats
    shaded: Floats


def ground_of(camera: Camera) -> Ground:
    """The ground under each low-resolution pixel; walls and sky count as the ground at their foot."""
    width, height = camera.size_wh[0] // LOW, camera.size_wh[1] // LOW
    us, vs = np.meshgrid(
        (np.arange(width, dtype=np.float32) + 0.5) * LOW, (np.arange(height, dtype=np.float32) + 0.5) * LOW
    )
    rays = camera.rays(us, vs)
    reach = camera.position[2] / np.maximum(-rays[..., 2], 0.12)
    reach = np.minimum(reach, 24.0).astype(np.float32)
    x = camera.position[0] + rays[..., 0] * reach
    y = np.minimum(camera.position[1] + rays[..., 1] * reach, 7.6)
    shaded = np.clip(-rays[..., 2] / 0.10 - 0.2, 0, 1)
    return Ground(x.astype(np.float32), y.astype(np.float32), reach, shaded.astype(np.float32))


def shade_picture(ground: Ground, sky: Sky, day: Day, t: float, camera: Camera) -> Image:
    """What to multiply the noon backdrop with: (h, w, 3) at full resolution, `ONE` for 1."""
    if day.infrared:
        lamp = np.clip(9.0 / (ground.far_m + 2.0), 0.18, 1.15) * 0.80
        low = np.repeat((lamp * ONE)[..., None], 3, axis=2)
    else:
        shade = (1 - sky.sunlit(ground.x, ground.y, t)) * ground.shaded * np.float32(0.58 * day.daylight)
        low = (1 - shade)[..., None] * day.gain * ONE
    small = np.clip(low, 0, 255).astype(np.uint8)
    return np.asarray(cv2.resize(small, camera.size_wh, interpolation=cv2.INTER_LINEAR), dtype=np.uint8)


def light_for(day: Day, sunlit: float, camera: Camera, far_m: float) -> Light:
    """The light on one solid: in sun or shade; at night by the camera's own lamps."""
    if day.infrared:
        lamp = min(1.25, 9.0 / (far_m + 2.0))
        return Light(-camera.axes[2], day.ambient * lamp, day.diffuse * lamp)
    return Light(day.sun, day.ambient, day.diffuse * (0.15 + 0.85 * sunlit))
