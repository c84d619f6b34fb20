"""Clips of another model's key points as this program's own would have them: painted as drawn people, before
which the landmark model finds the points again, ten times a second.

The crops are those of the live path: where the points found before want the next one, and now and then, or
after a look that found nobody, a searcher's guess. What the drawings cannot show is missing: splashes,
bubbles, other people.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np

from dashboard.commands.schooling.clips import Clip
from dashboard.commands.schooling.painting import SIDE, Appearance, appearance, painted
from dashboard.geometry import iou
from dashboard.values import Floats
from dashboard.vision.blazepose import Crop, crop_matrix, next_crop, to_picture
from dashboard.vision.body import body_box, crop_of_box, plausible
from dashboard.vision.danger.window import Array
from dashboard.vision.layouts import coco_from_blazepose
from dashboard.vision.models import LandmarkModel

STEP = 3  # frames from look to look: ten looks a second
_PRESENCE = 0.5
_SEARCHED, _BOXED = 0.1, 0.25
_LEAST_OVERLAP = 0.15
_WHOLE = Crop((SIDE / 2, SIDE / 2), SIDE, 0.0)


def refound(
    clips: Sequence[Clip], model: LandmarkModel, seed: int, done: Callable[[int], None] = lambda count: None
) -> list[Clip]:
    """The clips anew, (F, 17, 3) at 30 frames a second; between two looks the points move evenly. Frames
    further than two looks from a look that found somebody are not a number. `done` hears how many are."""
    found = []
    for clip in clips:
        rng = np.random.default_rng([seed, zlib.crc32(clip.name.encode())])
        found.append(replace(clip, points=_refound(clip.points, model, rng)))
        done(len(found))
    return found


def seen_share(clips: Sequence[Clip]) -> float:
    """The share of the frames that somebody was found in; nan without a frame."""
    seen = np.concatenate([np.zeros(0), *(np.isfinite(clip.points[:, 0, 0]) for clip in clips)])
    return float(seen.mean()) if len(seen) else float("nan")


def _refound(points: Floats, model: LandmarkModel, rng: np.random.Generator) -> Floats:
    look = appearance(rng)
    trunks = _trunks(points[..., :2])
    at = list(range(0, len(points), STEP))
    crop: Crop | None = None
    seen: list[Floats | None] = []
    for i in at:
        if crop is None or rng.random() < _SEARCHED:
            crop = _searched(points[i, :, :2], trunks[i], rng)
        native = _looked(points[i], trunks[i], crop, look, model, rng)
        crop = None if native is None else next_crop(native)
        seen.append(None if native is None else coco_from_blazepose(native[:, [0, 1, 3]]))
    return _between(at, seen, len(points))


def _looked(
    points: Floats, trunk: float, crop: Crop, look: Appearance, model: LandmarkModel, rng: np.random.Generator
) -> Floats | None:
    """What the landmark model finds in the crop (39, 4), in the clip's own pixels; None: nobody, or not
    this body."""
    step = crop.side / SIDE
    to_clip = np.vstack([crop_matrix(crop, SIDE), [0, 0, 1]])
    inward = np.linalg.inv(to_clip)[:2]
    drawn = np.column_stack([points[:, :2] @ inward[:, :2].T + inward[:, 2], points[:, 2]])
    image = painted(look, drawn.astype(np.float32), trunk / step, rng)
    answer = model.submit(image, _WHOLE).result()
    share = answer.points.copy()
    share[:, :3] /= SIDE
    native = to_picture(share, crop)
    if answer.presence < _PRESENCE or not plausible(native):
        return None
    boxes = np.array([_box(points[:, :2], trunk)], np.float32), np.array([body_box(native)], np.float32)
    return native if float(iou(*boxes)[0, 0]) > _LEAST_OVERLAP else None


def _searched(xy: Floats, trunk: float, rng: np.random.Generator) -> Crop:
    """A searcher's guess: the box's crop, as a detector's, or one laid along the trunk, as a tile's."""
    if rng.random() < _BOXED:
        return crop_of_box(_box(xy, trunk))
    hips, shoulders = xy[11:13].mean(0), xy[5:7].mean(0)
    along = shoulders - hips
    reach = max(1.1 * float(np.linalg.norm(xy - hips, axis=1).max()), 1.6 * trunk)
    centre = hips + rng.normal(0, 0.08 * trunk, 2)
    turn = float(np.arctan2(along[0], -along[1]) + rng.normal(0, 0.15))
    side = 2.5 * reach * float(np.exp(rng.normal(0, 0.06)))
    return Crop((float(centre[0]), float(centre[1])), side, turn)


def _box(xy: Floats, trunk: float) -> tuple[float, float, float, float]:
    left, top = (xy.min(0) - 0.25 * trunk).tolist()
    right, bottom = (xy.max(0) + 0.25 * trunk).tolist()
    return left, top, right, bottom


def _trunks(xy: Floats) -> list[float]:
    """How long the trunk is in each frame, seen from the side: foreshortening only shrinks, so the longer
    witnesses of the second around it are believed."""

    def length(a: slice, b: slice) -> Array:
        found: Array = np.linalg.norm(xy[:, a] - xy[:, b], axis=-1).mean(1)
        return found

    trunk = np.linalg.norm(xy[:, 5:7].mean(1) - xy[:, 11:13].mean(1), axis=-1)
    thigh, shin = length(slice(11, 13), slice(13, 15)), length(slice(13, 15), slice(15, 17))
    long_ = np.maximum(trunk, 0.9 * np.maximum(thigh, shin))
    around = [long_[max(0, i - 15) : i + 16] for i in range(len(long_))]
    return [max(float(np.percentile(some, 70)), 1.0) for some in around]


def _between(at: Sequence[int], seen: Sequence[Floats | None], count: int) -> Floats:
    good = [(i, look) for i, look in zip(at, seen, strict=True) if look is not None]
    found = np.full((count, 17, 3), np.nan, np.float32)
    if not good:
        return found
    stamps = np.array([i for i, _ in good])
    table = np.stack([look for _, look in good]).reshape(len(good), -1)
    frames = np.arange(count)
    moved = np.stack([np.interp(frames, stamps, column) for column in table.T], 1)
    near = np.abs(frames[:, None] - stamps).min(1) <= 2 * STEP
    found[near] = moved[near].reshape(-1, 17, 3)
    return found
