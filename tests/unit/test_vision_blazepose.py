from __future__ import annotations

import math

import numpy as np
import pytest

from dashboard.values import COCO_KEYPOINTS, Floats
from dashboard.vision.blazepose import (
    Crop,
    Found,
    anchors,
    crop_between,
    crop_matrix,
    cut,
    decode_detector,
    decode_landmarks,
    mirrored,
    next_crop,
    refine,
    to_picture,
)
from dashboard.vision.layouts import BLAZEPOSE_33, BLAZEPOSE_MIRROR, COCO_FROM_BLAZEPOSE, coco_from_blazepose


def test_coco_points_are_the_points_of_the_same_name() -> None:
    assert tuple(BLAZEPOSE_33[i] for i in COCO_FROM_BLAZEPOSE) == COCO_KEYPOINTS
    points = np.arange(33 * 4, dtype=np.float32).reshape(33, 4)
    assert coco_from_blazepose(points).shape == (17, 3)


def test_the_mirror_swaps_sides_and_nothing_else() -> None:
    for name, partner in zip(BLAZEPOSE_33, BLAZEPOSE_MIRROR, strict=True):
        swapped = name.replace("left", "*").replace("right", "left").replace("*", "right")
        assert BLAZEPOSE_33[partner] == swapped


def test_mirroring_twice_changes_nothing() -> None:
    points = np.random.default_rng(1).random((39, 4)).astype(np.float32)
    assert mirrored(mirrored(points)) == pytest.approx(points)
    assert mirrored(points)[11, 0] == pytest.approx(1 - points[12, 0])


def test_anchors_are_those_of_the_model() -> None:
    centres = anchors()
    assert centres.shape == (2254, 2)
    assert centres[0].tolist() == centres[1].tolist() == [4, 4]
    assert centres[28 * 28 * 2].tolist() == [8, 8]
    assert centres[-1].tolist() == [208, 208]


def test_no_anchor_above_the_threshold_is_nobody() -> None:
    none: list[Found] = []
    assert (
        decode_detector(np.zeros((2254, 12), np.float32), np.full(2254, -5, np.float32), anchors(), 0.5)
        == none
    )


def test_findings_of_one_head_are_averaged_by_score() -> None:
    raw, logits = np.zeros((2254, 12), np.float32), np.full(2254, -100.0, np.float32)
    for anchor, shift in ((0, 0.0), (1, 2.0)):
        raw[anchor, :4] = [10 + shift, 10, 40, 40]
        raw[anchor, 4:8] = [20 + shift, 60, 20 + shift, 20]
        logits[anchor] = 3.0
    (found,) = decode_detector(raw, logits, anchors(), 0.5)
    assert found.score == pytest.approx(1 / (1 + math.exp(-3)))
    assert found.points[0] == pytest.approx([25, 64])
    assert found.head == pytest.approx([-5, -6, 35, 34])


@pytest.mark.parametrize(
    ("scale", "turn"),
    [((0, -10), 0.0), ((10, 0), math.pi / 2), ((0, 10), math.pi), ((-10, 0), -math.pi / 2)],
    ids=["upright", "head to the right", "head down", "head to the left"],
)
def test_the_crop_has_the_scale_point_up(scale: tuple[float, float], turn: float) -> None:
    hip = np.array([50, 40], np.float32)
    crop = crop_between(hip, hip + np.array(scale, np.float32))
    assert crop.centre == (50, 40)
    assert crop.side == pytest.approx(25)
    assert crop.turn == pytest.approx(turn)
    top_middle = np.array([[0.5, 0.1, 0, 1]], np.float32)
    offset = to_picture(top_middle, crop)[0, :2] - hip
    assert offset == pytest.approx(np.array(scale), abs=1e-5)


def test_points_and_pixels_of_a_crop_go_to_the_same_place() -> None:
    crop = Crop((33, 21), 47, 0.7)
    matrix = crop_matrix(crop, 256)
    points = np.array([[0.25, 0.75, 0, 1]], np.float32)
    by_matrix = matrix[:, :2] @ (points[0, :2] * 256) + matrix[:, 2]
    assert to_picture(points, crop)[0, :2] == pytest.approx(by_matrix, abs=1e-4)


def test_a_quarter_turn_cuts_the_picture_turned() -> None:
    image = np.zeros((64, 64, 3), np.uint8)
    image[:, 32:] = 200  # the right half is bright
    turned = cut(image, Crop((32, 32), 64, math.pi / 2), 64)
    assert turned[8].mean() > 180  # to the right is up now
    assert turned[56].mean() < 20


def test_landmark_scores_are_visibility_times_presence() -> None:
    raw = np.zeros((39, 5), np.float32)
    raw[0] = [128, 64, 25.6, 100, 0]
    points = decode_landmarks(raw.reshape(195), None)
    assert points[0] == pytest.approx([0.5, 0.25, 0.1, 0.5])
    assert points[1, 3] == pytest.approx(0.25)


def heat_with(row: int, column: int, logit: float) -> Floats:
    heat = np.full((64, 64, 1), -20, np.float32)
    heat[row, column, 0] = logit
    return heat


@pytest.mark.parametrize(
    ("start", "heat", "end"),
    [
        ((0.5, 0.5), heat_with(33, 34, 5), (34 / 64, 33 / 64)),
        ((0.5, 0.5), heat_with(33, 34, -1), (0.5, 0.5)),
        ((0.5, 0.5), heat_with(50, 50, 5), (0.5, 0.5)),
        ((0.0, 0.0), heat_with(1, 2, 5), (2 / 64, 1 / 64)),
        ((1.2, -0.1), heat_with(0, 63, 5), (1.2, -0.1)),
    ],
    ids=["sure nearby", "unsure", "too far", "at the corner", "outside"],
)
def test_refinement(start: tuple[float, float], heat: Floats, end: tuple[float, float]) -> None:
    moved = refine(np.array([start], np.float32), heat)
    assert moved[0] == pytest.approx(end, abs=1e-4)


def test_the_helper_points_place_the_next_crop() -> None:
    points = np.zeros((39, 4), np.float32)
    points[33, :2], points[34, :2] = (10, 20), (10, 0)
    assert next_crop(points) == Crop((10, 20), 50, 0.0)
