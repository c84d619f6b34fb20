"""What one sighting says, as arrays: computed once a frame for all questions that the tracker asks."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from dashboard.geometry import covered, iou
from dashboard.track.motion import Reals, to_place
from dashboard.values import Detection, Floats, Sighting

_FOREGROUND_SHARE = 0.3


@dataclass(frozen=True, eq=False)
class Looks:
    """The M people found in a frame: `boxes` (M, 4) xyxy, `places` (M, 4), `scores` (M,), `overlaps` (M, M)
    intersection over union with each other, 0 with themselves, `lively` (M,): foreground."""

    found: tuple[Detection, ...]
    boxes: Floats
    places: Reals
    scores: Reals
    overlaps: Floats
    lively: tuple[bool, ...]


def looks_of(sighting: Sighting) -> Looks:
    """The arrays of a sighting. A box is lively where the learnt background does not explain a good part."""
    boxes = np.array([d.xyxy for d in sighting.people], dtype=np.float32).reshape(-1, 4)
    unexplained = np.array(sighting.foreground, dtype=np.float32).reshape(-1, 4)
    shares = covered(boxes, unexplained).max(axis=1, initial=0.0)
    overlaps = iou(boxes, boxes)
    np.fill_diagonal(overlaps, 0.0)
    return Looks(
        found=sighting.people,
        boxes=boxes,
        places=to_place(boxes.astype(np.float64)),
        scores=np.array([d.score for d in sighting.people], dtype=np.float64),
        overlaps=overlaps,
        lively=tuple(bool(share >= _FOREGROUND_SHARE) for share in shares),
    )
