"""A pinhole camera over the site, with refraction for what lies under water."""

from __future__ import annotations

from dataclasses import dataclass
from math import cos, radians, sin, tan
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from dashboard.source.simulated.site import WATER_Z, Mount

Reals: TypeAlias = NDArray[np.float64]
REFRACTIVE_INDEX = 1.33
NEAR_M = 0.15


@dataclass(frozen=True, eq=False)
class Camera:
    """`position` (3,) metres; `axes` (3, 3) rows right, down, forward; `focal` pixels; square pixels."""

    position: Reals
    axes: Reals
    focal: float
    size_wh: tuple[int, int]

    def project(self, points: Reals) -> Reals:
        """World (N, 3) -> (N, 3): x and y in pixels, depth in metres along the view axis."""
        seen = (points - self.position) @ self.axes.T
        scale = self.focal / np.maximum(seen[:, 2], NEAR_M)
        width, height = self.size_wh
        return np.stack(
            [width / 2 + scale * seen[:, 0], height / 2 + scale * seen[:, 1], seen[:, 2]],
            axis=1,
        )

    def project_wet(self, points: Reals) -> Reals:
        """As `project`, but points below the water's surface appear where refraction shows them."""
        below = points[:, 2] < WATER_Z
        if not below.any():
            return self.project(points)
        shown = points.copy()
        shown[below] = self.surface_points(points[below])
        out = self.project(shown)
        out[:, 2] = (points - self.position) @ self.axes[2]
        return out

    def surface_points(self, points: Reals) -> Reals:
        """Where the ray from each submerged point (N, 3) leaves the water: Snell's law by Newton steps."""
        flat = points[:, :2] - self.position[:2]
        reach = np.maximum(np.hypot(flat[:, 0], flat[:, 1]), 1e-6)
        height = self.position[2] - WATER_Z
        depth = np.maximum(WATER_Z - points[:, 2], 1e-6)
        near = reach * height / (height + depth / REFRACTIVE_INDEX)
        for _ in range(5):
            air, wet = np.hypot(near, height), np.hypot(reach - near, depth)
            error = near / air - REFRACTIVE_INDEX * (reach - near) / wet
            slope = height**2 / air**3 + REFRACTIVE_INDEX * depth**2 / wet**3
            near = np.clip(near - error / slope, 0, reach)
        surface = np.empty_like(points)
        surface[:, :2] = self.position[:2] + flat * (near / reach)[:, None]
        surface[:, 2] = WATER_Z
        return surface

    def rays(self, us: NDArray[np.float32], vs: NDArray[np.float32]) -> NDArray[np.float32]:
        """Directions (..., 3), not of unit length, through pixels `us`, `vs`."""
        width, height = self.size_wh
        x = (us - width / 2) / np.float32(self.focal)
        y = (vs - height / 2) / np.float32(self.focal)
        axes = self.axes.astype(np.float32)
        return np.asarray(x[..., None] * axes[0] + y[..., None] * axes[1] + axes[2], dtype=np.float32)


def mounted(mount: Mount, size_wh: tuple[int, int]) -> Camera:
    """The camera of a mount, for a picture of `size_wh` pixels."""
    position = np.array(mount.position, dtype=float)
    forward = np.array(mount.target, dtype=float) - position
    forward /= np.linalg.norm(forward)
    right = np.cross(forward, (0.0, 0.0, 1.0))
    right /= np.linalg.norm(right)
    down = np.cross(forward, right)
    turn = radians(mount.roll_deg)
    axes = np.stack([cos(turn) * right + sin(turn) * down, cos(turn) * down - sin(turn) * right, forward])
    focal = size_wh[0] / 2 / tan(radians(mount.hfov_deg) / 2)
    return Camera(position, axes, focal, size_wh)
