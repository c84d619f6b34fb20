"""Times of recorded frames, thinning, and what is late."""

from __future__ import annotations

import itertools

import pytest

from dashboard.source.timing import Arrivals, Thinner, Timeline

STAMPS: list[tuple[str, list[float | None], list[float]]] = [
    ("nothing", [], []),
    ("starts anywhere", [7.0, 7.1, 7.2], [0, 0.1, 0.2]),
    ("variable rate is kept", [0.0, 0.02, 0.5, 2.0, 2.01], [0, 0.02, 0.5, 2.0, 2.01]),
    ("a long pause is kept", [0.0, 20.0, 20.1], [0, 20.0, 20.1]),
    ("none at all", [None, None, None], [0, 0.1, 0.2]),
    ("one missing", [0.0, None, 0.2], [0, 0.1, 0.2]),
    ("first missing", [None, 5.0, 5.1], [0, 0.1, 0.2]),
    ("twice the same", [0.0, 0.1, 0.1, 0.2], [0, 0.1, 0.101, 0.2]),
    ("a small step back", [0.0, 0.1, 0.05, 0.2], [0, 0.1, 0.101, 0.2]),
    ("a jump back", [100.0, 100.1, 5.0, 5.1], [0, 0.1, 0.2, 0.3]),
    ("a jump of hours", [0.0, 0.1, 9000.0, 9000.1], [0, 0.1, 0.2, 0.3]),
]


@pytest.mark.parametrize(("stamps", "times"), [row[1:] for row in STAMPS], ids=[row[0] for row in STAMPS])
def test_timeline(stamps: list[float | None], times: list[float]) -> None:
    timeline = Timeline(0.1)
    assert [timeline.seconds(s) for s in stamps] == pytest.approx(times)


def test_timeline_of_a_slow_recording_keeps_its_minutes() -> None:
    timeline = Timeline(60.0)
    assert [timeline.seconds(s) for s in (0.0, 60.0, 180.0)] == [0, 60, 180]


def test_timeline_goes_on_in_the_next_loop() -> None:
    timeline = Timeline(0.1)
    first = [timeline.seconds(s) for s in (3.0, 3.1)]
    timeline.next_recording()
    assert first + [timeline.seconds(s) for s in (3.0, 3.1)] == pytest.approx([0, 0.1, 0.2, 0.3])


def test_timeline_always_grows() -> None:
    timeline = Timeline(0.04)
    stamps = [0.0, 0.0, 0.0, -5.0, None, 1e9, None, None, 0.1, 0.1, 0.05, 400.0]
    times = [timeline.seconds(s) for s in stamps]
    assert all(b > a for a, b in itertools.pairwise(times))


@pytest.mark.parametrize(
    ("source_fps", "max_fps", "kept_in_10_s"),
    [(25, None, 250), (25, 10, 100), (25, 25, 250), (25, 60, 250), (30, 15, 150), (5, 10, 50), (25, 1, 10)],
)
def test_thinner_keeps_evenly(source_fps: int, max_fps: float | None, kept_in_10_s: int) -> None:
    thinner = Thinner(max_fps)
    kept = [n / source_fps for n in range(10 * source_fps) if thinner.wanted(n / source_fps)]
    assert len(kept) == pytest.approx(kept_in_10_s, abs=1)
    if max_fps and max_fps < source_fps:
        gaps = [b - a for a, b in itertools.pairwise(kept)]
        assert max(gaps) < 1 / max_fps + 1.001 / source_fps


def test_thinner_after_a_gap_does_not_catch_up() -> None:
    thinner = Thinner(10)
    assert [thinner.wanted(t) for t in (0.0, 50.0, 50.02, 50.04, 50.1)] == [True, True, False, False, True]


def _live(arrivals: Arrivals, rows: list[tuple[float, float]]) -> list[bool]:
    """Feeds (stamp, arrival) and says which frames were fresh."""
    fresh = []
    for stamp, arrival in rows:
        arrivals.came(stamp, arrival)
        fresh.append(arrivals.fresh_time(stamp, arrival) is not None)
    return fresh


def test_a_steady_camera_is_never_late() -> None:
    rows = [(n / 10, 100 + n / 10 + (0.03 if n % 3 else 0)) for n in range(600)]
    assert all(_live(Arrivals(1.0), rows))


def test_a_camera_whose_clock_drifts_is_never_late() -> None:
    rows = [(n / 10 * 0.995, 100 + n / 10) for n in range(36_000)]
    assert all(_live(Arrivals(1.0), rows))


def test_pictures_held_back_by_the_network_are_late_until_it_has_caught_up() -> None:
    before = [(n / 10, 100 + n / 10) for n in range(50)]
    # Four seconds of nothing; then all forty pictures at once, the newest of them just taken.
    burst = [(n / 10, 109 + n / 1000) for n in range(50, 90)]
    after = [(n / 10, 100 + n / 10) for n in range(91, 100)]
    fresh = _live(Arrivals(1.0), before + burst + after)
    assert all(fresh[:50]) and all(fresh[90:])
    assert not any(fresh[50:80]) and all(fresh[82:90])


def test_a_camera_that_sets_its_clock_is_believed_after_a_while() -> None:
    rows = [(n / 10, 100 + n / 10) for n in range(50)]
    rows += [(n / 10 - 5, 100 + n / 10) for n in range(50, 150)]
    fresh = _live(Arrivals(1.0), rows)
    assert not fresh[60] and all(fresh[90:])


def test_a_camera_that_sets_its_clock_by_hours_is_believed_at_once() -> None:
    rows = [(n / 10, 100 + n / 10) for n in range(50)]
    rows += [(n / 10 - 7200, 100 + n / 10) for n in range(50, 60)]
    rows += [(n / 10 + 7200, 100 + n / 10) for n in range(60, 70)]
    assert all(_live(Arrivals(1.0), rows))


def test_far_behind_decodes_from_the_next_timely_key_frame() -> None:
    arrivals = Arrivals(1.0)
    worth = []
    for n in range(100):
        late = 6.0 - (n - 20) * 0.5 if 20 <= n < 32 else 0.0
        arrivals.came(n / 10, 100 + n / 10 + late)
        worth.append(arrivals.worth_decoding(key_frame=n % 10 == 5))
    assert all(worth[:20]) and not any(worth[20:35]) and all(worth[35:])


def test_without_timestamps_nothing_is_late() -> None:
    arrivals = Arrivals(1.0)
    arrivals.came(None, 5.0)
    assert arrivals.fresh_time(None, 9.0) == 9.0
    assert arrivals.worth_decoding(key_frame=False)


def test_times_of_a_burst_grow() -> None:
    arrivals = Arrivals(1.0)
    times = []
    for n in range(5):
        arrivals.came(n / 10, 100.0)
        times.append(arrivals.fresh_time(n / 10, 100.0))
    assert times == pytest.approx([100.0, 100.001, 100.002, 100.003, 100.004])
