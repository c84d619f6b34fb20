"""Adult or child, and the scale that heights are measured with."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from dashboard.geometry import Point
from dashboard.rules.age import NO_EVIDENCE, AgeEvidence, gather, merged, proportions
from dashboard.rules.body import Body, body_of
from dashboard.rules.scale import Scale, ScaleError, ground_of, rectangle
from dashboard.settings import RuleSettings
from dashboard.values import Age, Floats, Pose, Track, TrackState
from tests.unit.rules_stage import RATES, adult_pose, child_pose

SETTINGS = RuleSettings()


def body(points: Floats | None, xyxy: tuple[float, float, float, float] = (180, 330, 220, 500)) -> Body:
    pose = None if points is None else Pose(points, 0.9)
    found = Track(1, xyxy, (0, 0), 0.9, TrackState.CONFIRMED, 0.0, 1.0, pose, 1.0 if pose else None)
    return body_of(found, SETTINGS)


def watched(shown: Body, seconds: float, fps: float, height_m: float | None = None) -> AgeEvidence:
    evidence = NO_EVIDENCE
    for i in range(int(seconds * fps) + 1):
        evidence = gather(evidence, i / fps, shown, height_m, SETTINGS)
    return evidence


def test_nothing_is_unknown() -> None:
    assert NO_EVIDENCE.age(SETTINGS) is Age.UNKNOWN
    assert NO_EVIDENCE.detail() == {"log_odds": 0}


@pytest.mark.parametrize("fps", RATES)
class TestOverTime:
    def test_adult_by_proportions(self, fps: float) -> None:
        assert watched(body(adult_pose(200, 500)), 2, fps).age(SETTINGS) is Age.ADULT

    def test_child_by_proportions(self, fps: float) -> None:
        assert watched(body(child_pose(200, 500, 170)), 2, fps).age(SETTINGS) is Age.CHILD

    def test_size_in_the_picture_says_nothing(self, fps: float) -> None:
        near_child = watched(body(child_pose(200, 500, 400), (120, 100, 280, 500)), 2, fps)
        far_adult = watched(body(adult_pose(200, 500, 90), (185, 410, 215, 500)), 2, fps)
        assert (near_child.age(SETTINGS), far_adult.age(SETTINGS)) == (Age.CHILD, Age.ADULT)

    def test_one_look_is_not_enough_for_an_adult(self, fps: float) -> None:
        assert watched(body(adult_pose(200, 500)), 0, fps).age(SETTINGS) is Age.UNKNOWN

    def test_height_speaks(self, fps: float) -> None:
        standing = replace(body(adult_pose(200, 500)), points=None)
        assert watched(standing, 2, fps, height_m=1.1).age(SETTINGS) is Age.CHILD
        assert watched(standing, 2, fps, height_m=1.75).age(SETTINGS) is Age.ADULT
        assert watched(standing, 2, fps, height_m=1.42).age(SETTINGS) is Age.UNKNOWN

    def test_identity_beats_all(self, fps: float) -> None:
        evidence = replace(watched(body(child_pose(200, 500, 170)), 2, fps), known=Age.ADULT)
        assert evidence.age(SETTINGS) is Age.ADULT
        assert evidence.detail()["known"] == "adult"

    def test_frames_do_not_add_up(self, fps: float) -> None:
        short, long = (watched(body(adult_pose(200, 500)), s, fps).log_odds for s in (3, 60))
        assert long == pytest.approx(short, abs=0.2)


def tilted(points: Floats, degrees: float) -> Floats:
    turned, centre = points.copy(), points[:, :2].mean(axis=0)
    a = np.radians(degrees)
    turned[:, :2] = (points[:, :2] - centre) @ np.array(
        [[np.cos(a), np.sin(a)], [-np.sin(a), np.cos(a)]]
    ) + centre
    return turned


def bent(points: Floats) -> Floats:
    sitting = points.copy()
    sitting[13:17, 0] += 40
    sitting[13:17, 1] = points[11, 1] + 10
    return sitting


def squeezed(points: Floats) -> Floats:
    """As from above: the legs short, the head large."""
    flat, shoulders = points.copy(), points[5, 1]
    flat[11:, 1] = shoulders + (points[11:, 1] - shoulders) * 0.4
    return flat


def unsure(points: Floats, index: int) -> Floats:
    less = points.copy()
    less[index, 2] = 0.2
    return less


@pytest.mark.parametrize(
    "points",
    [
        None,
        tilted(adult_pose(200, 500), 80),
        bent(adult_pose(200, 500)),
        squeezed(adult_pose(200, 500)),
        unsure(adult_pose(200, 500), 15),
        unsure(adult_pose(200, 500), 5),
        adult_pose(200, 500, 20),
    ],
    ids=["no skeleton", "lying", "sitting", "from above", "ankle unsure", "shoulder unsure", "tiny"],
)
def test_tells_nothing(points: Floats | None) -> None:
    assert proportions(body(points), SETTINGS) is None


def test_merging_keeps_both_halves() -> None:
    a, b = watched(body(adult_pose(200, 500)), 1, 10), watched(body(adult_pose(200, 500)), 1, 10)
    both = merged(a, b)
    assert both.head_share.looks == pytest.approx(a.head_share.looks + b.head_share.looks)
    assert both.head_share.mean == pytest.approx(a.head_share.mean)
    assert merged(NO_EVIDENCE, NO_EVIDENCE) == NO_EVIDENCE


W, H, FOCAL = 1280, 720, 900.0


def camera(pitch: float, yaw: float) -> np.ndarray:
    """The projection (3, 4) of a camera 3 m up and 4 m before the ground's origin."""
    p, y = np.radians(pitch), np.radians(yaw)
    forward = np.array([np.sin(y) * np.cos(p), np.cos(y) * np.cos(p), -np.sin(p)])
    right = np.cross(forward, [0, 0, 1])
    right /= np.linalg.norm(right)
    rotation = np.stack([right, np.cross(forward, right), forward])
    inner = np.array([[FOCAL, 0, W / 2], [0, FOCAL, H / 2], [0, 0, 1]])
    at = np.array([1.0, -4.0, 3.0])
    projection: np.ndarray = inner @ np.column_stack([rotation, -rotation @ at])
    return projection


def seen(projection: np.ndarray, *place: float) -> Point:
    x, y, w = projection @ (*place, 1.0)
    return float(x / w), float(y / w)


@pytest.mark.parametrize("pitch", [10, 25, 45, 70])
@pytest.mark.parametrize("yaw", [0, 20])
def test_scale_gives_metres_and_heights(pitch: float, yaw: float) -> None:
    view = camera(pitch, yaw)
    corners = [seen(view, x, y, 0) for x, y in ((0, 0), (3, 0), (3, 5), (0, 5))]
    image = tuple((x / W, y / H) for x, y in corners)
    ground = ground_of(rectangle("c", image, 3, 5), (W, H))
    assert ground.metres(seen(view, 1, 2, 0)) == pytest.approx((1, 2), abs=1e-6)
    for place, height in (((1, 2), 1.72), ((2, 4), 0.95)):
        feet, top = seen(view, *place, 0), seen(view, *place, height)
        assert ground.height_m(feet, top) == pytest.approx(height, abs=1e-3)


def test_straight_above_heights_cannot_be_told() -> None:
    square = ((0.4, 0.3), (0.6, 0.3), (0.6, 0.3 + 0.2 * W / H), (0.4, 0.3 + 0.2 * W / H))
    ground = ground_of(rectangle("c", square, 4, 4), (W, H))
    assert ground.metres((W * 0.5, H * 0.3)) == pytest.approx((2, 0))
    assert ground.height_m((600, 400), (600, 300)) is None


def test_unfit_scales_are_refused() -> None:
    line = ((0.1, 0.1), (0.2, 0.1), (0.3, 0.1), (0.1, 0.5))
    with pytest.raises(ScaleError, match="on a line"):
        ground_of(rectangle("c", line, 3, 5), (W, H))
    with pytest.raises(ScaleError, match="not longer than 0"):
        rectangle("c", line, 0, 5)
    with pytest.raises(ScaleError, match="four points"):
        ground_of(Scale("c", line[:3], line[:3]), (W, H))
