"""The judge's memory outlives a restart."""

from __future__ import annotations

import json

import pytest

from dashboard.rules.judge import JudgeState, Site, judge_start, judge_step
from dashboard.rules.saved import SavedError, from_text, to_text
from dashboard.rules.world import World
from dashboard.values import Event, Level, Mode, Observation
from tests.unit.rules_stage import GARDEN, RATES, Actor, adult, film, swimmer

SITE = Site(World(GARDEN))
GUARD = adult(9, (0.0, 200.0, 520.0), (120.0, 200.0, 520.0))


def judged(state: JudgeState, seen: list[Observation]) -> tuple[JudgeState, list[Event]]:
    events: list[Event] = []
    for observation in seen:
        state, new = judge_step(state, observation)
        events += new
    return state, events


def until(actors: list[Actor], fps: float, end: float) -> list[Observation]:
    return list(film(actors, fps, end))


def after(actors: list[Actor], fps: float, begin: float, end: float) -> list[Observation]:
    return [o for o in film(actors, fps, end) if o.t >= begin]


@pytest.mark.parametrize("fps", RATES)
def test_memory_is_whole(fps: float) -> None:
    state, _ = judged(
        judge_start(SITE, Mode.SUPERVISED, 0.0),
        until([GUARD, swimmer(1, (0, 400, 400), (10, 450, 400))], fps, 16),
    )
    text = to_text(state)
    again = from_text(text, SITE, 0.0)
    assert json.loads(to_text(again)) | {"ledger": 0} == json.loads(text) | {"ledger": 0}
    assert again.ledger.people.keys() == state.ledger.people.keys()


def test_empty_memory() -> None:
    state = judge_start(SITE, Mode.WATCH, 5.0)
    assert from_text(to_text(state), SITE, 0.0) == state


@pytest.mark.parametrize("fps", RATES)
def test_countdown_goes_on_over_a_restart(fps: float) -> None:
    sinks = [GUARD, swimmer(1, (0, 400, 400), (10, 450, 400))]
    state, _ = judged(judge_start(SITE, Mode.SUPERVISED, 0.0), until(sinks, fps, 14))
    state = from_text(to_text(state), SITE, 3.0)
    assert state.mode.mode is Mode.SUPERVISED
    _, events = judged(state, after(sinks, fps, 17, 30))
    (emergency,) = [e for e in events if e.level is Level.EMERGENCY and e.kind == "submersion"]
    assert emergency.t <= 20 + 1 / fps


@pytest.mark.parametrize("fps", RATES)
def test_who_is_still_there_is_recognised(fps: float) -> None:
    swims = [GUARD, swimmer(1, (0, 400, 400), (60, 450, 400))]
    state, _ = judged(judge_start(SITE, Mode.SUPERVISED, 0.0), until(swims, fps, 14))
    state = from_text(to_text(state), SITE, 3.0)
    # Tracking begins anew, with its numbers as they come: the swimmer's and the guard's are others now.
    anew = [adult(1, (17, 200, 520), (60, 200, 520)), swimmer(2, (17, 400, 400), (60, 450, 400))]
    state, events = judged(state, after(anew, fps, 17, 50))
    assert events == []
    assert sorted(state.ledger.people) == [1, 9]


def test_long_outage_restores_watch() -> None:
    state = judge_start(SITE, Mode.SUPERVISED, 0.0)
    assert from_text(to_text(state), SITE, 3600.0).mode.mode is Mode.WATCH


@pytest.mark.parametrize(
    "text",
    ["", "[]", "{}", '{"version": 2}', "null"],
    ids=["empty", "list", "nothing", "other version", "null"],
)
def test_what_does_not_fit_is_refused(text: str) -> None:
    with pytest.raises(SavedError):
        from_text(text, SITE, 0.0)


def test_every_damage_is_refused_or_whole() -> None:
    state, _ = judged(
        judge_start(SITE, Mode.SUPERVISED, 0.0),
        until([GUARD, swimmer(1, (0, 400, 400), (10, 450, 400))], 5, 16),
    )
    saved = json.loads(to_text(state))
    for key in saved:
        wrongs: tuple[object, ...] = (None, "x", [], {}, [[1]])
        for wrong in wrongs:
            damaged = json.dumps(saved | {key: wrong})
            try:
                from_text(damaged, SITE, 0.0)
            except SavedError:
                continue
            pytest.fail(f"{key} = {wrong!r} was taken")
