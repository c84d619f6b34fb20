"""What one finding of a person tells about their body: head, feet, size, whether they lie.

Lengths of segments as shares of the standing height: Drillis & Contini (1966), in Winter, Biomechanics
and Motor Control of Human Movement, 4th ed., figure 4.1.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TypeAlias

from dashboard import geometry
from dashboard.geometry import Point
from dashboard.settings import RuleSettings
from dashboard.values import Track

# 17 key points in COCO order: x, y, score. Plain numbers: with so few of them arrays are slower.
Points: TypeAlias = tuple[tuple[float, float, float], ...]
Box = tuple[float, float, float, float]

NOSE, EYES, EARS = 0, (1, 2), (3, 4)
HEAD, SHOULDERS, HIPS, KNEES, ANKLES = (0, 1, 2, 3, 4), (5, 6), (11, 12), (13, 14), (15, 16)
TRUNK_SHARE = 0.288
SHOULDERS_SHARE = 0.259
# Who is not known is taken for a child; a small body makes a pixel few millimetres and a reach long.
UNKNOWN_HEIGHT_M = 1.2
HEAD_AND_SHOULDERS_M = 0.6
TALL_M = 1.9
HEAD_M = 0.3
# In the larger head's length, between the centres.
_ONE_HEAD = 0.3
# A skeleton this much older than the box belongs to another picture.
_POSE_AGE_S = 0.3
_CLEARLY, _TRUNK_SEEN, _LYING_DEG = 1.3, 0.15, 60.0


@dataclass(frozen=True, eq=False)
class Body:
    """One finding. `head` is the middle of head and shoulders where they are seen, `feet` the ankles
    or the box's lower side; `height_px` is at least 1; `pixels_per_m` errs to the large side;
    `lying` is None where it cannot be told; `upside_down`: the head is below the
    hips; `points` are the skeleton's, or None; `head_xyxy` is the head where it was seen, else None."""

    xyxy: Box
    head: Point
    feet: Point
    feet_sure: bool
    hips_sure: bool
    height_px: float
    pixels_per_m: float
    lying: bool | None
    points: Points | None
    upside_down: bool = False
    head_xyxy: Box | None = None


def body_of(track: Track, settings: RuleSettings) -> Body:
    """The body that a track's newest finding shows."""
    points = _fresh_points(track)
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
        points=points,
        upside_down=hips is not None and head is not None and head[1] > hips[1],
        head_xyxy=track.head,
    )


def body_at(body: Body, xyxy: Box) -> Body:
    """The same body moved so that its box is about `xyxy`."""
    dx = (xyxy[0] + xyxy[2] - body.xyxy[0] - body.xyxy[2]) / 2
    dy = (xyxy[1] + xyxy[3] - body.xyxy[1] - body.xyxy[3]) / 2
    left, top, right, bottom = body.xyxy
    return replace(
        body,
        xyxy=(left + dx, top + dy, right + dx, bottom + dy),
        head=(body.head[0] + dx, body.head[1] + dy),
        feet=(body.feet[0] + dx, body.feet[1] + dy),
        points=None,
        head_xyxy=None,
    )


def standing_point(xyxy: Box) -> Point:
    """Where a box touches the ground: the middle of the lower side; of a lying box its centre."""
    left, top, right, bottom = xyxy
    lying = right - left > bottom - top
    return (left + right) / 2, (top + bottom) / 2 if lying else bottom


def mean_point(points: Points, indices: tuple[int, ...], score: float) -> Point | None:
    """The middle of the named points that are at least this sure, None when none is."""
    return _mean(points, indices, score)


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


def two_heads(a: Body, b: Body) -> bool:
    """Whether two findings surely are two people: both heads were seen, well over a head's length apart. Arms
    and legs of two who swim side by side share a box; heads do not."""
    return geometry.two_heads(a.head_xyxy, b.head_xyxy)


def one_head(a: Body, b: Body) -> bool:
    """Whether two findings surely show one head, wherever their boxes lie: what the two take for the body may
    be one's legs, or somebody under water."""
    return geometry.one_head(a.head_xyxy, b.head_xyxy, _ONE_HEAD)


def _fresh_points(track: Track) -> Points | None:
    if track.pose is None or track.pose_t is None or track.pose_t < track.seen_t - _POSE_AGE_S:
        return None
    return tuple((x, y, score) for x, y, score in track.pose.keypoints.tolist())


def _mean(points: Points, indices: tuple[int, ...], score: float) -> Point | None:
    sure = [points[i] for i in indices if points[i][2] >= score]
    return (sum(p[0] for p in sure) / len(sure), sum(p[1] for p in sure) / len(sure)) if sure else None


def _pixels_per_m(xyxy: Box, points: Points | None, score: float) -> float:
    """Foreshortening only makes a segment look shorter, so the largest estimate counts."""
    longer = max(xyxy[2] - xyxy[0], xyxy[3] - xyxy[1], 1.0)
    if points is None:
        return longer / HEAD_AND_SHOULDERS_M
    estimates = [longer / TALL_M]
    shoulders, hips = _mean(points, SHOULDERS, score), _mean(points, HIPS, score)
    if shoulders and hips:
        estimates.append(_gap(shoulders, hips) / (TRUNK_SHARE * UNKNOWN_HEIGHT_M))
    left, right = (points[i] for i in SHOULDERS)
    if min(left[2], right[2]) >= score:
        across = math.hypot(left[0] - right[0], left[1] - right[1])
        estimates.append(across / (SHOULDERS_SHARE * UNKNOWN_HEIGHT_M))
    return min(max(estimates), longer / HEAD_M)


def _lying(xyxy: Box, points: Points | None, score: float) -> bool | None:
    """A box that is clearly wide is never a standing body; else the trunk tells where it is seen, over 60
    degrees from upright; else a box that is clearly tall stands."""
    width, height = xyxy[2] - xyxy[0], xyxy[3] - xyxy[1]
    if width > _CLEARLY * height:
        return True
    shoulders = None if points is None else _mean(points, SHOULDERS, score)
    hips = None if points is None else _mean(points, HIPS, score)
    if shoulders and hips and _gap(shoulders, hips) > _TRUNK_SEEN * max(width, height):
        across, down = abs(shoulders[0] - hips[0]), abs(shoulders[1] - hips[1])
        return math.degrees(math.atan2(across, down)) > _LYING_DEG
    return False if height > _CLEARLY * width else None


def _centre(xyxy: Box) -> Point:
    return (xyxy[0] + xyxy[2]) / 2, (xyxy[1] + xyxy[3]) / 2


def _gap(a: Point, b: Point) -> float:
    return math.hypot(a[0] - b[0], a[1] - b[1])
