"""New and missing objects of one camera: what is not as usual, followed until it is clear what it is.

A part of the picture that is not as usual is followed by its place and colour. Its border tells whether
something has come (the border is sharp now) or gone (it was sharp before). Whatever once moved as people and
animals do is somebody, found or not, and never an object, however long it stands still. What was there from
the first and is uncovered because somebody walks off is no missing object either: for that, somebody must
have come.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import cv2
import numpy as np

from dashboard.geometry import Polygon
from dashboard.values import Change, Floats, Image, Thing, Track
from dashboard.vision.afterwards import GONE_EDGE, Afterwards, Remembered, elsewhere, memory_of
from dashboard.vision.background import Box, Mask
from dashboard.vision.blobs import Blob, apart_px, blobs_of, enlarged_box, outline, shared
from dashboard.vision.lights import Lights, Own, among
from dashboard.vision.normal import CHANGED_PART, Normal
from dashboard.vision.parts import ALIKE_COLOUR, PERSON_GAP_PX, Part, Parts, like_life
from dashboard.vision.plain_water import within
from dashboard.vision.thing_score import SURE, thing_score

FEED_S, LOOK_S = 0.19, 0.39
UPSET_S = 2.0  # nearly all has changed for so long: other lamps, a cover, a turned camera
REST_S = 4.0  # so long is looked before a word; the rule waits on
SURE_STILL = 0.7  # log of the odds: 2 to 1
# While somebody whom nobody finds is about, what is as large as somebody may be them.
ABOUT_S, SURE_ABOUT = 60.0, 6.0
FILL_PART, FADE_S = 0.05, 1.5  # larger, or younger, is the change of light itself
STIRS_S = 1.5  # a thing that falls in, and its splash, stir for less
BESIDE = 0.5  # of somebody's height: their shadow, what they carry, what they uncover
STILL_S = 1.5  # so long as it was two seconds before: nobody is so still
REFORM_S = 30.0  # what is small and rests for so long flew or was blown here
SEEN_SHARE = 0.8
STRONG = 2.2
LOST_S, COVERED_S, GONE_TOLD_S = 3.0, 120.0, 10.0
CAME_S, OLD_S = 10.0, 20.0
HISTORY_S, JUST_S, LATELY_S = 60.0, 3.0, 2.5
LIGHT_TAKE_S, STRANGE_TAKE_S, KEEP_S = 8.0, 90.0, 900.0
PEOPLE_MARGIN = 0.06
KEPT_EVERY_S = 60.0
# What was there from the first: seen without the ripples of a single moment.
FIRST_S, FIRST_SIZES, FIRST_ALIKE = 3.0, 3.0, 0.4


class ObjectWatch:
    """Follows what is new or gone in one camera's pictures. `step` changes, and says what is to be told.
    `own` says where a picture shows nothing but the empty place: only that is kept over a restart."""

    def __init__(self, image_wh: tuple[int, int], own: Own | None = None) -> None:
        self._image_wh = image_wh
        self.normal = Normal(image_wh)
        self._parts = Parts(self.normal)
        self._fed_t = self._looked_t = float("-inf")
        self._alive_t = float("-inf")
        self._alive_s = self._upset_s = 0.0
        self._first: Floats | None = None
        self._changed: Mask = np.zeros(self.normal.deviation.shape, bool)
        self._covered: Mask = np.zeros_like(self._changed)
        self._people: dict[int, list[tuple[float, Box]]] = {}
        self._lights = Lights(own)
        self.afterwards = Afterwards(self._lights)
        self._kept_t = float("-inf")
        self._before: list[Blob] = []
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
            if self._first is None and t - (self.normal.began_t or t) >= FIRST_S:
                self._first = self.normal.quick.copy()
            if t - self._looked_t >= LOOK_S:
                step = min(t - self._looked_t, 2.0)
                self._looked_t = t
                self._look(t, step, [*people, *(track.xyxy for track in known)], known)
        return self._things

    def recall(self, remembered: Remembered) -> None:
        """Takes up what `memory` told before the start, as far as it fits what is seen: before the first
        `step`."""
        self.afterwards.recall(remembered, self._image_wh, self._changed.shape)
        self._parts.go_on_from(remembered.next_id)

    def memory(self, camera: str, at_s: float, hidden: Sequence[Polygon] = ()) -> Remembered | None:
        """What is to be kept over a restart, at `at_s` of the wall clock, without the places that are
        `hidden` (0 to 1 of width and height); None while it is not known what is normal, or nothing of it may
        be kept."""
        if self.afterwards.waiting or self.normal.young:
            return None
        if self._upset_s == 0.0:
            self._keep(self._fed_t)
        if hidden:
            self._lights.hide(within(hidden, self.normal.size_wh))
        return memory_of(camera, self._image_wh, at_s, self._lights, self._parts)

    def _keep(self, t: float) -> None:
        self._kept_t = t
        self._lights.keep(self.normal, t, self._changed | self._covered)

    @property
    def parts(self) -> tuple[Part, ...]:
        """All that is followed just now, whatever it is."""
        return tuple(self._parts.all)

    def _look(self, t: float, step: float, people: Sequence[Box], known: Sequence[Track]) -> None:
        boxes = [self._small(box) for box in people]
        self._remember(t, known)
        covered = self._cover(boxes)
        self.normal.restart(self._covered & ~covered)
        self._covered = covered
        again = self.afterwards.look(self.normal, covered, t)
        if again is not None:
            self._parts.all, self._before, self._first = again, self.afterwards.known, None
        changed, difference, strength = self.normal.changed(self._changed | covered)
        self._changed = changed
        if self._upset(changed, step, t):
            self.normal.settle(difference, changed, np.ones_like(changed), step)
            self._things = ()
            return
        if self.normal.young:
            self._parts.all = []
        blobs = blobs_of(changed & ~covered, self.normal.quick, self.normal.expected, strength)
        self._parts.follow(blobs, t, step, changed, boxes, self._lately(t), self._just_lost(t))
        unfound = any(self._unfound(part, t) for part in self._parts.all)
        self._alive_s = self._alive_s + step if unfound else max(0.0, self._alive_s - step)
        if self._alive_s >= STIRS_S:
            self._alive_t = t
        self._decide(t, boxes, covered)
        held = covered.copy()
        for part in self._parts.all:
            if part.seen_t == t and not part.lit > 0.5 and t - part.born_t >= 1.0:
                held[part.blob.place] |= part.blob.mask
        held = cv2.dilate(held.view(np.uint8), np.ones((5, 5), np.uint8)) > 0
        self.normal.settle(difference, changed, np.asarray(held), step)
        self._kept_t = max(self._kept_t, self.normal.began_t or 0.0)
        if t - self._kept_t >= KEPT_EVERY_S and not self.afterwards.waiting:
            self._keep(t)

    def _upset(self, changed: Mask, step: float, t: float) -> bool:
        """Whether nearly all has changed. When that lasts, another light has come: what was usual in it
        before is usual again, or all is from then on."""
        if float(changed.mean()) < CHANGED_PART:
            self._upset_s = 0.0
            return False
        if self.afterwards.waiting:
            return False
        self._upset_s += step
        if self._upset_s >= UPSET_S:
            self._switch(t)
            self._upset_s = 0.0
        return True

    def _switch(self, t: float) -> None:
        """Another light is here. What lay there lies there still, in whatever light."""
        lay = [part for part in self._parts.all if part.gone_t is None and self._lies(part)]
        most = FILL_PART * self._changed.size
        told = tuple(part for part in lay if part.told)
        light = self._lights.switch(self.normal, told, t)
        if light is None:
            self.normal.take(np.ones_like(self._changed), t)
            before = [p for p in self._parts.all if t - p.born_t > UPSET_S + FADE_S and p.blob.area < most]
            self.normal.fill(self._where([p for p in before if not p.alive and p.lit < 0.5]))
        ids, changes = {part.id for part in lay}, [] if light is None else light.changes
        lies = () if light is None else light.told
        again = [p for p in lies if p.id not in ids and not among(p.blob, changes)]
        self._parts.all = [_seen_again(p, t) for p in (*lay, *again)]
        # What was told of in the other light is not told of again in this one.
        self._before = [*(part.blob for part in told), *changes]

    def _lies(self, part: Part) -> bool:
        """Whether a part is a thing for all that is known of it so far."""
        return part.told or (not part.alive and part.lit < 0.5 and self._is_object(part))

    def _decide(self, t: float, people: Sequence[Box], covered: Mask) -> None:
        """Says of every part what it is: told of, waited for, or usual from now on."""
        told: list[Thing] = []
        kept: list[Part] = []
        self._ghosts = [(s, b) for s, b in self._ghosts if t - s < HISTORY_S]
        for part in self._parts.all:
            if part.seen_t < t:
                keep, thing = self._unseen(part, t, people)
            else:
                keep, thing = self._seen(part, t)
            kept += [part] if keep else []
            told += [thing] if thing is not None else []
        self._parts.all = kept
        self._things = tuple(told)

    def _seen(self, part: Part, t: float) -> tuple[bool, Thing | None]:
        blob, rested_s, age_s = part.blob, t - part.rest_t, t - part.born_t
        if part.told:
            if age_s > KEEP_S:
                self._take(part, t)
                self._lights.change(part.blob)
                return False, None
            return True, self._thing(part, Change.APPEARED, t)
        uncovered = part.edge < -GONE_EDGE and rested_s >= REST_S
        small = not self._parts.large(blob)
        other = rested_s >= REST_S and not like_life(part)
        still = rested_s >= REST_S and part.stillness.still_s >= STILL_S
        if part.alive and (uncovered or still or (small and (other or rested_s > REFORM_S))):
            part.alive = False
        if part.alive:
            return age_s < KEEP_S, None
        if (part.lit > 0.5 or self._is_light(part)) and age_s > LIGHT_TAKE_S:
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

    def _unfound(self, part: Part, t: float) -> bool:
        """Whether a part is somebody whom nobody finds: what stirs about those who are found is theirs."""
        alive = part.alive and part.seen_t == t and part.lit < 0.5 and self._parts.large(part.blob)
        return alive and not any(
            apart_px(part.blob.box, box) < BESIDE * (box[3] - box[1]) for box in self._lately(t)
        )

    def _is_object(self, part: Part) -> bool:
        """Whether a part that rests is a thing that came. What the picture's edge cuts may be somebody, and
        so may what is as large, unless it is stiller than anybody."""
        if part.traits is None or self._parts.cut(part.blob) or self._is_light(part):
            return False
        still = part.stillness.still_s >= STILL_S
        about = self._looked_t - self._alive_t < ABOUT_S and self._parts.large(part.blob)
        sure = SURE_STILL if still else SURE_ABOUT if about else SURE
        return thing_score(part.traits) > sure

    def _is_light(self, part: Part) -> bool:
        """Whether a part that was not as usual from the first is too large for a thing: the light was another
        when nobody watched, as where the water shines."""
        return self.afterwards.fresh(part) and part.blob.size**2 > FILL_PART * self._changed.size

    def _gone(self, part: Part, t: float) -> tuple[bool, Thing | None]:
        """Something that was usual is not there: told of when somebody came for it."""
        if part.gone_t is None:
            old = float(np.median(self.normal.since[part.blob.place][part.blob.mask]))
            weak = part.strength < STRONG
            meanwhile = not self._is_light(part) and self.afterwards.gone(part, self._parts.all, t)
            came = self._somebody_came(part) or meanwhile
            if weak or part.born_t - old < OLD_S or not came:
                if not weak:
                    self._lights.change(part.blob)
                    self._ghosts.append((t, replace(part.blob, colour=part.blob.usual)))
                self._take(part, t)
                return False, None
            part.gone_t = t
        if t - part.gone_t > GONE_TOLD_S:
            self._take(part, t)
            self._lights.change(part.blob)
            return False, None
        return True, self._thing(part, Change.REMOVED, t)

    def _unseen(self, part: Part, t: float, people: Sequence[Box]) -> tuple[bool, Thing | None]:
        """A part that does not show: hidden by somebody, or gone."""
        if part.gone_t is not None:
            return t - part.gone_t < GONE_TOLD_S, self._thing(part, Change.REMOVED, t) if part.told else None
        hidden = any(apart_px(part.blob.box, box) < PERSON_GAP_PX for box in people)
        hidden |= any(
            p.seen_t == t and p is not part and shared(p.blob.box, part.blob.box) > 0.3
            for p in self._parts.all
        )
        away_s = t - part.seen_t
        if hidden:
            return away_s < (COVERED_S if part.told else LOST_S), None
        if away_s < LOST_S:
            return True, None
        if part.told and not (part.recalled and elsewhere(part, self._parts.all, t)):
            part.gone_t = t
            return True, self._thing(part, Change.REMOVED, t)
        return False, None

    def _moved_here(self, part: Part, t: float) -> bool:
        """Whether it is no news: it was told of in another light, or it lay elsewhere before and only drifted
        here (something of its colour and size is gone from nearby, or it was there from the first)."""
        if t - (self.normal.began_t or t) < HISTORY_S and self._in_first(part.blob):
            return True
        if among(part.blob, self._before):
            return True
        if self.afterwards.fresh(part) and elsewhere(part, self._parts.all, t):
            return True
        for _, ghost in self._ghosts:
            near = apart_px(ghost.box, part.blob.box) < 3 * max(part.blob.size, ghost.size)
            sizes = 0.5 < part.blob.area / max(ghost.area, 1) < 2
            if near and sizes and float(np.abs(ghost.colour - part.blob.colour).max()) < ALIKE_COLOUR:
                return True
        return False

    def _in_first(self, blob: Blob) -> bool:
        """Whether a thing of a blob's looks was near by in the first seconds of all and is not there now."""
        if self._first is None:
            return False
        height, width = self._changed.shape
        reach = int(FIRST_SIZES * blob.size) + 4
        left, top, right, bottom = blob.box
        rows = slice(max(0, top - reach), min(height, bottom + reach))
        columns = slice(max(0, left - reach), min(width, right + reach))
        alike = FIRST_ALIKE * float(np.abs(blob.colour - blob.usual).max())
        first, now = (
            np.abs(picture[rows, columns] - blob.colour).max(axis=2) < alike
            for picture in (self._first, self.normal.quick)
        )
        near = (first & ~now).astype(np.float32)
        side = (max(1, right - left), max(1, bottom - top))
        most = float(cv2.blur(near, side, borderType=cv2.BORDER_CONSTANT).max())
        return most > 0.7 * blob.area / (side[0] * side[1])

    def _somebody_came(self, part: Part) -> bool:
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

    def _lately(self, t: float) -> list[Box]:
        """All places in which people were found a moment ago: the quick picture shows them there still."""
        last = (pair for history in self._people.values() for pair in history[-9:])
        return [_wider(box) for s, box in last if t - s < LATELY_S]

    def _just_lost(self, t: float) -> list[Box]:
        """The last places of people who were followed a moment ago and are not now."""
        last = [history[-1] for history in self._people.values()]
        return [box for s, box in last if 0 < t - s < JUST_S]

    def _remember(self, t: float, known: Sequence[Track]) -> None:
        for track in known:
            self._people.setdefault(track.id, []).append((t, self._small(track.xyxy)))
        kept = {n: [(s, b) for s, b in h if t - s < HISTORY_S] for n, h in self._people.items()}
        self._people = {n: h for n, h in kept.items() if h}

    def _take(self, part: Part, t: float) -> None:
        self.normal.take(self._where([part]), t)

    def _where(self, parts: Sequence[Part]) -> Mask:
        """Where parts are, a little widened: (h, w)."""
        where = np.zeros(self._changed.shape, np.uint8)
        for part in parts:
            where[part.blob.place] |= part.blob.mask
        return np.asarray(cv2.dilate(where, np.ones((5, 5), np.uint8)) > 0)

    def _thing(self, part: Part, change: Change, t: float) -> Thing:
        scale = self.normal.scale
        box = enlarged_box(part.blob, scale)
        marked = outline(part.blob, scale)
        known = part.known or (part.recalled and change is Change.APPEARED)
        return Thing(part.id, change, box, part.born_t, part.rest_t, part.seen_t, known, marked)

    def _small(self, box: Box) -> Box:
        left, top, right, bottom = (side * self.normal.scale for side in box)
        return left, top, right, bottom

    def _cover(self, boxes: Sequence[Box]) -> Mask:
        mask = np.zeros(self._changed.shape, bool)
        for left, top, right, bottom in (_wider(box) for box in boxes):
            mask[max(0, int(top)) : max(0, int(bottom) + 1), max(0, int(left)) : max(0, int(right) + 1)] = (
                True
            )
        return mask


def _seen_again(part: Part, t: float) -> Part:
    part.seen_t, part.path = t, [(t, *part.blob.centre)]
    return part


def _wider(box: Box) -> Box:
    left, top, right, bottom = box
    across, down = PEOPLE_MARGIN * (right - left), PEOPLE_MARGIN * (bottom - top)
    return left - across, top - down, right + across, bottom + down
