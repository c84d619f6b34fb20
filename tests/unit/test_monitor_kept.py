"""What the judge keeps over a restart: whole, or refused with a reason and taken up in the safer mode."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dashboard.alarm.book import Book, pass_time, raise_events
from dashboard.monitor import kept
from dashboard.monitor.kept import KeptClock, KeptJudge, Prompt
from dashboard.monitor.memory import RecallError, recalled, remembered
from dashboard.rules.judge import JudgeState, Site, judge_start, judge_step
from dashboard.rules.world import World
from dashboard.settings import AlarmSettings, RuleSettings
from dashboard.values import Event, Level, Mode, Observation
from tests.unit.rules_stage import ALL_WATER, GARDEN, RATES, Actor, adult, film, swimmer
from tests.unit.test_rules_properties import looks, observations

SITE = Site(World(GARDEN))
GUARD = adult(9, (0.0, 200.0, 520.0), (120.0, 200.0, 520.0))
SINKS: list[Actor] = [GUARD, swimmer(1, (0, 400, 400), (10, 450, 400))]
NOW = datetime(2026, 7, 1, 12, tzinfo=UTC)
_Script = list[tuple[float, list[tuple[int, tuple[float, float], float, bool]] | None]]


def judged(state: JudgeState, seen: Iterable[Observation]) -> tuple[JudgeState, list[Event]]:
    events: list[Event] = []
    for observation in seen:
        state, new = judge_step(state, observation)
        events += new
    return state, events


def over_a_restart(state: JudgeState, down_s: float, prompts: tuple[Prompt, ...] = ()) -> JudgeState:
    saved = recalled(KeptJudge, kept.kept(state, state.t, prompts))
    return kept.restored(saved, state.site, down_s, RuleSettings())


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.lists(looks, max_size=30),
    st.sampled_from([Mode.WATCH, Mode.SUPERVISED]),
    st.sampled_from([(), GARDEN, ALL_WATER]),
    st.floats(0, 800),
)
def test_every_state_comes_back_whole(
    script: _Script, mode: Mode, zones: tuple[Any, ...], down_s: float
) -> None:
    """Judge, alarm book and questions: the same text again, and the same countdowns `down_s` later."""
    state, events = judged(judge_start(Site(World(zones)), mode, 0.0), observations(script))
    prompts = tuple(Prompt(i, event) for i, event in enumerate(events[:3]))
    text = kept.kept(state, state.t, prompts)
    saved = recalled(KeptJudge, text)
    assert remembered(saved) == text
    assert saved.prompts == tuple(recalled(Prompt, remembered(p)) for p in prompts)
    again = kept.restored(saved, state.site, down_s, RuleSettings())
    assert again.t == pytest.approx(state.t + down_s)
    assert {n: p.seen_t for n, p in again.ledger.people.items()} == {
        n: p.seen_t for n, p in state.ledger.people.items()
    }
    assert {name: remembered(rule) for name, rule in again.rules.items()} == dict(saved.rules)
    book = pass_time(raise_events(Book(), events).book, state.t + 40, 2, AlarmSettings()).book
    assert remembered(recalled(Book, remembered(book))) == remembered(book)


@pytest.mark.parametrize("mode", [Mode.WATCH, Mode.SUPERVISED])
def test_a_judge_who_knows_nothing_comes_back(mode: Mode) -> None:
    state = judge_start(SITE, mode, 5.0)
    assert over_a_restart(state, 0.0) == state


@pytest.mark.parametrize("fps", RATES)
def test_a_countdown_goes_on_with_the_time_that_passed(fps: float) -> None:
    state, _ = judged(judge_start(SITE, Mode.SUPERVISED, 0.0), film(SINKS, fps, 14))
    state = over_a_restart(state, 3.0)
    assert state.mode.mode is Mode.SUPERVISED
    _, events = judged(state, [o for o in film(SINKS, fps, 30) if o.t >= 17])
    (emergency,) = [e for e in events if e.level is Level.EMERGENCY and e.kind == "submersion"]
    assert emergency.t <= 20 + 1 / fps


@pytest.mark.parametrize("fps", RATES)
def test_who_is_still_there_is_recognised(fps: float) -> None:
    swims = [GUARD, swimmer(1, (0, 400, 400), (60, 450, 400))]
    state, _ = judged(judge_start(SITE, Mode.SUPERVISED, 0.0), film(swims, fps, 14))
    state = over_a_restart(state, 3.0)
    # Tracking begins anew, with its numbers as they come: the swimmer's and the guard's are others now.
    anew = [adult(1, (17, 200, 520), (60, 200, 520)), swimmer(2, (17, 400, 400), (60, 450, 400))]
    state, events = judged(state, [o for o in film(anew, fps, 50) if o.t >= 17])
    assert events == []
    assert sorted(state.ledger.people) == [1, 9]


def test_a_long_absence_restores_watch() -> None:
    assert over_a_restart(judge_start(SITE, Mode.SUPERVISED, 0.0), 3600.0).mode.mode is Mode.WATCH


def test_a_rule_that_changed_its_form_costs_only_itself() -> None:
    state, _ = judged(judge_start(SITE, Mode.SUPERVISED, 0.0), film(SINKS, 5, 14))
    saved = recalled(KeptJudge, kept.kept(state, state.t, ()))
    damaged = replace(saved, rules={**saved.rules, "motionless": '{"of an older": "version"}'})
    again = kept.restored(damaged, SITE, 1.0, RuleSettings())
    assert again.rules["motionless"] == judge_start(SITE, Mode.WATCH, 0.0).rules["motionless"]
    assert remembered(again.rules["submersion"]) == saved.rules["submersion"]
    assert again.ledger.people.keys() == state.ledger.people.keys()


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "{}",
        '{"t": 2}',
        "null",
        '{"t":1,"monotonic":1,"mode":7,"ledger":{},"rules":[],"prompts":[]}',
    ],
    ids=["empty", "list", "nothing", "an older form", "null", "no mode"],
)
def test_what_does_not_fit_is_refused_with_a_reason(text: str, caplog: pytest.LogCaptureFixture) -> None:
    with pytest.raises(RecallError, match="KeptJudge cannot be read"):
        recalled(KeptJudge, text)
    with caplog.at_level(logging.ERROR):
        assert kept.saved_judge({"judge": (text, NOW)}) is None
    assert "watch is on" in caplog.text
    assert kept.saved_judge({}) is None


def test_every_damage_is_refused() -> None:
    state, _ = judged(judge_start(SITE, Mode.SUPERVISED, 0.0), film(SINKS, 5, 16))
    saved = json.loads(kept.kept(state, state.t, ()))
    wrongs: tuple[object, ...] = (None, "x", {}, [[1]], True)
    for key in saved:
        for wrong in wrongs:
            with pytest.raises(RecallError):
                recalled(KeptJudge, json.dumps({**saved, key: wrong}))
        with pytest.raises(RecallError):
            recalled(KeptJudge, json.dumps({k: v for k, v in saved.items() if k != key}))


def _later(s: float) -> datetime:
    return NOW + timedelta(seconds=s)


@pytest.mark.parametrize(
    ("boot", "monotonic", "utc", "away_s"),
    [
        pytest.param("one", 105.0, _later(5), 5.0, id="within one start of the machine"),
        pytest.param("one", 105.0, _later(7205), 5.0, id="the wall clock was put forward meanwhile"),
        pytest.param("one", 105.0, _later(-7195), 5.0, id="the wall clock was put back meanwhile"),
        pytest.param("two", 12.0, _later(300), 300.0, id="the machine started anew"),
        pytest.param("two", 500.0, _later(300), 300.0, id="it runs for longer now than before"),
        pytest.param("two", 12.0, _later(-300), 0.0, id="it lost its clock: never less than nothing"),
        pytest.param("", 105.0, _later(5), 5.0, id="the system does not tell its starts"),
        pytest.param("", 12.0, _later(300), 300.0, id="nor that it started anew"),
    ],
)
def test_how_long_nobody_watched(boot: str, monotonic: float, utc: datetime, away_s: float) -> None:
    saved = KeptClock(1000.0, 100.0, "one" if boot else "")
    assert kept.away_s(saved, NOW, monotonic, boot, utc) == away_s


def test_the_clock_of_an_older_version_is_taken_from_its_judge() -> None:
    text = kept.kept(judge_start(SITE, Mode.WATCH, 50.0), 20.0, ())
    assert kept.saved_clock({"judge": (text, NOW)}) == (KeptClock(50.0, 20.0), NOW)
    assert kept.saved_clock({"clock": ("{", NOW), "judge": (text, NOW)}) == (KeptClock(50.0, 20.0), NOW)
    assert kept.saved_clock({}) is None
