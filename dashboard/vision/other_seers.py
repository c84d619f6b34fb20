"""Seeing with another pose back end: people come from it; the learnt background, animals and things, and the
redacted picture stay as they are with our own."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from dashboard.settings import Settings
from dashboard.values import Detection, Frame, Label, Pose, Track
from dashboard.vision.backends import PoseBackend
from dashboard.vision.background import Foreground
from dashboard.vision.blazepose import Found
from dashboard.vision.findings import Finding
from dashboard.vision.models import VisionModels
from dashboard.vision.outline import Box, person_box
from dashboard.vision.seer import Seer
from dashboard.vision.suppress import suppressed
from dashboard.vision.topdown.backend import TopDown

SAME_BOX = 0.8


class WholePictureSeer(Seer):
    """People from a back end that looks at the whole picture: no tile is searched, no crop looked at."""

    def __init__(self, models: VisionModels, settings: Settings, backend: PoseBackend, name: str) -> None:
        super().__init__(models, settings.vision)
        self._backend, self._name = backend, name

    @property
    def tiles_a_frame(self) -> int:
        """None: the back end finds people by itself."""
        return 0

    def _people(
        self,
        frame: Frame,
        boxes: Sequence[Detection],
        found: Sequence[Found],
        foreground: Foreground,
        known: Sequence[Track],
    ) -> list[Detection]:
        size_wh = (frame.image.shape[1], frame.image.shape[0])
        people = [_detection(pose, self._name, size_wh) for pose in self._backend.estimate(frame.image)]
        return [p for p in people if p is not None and p.score >= self._settings.report_score]


class CropSeer(Seer):
    """People from a network on each person's crop; whom to look at is found as our own seer finds it."""

    def __init__(self, models: VisionModels, settings: Settings, backend: TopDown, name: str) -> None:
        super().__init__(models, settings.vision)
        self._backend, self._name, self._least = backend, name, settings.topdown.live_score

    def _people(
        self,
        frame: Frame,
        boxes: Sequence[Detection],
        found: Sequence[Found],
        foreground: Foreground,
        known: Sequence[Track],
    ) -> list[Detection]:
        wanted = sorted(self._wanted(boxes, found, foreground, known, frame.t), key=self._urgency)
        some = wanted[: self.budget.landmarks]
        poses = self._backend.in_boxes(frame.image, [f.box for f in some], [1.0] * len(some))
        size_wh = (frame.image.shape[1], frame.image.shape[0])
        people = []
        for finding, pose in zip(some, poses, strict=True):
            if finding.track is not None:
                self._memory.tried(finding.track, frame.t, pose.score)
            person = self._judged_by(finding, pose, size_wh)
            if person is not None:
                people.append(person)
            elif finding.finder == "foreground":
                self._refused.note(finding.box, frame.t)
        unlooked = [f for f in wanted[self.budget.landmarks :] if f.finder == "yolox"]
        people += [Detection(_inside(f.box, size_wh), f.score, Label.PERSON, "yolox") for f in unlooked]
        return _one_each([p for p in people if p.score >= self._settings.report_score])

    def _judged_by(self, finding: Finding, pose: Pose, size_wh: tuple[int, int]) -> Detection | None:
        """A detector's box is taken at its word, surer with a sure skeleton; others need one."""
        if finding.finder == "yolox":
            score = 1 - (1 - finding.score) * (1 - 0.6 * pose.score)
            return Detection(_inside(finding.box, size_wh), score, Label.PERSON, "yolox", pose)
        if pose.score < self._least:
            return None
        person = _detection(pose, finding.finder, size_wh)
        if person is None:
            return None
        believed = finding.score if finding.finder == "tiles" else 1.0
        return Detection(person.xyxy, pose.score * believed, Label.PERSON, finding.finder, pose)


def other_seer(models: VisionModels, settings: Settings, backend: PoseBackend, name: str) -> Seer:
    """The seer for a back end that is not our own."""
    if isinstance(backend, TopDown):
        return CropSeer(models, settings, backend, name)
    return WholePictureSeer(models, settings, backend, name)


def _detection(pose: Pose, finder: str, size_wh: tuple[int, int]) -> Detection | None:
    """A skeleton as a finding: as sure as the points that it has."""
    box = person_box(pose.keypoints)
    if box is None:
        return None
    seen = pose.keypoints[:, 2] > 0
    sure = float(pose.keypoints[seen, 2].mean())
    return Detection(_inside(box, size_wh), min(1.0, sure), Label.PERSON, finder, pose)


def _inside(box: Box, size_wh: tuple[int, int]) -> Box:
    left, top, right, bottom = box
    return max(0.0, left), max(0.0, top), min(float(size_wh[0]), right), min(float(size_wh[1]), bottom)


def _one_each(people: Sequence[Detection]) -> list[Detection]:
    if not people:
        return []
    boxes = np.array([p.xyxy for p in people], np.float32)
    scores = np.array([p.score for p in people], np.float32)
    return [people[i] for i in suppressed(boxes, scores, SAME_BOX)]
