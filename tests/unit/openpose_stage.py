"""Pages of maps made from known skeletons, as a perfect network would give them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from dashboard.values import Floats
from dashboard.vision.openpose.decoder import Page
from dashboard.vision.openpose.layouts import BodyLayout

SPREAD = 0.9  # cells: OpenPose was trained with a Gaussian of 7 pixels on cells of 8
LIMB_WIDTH = 1.0

# x, y in parts of the body's height around its middle, by name; right is the person's own.
STANDING = {
    "head": (0.0, -0.5),
    "nose": (0.0, -0.43),
    "right_eye": (-0.035, -0.46),
    "left_eye": (0.035, -0.46),
    "right_ear": (-0.07, -0.44),
    "left_ear": (0.07, -0.44),
    "neck": (0.0, -0.32),
    "chest": (0.0, -0.15),
    "right_shoulder": (-0.12, -0.32),
    "left_shoulder": (0.12, -0.32),
    "right_elbow": (-0.16, -0.16),
    "left_elbow": (0.16, -0.16),
    "right_wrist": (-0.17, -0.01),
    "left_wrist": (0.17, -0.01),
    "right_hip": (-0.08, 0.0),
    "left_hip": (0.08, 0.0),
    "right_knee": (-0.085, 0.24),
    "left_knee": (0.085, 0.24),
    "right_ankle": (-0.09, 0.47),
    "left_ankle": (0.09, 0.47),
}


def body(
    layout: BodyLayout,
    middle: tuple[float, float],
    height: float,
    missing: Sequence[str] = (),
    turn: float = 0.0,
) -> Floats:
    """(P, 3) of a standing person in cells, turned by `turn` radians; missing points have score 0."""
    points = np.array([STANDING[name] for name in layout.points]) * height
    cos, sin = np.cos(turn), np.sin(turn)
    points = points @ np.array([[cos, sin], [-sin, cos]]) + middle
    seen = [0.0 if name in missing else 1.0 for name in layout.points]
    return np.column_stack([points, seen]).astype(np.float32)


def page(layout: BodyLayout, bodies: Sequence[Floats], size_wh: tuple[int, int] = (80, 46)) -> Page:
    """The page with these people on it; what lies outside of it is not seen. One cell is one pixel."""
    width, height = size_wh
    rows, columns = np.mgrid[0:height, 0:width].astype(np.float32)
    maps = np.zeros((layout.maps, height, width), np.float32)
    fields = np.zeros((layout.fields, height, width), np.float32)
    count = np.zeros((len(layout.limbs), height, width), np.float32)
    for points in bodies:
        for part, (x, y, seen) in enumerate(points):
            if seen:
                hill = np.exp(-((columns - x) ** 2 + (rows - y) ** 2) / (2 * SPREAD**2))
                maps[part] = np.maximum(maps[part], hill)
        for index, limb in enumerate(layout.limbs):
            a, b = points[limb.a], points[limb.b]
            if a[2] and b[2]:
                _add_limb(fields[limb.x : limb.x + 2], count[index], (rows, columns), a[:2], b[:2])
    for index, limb in enumerate(layout.limbs):
        fields[limb.x : limb.x + 2] /= np.maximum(count[index], 1)
    maps[-1] = 1 - maps[:-1].max(axis=0)
    return Page(maps, fields, (1.0, 1.0), (0.0, 0.0))


def _add_limb(field: Floats, count: Floats, grid: tuple[Floats, Floats], a: Floats, b: Floats) -> None:
    rows, columns = grid
    length = float(np.hypot(*(b - a)))
    x, y = (b - a) / length
    along = (columns - a[0]) * x + (rows - a[1]) * y
    across = abs((columns - a[0]) * y - (rows - a[1]) * x)
    inside = (along >= -0.5) & (along <= length + 0.5) & (across <= LIMB_WIDTH)
    field[0] += inside * x
    field[1] += inside * y
    count += inside
