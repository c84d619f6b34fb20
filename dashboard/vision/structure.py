"""The structure of a picture block by block: how alike two pictures' edges are, and how sharp one is.

Edges are compared as gradient fields: the light may change as it likes in a block, by a factor and an offset,
and the likeness stays; what moves by a pixel or two, or goes, does not (orientation-aware normalised
correlation of gradients, as Scharstein 1994 matches views).
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from dashboard.values import Floats, Image
from dashboard.vision.background import Mask

ROWS, COLUMNS = 9, 16
DARKEST = 6.0  # grey levels: in the dark there is noise
NOISE_ENERGY = 0.6  # squared grey levels a pixel: below it there is only noise and compression


@dataclass(frozen=True, eq=False)
class Structure:
    """`grey` (h, w) with its gradient `across` and `down`, (h, w) each; `energy` and `fine` (ROWS, COLUMNS):
    the mean squared gradient of each block, and that of what a small blur takes away."""

    grey: Floats
    across: Floats
    down: Floats
    energy: Floats
    fine: Floats


def structure_of(grey: Floats) -> Structure:
    """The structure of a grey picture (h, w), float32, 0 to 255."""
    across = cv2.Sobel(grey, cv2.CV_32F, 1, 0, scale=0.125)
    down = cv2.Sobel(grey, cv2.CV_32F, 0, 1, scale=0.125)
    lost = grey - cv2.blur(grey, (3, 3))
    return Structure(
        grey,
        np.asarray(across, np.float32),
        np.asarray(down, np.float32),
        blocks(across * across + down * down),
        blocks(lost * lost),
    )


def likeness(a: Structure, b: Structure, use: Floats) -> Floats:
    """How alike the edges of each block are, -1 to 1, (ROWS, COLUMNS); 0 where one has none. `use` (h, w) of
    0 is left out."""
    both = blocks((a.across * b.across + a.down * b.down) * use)
    own = blocks((a.across * a.across + a.down * a.down) * use)
    other = blocks((b.across * b.across + b.down * b.down) * use)
    return np.asarray(both / np.sqrt(np.maximum(own, 0.05) * np.maximum(other, 0.05)), np.float32)


def sharpness(one: Structure) -> Floats:
    """The share of fine detail in each block's edges, (ROWS, COLUMNS): falls when the picture is blurred, and
    stays when the light changes."""
    return np.asarray(one.fine / (one.energy + NOISE_ENERGY), np.float32)


def contrast(one: Structure) -> Floats:
    """How strong each block's edges are for its brightness, (ROWS, COLUMNS): stays in sun and shade, falls
    behind a veil."""
    return np.asarray(np.sqrt(one.energy) / (blocks(one.grey) + DARKEST), np.float32)


def blocks(field: Floats | np.ndarray) -> Floats:
    """The mean of each block of a field (h, w): (ROWS, COLUMNS)."""
    return np.asarray(
        cv2.resize(np.asarray(field, np.float32), (COLUMNS, ROWS), interpolation=cv2.INTER_AREA), np.float32
    )


def largest_part(where: Mask) -> Mask:
    """The largest connected part of a mask; none of it where there is none."""
    count, labels, stats, _ = cv2.connectedComponentsWithStats(where.astype(np.uint8), connectivity=8)
    if count < 2:
        return np.zeros_like(where)
    return np.asarray(labels == 1 + int(np.argmax(stats[1:, cv2.CC_STAT_AREA])))


def small_grey(image: Image, size_wh: tuple[int, int]) -> Image:
    """The picture (H, W, 3) in grey at a small size, (h, w)."""
    if image.shape[1] >= 4 * size_wh[0]:
        # By half first: that is quick, and the rest costs a quarter then.
        image = np.asarray(
            cv2.resize(image, (image.shape[1] // 2, image.shape[0] // 2), interpolation=cv2.INTER_AREA),
            np.uint8,
        )
    shrunk = cv2.resize(image, size_wh, interpolation=cv2.INTER_AREA)
    return np.asarray(cv2.cvtColor(shrunk, cv2.COLOR_BGR2GRAY), np.uint8)
