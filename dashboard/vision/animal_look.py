"""How an animal looks: a short row of numbers by which it is known again, and no picture can be made of it.

Its outline is what differs from the learnt background. Of it: how light the coat is against the ground, from
its dark parts to its light ones (light and infrared change both alike), its colour against the ground
(nothing in infrared), where in the box it is, how long it is for its height, and how large."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from dashboard.values import Floats, Image
from dashboard.vision.background import Background

Box = tuple[float, float, float, float]
LENGTH = 20
_SMALLEST_WH = (14, 8)
# The background's picture is small and soft; noise at night is less than this.
_APART = 16
_LEAST_SHARE, _LEAST_PX = 0.1, 12
_DARK_TO_LIGHT = (0.1, 0.3, 0.5, 0.7, 0.9)
_STRIPS = 4
# What each part counts for: by cross-validation over coats, sizes and light in `bench animals`.
_LIGHTNESS, _SPREAD, _COLOUR, _OUTLINE, _LONG, _FULL, _SIZE = 0.6, 0.4, 0.8, 0.5, 0.2, 0.2, 0.3


def animal_look(image: Image, xyxy: Box, background: Background) -> Floats | None:
    """The vector (LENGTH,) float32 of unit length of the animal in a box of `image` (h, w, 3) BGR. None: it
    is too small, or nothing there differs from the learnt background, which may not be learnt yet."""
    height, width = image.shape[:2]
    left, top = max(0, round(xyxy[0])), max(0, round(xyxy[1]))
    right, bottom = min(width, round(xyxy[2])), min(height, round(xyxy[3]))
    if background.t is None or right - left < _SMALLEST_WH[0] or bottom - top < _SMALLEST_WH[1]:
        return None
    crop = image[top:bottom, left:right]
    ground = background.usual((left, top, right, bottom), (right - left, bottom - top))
    apart = np.abs(crop.astype(np.int16) - ground).max(axis=2) > _APART
    mask = cv2.medianBlur(apart.astype(np.uint8), 3) > 0
    if mask.mean() < _LEAST_SHARE or mask.sum() < _LEAST_PX:
        return None
    look = np.array([*_coat(crop, ground, mask), *_form(mask, bottom - top, height), 1.0], np.float32)
    return np.asarray(look / np.linalg.norm(look), np.float32)


def _coat(crop: Image, ground: Image, mask: NDArray[np.bool_]) -> list[float]:
    """Lightness and colour against the ground: 8 numbers."""
    lab, around = (cv2.cvtColor(one, cv2.COLOR_BGR2LAB).astype(np.float32) for one in (crop, ground))
    ratio = np.log((lab[..., 0][mask] + 4) / (float(around[..., 0].mean()) + 5))
    steps = np.quantile(ratio, _DARK_TO_LIGHT)
    lightness = _LIGHTNESS * np.tanh(steps)
    colour = [float(lab[..., n][mask].mean() - around[..., n].mean()) / 15 for n in (1, 2)]
    spread = _SPREAD * float(steps[-1] - steps[0])
    return [*lightness.tolist(), *(_COLOUR * np.tanh(colour)).tolist(), spread]


def _form(mask: NDArray[np.bool_], box_height: int, picture_height: int) -> list[float]:
    """Outline, length, fullness and size: 11 numbers. Sizes are as in a picture 720 high."""
    rows = [float(part.mean()) for part in np.array_split(mask, _STRIPS, axis=0)]
    columns = [float(part.mean()) for part in np.array_split(mask, _STRIPS, axis=1)]
    outline = _OUTLINE * 2 * (np.array([*rows, *columns]) - 0.5)
    longer = _LONG * (np.log(mask.shape[1] / mask.shape[0]) - 0.5) / 0.6
    full = _FULL * (float(mask.mean()) - 0.5) / 0.3
    size = _SIZE * (np.log(720 * box_height / picture_height) - 3.6) / 0.8
    return [*outline.tolist(), float(longer), float(full), float(size)]
