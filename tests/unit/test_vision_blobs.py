"""Parts of the picture that are not as usual: without their shadows, and what is only a shadow."""

from __future__ import annotations

import numpy as np
import pytest

from dashboard.values import Floats
from dashboard.vision.blobs import Blob, blobs_of

SHAPE = (90, 160)
SAND, GREY, RED = (100.0, 130.0, 160.0), (130.0, 130.0, 130.0), (40.0, 40.0, 220.0)

What = float | tuple[float, float, float]


def seen(ground: tuple[float, float, float], *parts: tuple[tuple[int, int, int, int], What]) -> list[Blob]:
    """What is found where parts of a level ground (`xyxy`) have a colour, or so much of their light."""
    usual: Floats = np.full((*SHAPE, 3), ground, np.float32)
    now = usual.copy()
    for (left, top, right, bottom), what in parts:
        place = now[top:bottom, left:right]
        place[:] = place * what if isinstance(what, float) else what
    difference = np.abs(now - usual).max(axis=2)
    return blobs_of(difference > 12, now, usual, np.asarray(difference / 12, np.float32))


def test_a_thing_is_found_without_the_shadow_beside_it() -> None:
    blobs = seen(SAND, ((50, 40, 62, 52), RED), ((62, 44, 84, 52), 0.7))
    assert [blob.box for blob in blobs] == [(50, 40, 62, 52)]


def test_two_things_whose_shadows_touch_are_two() -> None:
    blobs = seen(SAND, ((40, 40, 52, 52), RED), ((52, 44, 70, 52), 0.7), ((70, 40, 82, 52), RED))
    assert sorted(blob.box for blob in blobs) == [(40, 40, 52, 52), (70, 40, 82, 52)]


@pytest.mark.parametrize(
    ("ground", "what", "lit"),
    [(SAND, 0.7, True), (SAND, RED, False), (SAND, GREY, False), (GREY, 0.7, False)],
    ids=["a sharp shadow", "a red thing", "a grey thing on sand", "dark on grey: who knows"],
)
def test_of_the_grounds_own_hue_it_is_a_shadow_however_sharp(
    ground: tuple[float, float, float], what: What, lit: bool
) -> None:
    (blob,) = seen(ground, ((50, 40, 64, 52), what))
    assert blob.box == (50, 40, 64, 52)
    assert blob.lit is lit


def test_nothing_is_found_in_a_picture_as_usual() -> None:
    assert seen(SAND) == []
