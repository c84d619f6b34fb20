"""Whether an animal is one that the owner has named: near enough, and clearly nearer than the others."""

from __future__ import annotations

from math import cos, radians, sin

import numpy as np
import pytest

from dashboard.rules.acquaintance import NOBODY, acquaintance
from dashboard.rules.context import Wild

PET, WILD, UNKNOWN = Wild.PET, Wild.WILDLIFE, Wild.UNKNOWN


def look(degrees: float) -> tuple[float, float]:
    return cos(radians(degrees)), sin(radians(degrees))


@pytest.mark.parametrize(
    ("memory", "degrees", "told"),
    [
        ((), 0.0, UNKNOWN),
        (((0.0, PET),), 5.0, PET),
        (((0.0, PET),), 80.0, UNKNOWN),
        (((0.0, PET), (60.0, WILD)), 10.0, PET),
        (((0.0, PET), (60.0, WILD)), 52.0, WILD),
        (((0.0, PET), (60.0, WILD)), 30.0, UNKNOWN),
        (((0.0, PET), (3.0, PET), (60.0, WILD)), 4.0, PET),
        (((0.0, UNKNOWN),), 0.0, UNKNOWN),
    ],
    ids=["nobody is known", "near", "far", "the pet", "the fox", "in between", "twice", "said nothing"],
)
def test_who_an_animal_is(memory: tuple[tuple[float, Wild], ...], degrees: float, told: Wild) -> None:
    known = acquaintance([(look(at), wild) for at, wild in memory])
    assert known.told(np.array(look(degrees), np.float32), farthest=0.2, margin=0.05) is told


def test_looks_of_another_making_are_left_out() -> None:
    known = acquaintance([((1.0, 0.0), PET), ((1.0, 0.0, 0.0), WILD)])
    assert known.wild == (PET,)
    assert known.told(np.array([1.0, 0.0, 0.0], np.float32)) is UNKNOWN
    assert NOBODY.told(np.array([1.0], np.float32)) is UNKNOWN
