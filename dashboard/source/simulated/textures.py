"""Materials made of noise: pictures that tile or cover a surface. All are functions of a seed."""

from __future__ import annotations

import cv2
import numpy as np

from dashboard.source.simulated.site import COPING_M, DECK_X, DECK_Y, POOL_X, POOL_Y
from dashboard.values import Floats, Image

DECK_PX_M = 110


def tiling_noise(side: int, cells: int, rng: np.random.Generator, octaves: int = 4) -> Floats:
    """Smooth noise that tiles, about -1 to 1, (side, side)."""
    out = np.zeros((side, side), np.float32)
    weight = 1.0
    for _ in range(octaves):
        grid = rng.standard_normal((cells, cells)).astype(np.float32)
        wrapped = np.pad(grid, 2, mode="wrap")
        scale = side / cells
        big = cv2.resize(wrapped, None, fx=scale, fy=scale, interpolation=cv2.INTER_CUBIC)
        edge = round(2 * scale)
        out += weight * big[edge : edge + side, edge : edge + side]
        weight *= 0.5
        cells = min(cells * 2, side // 2)
    return np.asarray(out / max(float(np.abs(out).max()), 1e-6), dtype=np.float32)


def plain_noise(shape: tuple[int, int], cell_px: float, rng: np.random.Generator) -> Floats:
    """Smooth noise over a surface, about -1 to 1."""
    small = rng.standard_normal((int(shape[0] / cell_px) + 3, int(shape[1] / cell_px) + 3)).astype(np.float32)
    big = cv2.resize(small, (shape[1], shape[0]), interpolation=cv2.INTER_CUBIC)
    return np.asarray(np.clip(big / 2, -1, 1), dtype=np.float32)


def coloured(base: tuple[float, float, float], light: Floats) -> Image:
    """A colour times (1 + light), light (h, w)."""
    return np.asarray(np.clip(np.array(base, np.float32) * (1 + light[..., None]), 0, 255), dtype=np.uint8)


def grass(height: int, width: int, rng: np.random.Generator) -> Image:
    """Lawn: tufts, mown in stripes."""
    light = 0.20 * plain_noise((height, width), 3, rng) + 0.10 * plain_noise((height, width), 40, rng)
    stripes = 0.04 * np.sign(np.sin(np.arange(width) / width * 2 * np.pi * 11))
    return coloured((66, 132, 96), light + stripes[None, :].astype(np.float32))


def paving(rng: np.random.Generator) -> Image:
    """The deck from above: stone slabs in running bond, with the lighter coping around the pool."""
    height, width = (round((d[1] - d[0]) * DECK_PX_M) for d in (DECK_Y, DECK_X))
    ys, xs = np.arange(height) / DECK_PX_M + DECK_Y[0], np.arange(width) / DECK_PX_M + DECK_X[0]
    row = np.floor(ys / 0.6).astype(int)
    shift = (row % 2) * 0.45
    column = np.floor((xs[None, :] + shift[:, None]) / 0.9).astype(int)
    tones = rng.uniform(-0.055, 0.055, (64, 64)).astype(np.float32)
    light = tones[row[:, None] % 64, column % 64]
    light = (
        light + 0.035 * plain_noise((height, width), 3, rng) + 0.05 * plain_noise((height, width), 90, rng)
    )
    joint = (np.abs(ys / 0.6 - np.round(ys / 0.6)) * 0.6 < 0.009)[:, None] | (
        np.abs((xs[None, :] + shift[:, None]) / 0.9 - np.round((xs[None, :] + shift[:, None]) / 0.9)) * 0.9
        < 0.009
    )
    picture = coloured((158, 176, 188), np.where(joint, light - 0.22, light).astype(np.float32))
    _lay_coping(picture, ys, xs, rng)
    return picture


def _lay_coping(picture: Image, ys: np.ndarray, xs: np.ndarray, rng: np.random.Generator) -> None:
    def rows(low: float, high: float) -> slice:
        return slice(int(np.searchsorted(ys, low)), int(np.searchsorted(ys, high)))

    def columns(low: float, high: float) -> slice:
        return slice(int(np.searchsorted(xs, low)), int(np.searchsorted(xs, high)))

    ring = (
        rows(POOL_Y[0] - COPING_M, POOL_Y[1] + COPING_M),
        columns(POOL_X[0] - COPING_M, POOL_X[1] + COPING_M),
    )
    height, width = picture[ring].shape[:2]
    light = 0.03 * plain_noise((height, width), 4, rng)
    y, x = ys[ring[0]][:, None], xs[ring[1]][None, :]
    on_side = (x < POOL_X[0]) | (x > POOL_X[1])
    cut = np.where(
        on_side, np.abs(y / 0.5 - np.round(y / 0.5)) * 0.5, np.abs(x / 0.5 - np.round(x / 0.5)) * 0.5
    )
    light = np.where(cut < 0.008, light - 0.25, light)
    edge = np.minimum.reduce(
        [np.broadcast_to(np.abs(y - v), light.shape) for v in (POOL_Y[0] - COPING_M, POOL_Y[1] + COPING_M)]
        + [np.broadcast_to(np.abs(x - v), light.shape) for v in (POOL_X[0] - COPING_M, POOL_X[1] + COPING_M)]
    )
    light = np.where(edge < 0.012, light - 0.2, light)
    picture[ring] = coloured((198, 212, 220), light.astype(np.float32))


def leaves(height: int, width: int, rng: np.random.Generator) -> Image:
    """A clipped hedge: bright leaves over dark gaps."""
    fine = plain_noise((height, width), 2.2, rng)
    mid = plain_noise((height, width), 9, rng)
    light = 0.45 * fine + 0.35 * mid + 0.2 * plain_noise((height, width), 60, rng)
    down = np.linspace(0.18, -0.42, height, dtype=np.float32)[:, None]
    return coloured((48, 98, 62), np.clip(light + down, -0.75, 0.9))


def planks(height: int, width: int, rng: np.random.Generator, plank_px: int) -> Image:
    """Upright boards."""
    tones = rng.uniform(-0.14, 0.1, width // plank_px + 2).astype(np.float32)
    column = np.arange(width) // plank_px
    grain = 0.12 * cv2.resize(
        rng.standard_normal((max(2, height // 40), width)).astype(np.float32), (width, height)
    )
    light = tones[column][None, :] + 0.3 * grain
    light = np.where((np.arange(width) % plank_px < max(1, plank_px // 14))[None, :], -0.55, light)
    return coloured((82, 116, 152), light.astype(np.float32))


def plaster(height: int, width: int, rng: np.random.Generator) -> Image:
    """A rendered wall."""
    light = 0.03 * plain_noise((height, width), 3, rng) + 0.03 * plain_noise((height, width), 60, rng)
    return coloured((206, 218, 226), light)


def foliage(height: int, width: int, rng: np.random.Generator) -> Image:
    """Trees far behind, out of focus, against a pale sky."""
    sky = np.linspace(0, 1, height, dtype=np.float32)[:, None, None]
    picture = (1 - sky) * np.array((238, 214, 186), np.float32) + sky * np.array((242, 232, 220), np.float32)
    picture = np.broadcast_to(picture, (height, width, 3)).copy()
    for depth in range(3):
        crowns = np.zeros(width, np.float32)
        for cell, weight in ((width / (26 + 9 * depth), 0.9), (width / 70, 0.45), (width / 220, 0.18)):
            crowns += weight * np.abs(plain_noise((1, width), cell, rng)[0]) ** 0.6
        line = (0.36 + 0.13 * depth - 0.17 * crowns) * height
        mask = np.arange(height)[:, None] > line[None, :]
        tone = 0.26 * plain_noise((height, width), 5, rng) + 0.22 * plain_noise((height, width), 22, rng)
        green = coloured(((96, 128, 104), (72, 112, 82), (52, 92, 62))[depth], tone)
        picture[mask] = green[mask]
    return np.asarray(cv2.GaussianBlur(picture, (0, 0), 1.6), dtype=np.uint8)
