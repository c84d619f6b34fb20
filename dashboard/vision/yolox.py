"""YOLOX: the whole picture in, boxes of people and things out.

Source: YOLOX (Ge et al. 2021), its ONNX demo: letterbox on grey 114 in the upper left corner, BGR
bytes, outputs not decoded, strides 8, 16, 32.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from dashboard.values import Detection, Floats, Image, Label
from dashboard.vision.suppress import suppressed

STRIDES = (8, 16, 32)
GREY = 114

# COCO's 80 classes by index: those that the program speaks of, and vehicles, so that none that drives past is
# taken for an animal.
LABELS: dict[int, Label] = {
    0: Label.PERSON,
    **dict.fromkeys(range(1, 9), Label.OTHER),
    14: Label.BIRD,
    15: Label.CAT,
    16: Label.DOG,
    17: Label.HORSE,
    18: Label.SHEEP,
    19: Label.COW,
    21: Label.BEAR,
    32: Label.BALL,
    56: Label.CHAIR,
}


def letterbox(image: Image, size_wh: tuple[int, int]) -> tuple[Image, float]:
    """`image` scaled to fit into the upper left of a grey picture of `size_wh`, and the scale used."""
    height, width = image.shape[:2]
    scale = min(size_wh[0] / width, size_wh[1] / height)
    new_wh = (max(1, int(width * scale)), max(1, int(height * scale)))
    boxed = np.full((size_wh[1], size_wh[0], 3), GREY, np.uint8)
    shrink = cv2.INTER_AREA if scale < 0.5 else cv2.INTER_LINEAR
    boxed[: new_wh[1], : new_wh[0]] = cv2.resize(image, new_wh, interpolation=shrink)
    return boxed, scale


def grid(size_wh: tuple[int, int]) -> Floats:
    """Cells of all strides, in the network's order: (N, 3) column, row, stride."""
    parts = []
    for stride in STRIDES:
        rows, columns = np.mgrid[0 : size_wh[1] // stride, 0 : size_wh[0] // stride]
        strides = np.full(rows.size, stride)
        parts.append(np.stack([columns.ravel(), rows.ravel(), strides], axis=1))
    return np.concatenate(parts).astype(np.float32)


def decode(raw: Floats, cells: Floats, least: float) -> tuple[Floats, Floats, NDArray[np.intp]]:
    """Boxes (K, 4) `xyxy` in pixels of the network's picture, scores (K,) and class indices (K,) of the
    rows of `raw` (N, 85: x, y, w, h, objectness, 80 classes) that score at least `least`."""
    worth = np.flatnonzero(raw[:, 4] >= least)  # no class can lift a row above its objectness
    rows, places = raw[worth], cells[worth]
    classes = rows[:, 5:].argmax(axis=1)
    scores = rows[:, 4] * rows[np.arange(len(rows)), 5 + classes]
    kept = scores >= least
    rows, stride = rows[kept], places[kept, 2:3]
    centre = (rows[:, 0:2] + places[kept, :2]) * stride
    half = np.exp(np.minimum(rows[:, 2:4], 10)) * stride / 2
    boxes: Floats = np.concatenate([centre - half, centre + half], axis=1, dtype=np.float32)
    return boxes, scores[kept], classes[kept]


def detections(
    raw: Floats, cells: Floats, scale: float, image_wh: tuple[int, int], least: float, overlap: float
) -> list[Detection]:
    """What the network found, in pixels of the picture, best first, each class thinned on its own."""
    boxes, scores, classes = decode(raw, cells, least)
    limit = np.array([*image_wh, *image_wh], np.float32)
    boxes = np.clip(boxes / scale, 0, limit)
    found: list[Detection] = []
    for index, label in LABELS.items():
        mine = np.flatnonzero(classes == index)
        for i in mine[suppressed(boxes[mine], scores[mine], overlap)]:
            left, top, right, bottom = (float(side) for side in boxes[i])
            found.append(Detection((left, top, right, bottom), float(scores[i]), label, "yolox"))
    return sorted(found, key=lambda detection: -detection.score)
