"""The monitor's small pure parts: back-off, interest, statistics, easing."""

from __future__ import annotations

import pytest

from dashboard.monitor.backoff import Backoff
from dashboard.monitor.interest import Interest
from dashboard.monitor.load import LoadControl, Punctuality, eased_budget
from dashboard.monitor.statistics import Health, Statistics
from dashboard.vision import SeeBudget


def test_a_single_death_waits_briefly_and_a_row_of_them_longer_and_longer() -> None:
    backoff = Backoff(0.2, 30.0, 60.0)
    pauses = [backoff.after(1.0) for _ in range(8)]
    assert pauses[0] == 0.2
    assert pauses == sorted(pauses)
    assert pauses[-1] == 30.0


def test_a_worker_that_lived_long_is_forgiven() -> None:
    backoff = Backoff(0.2, 30.0, 60.0)
    for _ in range(8):
        backoff.after(1.0)
    assert backoff.after(60.0) == 0.2
    assert backoff.after(59.9) > 0.2


def test_nobody_looks_at_nothing() -> None:
    assert Interest(3.0).active(0.0) == frozenset()


def test_a_look_lasts_three_seconds_and_is_renewed() -> None:
    interest = Interest(3.0)
    assert interest.touch("a", "redacted", 10.0) is True
    assert interest.touch("a", "redacted", 12.0) is False
    assert interest.active(14.9) == {("a", "redacted")}
    assert interest.active(15.0) == frozenset()
    assert interest.touch("a", "redacted", 15.0) is True


def test_looks_are_apart_by_camera_and_view() -> None:
    interest = Interest(3.0)
    interest.touch("a", "redacted", 0.0)
    interest.touch("a", "camera", 2.0)
    interest.touch("b", "redacted", 2.0)
    assert interest.active(4.0) == {("a", "camera"), ("b", "redacted")}
    interest.expire(4.0)
    assert not interest.holds("a", "redacted", 4.0)


def test_without_observations_nothing_is_claimed() -> None:
    statistics = Statistics()
    assert statistics.fps(0.0) is None
    assert statistics.latency_ms(0.0, 0.95) is None
    assert statistics.cpu_percent() is None
    assert statistics.health is None


def test_rate_and_latency_are_those_of_the_last_ten_seconds() -> None:
    statistics = Statistics()
    for i in range(200):
        now = 100 + i / 10
        statistics.observed(now, now - (0.5 if i < 100 else 0.1 if i % 20 else 0.3))
    assert statistics.fps(119.9) == pytest.approx(10.0, rel=0.02)
    assert statistics.latency_ms(119.9, 0.5) == pytest.approx(100.0)
    assert statistics.latency_ms(119.9, 0.95) == pytest.approx(300.0)


def test_the_rate_of_a_camera_that_stopped_falls_and_then_is_unknown() -> None:
    statistics = Statistics()
    for i in range(50):
        statistics.observed(100 + i / 10, 100 + i / 10)
    fresh, later = statistics.fps(105.0), statistics.fps(109.0)
    assert fresh is not None and later is not None and later < fresh
    assert statistics.fps(120.0) is None


def test_processor_use_is_of_the_window() -> None:
    statistics = Statistics()
    for i in range(41):
        statistics.told(100 + i / 2, Health(50 + i * 0.1, 200.0, i, 0, 0, 0, 0))
    assert statistics.cpu_percent() == pytest.approx(20.0)


def run(control: LoadControl, seconds: float, took_s: float, start: float, interval_s: float = 0.1) -> float:
    """Frames of `took_s` each, one after another, for so long; the time after them."""
    now, end = start, start + seconds
    while now < end:
        now += max(took_s, interval_s)
        control.done(now, took_s, interval_s)
    return now


def test_quick_frames_are_never_eased() -> None:
    control = LoadControl()
    run(control, 60, 0.05, 0.0)
    assert control.eased == 0


def test_slow_frames_ease_step_by_step_to_the_least() -> None:
    control = LoadControl()
    now = run(control, 3, 0.15, 0.0)
    assert control.eased == 1
    run(control, 60, 0.15, now)
    assert control.eased == 3


def test_room_restores_slowly_and_in_between_nothing_swings() -> None:
    control = LoadControl()
    now = run(control, 5, 0.15, 0.0)
    now = run(control, 3, 0.08, now)
    eased = control.eased
    assert eased > 0
    now = run(control, 60, 0.08, now)
    assert control.eased == eased
    now = run(control, 8, 0.04, now)
    assert control.eased == eased
    run(control, 60, 0.04, now)
    assert control.eased == 0


def test_a_fast_camera_drops_frames_before_a_frame_is_looked_at_less() -> None:
    control = LoadControl()
    run(control, 60, 0.08, 0.0, interval_s=1 / 30)
    assert control.eased == 0


@pytest.mark.parametrize(
    ("full", "least"),
    [
        pytest.param(SeeBudget(1, 2, 5), SeeBudget(3, 2, 5), id="with the detector"),
        pytest.param(SeeBudget(1, 3, 10), SeeBudget(3, 2, 6), id="without"),
        pytest.param(SeeBudget(1, 0, 1), SeeBudget(3, 0, 1), id="already the least"),
    ],
)
def test_easing_leaves_enough_to_find_somebody_new(full: SeeBudget, least: SeeBudget) -> None:
    assert eased_budget(full, 0) == full
    assert eased_budget(full, 3) == least


def punctuality(took_s: float) -> Punctuality:
    made = Punctuality(0.25)
    for _ in range(50):
        made.took(took_s)
    return made


@pytest.mark.parametrize(
    ("took_s", "age_s", "interval_s", "wanted"),
    [
        pytest.param(0.10, 0.01, 0.1, True, id="fresh"),
        pytest.param(0.10, 0.14, 0.1, True, id="just in time"),
        pytest.param(0.10, 0.16, 0.1, False, id="too old"),
        pytest.param(0.20, 0.08, 0.1, False, id="too slow for its age"),
        pytest.param(0.30, 0.08, 0.1, True, id="too slow for any"),
        pytest.param(0.10, 0.20, 0.5, True, id="the next one is far"),
        pytest.param(0.10, 0.20, 0.0, True, id="the next one is unknown"),
    ],
)
def test_a_frame_is_left_out_when_the_next_one_can_be_in_time(
    took_s: float, age_s: float, interval_s: float, wanted: bool
) -> None:
    assert punctuality(took_s).wanted(age_s, interval_s) is wanted


def test_the_first_frame_is_taken_and_never_two_are_left_out_in_a_row() -> None:
    assert Punctuality(0.25).wanted(0.1, 0.1)
    slow = punctuality(0.2)
    assert [slow.wanted(0.1, 0.1) for _ in range(6)] == [False, True] * 3
