"""Watch, supervised, paused: every mode against every command."""

from __future__ import annotations

import pytest

from dashboard.rules.judge import Site, judge_mode, judge_start, judge_step, judge_time
from dashboard.rules.modes import ModeError, ModeState, SetMode, change, restored, safer, tick
from dashboard.rules.world import World
from dashboard.settings import RuleSettings
from dashboard.values import Event, Level, Mode
from tests.unit.rules_stage import GARDEN, RATES, child, film

SETTINGS = RuleSettings()
WATCH, SUPERVISED, PAUSED = Mode.WATCH, Mode.SUPERVISED, Mode.PAUSED


def state(mode: Mode) -> ModeState:
    if mode is PAUSED:
        return ModeState(PAUSED, 0.0, "Ada", "page", until_t=600.0, back_to=SUPERVISED)
    return ModeState(mode, 0.0, "Ada", "page")


@pytest.mark.parametrize(
    ("before", "wanted", "after"),
    [
        (WATCH, WATCH, None),
        (WATCH, SUPERVISED, SUPERVISED),
        (WATCH, PAUSED, PAUSED),
        (SUPERVISED, WATCH, WATCH),
        (SUPERVISED, SUPERVISED, None),
        (SUPERVISED, PAUSED, PAUSED),
        (PAUSED, WATCH, WATCH),
        (PAUSED, SUPERVISED, SUPERVISED),
        (PAUSED, PAUSED, ModeError),
    ],
)
def test_every_mode_against_every_command(before: Mode, wanted: Mode, after: object) -> None:
    command = SetMode(wanted, "Ben", "phone")
    if after is ModeError:
        with pytest.raises(ModeError):
            change(state(before), command, 5.0, SETTINGS)
        return
    changed, told = change(state(before), command, 5.0, SETTINGS)
    if after is None:
        assert (changed, told) == (state(before), None)
        return
    assert told is not None
    assert (changed.mode, changed.since_t, changed.who, changed.origin) == (after, 5.0, "Ben", "phone")
    assert told.kind == "mode_changed"
    assert told.detail["from"] == before.value
    assert told.detail["to"] == wanted.value
    assert (told.detail["who"], told.detail["origin"]) == ("Ben", "phone")


@pytest.mark.parametrize(
    "command",
    [
        SetMode(SUPERVISED, "  ", "page"),
        SetMode(PAUSED, "Ada", "page", pause_s=901),
        SetMode(PAUSED, "Ada", "page", pause_s=0),
        SetMode(WATCH, "Ada", "page", pause_s=60),
    ],
    ids=["no name", "too long", "no time", "watch has no length"],
)
def test_illegal_commands(command: SetMode) -> None:
    with pytest.raises(ModeError):
        change(state(WATCH), command, 5.0, SETTINGS)


def test_pause_counts_down_and_rearms_itself() -> None:
    paused, _ = change(state(SUPERVISED), SetMode(PAUSED, "Ada", "page", 300), 10.0, SETTINGS)
    assert paused.left_s(10.0) == 300
    assert tick(paused, 309.9) == (paused, None)
    rearmed, told = tick(paused, 310.0)
    assert (rearmed.mode, rearmed.left_s(400)) == (SUPERVISED, None)
    assert told is not None
    assert told.detail["who"] == "timer"


def test_pause_lasts_15_minutes_at_most() -> None:
    paused, _ = change(state(WATCH), SetMode(PAUSED, "Ada", "page"), 0.0, SETTINGS)
    assert paused.until_t == 900


@pytest.mark.parametrize(
    ("saved", "down_s", "after"),
    [
        (None, 0.0, WATCH),
        (WATCH, 5.0, WATCH),
        (SUPERVISED, 5.0, SUPERVISED),
        (SUPERVISED, 61.0, WATCH),
        (PAUSED, 5.0, SUPERVISED),
        (PAUSED, 61.0, WATCH),
    ],
)
def test_restart_restores_the_safer(saved: Mode | None, down_s: float, after: Mode) -> None:
    kept = None if saved is None else state(saved)
    assert restored(kept, 100.0, down_s, SETTINGS).mode is after


def test_order_of_safety() -> None:
    assert safer(WATCH, SUPERVISED) is WATCH
    assert safer(PAUSED, SUPERVISED) is SUPERVISED
    assert safer(WATCH, WATCH) is WATCH


@pytest.mark.parametrize("fps", RATES)
def test_paused_judge_is_quiet_and_rearms(fps: float) -> None:
    judge = judge_start(Site(World(GARDEN)), WATCH, 0.0)
    judge, changed = judge_mode(judge, SetMode(PAUSED, "Ada", "page", 30), 0.0)
    assert [e.kind for e in changed] == ["mode_changed"]
    events: list[Event] = []
    for seen in film([child(1, (2, 200, 520), (60, 210, 520))], fps, 60):
        judge, new = judge_step(judge, seen)
        events += new
    loud = [e for e in events if e.level is Level.EMERGENCY]
    assert [e.kind for e in loud] == ["child_alone"]
    assert 30 <= loud[0].t <= 30 + 1 / fps + 1e-6
    assert judge.mode.mode is WATCH


def test_time_alone_ends_a_pause() -> None:
    judge = judge_start(Site(), WATCH, 0.0)
    judge, _ = judge_mode(judge, SetMode(PAUSED, "Ada", "page", 30), 0.0)
    judge, events = judge_time(judge, 31.0)
    assert judge.mode.mode is WATCH
    assert [e.kind for e in events] == ["mode_changed"]
