from __future__ import annotations

import numpy as np
import pytest

from dashboard.values import Floats, Label
from dashboard.vision.suppress import groups, suppressed
from dashboard.vision.yolox import decode, detections, grid, letterbox

CELLS = grid((416, 416))


def raw_with(*rows: tuple[int, list[float], float, int, float]) -> Floats:
    """Network output with the given (row, x y w h undecoded, objectness, class, class score)."""
    raw = np.zeros((3549, 85), np.float32)
    for row, box, sure, kind, score in rows:
        raw[row, :4], raw[row, 4], raw[row, 5 + kind] = box, sure, score
    return raw


def test_the_grid_has_a_cell_for_each_row_of_the_output() -> None:
    assert CELLS.shape == (3549, 3)
    assert CELLS[0].tolist() == [0, 0, 8]
    assert CELLS[52 * 52].tolist() == [0, 0, 16]
    assert CELLS[-1].tolist() == [12, 12, 32]


@pytest.mark.parametrize(
    ("size_wh", "inner_wh", "scale"),
    [((416, 416), (416, 416), 1.0), ((832, 416), (416, 208), 0.5), ((100, 200), (208, 416), 2.08)],
    ids=["as it is", "wide", "tall and small"],
)
def test_letterbox(size_wh: tuple[int, int], inner_wh: tuple[int, int], scale: float) -> None:
    boxed, used = letterbox(np.full((size_wh[1], size_wh[0], 3), 7, np.uint8), (416, 416))
    assert used == pytest.approx(scale)
    assert boxed.shape == (416, 416, 3)
    assert (boxed[: inner_wh[1], : inner_wh[0]] == 7).all()
    assert (boxed[inner_wh[1] :] == 114).all()
    assert (boxed[:, inner_wh[0] :] == 114).all()


def test_nothing_above_the_threshold_is_nothing() -> None:
    boxes, scores, classes = decode(raw_with((5, [0, 0, 0, 0], 0.5, 0, 0.5)), CELLS, 0.3)
    assert boxes.shape == (0, 4)
    assert len(scores) == len(classes) == 0


def test_a_row_is_decoded_by_its_cell_and_stride() -> None:
    row = 52 * 52 + 26 * 3 + 4  # stride 16, row 3, column 4
    raw = raw_with((row, [0.5, 0.25, np.log(2), np.log(4)], 0.8, 0, 0.9))
    boxes, scores, classes = decode(raw, CELLS, 0.3)
    assert boxes[0] == pytest.approx([4.5 * 16 - 16, 3.25 * 16 - 32, 4.5 * 16 + 16, 3.25 * 16 + 32])
    assert scores[0] == pytest.approx(0.72)
    assert classes.tolist() == [0]


def test_detections_are_in_picture_pixels_thinned_and_of_known_kinds() -> None:
    person = [0.5, 0.5, np.log(4), np.log(8)]
    raw = raw_with(
        (52 * 10 + 10, person, 0.9, 0, 1.0),
        (52 * 10 + 11, person, 0.6, 0, 1.0),  # the same person again
        (52 * 30 + 30, person, 0.9, 39, 1.0),  # a bottle
        (52 * 20 + 40, person, 0.4, 2, 1.0),  # a car
        (52 * 40 + 40, person, 0.5, 15, 1.0),
    )
    found = detections(raw, CELLS, 0.5, (832, 832), 0.3, 0.45)
    named = [(d.label, round(d.score, 2)) for d in found]
    assert named == [(Label.PERSON, 0.9), (Label.CAT, 0.5), (Label.OTHER, 0.4)]
    assert found[0].xyxy == pytest.approx((136, 104, 200, 232))
    assert {d.finder for d in found} == {"yolox"}


@pytest.mark.parametrize(
    ("boxes", "scores", "kept"),
    [
        ([], [], []),
        ([[0, 0, 10, 10]], [0.5], [0]),
        ([[0, 0, 10, 10], [1, 0, 11, 10]], [0.5, 0.9], [1]),
        ([[0, 0, 10, 10], [50, 0, 60, 10]], [0.5, 0.9], [1, 0]),
        ([[0, 0, 10, 10], [4, 0, 14, 10], [8, 0, 18, 10]], [0.9, 0.8, 0.7], [0, 2]),
    ],
    ids=["empty", "one", "double", "apart", "what a thinned box covered stays"],
)
def test_suppressed(boxes: list[list[float]], scores: list[float], kept: list[int]) -> None:
    array = np.array(boxes, np.float32).reshape(-1, 4)
    assert suppressed(array, np.array(scores, np.float32), 0.4).tolist() == kept


def test_groups_hold_every_box_once() -> None:
    boxes = np.array([[0, 0, 10, 10], [1, 0, 11, 10], [50, 0, 60, 10]], np.float32)
    found = groups(boxes, np.array([0.5, 0.9, 0.7], np.float32), 0.3)
    assert [group.tolist() for group in found] == [[1, 0], [2]]
    assert groups(boxes[:0], np.zeros(0, np.float32), 0.3) == []
