"""How clearly somebody stands out: over the water, under it, not at all."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from dashboard.source.simulated import World
from dashboard.values import Image
from dashboard.vision.background import Background
from dashboard.vision.standing_out import clearest, clearness
from tests.unit.simulated_scenes import SWIMWEAR, person, scene

SIZE_WH = (1280, 720)
BOX = (600.0, 300.0, 700.0, 420.0)


def learnt(picture: Image) -> Background:
    background = Background(SIZE_WH)
    for n in range(20):
        small = background.small(picture)
        background.learn(small, n * 0.5, background.compare(small), ())
    return background


def water() -> Image:
    rng = np.random.default_rng(1)
    ripples = cv2.resize(
        rng.normal(0, 6, (90, 160)).astype(np.float32), SIZE_WH, interpolation=cv2.INTER_CUBIC
    )
    return np.clip(np.array((190.0, 170.0, 80.0)) + ripples[..., None], 0, 255).astype(np.uint8)


def with_head(under: bool) -> Image:
    """A head and shoulders in the water; `under`: blurred, and half of their colour is the water's."""
    picture = water()
    body = picture.copy()
    cv2.circle(body, (650, 330), 14, (40, 50, 70), -1, cv2.LINE_AA)
    cv2.ellipse(body, (650, 365), (32, 18), 0, 0, 360, (110, 140, 200), -1, cv2.LINE_AA)
    if under:
        blurred = np.asarray(cv2.GaussianBlur(body, (0, 0), 2.5), np.uint8)
        body = np.asarray(cv2.addWeighted(blurred, 0.5, picture, 0.5, 0), np.uint8)
    return np.asarray(body, np.uint8)


def test_nothing_learnt_is_not_known() -> None:
    assert clearness(water(), BOX, Background(SIZE_WH)) is None


@pytest.mark.parametrize("box", [(0, 0, 3, 3), (1278, 10, 1400, 60), (-50, -50, -10, -10)])
def test_too_small_is_not_known(box: tuple[float, float, float, float]) -> None:
    assert clearness(water(), box, learnt(water())) is None


def test_a_head_over_the_water_stands_out_more_than_one_under_it() -> None:
    background = learnt(water())
    nothing = clearness(water(), BOX, background)
    over, under = (clearness(with_head(under), BOX, background) for under in (False, True))
    assert nothing is not None
    assert over is not None
    assert under is not None
    assert nothing < 0.3 * over
    assert under < 0.6 * over


def test_the_size_of_the_box_matters_little() -> None:
    background, picture = learnt(water()), with_head(under=False)
    tight = clearness(picture, (615, 312, 685, 386), background)
    wide = clearness(picture, (560, 270, 740, 430), background)
    assert tight is not None
    assert wide is not None
    assert tight == pytest.approx(wide, rel=0.25)


def test_in_the_simulated_pool_a_sinking_child_loses_it_within_a_second() -> None:
    steps = [{"tread": {"for": 4.0}}, {"sink": {"for": 30, "struggle_s": 1.0}}]
    world = World(scene(person("Vic", "child", [4.0, 2.0], *steps, look=SWIMWEAR), duration_s=40))
    empty = World(scene(duration_s=40)).render("overview", 0.0, SIZE_WH)
    background = learnt(empty)
    over, under = [], []
    for n in range(20, 120, 2):
        (child,) = world.truth(n / 10, "overview", SIZE_WH).persons
        clear = clearness(world.render("overview", n / 10, SIZE_WH), child.xyxy, background)
        assert clear is not None
        if n < 38:
            over.append(clear)
        elif not child.head_visible and n >= 70:
            under.append(clear)
    assert len(under) > 10
    assert max(under) < 0.65 * min(over)


def two_heads() -> Image:
    """Two heads, and a wake that joins them."""
    picture = water()
    for x in (600, 680):
        cv2.circle(picture, (x, 330), 12, (40, 50, 70), -1, cv2.LINE_AA)
    cv2.line(picture, (600, 345), (680, 345), (150, 150, 120), 6)
    return picture


def test_two_heads_that_stand_out_as_one_are_two_places_and_a_found_one_is_left_out() -> None:
    background, patch, picture = learnt(water()), (580.0, 310.0, 700.0, 355.0), two_heads()
    middles = [(b[0] + b[2]) / 2 for b in (one.xyxy for one in clearest(picture, patch, background, 58, 2))]
    assert sorted(round(x / 40) for x in middles) == [15, 17]
    (left,) = clearest(picture, patch, background, 58, 1, [(650.0, 300.0, 710.0, 360.0)])
    assert abs((left.xyxy[0] + left.xyxy[2]) / 2 - 600) < 20
    assert clearest(picture, patch, Background(SIZE_WH), 58, 2) == []
