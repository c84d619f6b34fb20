"""A camera that changes to infrared and back: what was normal in a light is normal when it comes back."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from dashboard.values import Change, Image
from tests.unit.test_vision_objects import BOX, Picture, floor, kinds, put, watched

DAY_S, NIGHT_S, END_S = 25.0, 45.0, 65.0


def seen(image: Image, t: float) -> Image:
    """By day in colour; in between in infrared, where green leaves are bright and there is no colour."""
    if not DAY_S <= t < NIGHT_S:
        return image
    grey = cv2.cvtColor(image, cv2.COLOR_BGR2GRAY).astype(np.float32)
    grey = 235 - 0.9 * grey
    return np.repeat(np.clip(grey, 0, 255).astype(np.uint8)[..., None], 3, axis=2)


def picture(from_s: float, until_s: float = 1e9) -> Picture:
    return lambda t: seen(put(floor(), BOX) if from_s <= t < until_s else floor(), t)


@pytest.mark.parametrize(
    ("from_s", "until_s", "changes"),
    [
        (1e9, 1e9, []),
        (12.0, 1e9, [Change.APPEARED]),
        (22.0, 1e9, [Change.APPEARED]),
        (32.0, 1e9, [Change.APPEARED]),
        (50.0, 1e9, [Change.APPEARED]),
        (12.0, 35.0, [Change.APPEARED, Change.REMOVED]),
    ],
    ids=[
        "nothing",
        "left by day",
        "left as the day goes",
        "left at night",
        "left the next day",
        "taken at night",
    ],
)
def test_each_thing_is_told_once_through_both_lights(
    from_s: float, until_s: float, changes: list[Change]
) -> None:
    told = [(t, thing) for t, thing in watched(picture(from_s, until_s), END_S) if not thing.known]
    assert [change for _, change in kinds(told)] == changes


def test_what_lies_there_still_when_the_day_comes_back_is_the_same_thing() -> None:
    told = watched(picture(12.0), END_S)
    by_day = [{thing.id for t, thing in told if a <= t < b} for a, b in ((0, DAY_S), (NIGHT_S + 5, END_S))]
    assert by_day[0] == by_day[1] and len(by_day[0]) == 1
