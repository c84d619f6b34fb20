"""What a person looks like from afar: the colours of the upper and of the lower body.

A histogram of colour for each half, smoothed over neighbouring colours, as one vector of unit length
whose dot product with another is their Bhattacharyya coefficient (1: the same colours). It tells people
in different clothes apart where they cross; swimmers, all skin and water, it leaves to their motion.
"""

from __future__ import annotations

import cv2
import numpy as np

from dashboard.values import Floats, Image

# Shares of the box: the middle of it shows the person, the rest background.
_ACROSS = (0.25, 0.75)
_HALVES = ((0.15, 0.5), (0.5, 0.9))
_SIDE_WH = (12, 20)
_BINS = (8, 7, 7)
_RANGES = [0, 256, 88, 168, 88, 168]
SMALLEST_PX = 8.0


def appearance(image: Image, xyxy: tuple[float, float, float, float]) -> Floats | None:
    """The vector of the person in a box, (784,) float32 of unit length; None where the box is too small."""
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
    counts = cv2.calcHist([np.clip(lab, (0, 88, 88), (255, 167, 167)).astype(np.uint8)], [0, 1, 2], None, list(_BINS), _RANGES)
    smooth = _smoothed(counts.reshape(_BINS).astype(np.float32))
    return (smooth / max(float(smooth.sum()), 1e-6)).ravel()


def _smoothed(counts: Floats) -> Floats:
    """Each colour gives a quarter to each neighbour along every axis: near colours count as alike."""
    for axis in range(3):
        padded = np.pad(counts, [(1, 1) if a == axis else (0, 0) for a in range(3)])
        before, here, after = (
            np.take(padded, range(i, i + counts.shape[axis]), axis=axis) for i in range(3)
        )
        counts = 0.25 * before + 0.5 * here + 0.25 * after
    return counts
