"""Two back ends on one picture: everybody once, with the points of both."""

from __future__ import annotations

import numpy as np
import pytest

from dashboard.values import Floats, Pose
from dashboard.vision.together import alike, joined


def skeleton(x: float, score: float = 0.8, without: tuple[int, ...] = ()) -> Floats:
    points = np.array([[x + 5 * (k % 3), 20 * (k // 3), score] for k in range(17)], np.float32)
    points[list(without)] = 0
    return points


def test_nobody_and_nobody_is_nobody() -> None:
    assert joined([], []) == []


@pytest.mark.parametrize(("own", "other"), [(1, 0), (0, 1)])
def test_who_is_found_by_one_alone_stays(own: int, other: int) -> None:
    (pose,) = joined([Pose(skeleton(0), 0.6)] * own, [Pose(skeleton(0), 0.6)] * other)
    assert pose.keypoints[0, 2] == pytest.approx(0.8)
    assert pose.score == pytest.approx(0.3 if own else 0.6)


def test_who_is_found_by_both_is_there_once_with_the_points_of_both() -> None:
    ours, theirs = skeleton(0), skeleton(2, 0.7, without=(15, 16))
    (pose,) = joined([Pose(ours, 0.6)], [Pose(theirs, 0.5)])
    assert pose.keypoints[:15] == pytest.approx(theirs[:15])
    assert pose.keypoints[15:, :2] == pytest.approx(ours[15:, :2])  # what the other missed is guessed
    assert pose.keypoints[15:, 2] == pytest.approx([0.4, 0.4])
    assert pose.score == pytest.approx(0.8)


def test_two_side_by_side_are_not_mixed() -> None:
    ours = [Pose(skeleton(0), 0.9), Pose(skeleton(60), 0.8)]
    theirs = [Pose(skeleton(61), 0.7), Pose(skeleton(1), 0.6)]
    poses = joined(ours, theirs)
    assert sorted(float(p.keypoints[0, 0]) for p in poses) == [1, 61]


@pytest.mark.parametrize(
    ("a", "b", "least", "most"),
    [
        (skeleton(0), skeleton(0), 1, 1),
        (skeleton(0), skeleton(400), 0, 0.01),
        (skeleton(0), skeleton(0, without=tuple(range(15))), 0, 0),
        (skeleton(0) * 0, skeleton(0), 0, 0),
    ],
    ids=["same", "far", "two points only", "no points"],
)
def test_likeness(a: Floats, b: Floats, least: float, most: float) -> None:
    assert least <= alike(a, b) <= most
