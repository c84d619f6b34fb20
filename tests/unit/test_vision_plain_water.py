"""What stands before the water from the first picture on."""

from __future__ import annotations

import numpy as np
import pytest

from dashboard.geometry import Polygon
from dashboard.values import Floats
from dashboard.vision.background import DOUBTED_S, Background, Mask
from dashboard.vision.plain_water import plain_water, within

SIZE = (320, 180)
POOL: Polygon = ((0.1, 0.3), (0.9, 0.3), (0.9, 0.9), (0.1, 0.9))
WATER = within([POOL], SIZE)
HEAD = (slice(90, 104), slice(150, 162))
BLUE, SKIN = (150.0, 120.0, 60.0), (90.0, 120.0, 190.0)


def garden(seed: int = 2) -> Floats:
    """A pool with ripples, and shade that grows to one side, between stones."""
    random = np.random.default_rng(seed)
    picture = np.full((SIZE[1], SIZE[0], 3), 170.0, np.float32)
    shade = np.linspace(1.0, 0.6, SIZE[0])[None, :, None]
    water = np.array(BLUE)[None, None] * shade + random.normal(0, 5, picture.shape)
    return np.asarray(np.where(WATER[..., None], water, picture), np.float32)


def with_somebody() -> Floats:
    picture = garden()
    picture[HEAD] = SKIN
    return picture


@pytest.mark.parametrize(
    "water", [np.zeros_like(WATER), within([((0.5, 0.5),) * 3], SIZE)], ids=["none", "a dot"]
)
def test_without_water_nothing_is_unlike_it(water: Mask) -> None:
    assert not plain_water(garden(), water)[1].any()


def test_shade_and_ripples_are_water() -> None:
    assert plain_water(garden(), WATER)[1].mean() < 0.001


def test_somebody_is_not_and_the_water_around_is_what_is_behind_them() -> None:
    plain, unlike = plain_water(with_somebody(), WATER)
    assert unlike[HEAD].mean() > 0.95
    assert unlike.sum() < 1.3 * unlike[HEAD].size
    assert np.abs(plain[HEAD] - garden()[HEAD]).mean() < 12


def test_where_the_floor_is_striped_nothing_is_told() -> None:
    picture = garden()
    for left in range(0, SIZE[0], 16):
        picture[:, left : left + 8][WATER[:, left : left + 8]] = (250, 250, 250)
    assert not plain_water(picture, WATER)[1].any()


def watched(pictures: list[Floats], fps: float) -> Background:
    background = Background(SIZE)
    background.water = WATER
    for n, picture in enumerate(pictures):
        background.learn(picture, n / fps, background.compare(picture), [])
        if n == 0:
            background.doubt(*plain_water(picture, WATER))
    return background


@pytest.mark.parametrize("fps", [2.0, 5.0, 30.0])
@pytest.mark.parametrize(("seconds", "odd"), [(3.0, True), (DOUBTED_S - 4, True), (DOUBTED_S + 4, False)])
def test_who_is_there_from_the_start_is_unexplained_until_it_has_not_moved_for_long(
    fps: float, seconds: float, odd: bool
) -> None:
    background = watched([with_somebody()] * round(seconds * fps), fps)
    seen = background.compare(with_somebody())
    assert (seen.mask[HEAD].mean() > 0.5) == odd


@pytest.mark.parametrize("fps", [2.0, 5.0, 30.0])
def test_after_who_was_there_from_the_start_has_gone_there_is_water(fps: float) -> None:
    background = watched([with_somebody()] * round(2 * fps) + [garden()] * round(2 * fps), fps)
    assert not background.compare(garden()).mask[HEAD].any()
    assert background.compare(with_somebody()).mask[HEAD].mean() > 0.5
