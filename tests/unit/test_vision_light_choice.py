"""Which lights are kept, and which one is there again."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from dashboard.values import Image
from dashboard.vision.afterwards import blob_of
from dashboard.vision.lights import BRIEF_S, MOST, Lights
from dashboard.vision.normal import Normal
from tests.unit.test_vision_objects import SIZE, floor, put

NOWHERE = np.zeros((270, 480), bool)


def lamps(number: int) -> Image:
    """The place in one of many lights that have nothing in common: patches of another size and place."""
    rng = np.random.default_rng(number)
    patches = rng.integers(-90, 90, (9, 16, 3))
    return np.clip(floor() + np.kron(patches, np.ones((40, 40, 1), int)), 0, 255).astype(np.uint8)


def looking_at(image: Image) -> Normal:
    """A camera that has seen nothing else for long."""
    normal = Normal(SIZE)
    normal.feed(image, 0.0)
    return normal


def changing(before: Image, after: Image) -> Normal:
    """The same when the light has just changed."""
    normal = looking_at(before)
    normal.quick[:] = looking_at(after).quick
    return normal


def through(lights: Lights, numbers: range, each_s: float = 100.0) -> None:
    """One light after the other, each for so long."""
    for number in numbers:
        normal = looking_at(lamps(number))
        lights.keep(normal, number * each_s, NOWHERE)
        lights.keep(normal, (number + 1) * each_s - 1, NOWHERE)
        lights.switch(changing(lamps(number), lamps(number + 1)), (), (number + 1) * each_s)


@pytest.mark.parametrize("number", range(6), ids=str)
def test_a_light_of_a_day_ago_is_known_again(number: int) -> None:
    lights = Lights()
    through(lights, range(8))
    normal = changing(lamps(8), lamps(number))
    assert lights.switch(normal, (), 900.0) is not None
    assert np.abs(normal.normal - looking_at(lamps(number)).normal).max() <= 1


def test_of_many_lights_so_many_are_kept() -> None:
    lights = Lights()
    through(lights, range(3 * MOST))
    assert len(lights.all) == MOST


def test_what_was_there_but_for_a_moment_is_forgotten_first() -> None:
    lights = Lights()
    through(lights, range(3))
    brief = lights.all[2]
    brief.seen_s = BRIEF_S / 2
    long = [light for light in lights.all if light is not brief]
    for number in range(50, 50 + MOST - 2):  # one more than there is room for
        lights.keep(looking_at(lamps(number)), 500.0, NOWHERE)
    assert brief not in lights.all
    assert all(light in lights.all for light in long)


def test_of_two_that_are_alike_one_is_kept() -> None:
    lights = Lights()
    through(lights, range(MOST))
    twin = lamps(4).copy()
    twin[:60] = lamps(77)[:60]  # a sixth of the picture is another
    lights.keep(looking_at(twin), 5000.0, NOWHERE)
    kept = [
        np.abs(light.kept.normal.astype(int) - looking_at(lamps(4)).normal).mean() for light in lights.all
    ]
    assert len(lights.all) == MOST
    assert sum(apart < 15 for apart in kept) == 1


def test_a_day_that_goes_by_is_kept_as_several_lights_and_each_but_once() -> None:
    """A shadow wanders over the place; wide changes of light are none."""
    lights = Lights()
    for hour in (0, 1, 2, 1, 0, 2):
        image = put(floor(), (40.0 + 200 * hour, 0.0, 140.0 + 200 * hour, 360.0), (20, 20, 20))
        lights.keep(looking_at(image), 3600.0 * hour, NOWHERE)
        lights.keep(looking_at((image * 0.8).astype(np.uint8)), 3600.0 * hour + 1, NOWHERE)
    assert len(lights.all) == 3


def test_what_has_changed_in_one_light_is_no_news_in_another() -> None:
    lights = Lights()
    through(lights, range(2))
    blob = blob_of((10, 10, 30, 30), (0, 0, 0), (9, 9, 9))
    lights.change(blob)
    assert all(light.changes == [blob] for light in lights.all)
    found = lights.switch(changing(lamps(2), lamps(0)), (), 300.0)
    assert found is not None and found.changes == [blob]


def test_a_camera_that_was_moved_knows_no_light_again() -> None:
    # Most of a place is plain: a small push changes little of the picture, and all of its edges.
    plain = cv2.convertScaleAbs(floor(), alpha=0.3, beta=80).astype(np.uint8)
    for now, again in ((plain, True), (np.roll(plain, 4, axis=1), False)):
        lights = Lights()
        lights.keep(looking_at(plain), 0.0, NOWHERE)
        lights.switch(changing(plain, lamps(0)), (), 100.0)
        assert (lights.switch(changing(lamps(0), now), (), 200.0) is not None) is again
        assert lights.moved is not again


def test_what_is_kept_on_disk_of_a_light_is_not_lost_while_somebody_stands_there() -> None:
    free = np.ones((270, 480), bool)
    lights = Lights(lambda picture: free)
    lights.keep(looking_at(lamps(0)), 0.0, NOWHERE)
    free[100:200, 100:150] = False
    lights.keep(looking_at(put(lamps(0), (140.0, 140.0, 180.0, 240.0))), 60.0, ~free)
    kept = lights.all[-1].shown.kept()
    assert kept.known.all()
    assert np.abs(kept.normal.astype(int) - looking_at(lamps(0)).normal).max() <= 2
