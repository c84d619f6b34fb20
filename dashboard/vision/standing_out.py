"""How clearly somebody stands out from the water around them.

What is over the water shows its own colours and sharp edges; the same body under water is tinted like the
water and blurred by the moving surface. Both fall at once when a head goes under. The number means nothing
by itself (dark hair stands out less than a red cap): it is compared with the same person's at other times.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import cv2
import numpy as np

from dashboard.values import Floats, Image, Patch
from dashboard.vision.background import Background

# The patch of a head that must stand out, as a share of the picture's pixels: a child's head in the middle
# of a garden pool is some 20 pixels wide at 1280 x 720.
HEAD_SHARE = 1.3e-4
LARGEST_PX = 160.0
LEAST_PX = 6
FAINT = 0.35

Box = tuple[float, float, float, float]


def clearness(image: Image, xyxy: Box, background: Background) -> float | None:
    """How clearly the clearest part of a box (pixels of `image`), of about a head's size, stands out: the
    geometric mean of its difference in colour (CIE a and b) from the learnt background and of its edges
    (absolute Laplacian, grey levels). None for a box too small to tell, and
    while nothing is learnt."""
    found = _clear(image, xyxy, background)
    if found is None:
        return None
    clear, _, shrunk = found
    height, width = image.shape[:2]
    wanted = max(4, round(HEAD_SHARE * width * height * shrunk**2))
    count = min(wanted, clear.size)
    return math.sqrt(float(np.partition(clear.ravel(), -count)[-count]))


def clearest(
    image: Image, xyxy: Box, background: Background, side: float, most: int, known: Sequence[Box] = ()
) -> list[Patch]:
    """The clearest places in a box (pixels of `image`) but for those that are `known`, squares of `side`
    about them, clearest first and at most `most`: several heads may stand out as one. A third as clear as
    the clearest is nothing."""
    found = _clear(image, xyxy, background)
    if found is None:
        return []
    clear, (left, top), shrunk = found
    clear = np.sqrt(cv2.blur(clear, (5, 5)))
    places: list[Patch] = []
    first = float(clear.max())
    for box in known:
        x0, y0, x1, y1 = (
            round((v - corner) * shrunk) for v, corner in zip(box, (left, top) * 2, strict=True)
        )
        clear[max(0, y0) : max(0, y1), max(0, x0) : max(0, x1)] = 0
    reach = max(1, round(0.6 * side * shrunk))
    while len(places) < most:
        value = float(clear.max())
        if value <= FAINT * first:
            break
        row, column = (int(i) for i in np.unravel_index(int(clear.argmax()), clear.shape))
        x, y = left + column / shrunk, top + row / shrunk
        box = x - side / 2, y - side / 2, x + side / 2, y + side / 2
        places.append(Patch(box, clearness(image, box, background)))
        clear[max(0, row - reach) : row + reach, max(0, column - reach) : column + reach] = 0
    return places


def _clear(image: Image, xyxy: Box, background: Background) -> tuple[Floats, tuple[int, int], float] | None:
    """How clearly each pixel of a box stands out (squared), the box's corner, and how much smaller the answer
    is than the box; None where that cannot be told."""
    if background.t is None:
        return None
    height, width = image.shape[:2]
    left, top = max(0, math.floor(xyxy[0])), max(0, math.floor(xyxy[1]))
    right, bottom = min(width, math.ceil(xyxy[2])), min(height, math.ceil(xyxy[3]))
    if right - left < LEAST_PX or bottom - top < LEAST_PX:
        return None
    part = image[top:bottom, left:right]
    shrunk = min(1.0, LARGEST_PX / max(part.shape[:2]))
    if shrunk < 1:
        part = np.asarray(cv2.resize(part, None, fx=shrunk, fy=shrunk, interpolation=cv2.INTER_AREA))
    usual = background.usual((left, top, right, bottom), (part.shape[1], part.shape[0]))
    clear = cv2.blur(_colour_apart(part, usual), (5, 5)) * cv2.blur(_edges(part), (9, 9))
    return np.asarray(clear, np.float32), (left, top), shrunk


def _colour_apart(part: Image, usual: Image) -> Floats:
    ours, theirs = (cv2.cvtColor(p, cv2.COLOR_BGR2LAB).astype(np.float32) for p in (part, usual))
    apart = ours - theirs
    return np.asarray(np.hypot(apart[..., 1], apart[..., 2]), np.float32)


def _edges(part: Image) -> Floats:
    grey = cv2.cvtColor(part, cv2.COLOR_BGR2GRAY).astype(np.float32)
    return np.asarray(np.abs(cv2.Laplacian(grey, cv2.CV_32F)), np.float32)
