"""What a person looks like from afar: the colours of the upper and of the lower body.

A histogram of colour for each half, smoothed over neighbouring colours, as one vector of unit length
whose dot product with another is their Bhattacharyya coefficient (1: the same colours). It tells people
in different clothes apart where they cross; swimmers, all skin and water, it leaves to their motion.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from dashboard.values import Floats, Image

# Shares of the box: the middle of it shows the person, the rest background.
_ACROSS = (0.25, 0.75)
_HALVES = ((0.15, 0.5), (0.5, 0.9))
_SIDE_WH = (12, 20)
_BINS = (8, 6, 6)
SMALLEST_PX = 8.0


def appearance(image: Image, xyxy: tuple[float, float, float, float]) -> Floats | None:
    """The vector of the person in a box, (576,) float32 of unit length; None where the box is too small."""
    left, top, right, bottom = xyxy
    if right - left < SMALLEST_PX or bottom - top < 2 * SMALLEST_PX:
        return None
    halves = [_half(image, left, top, right - left, bottom - top, *down) for down in _HALVES]
    present = [half for half in halves if half is not None]
    if len(present) < len(_HALVES):
        return None
    vector = np.sqrt(np.concatenate(present) / len(present))
    return np.asarray(vector, dtype=np.float32)


def _half(
    image: Image, left: float, top: float, width: float, height: float, above: float, below: float
) -> Floats | None:
    """The smoothed colour histogram of a part of the box, its sum 1; None where it is outside."""
    x0, x1 = (max(0, round(left + share * width)) for share in _ACROSS)
    y0, y1 = (max(0, round(top + share * height)) for share in (above, below))
    part = image[y0:y1, x0:x1]
    if part.shape[0] < 2 or part.shape[1] < 2:
        return None
    lab = cv2.cvtColor(cv2.resize(part, _SIDE_WH, interpolation=cv2.INTER_AREA), cv2.COLOR_BGR2LAB)
    binned = _BIN_OF[lab.reshape(-1, 3), (0, 1, 2)]
    counts = np.bincount(binned.sum(axis=1), minlength=_COUNT).astype(np.float32)
    smooth = _smoothed(counts.reshape(_BINS)).ravel()
    return smooth / max(float(smooth.sum()), 1e-6)


def _smoothed(counts: Floats) -> Floats:
    """Each colour gives a quarter to each neighbour along every axis: near colours count as alike."""
    for axis, spread in enumerate(_SPREADS):
        counts = np.moveaxis(np.tensordot(spread, counts, axes=(1, axis)), 0, axis)
    return counts


def _bin_table() -> NDArray[np.int64]:
    """What each value of L, a, b (0 to 255) adds to the number of its bin: (256, 3)."""
    values = np.arange(256)
    lightness = values * _BINS[0] // 256
    # Clothes and skin lie in the middle third of a and b.
    colour = [np.clip((values - 88) * n // 80, 0, n - 1) for n in _BINS[1:]]
    return np.stack([lightness * _BINS[1] * _BINS[2], colour[0] * _BINS[2], colour[1]], axis=1)


def _spread(count: int) -> Floats:
    """The matrix that smooths `count` bins: (count, count)."""
    apart = np.abs(np.subtract.outer(np.arange(count), np.arange(count)))
    return np.asarray(np.where(apart == 0, 0.5, np.where(apart == 1, 0.25, 0.0)), dtype=np.float32)


_BIN_OF = _bin_table()
_SPREADS = tuple(_spread(count) for count in _BINS)
_COUNT = int(np.prod(_BINS))
