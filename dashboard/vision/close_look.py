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

from dashboard.geometry import Polygon
from dashboard.values import Detection, Patch
from dashboard.vision.blazepose import Crop, Found
from dashboard.vision.blobs import shared
from dashboard.vision.findings import Finding, crop_box
from dashboard.vision.spots import (
    AT_HEAD,
    EXPECTED_S,
    SPOT,
    TAKEN,
    Spot,
    gap,
    grown,
    heads_apart,
    in_water,
    long_side,
    middle,
)

Box = tuple[float, float, float, float]

FINDER = "close"
# Of the picture's mean luma: what is under the water or only glitters stands out less; in the dusk all does.
# What is duller is looked at too: whether it can be somebody, not as a witness that it is.
CLEAR, DULL = 0.2, 0.1
# One look after another, for the detector is unsteady on half bodies: the square's side in lengths of the
# patch and at least a share of the picture's height, since the patch may be only the head; its turn, radians.
LOOKS = ((2.2, 0.2, 0.0), (1.5, 0.14, 0.0), (2.2, 0.14, -0.6), (2.2, 0.14, 0.6))
# Beside another head smaller squares: of several people in one the detector tells the plainest.
CROWDED_LOOKS = ((1.7, 0.14, 0.0), (1.3, 0.1, 0.0), (1.7, 0.14, -0.6), (1.7, 0.14, 0.6))
LEAST_LONG, MOST_LONG = 0.02, 0.35  # of the picture's height
FIRST_WAIT_S, MOST_WAIT_S = 0.2, 0.5
FOUND_WAIT_S = 0.1
# Of the last looks: so many that found somebody, and one that does not is the detector's flicker.
OFTEN = 2
FORGET_S = 2.0
# Of who is known and expected there a look need not be so sure as of a stranger. Of 780 looks at simulated
# heads over the water 86 % are as sure as the first, 78 % as the second, of 96 at bodies under it none, of
# 288 at balls, rings, ducks and mattresses 14 % and 1 %.
EXPECTED_SCORE, STRANGER_SCORE = 0.35, 0.5
# Of the last four looks, each of another kind: two make somebody (85 % of heads, none of 72 toys); none
# makes it no head.
LAST, SURE = 4, 2
# What stands out around a head, in the head's lengths: all of it if it is no longer, else what is so near
# (`AT_HEAD`).
BODY = 7.0
# How far beyond the patch, in its lengths, the head may be.
AROUND = 0.25
# A head and a body, in lengths of the patch. Of half a body the hips are guessed, often far too near.
HEAD, LARGEST_BODY = (0.12, 1.6), 6.0
# The part of the smaller of two boxes that both share, from which on they are one person's although their
# heads seem to be two: only one of these is seen.
WITHIN = 0.85
COVERED_WAIT_S = 0.5  # from one look into the boxes of who is found to the next: tiles wait meanwhile


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
    """What to search: the square, and the patch that it is around; `clear`: it stands out as a head does;
    `whole`: all that stands out there as one."""

    crop: Crop
    patch: Box
    clear: bool
    whole: Box


_Place = tuple[Spot, bool, Suspect | None]


class CloseLook:
    """Chooses the next square and remembers what came of the last ones. Pictures of `size_wh`."""

    def __init__(self, size_wh: tuple[int, int]) -> None:
        self._size_wh = size_wh
        self._suspects: list[Suspect] = []
        self._covered_t = -math.inf

    def choose(
        self,
        places: Sequence[Spot],
        water: Sequence[Polygon],
        brightness: float,
        t: float,
        most: int = 1,
        sparse: bool = False,
    ) -> list[Square]:
        """At most `most` squares around those places in `water` (0 to 1 of width and height) where a look is
        due: of who is missed, new ones, then those that waited longest; where pictures are `sparse`, those
        where somebody was just found before new ones. `brightness` is the picture's, 0 to 255."""
        worth = [s for s in places if self._worth(s, brightness, water)]
        known = [(s, _clear(s, brightness), self._known(s.xyxy)) for s in worth]
        known += self._again(known, t)
        due = sorted((one for one in known if one[2] is None or one[2].due_t <= t + 1e-6), key=_urgency)
        free = [one for one in due if not one[0].covered]
        if sparse:
            free = _promising_first(free, most)
        if not free and due and t - self._covered_t >= COVERED_WAIT_S - 1e-6:
            self._covered_t, free = t, due[:1]
        return [self._around(*one) for one in free[:most]]

    def _again(self, places: Sequence[_Place], t: float) -> list[_Place]:
        """Heads that were found lately in what stands out, a little beside its clearest places."""
        matched = [known for _, _, known in places if known is not None]
        found = [s for s in self._suspects if any(s.told) and t - s.seen_t <= EXPECTED_S]
        again: list[_Place] = []
        for suspect in (s for s in found if all(s is not known for known in matched)):
            x, y = middle(suspect.box)
            for spot, clear, _ in places:
                left, top, right, bottom = spot.whole or spot.xyxy
                if left <= x <= right and top <= y <= bottom:
                    again.append(
                        (Spot(suspect.box, spot.clear, spot.whole, crowded=spot.crowded), clear, suspect)
                    )
                    break
        return again

    def _around(self, spot: Spot, clear: bool, known: Suspect | None) -> Square:
        looks = CROWDED_LOOKS if spot.crowded else LOOKS
        lengths, least, turn = looks[(known.looks if known else 0) % len(looks)]
        side = max(lengths * long_side(spot.xyxy), least * self._size_wh[1])
        return Square(Crop(middle(spot.xyxy), side, turn), spot.xyxy, clear, spot.whole or spot.xyxy)

    def found(
        self, square: Square, found: Sequence[Found], t: float, others: Sequence[Detection] = ()
    ) -> list[Finding]:
        """Who of those found in the square is what the patch shows, and none of the `others`, who were found
        otherwise; remembers the look. Nobody's head is over the water where nothing stands out."""
        fitting = [one for one in found if _fits(square.patch, one)]
        own = [one for one in fitting if not _anothers(square, one, others, found)]
        people = [
            Finding(_cut(square.whole, one), one.score, FINDER, one.crop(), head=_head(one)) for one in own
        ]
        kept: list[Finding] = []
        for person in sorted(people, key=lambda f: -f.score):
            if all(heads_apart(person.head, other.head) for other in kept):
                kept.append(person)
        for person in kept:
            self._note(self._place(person), True if person.score >= STRANGER_SCORE else None, t)
        if not any(self._known(square.patch) is self._known(self._place(person)) for person in kept):
            # A look that shows only a neighbour tells nothing of this place.
            self._note(square.patch, None if fitting else False, t)
        return kept if square.clear else []

    def _place(self, person: Finding) -> Box:
        """A spot around the head."""
        x, y = middle(person.head or person.box)
        half = 0.5 * SPOT * self._size_wh[1]
        return x - half, y - half, x + half, y + half

    def sure(self, person: Finding) -> bool:
        """Whether somebody was found there by most kinds of look."""
        known = self._known(self._place(person))
        return known is not None and sum(known.told) >= SURE

    def in_vain(self, box: Box) -> bool:
        """Whether nobody was found at a patch so often that nobody is there."""
        known = self._known(box)
        return known is not None and len(known.told) >= LAST and not any(known.told)

    def _worth(self, patch: Patch, brightness: float, water: Sequence[Polygon]) -> bool:
        if patch.clear is None or patch.clear < DULL * brightness:
            return False
        long_ = long_side(patch.xyxy) / self._size_wh[1]
        return LEAST_LONG <= long_ <= MOST_LONG and in_water(patch.xyxy, water, self._size_wh)

    def _known(self, box: Box) -> Suspect | None:
        near = [s for s in self._suspects if gap(s.box, box) <= 0.5 * max(long_side(s.box), long_side(box))]
        return min(near, key=lambda s: gap(s.box, box), default=None)

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


def _clear(patch: Patch, brightness: float) -> bool:
    return patch.clear is not None and patch.clear >= CLEAR * brightness


def _urgency(one: _Place) -> tuple[bool, bool, bool, float, float]:
    """Who is missed, what is nobody's, what is clear before what is dull, new ones first, then what waited
    longest."""
    spot, clear, known = one
    waits = -math.inf if known is None else known.due_t
    return not spot.missed, spot.covered, not clear, waits, -long_side(spot.xyxy)


def _promising_first(places: list[_Place], most: int) -> list[_Place]:
    """The places, after who is missed those where the last look found somebody: one look is no witness, and
    by the next picture but one who swims is elsewhere. One of the `most` looks is for whatever else waits."""
    missed = [one for one in places if one[0].missed]
    found = [one for one in places if one[2] is not None and one[2].told[-1:] == (True,)]
    first = [*missed, *(one for one in found if one not in missed)][: most - 1]
    return [*first, *(one for one in places if one not in first)]


def _fits(patch: Box, one: Found) -> bool:
    """Whether the head is at the patch, of a size for it, and the body not huge for it."""
    long_ = long_side(patch)
    least, most = HEAD
    head = _head(one)
    around = AROUND * long_
    grown = patch[0] - around, patch[1] - around, patch[2] + around, patch[3] + around
    sized = least * long_ <= long_side(head) <= most * long_ and one.crop().side <= LARGEST_BODY * long_
    return sized and shared(head, grown) > 0


def _head(one: Found) -> Box:
    left, top, right, bottom = (float(side) for side in one.head)
    return left, top, right, bottom


def _anothers(square: Square, one: Found, others: Sequence[Detection], look: Sequence[Found]) -> bool:
    """Whether one of a look's findings is one of the others: their head or, of whom no head is known, their
    body, or their head beside the patch. Who lies within another's box is another only if the look shows both
    heads: a skeleton's head may be wrong."""
    box, head = _cut(square.whole, one), _head(one)
    for other in others:
        if other.head is not None:
            both = any(not heads_apart(other.head, _head(seen)) for seen in look)
            within = shared(box, other.xyxy) >= WITHIN and not both
            if within or not heads_apart(head, other.head):
                return True
            continue
        beside = shared(head, other.xyxy) > 0.5 and shared(head, square.patch) < 0.5
        if beside or shared(box, other.xyxy) >= TAKEN:
            return True
    return False


def _cut(whole: Box, one: Found) -> Box:
    """What stands out there, with the head, without what lies outside of the body's reach: wake, another
    swimmer."""
    head = _head(one)
    reach = grown(crop_box(one.crop()), 0.25)
    part = _common(whole, reach)
    good = part[2] - part[0] >= 0.3 * (whole[2] - whole[0]) and part[3] - part[1] >= 0.3 * (
        whole[3] - whole[1]
    )
    if not good:
        part = whole if long_side(whole) <= BODY * long_side(head) else _common(whole, grown(head, AT_HEAD))
    return min(part[0], head[0]), min(part[1], head[1]), max(part[2], head[2]), max(part[3], head[3])


def _common(a: Box, b: Box) -> Box:
    return max(a[0], b[0]), max(a[1], b[1]), min(a[2], b[2]), min(a[3], b[3])
