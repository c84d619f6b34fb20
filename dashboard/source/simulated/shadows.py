"""Shadows that solids throw on the deck: hulls laid along the sun's rays, softened."""

from __future__ import annotations

import cv2
import numpy as np

from dashboard.source.simulated.camera import Camera, Reals
from dashboard.source.simulated.solids import Solid
from dashboard.values import Image

SMALLER = 2
RING = np.stack([np.cos(np.arange(8) / 8 * 2 * np.pi), np.sin(np.arange(8) / 8 * 2 * np.pi)], axis=1)


def cast_shadow(picture: Image, solid: Solid, camera: Camera, sun: Reals, strength: float) -> None:
    """Darkens the deck where a solid keeps the sun off, in place; `strength` 0 to 1."""
    mask_at = shadow_mask(solid, camera, sun)
    if mask_at is None:
        return
    mask, left, top = mask_at
    target = picture[top : top + mask.shape[0], left : left + mask.shape[1]]
    left_over = cv2.convertScaleAbs(mask, alpha=-strength, beta=255)
    cv2.multiply(target, cv2.merge([left_over] * 3), dst=target, scale=1 / 255)


def shadow_mask(solid: Solid, camera: Camera, sun: Reals) -> tuple[Image, int, int] | None:
    """Where the deck lies in a solid's shadow, 0 to 255, with its place in the picture."""
    centres, radii = solid.packed()
    over = np.maximum(centres[:, 2:3], 0.0)
    floor = centres - over / max(float(sun[2]), 0.2) * sun
    floor[:, 2] = 0.0
    rings = np.zeros((len(radii), len(RING), 3))
    rings[..., :2] = floor[:, None, :2] + RING[None] * (radii * 0.9)[:, None, None]
    seen = camera.project(rings.reshape(-1, 3))
    if float(seen[:, 2].min()) < 0.4:
        return None
    flat = seen[:, :2].reshape(len(radii), len(RING), 2)
    low = np.maximum(np.floor(flat.min(axis=(0, 1))) - 8, 0).astype(int)
    high = np.minimum(np.ceil(flat.max(axis=(0, 1))) + 8, camera.size_wh).astype(int)
    if (high - low < 4).any():
        return None
    size = (high - low + SMALLER - 1) // SMALLER
    mask = np.zeros((int(size[1]), int(size[0])), np.uint8)
    points = ((flat - low) / SMALLER * 16).astype(np.int32)
    for group in solid.groups.values():
        for hull in group.hulls:
            if hull.level < 2:
                outline = cv2.convexHull(points[list(hull.balls)].reshape(-1, 2))
                cv2.fillConvexPoly(mask, outline, 255, cv2.LINE_AA, 4)
    soft = cv2.blur(cv2.blur(mask, (3, 3)), (3, 3))
    full = cv2.resize(soft, (int(high[0] - low[0]), int(high[1] - low[1])), interpolation=cv2.INTER_LINEAR)
    return np.asarray(full, dtype=np.uint8), int(low[0]), int(low[1])
