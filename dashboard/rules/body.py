"""What one finding of a person tells about their body: head, feet, size, whether they lie.

Lengths of segments as shares of the standing height: Drillis & Contini (1966), in Winter, Biomechanics
and Motor Control of Human Movement, 4th ed., figure 4.1.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dashboard.geometry import Point
from dashboard.settings import RuleSettings
from dashboard.values import Floats, Track

Box = tuple[float, float, float, float]

NOSE, EYES, EARS = 0, (1, 2), (3, 4)
HEAD, SHOULDERS, HIPS, KNEES, ANKLES = (0, 1, 2, 3, 4), (5, 6), (11, 12), (13, 14), (15, 16)
TRUNK_SHARE = 0.288
SHOULDERS_SHARE = 0.259
# Who is not known is taken for a child; a small body makes a pixel few millimetres and a reach long.
UNKNOWN_HEIGHT_M = 1.2
HEAD_AND_SHOULDERS_M = 0.6
# A skeleton this much older than the box belongs to another picture.
_POSE_AGE_S = 0.3


@dataclass(frozen=True, eq=False)
class Body:
    """One finding. `head` is the middle of head and shoulders where they are seen, `feet` the ankles
    or the box's lower side; `height_px` is at least 1; `pixels_per_m` errs to the large side;
    `lying` is None where it cannot be told; `upside_down`: the head is below the
    hips; `keypoints` (17, 3) or None."""

    xyxy: Box
    head: Point
    feet: Point
    feet_sure: bool
    hips_sure: bool
    height_px: float
    pixels_per_m: float
    lying: bool | None
    keypoints: Floats | None
    upside_down: bool = False


def body_of(track: Track, settings: RuleSettings) -> Body:
    """The body that a track's newest finding shows."""
    points = _fresh_keypoints(track)
    left, top, right, bottom = track.xyxy
    ankles = None if points is None else _mean(points, ANKLES, settings.ankle_score)
    hips = None if points is None else _mean(points, HIPS, settings.ankle_score)
    head = None if points is None else _mean(points, (*HEAD, *SHOULDERS), settings.head_score)
    return Body(
        xyxy=track.xyxy,
        head=head or ((left + right) / 2, top + min(0.15 * (bottom - top), 0.5 * (right - left))),
        feet=ankles or standing_point(track.xyxy),
        feet_sure=ankles is not None,
        hips_sure=hips is not None,
        height_px=max(bottom - top, right - left, 1.0),
        pixels_per_m=_pixels_per_m(track.xyxy, points, settings.ankle_score),
        lying=_lying(track.xyxy, points, settings.ankle_score),
        keypoints=points,
        upside_down=hips is not None and head is not None and head[1] > hips[1],
    )


def standing_point(xyxy: Box) -> Point:
    """Where a box touches the ground: the middle of the lower side; of a lying box its centre."""
    left, top, right, bottom = xyxy
    lying = right - left > bottom - top
    return (left + right) / 2, (top + bottom) / 2 if lying else bottom


def mean_point(keypoints: Floats, indices: tuple[int, ...], score: float) -> Point | None:
    """The middle of the named points that are at least this sure, None when none is."""
    return _mean(keypoints, indices, score)


def overlap(a: Box, b: Box) -> float:
    """Intersection over union of two boxes, 0 to 1."""
    width = min(a[2], b[2]) - max(a[0], b[0])
    height = min(a[3], b[3]) - max(a[1], b[1])
    common = max(width, 0.0) * max(height, 0.0)
    union = (a[2] - a[0]) * (a[3] - a[1]) + (b[2] - b[0]) * (b[3] - b[1]) - common
    return common / union if union > 0 else 0.0


def covered_share(inner: Box, outer: Box) -> float:
    """The share of `inner` that `outer` covers, 0 to 1."""
    width = min(inner[2], outer[2]) - max(inner[0], outer[0])
    height = min(inner[3], outer[3]) - max(inner[1], outer[1])
    size = (inner[2] - inner[0]) * (inner[3] - inner[1])
    return max(width, 0.0) * max(height, 0.0) / size if size > 0 else 0.0


def distance(a: Body, b: Body) -> float:
    """Pixels between two findings: by heads or by feet or by centres, whichever agree best, since a
    body that is partly hidden keeps one of them."""
    return min(_gap(a.head, b.head), _gap(a.feet, b.feet), _gap(_centre(a.xyxy), _centre(b.xyxy)))


def _fresh_keypoints(track: Track) -> Floats | None:
    if track.pose is None or track.pose_t is None or track.pose_t < track.seen_t - _POSE_AGE_S:
        return None
    return track.pose.keypoints


def _mean(keypoints: Floats, indices: tuple[int, ...], score: float) -> Point | None:
    rows: NDArray[np.float32] = keypoints[list(indices)]
    rows = rows[rows[:, 2] >= score]
    return (float(rows[:, 0].mean()), float(rows[:, 1].mean())) if len(rows) else None


def _pixels_per_m(xyxy: Box, keypoints: Floats | None, score: float) -> float:
    """Foreshortening only makes a segment look shorter, so the largest estimate counts."""
    longer = max(xyxy[2] - xyxy[0], xyxy[3] - xyxy[1], 1.0)
    if keypoints is None:
        return longer / HEAD_AND_SHOULDERS_M
    estimates = [longer / 1.9]
    shoulders, hips = _mean(keypoints, SHOULDERS, score), _mean(keypoints, HIPS, score)
    if shoulders and hips:
        estimates.append(_gap(shoulders, hips) / (TRUNK_SHARE * UNKNOWN_HEIGHT_M))
    if shoulders and all(keypoints[i, 2] >= score for i in SHOULDERS):
        a, b = (keypoints[i, :2] for i in SHOULDERS)
        estimates.append(float(np.hypot(*(a - b))) / (SHOULDERS_SHARE * UNKNOWN_HEIGHT_M))
    return min(max(estimates), longer / 0.3)


def _lying(xyxy: Box, keypoints: Floats | None, score: float) -> bool | None:
    """By the trunk where it is seen, over 60 degrees from upright; else by a box that is clearly wide."""
    width, height = xyxy[2] - xyxy[0], xyxy[3] - xyxy[1]
    shoulders = None if keypoints is None else _mean(keypoints, SHOULDERS, score)
    hips = None if keypoints is None else _mean(keypoints, HIPS, score)
    if shoulders and hips and _gap(shoulders, hips) > 0.15 * max(width, height):
        across, down = abs(shoulders[0] - hips[0]), abs(shoulders[1] - hips[1])
        return math.degrees(math.atan2(across, down)) > 60
    if width > 1.3 * height:
        return True
    return False if height > 1.3 * width else None


def _centre(xyxy: Box) -> Point:
    return (xyxy[0] + xyxy[2]) / 2, (xyxy[1] + xyxy[3]) / 2


def _gap(a: Point, b: Point) -> float:
    return math.hypot(a[0] - b[0], a[1] - b[1])
