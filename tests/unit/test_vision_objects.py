"""Stories of one camera: what comes and goes, and what only looks like it."""

from __future__ import annotations

import functools
import math
from collections.abc import Callable

import cv2
import numpy as np
import pytest

from dashboard.values import Change, Image, Thing, Track, TrackState
from dashboard.vision.background import Box
from dashboard.vision.objects import ObjectWatch

SIZE = (640, 360)
FPS = 5.0
BOX: Box = (300.0, 200.0, 330.0, 228.0)
Picture = Callable[[float], Image]


@functools.cache
def floor() -> Image:
    coarse = np.random.default_rng(3).integers(90, 150, (36, 64, 3)).astype(np.uint8)
    return np.asarray(cv2.resize(coarse, SIZE, interpolation=cv2.INTER_CUBIC), np.uint8)


def put(image: Image, box: Box, colour: tuple[int, int, int] = (30, 30, 220)) -> Image:
    left, top, right, bottom = (max(0, round(side)) for side in box)
    changed = image.copy()
    changed[top:bottom, left:right] = colour
    return changed


def sway(t: float) -> float:
    """How far to the side, in pixels, somebody is who stands still: nobody stands like a board."""
    return 4.0 * math.sin(0.9 * t)


def somebody(box: Box, t: float) -> Track:
    return Track(1, box, (0.0, 0.0), 0.9, TrackState.CONFIRMED, 0.0, t)


def watched(
    picture: Picture, seconds: float, person: Callable[[float], Box | None] = lambda t: None
) -> list[tuple[float, Thing]]:
    """What was told at each look and had rested for 5 s, or was told as gone."""
    watch, told = ObjectWatch(SIZE), []
    noise = np.random.default_rng(5).normal(0, 2, (7, SIZE[1], SIZE[0], 3))
    for number in range(round(seconds * FPS)):
        t = number / FPS
        image = np.clip(picture(t) + noise[number % 7], 0, 255).astype(np.uint8)
        box = person(t)
        known = [] if box is None else [somebody(box, t)]
        things = watch.step(image, t, [k.xyxy for k in known], known)
        told += [(t, x) for x in things if x.change is Change.REMOVED or x.seen_t - x.rest_t >= 5]
    return told


def kinds(told: list[tuple[float, Thing]]) -> list[tuple[int, Change]]:
    return list(dict.fromkeys((thing.id, thing.change) for _, thing in told))


def test_what_is_left_is_told_once_in_time_with_its_place() -> None:
    told = watched(lambda t: put(floor(), BOX) if t >= 20 else floor(), 40)
    assert [change for _, change in kinds(told)] == [Change.APPEARED]
    t, thing = told[0]
    assert 25 <= t <= 30
    assert thing.xyxy == pytest.approx(BOX, abs=8)
    assert thing.first_t == pytest.approx(20, abs=2.5)
    assert len(thing.outline) >= 3


def test_what_was_left_and_is_taken_away_is_told_as_gone() -> None:
    told = watched(lambda t: put(floor(), BOX) if 20 <= t < 40 else floor(), 55)
    assert [change for _, change in kinds(told)] == [Change.APPEARED, Change.REMOVED]
    assert len({thing.id for _, thing in told}) == 1


def walker(t: float) -> Box | None:
    """Comes at 40 s from the left, is at the thing at 44 s, and is gone at 50 s."""
    if not 40 <= t <= 50:
        return None
    x = 40 + 70 * min(t - 40, 4) if t < 46 else 320 - 70 * (t - 46)
    return x - 25, 110.0, x + 25, 240.0


def test_what_was_always_there_and_is_taken_by_somebody_leaves_no_new_object() -> None:
    def scene(t: float) -> Image:
        image = put(floor(), BOX) if t < 45 else floor()
        box = walker(t)
        return image if box is None else put(image, box, (200, 120, 40))

    told = watched(scene, 65, walker)
    assert [change for _, change in kinds(told)] == [Change.REMOVED]


@pytest.mark.parametrize("known", [True, False], ids=["found", "not found"])
def test_somebody_who_stands_still_for_a_minute_is_no_object(known: bool) -> None:
    def at(t: float) -> Box | None:
        if t < 10:
            return None
        x = 40 + 60 * min(t - 10, 4) + sway(t)
        return x - 25, 110.0, x + 25, 240.0

    def scene(t: float) -> Image:
        box = at(t)
        return floor() if box is None else put(floor(), box, (200, 120, 40))

    assert watched(scene, 80, at if known else lambda t: None) == []


def carrier(t: float) -> Box | None:
    """Comes out of a door at 16 s with a thing, sets it down at 20 s, goes at 24 s and is gone at 28 s."""
    if not 16 <= t <= 28:
        return None
    x = 330 - 55 * max(20 - t, 0) - 55 * max(t - 24, 0) + sway(t)
    return x - 70, 110.0, x - 30, 240.0


def test_what_somebody_brings_is_told_once_they_have_gone() -> None:
    def scene(t: float) -> Image:
        box = carrier(t)
        image = floor() if box is None else put(floor(), box, (200, 120, 40))
        if t < 16:
            return image
        left = 300.0 if box is None or t >= 20 else box[2] - 15
        return put(image, (left, 190, left + 60, 228))

    told = watched(scene, 45, carrier)
    assert [change for _, change in kinds(told)] == [Change.APPEARED]
    assert 24 < told[0][0] <= 34


@pytest.mark.parametrize("stirs", [False, True], ids=["lies", "stands"])
def test_what_was_taken_for_somebody_is_a_thing_when_it_is_stiller_than_anybody(stirs: bool) -> None:
    """As what somebody has set down who was never found, and whose part it was."""
    watch, told = ObjectWatch(SIZE), []
    for number in range(round(34 * FPS)):
        t = number / FPS
        x = 450 + (sway(t) if stirs else 0.0)
        things = watch.step(put(floor(), (x, 180, x + 80, 280)) if t >= 20 else floor(), t, [], [])
        for part in watch.parts:
            part.alive |= t < 23
        told += [(t, thing) for thing in things if thing.seen_t - thing.rest_t >= 5]
    assert [change for _, change in kinds(told)] == ([] if stirs else [Change.APPEARED])
    assert stirs or told[0][0] <= 30


def test_what_turns_on_the_spot_is_found_all_the_same() -> None:
    def scene(t: float) -> Image:
        image = ripples(t).copy()
        if t >= 20:
            turned = cv2.boxPoints(((320.0, 200.0), (110.0, 40.0), 10.0 * t)).astype(np.int32)
            cv2.fillPoly(image, [turned], (30, 30, 220))
        return image

    told = watched(scene, 35)
    assert [change for _, change in kinds(told)] == [Change.APPEARED]
    assert told[0][0] <= 30


def test_who_comes_in_unseen_and_stands_still_is_no_object() -> None:
    """From below, past the camera, within a second."""

    def scene(t: float) -> Image:
        if t < 15:
            return floor()
        down = 200 * max(16.5 - t, 0)
        x = 310 + sway(t)
        return put(floor(), (x - 40, 90 + down, x + 40, 300 + down), (40, 40, 50))

    assert watched(scene, 50) == []


def test_who_was_there_at_the_start_and_walks_off_leaves_nothing_behind() -> None:
    def scene(t: float) -> Image:
        x = 300.0 if t < 40 else 300 + 60 * (t - 40)
        return floor() if x > 600 else put(floor(), (x, 110, x + 50, 240), (200, 120, 40))

    assert watched(scene, 60) == []


def clouds(t: float) -> Image:
    x = np.linspace(0, 3, SIZE[0])[None, :, None]
    return np.asarray(np.clip(floor() * (0.8 + 0.25 * np.sin(x + t / 4)), 0, 255), np.uint8)


def ripples(t: float) -> Image:
    x, y = np.meshgrid(np.arange(SIZE[0]), np.arange(SIZE[1]))
    wave = 25 * np.sin(x / 9 + 4 * t) * np.sin(y / 7 - 3 * t)
    return np.asarray(np.clip(np.array([190, 150, 70]) + wave[..., None], 0, 255), np.uint8)


def shadow(t: float) -> Image:
    image = floor().copy()
    left = int(20 * t) % 560
    image[100:260, left : left + 80] = image[100:260, left : left + 80] // 2
    return image


def lamps(t: float) -> Image:
    if t < 20:
        return floor()
    grey = cv2.cvtColor(floor(), cv2.COLOR_BGR2GRAY) // 2 + 20
    return np.asarray(cv2.cvtColor(grey, cv2.COLOR_GRAY2BGR), np.uint8)


@pytest.mark.parametrize("picture", [clouds, ripples, shadow, lamps])
def test_weather_and_lamps_are_no_objects(picture: Picture) -> None:
    assert watched(picture, 60) == []


def test_a_thing_among_ripples_is_found() -> None:
    told = watched(lambda t: put(ripples(t), BOX) if t >= 25 else ripples(t), 45)
    assert [change for _, change in kinds(told)] == [Change.APPEARED]
    assert told[0][0] <= 35


def test_a_clock_that_jumps_back_does_no_harm() -> None:
    watch = ObjectWatch(SIZE)
    for t in (0.0, 1.0, 9.0, 2.0, 3.0):
        assert watch.step(floor(), t, (), ()) == ()
