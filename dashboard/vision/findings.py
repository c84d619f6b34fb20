"""Findings of several searchers made into one finding per person: pure functions over small values."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from dashboard.geometry import area, iou, one_head
from dashboard.values import Detection, Floats, Label, Pose, Track
from dashboard.vision.blazepose import Crop, Found, next_crop
from dashboard.vision.body import crop_of_box, stature
from dashboard.vision.layouts import BLAZEPOSE, coco_from_blazepose
from dashboard.vision.models import Landmarks

Box = tuple[float, float, float, float]
# Nose, eyes and ears; their score, from which on they are no guess; a head's height, in statures.
_FACE, _SURE = [0, 2, 5, 7, 8], 0.3
HEAD_STATURE = 0.13
# Two findings' heads that are so near, in the larger one's length, are one.
ONE_HEAD = 0.5


@dataclass(frozen=True, eq=False)
class Finding:
    """What is known of one person in one frame while searchers are fused. `crop` is where the landmark
    model should look, `track` the known track that this finding follows, `head` the head's box."""

    box: Box
    score: float
    finder: str
    crop: Crop | None = None
    landmarks: Landmarks | None = None
    track: int | None = None
    head: Box | None = None


def boxes_of(findings: Sequence[Finding]) -> Floats:
    """(N, 4) boxes."""
    return np.array([finding.box for finding in findings], np.float32).reshape(-1, 4)


def containment(a: Floats, b: Floats) -> Floats:
    """Overlap of each pair in parts of the smaller box: (N, 4), (M, 4) -> (N, M)."""
    left_top = np.maximum(a[:, None, :2], b[None, :, :2])
    right_bottom = np.minimum(a[:, None, 2:4], b[None, :, 2:4])
    overlap = np.prod(np.clip(right_bottom - left_top, 0, None), axis=2)
    least = np.minimum(area(a)[:, None], area(b)[None, :])
    parts: Floats = np.divide(overlap, least, out=np.zeros_like(overlap), where=least > 0)
    return parts


def pairs(agreement: Floats, least: float) -> list[tuple[int, int]]:
    """One-to-one pairs (row, column), best first, that agree by at least `least`: (N, M) ->."""
    left = agreement.copy()
    found = []
    while left.size and left.max() >= least:
        row, column = (int(i) for i in np.unravel_index(int(left.argmax()), left.shape))
        found.append((row, column))
        left[row, :] = -1
        left[:, column] = -1
    return found


def skeleton_agreement(a: Floats, b: Floats) -> float:
    """How alike two skeletons (33 or more, 2 or more) lie, 0 to 1: the mean over shoulders, hips, knees
    and ankles of a Gaussian of their distance, a tenth of the smaller stature wide."""
    joints = [11, 12, 23, 24, 25, 26, 27, 28]
    width = 0.1 * max(1.0, min(stature(a), stature(b)))
    apart = np.hypot(*(a[joints, :2] - b[joints, :2]).T)
    return float(np.exp(-(apart**2) / (2 * width**2)).mean())


def same_person(a: Finding, b: Finding, over: float) -> bool:
    """Whether two findings whose boxes overlap by `over` (IoU) are one person: one head, skeletons that lie
    alike, or boxes that nearly coincide where one has no skeleton. In water the rest of the body is guessed,
    each time anew; the head is seen."""
    if a.landmarks is None or b.landmarks is None:
        return over > 0.55
    if one_head(head_of(a.landmarks.points), head_of(b.landmarks.points), ONE_HEAD):
        return True
    alike = skeleton_agreement(a.landmarks.points, b.landmarks.points)
    return alike > 0.5 or (over > 0.3 and alike > 0.3) or over > 0.8


def without_doubles(findings: Sequence[Finding]) -> list[Finding]:
    """One finding per person: the surest stays."""
    order = sorted(findings, key=lambda f: -f.score)
    over = iou(boxes_of(order), boxes_of(order))
    kept: list[int] = []
    for i, finding in enumerate(order):
        if not any(over[i, j] > 0 and same_person(finding, order[j], float(over[i, j])) for j in kept):
            kept.append(i)
    return [order[i] for i in kept]


def crops_of(findings: Sequence[Finding]) -> list[Crop]:
    """Where the landmark model should look for each."""
    return [f.crop if f.crop is not None else crop_of_box(f.box) for f in findings]


def distinct(found: Sequence[Found]) -> list[Finding]:
    """Tiles' findings without doubles from overlapping tiles: the surest of those whose hips and reach
    are nearly the same."""
    kept: list[tuple[Found, Crop]] = []
    for one in sorted(found, key=lambda f: -f.score):
        crop = one.crop()
        if all(not same_place(crop, other) for _, other in kept):
            kept.append((one, crop))
    return [Finding(crop_box(crop), one.score, "tiles", crop) for one, crop in kept]


def same_place(a: Crop, b: Crop) -> bool:
    """Whether two crops show the same person."""
    apart = float(np.hypot(a.centre[0] - b.centre[0], a.centre[1] - b.centre[1]))
    small, large = sorted((a.side, b.side))
    return apart < 0.12 * large and small > 0.6 * large


def crop_box(crop: Crop) -> Box:
    """A body's box guessed from its crop: the body reaches 0.8 of the crop along it, 0.34 across."""
    along, across = 0.4 * crop.side, 0.17 * crop.side
    sin, cos = abs(np.sin(crop.turn)), abs(np.cos(crop.turn))
    x, y = float(across * cos + along * sin), float(along * cos + across * sin)
    return crop.centre[0] - x, crop.centre[1] - y, crop.centre[0] + x, crop.centre[1] + y


def placed_by_tiles(people: list[Finding], found: list[Finding]) -> tuple[list[Finding], list[Finding]]:
    """Tiles' findings given to the detector's boxes that they lie in: the box gets the tile's crop.
    Returns the boxes, and the findings that are no box's."""
    inside = containment(boxes_of(people), boxes_of(found)) > 0.5
    placed, used = list(people), set()
    for row, column in pairs(iou(boxes_of(people), boxes_of(found)) * inside, 0.25):
        placed[row] = replace(people[row], crop=found[column].crop)
        used.add(column)
    return placed, [f for i, f in enumerate(found) if i not in used]


def matched(findings: Sequence[Finding], known: Sequence[Track], t: float) -> list[Finding]:
    """The findings, each with the known track that it best overlaps, if any; a finding without a crop of
    its own gets the track's last one, moved to it."""
    boxes = np.array([track.xyxy for track in known], np.float32).reshape(-1, 4)
    joined = list(findings)
    for row, column in pairs(iou(boxes_of(findings), boxes), 0.3):
        joined[row] = replace(findings[row], track=known[column].id)
    return joined


def follow(track: Track, t: float) -> Finding:
    """A known person whom no searcher saw in this frame: where their own landmarks should be at `t`."""
    if track.pose is None or track.pose.native is None:
        return Finding(track.xyxy, 0.0, "follow", crop_of_box(track.xyxy), None, track.id)
    since_s = 0.0 if track.pose_t is None else t - track.pose_t
    moved = (track.velocity[0] * since_s, track.velocity[1] * since_s)
    return Finding(track.xyxy, 0.0, "follow", next_crop(track.pose.native).moved(moved), None, track.id)


def pose_of(landmarks: Landmarks) -> Pose:
    """The skeleton as the rest of the program knows it, with all 39 points behind it."""
    native = landmarks.points
    return Pose(coco_from_blazepose(native[:, [0, 1, 3]]), landmarks.presence, BLAZEPOSE, native)


def detection_of(finding: Finding, size_wh: tuple[int, int]) -> Detection:
    """The finding as a detection, its box cut to the picture."""
    left, top, right, bottom = finding.box
    box = (max(0.0, left), max(0.0, top), min(float(size_wh[0]), right), min(float(size_wh[1]), bottom))
    pose = pose_of(finding.landmarks) if finding.landmarks is not None else None
    head = finding.head if finding.landmarks is None else head_of(finding.landmarks.points)
    return Detection(box, finding.score, Label.PERSON, finding.finder, pose, head=head)


def head_of(points: Floats) -> Box | None:
    """The head's box from a skeleton's points (33 or more, 4), None where no point of the face is sure."""
    face = points[_FACE][points[_FACE, 3] >= _SURE]
    if not len(face):
        return None
    (x, y), half = face[:, :2].mean(axis=0).tolist(), 0.5 * HEAD_STATURE * stature(points)
    return x - half, y - half, x + half, y + half
