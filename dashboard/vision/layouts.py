"""Names of skeleton points and the ways from one layout to another."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from dashboard.values import COCO_KEYPOINTS, Floats

# MediaPipe's pose landmark model, in its own order; two more points (33: centre of the hips, 34: a point
# whose distance from it is the reach of the body) follow and serve to place the next crop.
BLAZEPOSE_33: tuple[str, ...] = (
    "nose",
    "left_eye_inner",
    "left_eye",
    "left_eye_outer",
    "right_eye_inner",
    "right_eye",
    "right_eye_outer",
    "left_ear",
    "right_ear",
    "mouth_left",
    "mouth_right",
    "left_shoulder",
    "right_shoulder",
    "left_elbow",
    "right_elbow",
    "left_wrist",
    "right_wrist",
    "left_pinky",
    "right_pinky",
    "left_index",
    "right_index",
    "left_thumb",
    "right_thumb",
    "left_hip",
    "right_hip",
    "left_knee",
    "right_knee",
    "left_ankle",
    "right_ankle",
    "left_heel",
    "right_heel",
    "left_foot_index",
    "right_foot_index",
)
BLAZEPOSE = "blazepose-33"
HIP_CENTRE, BODY_SCALE = 33, 34

# For each COCO-17 point, the BlazePose point of the same name.
COCO_FROM_BLAZEPOSE: tuple[int, ...] = (0, 2, 5, 7, 8, 11, 12, 13, 14, 15, 16, 23, 24, 25, 26, 27, 28)

# For each BlazePose point, its partner on the other side; a mirrored picture swaps them.
BLAZEPOSE_MIRROR: tuple[int, ...] = (
    *(0, 4, 5, 6, 1, 2, 3, 8, 7, 10, 9),
    *(12, 11, 14, 13, 16, 15, 18, 17, 20, 19, 22, 21),
    *(24, 23, 26, 25, 28, 27, 30, 29, 32, 31),
)


def coco_from_blazepose(points: Floats) -> Floats:
    """COCO-17 from BlazePose points: (33 or more, 3 or more) x, y, score first -> (17, 3)."""
    return np.ascontiguousarray(points[list(COCO_FROM_BLAZEPOSE), :3], dtype=np.float32)


@dataclass(frozen=True)
class PointLayout:
    """The points of a back end, in its order; points of one name are one thing in every layout."""

    name: str
    points: tuple[str, ...]

    @cached_property
    def mirror(self) -> tuple[int, ...]:
        """For each point, the one that it becomes in a mirrored picture."""
        return tuple(self.points.index(_other_side(name)) for name in self.points)

    @cached_property
    def coco(self) -> tuple[tuple[int, int], ...]:
        """(COCO-17 point, own point) for every point that both have."""
        return tuple((COCO_KEYPOINTS.index(n), i) for i, n in enumerate(self.points) if n in COCO_KEYPOINTS)

    def to_coco(self, points: Floats) -> Floats:
        """(P, 3) x, y, score in this layout -> (17, 3); points that the layout lacks have score 0."""
        keypoints = np.zeros((len(COCO_KEYPOINTS), 3), np.float32)
        for theirs, own in self.coco:
            keypoints[theirs] = points[own]
        return keypoints


def _other_side(name: str) -> str:
    if name.startswith("left_"):
        return "right_" + name.removeprefix("left_")
    return "left_" + name.removeprefix("right_") if name.startswith("right_") else name


COCO_17 = PointLayout("coco-17", COCO_KEYPOINTS)
# The order of the MPII Human Pose annotations.
MPII_16 = PointLayout(
    "mpii-16",
    (
        *("right_ankle", "right_knee", "right_hip", "left_hip", "left_knee", "left_ankle"),
        *("pelvis", "thorax", "upper_neck", "head_top"),
        *("right_wrist", "right_elbow", "right_shoulder", "left_shoulder", "left_elbow", "left_wrist"),
    ),
)
# COCO's points first, then Halpe's own; RTMPose's body models of 26 points.
HALPE_26 = PointLayout(
    "halpe-26",
    (
        *COCO_KEYPOINTS,
        *("head", "neck", "hip", "left_big_toe", "right_big_toe", "left_small_toe", "right_small_toe"),
        *("left_heel", "right_heel"),
    ),
)
