"""Windows of a second and the figures of a pose."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from dashboard.values import Floats
from dashboard.vision.danger.features import feature_names, features
from dashboard.vision.danger.reasons import reasons
from dashboard.vision.danger.window import (
    Windows,
    clip_windows,
    joined,
    mirrored,
    window_at,
)
from tests.unit.danger_stage import crawling, struggling

CLIPS = [pytest.param(struggling(40), id="struggling"), pytest.param(crawling(40), id="crawling")]


@pytest.mark.parametrize(("frames", "count"), [(0, 0), (5, 0), (6, 1), (29, 24), (30, 25), (45, 40)], ids=str)
def test_one_window_a_frame_from_the_sixth_on(frames: int, count: int) -> None:
    windows = clip_windows(struggling(45)[:frames])
    assert windows.points.shape == (count, 30, 17, 3)
    assert windows.known.shape == (count, 30)
    assert features(windows).shape == (count, len(feature_names()))


def test_windows_look_back_only_and_say_what_they_do_not_know() -> None:
    clip = crawling(40)
    windows = clip_windows(clip)
    assert_array_equal(windows.points[0, 24:], clip[:6])
    assert windows.known[0].tolist() == [False] * 24 + [True] * 6
    assert_array_equal(windows.points[-1], clip[10:])
    assert windows.known[-1].all()
    later = clip.copy()
    later[30:] += 500
    assert_array_equal(clip_windows(later).points[:25], windows.points[:25])


def test_unknown_frames_say_nothing() -> None:
    windows = clip_windows(crawling(10))
    other = windows.points.copy()
    other[~windows.known] = 12345
    assert_allclose(features(Windows(other, windows.known)), features(windows), atol=1e-4)


@pytest.mark.parametrize("clip", CLIPS)
class TestTheSameForAnybody:
    def test_mirrored(self, clip: Floats) -> None:
        windows = clip_windows(clip)
        assert_allclose(features(mirrored(windows)), features(windows), atol=1e-4)
        assert reasons(mirrored(windows)) == reasons(windows)

    def test_elsewhere_and_of_another_size(self, clip: Floats) -> None:
        windows = clip_windows(clip)
        moved = windows.points * np.array([2.5, 2.5, 1], np.float32) + np.array([70, -30, 0], np.float32)
        # The spread is told from zero by a thousandth of a pixel.
        assert_allclose(features(Windows(moved, windows.known)), features(windows), atol=2e-3)

    @pytest.mark.parametrize("rate", [30, 15, 10])
    def test_at_other_rates(self, clip: Floats, rate: int) -> None:
        """A slower camera's second tells about the same: no figure of posture moves by a tenth."""
        step = 30 // rate
        frames = clip[::-1][::step][::-1]
        times = (np.arange(len(clip))[::-1][::step][::-1] / 30).tolist()
        slow, quick = window_at(times, list(frames), 39 / 30), clip_windows(clip)
        posture = [i for i, n in enumerate(feature_names()) if n.endswith(".mean")]
        assert_allclose(features(slow)[0, posture], features(quick)[-1, posture], atol=0.1)


@pytest.mark.parametrize(
    ("clip", "name", "trunks"),
    [
        (struggling(40), "shoulders_wide.mean", 36 / 55),
        (struggling(40), "hips_wide.high", 24 / 55),
        (struggling(40), "legs_up.low", -70 / 55),
        (struggling(40), "ankles_far_least.mean", np.hypot(13, 70) / 55),
        (struggling(40), "ankles_apart.mean", 26 / 55),
        (struggling(40), "elbows_aside.mean", 76 / 55),
        (struggling(40), "body.path", 0),
        (crawling(40), "body.net_x", 5 / 55 * 29 / 30),
        (crawling(40), "travel.along", 5 / 55 * 29 / 30),
        (crawling(40), "shoulders.path_y", 0),
        (struggling(40), "wrists_aside.mean", 110 / 55),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_lengths_in_trunks(clip: Floats, name: str, trunks: float) -> None:
    told = dict(zip(feature_names(), features(clip_windows(clip)[-1:])[0].tolist(), strict=True))
    assert told[name] / told["trunk.mean"] == pytest.approx(trunks, abs=0.02)


@pytest.mark.parametrize(
    ("clip", "name", "value"),
    [
        (struggling(40), "upright.mean", 1),
        (crawling(40), "upright.mean", 0),
        (struggling(40), "aslant.high", 0),
        (crawling(40), "aslant.low", 1),
        (struggling(40), "knee_bent_most.mean", -1),
        (struggling(40), "wrists.together", -1),
        (crawling(40), "ankles.together", -1),
        (crawling(40), "travel.ahead", 1),
        (struggling(40), "wrists_y.swing10", 0),
        (crawling(40), "wrists_y.swing1", 0),
        (crawling(40), "sure_a_wrist.low", 0.9),
        (crawling(12), "frames", 12),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_figures_say(clip: Floats, name: str, value: float) -> None:
    told = dict(zip(feature_names(), features(clip_windows(clip)[-1:])[0].tolist(), strict=True))
    assert told[name] == pytest.approx(value, abs=0.03)


def test_missing_points_and_nothing_sure_are_still_numbers() -> None:
    clip = struggling(30)
    clip[..., 2] = 0
    flat = np.zeros((30, 17, 3), np.float32)
    windows = joined([clip_windows(clip)[-1:], clip_windows(flat)[-1:]])
    assert np.isfinite(features(windows)).all()
    assert len(reasons(windows)) == 2


def test_a_short_past_is_marked_unknown() -> None:
    clip = list(struggling(30))
    window = window_at([9.8, 9.9, 10.0], clip[:3], 10.0)
    assert window.known.sum() == 7
    assert_allclose(window.points[0, -1], clip[2], atol=1e-3)


def test_why() -> None:
    (drowning,) = reasons(clip_windows(struggling(30))[-1:])
    assert {"upright", "no travel", "arms high"} <= set(drowning)
    (swimming,) = reasons(clip_windows(crawling(30))[-1:])
    assert not {"upright", "no travel"} & set(swimming)
