"""What one sighting says, as arrays: computed once a frame for all questions that the tracker asks."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from dashboard.geometry import covered, iou, two_heads
from dashboard.settings import TrackSettings
from dashboard.track.likeness import pose_likeness
from dashboard.track.motion import Reals, to_place
from dashboard.values import Detection, Floats, Sighting

_FOREGROUND_SHARE = 0.3
FOLLOWED = "follow"


@dataclass(frozen=True, eq=False)
class Looks:
    """The M people found in a frame: `boxes` (M, 4) xyxy, `places` (M, 4), `scores` (M,), `overlaps` (M, M)
    intersection over union with each other, 0 with themselves, `lively` (M,): foreground.

    `doubles` (M, M): how much row j looks like a second finding of row k's person, 1 and more: it does.
    """

    found: tuple[Detection, ...]
    boxes: Floats
    places: Reals
    scores: Reals
    overlaps: Floats
    doubles: Floats
    lively: tuple[bool, ...]


def looks_of(sighting: Sighting, settings: TrackSettings) -> Looks:
    """The arrays of a sighting. A box is lively where the learnt background does not explain a good part."""
    people = tuple(d for d in sighting.people if _has_area(d))
    boxes = np.array([d.xyxy for d in people], dtype=np.float32).reshape(-1, 4)
    unexplained = np.array(sighting.foreground, dtype=np.float32).reshape(-1, 4)
    shares = covered(boxes, unexplained).max(axis=1, initial=0.0)
    overlaps = iou(boxes, boxes)
    np.fill_diagonal(overlaps, 0.0)
    return Looks(
        found=people,
        boxes=boxes,
        places=to_place(boxes.astype(np.float64)),
        scores=np.array([d.score for d in people], dtype=np.float64),
        overlaps=overlaps,
        doubles=_doubles(people, boxes, overlaps, settings),
        lively=tuple(bool(share >= _FOREGROUND_SHARE) for share in shares),
    )


def _has_area(found: Detection) -> bool:
    """Whether a box is one: finite, and at least a pixel wide and high."""
    left, top, right, bottom = found.xyxy
    return right - left >= 1 and bottom - top >= 1 and bool(np.isfinite(found.xyxy).all())


def _two_heads(a: Detection, b: Detection) -> bool:
    """Whether two findings show two heads: two skeletons that are followed tell that. A close look does not:
    now and then it takes an arm or the wake of a swimmer for a second head, and whoever was lost nearby would
    seem to be there again on a body that is another's."""
    return a.finder == b.finder == FOLLOWED and two_heads(a.head, b.head)


def _doubles(
    found: tuple[Detection, ...], boxes: Floats, overlaps: Floats, settings: TrackSettings
) -> Floats:
    """Boxes that nearly agree or lie within another, unless the same searcher found both and skeletons show
    two bodies (a child before an adult). Another searcher's skeleton within a box is more often a bad one
    of the same person, above all close to the camera."""
    inside = covered(boxes, boxes)
    np.fill_diagonal(inside, 0.0)
    doubles: Floats = np.maximum(overlaps / settings.duplicate_overlap, inside / settings.duplicate_inside)
    for j, k in np.argwhere(doubles >= 0.5):
        if _two_heads(found[j], found[k]):
            doubles[j, k] = 0.0
            continue
        a, b = found[j].pose, found[k].pose
        if a is None or b is None or found[j].finder != found[k].finder or found[j].finder == FOLLOWED:
            continue
        size = float(min(np.max(boxes[i, 2:] - boxes[i, :2]) for i in (j, k)))
        alike = pose_likeness(a, b, size, np.zeros(2))
        if alike is not None and alike < settings.distinct_pose:
            doubles[j, k] = 0.0
    return doubles
