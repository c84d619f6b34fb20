"""What lies stirs less than anybody who stands still."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest

from dashboard.values import Floats
from dashboard.vision.blobs import Blob
from dashboard.vision.stillness import AGO_S, Stillness

LOOK_S, GROUND, THING = 0.4, 120.0, 180.0


def look(left: int, light: float, within: float) -> tuple[Blob, Floats]:
    """A part 40 pixels wide at `left`, in so much light; `within`: how bright a third of it is."""
    quick: Floats = np.full((60, 120, 3), light * GROUND, np.float32)
    box = (left, 10, left + 40, 50)
    part = quick[10:50, left : left + 40]
    part[:] = light * THING
    part[:, :13] = light * within
    colour, usual = part.mean(axis=(0, 1)), np.full(3, light * GROUND, np.float32)
    return Blob(box, np.ones((40, 40), bool), 1600, colour, usual, 1.0, False, 3.0), quick


def still_s(of: Callable[[float], tuple[Blob, Floats]], seconds: float = 10.0) -> float:
    stillness = Stillness()
    for n in range(round(seconds / LOOK_S)):
        stillness = stillness.after(*of(n * LOOK_S), n * LOOK_S, LOOK_S)
    return stillness.still_s


def test_what_lies_has_been_still_since_it_can_be_compared() -> None:
    assert still_s(lambda t: look(40, 1.0, THING)) == pytest.approx(10.0 - AGO_S)


def test_a_cloud_does_not_stir_it() -> None:
    assert still_s(lambda t: look(40, 1.0 - 0.03 * t, THING)) == pytest.approx(10.0 - AGO_S)


@pytest.mark.parametrize(
    "of",
    [
        lambda t: look(40 + round(1.5 * math.sin(2 * t)), 1.0, THING),
        lambda t: look(40, 1.0, THING - 40 * (1 + math.sin(2 * t))),
    ],
    ids=["sways by a pixel", "stirs within"],
)
def test_who_stands_is_never_still_for_long(of: Callable[[float], tuple[Blob, Floats]]) -> None:
    assert max(still_s(of, seconds) for seconds in np.arange(3, 12, LOOK_S)) < 1.5


def test_what_has_stirred_is_still_from_then_on() -> None:
    assert still_s(lambda t: look(40 if t < 5 else 60, 1.0, THING)) == pytest.approx(2.8, abs=0.5)
