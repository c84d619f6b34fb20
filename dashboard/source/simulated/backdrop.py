"""The empty garden as a camera sees it: painted once per camera, from textured planes."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import cv2
import numpy as np

from dashboard.source.simulated import textures
from dashboard.source.simulated.camera import NEAR_M, Camera, Reals, mounted
from dashboard.source.simulated.site import (
    DECK_X,
    DECK_Y,
    FENCE_X,
    GATE_Y,
    HEDGE_Y,
    POOL_X,
    POOL_Y,
    WALL_X,
    WATER_Z,
    Mount,
)
from dashboard.values import Image

FINER = 2
HEDGE_M = 1.9
FENCE_M = 1.15


@dataclass(frozen=True, eq=False)
class Plane:
    """A textured rectangle: `corner` and the sides `across` and `down` in metres, (3,) each."""

    corner: Reals
    across: Reals
    down: Reals
    texture: Image


def plane(
    corner: tuple[float, float, float],
    across: tuple[float, float, float],
    down: tuple[float, float, float],
    texture: Image,
) -> Plane:
    """A plane from plain numbers."""
    return Plane(np.array(corner), np.array(across), np.array(down), texture)


@lru_cache(maxsize=4)
def paint_backdrop(mount: Mount, size_wh: tuple[int, int], seed: int) -> Image:
    """The garden without water, people and furniture, in noon light: (h, w, 3). Kept, so that a camera
    that comes back need not wait for it again: do not write on it."""
    camera = mounted(mount, size_wh)
    rng = np.random.default_rng(seed)
    fine = Camera(
        camera.position,
        camera.axes,
        camera.focal * FINER,
        (camera.size_wh[0] * FINER, camera.size_wh[1] * FINER),
    )
    picture = np.full((fine.size_wh[1], fine.size_wh[0], 3), (226, 206, 184), np.uint8)
    for part in _planes(rng):
        lay_plane(picture, part, fine)
    return np.asarray(cv2.resize(picture, camera.size_wh, interpolation=cv2.INTER_AREA), dtype=np.uint8)


def _planes(rng: np.random.Generator) -> list[Plane]:
    """Far to near."""
    trees = textures.foliage(360, 1800, rng)
    parts = [
        plane((-30, 22, 7.0), (70, 0, 0), (0, 0, -9.5), trees),
        plane((-20, -28, 7.0), (0, 50, 0), (0, 0, -9.5), trees[:, ::-1].copy()),
        plane((-22, 24, 0), (44, 0, 0), (0, -34, 0), textures.grass(1360, 1760, rng)),
        plane((DECK_X[0], DECK_Y[1], 0), (13.6, 0, 0), (0, -9.6, 0), textures.paving(rng)[::-1].copy()),
    ]
    return parts + _walls(rng) + _rim() + _fence(rng)


def _walls(rng: np.random.Generator) -> list[Plane]:
    hedge = textures.leaves(190, 1800, rng)
    top = (textures.leaves(72, 1800, rng)[:36] * 1.05).clip(0, 255).astype(np.uint8)
    house = textures.plaster(330, 1200, rng)
    _window(house, 120, 60, 170, 130)
    _window(house, 760, 60, 210, 130)
    _door(house, 500, 100)
    return [
        plane((-16, HEDGE_Y + 0.7, HEDGE_M), (32, 0, 0), (0, -0.7, 0), top),
        plane((-16, HEDGE_Y, HEDGE_M), (32, 0, 0), (0, 0, -HEDGE_M), hedge),
        plane((WALL_X, HEDGE_Y + 0.2, 3.4), (0, -12, 0), (0, 0, -3.4), house),
    ]


def _window(wall: Image, x: int, y: int, width: int, height: int) -> None:
    cv2.rectangle(wall, (x - 6, y - 6), (x + width + 6, y + height + 6), (240, 242, 244), -1)
    glass = np.linspace((176, 150, 122), (96, 86, 74), height)[:, None]
    wall[y : y + height, x : x + width] = np.broadcast_to(glass, (height, width, 3))
    cv2.line(wall, (x + width // 2, y), (x + width // 2, y + height), (240, 242, 244), 6)


def _door(wall: Image, x: int, width: int) -> None:
    bottom = wall.shape[0]
    cv2.rectangle(wall, (x - 7, bottom - 215), (x + width + 7, bottom), (232, 236, 238), -1)
    cv2.rectangle(wall, (x, bottom - 208), (x + width, bottom), (120, 92, 58), -1)
    cv2.rectangle(wall, (x + 16, bottom - 190), (x + width - 16, bottom - 110), (150, 126, 98), -1)


def _rim() -> list[Plane]:
    """The strip of pool wall over the water, as far as cameras on the near side see it."""
    tile = np.zeros((16, 640, 3), np.uint8)
    tile[:] = (178, 150, 96)
    tile[:, ::16] = (206, 196, 170)
    tile[:3] = (120, 112, 92)
    depth = -WATER_Z + 0.02
    far = plane((POOL_X[0], POOL_Y[1], 0), (8, 0, 0), (0, 0, -depth), tile)
    left = plane((POOL_X[0], POOL_Y[0], 0), (0, 4, 0), (0, 0, -depth), tile[:, :320].copy())
    right = plane(
        (POOL_X[1], POOL_Y[1], 0), (0, -4, 0), (0, 0, -depth), (tile[:, :320] * 0.86).astype(np.uint8)
    )
    return [far, left, right]


def _fence(rng: np.random.Generator) -> list[Plane]:
    """A boarded fence on the left with the gate in it."""
    boards = textures.planks(115, 1100, rng, 14)
    gate = textures.coloured((60, 84, 120), 0.1 * textures.plain_noise((120, 110), 4, rng))
    cv2.rectangle(gate, (0, 0), (109, 119), (44, 62, 92), 8)
    cv2.line(gate, (6, 112), (103, 8), (44, 62, 92), 8)
    cv2.rectangle(gate, (92, 50), (102, 70), (190, 196, 200), -1)
    cap = np.full((6, 400, 3), (112, 146, 178), np.uint8)
    near, far = DECK_Y[0] - 1.5, HEDGE_Y
    parts = []
    for low, high in ((GATE_Y[1], far), (near, GATE_Y[0])):
        share = (high - low) / (far - near)
        piece = boards[:, : max(8, int(share * boards.shape[1]))].copy()
        parts.append(plane((FENCE_X, low, FENCE_M), (0, high - low, 0), (0, 0, -FENCE_M), piece))
        parts.append(plane((FENCE_X - 0.05, low, FENCE_M), (0, high - low, 0), (0.07, 0, 0), cap))
    parts.append(
        plane(
            (FENCE_X, GATE_Y[0], FENCE_M + 0.05), (0, GATE_Y[1] - GATE_Y[0], 0), (0, 0, -FENCE_M + 0.02), gate
        )
    )
    post = np.full((8, 8, 3), (70, 98, 134), np.uint8)
    for y in GATE_Y:
        parts.append(
            plane((FENCE_X + 0.01, y - 0.06, FENCE_M + 0.15), (0, 0.12, 0), (0, 0, -FENCE_M - 0.15), post)
        )
    return parts


def lay_plane(picture: Image, part: Plane, camera: Camera) -> None:
    """Paints a textured rectangle as a camera sees it."""
    outline = clipped_outline(part, camera)
    if outline is None:
        return
    height, width = part.texture.shape[:2]
    lens = np.array(
        [[camera.focal, 0, camera.size_wh[0] / 2], [0, camera.focal, camera.size_wh[1] / 2], [0, 0, 1]]
    )
    sides = np.column_stack([part.across / width, part.down / height, part.corner - camera.position])
    matrix = lens @ camera.axes @ sides
    x0, y0 = np.maximum(np.floor(outline.min(axis=0)), 0).astype(int)
    x1, y1 = np.minimum(np.ceil(outline.max(axis=0)) + 1, camera.size_wh).astype(int)
    if x1 <= x0 or y1 <= y0:
        return
    shift = np.array([[1, 0, -x0], [0, 1, -y0], [0, 0, 1]], float)
    size = (int(x1 - x0), int(y1 - y0))
    seen = cv2.warpPerspective(
        part.texture, shift @ matrix, size, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
    )
    mask = np.zeros(size[::-1], np.uint8)
    cv2.fillConvexPoly(mask, ((outline - (x0, y0)) * 16).astype(np.int32), 255, cv2.LINE_AA, 4)
    target = picture[y0:y1, x0:x1]
    share = mask[..., None].astype(np.float32) / 255
    target[:] = (seen * share + target * (1 - share)).astype(np.uint8)


def clipped_outline(part: Plane, camera: Camera) -> Reals | None:
    """The rectangle's outline in pixels, (N, 2), cut at the plane just before the camera."""
    corners = [
        part.corner,
        part.corner + part.across,
        part.corner + part.across + part.down,
        part.corner + part.down,
    ]
    seen = [(c - camera.position) @ camera.axes.T for c in corners]
    kept: list[Reals] = []
    for a, b in zip(seen, seen[1:] + seen[:1], strict=True):
        if a[2] > NEAR_M:
            kept.append(a)
        if (a[2] > NEAR_M) != (b[2] > NEAR_M):
            kept.append(a + (b - a) * ((NEAR_M - a[2]) / (b[2] - a[2])))
    if len(kept) < 3:
        return None
    points = np.stack(kept)
    outline: Reals = points[:, :2] / points[:, 2:] * camera.focal + np.array(camera.size_wh) / 2
    return np.clip(outline, -30000, 30000)
