"""What was alive and what is not: a thing that falls onto something that moved is none of it."""

from __future__ import annotations

import numpy as np
import pytest

from dashboard.vision.blobs import Blob
from dashboard.vision.parts import Part, like_life

WATER = np.array([190.0, 150.0, 70.0], np.float32)


def part(colour: tuple[float, float, float], life: tuple[float, float, float] | None) -> Part:
    now = np.asarray(colour, np.float32)
    blob = Blob((10, 10, 20, 20), np.ones((10, 10), bool), 100, now, WATER, 1.0, False, 3.0)
    alive = None if life is None else np.asarray(life, np.float32)
    return Part(1, blob, 0.0, 5.0, 0.0, blob, alive=True, life=alive)


@pytest.mark.parametrize(
    ("colour", "life", "like"),
    [
        ((40.0, 40.0, 220.0), (15.0, 16.0, 14.0), False),
        ((60.0, 80.0, 110.0), (-40.0, -22.0, 12.0), True),
        ((205.0, 166.0, 84.0), (30.0, 33.0, 28.0), True),
        ((40.0, 40.0, 220.0), None, True),
        ((190.0, 150.0, 70.0), (15.0, 16.0, 14.0), True),
    ],
    ids=["a red ball on a ripple", "a head that rests", "a ripple fainter", "nobody knows", "as usual"],
)
def test_whether_a_part_is_what_moved_there(
    colour: tuple[float, float, float], life: tuple[float, float, float] | None, like: bool
) -> None:
    assert like_life(part(colour, life)) is like
