"""How an animal looks, as numbers: alike for the same one, apart for others, none where nothing is."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
import pytest

from dashboard.settings import VisionSettings
from dashboard.values import Detection, Floats, Frame, Image, Label
from dashboard.vision import Seer
from dashboard.vision.animal_look import LENGTH, animal_look
from dashboard.vision.background import Background
from tests.unit.vision_models import models

SIZE_WH = (640, 360)
BLACK, GINGER, WHITE = (30, 28, 28), (50, 120, 214), (225, 228, 230)


def garden(light: float = 1.0, grey: bool = False) -> Image:
    texture = np.random.default_rng(4).integers(90, 120, (23, 40, 3), dtype=np.uint8)
    image = cv2.resize(texture, SIZE_WH, interpolation=cv2.INTER_CUBIC) * light
    if grey:
        image = np.repeat(image.mean(axis=2, keepdims=True), 3, axis=2)
    return np.asarray(np.clip(image, 0, 255), np.uint8)


def with_cat(ground: Image, colour: tuple[int, int, int], x: int, light: float = 1.0) -> Image:
    """A body, a head and legs; `x` is where its box begins."""
    image = ground.copy()
    is_grey = bool((ground[..., 0] == ground[..., 2]).all())
    shade = (float(np.mean(colour)),) * 3 if is_grey else colour
    drawn = tuple(int(part * light) for part in shade)
    cv2.ellipse(image, (x + 35, 170), (28, 12), 0, 0, 360, drawn, -1)
    cv2.circle(image, (x + 66, 156), 9, drawn, -1)
    for leg in (16, 26, 46, 56):
        cv2.line(image, (x + leg, 178), (x + leg, 196), drawn, 5)
    return image


def learnt(picture: Image) -> Background:
    made = Background(SIZE_WH)
    small = made.small(picture)
    for n in range(10):
        made.learn(small, float(n), made.compare(small), [])
    return made


def look(
    colour: tuple[int, int, int], x: int = 200, light: float = 1.0, grey: bool = False, wider: int = 0
) -> Floats:
    ground = garden(light, grey)
    box = (x - wider, 146.0 - wider, x + 76.0 + wider, 198.0 + wider)
    found = animal_look(with_cat(ground, colour, x, light), box, learnt(ground))
    assert found is not None and found.shape == (LENGTH,)
    assert float(np.linalg.norm(found)) == pytest.approx(1.0, abs=1e-5)
    return found


def apart(a: Floats, b: Floats) -> float:
    return 1.0 - float(a @ b)


def test_the_same_animal_elsewhere_and_in_other_light_is_nearer_than_another() -> None:
    black, again = look(BLACK), look(BLACK, 420, light=0.6, wider=2)
    assert apart(black, again) < 0.5 * min(apart(black, look(GINGER)), apart(black, look(WHITE)))
    assert apart(look(GINGER), look(GINGER, 300, 0.7)) < apart(look(GINGER), look(WHITE))


def test_in_infrared_light_and_dark_coats_are_still_apart() -> None:
    dark, light = look(BLACK, grey=True), look(WHITE, grey=True)
    assert apart(dark, look(BLACK, 350, grey=True)) < 0.2 * apart(dark, light)


@pytest.mark.parametrize(
    "box",
    [(10.0, 10.0, 60.0, 40.0), (200.0, 150.0, 210.0, 155.0), (630.0, 350.0, 900.0, 500.0), (0, 0, 0, 0)],
    ids=["nothing differs", "too small", "at the edge", "no box"],
)
def test_where_there_is_nothing_there_is_no_look(box: tuple[float, float, float, float]) -> None:
    ground = garden()
    assert animal_look(with_cat(ground, BLACK, 200), box, learnt(ground)) is None


def test_before_anything_is_learnt_there_is_no_look() -> None:
    picture = with_cat(garden(), BLACK, 200)
    assert animal_look(picture, (200.0, 146.0, 276.0, 198.0), Background(SIZE_WH)) is None


class Told:
    """A detector that says what it was told to find."""

    def __init__(self) -> None:
        self.found: list[Detection] = []

    def submit(self, image: Image) -> Told:
        return self

    def result(self, least: float, overlap: float) -> list[Detection]:
        return self.found


def test_a_camera_gives_its_animals_their_look_and_nothing_else() -> None:
    detector = Told()
    seer = Seer(replace(models(detector=False), detector=detector), VisionSettings())  # type: ignore[arg-type]
    for n in range(12):
        seer.see(Frame("yard", n / 2, garden(), n), ())
    detector.found = [
        Detection((200.0, 146.0, 276.0, 198.0), 0.8, Label.CAT, "yolox"),
        Detection((400.0, 100.0, 440.0, 140.0), 0.8, Label.BALL, "yolox"),
    ]
    seen = seer.see(Frame("yard", 6.0, with_cat(garden(), BLACK, 200), 12), ())
    cat, ball = seen.things
    assert cat.appearance is not None and apart(cat.appearance, look(BLACK)) < 0.02
    assert ball.appearance is None
    # While the camera stands askew what was learnt is another view.
    seer.held = True
    held = seer.see(Frame("yard", 6.5, with_cat(garden(), BLACK, 200), 13), ())
    assert [thing.appearance for thing in held.things] == [None, None]


def test_a_car_that_drives_past_is_neither_a_thing_nor_an_animal() -> None:
    """What moves so and is recognised by nobody is told as an animal."""
    assert drives_past(recognised=False) == {Label.ANIMAL}
    assert drives_past(recognised=True) == set()


def drives_past(recognised: bool) -> set[Label]:
    detector = Told()
    seer = Seer(replace(models(detector=False), detector=detector), VisionSettings())  # type: ignore[arg-type]
    for n in range(12):
        seer.see(Frame("road", n / 2, garden(), n), ())
    told: set[Label] = set()
    for n in range(18):
        left, image = 20 + 12 * n, garden()
        cv2.rectangle(image, (left, 150), (left + 80, 190), BLACK, -1)
        box = (float(left), 150.0, left + 80.0, 190.0)
        detector.found = [Detection(box, 0.8, Label.OTHER, "yolox")] if recognised else []
        seen = seer.see(Frame("road", 6.0 + n / 5, image, 12 + n), ())
        told |= {thing.label for thing in seen.things}
    return told
