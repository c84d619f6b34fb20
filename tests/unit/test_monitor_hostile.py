"""What must not cost an alarm: rules that fail, details that nobody can write down, clocks that jump, a
machine that sleeps, a memory that is damaged, and very many people."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from dashboard.clock import SystemClock
from dashboard.monitor import judging as live
from dashboard.monitor.wire import pack
from dashboard.rules import judge as rules
from dashboard.values import Event, Level, Mode, Observation
from tests.unit.fake_monitor import HandClock
from tests.unit.judging_stage import Life
from tests.unit.rules_stage import CAMERA, SIZE, adult, film, swimmer
from tests.unit.test_monitor_judging import later
from tests.waiting import fair, until

SUNK = (adult(1, (0, 200, 330), (80, 200, 330)), swimmer(2, (0, 500, 400), (4, 500, 400)))


class JumpingClock(HandClock):
    """The wall clock is put forward or back by `by_s`."""

    by_s = 0.0

    def utc(self) -> datetime:
        return super().utc() + timedelta(seconds=self.by_s)


def sunk(data: Path, until: float, clock: HandClock | None = None) -> Life:
    return Life(data, clock or HandClock(0.0)).begin().supervised().watch(film(SUNK, 10, until))


def kinds(life: Life) -> list[str]:
    return [cause.kind for alarm in life.judging.book.alarms.values() for cause in alarm.causes]


def test_rules_that_fail_for_good_are_an_emergency_where_somebody_is_in_the_water(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    life = sunk(tmp_path, 6.0)

    def broken(*_: Any) -> Any:
        raise ZeroDivisionError

    real = rules.judge_time
    monkeypatch.setattr(rules, "judge_time", broken)
    life.wait(1.0)
    assert life.alarms() == [] and life.site["store"]["ok"] is False, "a hiccup is told, and no alarm"
    life.wait(2.0)
    assert [(level, state) for _, level, state in life.alarms()] == [("emergency", "unacknowledged")]
    assert "look at the pool" in life.site["alarms"][0]["title"] and life.site["siren"] is True
    monkeypatch.setattr(rules, "judge_time", real)
    life.wait(1.0)
    assert life.site["store"]["ok"] is True
    life.end()


def test_a_state_that_no_rule_can_take_is_left_behind(tmp_path: Path) -> None:
    life = sunk(tmp_path, 3.0)
    state = life.judging.state
    life.judging._state = replace(state, rules={**state.rules, "motionless": object()})
    life.wait(5.0)
    assert "judge_failed" in kinds(life)
    assert life.judging.mode is Mode.SUPERVISED
    # It judges again: who goes under from now on is found.
    again = (adult(1, (0, 200, 330), (80, 200, 330)), swimmer(3, (0, 500, 400), (4, 500, 400)))
    began = life.clock.t
    life.watch(later(seen, began) for seen in film(again, 10, 14.5))
    assert "submersion" in kinds(life)
    life.end()


@pytest.mark.parametrize(
    "detail",
    [
        pytest.param({"unseen_s": float("nan")}, id="no number"),
        pytest.param({"unseen_s": float("inf"), "at": np.float32(2.5)}, id="an array's number"),
        pytest.param({"where": Path("x"), "who": {1, 2}, "many": np.zeros(9)}, id="things"),
        pytest.param({"name": "\ud800\0", "text": "x" * 1_000_000}, id="odd letters, endless text"),
        pytest.param({"deep": [[[[[[[[[1]]]]]]]]]}, id="very deep"),
    ],
)
def test_an_odd_detail_keeps_no_alarm_from_the_page_nor_from_the_database(
    tmp_path: Path, detail: dict[str, Any]
) -> None:
    life = Life(tmp_path, HandClock(0.0)).begin()
    event = Event(0.0, CAMERA, "submersion", Level.EMERGENCY, 7, "pool", detail)
    life.judging._survive(lambda: (life.judging.state, (event,)))
    assert life.site["siren"] is True and life.sounds[-1] is True
    assert pack({"type": "site", "site": life.site})
    life.recorder.stop()
    assert life.recorder.why == ""
    assert [a.level for a in life.store.alarms(5)] == ["emergency"]
    json.dumps(dict(life.store.events(5)[0].event.detail), allow_nan=False)
    life.store.close()


def test_telling_that_fails_sounds_the_siren_all_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    life = Life(tmp_path, HandClock(0.0)).begin()

    def broken(*_: Any) -> Any:
        raise RecursionError

    monkeypatch.setattr(live, "remembered", broken)
    event = Event(0.0, CAMERA, "submersion", Level.EMERGENCY, 7, "pool")
    life.judging._survive(lambda: (life.judging.state, (event,)))
    assert life.sounds[-1] is True
    life.recorder.stop()
    assert [a.level for a in life.store.alarms(5)] == ["emergency"], "kept though the memory is not"
    life.store.close()


@pytest.mark.parametrize("by_s", [-86_400.0 * 365, -3600.0, 3600.0, 86_400.0 * 365])
def test_a_wall_clock_that_is_set_stops_no_countdown_and_no_call(tmp_path: Path, by_s: float) -> None:
    clock = JumpingClock(0.0)
    life = Life(tmp_path, clock).begin().supervised()
    seen = list(film(SUNK, 10, 14.5))
    life.watch(seen[:80])
    clock.by_s = by_s
    life.watch(seen[80:])
    assert life.alarms() == [(1, "emergency", "unacknowledged")]
    life.wait(31)
    until(lambda: len(life.outbox.deliveries_due(clock.utc())) == 3, 20, "three addresses are to be called")
    life.end()


@pytest.mark.parametrize("by_s", [-7200.0, 7200.0])
def test_a_wall_clock_that_is_set_does_not_make_a_restart_longer(tmp_path: Path, by_s: float) -> None:
    clock = JumpingClock(0.0)
    first = Life(tmp_path, clock)
    first.judging.boot = "one"
    first.begin().supervised().watch(film(SUNK, 10, 7.0))
    first.end()
    clock.by_s = by_s
    clock.t += 2.0
    second = Life(tmp_path, clock)
    second.judging.boot = "one"
    second.begin()
    assert second.judging.mode is Mode.SUPERVISED
    under = {p["id"]: p for p in second.site["people"]}[2]
    # Five seconds are left, half of them while the camera is still starting.
    assert under["countdown_s"] == pytest.approx(2.5, abs=0.3)
    second.wait(6.0)
    assert second.alarms()[0][1] == "emergency"
    second.end()


def test_a_machine_that_slept_says_so_and_counts_the_time(tmp_path: Path) -> None:
    slept = [0.0]
    life = sunk(tmp_path, 6.0)
    life.judging.slept = lambda: slept[0]
    life.wait(1.0)
    assert life.alarms() == []
    slept[0] = 600.0
    life.wait(1.0)
    assert {"machine_slept", "submersion"} <= set(kinds(life))
    assert "emergency" in [level for _, level, _ in life.alarms()]
    life.wait(5.0)
    assert kinds(life).count("machine_slept") == 1
    life.end()


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What a monitor leaves that ends in the middle of an emergency: each test takes a copy."""
    folder = tmp_path_factory.mktemp("kept")
    sunk(folder, 14.5).end()
    return folder


@pytest.mark.parametrize("key", ["judge", "book", "guests", "clock"])
@pytest.mark.parametrize("text", ["", "{", "null", "[]", '{"t":"x"}', "\x00"])
def test_a_damaged_memory_loses_no_open_alarm_and_takes_the_safer_mode(
    kept: Path, tmp_path: Path, key: str, text: str
) -> None:
    shutil.copytree(kept, tmp_path, dirs_exist_ok=True)
    second = Life(tmp_path, HandClock(20.0))
    memory = {**second.store.memory()}
    memory[key] = (text, memory["judge"][1])
    second.judging.begin(memory, second.store.alarms(100, unresolved=True), second.store.last_alarm(), False)
    second.judging.use_cameras({CAMERA: "Pool camera"})
    levels = [level for _, level, state in second.alarms() if state == "unacknowledged"]
    assert levels.count("emergency") == 1 and second.sounds[-1] is True
    if key == "judge":
        assert second.judging.mode is Mode.WATCH and "memory_lost" in kinds(second)
    second.wait(40)
    until(lambda: len(second.outbox.deliveries_due(second.clock.utc())) >= 3, 20, "it is escalated")
    second.end()


def test_very_many_people_do_not_hold_the_judge_up(tmp_path: Path) -> None:
    crowd = [adult(n, (0, 20.0 + 6 * (n % 100), 200.0 + 100 * (n // 100))) for n in range(1, 201)]
    life = Life(tmp_path, HandClock(0.0)).begin().supervised()
    seen = list(film(crowd, 2, 4))
    clock = SystemClock()
    began = clock.monotonic()
    life.watch(seen)
    took_s = (clock.monotonic() - began) / len(seen)
    assert took_s < fair(1.0), f"{took_s:.2f} s for a look at 200 people"
    life.end()


def test_a_word_of_a_camera_that_is_gone_is_no_word(tmp_path: Path) -> None:
    life = sunk(tmp_path, 1.0)
    before = life.judging.state
    life.judging.observed(Observation("gone", 2.0, 0, SIZE, ()))
    assert life.judging.state is before
    life.end()
