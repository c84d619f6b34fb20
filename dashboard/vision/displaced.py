"""Whether a picture is the learnt one from another stand: where its corners have gone, and one shift, turn
and zoom that explains most of them (template matching; similarity by RANSAC, Fischler and Bolles 1981)."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from dashboard.values import Floats

TEMPLATE = 25  # pixels of the small picture: enough to be found again, small enough to turn little
NEAR = 24
MOST_CORNERS = 28
ALIKE = 0.6
CLEARLY = 0.12  # so much better there than where it was
TOLERANCE_PX = 2.0
MOST_ZOOM = 2.5


@dataclass(frozen=True)
class Displacement:
    """How the view has moved: `far` the median way of its points by the picture's width, `turn_deg`
    and `zoom` of the similarity, `agree` the share of the matched points that it explains."""

    far: float
    turn_deg: float
    zoom: float
    agree: float


def displacement(learnt: Floats, now: Floats, where: Floats, whole: bool) -> Displacement | None:
    """How `now` (h, w) is displaced against `learnt` (h, w), by the corners where `where` (h, w) is not
    0: nearby, or in the `whole` picture. None: no one displacement explains it."""
    before, after = _eight_bit(learnt), _eight_bit(now)
    corners = _corners(before, where)
    pairs = [pair for corner in corners if (pair := _found(before, after, corner, whole)) is not None]
    if len(pairs) < 6:
        return None
    old = np.array([p for p, _ in pairs], np.float32)
    new = np.array([p for _, p in pairs], np.float32)
    matrix, inliers = cv2.estimateAffinePartial2D(old, new, ransacReprojThreshold=TOLERANCE_PX, maxIters=500)
    if matrix is None:
        return None
    right = inliers.ravel() > 0
    agree = float(right.mean())
    zoom = float(np.hypot(matrix[0, 0], matrix[1, 0]))
    if right.sum() < 6 or agree < 0.5 or not 1 / MOST_ZOOM < zoom < MOST_ZOOM:
        return None
    far = float(np.median(np.hypot(*(new - old)[right].T))) / learnt.shape[1]
    return Displacement(far, float(np.degrees(np.arctan2(matrix[1, 0], matrix[0, 0]))), zoom, agree)


def _eight_bit(grey: Floats) -> np.ndarray:
    """The picture with its contrasts evened out: the light may be another one."""
    low, high = np.percentile(grey[::3, ::3], (1, 99))
    spread = (grey - np.float32(low)) * np.float32(255 / max(float(high - low), 8.0))
    return np.asarray(np.clip(spread, 0, 255), np.uint8)


def _corners(picture: np.ndarray, where: Floats) -> list[tuple[int, int]]:
    height, width = picture.shape
    half = TEMPLATE // 2
    allowed = np.zeros((height, width), np.uint8)
    allowed[half : height - half, half : width - half] = 255
    allowed[where <= 0] = 0
    found = cv2.goodFeaturesToTrack(picture, MOST_CORNERS, 0.02, TEMPLATE * 0.6, mask=allowed, blockSize=5)
    return [] if found is None else [(int(x), int(y)) for x, y in found.reshape(-1, 2)]


def _found(
    before: np.ndarray, after: np.ndarray, corner: tuple[int, int], whole: bool
) -> tuple[tuple[float, float], tuple[float, float]] | None:
    """A corner of the learnt picture and where it is now, both (x, y); None where that is not clear."""
    x, y = corner
    half = TEMPLATE // 2
    template = before[y - half : y + half + 1, x - half : x + half + 1]
    height, width = after.shape
    reach = max(height, width) if whole else NEAR
    left, top = max(0, x - half - reach), max(0, y - half - reach)
    area = after[top : min(height, y + half + reach + 1), left : min(width, x + half + reach + 1)]
    scores = cv2.matchTemplate(area, template, cv2.TM_CCOEFF_NORMED)
    _, best, _, (at_x, at_y) = cv2.minMaxLoc(scores)
    if best < ALIKE:
        return None
    # A second place as good as the first: a pattern that repeats says nothing.
    again = scores.copy()
    again[max(0, at_y - 4) : at_y + 5, max(0, at_x - 4) : at_x + 5] = -1
    if float(again.max(initial=-1)) > best - 0.05:
        return None
    return (float(x), float(y)), (float(left + at_x + half), float(top + at_y + half))
