"""MediaPipe's pose models: what their numbers mean, and the rotated crops between the two.

Source: MediaPipe's graphs `pose_detection` and `pose_landmark` (anchors, decoding, region of interest,
refinement by heat map), written anew here as functions over arrays.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import cv2
import numpy as np

from dashboard.values import Floats, Image
from dashboard.vision.layouts import BLAZEPOSE_MIRROR, BODY_SCALE, HIP_CENTRE
from dashboard.vision.suppress import groups

DETECTOR_SIDE = 224
LANDMARK_SIDE = 256
STRIDES_AND_BOXES = ((8, 2), (16, 2), (32, 6))
CROP_MARGIN = 1.25
HEAT_KERNEL = 7
HEAT_LEAST = 0.5


@dataclass(frozen=True)
class Crop:
    """A turned square of a picture: `centre` and `side` in its pixels; `turn` in radians, the direction
    (clockwise from straight up, as seen) that is up in the crop."""

    centre: tuple[float, float]
    side: float
    turn: float

    def moved(self, by: tuple[float, float]) -> Crop:
        """The same crop elsewhere."""
        return Crop((self.centre[0] + by[0], self.centre[1] + by[1]), self.side, self.turn)


@dataclass(frozen=True, eq=False)
class Found:
    """One finding of the pose detector: `score`, the head's box (4,) and four points (4, 2): hip centre,
    full-body scale, shoulder centre, upper-body scale, all in pixels."""

    score: float
    head: Floats
    points: Floats

    def crop(self) -> Crop:
        """Where the landmark model should look."""
        return crop_between(self.points[0], self.points[1])


def anchors() -> Floats:
    """Centres of the detector's anchors in pixels of its input: (2254, 2)."""
    parts = []
    for stride, count in STRIDES_AND_BOXES:
        cells = DETECTOR_SIDE // stride
        rows, columns = np.mgrid[0:cells, 0:cells]
        centres = (np.stack([columns.ravel(), rows.ravel()], axis=1) + 0.5) * stride
        parts.append(np.repeat(centres, count, axis=0))
    return np.concatenate(parts).astype(np.float32)


def decode_detector(raw: Floats, logits: Floats, centres: Floats, least: float) -> list[Found]:
    """People in one tile, in pixels of the detector's input. `raw` (2254, 12), `logits` (2254,),
    `centres` (2254, 2). Findings of one head are averaged by score, as MediaPipe does."""
    scores: Floats = np.asarray(1 / (1 + np.exp(-np.clip(logits, -80, 80))), np.float32)
    kept = np.flatnonzero(scores >= least)
    if len(kept) == 0:
        return []
    scores, rows, centre = scores[kept], raw[kept], centres[kept]
    middle, half = rows[:, 0:2] + centre, rows[:, 2:4] / 2
    heads = np.concatenate([middle - half, middle + half], axis=1)
    points = rows[:, 4:12].reshape(-1, 4, 2) + centre[:, None]
    found = []
    for group in groups(heads, scores, 0.3):
        weight = scores[group] / scores[group].sum()
        found.append(
            Found(
                float(scores[group[0]]),
                (heads[group] * weight[:, None]).sum(axis=0).astype(np.float32),
                (points[group] * weight[:, None, None]).sum(axis=0).astype(np.float32),
            )
        )
    return found


def crop_between(hip: Floats, scale: Floats) -> Crop:
    """The landmark model's crop: centred on the hips, the scale point up, 2 x 1.25 x their distance."""
    dx, dy = float(scale[0] - hip[0]), float(scale[1] - hip[1])
    return Crop((float(hip[0]), float(hip[1])), 2 * CROP_MARGIN * math.hypot(dx, dy), math.atan2(dx, -dy))


def crop_matrix(crop: Crop, side: int) -> Floats:
    """(2, 3) affine map from pixels of a crop of `side` pixels to pixels of the picture."""
    step = crop.side / side
    cos, sin = math.cos(crop.turn) * step, math.sin(crop.turn) * step
    half = side / 2  # from corner to corner, as MediaPipe's crops: the models know no other
    x = crop.centre[0] - cos * half + sin * half
    y = crop.centre[1] - sin * half - cos * half
    return np.array([[cos, -sin, x], [sin, cos, y]], np.float32)


def cut(image: Image, crop: Crop, side: int, border: int = cv2.BORDER_REPLICATE) -> Image:
    """The crop as an upright picture of `side` pixels; outside the picture its edge goes on."""
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    warped = cv2.warpAffine(image, crop_matrix(crop, side), (side, side), flags=flags, borderMode=border)
    return np.asarray(warped, np.uint8)


def decode_landmarks(raw: Floats, heat: Floats | None) -> Floats:
    """(39, 4) x, y (0 to 1 of the crop), z (in crop sides), score (visibility times presence), from the
    landmark model's `raw` (195,) and its heat maps (64, 64, 39), which refine x and y where given."""
    table = raw.reshape(39, 5)
    certain = 1 / (1 + np.exp(-np.clip(table[:, 3:5], -80, 80)))
    points = np.empty((39, 4), np.float32)
    points[:, :3] = table[:, :3] / LANDMARK_SIDE
    points[:, 3] = certain[:, 0] * certain[:, 1]
    if heat is not None:
        points[:, :2] = refine(points[:, :2], heat)
    return points


def refine(xy: Floats, heat: Floats) -> Floats:
    """`xy` (N, 2), 0 to 1, moved to the weighted middle of the heat map (H, W, N) around each, where the
    map is sure there (RefineLandmarksFromHeatmapCalculator, kernel 7, confidence 0.5)."""
    height, width = heat.shape[:2]
    reach = HEAT_KERNEL // 2
    offsets = np.arange(-reach, reach + 1)
    cell = np.floor(xy * (width, height)).astype(int)
    columns, rows = cell[:, :1] + offsets, cell[:, 1:] + offsets  # (N, 7) each
    across, down = (columns >= 0) & (columns < width), (rows >= 0) & (rows < height)
    logits = heat[
        np.clip(rows, 0, height - 1)[:, :, None],
        np.clip(columns, 0, width - 1)[:, None, :],
        np.arange(len(xy))[:, None, None],
    ]
    weight = 1 / (1 + np.exp(-np.clip(logits, -80, 80))) * (down[:, :, None] & across[:, None, :])
    total = weight.sum(axis=(1, 2))
    inside = (cell >= 0).all(axis=1) & (cell < (width, height)).all(axis=1)
    sure = inside & (weight.max(axis=(1, 2)) >= HEAT_LEAST)
    x = (weight.sum(axis=1) * columns).sum(axis=1) / np.maximum(total, 1e-6) / width
    y = (weight.sum(axis=2) * rows).sum(axis=1) / np.maximum(total, 1e-6) / height
    moved: Floats = np.where(sure[:, None], np.stack([x, y], axis=1), xy).astype(np.float32)
    return moved


def to_picture(points: Floats, crop: Crop) -> Floats:
    """Points of a crop (N, 4) x, y 0 to 1, z, score -> the same in pixels of the picture."""
    cos, sin = math.cos(crop.turn), math.sin(crop.turn)
    offset = (points[:, :2] - 0.5) * crop.side
    placed = points.copy()
    placed[:, 0] = crop.centre[0] + cos * offset[:, 0] - sin * offset[:, 1]
    placed[:, 1] = crop.centre[1] + sin * offset[:, 0] + cos * offset[:, 1]
    placed[:, 2] = points[:, 2] * crop.side
    return placed


def next_crop(points: Floats) -> Crop:
    """Where to look for the same person next: from points (35 or more, 2 or more) in pixels."""
    return crop_between(points[HIP_CENTRE], points[BODY_SCALE])


def mirrored(points: Floats) -> Floats:
    """Points (39, 4) of a mirrored crop as points of the crop itself: x turned, left and right swapped."""
    order = [*BLAZEPOSE_MIRROR, *range(len(BLAZEPOSE_MIRROR), len(points))]
    turned = points[order].copy()
    turned[:, 0] = 1 - turned[:, 0]
    return turned
