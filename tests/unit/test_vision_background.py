"""Stories of a camera that looks at a textured floor: light, ripples, people, things."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence

import cv2
import numpy as np
import pytest

from dashboard.values import Image
from dashboard.vision.background import Background, Box, Foreground

SIZE = (320, 180)
FPS = 5.0
PERSON: Box = (150, 50, 180, 140)


@functools.cache
def floor(seed: int = 3) -> Image:
    coarse = np.random.default_rng(seed).integers(40, 190, (18, 32, 3)).astype(np.uint8)
    return np.asarray(cv2.resize(coarse, SIZE, interpolation=cv2.INTER_CUBIC), np.uint8)


def with_block(image: Image, box: Box, colour: tuple[int, int, int] = (20, 20, 220)) -> Image:
    left, top, right, bottom = (int(side) for side in box)
    changed = image.copy()
    changed[top:bottom, left:right] = colour
    return changed


NOISE = np.random.default_rng(5).normal(0, 3, (7, SIZE[1], SIZE[0], 3)).astype(np.float32)


def noisy(image: Image, number: int) -> Image:
    return np.asarray(np.clip(image + NOISE[number % len(NOISE)], 0, 255), np.uint8)


class Camera:
    """Shows pictures to a background, at FPS."""

    def __init__(self) -> None:
        self.background = Background(SIZE)
        self.number = 0
        self.t = 0.0

    def show(
        self, picture: Callable[[float], Image], seconds: float, people: Sequence[Box] = ()
    ) -> Foreground:
        for _ in range(round(seconds * FPS)):
            small = self.background.small(noisy(picture(self.t), self.number))
            seen = self.background.compare(small)
            self.background.learn(small, self.t, seen, people)
            self.t += 1 / FPS
            self.number += 1
        return seen


def over(box: Box, seen: Foreground) -> float:
    left, top, right, bottom = (round(side) for side in box)
    return float(seen.mask[top:bottom, left:right].mean())


def test_the_first_frame_explains_itself() -> None:
    background = Background(SIZE)
    seen = background.compare(background.small(floor()))
    assert seen.boxes == ()
    assert not seen.mask.any()
    assert seen.brightness == pytest.approx(float(floor().mean()), abs=1)


def test_noise_alone_is_explained() -> None:
    camera = Camera()
    assert camera.show(lambda _: floor(), 10).boxes == ()


def test_somebody_who_comes_is_not_explained_and_the_box_fits() -> None:
    camera = Camera()
    camera.show(lambda _: floor(), 5)
    seen = camera.show(lambda _: with_block(floor(), PERSON), 0.4)
    assert over(PERSON, seen) > 0.9
    assert len(seen.boxes) == 1
    assert seen.boxes[0] == pytest.approx(PERSON, abs=4)


@pytest.mark.parametrize("known", [True, False], ids=["detected", "not detected"])
def test_somebody_who_stands_still_for_a_minute_is_not_learnt(known: bool) -> None:
    camera = Camera()
    camera.show(lambda _: floor(), 15)
    before = camera.background.mean.copy()
    seen = camera.show(lambda _: with_block(floor(), PERSON), 60, [PERSON] if known else [])
    assert over(PERSON, seen) > 0.9
    inside = (slice(60, 130), slice(155, 175))
    assert camera.background.mean[inside] == pytest.approx(before[inside], abs=3)


def test_a_chair_that_stays_is_learnt_in_the_end() -> None:
    camera = Camera()
    camera.show(lambda _: floor(), 15)
    seen = camera.show(lambda _: with_block(floor(), PERSON), 200)
    assert seen.boxes == ()


def test_who_was_there_at_the_start_leaves_no_ghost() -> None:
    camera = Camera()
    camera.show(lambda _: with_block(floor(), PERSON), 2)
    seen = camera.show(lambda _: floor(), 8)
    assert seen.boxes == ()


def test_a_detected_person_at_the_start_is_never_learnt() -> None:
    camera = Camera()
    camera.show(lambda _: with_block(floor(), PERSON), 30, [PERSON])
    assert camera.background.known_s[95, 165] == 0
    assert camera.background.known_s[20, 20] > 20


def test_slow_light_is_followed() -> None:
    camera = Camera()
    camera.show(lambda _: floor(), 5)
    fading = camera.show(lambda t: (floor() * max(0.5, 1 - (t - 5) / 120)).astype(np.uint8), 60)
    assert fading.boxes == ()


def test_a_light_switched_on_is_no_crowd_and_is_soon_usual() -> None:
    rows = np.linspace(1.2, 2.0, SIZE[1])[:, None, None]  # brighter below: no gain explains it
    lit = np.clip(floor() * 0.5 * rows + 25, 0, 255).astype(np.uint8)
    camera = Camera()
    camera.show(lambda _: (floor() * 0.5).astype(np.uint8), 10)
    assert camera.show(lambda _: lit, 0.2).boxes == ()
    assert camera.show(lambda _: lit, 4).mask.mean() < 0.02
    seen = camera.show(lambda _: with_block(lit, PERSON), 0.4)
    assert over(PERSON, seen) > 0.8


def test_a_covered_lens_is_not_taken_for_a_light() -> None:
    camera = Camera()
    camera.show(lambda _: floor(), 10)
    seen = camera.show(lambda _: np.full_like(floor(), 15), 0.2)
    assert not seen.relit


def ripples(t: float) -> Image:
    x, y = np.meshgrid(np.arange(SIZE[0]), np.arange(SIZE[1]))
    wave = 25 * np.sin(x / 5 + 4 * t) * np.sin(y / 4 - 3 * t)
    return np.asarray(np.clip(np.array([150, 130, 60]) + wave[..., None], 0, 255), np.uint8)


def test_ripples_become_usual_and_a_swimmer_does_not() -> None:
    camera = Camera()
    camera.show(ripples, 20)
    assert camera.show(ripples, 1).mask.mean() < 0.02
    seen = camera.show(lambda t: with_block(ripples(t), (50, 50, 90, 75), (90, 120, 190)), 0.4)
    assert over((50, 50, 90, 75), seen) > 0.7


def test_quiet_is_the_time_since_a_part_of_a_box_moved() -> None:
    camera = Camera()
    camera.show(lambda _: floor(), 10)
    assert camera.background.quiet_s(PERSON) > 10
    camera.show(lambda _: with_block(floor(), (150, 50, 165, 75)), 2)
    assert camera.background.quiet_s(PERSON) < 3
    assert camera.background.quiet_s((10, 10, 40, 60)) > 10
    assert camera.background.quiet_s((9000, 0, 9100, 50)) == 0


def test_a_clock_that_jumps_back_does_no_harm() -> None:
    camera = Camera()
    camera.show(lambda _: floor(), 5)
    camera.t = 0.0
    assert camera.show(lambda _: floor(), 2).boxes == ()
