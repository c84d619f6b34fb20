"""What tells a thing from water, light and plants (`dashboard.vision.thing_score`), learnt anew.

Rows are the looks at every part that rests, in random stories with and without things and in real clips that
have none; those on people and animals are left out, for how somebody moves tells them. A part counts by the
root of its looks. The model is a ridge logistic regression on traits clipped at their first and last
hundredth (iteratively reweighted least squares, as in Hastie, Tibshirani and Friedman, 4.4.1)."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from dataclasses import astuple, dataclass, fields
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from dashboard.source.simulated.world import Truth, World
from dashboard.vision.objects import ObjectWatch
from dashboard.vision.parts import Part
from dashboard.vision.thing_score import Traits
from tests.bench.clip import pictures
from tests.bench.object_stories import LONG_S, ObjectStory, object_story, quiet_story
from tests.bench.objects import FPS, SIZE_WH, VIEW, tracks_of

# Without anybody in the picture who stands still.
CLIPS = (
    "static_camera/highway_trees_shadows.avi",
    "static_camera/pedestrians_vtest.avi",
    "pool/lane_overhead_swimmer.mp4",
    "wildlife/cat_night.mp4",
    "multi_camera/cam0.mp4",
    "multi_camera/cam2.mp4",
    "pool/underwater_drowning_acted.mp4",
)
RESTS_S, SOON_S, RIDGE, NEAR_PX = 2.0, 12.0, 1.0, 10.0
Box = tuple[float, float, float, float]
Reals = NDArray[np.float64]


@dataclass(frozen=True)
class Row:
    """One look at one part: of which story and part, whether it is a thing, and its traits."""

    part: str
    thing: bool
    traits: Traits


def run(options: argparse.Namespace) -> dict[str, Any]:
    """Weights and bounds, from `--stories` stories with things, as many without, and the clips."""
    cv2.setNumThreads(1)
    rows: list[Row] = []
    for number in range(options.stories):
        for kind, make in (("objects", object_story), ("quiet", quiet_story)):
            rows += _of_story(make(number, options.seed), f"{kind} {number}")
            print(f"{kind} {number}: {len(rows)} rows", flush=True)
    for clip in CLIPS:
        if (options.data / clip).is_file():
            rows += _of_clip(options.data / clip)
    return {"rows": len(rows), "things": sum(row.thing for row in rows), **taught(rows)}


def taught(rows: list[Row]) -> dict[str, Any]:
    """`weights` (trait: least, most, weight) and `bias`."""
    traits = np.array([astuple(row.traits) for row in rows])
    least, most = np.percentile(traits, [1, 99], axis=0)
    names, counts = np.unique([row.part for row in rows], return_counts=True)
    of = dict(zip(names.tolist(), counts.tolist(), strict=True))
    share = np.array([of[row.part] ** -0.5 for row in rows])
    weights, bias = _logistic(np.clip(traits, least, most), np.array([row.thing for row in rows]), share)
    bounds = zip(least.tolist(), most.tolist(), weights.tolist(), strict=True)
    told = {f.name: [round(v, 4) for v in b] for f, b in zip(fields(Traits), bounds, strict=True)}
    return {"weights": told, "bias": round(bias, 3)}


def _logistic(traits: Reals, thing: NDArray[np.bool_], share: Reals) -> tuple[Reals, float]:
    mean, spread = traits.mean(axis=0), traits.std(axis=0) + 1e-9
    design = np.column_stack([(traits - mean) / spread, np.ones(len(traits))])
    ridge = np.diag([*[RIDGE] * traits.shape[1], 0.0])
    answer = np.zeros(design.shape[1])
    for _ in range(30):
        chance = 1 / (1 + np.exp(-design @ answer))
        slope = design.T @ (share * (thing - chance)) - ridge @ answer
        curve = (design * (share * chance * (1 - chance))[:, None]).T @ design + ridge
        answer = answer + np.linalg.solve(curve, slope)
    weights = answer[:-1] / spread
    return weights, float(answer[-1] - weights @ mean)


def _of_story(told: ObjectStory, name: str) -> Iterator[Row]:
    world, watch = World(told.story), ObjectWatch(SIZE_WH)
    for n in range(int(LONG_S * FPS)):
        t = n / FPS
        truth = world.truth(t, VIEW, SIZE_WH)
        tracks = tracks_of(truth, t) if told.found else ()
        watch.step(world.render(VIEW, t, SIZE_WH), t, [track.xyxy for track in tracks], tracks)
        for part, traits in _resting(watch, t):
            box = _large(part, watch)
            thing = _thing(box, truth, told, t)
            if thing is not None:
                yield Row(f"{name} {part.id}", thing, traits)


def _of_clip(path: Path) -> Iterator[Row]:
    watch: ObjectWatch | None = None
    for t, image in pictures(path, FPS):
        watch = watch or ObjectWatch((image.shape[1], image.shape[0]))
        watch.step(image, t, (), ())
        for part, traits in _resting(watch, t):
            yield Row(f"{path.name} {part.id}", False, traits)


def _resting(watch: ObjectWatch, t: float) -> Iterator[tuple[Part, Traits]]:
    for part in watch.parts:
        if part.seen_t == t and not part.alive and t - part.rest_t >= RESTS_S and part.traits is not None:
            yield part, part.traits


def _large(part: Part, watch: ObjectWatch) -> Box:
    left, top, right, bottom = (side / watch.normal.scale for side in part.blob.box)
    return left, top, right, bottom


def _thing(box: Box, truth: Truth, told: ObjectStory, t: float) -> bool | None:
    """Whether it is a thing that was left not long ago; None where that cannot be said, or somebody is."""
    x, y = (box[0] + box[2]) / 2, (box[1] + box[3]) / 2
    for thing in truth.objects:
        left, top, right, bottom = thing.xyxy
        if left - 5 <= x <= right + 5 and top - 5 <= y <= bottom + 5:
            at_s = next((one.at_s for one in told.left if one.name == thing.name), None)
            alone = told.found or not any(_near(box, person.xyxy, 0.0) for person in truth.persons)
            return True if alone and at_s is not None and 0 <= t - at_s < SOON_S else None
    beings = [*(one.xyxy for one in truth.persons), *(one.xyxy for one in truth.animals)]
    return None if any(_near(box, one, NEAR_PX) for one in beings) else False


def _near(a: Box, b: Box, gap: float) -> bool:
    return min(a[2], b[2]) + gap > max(a[0], b[0]) - gap and min(a[3], b[3]) + gap > max(a[1], b[1]) - gap
