"""The last second of one person's key points as the classifier gets it: 30 frames at 30 a second.

Where less than a second is known the window's first frames are marked as unknown; they hold the first known
frame. Nothing is ever taken from later than the moment that is judged.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from dashboard.values import Floats

FRAMES = 30
RATE_HZ = 30.0
LEAST_FRAMES = 6
JOINTS = 17
# What left and right become in a mirror, by COCO's order.
MIRROR = (0, 2, 1, 4, 3, 6, 5, 8, 7, 10, 9, 12, 11, 14, 13, 16, 15)

Bools: TypeAlias = NDArray[np.bool_]
Array: TypeAlias = NDArray[Any]


@dataclass(frozen=True, eq=False)
class Windows:
    """`points` (N, 30, 17, 3) float32: x and y in any one scale, score 0 to 1; the last frame is the moment
    that is judged. `known` (N, 30): which frames there were."""

    points: Floats
    known: Bools

    def __len__(self) -> int:
        return len(self.points)

    def __getitem__(self, some: slice) -> Windows:
        return Windows(self.points[some], self.known[some])


def clip_windows(clip: Floats, stride: int = 1) -> Windows:
    """The windows of a clip (F, 17, 3) at 30 frames a second: one for every `stride`-th frame from the
    sixth on, none for a shorter clip."""
    ends = np.arange(LEAST_FRAMES - 1, len(clip), stride)
    frames = ends[:, None] + np.arange(1 - FRAMES, 1)
    return Windows(
        np.asarray(clip[np.maximum(frames, 0)], np.float32).reshape(-1, FRAMES, JOINTS, 3), frames >= 0
    )


def window_at(times: Sequence[float], points: Sequence[Floats], t: float) -> Windows:
    """The one window that ends at `t`, from frames (17, 3) at increasing `times` in seconds, at whatever rate
    a camera gives them; between two of them the points move evenly. At least one frame up to `t`."""
    wanted = t - np.arange(FRAMES - 1, -1, -1) / RATE_HZ
    stamps = np.asarray(times, float)
    after = np.clip(np.searchsorted(stamps, wanted, side="left"), 0, len(stamps) - 1)
    before = np.maximum(after - 1, 0)
    gap = stamps[after] - stamps[before]
    share = np.clip(np.divide(wanted - stamps[before], gap, out=np.ones_like(gap), where=gap > 0), 0.0, 1.0)
    frames = np.stack(points)
    moved = frames[before] + (frames[after] - frames[before]) * share[:, None, None]
    known = wanted >= stamps[0] - 0.5 / RATE_HZ
    return Windows(moved.astype(np.float32)[None], known[None])


def joined(parts: Sequence[Windows]) -> Windows:
    """Several people's windows as one batch."""
    return Windows(np.concatenate([p.points for p in parts]), np.concatenate([p.known for p in parts]))


def mirrored(windows: Windows) -> Windows:
    """The windows as a mirror beside the person shows them: left is right."""
    points = windows.points[:, :, list(MIRROR)].copy()
    points[..., 0] *= -1
    return Windows(points, windows.known)


def unscored(windows: Windows) -> Windows:
    """The windows with every point as sure as the next: what "sure" means is each pose model's own."""
    points = windows.points.copy()
    points[..., 2] = 1.0
    return Windows(points, windows.known)


def centred(windows: Windows) -> Floats:
    """The windows' points with the person's mean place as zero and the body's spread as one: the root mean
    square distance of the points from their middle, each weighed by its score. (N, 30, 17, 3)."""
    xy = windows.points[..., :2]
    weight = np.clip(windows.points[..., 2], 0.02, 1.0) * windows.known[..., None]
    per_frame = weight.sum(2, keepdims=True) + 1e-6
    middle = (xy * weight[..., None]).sum(2, keepdims=True) / per_frame[..., None]
    squares = (((xy - middle) ** 2).sum(-1) * weight).sum((1, 2))
    whole = weight.sum((1, 2)) + 1e-6
    spread = np.sqrt(squares / whole) + 1e-3
    place = (xy * weight[..., None]).sum((1, 2)) / whole[:, None]
    found = np.concatenate(
        [(xy - place[:, None, None]) / spread[:, None, None, None], windows.points[..., 2:]], -1
    )
    return np.asarray(found, np.float32)
