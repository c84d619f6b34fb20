"""Where in the water somebody may be whom no searcher has found: in what stands out from it, at the heads of
those who are missed, beside those who were found."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from dashboard.geometry import Polygon, heads_between, inside, iou
from dashboard.values import Detection, Image, Patch, Track, TrackState
from dashboard.vision.background import Background
from dashboard.vision.blobs import shared
from dashboard.vision.findings import Finding
from dashboard.vision.standing_out import clearest, clearness

Box = tuple[float, float, float, float]

# Who was found so lately is looked for where they should be, whether or not something stands out there.
EXPECTED_S = 1.0
# The part of the smaller of two boxes that both share, from which on they are one person's.
TAKEN = 0.4
# Boxes that share so much (IoU) may be one body found twice.
TOUCHING = 0.1
# Two heads are so many lengths of the larger one from each other.
APART = 0.8
# Of the picture's height: a spot where a head may be; what is longer than WIDE may be more than one swimmer.
SPOT, WIDE = 0.08, 0.11
SPOTS = 4  # in one patch
# So far around a head, in its lengths, what stands out is it and its shoulders.
AROUND_HEAD = 1.3
# In lengths of a head: the spot around it is no smaller.
AT_HEAD = 2.5
# In heights of the picture: another head so near is in the square that is cut around a spot.
CROWD = 0.1


@dataclass(frozen=True)
class Spot(Patch):
    """Where somebody may be: `whole` is all that stands out there as one (None: no more than the spot),
    `missed`: somebody who is known should be there; `crowded`: another head was found close by; `covered`:
    it lies in the box of somebody who was found, and may well be theirs."""

    whole: Box | None = None
    missed: bool = False
    crowded: bool = False
    covered: bool = False


def spots_of(patch: Patch, image: Image, background: Background, people: Sequence[Detection]) -> list[Spot]:
    """Where to look in a patch: at all of it, if it can be one swimmer, else at its clearest places where no
    head was found."""
    height = image.shape[0]
    if long_side(patch.xyxy) <= WIDE * height:
        return [Spot(patch.xyxy, patch.clear, crowded=_crowded(patch.xyxy, people, height))]
    heads = [grown(p.head, AROUND_HEAD) for p in people if p.head is not None]
    found = clearest(image, patch.xyxy, background, SPOT * height, SPOTS, heads)
    return [
        Spot(one.xyxy, one.clear, patch.xyxy, crowded=_crowded(one.xyxy, people, height)) for one in found
    ]


def covered_by(people: Sequence[Detection], image: Image, background: Background) -> list[Spot]:
    """What stands out in the boxes of those who were found, far from their heads: arms, legs and wake more
    often than somebody who has come up beside them."""
    height = image.shape[0]
    heads = [grown(p.head, AROUND_HEAD) for p in people if p.head is not None]
    places: list[Spot] = []
    for person in people:
        if person.head is not None and long_side(person.xyxy) > WIDE * height:
            found = clearest(image, person.xyxy, background, SPOT * height, 1, heads)
            places += [Spot(one.xyxy, one.clear, person.xyxy, crowded=True, covered=True) for one in found]
    return places


def missed_at(
    head: Box, whole: Box, image: Image, background: Background, people: Sequence[Detection]
) -> Spot:
    """Where the head of somebody who is missed should be."""
    height = image.shape[0]
    box = spot_at(head, height)
    return Spot(box, clearness(image, box, background), whole, True, _crowded(box, people, height))


def _crowded(box: Box, people: Sequence[Detection], height: float) -> bool:
    """Whether another head is in a square that is cut around a spot."""
    near = (p.head for p in people if p.head is not None)
    return any(gap(box, head) <= CROWD * height + 0.5 * long_side(head) for head in near)


def spot_at(head: Box, height: float) -> Box:
    """The spot around a head in a picture so high."""
    (x, y), half = middle(head), 0.5 * max(SPOT * height, AT_HEAD * long_side(head))
    return x - half, y - half, x + half, y + half


def expected(
    known: Sequence[Track], people: Sequence[Detection], patches: Sequence[Patch], t: float
) -> list[tuple[Box, Box]]:
    """Where the heads of those should be who were found lately and are not now, each with the whole of
    them. Whose head was not seen is expected where nobody is found and nothing stands out."""
    missed = (k for k in known if k.state is not TrackState.TENTATIVE and t - k.seen_t <= EXPECTED_S)
    taken = [*(p.xyxy for p in people), *(patch.xyxy for patch in patches)]
    places: list[tuple[Box, Box]] = []
    for track in missed:
        if track.head is None:
            free = all(shared(track.xyxy, box) < TAKEN for box in taken)
        else:
            free = not any(_at_head(track.head, person) for person in people)
        if free:
            places.append((track.head or track.xyxy, track.xyxy))
    return places


def _at_head(head: Box, person: Detection) -> bool:
    if person.head is None:
        return shared(head, person.xyxy) >= TAKEN
    return not heads_apart(head, person.head)


def heads_apart(a: Box | None, b: Box | None) -> bool:
    """Whether two heads' boxes are two heads."""
    return a is None or b is None or heads_between(a, b) > APART


def is_known(person: Finding, known: Sequence[Track]) -> bool:
    """Whether a finding is somebody who is known: it lies on them, or their head is there."""
    named = [track for track in known if track.state is not TrackState.TENTATIVE]
    return any(
        track.id == person.track
        or (track.head is not None and person.head is not None and not heads_apart(person.head, track.head))
        for track in named
    )


def in_question(
    people: Sequence[Detection], water: Sequence[Polygon], size_wh: tuple[int, int]
) -> list[tuple[int, Box]]:
    """Which of the people have a box that overlaps another's and a head in the `water` (0 to 1 of width and
    height), each with the head."""
    boxes = np.array([person.xyxy for person in people], np.float32).reshape(-1, 4)
    over = iou(boxes, boxes) >= TOUCHING
    np.fill_diagonal(over, False)
    heads = [(i, person.head) for i, person in enumerate(people) if over[i].any()]
    return [(i, head) for i, head in heads if head is not None and in_water(head, water, size_wh)]


def in_water(box: Box, water: Sequence[Polygon], size_wh: tuple[int, int]) -> bool:
    """Whether the centre of a box in pixels lies in the `water` (0 to 1 of width and height)."""
    x, y = middle(box)
    return any(inside(outline, (x / size_wh[0], y / size_wh[1])) for outline in water)


def grown(box: Box, share: float) -> Box:
    """The box with a share of its longer side more on each side."""
    by = share * long_side(box)
    return box[0] - by, box[1] - by, box[2] + by, box[3] + by


def middle(box: Box) -> tuple[float, float]:
    """The centre of a box."""
    return (box[0] + box[2]) / 2, (box[1] + box[3]) / 2


def long_side(box: Box) -> float:
    """The longer side of a box."""
    return max(box[2] - box[0], box[3] - box[1])


def gap(a: Box, b: Box) -> float:
    """How far two centres are from each other."""
    return float(np.hypot((a[0] + a[2] - b[0] - b[2]) / 2, (a[1] + a[3] - b[1] - b[3]) / 2))
