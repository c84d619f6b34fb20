"""A person's crop by centre and scale, and the way back from it: the affine of the paper."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from dashboard.values import Floats, Image

PADDING = 1.25  # the paper's: scale in units of 200 pixels, times 1.25
Box = tuple[float, float, float, float]


@dataclass(frozen=True)
class PersonCrop:
    """An upright part of the picture: its `centre` and `size_wh` in pixels, with the network's ratio."""

    centre: tuple[float, float]
    size_wh: tuple[float, float]

    @property
    def xyxy(self) -> Box:
        (x, y), (width, height) = self.centre, self.size_wh
        return x - width / 2, y - height / 2, x + width / 2, y + height / 2


def person_crop(xyxy: Box, network_wh: tuple[int, int]) -> PersonCrop:
    """The crop of a person's box for a network that takes pictures of `network_wh`."""
    left, top, right, bottom = xyxy
    width, height = max(right - left, 1.0), max(bottom - top, 1.0)
    ratio = network_wh[0] / network_wh[1]
    if width > ratio * height:
        height = width / ratio
    else:
        width = height * ratio
    return PersonCrop(((left + right) / 2, (top + bottom) / 2), (width * PADDING, height * PADDING))


def cut(image: Image, crop: PersonCrop, network_wh: tuple[int, int]) -> Image:
    """The crop's pixels at the network's size; black outside the picture."""
    step = network_wh[0] / crop.size_wh[0]
    x = network_wh[0] / 2 - step * crop.centre[0]
    y = network_wh[1] / 2 - step * crop.centre[1]
    matrix = np.array([[step, 0, x], [0, step, y]], np.float64)
    return np.asarray(cv2.warpAffine(image, matrix, network_wh, flags=cv2.INTER_LINEAR), np.uint8)


def to_picture(points: Floats, crop: PersonCrop, map_wh: tuple[float, float]) -> Floats:
    """Points (K, 3) x, y, score on a map of `map_wh` that covers the crop, in pixels of the picture."""
    placed = points.copy()
    size, centre = np.array(crop.size_wh), np.array(crop.centre)
    placed[:, :2] = (points[:, :2] - np.array(map_wh) / 2) * (size / np.array(map_wh)) + centre
    return placed
