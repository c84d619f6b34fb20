"""The simple baseline as a pose back end: our own searchers' boxes, a network on each person's crop."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Protocol

import numpy as np

from dashboard.settings import TopDownSettings
from dashboard.values import Floats, Image, Pose
from dashboard.vision.findings import Finding
from dashboard.vision.inspection import Inspection, pasted
from dashboard.vision.runtime import Precision, Runtime, VisionError
from dashboard.vision.topdown.crops import Box
from dashboard.vision.topdown.network import Answer, CropNetwork, load_crop_network

MODEL_FILES = {"simple-baseline": "simple-baseline.onnx", "simcc": "simcc.onnx"}


class Proposes(Protocol):
    """A person detector: boxes of a BGR picture with a score each."""

    def proposals(self, image: Image) -> list[Finding]: ...


class TopDown:
    """Finds everybody in a picture top-down."""

    def __init__(self, people: Proposes, network: CropNetwork, settings: TopDownSettings) -> None:
        self._people, self._network, self._settings = people, network, settings

    def estimate(self, image: Image) -> list[Pose]:
        """People in a BGR picture, surest first; who was proposed twice is there once."""
        found = self._people.proposals(image)
        return distinct(self.in_boxes(image, [f.box for f in found], [f.score for f in found]))

    def inspect(self, image: Image) -> Inspection:
        """People in a BGR picture, with the boxes, the crops and each crop's heat maps."""
        found = self._people.proposals(image)
        answers = self.look(image, [f.box for f in found])
        poses = [self._pose(answer, f.score) for answer, f in zip(answers, found, strict=True)]
        crops = [answer.crop.xyxy for answer in answers]
        maps = [answer.maps for answer in answers if answer.maps is not None]
        size_wh = (image.shape[1], image.shape[0])
        whole = pasted(maps, crops, size_wh) if maps else None
        points = self._network.layout.points if whole is not None else ()
        return Inspection(distinct(poses), [f.box for f in found], crops, points, (), whole, None, 4.0, 1.5)

    def in_boxes(self, image: Image, boxes: Sequence[Box], scores: Sequence[float]) -> list[Pose]:
        """One pose a box, in their order."""
        answers = self.look(image, boxes)
        return [self._pose(answer, score) for answer, score in zip(answers, scores, strict=True)]

    def look(self, image: Image, boxes: Sequence[Box]) -> list[Answer]:
        """What the network says of each box."""
        return self._network.look(image, boxes, self._settings.flip)

    def proposals(self, image: Image) -> list[Finding]:
        """The detector's boxes."""
        return self._people.proposals(image)

    def _pose(self, answer: Answer, score: float) -> Pose:
        """Rescored as in the paper: the box's score times the mean of the points that are seen."""
        seen = answer.points[:, 2] > self._settings.in_vis_thre
        sure = float(answer.points[seen, 2].mean()) if seen.any() else 0.0
        layout = self._network.layout
        return Pose(layout.to_coco(answer.points), score * sure, layout.name, answer.points)

    def close(self) -> None:
        """Nothing is held but the models."""


def distinct(poses: Sequence[Pose], oks_thre: float = 0.9) -> list[Pose]:
    """Surest first, without those whose keypoints coincide with a surer one's: the paper's suppression by
    OKS."""
    kept: list[Pose] = []
    for pose in sorted(poses, key=lambda p: -p.score):
        if all(_alike(pose.keypoints, other.keypoints) <= oks_thre for other in kept):
            kept.append(pose)
    return kept


# Lin et al. 2014: the spread of people's own labels, per keypoint
_SPREAD = np.array([26, 25, 25, 35, 35, 79, 79, 72, 72, 62, 62, 107, 107, 87, 87, 89, 89]) / 1000


def _alike(a: Floats, b: Floats) -> float:
    """COCO's similarity of two people, the area taken from their extents."""
    area = (float(np.ptp(a[:, :2], axis=0).prod()) + float(np.ptp(b[:, :2], axis=0).prod())) / 2
    apart = ((a[:, :2] - b[:, :2]) ** 2).sum(axis=1)
    return float(np.exp(-apart / (2 * max(area, 1.0) * (2 * _SPREAD) ** 2)).mean())


def load_top_down(
    name: str,
    files: Mapping[str, Path],
    threads: int,
    people: Proposes,
    settings: TopDownSettings,
    precision: Precision = Precision.EXACT,
) -> TopDown:
    """`simple-baseline` or `simcc` from installed files. VisionError names what is missing."""
    file = MODEL_FILES[name]
    if file not in files:
        how = f"python -m dashboard models install {name} --from FILE.onnx"
        raise VisionError(f"no network is installed for {name} ({how})")
    network = load_crop_network(Runtime(threads, precision), files[file])
    return TopDown(people, network, settings)
