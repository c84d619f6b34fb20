"""What of the water is unlike the water around it: at the start of a watch it may be somebody.

Who is in the picture from its beginning would be learnt as part of the place, and nothing would point a
searcher at them. Water looks much the same from one metre to the next; a head, a body, a toy does not.
"""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np

from dashboard.geometry import Polygon
from dashboard.values import Floats
from dashboard.vision.background import LEAST_DIFFERENCE, Mask, apart

WIDE = 0.2  # of the picture's width: several bodies, and less than a shadow over half of the pool
UNLIKE = 4.0  # times the usual difference of the water from itself: ripples and glints are 2 to 3
MOST = 0.3  # of the water: if more is unlike the rest there is no telling which of the two is the water
ROUNDS = 3
RIM = 0.02  # of the picture's height: outlines are drawn over the edge of the pool as often as within it


def plain_water(small: Floats, water: Mask) -> tuple[Floats, Mask]:
    """From a small picture (h, w, 3) and where its water is (h, w): what the water would look like with
    nothing in it, (h, w, 3), and where it is clearly not so, (h, w). Nowhere, when that cannot be told."""
    nowhere = np.zeros(water.shape, bool)
    rim = 2 * round(RIM * len(water)) + 1
    inner = cv2.erode(water.view(np.uint8), np.ones((rim, rim), np.uint8), borderType=cv2.BORDER_REPLICATE)
    water = np.asarray(inner > 0)
    if not water.any():
        return small, nowhere
    like, plain, unlike = water, small, nowhere
    for _ in range(ROUNDS):
        plain = _around(small, like)
        far = apart(small, plain)
        limit = max(LEAST_DIFFERENCE, UNLIKE * float(np.median(far[water])))
        unlike = water & (far > limit)
        like = water & ~unlike
        if unlike.sum() > MOST * water.sum():
            return small, nowhere
    return plain, unlike


def within(water: Sequence[Polygon], size_wh: tuple[int, int]) -> Mask:
    """(h, w): where outlines of water (0 to 1 of width and height) are in a picture of `size_wh`."""
    mask = np.zeros((size_wh[1], size_wh[0]), np.uint8)
    for outline in water:
        cv2.fillPoly(mask, [np.rint(np.array(outline) * size_wh).astype(np.int32)], 1)
    return np.asarray(mask > 0)


def _around(small: Floats, where: Mask) -> Floats:
    """The mean of the picture's parts `where` around each pixel."""
    reach = 2 * round(WIDE * small.shape[1] / 2) + 1
    weight = cv2.boxFilter(where.astype(np.float32), -1, (reach, reach))
    total = cv2.boxFilter(small * where[..., None].astype(np.float32), -1, (reach, reach))
    near = total / np.maximum(weight, 1e-6)[..., None]
    return np.asarray(np.where(weight[..., None] > 0.02, near, small[where].mean(axis=0)), np.float32)
