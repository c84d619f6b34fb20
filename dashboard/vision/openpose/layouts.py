"""The bodies that part affinity fields describe, as data: which map is which point, which pair of fields
which limb, who is whose mirror image, and which points are COCO's."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from dashboard.vision.layouts import PointLayout

# Neck, shoulders and so on in the order of OpenPose's networks for COCO; the neck is not COCO's own.
COCO_18_POINTS: tuple[str, ...] = (
    *("nose", "neck", "right_shoulder", "right_elbow", "right_wrist"),
    *("left_shoulder", "left_elbow", "left_wrist", "right_hip", "right_knee", "right_ankle"),
    *("left_hip", "left_knee", "left_ankle", "right_eye", "left_eye", "right_ear", "left_ear"),
)
MPI_15_POINTS: tuple[str, ...] = (
    *("head", "neck", "right_shoulder", "right_elbow", "right_wrist"),
    *("left_shoulder", "left_elbow", "left_wrist", "right_hip", "right_knee", "right_ankle"),
    *("left_hip", "left_knee", "left_ankle", "chest"),
)


@dataclass(frozen=True)
class Limb:
    """Two points joined by an affinity field: `x` and `x + 1` are its channels. A `bridge` joins points that
    other limbs join already (ear to shoulder): it adds to a person and never makes two into one."""

    a: int
    b: int
    x: int
    bridge: bool = False


@dataclass(frozen=True)
class BodyLayout(PointLayout):
    """One network family's body. The maps are the points in order, then the background."""

    limbs: tuple[Limb, ...]

    @property
    def maps(self) -> int:
        """Key point maps, the background's included."""
        return len(self.points) + 1

    @property
    def fields(self) -> int:
        """Affinity channels: an x and a y a limb."""
        return 2 * len(self.limbs)

    @cached_property
    def mirror_maps(self) -> tuple[int, ...]:
        """For each map, the one that it becomes in a mirrored picture; the background stays."""
        return (*self.mirror, len(self.points))

    @cached_property
    def mirror_fields(self) -> tuple[int, ...]:
        """For each affinity channel, the one that it becomes in a mirrored picture; x changes its sign."""
        ends = {(limb.a, limb.b): limb.x for limb in self.limbs}
        order = [0] * self.fields
        for limb in self.limbs:
            partner = ends[self.mirror[limb.a], self.mirror[limb.b]]
            order[limb.x], order[limb.x + 1] = partner, partner + 1
        return tuple(order)


def _limbs(
    pairs: tuple[tuple[int, int], ...], channels: tuple[int, ...], bridges: tuple[tuple[int, int], ...] = ()
) -> tuple[Limb, ...]:
    return tuple(Limb(a, b, x, (a, b) in bridges) for (a, b), x in zip(pairs, channels, strict=True))


_COCO_PAIRS = (
    *((1, 2), (1, 5), (2, 3), (3, 4), (5, 6), (6, 7), (1, 8), (8, 9), (9, 10), (1, 11)),
    *((11, 12), (12, 13), (1, 0), (0, 14), (14, 16), (0, 15), (15, 17), (2, 16), (5, 17)),
)
# OpenPose's poseParameters.cpp, POSE_BODY_PART_PAIRS and POSE_MAP_INDEX of COCO; the Open Model Zoo's
# human-pose-estimation-0001 and tf-pose-estimation were trained on the same order.
COCO_18 = BodyLayout(
    "openpose-coco-18",
    COCO_18_POINTS,
    _limbs(
        _COCO_PAIRS,
        (12, 20, 14, 16, 22, 24, 0, 2, 4, 6, 8, 10, 28, 30, 34, 32, 36, 18, 26),
        ((2, 16), (5, 17)),
    ),
)
# poseParameters.cpp, MPI_15: fields in the order of the limbs.
MPI_15 = BodyLayout(
    "openpose-mpi-15",
    MPI_15_POINTS,
    _limbs(
        (
            *((0, 1), (1, 2), (2, 3), (3, 4), (1, 5), (5, 6), (6, 7)),
            *((1, 14), (14, 8), (8, 9), (9, 10), (14, 11), (11, 12), (12, 13)),
        ),
        tuple(range(0, 28, 2)),
    ),
)
LAYOUTS = {layout.name: layout for layout in (COCO_18, MPI_15)}
