"""Metres: four points of known size on the ground (or the water) tell where everything on it is, and,
when the camera looks down at a slant, how tall people are.

The camera's height and direction come from the homography with square pixels and the optical axis in the
middle of the picture (Zhang 2000, section 3.1, with one view and one unknown, the focal length).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from dashboard.geometry import Matrix, Point, Polygon, homography, transform

# A focal length beyond these multiples of the picture's width means that it cannot be told.
_FOCAL_LOW, _FOCAL_HIGH = 0.3, 5.0
_TALLEST_M = 3.0


class ScaleError(ValueError):
    """The four points cannot give a scale; the message says why."""


@dataclass(frozen=True)
class Scale:
    """One camera's four points: `image` 0 to 1 of width and height, `world` in metres on the ground.
    Cameras whose scales name the same `ground` have the same world coordinates."""

    camera: str
    image: Polygon
    world: Polygon
    ground: str = ""


@dataclass(frozen=True, eq=False)
class Ground:
    """A camera's ground: `to_world` takes pixels to metres; `projection` (3, 4) metres to pixels, None
    where heights cannot be told."""

    to_world: Matrix
    projection: Matrix | None

    def metres(self, point: Point) -> Point:
        """Where on the ground a pixel is, in metres."""
        return transform(self.to_world, point)

    def height_m(self, feet: Point, top: Point) -> float | None:
        """How tall somebody is whose feet and top of the head are at these pixels; None if unknowable."""
        if self.projection is None:
            return None
        x, y = self.metres(feet)
        if not math.isfinite(x) or not math.isfinite(y):
            return None
        base = self.projection @ (x, y, 0.0, 1.0)
        up = self.projection[:, 2]
        # Row of the picture: (base_y + h up_y) / (base_w + h up_w) = top_y, solved for h.
        divisor = up[1] - top[1] * up[2]
        if abs(divisor) < 1e-9:
            return None
        height = float((top[1] * base[2] - base[1]) / divisor)
        return height if 0 < height < _TALLEST_M else None


def ground_of(scale: Scale, size_wh: tuple[int, int]) -> Ground:
    """The ground of a camera whose picture is `size_wh`. ScaleError when the points are unfit."""
    image = tuple((x * size_wh[0], y * size_wh[1]) for x, y in scale.image)
    try:
        to_image = homography(scale.world, image)
        to_world = homography(image, scale.world)
    except ValueError as error:
        raise ScaleError(str(error)) from None
    return Ground(to_world, _projection(to_image, size_wh))


def rectangle(camera: str, image: Polygon, width_m: float, length_m: float) -> Scale:
    """The scale by a rectangle's corners in the picture, in order around it, and its two sides."""
    if width_m <= 0 or length_m <= 0:
        raise ScaleError("a side of the rectangle is not longer than 0 m")
    return Scale(camera, image, ((0.0, 0.0), (width_m, 0.0), (width_m, length_m), (0.0, length_m)))


def _projection(to_image: Matrix, size_wh: tuple[int, int]) -> Matrix | None:
    width, height = size_wh
    shift = np.array([[1.0, 0.0, -width / 2], [0.0, 1.0, -height / 2], [0.0, 0.0, 1.0]])
    centred = shift @ to_image
    focal = _focal(centred, width)
    if focal is None:
        return None
    flat = np.diag([1 / focal, 1 / focal, 1.0]) @ centred
    size = (np.linalg.norm(flat[:, 0]) + np.linalg.norm(flat[:, 1])) / 2
    flat = flat / size
    if flat[2, 2] < 0:
        # The ground's origin is before the camera, not behind it.
        flat = -flat
    normal = np.cross(flat[:, 0], flat[:, 1])
    rotation = np.column_stack([flat[:, 0], flat[:, 1], normal])
    camera_at = -rotation.T @ flat[:, 2]
    up = normal if camera_at[2] > 0 else -normal
    inner = np.linalg.inv(shift) @ np.diag([focal, focal, 1.0])
    projection: Matrix = inner @ np.column_stack([flat[:, 0], flat[:, 1], up, flat[:, 2]])
    return projection


def _focal(centred: Matrix, width: int) -> float | None:
    """The focal length that makes the two ground axes stand at right angles, None when it does not show."""
    a, b = centred[:, 0], centred[:, 1]
    depths = a[2] * b[2]
    if abs(depths) < 1e-12:
        return _focal_by_length(a, b, width)
    squared = -(a[0] * b[0] + a[1] * b[1]) / depths
    if squared <= 0 or not _FOCAL_LOW < math.sqrt(squared) / width < _FOCAL_HIGH:
        return _focal_by_length(a, b, width)
    return math.sqrt(squared)


def _focal_by_length(a: Matrix, b: Matrix, width: int) -> float | None:
    """The focal length that makes the two ground axes equally long."""
    depths = a[2] ** 2 - b[2] ** 2
    if abs(depths) < 1e-12:
        return None
    squared = float((b[0] ** 2 + b[1] ** 2 - a[0] ** 2 - a[1] ** 2) / depths)
    if squared <= 0 or not _FOCAL_LOW < math.sqrt(squared) / width < _FOCAL_HIGH:
        return None
    return math.sqrt(squared)
