"""Seeing one camera: two searchers, one landmark crop per person, a learnt background, a fixed budget.

The order of a frame: the background says what is unexplained; the whole-picture detector, the most
wanted tiles and the crops of known people run side by side; what the searchers found is matched to the
people already followed; new people get landmark crops from what is left of the budget; one finding per
person is reported. Nothing here reads a clock: the budget is counted in model runs.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from dashboard.geometry import iou
from dashboard.settings import VisionSettings
from dashboard.values import Detection, Floats, Frame, Image, Label, Sighting, Track
from dashboard.vision import blazepose
from dashboard.vision.background import Background, Foreground
from dashboard.vision.blazepose import Crop, Found
from dashboard.vision.body import body_box, crop_of_box, plausible
from dashboard.vision.findings import (
    Finding,
    boxes_of,
    containment,
    detection_of,
    pairs,
    with_landmarks,
    without_doubles,
)
from dashboard.vision.models import Landmarks, VisionModels
from dashboard.vision.tiles import Rota, layout, tile_box

TILE_PARTS = (0.0, 0.6, 0.35)
TILE_OVERLAP = 0.35


@dataclass(frozen=True)
class SeeBudget:
    """Model runs for one frame: the whole-picture detector on every `detector_every`-th frame, `tiles`
    tile searches, `landmarks` landmark crops."""

    detector_every: int
    tiles: int
    landmarks: int


def default_budget(settings: VisionSettings, with_detector: bool) -> SeeBudget:
    """Without the whole-picture detector its share goes to tiles and crops."""
    extra = 0 if with_detector else 1
    return SeeBudget(settings.detector_every, settings.tiles + extra, settings.landmarks * (1 + extra))


class Seer:
    """Sees the frames of one camera, one after another. `budget` may be set between frames."""

    def __init__(self, models: VisionModels, settings: VisionSettings) -> None:
        self._models = models
        self._settings = settings
        self._count = 0
        self._background: Background | None = None
        self._rota: Rota | None = None
        self._confirmed_t: dict[int, float] = {}
        self.budget = default_budget(settings, models.detector is not None)

    def see(self, frame: Frame, known: Sequence[Track]) -> Sighting:
        """Find people in a frame. `known`: the tracks moved to this frame's time."""
        background, rota = self._prepared(frame.image)
        small = background.small(frame.image)
        foreground = background.compare(small)
        chosen = rota.choose(self.budget.tiles, _interest(rota, background, foreground))
        boxes, found, followed = self._searched(frame, [rota.tiles[i] for i in chosen], known)
        findings = self._fused(frame, boxes, found, followed, known)
        people = [detection_of(f, background.image_wh) for f in findings]
        rota.done(chosen)
        background.learn(small, frame.t, foreground, [*(p.xyxy for p in people), *(t.xyxy for t in known)])
        self._count += 1
        return Sighting(
            frame.camera,
            frame.t,
            background.image_wh,
            tuple(people),
            tuple(b for b in boxes if b.label is not Label.PERSON),
            tuple(foreground.boxes),
            tuple(tile_box(rota.tiles[i], rota.size_wh) for i in chosen),
            foreground.brightness,
        )

    def empty_picture(self) -> Image | None:
        """The learnt background as a BGR picture, or None while nothing is known."""
        return None

    def _prepared(self, image: Image) -> tuple[Background, Rota]:
        """Background and tiles for pictures of this size; a new size starts both anew."""
        size_wh = (image.shape[1], image.shape[0])
        if self._background is None or self._rota is None or self._background.image_wh != size_wh:
            self._background = Background(size_wh, self._settings.background_width, self._settings.absorb_s)
            self._rota = Rota(layout(size_wh, TILE_PARTS, TILE_OVERLAP), size_wh)
        return self._background, self._rota

    def _searched(
        self, frame: Frame, tiles: Sequence[Crop], known: Sequence[Track]
    ) -> tuple[list[Detection], list[Found], list[Finding]]:
        """All first runs of the frame, side by side: detector's boxes, tiles' people, followed people."""
        detector, settings = self._models.detector, self._settings
        due = detector is not None and self._count % self.budget.detector_every == 0
        whole = detector.submit(frame.image) if detector is not None and due else None
        wanted = self._to_follow(known, frame.t)
        crops = [self._models.landmarks.submit(frame.image, crop) for _, crop in wanted]
        searches = [self._models.search.submit(frame.image, tile) for tile in tiles]
        boxes = whole.result(settings.detector_score, settings.detector_overlap) if whole else []
        boxes = [b for b in boxes if b.label is Label.PERSON or b.score >= settings.thing_score]
        found = [f for search in searches for f in search.result(settings.tile_score)]
        landmarks = [crop.result() for crop in crops]
        followed = [_followed(track, seen) for (track, _), seen in zip(wanted, landmarks, strict=True)]
        return boxes, found, [f for f in followed if f is not None and f.score >= settings.follow_presence]

    def _to_follow(self, known: Sequence[Track], t: float) -> list[tuple[Track, Crop]]:
        """Known people to follow in this frame, oldest skeleton first; one run is kept for new people."""
        able = [k for k in known if k.pose is not None and k.pose.native is not None]
        able.sort(key=lambda k: (k.pose_t if k.pose_t is not None else -1.0, k.id))
        return [(track, follow_crop(track, t)) for track in able[: max(1, self.budget.landmarks - 1)]]

    def _fused(
        self,
        frame: Frame,
        boxes: Sequence[Detection],
        found: Sequence[Found],
        followed: Sequence[Finding],
        known: Sequence[Track],
    ) -> list[Finding]:
        """One finding per person from all that was found."""
        people = [Finding(b.xyxy, b.score, b.finder) for b in boxes if b.label is Label.PERSON]
        people, followed = _supported(people, list(followed))
        people, strays = _placed_by_tiles(people, _distinct(found), followed)
        self._confirm(frame.t, [*followed, *people], strays, known)
        spent = len(self._to_follow(known, frame.t))
        left = max(0, self.budget.landmarks - spent)
        open_ = _new_first([*people, *strays], known)
        looked = self._looked(frame.image, open_[:left])
        unlooked = [f for f in open_[left:] if f.finder == "yolox"]
        alone = [self._aged(frame.t, f) for f in followed]
        return without_doubles([*looked, *unlooked, *(f for f in alone if f is not None)])

    def _looked(self, image: Image, findings: Sequence[Finding]) -> list[Finding]:
        """The findings with landmarks; a tile's finding that these do not bear out is dropped."""
        crops = [f.crop if f.crop is not None else crop_of_box(f.box) for f in findings]
        seen = self._models.landmarks.run_all(image, crops)
        judged = [self._judged(f, marks) for f, marks in zip(findings, seen, strict=True)]
        return [f for f in judged if f is not None]

    def _judged(self, finding: Finding, landmarks: Landmarks) -> Finding | None:
        good = landmarks.presence >= self._settings.presence and plausible(landmarks.points)
        if finding.finder != "yolox":
            return with_landmarks(finding, landmarks) if good else None
        body = np.array([body_box(landmarks.points)], np.float32)
        agrees = float(iou(body, np.array([finding.box], np.float32))[0, 0]) > 0.3
        if good and agrees:
            return replace(with_landmarks(finding, landmarks), score=_both(finding.score, landmarks.presence))
        return finding

    def _confirm(
        self, t: float, findings: Sequence[Finding], strays: Sequence[Finding], known: Sequence[Track]
    ) -> None:
        """Remembers which tracks a searcher has just supported."""
        for finding in findings:
            if finding.track is not None and finding.finder != "follow":
                self._confirmed_t[finding.track] = t
        ids = {track.id for track in known}
        seen = [f for f in [*findings, *strays] if f.track is None]
        if seen and known:
            over = iou(boxes_of(seen), np.array([k.xyxy for k in known], np.float32))
            for _, column in pairs(over, 0.4):
                self._confirmed_t[known[column].id] = t
        self._confirmed_t = {track: when for track, when in self._confirmed_t.items() if track in ids}

    def _aged(self, t: float, finding: Finding) -> Finding | None:
        """A finding by following alone loses score with the time since a searcher last agreed."""
        if finding.finder != "follow" or finding.track is None:
            return finding
        alone_s = t - self._confirmed_t.setdefault(finding.track, t)
        if alone_s > self._settings.follow_alone_s:
            return None
        return replace(finding, score=finding.score * (1 - 0.5 * alone_s / self._settings.follow_alone_s))


def follow_crop(track: Track, t: float) -> Crop:
    """The crop for a known person at `t`: by their last landmarks, moved as far as they have gone since."""
    if track.pose is None or track.pose.native is None:
        return crop_of_box(track.xyxy)
    since_s = 0.0 if track.pose_t is None else t - track.pose_t
    moved = (track.velocity[0] * since_s, track.velocity[1] * since_s)
    return blazepose.next_crop(track.pose.native).moved(moved)


def _followed(track: Track, landmarks: Landmarks) -> Finding | None:
    """A known person where their own landmarks are: believed when these lie where the track is."""
    if not plausible(landmarks.points):
        return None
    body = body_box(landmarks.points)
    near = iou(np.array([body], np.float32), np.array([track.xyxy], np.float32))[0, 0]
    if near < 0.3:
        return None
    return Finding(body, landmarks.presence, "follow", None, landmarks, track.id)


def _both(detector: float, presence: float) -> float:
    """The score of a person whom detector and landmarks agree on."""
    return 1 - (1 - detector) * (1 - 0.6 * presence)


def _supported(people: list[Finding], followed: list[Finding]) -> tuple[list[Finding], list[Finding]]:
    """Detector's boxes and followed skeletons that are one person become one finding; returns the boxes
    left over and the followed, each now with the best that is known."""
    over = iou(boxes_of(people), boxes_of(followed))
    merged, used = list(followed), set()
    for row, column in pairs(over, 0.35):
        follow, box = followed[column], people[row]
        score = _both(box.score, follow.score)
        merged[column] = replace(follow, box=box.box, score=score, finder="yolox")
        used.add(row)
    return [p for i, p in enumerate(people) if i not in used], merged


def _distinct(found: Sequence[Found]) -> list[Finding]:
    """Tiles' findings without doubles from overlapping tiles: the surest of those whose hips and reach
    are nearly the same."""
    kept: list[tuple[Found, Crop]] = []
    for one in sorted(found, key=lambda f: -f.score):
        crop = one.crop()
        if all(not _same_place(crop, other) for _, other in kept):
            kept.append((one, crop))
    return [Finding(_crop_box(crop), one.score, "tiles", crop) for one, crop in kept]


def _same_place(a: Crop, b: Crop) -> bool:
    apart = float(np.hypot(a.centre[0] - b.centre[0], a.centre[1] - b.centre[1]))
    small, large = sorted((a.side, b.side))
    return apart < 0.12 * large and small > 0.6 * large


def _crop_box(crop: Crop) -> tuple[float, float, float, float]:
    """A body's box guessed from its crop: the body reaches 0.8 of the crop along it, 0.35 across."""
    along, across = 0.4 * crop.side, 0.17 * crop.side
    sin, cos = abs(np.sin(crop.turn)), abs(np.cos(crop.turn))
    x, y = float(across * cos + along * sin), float(along * cos + across * sin)
    return crop.centre[0] - x, crop.centre[1] - y, crop.centre[0] + x, crop.centre[1] + y


def _placed_by_tiles(
    people: list[Finding], found: list[Finding], followed: list[Finding]
) -> tuple[list[Finding], list[Finding]]:
    """Tiles' findings given to the people that they are: a detector's box gets the tile's crop, a followed
    person's finding is left as it is. Returns the boxes, and the findings that are nobody else's."""
    crops = [blazepose.next_crop(f.landmarks.points) for f in followed if f.landmarks is not None]
    fresh = [f for f in found if f.crop and not any(_same_place(f.crop, crop) for crop in crops)]
    agreement = np.where(
        containment(boxes_of(people), boxes_of(fresh)) > 0.5, iou(boxes_of(people), boxes_of(fresh)), 0
    )
    placed, used = list(people), set()
    for row, column in pairs(agreement, 0.25):
        placed[row] = replace(people[row], crop=fresh[column].crop)
        used.add(column)
    return placed, [f for i, f in enumerate(fresh) if i not in used]


def _new_first(findings: list[Finding], known: Sequence[Track]) -> list[Finding]:
    """Those far from every known track first, then by the age of the track's skeleton, then by score."""
    tracks = np.array([t.xyxy for t in known], np.float32).reshape(-1, 4)
    over = iou(boxes_of(findings), tracks)

    def rank(i: int) -> tuple[float, float]:
        if over.shape[1] == 0 or over[i].max() < 0.4:
            return (-np.inf, -findings[i].score)
        when = known[int(over[i].argmax())].pose_t
        return (-1.0 if when is None else when, -findings[i].score)

    return [findings[i] for i in sorted(range(len(findings)), key=rank)]


def _interest(rota: Rota, background: Background, foreground: Foreground) -> Floats:
    """How much each tile holds that the background does not explain: (tiles,) 0 to 1."""
    sums = np.pad(foreground.mask.astype(np.int32).cumsum(0).cumsum(1), ((1, 0), (1, 0)))
    box = np.rint(rota.boxes * background.scale).astype(int)
    height, width = foreground.mask.shape
    x0, x1 = np.clip(box[:, [0, 2]], 0, width).T
    y0, y1 = np.clip(box[:, [1, 3]], 0, height).T
    inside = sums[y1, x1] - sums[y0, x1] - sums[y1, x0] + sums[y0, x0]
    part = inside / np.maximum(1, (x1 - x0) * (y1 - y0))
    return np.asarray(np.clip(part * 20, 0, 1), np.float32)
