"""Nobody gets into the picture behind the skeletons, also where no searcher ever finds anybody."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from dashboard.settings import VisionSettings
from dashboard.source.simulated.story import Story
from dashboard.source.simulated.world import World
from dashboard.values import Floats, Image
from dashboard.vision.background import Background, local_correlation
from dashboard.vision.empty import EmptyView
from dashboard.vision.models import VisionModels
from dashboard.vision.trust import LATECOMER_S, STEADY_S, STIRRED_S, Trust
from tests.unit.simulated_scenes import CLOTHES, person, scene

SIZE = (480, 270)
FPS = 2.0
CUT_OFF = [-2.55, 2.2]  # at the left edge of the overview
CALM: dict[str, Any] = {"clouds": 0.3, "wind": 0.3, "glare": 0.3}


def bystander(*steps: dict[str, Any], at: list[float], **more: Any) -> dict[str, Any]:
    return person("Tom", "adult", at, *steps, look=CLOTHES, **more)


STORIES: dict[str, tuple[dict[str, Any], ...]] = {
    "there from the start, cut off by the edge": (
        bystander(
            {"stand": {"for": 45, "face_deg": 10, "gesture": "watch"}},
            {"walk": {"path": [[-1.2, 4.8], [6.5, 4.8]], "speed": 1.0}},
            at=CUT_OFF,
        ),
    ),
    "comes and stands for a minute and a half": (
        bystander(
            {"walk": {"path": [[-1.2, 3.4]], "speed": 1.0}},
            {"stand": {"for": 90, "face_deg": 0}},
            at=CUT_OFF,
            start_s=66,
        ),
    ),
    "treads water at one place": (
        person("Mia", "child", [3.0, 2.0], {"tread": {"for": 80, "face_deg": -90}}, start_s=2),
    ),
}


def shown(story: Story, seconds: float) -> Iterator[tuple[float, Image, Image]]:
    """Every 5 s: the time, the camera's picture, and what would be shown; no searcher finds anybody."""
    world = World(story)
    background, empty = (
        Background(SIZE),
        EmptyView(VisionModels.__new__(VisionModels), VisionSettings(), SIZE),
    )
    for number in range(round(seconds * FPS)):
        t = number / FPS
        image = world.render("overview", t, SIZE)
        small = background.small(image)
        background.learn(small, t, background.compare(small), [])
        empty._shown_t = t  # no candidate: nobody would find anybody in it either
        empty.see(image, small, t, background, [])
        if number and number % round(5 * FPS) == 0:
            yield t, image, empty.composed(background)


def recognisable(picture: Image, bodies: list[tuple[Image, np.ndarray]]) -> float:
    """The largest share of anybody's body of which the picture shows both colour and structure."""
    shares = [float(alike(picture, image)[body].mean()) for image, body in bodies]
    return max(shares, default=0.0)


def alike(a: Image, b: Image) -> np.ndarray:
    correlation, textured = local_correlation(grey(a), grey(b))
    return np.asarray((far(a, b) < 40) & textured & (correlation > 0.7))


def grey(image: Image) -> Floats:
    return np.asarray(image.mean(axis=2), np.float32)


def far(a: Image, b: Image) -> np.ndarray:
    return np.asarray(np.abs(a.astype(int) - b.astype(int)).max(axis=2))


@pytest.mark.parametrize("name", STORIES)
def test_whom_nobody_finds_is_not_in_the_empty_picture(name: str) -> None:
    story = scene(*STORIES[name], duration_s=150, weather=CALM)
    alone = World(replace(story, people=()))
    bodies: list[tuple[Image, np.ndarray]] = []
    for t, image, picture in shown(story, 150):
        body = far(image, alone.render("overview", t, SIZE)) > 60
        if body.sum() > 100:
            bodies.append((image, body))
        assert recognisable(picture, bodies) < 0.25, f"at {t} s"
    assert len(bodies) > 5


def test_the_place_itself_is_shown_in_a_minute_or_two() -> None:
    story = scene(duration_s=100, weather=CALM)
    for _, image, picture in shown(story, 100):
        deck = np.s_[215:, 60:400]
        blurred = far(image, picture)[deck].mean()
    assert blurred < 8
    assert picture[deck].std() > 0.8 * image[deck].std()


def look(level: float) -> Floats:
    return np.full((36, 64, 3), level, np.float32)


class Pixels:
    """Shows one colour after another to a trust, a second each."""

    def __init__(self, stir: float = 0.0) -> None:
        self.trust = Trust((36, 64))
        self.t = 0.0
        self.stir = np.zeros((36, 64), np.float32)
        self.stir[10:14, 10:14] = stir

    def show(self, level: float, seconds: float) -> None:
        free, deviation = np.ones((36, 64), bool), np.full((36, 64), 2, np.float32)
        for _ in range(round(seconds)):
            self.trust.step(look(level), self.t, free, deviation, self.stir)
            self.t += 1.0

    def part(self, level: float, seconds: float) -> None:
        """Something of this colour stands in a corner of the picture."""
        free, deviation = np.ones((36, 64), bool), np.full((36, 64), 2, np.float32)
        for _ in range(round(seconds)):
            small = look(100)
            small[:8, :8] = level
            self.trust.step(small, self.t, free, deviation, self.stir)
            self.t += 1.0


def test_nothing_is_trusted_at_once_and_all_after_a_minute() -> None:
    pixels = Pixels()
    pixels.show(100, STEADY_S / 2)
    assert not pixels.trust.trusted().any()
    pixels.show(100, STEADY_S / 2 + 5)
    assert pixels.trust.trusted().all()


def test_what_stirs_is_not_trusted_so_soon_and_nor_is_what_is_near() -> None:
    pixels = Pixels(stir=6.0)
    pixels.show(100, STEADY_S + 10)
    trusted = pixels.trust.trusted()
    assert not trusted[8:16, 8:16].any()
    assert trusted[30:, 40:].all()


def test_who_comes_later_does_not_take_the_places_place() -> None:
    pixels = Pixels()
    pixels.part(100, STEADY_S + 10)
    pixels.part(200, 4 * STEADY_S)
    assert not pixels.trust.shown()[:8, :8].any()
    trusted = pixels.trust.trusted()[:8, :8]
    assert (pixels.trust.colours()[:8, :8][trusted] < 110).all()


def test_who_was_there_at_the_start_and_left_is_not_shown() -> None:
    pixels = Pixels()
    pixels.part(200, STEADY_S / 2)
    pixels.part(100, 2 * STEADY_S)
    trusted = pixels.trust.trusted()[:8, :8]
    assert (pixels.trust.colours()[:8, :8][trusted] < 110).all()


def test_furniture_is_shown_in_the_end() -> None:
    pixels = Pixels()
    pixels.part(100, STEADY_S + 10)
    pixels.part(200, LATECOMER_S + 10)
    assert pixels.trust.shown()[:8, :8].all()


def test_other_lamps_begin_anew() -> None:
    pixels = Pixels()
    pixels.show(100, STEADY_S + 10)
    pixels.show(200, 20)
    assert not pixels.trust.trusted().any()
    pixels.show(200, STIRRED_S)
    assert pixels.trust.trusted().all()
