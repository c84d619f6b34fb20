"""Two back ends on one still picture: OpenPose's points where it finds them, our landmarks where it does not.

OpenPose was trained on COCO's labels and marks points as they do; our landmarks guess hidden points, and our
searchers find people whom it misses.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from dashboard.values import Floats, Image, Pose
from dashboard.vision.inspection import Inspection
from dashboard.vision.openpose.backend import OpenPose
from dashboard.vision.still import StillPose

ALIKE = 0.3
NEAR = 0.1  # of the larger extent
SEEN = 0.05
FOUND = 0.1  # OpenPose's own nms_threshold
GUESSED = 0.5  # what one back end alone says counts for so much


class Together:
    """The `poolwatch` back end for still pictures where OpenPose's weights are installed too."""

    def __init__(self, own: StillPose, other: OpenPose) -> None:
        self._own, self._other = own, other

    def estimate(self, image: Image) -> list[Pose]:
        """People in a BGR picture, surest first."""
        return self.inspect(image).poses

    def inspect(self, image: Image) -> Inspection:
        """The same, with our boxes and crops and OpenPose's maps and fields."""
        own, other = self._own.inspect(image), self._other.inspect(image)
        poses = joined(own.poses, other.poses)
        return replace(other, poses=poses, boxes=own.boxes, crops=own.crops)

    def close(self) -> None:
        """Nothing is held but the models."""


def joined(own: Sequence[Pose], other: Sequence[Pose]) -> list[Pose]:
    """One pose a person, surest first: who is found by both gets the points of both."""
    agreement = np.array([[alike(a.keypoints, b.keypoints) for b in other] for a in own], np.float32)
    poses, mine, theirs = [], set(range(len(own))), set(range(len(other)))
    while agreement.size and agreement.max() >= ALIKE:
        i, j = (int(k) for k in np.unravel_index(int(agreement.argmax()), agreement.shape))
        poses.append(_both(own[i], other[j]))
        mine.discard(i)
        theirs.discard(j)
        agreement[i], agreement[:, j] = -1, -1
    poses += [replace(own[i], score=own[i].score * GUESSED) for i in mine]
    poses += [other[j] for j in theirs]
    return sorted(poses, key=lambda pose: -pose.score)


def alike(a: Floats, b: Floats) -> float:
    """How alike two skeletons (17, 3) lie, 0 to 1, over points that both have; 0 with fewer than three."""
    both = (a[:, 2] > SEEN) & (b[:, 2] > SEEN)
    if both.sum() < 3:
        return 0.0
    size = max(float(np.ptp(points[both, :2], axis=0).max()) for points in (a, b))
    apart = ((a[both, :2] - b[both, :2]) ** 2).sum(axis=1)
    return float(np.exp(-apart / (2 * (NEAR * max(size, 8.0)) ** 2)).mean())


def _both(own: Pose, other: Pose) -> Pose:
    keypoints = own.keypoints.copy()
    keypoints[:, 2] *= GUESSED
    found = other.keypoints[:, 2] > FOUND
    keypoints[found] = other.keypoints[found]
    return Pose(keypoints, 1 - (1 - own.score) * (1 - other.score), own.layout, own.native)
