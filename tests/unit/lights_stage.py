"""A camera's objects before and after a restart of the monitor."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from dashboard.values import Change, Thing
from dashboard.vision.afterwards import Remembered
from dashboard.vision.background import Mask
from dashboard.vision.light_file import read, write
from dashboard.vision.lights import Own
from dashboard.vision.objects import ObjectWatch
from tests.unit.test_vision_objects import FPS, SIZE, Picture

NOISE = np.random.default_rng(5).normal(0, 2, (7, SIZE[1], SIZE[0], 3))
AT_S = 1.8e9  # of the wall clock


def everywhere(picture: np.ndarray) -> Mask:
    """All of it shows nothing but the empty place."""
    return np.ones(picture.shape[:2], bool)


def seen(watch: ObjectWatch, picture: Picture, from_s: float, until_s: float) -> list[tuple[float, Thing]]:
    """What is told and has rested for 5 s, or is told as gone, in a picture with noise."""
    told = []
    for number in range(round(from_s * FPS), round(until_s * FPS)):
        t = number / FPS
        image = np.clip(picture(t) + NOISE[number % 7], 0, 255).astype(np.uint8)
        things = watch.step(image, t, [], [])
        told += [(t, x) for x in things if x.change is Change.REMOVED or x.seen_t - x.rest_t >= 5]
    return told


def learnt(picture: Picture, seconds: float, own: Own = everywhere) -> Remembered:
    """What is remembered of a picture that was seen for so long."""
    watch = ObjectWatch(SIZE, own)
    seen(watch, picture, 0, seconds)
    found = watch.memory("pool", AT_S)
    assert found is not None
    return found


def restarted(remembered: Remembered, folder: Path) -> ObjectWatch:
    """The watch after a restart, by way of the disk."""
    write(folder / "pool.lights", remembered)
    watch = ObjectWatch(SIZE, everywhere)
    watch.recall(read(folder / "pool.lights", "pool", AT_S + 60))
    return watch


def news(told: list[tuple[float, Thing]]) -> list[tuple[int, Change]]:
    """What of it is news, once each."""
    return list(dict.fromkeys((thing.id, thing.change) for _, thing in told if not thing.known))
