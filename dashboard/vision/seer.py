"""Seeing one camera: two searchers, one landmark crop per person, a learnt background, a fixed budget.

The order of a frame: the whole-picture detector starts, the background says what is unexplained; the most
wanted tiles run beside it; what they found is matched to the known tracks; landmark crops go to new
people, to known people whom no searcher saw, and to those whose skeleton is oldest; one finding per
person is reported. Nothing here reads a clock: the budget is counted in model runs.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from dashboard.geometry import Polygon, iou
from dashboard.settings import VisionSettings
from dashboard.values import ANIMALS, Detection, Frame, Image, Label, Patch, Sighting, Track, TrackState
from dashboard.vision.afterwards import Remembered
from dashboard.vision.animal_look import animal_look
from dashboard.vision.background import YOUNG_DEVIATION, Background, Foreground, apart, cleaned
from dashboard.vision.bathers import SPARSE_S, Bathers
from dashboard.vision.blazepose import Crop, Found
from dashboard.vision.body import body_box, body_shaped, plausible
from dashboard.vision.close_look import Square
from dashboard.vision.empty import EmptyView
from dashboard.vision.findings import (
    Finding,
    boxes_of,
    crops_of,
    detection_of,
    distinct,
    follow,
    matched,
    placed_by_tiles,
    without_doubles,
)
from dashboard.vision.keeping import Kept, read, write
from dashboard.vision.memory import Memory, Refusals
from dashboard.vision.models import Landmarks, PendingWhole, VisionModels
from dashboard.vision.movers import Movers
from dashboard.vision.objects import ObjectWatch
from dashboard.vision.plain_water import plain_water, within
from dashboard.vision.spots import in_question
from dashboard.vision.standing_out import clearness
from dashboard.vision.tiles import Box, Rota, interest, layout, tile_box
from dashboard.vision.trust import SAME

TILE_PARTS = (0.0, 0.6, 0.35)
TILE_OVERLAP = 0.35
MISSED_FIRST_S = 1.0
DOUBT = 0.5
STILL_FROM_S, STILL_SURE_S = 3.0, 9.0
STILL_DOUBT = 0.75
STIRRED_S, STIRRED_SHARE = 0.5, 0.3
UNBOXED_S = 0.5
STILL_UNEXPLAINED = 0.1
BLOBS = 3
BLOB_SCORE = 0.7


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
    """Sees the frames of one camera, one after another. `budget` may be set between frames. While it is
    `held`, because the view is not the learnt one, nothing is learnt and nothing counts as unexplained."""

    def __init__(self, models: VisionModels, settings: VisionSettings) -> None:
        self._models = models
        self._settings = settings
        self._count = 0
        self._t = -math.inf
        self._camera = ""
        self._background: Background | None = None
        self._empty: EmptyView | None = None
        self._watch: ObjectWatch | None = None
        self._movers: Movers | None = None
        self._kept: Kept | None = None
        self._remembered: Remembered | None = None
        self._rota: Rota | None = None
        self._memory = Memory()
        self._refused = Refusals()
        self._close: Bathers | None = None
        # Outlines of water, 0 to 1 of width and height: there half bodies are looked at closely.
        self.water: tuple[Polygon, ...] = ()
        self.budget = default_budget(settings, models.detector is not None)
        self.held = False

    def see(self, frame: Frame, known: Sequence[Track]) -> Sighting:
        """Find people in a frame. `known`: the tracks moved to this frame's time."""
        background, rota, empty, watch, close = self._prepared(frame)
        whole = self._started(frame.image)
        small = background.small(frame.image)
        foreground = background.compare(small)
        wanted = interest(rota, background, foreground)
        unsure = self._unsure(known, frame.t)
        # Who hangs on a tile's second word does not wait for who is looked at closely; nor, where pictures
        # are few, does anybody on deck.
        since_s, self._t = frame.t - self._t, frame.t
        least = min(self.tiles_a_frame, 2 if unsure or since_s > SPARSE_S else 1)
        tiles = max(least, self.tiles_a_frame - close.looked)
        chosen = rota.choose(tiles, wanted, unsure)
        boxes, found = self._searched(frame.image, whole, [rota.tiles[i] for i in chosen])
        people = self._people(frame, boxes, found, foreground, known)
        patches = () if self.held else self._patches(frame.image, foreground, people, background)
        squares: list[Square] = []
        if self.water and self.tiles_a_frame and not self.held:
            light = foreground.brightness
            squares = close.squares(frame, background, patches, people, known, self.water, light, since_s)
        bathers = close.found(frame, squares, people, known)
        searched = [*(rota.tiles[i] for i in chosen), *(square.crop for square in squares)]
        people += bathers
        people = [self._described(p, frame.image, background) for p in people]
        people = self._faced(people, frame.image)
        rota.done(chosen)
        self._memory.keep(track.id for track in known)
        self._count += 1
        seen = Sighting(
            frame.camera,
            frame.t,
            background.image_wh,
            tuple(people),
            tuple(b for b in boxes if b.label not in (Label.PERSON, Label.OTHER)),
            searched=tuple(tile_box(tile, rota.size_wh) for tile in searched),
            brightness=foreground.brightness,
        )
        if self.held:
            return seen
        # Before the background learns from this very picture.
        places = [*(p.xyxy for p in people), *(t.xyxy for t in known)]
        animals = self._animals(frame, boxes, [*places, *(b.xyxy for b in boxes)], foreground)
        if bathers:
            patches = self._patches(frame.image, foreground, people, background)
        first = background.t is None
        background.water = within(self.water, background.size_wh)
        background.learn(small, frame.t, foreground, places)
        if first:
            background.doubt(*plain_water(small, background.water))
        empty.see(frame.image, small, frame.t, background, places)
        recognised = [b.xyxy for b in boxes if b.label in ANIMALS]
        return replace(
            seen,
            things=(*animals, *(thing for thing in seen.things if thing.label not in ANIMALS)),
            foreground=tuple(foreground.boxes),
            patches=tuple(p for p in patches if not close.in_vain(p)),
            objects=watch.step(frame.image, frame.t, [*(p.xyxy for p in people), *recognised], known),
        )

    def forget(self) -> None:
        """What is seen from now on is the view: nothing that was learnt holds."""
        self._background = self._kept = self._remembered = self._watch = None

    def _unsure(self, known: Sequence[Track], t: float) -> list[Box]:
        """Where somebody may be whom a tile showed once. Where the whole-picture detector sees something it
        looks by itself, at every frame; a tile's word that it is a person says no more."""
        tentative = [track for track in known if track.state is TrackState.TENTATIVE]
        return [track.xyxy for track in tentative if t - self._memory.of(track.id).boxed_t > UNBOXED_S]

    def _described(self, person: Detection, image: Image, background: Background) -> Detection:
        """With how the person stands out from the background."""
        stirring = background.quiet_s(person.xyxy, STIRRED_SHARE) < STIRRED_S
        return replace(person, clear=clearness(image, person.xyxy, background), stirring=stirring)

    def _faced(self, people: list[Detection], image: Image) -> list[Detection]:
        """With the face detector's word on those whose boxes overlap in the water."""
        faced = list(people)
        for i, head in in_question(people, self.water, (image.shape[1], image.shape[0])):
            faced[i] = replace(people[i], face=self._models.heads.log_odds(image, head))
        return faced

    @property
    def tiles_a_frame(self) -> int:
        """How many tiles are searched in a frame."""
        return self.budget.tiles

    def _people(
        self,
        frame: Frame,
        boxes: Sequence[Detection],
        found: Sequence[Found],
        foreground: Foreground,
        known: Sequence[Track],
    ) -> list[Detection]:
        """Everybody in the frame, from what the searchers found: boxes of the detector, findings of tiles."""
        candidates = self._wanted(boxes, found, foreground, known, frame.t)
        findings = self._looked(frame, candidates, known)
        return [detection_of(f, (frame.image.shape[1], frame.image.shape[0])) for f in findings]

    def _wanted(
        self,
        boxes: Sequence[Detection],
        found: Sequence[Found],
        foreground: Foreground,
        known: Sequence[Track],
        t: float,
    ) -> list[Finding]:
        """Whom to look at: what was found, who is known, what nothing explains."""
        candidates = self._candidates(boxes, found, known, t)
        candidates += self._unexplained(foreground, candidates, t)
        return self._affordable(candidates, known)

    def empty_picture(self) -> Image | None:
        """The learnt background as a BGR picture, at most 1280 wide, that the searchers have found nobody
        in; None until there is one."""
        return self._empty.picture if self._empty is not None else None

    def save(self, path: Path) -> None:
        """Keeps what has been learnt in a file, atomically; nothing while nothing is learnt. OSError."""
        background, empty = self._background, self._empty
        if background is None or empty is None:
            return
        if empty.known is None or empty.colours is None or empty.detailed is None:
            return
        # Only what may be shown: whoever stands in what is being learnt stays out of the file too.
        agrees = empty.known & (apart(background.mean, empty.colours) < SAME)
        known_s = np.where(agrees, background.known_s, np.float32(0))
        deviation = np.where(agrees, background.deviation, np.float32(YOUNG_DEVIATION))
        detail = np.where(empty.enlarged(empty.detailed)[..., None], empty.detail, np.uint8(0))
        learnt = np.where(empty.known[..., None], empty.colours, np.float32(0)), deviation, known_s
        write(path, Kept(self._camera, background.image_wh, *learnt, empty.known, detail, empty.detailed))

    def load(self, path: Path) -> None:
        """Takes up what `save` kept, from the first frame on, if that comes from the same camera in the
        same size. BackgroundError (a ValueError): the file cannot be used; all is learnt anew."""
        self._kept = read(path)

    def recall_objects(self, remembered: Remembered) -> None:
        """Takes up what was normal before the start, from the first frame on, if that is of the same size."""
        self._remembered = remembered

    @property
    def objects(self) -> ObjectWatch | None:
        """The watch on objects; None before the first frame."""
        return self._watch

    @property
    def loaded(self) -> Kept | None:
        """What `load` has read, until the first frame."""
        return self._kept

    def _prepared(self, frame: Frame) -> tuple[Background, Rota, EmptyView, ObjectWatch, Bathers]:
        """Background, tiles and empty picture for frames of this size; a new size starts all anew."""
        size_wh = (frame.image.shape[1], frame.image.shape[0])
        parts = self._background, self._rota, self._empty, self._watch, self._close
        background, rota, empty, watch, close = parts
        same = background is not None and background.image_wh == size_wh and self._camera == frame.camera
        if same and background is not None and rota and empty and watch and close:
            return background, rota, empty, watch, close
        settings, kept = self._settings, self._kept
        background = Background(size_wh, settings.background_width, settings.absorb_s)
        empty = EmptyView(self._models, settings, size_wh)
        if kept is not None and (kept.camera, kept.image_wh) == (frame.camera, size_wh):
            background.recall(kept.mean, kept.deviation, kept.known_s, frame.t)
            empty.recall(kept.mean, kept.trusted, kept.detail, kept.detailed)
        self._kept = None
        self._camera = frame.camera
        self._background, self._empty = background, empty
        self._watch = ObjectWatch(size_wh, empty.same)
        if self._remembered is not None:
            self._watch.recall(self._remembered)
        self._remembered = None
        self._movers = Movers(size_wh)
        self._rota = Rota(layout(size_wh, TILE_PARTS, TILE_OVERLAP), size_wh)
        self._close = Bathers(self._models, self._memory, size_wh)
        return background, self._rota, empty, self._watch, self._close

    def _started(self, image: Image) -> PendingWhole | None:
        """The whole-picture detector's run, when it is due: it works while the background is compared."""
        detector = self._models.detector
        due = detector is not None and self._count % self.budget.detector_every == 0
        return detector.submit(image) if detector is not None and due else None

    def _searched(
        self, image: Image, whole: PendingWhole | None, tiles: Sequence[Crop]
    ) -> tuple[list[Detection], list[Found]]:
        """The searchers' findings: the whole-picture detector's, where it runs, and the tiles'."""
        settings = self._settings
        searches = [self._models.search.submit(image, tile) for tile in tiles]
        boxes = whole.result(settings.detector_score, settings.detector_overlap) if whole else []
        boxes = [b for b in boxes if b.label is Label.PERSON or b.score >= settings.thing_score]
        return boxes, [f for search in searches for f in search.result(settings.tile_score)]

    def _candidates(
        self, boxes: Sequence[Detection], found: Sequence[Found], known: Sequence[Track], t: float
    ) -> list[Finding]:
        """Everybody who may be in the frame: the detector's boxes, tiles' findings, known people; each
        with the crop to look at and the track that it may be. Remembers which tracks a searcher saw."""
        people = [Finding(b.xyxy, b.score, b.finder) for b in boxes if b.label is Label.PERSON]
        people, strays = placed_by_tiles(people, distinct(found))
        candidates = matched([*people, *strays], known, t)
        for finding in candidates:
            if finding.track is not None:
                self._memory.agreed(finding.track, t, boxed=finding.finder == "yolox")
        seen = {finding.track for finding in candidates}
        return candidates + [follow(track, t) for track in known if track.id not in seen]

    def _unexplained(self, foreground: Foreground, candidates: Sequence[Finding], t: float) -> list[Finding]:
        """What the background does not explain, has about a body's shape and is nobody that is known: for
        the landmark model to look at. A place where it found nobody is left alone for a while."""
        if self._background is None:
            return []
        left = foreground.mask & ~self._background.cover([f.box for f in candidates], 0.0)
        shaped = [
            b for b in self._background.boxes(cleaned(left)) if body_shaped(b, self._background.image_wh)
        ]
        return [Finding(b, 0.0, "foreground") for b in shaped if self._refused.worth(b, t)][:BLOBS]

    def _animals(
        self, frame: Frame, boxes: Sequence[Detection], explained: Sequence[Box], foreground: Foreground
    ) -> list[Detection]:
        """Animals that the detector recognises, and what moves like one, each with how it looks."""
        if self._background is None or self._movers is None:
            return []
        moving = self._movers.step(frame.t, foreground.boxes, explained)
        found = [*(b for b in boxes if b.label in ANIMALS), *moving]
        looks = [animal_look(frame.image, one.xyxy, self._background) for one in found]
        return [replace(one, appearance=look) for one, look in zip(found, looks, strict=True)]

    def _patches(
        self, image: Image, foreground: Foreground, people: Sequence[Detection], background: Background
    ) -> tuple[Patch, ...]:
        """What neither the background nor the people found explain."""
        left = foreground.mask & ~background.cover([p.xyxy for p in people], 0.0)
        boxes = () if foreground.relit else background.boxes(cleaned(left))
        return tuple(Patch(box, clearness(image, box, background)) for box in boxes)

    def _affordable(self, candidates: list[Finding], known: Sequence[Track]) -> list[Finding]:
        """The candidates without those lost people whose turn it is not: one run in four, and at least
        one, looks for people who are lost, whoever waited longest first."""
        lost = {track.id for track in known if track.state is TrackState.LOST}
        waiting = [f for f in candidates if f.finder == "follow" and f.track in lost]
        waiting.sort(key=self._urgency)
        dropped = {f.track for f in waiting[max(1, self.budget.landmarks // 4) :]}
        return [f for f in candidates if f.finder != "follow" or f.track not in dropped]

    def _looked(self, frame: Frame, candidates: Sequence[Finding], known: Sequence[Track]) -> list[Finding]:
        """One finding per person, with landmarks for as many as the budget allows."""
        order = sorted(candidates, key=self._urgency)
        first, rest = order[: self.budget.landmarks], order[self.budget.landmarks :]
        marks = self._models.landmarks.run_all(frame.image, crops_of(first))
        judged = [self._judged(f, seen, frame.t) for f, seen in zip(first, marks, strict=True)]
        unlooked = [self._doubted(f) for f in rest if f.finder == "yolox"]
        first_t = {track.id: track.first_t for track in known}
        people = [*(f for f in judged if f is not None), *unlooked]
        people = [self._if_it_came(f, frame.t, first_t) for f in people]
        return without_doubles([f for f in people if f.score >= self._settings.report_score])

    def _if_it_came(self, finding: Finding, t: float, first_t: Mapping[int, float]) -> Finding:
        """The finding with its score lowered where nothing has moved for long before it was first seen:
        nobody comes without a pixel changing. Water is never that still, so nothing there is touched."""
        if self._background is None:
            return finding
        since = t if finding.track is None else first_t.get(finding.track, t)
        before_s = self._background.quiet_s(finding.box) - (t - since)
        if before_s <= 0 or self._background.unexplained(finding.box) > STILL_UNEXPLAINED:
            return finding
        doubt = min(1.0, max(0.0, (before_s - STILL_FROM_S) / (STILL_SURE_S - STILL_FROM_S)))
        return replace(finding, score=finding.score * (1 - STILL_DOUBT * doubt))

    def _urgency(self, finding: Finding) -> tuple[float, float]:
        """New people first, then whoever waited longest; whom no searcher saw waits less."""
        tried = self._memory.of(finding.track).tried_t
        return (tried - (MISSED_FIRST_S if finding.finder == "follow" else 0.0), -finding.score)

    def _judged(self, finding: Finding, landmarks: Landmarks, t: float) -> Finding | None:
        """The finding in the light of its landmarks: surer, doubted, or None: not borne out."""
        body = body_box(landmarks.points)
        agrees = float(iou(boxes_of([finding]), np.array([body], np.float32))[0, 0]) > 0.3
        believable = plausible(landmarks.points) and (agrees or finding.finder == "tiles")
        presence = landmarks.presence if believable else 0.0
        if finding.track is not None:
            self._memory.tried(finding.track, t, presence)
        if finding.finder == "yolox":
            return self._with_skeleton(finding, landmarks, presence)
        least = self._settings.presence if finding.finder == "tiles" else self._settings.follow_presence
        if presence < least:
            if finding.finder == "foreground":
                self._refused.note(finding.box, t)
            return None
        if finding.finder == "follow":
            score = self._alone(finding, presence, t)
        else:
            score = presence * (finding.score if finding.finder == "tiles" else BLOB_SCORE)
        return replace(finding, box=body, score=score, landmarks=landmarks) if score > 0 else None

    def _with_skeleton(self, finding: Finding, landmarks: Landmarks, presence: float) -> Finding:
        if presence < self._settings.presence:
            return self._doubted(finding, presence)
        surer = 1 - (1 - finding.score) * (1 - 0.6 * presence)
        return replace(finding, score=surer, landmarks=landmarks)

    def _doubted(self, finding: Finding, presence: float | None = None) -> Finding:
        """A detector's box without a skeleton counts less, the less its skeleton was found lately."""
        belief = self._memory.of(finding.track).belief
        if finding.track is None and presence is not None:
            belief = presence
        return replace(finding, score=finding.score * (1 - DOUBT * (1 - belief)))

    def _alone(self, finding: Finding, presence: float, t: float) -> float:
        """The score of a person who is only followed: less with the time since a searcher agreed."""
        alone_s = self._memory.alone_s(finding.track, t) if finding.track is not None else 0.0
        limit_s = self._settings.follow_alone_s
        return 0.0 if alone_s > limit_s else presence * (1 - 0.5 * alone_s / limit_s)
