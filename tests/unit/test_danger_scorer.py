"""From tracks to a word on each person's last second."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from dashboard.settings import VisionSettings
from dashboard.values import Floats, Pose, PoseDanger, Track, TrackState
from dashboard.vision.danger.scorer import DangerScorer
from dashboard.vision.danger.window import Windows
from tests.unit.danger_stage import struggling

SETTINGS = VisionSettings()
CLIP = struggling(90)


class Classifier:
    """Says the same of everybody and remembers what it was asked."""

    def __init__(self, score: float = 0.8) -> None:
        self.score = score
        self.asked: list[Windows] = []

    def probabilities(self, windows: Windows) -> Floats:
        self.asked.append(windows)
        rest = (1 - self.score) / 2
        return np.array([[self.score, rest, rest]] * len(windows), np.float32)


def track(t: float, number: int = 1, points: Floats | None = None, pose_t: float | None = None) -> Track:
    keypoints = CLIP[round(t * 30)] if points is None else points
    pose = Pose(keypoints, 0.9)
    return Track(number, (0, 0, 9, 9), (0, 0), 0.9, TrackState.CONFIRMED, 0.0, t, pose, pose_t or t)


def said(fps: float, seconds: float = 2.0, **changes: object) -> list[PoseDanger | None]:
    scorer = DangerScorer(Classifier(), SETTINGS)
    words = []
    for i in range(int(seconds * fps) + 1):
        (seen,) = scorer.step((replace(track(i / fps), **changes),), i / fps)  # type: ignore[arg-type]
        words.append(seen.danger)
    return words


@pytest.mark.parametrize("fps", [5, 10, 15, 30])
def test_three_words_a_second_at_any_rate(fps: float) -> None:
    words = said(fps)
    new = [w for w in words if w is not None and w.age_s < 1e-6]
    known = [w for w in new if w.score is not None]
    assert 4 <= len(known) <= 7
    assert {round(w.score or 0, 3) for w in known} == {0.8}
    assert all("upright" in w.why for w in known)
    last = words[-1]
    assert last is not None
    assert last.age_s < 0.3 + 1 / fps


def test_nobody() -> None:
    assert DangerScorer(Classifier(), SETTINGS).step((), 1.0) == ()


@pytest.mark.parametrize("fps", [1, 2])
def test_too_slow_a_camera_is_unknown(fps: float) -> None:
    assert all(word is None or word.score is None for word in said(fps, 2.9))


def test_short_past_is_unknown() -> None:
    words = said(10)
    assert all(word is None or word.score is None for word in words[:6])
    assert any(word is not None and word.score is not None for word in words[6:10])


@pytest.mark.parametrize("sure", [4, 8])
def test_too_few_sure_points_are_unknown(sure: int) -> None:
    scorer, model = DangerScorer(Classifier(), SETTINGS), Classifier()
    scorer = DangerScorer(model, SETTINGS)
    for i in range(20):
        points = CLIP[i].copy()
        points[: 17 - sure, 2] = 0.1
        (seen,) = scorer.step((track(i / 10, points=points),), i / 10)
        assert seen.danger is None or seen.danger.score is None
    assert model.asked == []


def test_a_hole_in_the_second_is_unknown_and_then_known_again() -> None:
    scorer = DangerScorer(Classifier(), SETTINGS)
    times = [*np.arange(0, 1, 0.1), *np.arange(1.5, 3.0, 0.1)]
    words = {}
    for t in times:
        (seen,) = scorer.step((track(t),), t)
        words[round(t, 1)] = None if seen.danger is None else seen.danger.score
    assert words[0.9] is not None
    assert words[1.8] is None
    assert words[2.9] is not None


def test_an_old_skeleton_is_no_new_look() -> None:
    model = Classifier()
    scorer = DangerScorer(model, SETTINGS)
    for i in range(11):
        scorer.step((track(i / 10),), i / 10)
    asked = len(model.asked)
    words = [scorer.step((track(1.0),), 1.0 + i / 10)[0].danger for i in range(1, 15)]
    assert len(model.asked) == asked
    assert words[-1] is None


def test_the_tentative_are_not_judged() -> None:
    assert set(said(10, state=TrackState.TENTATIVE)) == {None}


def test_people_are_asked_about_together_and_forgotten_when_gone() -> None:
    model = Classifier()
    scorer = DangerScorer(model, SETTINGS)
    for i in range(11):
        scorer.step((track(i / 10, 1), track(i / 10, 2)), i / 10)
    assert {len(windows) for windows in model.asked} == {2}
    scorer.step((), 1.1)
    (anew,) = scorer.step((track(1.2, 1),), 1.2)
    assert anew.danger == PoseDanger(None)


def test_the_window_ends_at_the_moment() -> None:
    model = Classifier()
    scorer = DangerScorer(model, SETTINGS)
    for i in range(13):
        scorer.step((track(i / 10),), i / 10)
    window = model.asked[-1]
    last = round(12 / 10 * 30) if np.allclose(window.points[0, -1], CLIP[36]) else round(0.9 * 30)
    assert np.allclose(window.points[0, -1], CLIP[last], atol=1e-3)
    assert window.known.all()
