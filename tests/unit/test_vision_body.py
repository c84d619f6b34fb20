from __future__ import annotations

import numpy as np
import pytest

from dashboard.values import Floats
from dashboard.vision.blazepose import Crop
from dashboard.vision.body import body_box, body_shaped, crop_of_box, plausible, stature
from dashboard.vision.findings import (
    Finding,
    boxes_of,
    containment,
    distinct,
    matched,
    pairs,
    placed_by_tiles,
    skeleton_agreement,
    without_doubles,
)
from dashboard.vision.layouts import BLAZEPOSE_33
from dashboard.vision.models import Landmarks

# a standing person by the tables of Winter: heights in parts of stature above the floor, x from the middle
_STANDING = {
    "ear": (0.04, 0.925),
    "eye": (0.02, 0.936),
    "mouth": (0.015, 0.90),
    "shoulder": (0.11, 0.818),
    "elbow": (0.12, 0.63),
    "wrist": (0.12, 0.485),
    "hip": (0.06, 0.53),
    "knee": (0.06, 0.285),
    "ankle": (0.06, 0.039),
}


def standing(height: float = 200.0, x: float = 100.0, floor_y: float = 300.0) -> Floats:
    """Points (39, 4) of a standing person seen from the front."""
    points = np.zeros((39, 4), np.float32)
    points[:, 3] = 1
    for i, name in enumerate(BLAZEPOSE_33):
        side = 1 if "left" in name else -1 if "right" in name else 0
        part = next((p for p in _STANDING if p in name), None)
        if part is None:
            part = "ankle" if "heel" in name or "foot" in name else "wrist"
        if name == "nose":
            part, side = "mouth", 0
        across, up = _STANDING[part]
        points[i, :2] = (x + side * across * height, floor_y - up * height)
    points[33, :2] = (x, floor_y - 0.53 * height)
    points[34, :2] = (x, floor_y - 1.06 * height)
    return points


def turned(points: Floats) -> Floats:
    """The same body lying on its side."""
    lying = points.copy()
    lying[:, 0], lying[:, 1] = points[:, 1], points[:, 0]
    return lying


def finding(points: Floats, score: float = 0.9, finder: str = "tiles") -> Finding:
    marks = Landmarks(Crop((0, 0), 1, 0), points, 1.0)
    return Finding(body_box(points), score, finder, None, marks)


@pytest.mark.parametrize("height", [40.0, 200.0, 700.0])
def test_stature_and_box_are_those_of_the_body(height: float) -> None:
    points = standing(height)
    assert stature(points) == pytest.approx(height, rel=0.02)
    left, top, right, bottom = body_box(points)
    assert top == pytest.approx(300 - height, abs=0.05 * height)
    assert bottom == pytest.approx(300, abs=0.03 * height)
    assert right - left == pytest.approx(0.3 * height, rel=0.25)


def test_the_box_of_a_lying_body_is_the_standing_one_turned() -> None:
    left, top, right, bottom = body_box(standing())
    assert body_box(turned(standing())) == pytest.approx((top, left, bottom, right), abs=1)


def test_a_box_guesses_the_crop_that_its_skeleton_would_ask_for() -> None:
    crop = crop_of_box(body_box(standing()))
    assert crop.centre == pytest.approx((100, 194), abs=10)
    assert crop.side == pytest.approx(2.5 * 0.53 * 200, rel=0.05)


def spoilt(index: int, xy: tuple[float, float]) -> Floats:
    points = standing()
    points[index, :2] = xy
    return points


@pytest.mark.parametrize(
    ("points", "can_be"),
    [
        (standing(), True),
        (turned(standing()), True),
        (np.zeros((39, 4), np.float32), False),
        (spoilt(13, (500, 100)), False),
        (spoilt(25, (100, 900)), False),
        (spoilt(0, (float("nan"), 0)), False),
    ],
    ids=["standing", "lying", "a point", "an arm too long", "a leg too long", "not a number"],
)
def test_plausible(points: Floats, can_be: bool) -> None:
    assert plausible(points) is can_be


@pytest.mark.parametrize(
    ("box", "can_be"),
    [
        ((0, 0, 30, 80), True),
        ((0, 0, 80, 30), True),
        ((0, 0, 5, 80), False),
        ((0, 0, 10, 20), False),
        ((0, 0, 20, 200), False),
        ((0, 0, 640, 360), False),
    ],
    ids=["upright", "lying", "a line", "tiny", "a pole", "everything"],
)
def test_body_shaped(box: tuple[float, float, float, float], can_be: bool) -> None:
    assert body_shaped(box, (640, 360)) is can_be


def test_nobody_has_no_doubles() -> None:
    assert without_doubles([]) == []
    assert distinct([]) == []
    assert placed_by_tiles([], []) == ([], [])
    assert matched([], [], 0.0) == []
    assert boxes_of([]).shape == (0, 4)


def test_two_findings_of_one_body_become_the_surer_one() -> None:
    sure, unsure = finding(standing(), 0.9), finding(standing(x=104), 0.6)
    assert without_doubles([unsure, sure]) == [sure]


def test_two_people_side_by_side_stay_two() -> None:
    pair = [finding(standing()), finding(standing(x=100 + 0.25 * 200))]
    assert len(without_doubles(pair)) == 2


def test_of_one_head_there_is_one_body_however_the_rest_is_guessed() -> None:
    """Of a swimmer the head is seen; where the hips and legs are is guessed."""
    sure, other = finding(standing(), 0.9), finding(standing(), 0.6)
    assert other.landmarks is not None
    points = other.landmarks.points.copy()
    points[11:33, 0] += 0.6 * (points[11:33, 1] - points[0, 1])
    slanting = finding(points, 0.6)
    assert without_doubles([slanting, sure]) == [sure]


def test_a_box_without_skeleton_is_a_double_only_where_it_nearly_coincides() -> None:
    person = finding(standing())
    left, top, right, bottom = person.box
    same = Finding((left + 4, top, right + 4, bottom), 0.5, "yolox")
    beside = Finding((left + 40, top, right + 40, bottom), 0.5, "yolox")
    assert without_doubles([person, same]) == [person]
    assert len(without_doubles([person, beside])) == 2


def test_agreement_falls_with_distance() -> None:
    near = skeleton_agreement(standing(), standing(x=105))
    far = skeleton_agreement(standing(), standing(x=180))
    assert skeleton_agreement(standing(), standing()) == 1
    assert 1 > near > 0.8 > far
    assert far < 0.01


@pytest.mark.parametrize(
    ("agreement", "found"),
    [
        (np.zeros((0, 3)), []),
        (np.array([[0.9, 0.8], [0.8, 0.1]]), [(0, 0)]),
        (np.array([[0.6, 0.9], [0.8, 0.1]]), [(0, 1), (1, 0)]),
    ],
    ids=["empty", "one each, best first", "both"],
)
def test_pairs(agreement: Floats, found: list[tuple[int, int]]) -> None:
    assert pairs(agreement, 0.5) == found


def test_containment_is_in_parts_of_the_smaller_box() -> None:
    a = np.array([[0, 0, 10, 10]], np.float32)
    b = np.array([[5, 5, 10, 10], [5, 5, 25, 25], [50, 50, 60, 60], [3, 3, 3, 3]], np.float32)
    assert containment(a, b)[0] == pytest.approx([1, 0.25, 0, 0])


def test_a_box_takes_the_tiles_crop_and_strays_stay() -> None:
    box = Finding((60, 100, 140, 300), 0.8, "yolox")
    crop = Crop((100, 194), 265, 0.1)
    inside, stray = Finding((60, 90, 140, 298), 0.7, "tiles", crop), Finding((400, 0, 440, 99), 0.7, "tiles")
    people, strays = placed_by_tiles([box], [inside, stray])
    assert [p.crop for p in people] == [crop]
    assert strays == [stray]
