"""A closer look at what the background does not explain in the water.

Of a swimmer little is over the water. The tiles that cover the picture are made for whole bodies and show
that little too small; the landmark model denies half a body more often than not. But the pose detector sees
a head and shoulders in a square that is cut to fit them, and what stands out from the water as clearly as
something over it does is a second witness. Where both agree, somebody is there, with or without a skeleton.

Few squares are searched a frame, and the next frame has so many tiles less. Where nobody is found time after
time the next look waits longer.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from dashboard.geometry import Polygon, inside
from dashboard.values import Patch, Track, TrackState
from dashboard.vision.blazepose import Crop, Found
from dashboard.vision.blobs import shared
from dashboard.vision.findings import Finding, crop_box

Box = tuple[float, float, float, float]

FINDER = "close"
# Of the picture's mean luma: what is under the water or only glitters stands out less; in the dusk all does.
# What is duller is looked at too: whether it can be somebody, not as a witness that it is.
CLEAR, DULL = 0.2, 0.1
# One look after another, for the detector is unsteady on half bodies: the square's side in lengths of the
# patch and at least a share of the picture's height, since the patch may be only the head; its turn, radians.
LOOKS = ((2.2, 0.2, 0.0), (1.5, 0.14, 0.0), (2.2, 0.14, -0.6), (2.2, 0.14, 0.6))
LEAST_LONG, MOST_LONG = 0.02, 0.35  # of the picture's height
FIRST_WAIT_S, MOST_WAIT_S = 0.2, 0.5
FOUND_WAIT_S = 0.1
# Of the last looks: so many that found somebody, and one that does not is the detector's flicker.
OFTEN = 2
# Who was found so lately is looked for where they should be, whether or not something stands out there.
EXPECTED_S = 1.0
FORGET_S = 2.0
# Of the last four looks, each of another kind: three make somebody, for toys are taken for people by one kind
# of look or two; none makes it no head, for six looks of ten find one, and hardly any who is under water.
LAST, SURE = 4, 3
# How far beyond the patch, in its lengths, the head may be.
AROUND = 0.25
# A head and a body, in lengths of the patch. Of half a body the hips are guessed, often far too near.
HEAD, LARGEST_BODY = (0.12, 1.6), 6.0
# The part of the smaller of two boxes that both share, from which on they are one person's.
TAKEN = 0.4


@dataclass(frozen=True)
class Suspect:
    """A patch that was looked at: where it was last, how often, whether the last few looks found somebody
    (`told`, newest last), when the next one is due and how long the wait was."""

    box: Box
    looks: int
    told: tuple[bool, ...]
    due_t: float
    wait_s: float
    seen_t: float


@dataclass(frozen=True)
class Square:
    """What to search: the square, and the patch that it is around; `clear`: it stands out as a head does."""

    crop: Crop
    patch: Box
    clear: bool


class CloseLook:
    """Chooses the next square and remembers what came of the last ones. Pictures of `size_wh`."""

    def __init__(self, size_wh: tuple[int, int]) -> None:
        self._size_wh = size_wh
        self._suspects: list[Suspect] = []

    def choose(
        self, patches: Sequence[Patch], water: Sequence[Polygon], brightness: float, t: float, most: int = 1
    ) -> list[Square]:
        """At most `most` squares around those patches in `water` (0 to 1 of width and height) where a look is
        due: new ones, then those that waited longest. `brightness` is the picture's, 0 to 255."""
        worth = [p for p in patches if self._worth(p, brightness, water)]
        places = [(p.xyxy, _clear(p, brightness), self._known(p.xyxy)) for p in worth]
        due = [one for one in places if one[2] is None or one[2].due_t <= t + 1e-6]
        return [self._around(*one) for one in sorted(due, key=_urgency)[:most]]

    def _around(self, box: Box, clear: bool, known: Suspect | None) -> Square:
        lengths, least, turn = LOOKS[(known.looks if known else 0) % len(LOOKS)]
        side = max(lengths * _long(box), least * self._size_wh[1])
        return Square(Crop(((box[0] + box[2]) / 2, (box[1] + box[3]) / 2), side, turn), box, clear)

    def found(
        self, square: Square, found: Sequence[Found], t: float, others: Sequence[Box] = ()
    ) -> list[Finding]:
        """Who of those found in the square is what the patch shows, and none of the `others`, who were found
        otherwise; remembers the look. Nobody's head is over the water where nothing stands out."""
        fitting = [one for one in found if _fits(square.patch, one)]
        own = [one for one in fitting if not _anothers(square.patch, one, others)]
        people = [Finding(_cut(square.patch, one), one.score, FINDER, one.crop()) for one in own]
        kept: list[Finding] = []
        for person in sorted(people, key=lambda f: -f.score):
            if all(shared(person.box, other.box) < 0.5 for other in kept):
                kept.append(person)
        # A look that shows only a neighbour tells nothing of this place.
        self._note(square.patch, None if fitting and not own else bool(own), t)
        return kept if square.clear else []

    def sure(self, square: Square) -> bool:
        """Whether somebody was found there by most kinds of look."""
        known = self._known(square.patch)
        return known is not None and sum(known.told) >= SURE

    def in_vain(self, box: Box) -> bool:
        """Whether nobody was found at a patch so often that nobody is there."""
        known = self._known(box)
        return known is not None and len(known.told) >= LAST and not any(known.told)

    def _worth(self, patch: Patch, brightness: float, water: Sequence[Polygon]) -> bool:
        if patch.clear is None or patch.clear < DULL * brightness:
            return False
        long_ = _long(patch.xyxy) / self._size_wh[1]
        left, top, right, bottom = patch.xyxy
        width, height = self._size_wh
        middle = (left + right) / 2 / width, (top + bottom) / 2 / height
        return LEAST_LONG <= long_ <= MOST_LONG and any(inside(w, middle) for w in water)

    def _known(self, box: Box) -> Suspect | None:
        near = [s for s in self._suspects if _gap(s.box, box) <= 0.5 * max(_long(s.box), _long(box))]
        return min(near, key=lambda s: _gap(s.box, box), default=None)

    def _note(self, box: Box, found: bool | None, t: float) -> None:
        known = self._known(box)
        looks = 0 if known is None else known.looks
        told = known.told if known is not None else ()
        told = told if found is None else (*told, found)[-LAST:]
        wait_s = FOUND_WAIT_S if found or sum(told) >= OFTEN else FIRST_WAIT_S
        if known is not None and wait_s > FOUND_WAIT_S:
            wait_s = min(MOST_WAIT_S, max(2 * known.wait_s, FIRST_WAIT_S))
        suspect = Suspect(box, looks + 1, told, t + wait_s, wait_s, t)
        others = [s for s in self._suspects if s is not known and t - s.seen_t <= FORGET_S]
        self._suspects = [*others, suspect]


def expected(known: Sequence[Track], people: Sequence[Box], patches: Sequence[Patch], t: float) -> list[Box]:
    """Where those should be who were found lately and are not now, and where nothing stands out."""
    taken = [*people, *(patch.xyxy for patch in patches)]
    missed = (k for k in known if k.state is not TrackState.TENTATIVE and t - k.seen_t <= EXPECTED_S)
    return [k.xyxy for k in missed if all(shared(k.xyxy, box) < TAKEN for box in taken)]


def _clear(patch: Patch, brightness: float) -> bool:
    return patch.clear is not None and patch.clear >= CLEAR * brightness


def _urgency(one: tuple[Box, bool, Suspect | None]) -> tuple[bool, float, float]:
    """What is clear before what is dull, new ones first, then what waited longest."""
    box, clear, known = one
    return not clear, -math.inf if known is None else known.due_t, -_long(box)


def _fits(patch: Box, one: Found) -> bool:
    """Whether the head is at the patch, of a size for it, and the body not huge for it."""
    long_ = _long(patch)
    least, most = HEAD
    head = _head(one)
    around = AROUND * long_
    grown = patch[0] - around, patch[1] - around, patch[2] + around, patch[3] + around
    sized = least * long_ <= _long(head) <= most * long_ and one.crop().side <= LARGEST_BODY * long_
    return sized and shared(head, grown) > 0


def _head(one: Found) -> Box:
    left, top, right, bottom = (float(side) for side in one.head)
    return left, top, right, bottom


def _anothers(patch: Box, one: Found, others: Sequence[Box]) -> bool:
    """Whether a finding at the patch is one of the others: their body, or their head beside the patch."""
    box, head = _cut(patch, one), _head(one)
    return any(
        shared(box, other) >= TAKEN or (shared(head, other) > 0.5 and shared(head, patch) < 0.5)
        for other in others
    )


def _cut(patch: Box, one: Found) -> Box:
    """The patch with the head, and without what lies outside of the body's reach: wake, another swimmer."""
    reach = crop_box(one.crop())
    grown = 0.25 * max(reach[2] - reach[0], reach[3] - reach[1])
    left, top = max(patch[0], reach[0] - grown), max(patch[1], reach[1] - grown)
    right, bottom = min(patch[2], reach[2] + grown), min(patch[3], reach[3] + grown)
    good = right - left >= 0.3 * (patch[2] - patch[0]) and bottom - top >= 0.3 * (patch[3] - patch[1])
    left, top, right, bottom = (left, top, right, bottom) if good else patch
    head = _head(one)
    return min(left, head[0]), min(top, head[1]), max(right, head[2]), max(bottom, head[3])


def _long(box: Box) -> float:
    return max(box[2] - box[0], box[3] - box[1])


def _gap(a: Box, b: Box) -> float:
    return float(np.hypot((a[0] + a[2] - b[0] - b[2]) / 2, (a[1] + a[3] - b[1] - b[3]) / 2))
