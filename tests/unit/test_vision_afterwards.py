"""What has come or gone while nobody watched is told after the start, and nothing else is."""

from __future__ import annotations

import functools
from pathlib import Path

import cv2
import numpy as np
import pytest

from dashboard.values import Change, Image
from dashboard.vision.afterwards import Remembered
from dashboard.vision.background import Box
from dashboard.vision.objects import ObjectWatch
from tests.unit.lights_stage import AT_S, everywhere, learnt, news, restarted, seen
from tests.unit.test_vision_objects import SIZE, floor, put

# A chair that was always there, and what somebody leaves.
CHAIR: Box = (120.0, 220.0, 160.0, 250.0)
TOY: Box = (430.0, 120.0, 462.0, 146.0)
BLUE = (200, 80, 20)
START_S = 100.0


def furnished(*left: Box) -> Image:
    """The place with its chair and things that are left."""
    image = put(floor(), CHAIR, BLUE)
    for box in left:
        image = put(image, box)
    return image


@functools.cache
def evening() -> Remembered:
    """The place with its chair, for half a minute."""
    return learnt(lambda t: furnished(), 30)


def start(folder: Path, image: Image, seconds: float = 15) -> tuple[ObjectWatch, list[tuple[int, Change]]]:
    """The morning after the evening: the watch, and what is news."""
    watch = restarted(evening(), folder)
    return watch, news(seen(watch, lambda t: image, START_S, START_S + seconds))


def darker(image: Image) -> Image:
    return np.asarray(cv2.convertScaleAbs(image, alpha=0.8), np.uint8)


def shaded(image: Image) -> Image:
    """The sun comes from elsewhere: brighter on one side, darker on the other."""
    light = np.linspace(0.75, 1.15, SIZE[0], dtype=np.float32)[None, :, None]
    return np.asarray(np.clip(image * light, 0, 255), np.uint8)


@pytest.mark.parametrize(
    ("image", "changes"),
    [
        (furnished(), []),
        (darker(furnished()), []),
        (shaded(furnished()), []),
        (furnished(TOY), [Change.APPEARED]),
        (darker(furnished(TOY)), [Change.APPEARED]),
        (floor(), [Change.REMOVED]),
        (put(floor(), TOY), [Change.APPEARED, Change.REMOVED]),
        (put(floor(), (300.0, 90.0, 340.0, 120.0), BLUE), []),
        (furnished((200.0, 200.0, 360.0, 282.0)), []),
    ],
    ids=[
        "nothing",
        "darker",
        "another sun",
        "put down",
        "put down and darker",
        "taken",
        "one taken and one put down",
        "only moved",
        "the sun on the water",
    ],
)
def test_what_changed_while_nobody_watched_is_told_once(
    tmp_path: Path, image: Image, changes: list[Change]
) -> None:
    watch, told = start(tmp_path, image)
    assert sorted(change for _, change in told) == changes
    assert "normal again" in watch.afterwards.word


def test_what_was_told_before_is_told_again_only_when_it_goes(tmp_path: Path) -> None:
    before = ObjectWatch(SIZE, everywhere)
    told = seen(before, lambda t: furnished(TOY) if t >= 12 else furnished(), 0, 25)
    assert [change for _, change in news(told)] == [Change.APPEARED]
    remembered = before.memory("pool", AT_S)
    assert remembered is not None
    watch = restarted(remembered, tmp_path)
    there = seen(watch, lambda t: furnished(TOY), START_S, START_S + 15)
    assert {thing.id for _, thing in there} == {told[0][1].id}
    assert news(there) == []
    gone = seen(watch, lambda t: furnished(), START_S + 15, START_S + 25)
    assert news(gone) == [(told[0][1].id, Change.REMOVED)]


def test_what_was_told_before_and_went_meanwhile_is_told_as_gone(tmp_path: Path) -> None:
    before = ObjectWatch(SIZE, everywhere)
    seen(before, lambda t: furnished(TOY) if t >= 12 else furnished(), 0, 25)
    remembered = before.memory("pool", AT_S)
    assert remembered is not None
    told = seen(restarted(remembered, tmp_path), lambda t: furnished(), START_S, START_S + 15)
    assert [change for _, change in news(told)] == [Change.REMOVED]


def test_no_number_is_given_twice(tmp_path: Path) -> None:
    _, told = start(tmp_path, furnished(TOY))
    assert told[0][0] >= evening().next_id


@pytest.mark.parametrize("turned", [False, True], ids=["pushed", "turned to another place"])
def test_a_camera_that_was_moved_begins_anew(tmp_path: Path, turned: bool) -> None:
    image = np.roll(furnished(), 7, axis=1) if not turned else furnished()[::-1, ::-1].copy()
    watch, told = start(tmp_path, image, 36)
    assert told == []
    assert "learnt anew" in watch.afterwards.word
    # What is put down now is told as ever.
    left = seen(watch, lambda t: put(image, TOY), START_S + 36, START_S + 48)
    assert [change for _, change in news(left)] == [Change.APPEARED]


def test_a_camera_that_finds_its_exposure_late_is_known_again(tmp_path: Path) -> None:
    watch = restarted(evening(), tmp_path)
    blank = np.full((SIZE[1], SIZE[0], 3), 250, np.uint8)
    told = seen(watch, lambda t: blank if t < START_S + 5 else furnished(TOY), START_S, START_S + 30)
    assert [change for _, change in news(told)] == [Change.APPEARED]


def test_nothing_is_kept_before_it_is_known_what_is_normal(tmp_path: Path) -> None:
    watch = restarted(evening(), tmp_path)
    seen(watch, lambda t: furnished(TOY), START_S, START_S + 2)
    assert watch.memory("pool", AT_S) is None


def test_another_size_is_refused_in_words(tmp_path: Path) -> None:
    watch = ObjectWatch((320, 240), everywhere)
    watch.recall(evening())
    assert watch.afterwards.misfit
    assert watch.afterwards.word == (
        "what was normal is of a picture of 640x360, this one is 320x240: it is learnt anew"
    )


def test_what_may_be_somebody_is_not_kept_and_what_is_there_is_no_news(tmp_path: Path) -> None:
    """Where the picture is not known to show nothing but the empty place."""

    def but_left(picture: np.ndarray) -> np.ndarray:
        own = everywhere(picture)
        own[:, : own.shape[1] // 2] = False
        return own

    remembered = learnt(lambda t: furnished(TOY), 20, but_left)
    kept = remembered.lights[0].shown.kept()
    half = kept.known.shape[1] // 2
    assert not kept.normal[:, :half].any() and not kept.known[:, :half].any()
    assert kept.known[:, half:].all()
    watch = restarted(remembered, tmp_path)
    # The chair stood where nothing is known: that it is gone is no news, what is gone on the right is.
    told = seen(watch, lambda t: floor(), START_S, START_S + 15)
    assert [change for _, change in news(told)] == [Change.REMOVED]


def test_masked_places_are_not_kept() -> None:
    watch = ObjectWatch(SIZE, everywhere)
    seen(watch, lambda t: furnished(), 0, 8)
    assert watch.memory("pool", AT_S) is not None  # a mask that is drawn later holds for what was kept before
    remembered = watch.memory("pool", AT_S, [((0.5, 0.0), (1.0, 0.0), (1.0, 1.0), (0.5, 1.0))])
    assert remembered is not None
    kept = remembered.lights[0].shown.kept()
    half = kept.known.shape[1] // 2
    assert kept.known[:, : half - 1].all()
    assert not kept.known[:, half + 1 :].any() and not kept.normal[:, half + 1 :].any()
