"""Findings of several searchers made into one finding per person: pure functions over small values."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from dashboard.geometry import area, iou
from dashboard.values import Detection, Floats, Label, Pose
from dashboard.vision.blazepose import Crop
from dashboard.vision.body import body_box, stature
from dashboard.vision.layouts import BLAZEPOSE, coco_from_blazepose
from dashboard.vision.models import Landmarks

Box = tuple[float, float, float, float]


@dataclass(frozen=True, eq=False)
class Finding:
    """What is known of one person in one frame while searchers are fused. `crop` is where the landmark
    model should look, `track` the known track that this finding follows."""

    box: Box
    score: float
    finder: str
    crop: Crop | None = None
    landmarks: Landmarks | None = None
    track: int | None = None


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


def same_person(a: Finding, b: Finding) -> bool:
    """Whether two findings are one person: skeletons that lie alike, or boxes that nearly coincide where
    one has no skeleton."""
    pair = np.array([a.box, b.box], np.float32)
    over = float(iou(pair[:1], pair[1:])[0, 0])
    if a.landmarks is None or b.landmarks is None:
        return over > 0.55
    alike = skeleton_agreement(a.landmarks.points, b.landmarks.points)
    return alike > 0.5 or (over > 0.3 and alike > 0.3) or over > 0.8


def without_doubles(findings: Sequence[Finding]) -> list[Finding]:
    """One finding per person: the surest stays."""
    kept: list[Finding] = []
    for finding in sorted(findings, key=lambda f: -f.score):
        if not any(same_person(finding, other) for other in kept):
            kept.append(finding)
    return kept


def with_landmarks(finding: Finding, landmarks: Landmarks) -> Finding:
    """The finding with its skeleton; a box that only a skeleton tells of is the skeleton's."""
    box = body_box(landmarks.points) if finding.finder != "yolox" else finding.box
    return replace(finding, landmarks=landmarks, box=box)


def pose_of(landmarks: Landmarks) -> Pose:
    """The skeleton as the rest of the program knows it, with all 39 points behind it."""
    native = landmarks.points
    return Pose(coco_from_blazepose(native[:, [0, 1, 3]]), landmarks.presence, BLAZEPOSE, native)


def detection_of(finding: Finding, size_wh: tuple[int, int]) -> Detection:
    """The finding as a detection, its box cut to the picture."""
    left, top, right, bottom = finding.box
    box = (max(0.0, left), max(0.0, top), min(float(size_wh[0]), right), min(float(size_wh[1]), bottom))
    pose = pose_of(finding.landmarks) if finding.landmarks is not None else None
    return Detection(box, finding.score, Label.PERSON, finding.finder, pose)
