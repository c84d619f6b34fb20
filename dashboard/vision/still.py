"""Skeletons in still pictures: no budget, so everything that helps is tried.

Every person whom a searcher proposes is looked at in several crops (the whole body, an upper body that
ends at the picture's edge, the pose detector's own crop, turned ones where upright ones fail), each
refined once by its own landmarks; the crop that fits best is looked at again, mirrored and at other
scales, and the answers' middle is taken.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from dashboard.geometry import iou
from dashboard.settings import VisionSettings
from dashboard.values import Detection, Floats, Image, Label, Pose
from dashboard.vision.blazepose import Crop, next_crop
from dashboard.vision.body import FLESH, plausible, stature
from dashboard.vision.findings import (
    Box,
    Finding,
    boxes_of,
    distinct,
    placed_by_tiles,
    skeleton_agreement,
)
from dashboard.vision.inspection import Inspection
from dashboard.vision.layouts import BLAZEPOSE, coco_from_blazepose
from dashboard.vision.models import Landmarks, VisionModels
from dashboard.vision.suppress import suppressed
from dashboard.vision.tiles import layout, tile_box

TILE_PARTS = (0.0, 1.0, 0.6, 0.35)
TILE_OVERLAP = 0.4
DETECTOR_PARTS = (0.6,)
DETECTOR_SCORE = 0.15
TILE_PRESENCE = 0.8
GOOD_FIT = 0.45
SCALES = (1.0, 0.9, 1.12, 1.25)
VISIBLE = 0.5
STRAY = 0.5


@dataclass(frozen=True, eq=False)
class Fit:
    """One look at a proposed person: `landmarks` and how well they suit the proposal, 0 to 1."""

    landmarks: Landmarks
    quality: float


class StillPose:
    """The `poolwatch` back end for whole pictures."""

    def __init__(self, models: VisionModels, settings: VisionSettings) -> None:
        self._models = models
        self._settings = settings

    def estimate(self, image: Image) -> list[Pose]:
        """People in a BGR picture, surest first."""
        return self.inspect(image).poses

    def inspect(self, image: Image) -> Inspection:
        """The same, with the boxes that were proposed and the crops that fitted best."""
        proposals = self.proposals(image)
        fits = self._fitted(image, proposals)
        held = [(p, f) for p, f in zip(proposals, fits, strict=True) if self._holds(p, f)]
        final = self._averaged(image, [fit.landmarks for _, fit in held])
        with_detector = self._models.detector is not None
        poses = [_pose(p, f, marks, with_detector) for (p, f), marks in zip(held, final, strict=True)]
        crops = [fit.landmarks.crop for _, fit in held]
        around = [_square(crop) for crop in crops]
        return Inspection(_one_each(poses), [p.box for p in proposals], around)

    def close(self) -> None:
        """Nothing is held but the models, which may be shared."""

    def _holds(self, proposal: Finding, fit: Fit) -> bool:
        """Whether the proposal is a person: a detector's box is taken at its word, with whatever skeleton
        suits it best; a tile's finding needs a sure skeleton."""
        if proposal.finder == "yolox":
            return fit.landmarks.presence > 0.02
        return fit.landmarks.presence >= TILE_PRESENCE and plausible(fit.landmarks.points)

    def proposals(self, image: Image) -> list[Finding]:
        """Everybody whom the whole-picture detector or any tile of a BGR picture proposes."""
        size_wh = (image.shape[1], image.shape[0])
        tiles = layout(size_wh, TILE_PARTS, TILE_OVERLAP)
        searches = [self._models.search.submit(image, tile) for tile in tiles]
        boxes = self._boxes(image)
        found = [one for search in searches for one in search.result(self._settings.tile_score)]
        people, strays = placed_by_tiles([Finding(b.xyxy, b.score, b.finder) for b in boxes], distinct(found))
        return [*people, *strays]

    def _boxes(self, image: Image) -> list[Detection]:
        """The detector's people: of the whole picture, and of parts of it for small ones."""
        if self._models.detector is None:
            return []
        size_wh = (image.shape[1], image.shape[0])
        parts = [(0.0, 0.0, float(size_wh[0]), float(size_wh[1]))]
        parts += [tile_box(tile, size_wh) for tile in layout(size_wh, DETECTOR_PARTS, TILE_OVERLAP)]
        runs = [(part, self._models.detector.submit(_cropped(image, part))) for part in parts]
        overlap = self._settings.detector_overlap
        people = [
            _shifted(found, part)
            for part, run in runs
            for found in run.result(DETECTOR_SCORE, overlap)
            if found.label is Label.PERSON and _whole(found.xyxy, part, size_wh)
        ]
        if not people:
            return []
        boxes = np.array([p.xyxy for p in people], np.float32)
        scores = np.array([p.score for p in people], np.float32)
        return [people[i] for i in suppressed(boxes, scores, overlap)]

    def _fitted(self, image: Image, proposals: Sequence[Finding]) -> list[Fit]:
        """For each proposal its best look; turned crops only where upright ones do not fit."""
        crops = [first_crops(p) for p in proposals]
        best = [chosen(fits) for fits in self._looks(image, proposals, crops)]
        poor = [i for i, fit in enumerate(best) if fit.quality < GOOD_FIT]
        turned = [[_turned(crops[i][0], k) for k in (1, 2, 3)] for i in poor]
        more = self._looks(image, [proposals[i] for i in poor], turned)
        for i, fits in zip(poor, more, strict=True):
            best[i] = max(best[i], chosen(fits), key=_quality)
        return best

    def _looks(
        self, image: Image, proposals: Sequence[Finding], crops: Sequence[Sequence[Crop]]
    ) -> list[list[Fit]]:
        """Each proposal's crops, each as it is and refined by its own landmarks."""
        flat = [crop for each in crops for crop in each]
        first = self._models.landmarks.run_all(image, flat)
        second = self._models.landmarks.run_all(image, [_refined(seen) for seen in first])
        looks: list[list[Fit]] = []
        start = 0
        for proposal, each in zip(proposals, crops, strict=True):
            mine = [*first[start : start + len(each)], *second[start : start + len(each)]]
            looks.append([Fit(seen, fit_quality(seen, proposal)) for seen in mine])
            start += len(each)
        return looks

    def _averaged(self, image: Image, people: Sequence[Landmarks]) -> list[Landmarks]:
        """Each person again: straight and mirrored, at several scales; the middle of what agrees."""
        crops = [
            (Crop(seen.crop.centre, seen.crop.side * scale, seen.crop.turn), mirror)
            for seen in people
            for scale in SCALES
            for mirror in (False, True)
        ]
        runs = [self._models.landmarks.submit(image, crop, mirror) for crop, mirror in crops]
        answers = [run.result() for run in runs]
        count = 2 * len(SCALES)
        return [middle_of(seen, answers[i * count : (i + 1) * count]) for i, seen in enumerate(people)]


def first_crops(proposal: Finding) -> list[Crop]:
    """Where to look for a proposed person first: the searcher's own crop where it has one; a box as a
    whole body, as a body bent or sitting, and as one that is cut off below the hips."""
    left, top, right, bottom = proposal.box
    middle, height, long_ = (left + right) / 2, bottom - top, max(right - left, bottom - top)
    if proposal.finder != "yolox" and proposal.crop is not None:
        return [proposal.crop]
    crops = [
        Crop((middle, (top + bottom) / 2), 1.3 * long_, 0.0),
        Crop((middle, top + 0.6 * height), 1.6 * long_, 0.0),
        Crop((middle, top + 0.95 * height), 2.4 * long_, 0.0),
    ]
    return crops if proposal.crop is None else [*crops, proposal.crop]


def visible_box(points: Floats) -> Box:
    """`xyxy` around the points (33 or more, 4) that the model calls visible, flesh included."""
    seen = points[:33, 3] >= VISIBLE
    shown = seen if seen.sum() >= 4 else np.ones(33, bool)
    margin = FLESH[shown, None] * stature(points)
    low = (points[:33, :2][shown] - margin).min(axis=0)
    high = (points[:33, :2][shown] + margin).max(axis=0)
    return float(low[0]), float(low[1]), float(high[0]), float(high[1])


def fit_quality(seen: Landmarks, proposal: Finding) -> float:
    """How well a skeleton suits a proposal, 0 to 1: presence times overlap with the detector's box times
    how sure the points are; a tile's proposal has no box of its own to suit."""
    sure = float(coco_from_blazepose(seen.points[:, [0, 1, 3]])[:, 2].mean())
    if proposal.finder != "yolox":
        return seen.presence * sure
    box = np.array([visible_box(seen.points)], np.float32)
    over = float(iou(box, boxes_of([proposal]))[0, 0])
    return seen.presence * over * (0.5 + 0.5 * sure)


def chosen(fits: Sequence[Fit]) -> Fit:
    """The look that suits the proposal best and that the other looks bear out."""
    weight = np.array([fit.quality for fit in fits]) + 1e-6
    alike = np.array(
        [[skeleton_agreement(a.landmarks.points, b.landmarks.points) for b in fits] for a in fits]
    )
    borne_out = alike @ weight / weight.sum()
    return fits[int(np.argmax(weight * (0.2 + borne_out)))]


def middle_of(seen: Landmarks, answers: Sequence[Landmarks]) -> Landmarks:
    """Each point's median over those answers that lie about where the first look lay."""
    agreed = [a for a in answers if skeleton_agreement(a.points, seen.points) > 0.2 and a.presence > 0.1]
    if not agreed:
        return seen
    points: Floats = np.median(np.stack([a.points for a in agreed]), axis=0)
    return Landmarks(seen.crop, points, float(np.median([a.presence for a in agreed])))


def _quality(fit: Fit) -> float:
    return fit.quality


def _refined(seen: Landmarks) -> Crop:
    """The crop that the landmarks ask for; the old one where they make no sense."""
    crop = next_crop(seen.points)
    return crop if 0.3 < crop.side / seen.crop.side < 3 else seen.crop


def _square(crop: Crop) -> Box:
    """The upright square around a crop that may be turned."""
    half = crop.side / 2 * (abs(math.sin(crop.turn)) + abs(math.cos(crop.turn)))
    (x, y) = crop.centre
    return x - half, y - half, x + half, y + half


def _turned(crop: Crop, quarters: int) -> Crop:
    return Crop(crop.centre, crop.side, crop.turn + quarters * math.pi / 2)


def _cropped(image: Image, part: Box) -> Image:
    left, top, right, bottom = (round(side) for side in part)
    return np.ascontiguousarray(image[top:bottom, left:right])


def _shifted(found: Detection, part: Box) -> Detection:
    x, y = round(part[0]), round(part[1])
    left, top, right, bottom = found.xyxy
    return Detection((left + x, top + y, right + x, bottom + y), found.score, found.label, found.finder)


def _whole(box: Box, part: Box, size_wh: tuple[int, int]) -> bool:
    """Whether a box found in a part of the picture is not cut off by the part's own edge."""
    inner = (part[0] > 0, part[1] > 0, part[2] < size_wh[0], part[3] < size_wh[1])
    width, height = part[2] - part[0], part[3] - part[1]
    near = (box[0] < 3, box[1] < 3, box[2] > width - 3, box[3] > height - 3)
    return not any(cut and touches for cut, touches in zip(inner, near, strict=True))


def _pose(proposal: Finding, fit: Fit, marks: Landmarks, with_detector: bool) -> Pose:
    """The answer for one person; a tile's finding that the detector does not share counts for less."""
    keypoints = coco_from_blazepose(marks.points[:, [0, 1, 3]])
    sure = float(keypoints[:, 2].mean())
    seen_by_both = 1.0 if proposal.finder == "yolox" or not with_detector else STRAY
    score = (
        seen_by_both * proposal.score * (0.5 + 0.5 * sure) * (0.3 + 0.7 * min(1.0, fit.quality / GOOD_FIT))
    )
    return Pose(keypoints, score, BLAZEPOSE, marks.points)


def _one_each(poses: Sequence[Pose]) -> list[Pose]:
    """One pose per person: the surest of those that lie alike."""
    kept: list[Pose] = []
    for pose in sorted(poses, key=lambda p: -p.score):
        if not any(_same(pose, other) for other in kept):
            kept.append(pose)
    return kept


def _same(a: Pose, b: Pose) -> bool:
    if a.native is None or b.native is None:
        return False
    alike = skeleton_agreement(a.native, b.native)
    boxes = np.array([visible_box(a.native), visible_box(b.native)], np.float32)
    return alike > 0.5 or (alike > 0.25 and float(iou(boxes[:1], boxes[1:])[0, 0]) > 0.5)
