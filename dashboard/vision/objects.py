"""New and missing objects of one camera: what is not as usual, followed until it is clear what it is.

A part of the picture that is not as usual is followed by its place and colour. Its border tells whether
something has come (the border is sharp now) or gone (it was sharp before). Whatever once moved as people and
animals do is somebody, found or not, and never an object, however long it stands still. What was there from
the first and is uncovered because somebody walks off is no missing object either: for that, somebody must
have come.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import cv2
import numpy as np

from dashboard.values import Change, Image, Thing, Track
from dashboard.vision.background import Box, Mask
from dashboard.vision.blobs import Blob, apart_px, blobs_of, enlarged_box, outline, shared
from dashboard.vision.normal import CHANGED_PART, Normal

FEED_S, LOOK_S = 0.19, 0.39
UPSET_S = 2.0  # nearly all has changed for so long: other lamps, a cover, a turned camera
REST_S = 2.0  # an object rests for this long before it is told of; the rule waits on
PATH_S = 2.0
MOVING_SIZES_S, RESTING_SIZES_S = 0.35, 0.4  # whoever walks is faster, a drifting ball is not: 0.2
MOVING_PX_S = 4.0
MOVED_S, MOVED_SIZES = 1.5, 1.0  # a ball in the air flies for less
# How unlike itself a second later: a turning ring 0.24, who treads water 0.17 to 0.6, ripples 0.3 and more.
LIVELY, LIVELY_LARGE = 0.3, 0.25
EDGE, EDGE_LARGE, GONE_EDGE = 0.6, 1.0, 0.35
LARGE = 0.075  # of the height of the picture: it could be somebody
REFORM_S = 30.0  # what is small and rests for so long flew or was blown here
SEEN_SHARE = 0.8
STRONG = 2.2
PERSON_GAP_PX = 2.0
PERSON_SHARE = 0.5  # so much of somebody's last place: it is them, unrecognised
LOST_S, COVERED_S, GONE_TOLD_S = 3.0, 120.0, 10.0
CAME_S, OLD_S = 10.0, 20.0
HISTORY_S = 60.0
LIGHT_TAKE_S, STRANGE_TAKE_S, KEEP_S = 8.0, 90.0, 900.0
ALIKE_COLOUR = 20.0
PEOPLE_MARGIN = 0.06
FIRST_SIZES, FIRST_ALIKE = 3.0, 0.6
FACE_S, FACE_REACH = 1.1, 3


@dataclass(eq=False)
class _Part:
    """One part that is not as usual, over time. Places are pixels of the small picture."""

    id: int
    blob: Blob
    born_t: float
    seen_t: float
    rest_t: float
    path: list[tuple[float, float, float]] = field(default_factory=list)
    hits: tuple[bool, ...] = (True,)
    strength: float = 1.0
    moving_s: float = 0.0
    moving_from: tuple[float, float] = (0.0, 0.0)
    alive: bool = False
    edge: float = 0.0
    lit: float = 0.0
    lively: float | None = None
    face: tuple[float, Image] | None = None
    told: bool = False
    gone_t: float | None = None
    known: bool = False


class ObjectWatch:
    """Follows what is new or gone in one camera's pictures. `step` changes, and says what is to be told."""

    def __init__(self, image_wh: tuple[int, int]) -> None:
        self.normal = Normal(image_wh)
        self._parts: list[_Part] = []
        self._next = 1
        self._fed_t = self._looked_t = float("-inf")
        self._upset_s = 0.0
        self._first: Image | None = None
        self._changed: Mask = np.zeros(self.normal.deviation.shape, bool)
        self._people: dict[int, list[tuple[float, Box]]] = {}
        self._ghosts: list[tuple[float, Blob]] = []
        self._things: tuple[Thing, ...] = ()

    def step(
        self, image: Image, t: float, people: Sequence[Box], known: Sequence[Track]
    ) -> tuple[Thing, ...]:
        """What is new or gone at `t`. `people`: boxes of everybody found now, `known` the people followed,
        all in pixels of the picture."""
        if t < self._fed_t:
            self._fed_t = self._looked_t = float("-inf")
        if t - self._fed_t >= FEED_S:
            self._fed_t = t
            self.normal.feed(image, t)
            if self._first is None:
                self._first = self.normal.latest.copy()
            if t - self._looked_t >= LOOK_S:
                step = min(t - self._looked_t, 2.0)
                self._looked_t = t
                self._look(t, step, [*people, *(track.xyxy for track in known)], known)
        return self._things

    def _look(self, t: float, step: float, people: Sequence[Box], known: Sequence[Track]) -> None:
        boxes = [self._small(box) for box in people]
        self._remember(t, known)
        covered = self._cover(boxes)
        changed, difference, strength = self.normal.changed(self._changed | covered)
        self._changed = changed
        if self._upset(changed, step, t):
            self.normal.settle(difference, changed, np.ones_like(changed), step)
            self._things = ()
            return
        if self.normal.young:
            self._parts = []
        blobs = blobs_of(changed & ~covered, self.normal.quick, self.normal.expected, strength)
        self._follow(blobs, t, step, boxes)
        self._decide(t, boxes, covered)
        held = covered.copy()
        for part in self._parts:
            if part.seen_t == t and not part.lit > 0.5 and t - part.born_t >= 1.0:
                held[part.blob.place] |= part.blob.mask
        held = cv2.dilate(held.view(np.uint8), np.ones((5, 5), np.uint8)) > 0
        self.normal.settle(difference, changed, np.asarray(held), step)

    def _upset(self, changed: Mask, step: float, t: float) -> bool:
        """Whether nearly all has changed. When that lasts, all is usual from then on."""
        if float(changed.mean()) < CHANGED_PART:
            self._upset_s = 0.0
            return False
        self._upset_s += step
        if self._upset_s >= UPSET_S:
            self.normal.take(np.ones_like(changed), t)
            self._parts = []
            self._upset_s = 0.0
        return True

    def _follow(self, blobs: Sequence[Blob], t: float, step: float, people: Sequence[Box]) -> None:
        """Gives each blob to the part that it continues, or begins a new one."""
        ties = sorted(
            (
                (far, i, j)
                for i, part in enumerate(self._parts)
                for j, blob in enumerate(blobs)
                if (far := _far(part, blob, t)) is not None
            ),
            key=lambda tie: tie[0],
        )
        used_parts: set[int] = set()
        used_blobs: set[int] = set()
        for _, i, j in ties:
            if i not in used_parts and j not in used_blobs:
                used_parts.add(i)
                used_blobs.add(j)
                self._continue(self._parts[i], blobs[j], t, step, people)
        for i, part in enumerate(self._parts):
            part.hits = (*part.hits[-9:], i in used_parts)
        for j, blob in enumerate(blobs):
            if j not in used_blobs:
                self._begin(blob, t, people)

    def _begin(self, blob: Blob, t: float, people: Sequence[Box]) -> None:
        part = _Part(self._next, blob, t, t, t, [(t, *blob.centre)], edge=blob.edge, lit=float(blob.lit))
        part.moving_from = blob.centre
        part.alive = self._was_somebody(blob, t)
        self._next += 1
        self._parts.append(part)

    def _continue(self, part: _Part, blob: Blob, t: float, step: float, people: Sequence[Box]) -> None:
        part.path = [*((s, x, y) for s, x, y in part.path if t - s <= PATH_S), (t, *blob.centre)]
        self._note_liveliness(part, blob, t)
        part.blob, part.seen_t = blob, t
        part.strength += 0.3 * (blob.strength - part.strength)
        part.edge += 0.3 * (blob.edge - part.edge)
        part.lit += 0.3 * (blob.lit - part.lit)
        since, x, y = part.path[0]
        speed = _way(blob.centre, (x, y)) / max(t - since, 0.4)
        size = max(blob.size, 3.0)
        if speed > max(MOVING_SIZES_S * size, MOVING_PX_S):
            part.moving_s += step
            gone = _way(blob.centre, part.moving_from)
            part.alive |= part.moving_s >= MOVED_S and gone >= MOVED_SIZES * size
        else:
            part.moving_s, part.moving_from = 0.0, blob.centre
        held = any(apart_px(blob.box, box) < PERSON_GAP_PX for box in people)
        if held or speed > max(RESTING_SIZES_S * size, MOVING_PX_S):
            part.rest_t = t

    def _note_liveliness(self, part: _Part, blob: Blob, t: float) -> None:
        """Keeps how unlike itself a part is a second later, wherever it lies then: 0 to 1."""
        left, top, right, bottom = blob.box
        view = self.normal.latest[top:bottom, left:right]
        if part.face is None or t - part.face[0] > 3.0:
            part.face = (t, view.copy())
            return
        if t - part.face[0] < FACE_S:
            return
        before = part.face[1]
        part.face = (t, view.copy())
        height, width = self._changed.shape
        x, y = round(blob.centre[0] - before.shape[1] / 2), round(blob.centre[1] - before.shape[0] / 2)
        rows = slice(max(0, y - FACE_REACH), min(height, y + before.shape[0] + FACE_REACH))
        columns = slice(max(0, x - FACE_REACH), min(width, x + before.shape[1] + FACE_REACH))
        around = self.normal.latest[rows, columns]
        if around.shape[0] < before.shape[0] or around.shape[1] < before.shape[1]:
            return
        unlike = 1 - float(cv2.matchTemplate(around, before, cv2.TM_CCOEFF_NORMED).max())
        part.lively = unlike if part.lively is None else part.lively + 0.3 * (unlike - part.lively)

    def _was_somebody(self, blob: Blob, t: float) -> bool:
        """Whether a blob is where somebody stood a moment ago whom the searchers have lost, or came off
        somebody whom they never found."""
        for history in self._people.values():
            last_t, box = history[-1]
            if 0 < t - last_t < 3.0 and _overlap(blob.box, box) > PERSON_SHARE:
                return True
        return any(p.alive and 0 < t - p.seen_t < 2.0 and _goes_on(p.blob, blob) for p in self._parts)

    def _decide(self, t: float, people: Sequence[Box], covered: Mask) -> None:
        """Says of every part what it is: told of, waited for, or usual from now on."""
        told: list[Thing] = []
        kept: list[_Part] = []
        self._ghosts = [(s, b) for s, b in self._ghosts if t - s < HISTORY_S]
        for part in self._parts:
            if part.seen_t < t:
                keep, thing = self._unseen(part, t, people)
            else:
                keep, thing = self._seen(part, t)
            kept += [part] if keep else []
            told += [thing] if thing is not None else []
        self._parts = kept
        self._things = tuple(told)

    def _seen(self, part: _Part, t: float) -> tuple[bool, Thing | None]:
        blob, rested_s, age_s = part.blob, t - part.rest_t, t - part.born_t
        if part.told:
            if age_s > KEEP_S:
                self._take(part, t)
                return False, None
            return True, self._thing(part, Change.APPEARED, t)
        if part.alive and not self._large(blob) and rested_s > REFORM_S:
            part.alive = False
        if part.alive:
            return age_s < KEEP_S, None
        if part.lit > 0.5 and age_s > LIGHT_TAKE_S:
            self._take(part, t)
            return False, None
        if rested_s < REST_S or sum(part.hits) < SEEN_SHARE * max(6, len(part.hits)) or part.lit > 0.5:
            return True, None
        if part.edge < -GONE_EDGE:
            return self._gone(part, t)
        if self._is_object(part):
            part.known = self._moved_here(part, t)
            part.told = True
            return True, self._thing(part, Change.APPEARED, t)
        if rested_s > STRANGE_TAKE_S:
            self._take(part, t)
            return False, None
        return True, None

    def _is_object(self, part: _Part) -> bool:
        """Whether a part that rests is a thing that came: sharp against its surroundings, beyond what ripples
        do, rigid, whole. What the picture's edge cuts off may be somebody."""
        height, width = self._changed.shape
        left, top, right, bottom = part.blob.box
        whole = left > 1 and top > 1 and right < width - 1 and bottom < height - 1
        large = self._large(part.blob)
        rigid = part.lively is not None and part.lively < (LIVELY_LARGE if large else LIVELY)
        sharp = part.edge > (EDGE_LARGE if large else EDGE)
        return bool(whole and rigid and sharp and part.strength > STRONG)

    def _large(self, blob: Blob) -> bool:
        return bool(blob.size > LARGE * self._changed.shape[0])

    def _gone(self, part: _Part, t: float) -> tuple[bool, Thing | None]:
        """Something that was usual is not there: told of when somebody came for it."""
        if part.gone_t is None:
            old = float(np.median(self.normal.since[part.blob.place][part.blob.mask]))
            weak = part.strength < STRONG
            if weak or part.born_t - old < OLD_S or not self._somebody_came(part):
                if not weak:
                    self._ghosts.append((t, replace(part.blob, colour=part.blob.usual)))
                self._take(part, t)
                return False, None
            part.gone_t = t
        if t - part.gone_t > GONE_TOLD_S:
            self._take(part, t)
            return False, None
        return True, self._thing(part, Change.REMOVED, t)

    def _unseen(self, part: _Part, t: float, people: Sequence[Box]) -> tuple[bool, Thing | None]:
        """A part that does not show: hidden by somebody, or gone."""
        if part.gone_t is not None:
            return t - part.gone_t < GONE_TOLD_S, self._thing(part, Change.REMOVED, t) if part.told else None
        hidden = any(apart_px(part.blob.box, box) < PERSON_GAP_PX for box in people)
        hidden |= any(
            p.seen_t == t and p is not part and shared(p.blob.box, part.blob.box) > 0.3 for p in self._parts
        )
        away_s = t - part.seen_t
        if hidden:
            return away_s < (COVERED_S if part.told else LOST_S), None
        if away_s < LOST_S:
            return True, None
        if part.told:
            part.gone_t = t
            return True, self._thing(part, Change.REMOVED, t)
        return False, None

    def _moved_here(self, part: _Part, t: float) -> bool:
        """Whether it lay elsewhere before and only drifted here: something of its colour and size is gone
        from nearby, or it is in the first picture of all."""
        if t - (self.normal.began_t or t) < HISTORY_S and self._in_first(part.blob):
            return True
        for _, ghost in self._ghosts:
            near = apart_px(ghost.box, part.blob.box) < 3 * max(part.blob.size, ghost.size)
            sizes = 0.5 < part.blob.area / max(ghost.area, 1) < 2
            if near and sizes and float(np.abs(ghost.colour - part.blob.colour).max()) < ALIKE_COLOUR:
                return True
        return False

    def _in_first(self, blob: Blob) -> bool:
        if self._first is None:
            return False
        height, width = self._changed.shape
        reach = int(FIRST_SIZES * blob.size) + 4
        left, top, right, bottom = blob.box
        around = self._first[
            max(0, top - reach) : min(height, bottom + reach),
            max(0, left - reach) : min(width, right + reach),
        ]
        found = cv2.matchTemplate(around, self.normal.latest[blob.place], cv2.TM_CCOEFF_NORMED)
        return float(found.max()) > FIRST_ALIKE

    def _somebody_came(self, part: _Part) -> bool:
        """Whether somebody was there shortly before it was gone, and was elsewhere before that."""
        reach = max(4.0, 0.5 * part.blob.size)
        paths = list(self._people.values())
        for history in paths:
            near = [
                s for s, box in history if apart_px(box, part.blob.box) < reach and part.born_t - s < CAME_S
            ]
            if near and any(s < near[0] and apart_px(box, part.blob.box) >= reach for s, box in history):
                return True
        return False

    def _remember(self, t: float, known: Sequence[Track]) -> None:
        for track in known:
            self._people.setdefault(track.id, []).append((t, self._small(track.xyxy)))
        kept = {n: [(s, b) for s, b in h if t - s < HISTORY_S] for n, h in self._people.items()}
        self._people = {n: h for n, h in kept.items() if h}

    def _take(self, part: _Part, t: float) -> None:
        where = np.zeros(self._changed.shape, np.uint8)
        where[part.blob.place] = part.blob.mask
        self.normal.take(cv2.dilate(where, np.ones((5, 5), np.uint8)) > 0, t)

    def _thing(self, part: _Part, change: Change, t: float) -> Thing:
        scale = self.normal.scale
        box = enlarged_box(part.blob, scale)
        marked = outline(part.blob, scale)
        return Thing(part.id, change, box, part.born_t, part.rest_t, part.seen_t, part.known, marked)

    def _small(self, box: Box) -> Box:
        left, top, right, bottom = (side * self.normal.scale for side in box)
        return left, top, right, bottom

    def _cover(self, boxes: Sequence[Box]) -> Mask:
        mask = np.zeros(self._changed.shape, bool)
        for left, top, right, bottom in boxes:
            across, down = PEOPLE_MARGIN * (right - left), PEOPLE_MARGIN * (bottom - top)
            rows = slice(max(0, int(top - down)), max(0, int(bottom + down) + 1))
            mask[rows, max(0, int(left - across)) : max(0, int(right + across) + 1)] = True
        return mask


def _far(part: _Part, blob: Blob, t: float) -> float | None:
    """How unlike a part a blob is, None where it cannot be the same."""
    if not 0.25 < blob.area / max(part.blob.area, 1) < 4:
        return None
    size = max(part.blob.size, blob.size)
    far = _way(part.blob.centre, blob.centre)
    unseen_s = t - part.seen_t
    if far > 0.6 * size + 3 + min(1.5 * size, 0.5 * size * unseen_s):
        return None
    colour = float(np.abs(part.blob.colour - blob.colour).max())
    if unseen_s > 1.0 and colour > 2 * ALIKE_COLOUR:
        return None
    return float(far / size + colour / 60)


def _way(a: tuple[float, float], b: tuple[float, float]) -> float:
    return float(((a[0] - b[0]) ** 2 + (a[1] - b[1]) ** 2) ** 0.5)


def _goes_on(before: Blob, now: Blob) -> bool:
    """Whether somebody's part may be this one now: as large, and next to it."""
    alike = 0.3 < now.area / max(before.area, 1) < 3
    return alike and apart_px(before.box, now.box) < 0.5 * before.size


def _overlap(a: Sequence[float], b: Sequence[float]) -> float:
    """Intersection over union of two boxes."""
    across = min(a[2], b[2]) - max(a[0], b[0])
    down = min(a[3], b[3]) - max(a[1], b[1])
    both = max(0.0, across) * max(0.0, down)
    whole = (a[2] - a[0]) * (a[3] - a[1]) + (b[2] - b[0]) * (b[3] - b[1]) - both
    return both / max(whole, 1e-6)
