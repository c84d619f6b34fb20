"""Ellipsoids with a picture on them: heads with faces and hair, coloured balls.

A texture is two discs side by side, (S, 2 S, 3) BGR: the front (x > 0) and the back hemisphere seen
straight on; across is left (y) from -1 to 1, down is up (z) from 1 to -1.
"""

from __future__ import annotations

from functools import lru_cache
from math import sqrt

import cv2
import numpy as np
from numpy.typing import NDArray

from dashboard.source.simulated.body import Look
from dashboard.source.simulated.camera import Camera, Reals
from dashboard.source.simulated.solids import Colour, Globe
from dashboard.values import Floats, Image

SIDE = 96


def head_texture(look: Look) -> Image:
    """A face with eyes, brows, nose and mouth in front, hair over the top and behind."""
    front = np.full((SIDE, SIDE, 3), look.skin, np.uint8)
    _face(front, look)
    back = np.full((SIDE, SIDE, 3), look.skin, np.uint8)
    if look.hair_style != "bald":
        _hair(front, back, look)
    texture = np.concatenate([front, back], axis=1)
    return np.asarray(cv2.GaussianBlur(texture, (3, 3), 0.7), dtype=np.uint8)


def _spot(picture: Image, y: float, z: float, wide: float, high: float, colour: Colour) -> None:
    """An ellipse at (y, z) of the disc, half axes `wide` and `high`, disc units."""
    centre = (int((y * 0.5 + 0.5) * SIDE * 16), int((0.5 - z * 0.5) * SIDE * 16))
    axes = (int(wide * SIDE * 8), int(high * SIDE * 8))
    cv2.ellipse(picture, centre, axes, 0, 0, 360, colour, -1, cv2.LINE_AA, 4)


def _tone(colour: Colour, factor: float, add: Colour = (0, 0, 0)) -> Colour:
    b, g, r = (int(min(255, max(0, c * factor + a))) for c, a in zip(colour, add, strict=True))
    return (b, g, r)


def _face(front: Image, look: Look) -> None:
    skin = look.skin
    for side in (-1, 1):
        _spot(front, side * 0.50, -0.20, 0.26, 0.18, _tone(skin, 1.0, (-4, -8, 12)))
        _spot(front, side * 0.40, 0.17, 0.25, 0.17, _tone(skin, 0.82))
        _spot(front, side * 0.40, 0.14, 0.19, 0.095, (240, 242, 244))
        _spot(front, side * 0.39, 0.14, 0.098, 0.095, (52, 42, 34))
        _spot(front, side * 0.39, 0.14, 0.05, 0.05, (10, 10, 10))
        _spot(front, side * 0.42, 0.37, 0.20, 0.034, _tone(look.hair, 0.7))
    _spot(front, 0.0, -0.04, 0.10, 0.24, _tone(skin, 1.12))
    _spot(front, 0.0, -0.23, 0.16, 0.075, _tone(skin, 0.84))
    _spot(front, -0.07, -0.26, 0.04, 0.03, _tone(skin, 0.45))
    _spot(front, 0.07, -0.26, 0.04, 0.03, _tone(skin, 0.45))
    _spot(front, 0.0, -0.52, 0.32, 0.10, _tone(skin, 0.64, (0, 0, 66)))
    _spot(front, 0.0, -0.46, 0.30, 0.05, _tone(skin, 0.97))
    _spot(front, 0.0, -0.52, 0.22, 0.018, _tone(skin, 0.34))


def _hair(front: Image, back: Image, look: Look) -> None:
    hair, shine = look.hair, _tone(look.hair, 1.25, (6, 6, 8))
    low = {"short": -0.62, "cap": -0.1}.get(look.hair_style, -0.85)
    rows = np.linspace(1, -1, SIDE)[:, None]
    across = np.linspace(-1, 1, SIDE)[None, :]
    back[np.broadcast_to(rows > low - 0.12 * np.abs(across), back.shape[:2])] = hair
    fringe = 0.70 - 0.35 * np.abs(across) ** 2.5
    sides = 0.84
    cover = (rows > fringe) | ((np.abs(across) > sides) & (rows > -0.12))
    front[np.broadcast_to(cover, front.shape[:2])] = hair
    for picture in (front, back):
        top = np.broadcast_to((rows > 0.78) & (rows < 0.88), picture.shape[:2])
        picture[top] = shine


def ball_texture(colours: tuple[Colour, ...]) -> Image:
    """A beach ball: coloured panels around the upright axis, white caps."""
    texture = np.empty((SIDE, 2 * SIDE, 3), np.uint8)
    z = np.linspace(1, -1, SIDE)[:, None] + np.zeros((1, SIDE))
    y = np.linspace(-1, 1, SIDE)[None, :] + np.zeros((SIDE, 1))
    x = np.sqrt(np.clip(1 - y * y - z * z, 0, 1))
    table = np.array(colours, np.uint8)
    for half, sign in ((slice(0, SIDE), 1.0), (slice(SIDE, 2 * SIDE), -1.0)):
        panel = ((np.arctan2(y, sign * x) / (2 * np.pi) * 6) % 6).astype(int)
        texture[:, half] = table[panel % len(table)]
        texture[:, half][z > 0.9] = (245, 245, 245)
        texture[:, half][z < -0.9] = (245, 245, 245)
    return texture


@lru_cache(maxsize=8)
def _disc(side: int) -> tuple[Floats, Floats]:
    """Unit hemisphere towards the camera: points (side*side, 3) and coverage (side, side)."""
    steps = (np.arange(side, dtype=np.float32) + 0.5) / side * 2 - 1
    v, u = np.meshgrid(steps, steps, indexing="ij")
    reach = np.sqrt(u * u + v * v)
    inside = np.minimum(1, 0.999 / np.maximum(reach, 1e-6))
    u, v = u * inside, v * inside
    w = np.sqrt(np.maximum(1 - u * u - v * v, 0))
    cover = np.clip((1 - reach) * side / 3 + 0.5, 0, 1)
    return np.stack([u.ravel(), v.ravel(), w.ravel()], axis=1).astype(np.float32), cover.astype(np.float32)


def globe_sprite(
    globe: Globe, texture: Image, camera: Camera, sun: Reals, ambient: Floats, diffuse: Floats
) -> tuple[Image, NDArray[np.float64], float]:
    """The globe lit and seen by a camera: BGRA with premultiplied alpha (G, G, 4), the 2x2 matrix
    that takes its unit disc to pixels around the centre, and its depth in metres.

    The silhouette of a small ellipsoid is an ellipse: the 2x3 matrix that takes its axes to the
    picture (perspective, to first order around the centre) factors into a 2x2 triangle times
    orthonormal rows, which span the visible disc.
    """
    seen = camera.axes @ globe.axes
    middle = camera.axes @ (globe.centre - camera.position)
    depth = float(middle[2])
    flat = seen[:2] - np.outer(middle[:2] / max(depth, 0.2), seen[2])
    corner, turn = _split(flat)
    if float(middle @ seen @ turn[2]) > 0:
        turn[2] = -turn[2]
    to_px = corner * (camera.focal / max(depth, 0.2))
    wide = float(to_px[0, 0])
    side = 32 if wide < 9 else 48 if wide < 30 else 96
    points, cover = _disc(side)
    # Per point: across and down in the texture's disc, the sun's share, front or back.
    half = (SIDE - 1) / 2
    columns = np.column_stack(
        [turn[:, 1] * half, turn[:, 2] * -half, turn @ _towards(globe, sun), turn[:, 0]]
    )
    measures = points @ columns.astype(np.float32)
    colour = _sampled(texture, measures).reshape(side, side, 3)
    shade = np.clip(measures[:, 2] * np.float32(0.58) + np.float32(0.42), 0, 1.1) * _rim(side)
    levels = (shade[:, None] * diffuse + ambient).reshape(side, side, 3) * cover[..., None]
    lit = cv2.multiply(colour, levels, dtype=cv2.CV_8U)
    alpha = (cover * 255).astype(np.uint8)
    return np.asarray(cv2.merge([*cv2.split(lit), alpha]), dtype=np.uint8), to_px.astype(np.float64), depth


def _split(flat: Reals) -> tuple[Reals, Reals]:
    """A 2x3 matrix as a lower triangle (2, 2) times orthonormal rows; with their cross product (3, 3)."""
    (a0, a1, a2), (b0, b1, b2) = flat.tolist()
    first = sqrt(a0 * a0 + a1 * a1 + a2 * a2)
    a0, a1, a2 = a0 / first, a1 / first, a2 / first
    along = a0 * b0 + a1 * b1 + a2 * b2
    b0, b1, b2 = b0 - along * a0, b1 - along * a1, b2 - along * a2
    second = max(sqrt(b0 * b0 + b1 * b1 + b2 * b2), 1e-9)
    b0, b1, b2 = b0 / second, b1 / second, b2 / second
    third = (a1 * b2 - a2 * b1, a2 * b0 - a0 * b2, a0 * b1 - a1 * b0)
    return np.array([[first, 0.0], [along, second]]), np.array([[a0, a1, a2], [b0, b1, b2], third])


def _towards(globe: Globe, sun: Reals) -> Reals:
    """What a point's place on the unit sphere is multiplied with to have its normal towards the sun."""
    squares = np.sum(globe.axes**2, axis=0)
    towards: Reals = (sun @ globe.axes) / squares * float(np.sqrt(squares).mean())
    return towards


@lru_cache(maxsize=8)
def _rim(side: int) -> Floats:
    """Darker towards the rim: (side * side,)."""
    return np.asarray(0.80 + 0.20 * _disc(side)[0][:, 2], dtype=np.float32)


def _sampled(texture: Image, measures: Floats) -> Image:
    half = np.float32((SIDE - 1) / 2)
    across = measures[:, 0] + half + np.float32(SIDE) * (measures[:, 3] < 0)
    down = measures[:, 1] + half
    picture = cv2.remap(
        texture, across[:, None], down[:, None], cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
    )
    return np.asarray(picture, dtype=np.uint8)
