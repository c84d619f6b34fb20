"""Mixed bodies: whose they are made of, how they hang together, how much they count."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from dashboard.commands.schooling.clips import Clip
from dashboard.commands.schooling.material import material_of
from dashboard.commands.schooling.mixing import mixed, with_mixed
from dashboard.commands.schooling.pool import Pool, pool_of
from dashboard.vision.danger.features import features
from dashboard.vision.danger.model import Doing
from dashboard.vision.danger.window import FRAMES, Windows, clip_windows
from tests.unit.danger_stage import crawling, struggling

ARMS, LEGS, HIPS = [7, 8, 9, 10], [13, 14, 15, 16], [11, 12]


@pytest.fixture(scope="module")
def pool() -> Pool:
    clips = [
        Clip("drown", struggling(60), Doing.DROWN),
        Clip("swim", crawling(60), Doing.SWIM),
    ]
    return pool_of(material_of(clips, None), seed=1)


def last(windows: Windows) -> Windows:
    return Windows(windows.points[-1:], windows.known[-1:])


def test_arms_are_one_bodys_and_legs_another_s_as_large_as_the_first_wants() -> None:
    upper, lower = last(clip_windows(struggling(60))), last(clip_windows(crawling(60)))
    twice = Windows(lower.points * np.array([2, 2, 1], np.float32) + np.float32(0.5), lower.known)

    made, of_the_larger = mixed(upper, lower), mixed(upper, twice)

    assert made.points[:, :, ARMS] == pytest.approx(upper.points[:, :, ARMS])
    assert made.points[:, :, HIPS, :2].mean(2) == pytest.approx(
        upper.points[:, :, HIPS, :2].mean(2), rel=1e-4, abs=1e-3
    )
    shape = [
        w.points[:, :, LEGS, :2] - w.points[:, :, HIPS, :2].mean(2, keepdims=True) for w in (made, lower)
    ]
    size = [np.linalg.norm(s) for s in shape]
    assert shape[0] / size[0] == pytest.approx(shape[1] / size[1], abs=1e-3)
    assert of_the_larger.points[..., :2] == pytest.approx(made.points[..., :2], rel=1e-3, abs=1e-2)
    assert made.points[:, :, LEGS, 2] == pytest.approx(lower.points[:, :, LEGS, 2])


def test_the_same_body_twice_is_itself() -> None:
    windows = last(clip_windows(struggling(60)))
    assert mixed(windows, windows).points == pytest.approx(windows.points, rel=1e-4, abs=1e-2)


def test_known_is_what_is_known_of_both_and_never_less_than_a_judgement_needs() -> None:
    windows = last(clip_windows(struggling(60)))
    short = Windows(windows.points, (np.arange(FRAMES) >= FRAMES - 10)[None])
    other = Windows(windows.points, (np.arange(FRAMES) < FRAMES - 8)[None])
    assert mixed(windows, short).known.sum() == 10
    assert mixed(short, other).known.tolist() == [[False] * 20 + [True] * 2 + [False] * 2 + [True] * 6]


def test_a_pool_gets_bodies_of_every_class_it_has_and_their_share(pool: Pool) -> None:
    more = with_mixed(pool, seed=3, each=40)
    new = slice(len(pool.doing), None)
    assert np.bincount(more.doing[new]).tolist() == [40, 40]
    assert more.chances[new].sum() == pytest.approx(0.3 * pool.chances.sum())
    assert more.figures[new][:5] == pytest.approx(
        features(Windows(more.windows.points[new][:5], more.windows.known[new][:5])), rel=1e-3, abs=1e-3
    )
    assert not set(more.whose[new].tolist()) & set(pool.whose.tolist())


def test_only_bodies_of_the_same_class_are_mixed(pool: Pool) -> None:
    """Drowning arms shine with one score and swimming legs with another: never both in one body."""
    points = pool.windows.points.copy()
    points[..., 2] = np.where(pool.doing == 0, 0.25, 0.75)[:, None, None]
    more = with_mixed(replace(pool, windows=Windows(points, pool.windows.known)), seed=3, each=40)
    scores = more.windows.points[..., 2]
    assert scores[more.doing == 0] == pytest.approx(0.25)
    assert scores[more.doing == 1] == pytest.approx(0.75)


def test_the_same_seed_mixes_the_same(pool: Pool) -> None:
    one, again, other = (with_mixed(pool, seed, 40).windows.points for seed in (5, 5, 6))
    assert np.array_equal(one, again)
    assert not np.array_equal(one, other)
