"""Settings that an owner changes: they count in the running judge, outlive it, and are written down; what is
refused changes nothing."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from dashboard.alarm.machine import Reason
from dashboard.monitor.handle import MonitorError
from dashboard.monitor.missed import NOTHING, Case, compared, submersions
from dashboard.monitor.owned import GROUPS, ORDERED, OWNED, is_risky, spec_of, value_of
from dashboard.monitor.retention import Retention
from dashboard.monitor.service import Monitor
from dashboard.monitor.setting_commands import CHOICE, readable, with_kept
from dashboard.monitor.site_commands import SiteCommands
from dashboard.settings import Settings
from dashboard.store import EventRow, Record
from dashboard.values import Event, Level
from tests.unit import test_monitor_keeper, test_monitor_site_commands
from tests.unit.fake_monitor import HandClock
from tests.unit.test_monitor_judging import sunk
from tests.unit.test_monitor_keeper import POOL, soon
from tests.unit.test_monitor_site_commands import play

LIMIT = "rules.submersion_limit_s"
Stage = test_monitor_site_commands.Stage
AT = datetime(2026, 7, 1, 12, tzinfo=UTC)


async def change(stage: Stage, sure: bool = True, **args: Any) -> Mapping[str, Any]:
    values = args.pop("values")
    return await stage.do(
        "settings.change", **{"values": values, "who": "Anna", "sure": list(values) if sure else [], **args}
    )


def sunk_stage(data: Path, until: float) -> Stage:
    """Somebody in the water was last seen at second 4."""
    stage = Stage(data)
    stage.life.end()
    stage.life = sunk(data, until)
    stage.commands = SiteCommands(
        stage.life.store, stage.life.judging, stage.places, stage.life.clock, stage._selftest
    )
    stage._all = {**stage.commands.changes, **stage.commands.questions}
    return stage


def emergency_after(stage: Stage) -> float:
    """Seconds from the last look at the head to the siren."""
    while not any(level == "emergency" for _, level, _ in stage.life.alarms()):
        assert stage.life.clock.t < 60
        stage.life.wait(0.2)
    return stage.life.clock.t - 4


@pytest.mark.parametrize(("limit", "after"), [(None, 10), (7, 7), (5, 6), (20, 20)])
def test_a_changed_limit_changes_when_the_running_judge_raises(
    tmp_path: Path, limit: float | None, after: float
) -> None:
    # At the change somebody is under water for one second already; six, where the new limit is over.
    stage = sunk_stage(tmp_path, 10.0 if limit == 5 else 4.0)
    if limit is not None:
        asyncio.run(change(stage, values={LIMIT: limit}))
    assert emergency_after(stage) == pytest.approx(after, abs=0.5)
    stage.life.end()


def test_a_longer_limit_does_not_put_off_a_countdown_that_runs(tmp_path: Path) -> None:
    stage = sunk_stage(tmp_path, 8.0)
    asyncio.run(change(stage, values={LIMIT: 25}))
    assert emergency_after(stage) == pytest.approx(10, abs=0.5)
    stage.life.end()


def test_contacts_are_called_after_the_new_time(tmp_path: Path) -> None:
    stage = sunk_stage(tmp_path, 14.5)
    asyncio.run(change(stage, values={"alarm.escalate_s": 10}))
    assert stage.life.site["alarms"][0]["next_s"] == pytest.approx(9.5, abs=0.4)
    stage.life.wait(11)
    assert stage.life.outbox.deliveries_due(stage.life.clock.utc())
    stage.life.end()


def test_a_change_is_kept_written_down_and_read_at_the_next_start(tmp_path: Path) -> None:
    async def story(stage: Stage) -> None:
        answer = await change(stage, values={LIMIT: 25, "keep.events_days": 30}, where="the phone")
        assert answer["values"][LIMIT] == 25
        await change(stage, values={"alarm.repeat_s": 20})
        await change(stage, values={LIMIT: None})
        kept = stage.life.store.choices()
        assert kept[CHOICE] == {"keep.events_days": 30, "alarm.repeat_s": 20}
        stage.life.recorder.stop()
        rows = [r for r in reversed(stage.life.store.audit(10)) if r.what == "settings_changed"]
        assert [(r.who, r.origin, r.detail["setting"], r.detail["was"], r.detail["now"]) for r in rows] == [
            ("Anna", "the phone", LIMIT, 10, 25),
            ("Anna", "the phone", "keep.events_days", 400, 30),
            ("Anna", "", "alarm.repeat_s", 30, 20),
            ("Anna", "", LIMIT, 25, 10),
        ]
        monitor = Monitor(tmp_path, stage.life.store, stage.life.clock, Settings())
        settings = monitor._site.judging.settings
        assert (settings.keep.events_days, settings.alarm.repeat_s) == (30, 20)
        assert settings.rules.submersion_limit_s == 10
        assert monitor._site.judging.state.site.world.settings == settings.rules
        monitor._commands.close()

    play(tmp_path, story)


REFUSED = [
    pytest.param({LIMIT: 31}, "31 is out of range: 5 to 30 s.", id="over"),
    pytest.param({LIMIT: 4.9}, "4.9 is out of range: 5 to 30 s.", id="under"),
    pytest.param({LIMIT: float("nan")}, "must be a number", id="no number"),
    pytest.param({LIMIT: float("inf")}, "too large", id="endless"),
    pytest.param({LIMIT: 10**400}, "too large", id="huge"),
    pytest.param({LIMIT: "12"}, "must be a number", id="text"),
    pytest.param({LIMIT: True}, "must be a number", id="flag"),
    pytest.param({LIMIT: [12]}, "must be a number", id="list"),
    pytest.param({"rules.lanyard_required": 1}, "true or false", id="no flag"),
    pytest.param({"monitor.preview_width": 960.5}, "not a whole number", id="half a pixel"),
    pytest.param({"vision.tiles": 3}, "no setting 'vision.tiles'", id="not the owner's"),
    pytest.param({"__class__.x": 3}, "no setting", id="no setting"),
    pytest.param({"x" * 100_000: 3}, "no setting", id="long"),
    pytest.param(
        {"rules.still_s": 30}, "must not be less than “Floating without moving: warning” (30 s)", id="order"
    ),
    pytest.param({LIMIT: 12, "alarm.repeat_s": 0}, "out of range", id="one of two"),
    pytest.param({}, "must name", id="nothing"),
    pytest.param([LIMIT], "must name", id="no names"),
]


@pytest.mark.parametrize(("values", "why"), REFUSED)
def test_what_cannot_be_is_refused_in_a_sentence_and_changes_nothing(
    tmp_path: Path, values: Any, why: str
) -> None:
    async def story(stage: Stage) -> None:
        refusal = await stage.refused("settings.change", values=values, who="Anna", sure=list(OWNED))
        assert why in refusal and len(refusal) < 300
        assert CHOICE not in stage.life.store.choices()
        assert stage.life.judging.settings == Settings()
        assert stage.life.judging.state.site.world.settings == Settings().rules

    play(tmp_path, story)


def test_a_database_that_cannot_keep_a_change_keeps_it_from_counting(tmp_path: Path) -> None:
    async def story(stage: Stage) -> None:
        def full(values: object, at: object) -> None:
            raise MonitorError("The disk is full.")

        stage.commands.settings._store = _Broken(stage.life.store, full)  # type: ignore[assignment]
        assert "full" in await stage.refused("settings.change", values={LIMIT: 8}, who="Anna")
        assert stage.life.judging.settings == Settings()

    play(tmp_path, story)


class _Broken:
    def __init__(self, store: Any, choose: Any) -> None:
        self.choices, self.choose = store.choices, choose


def test_a_dangerous_value_must_be_confirmed_and_needs_the_pin(tmp_path: Path) -> None:
    async def story(stage: Stage) -> None:
        asked = await stage.do("settings.check", values={LIMIT: 25, "alarm.repeat_s": 20})
        (risk,) = asked["risks"]
        assert risk["means"] == "A head may be under water 25 s before the siren starts."
        assert risk["missed"] == NOTHING and asked["pin"] is False
        assert "must be confirmed: A head may be under water 25 s" in await stage.refused(
            "settings.change", values={LIMIT: 25}, who="Anna"
        )
        for sure in (LIMIT, True, {LIMIT: 1}, ["alarm.repeat_s"]):
            await stage.refused("settings.change", values={LIMIT: 25}, who="Anna", sure=sure)
        await stage.do("pin.set", new="2468", who="Anna")
        for pin in (None, "", "1111"):
            refusal = await stage.refused(
                "settings.change", values={LIMIT: 25}, who="Max", sure=[LIMIT], pin=pin
            )
            assert refusal == "The PIN is not right."
        assert stage.life.judging.settings == Settings()
        # What makes alarms earlier is done without more words.
        await stage.do("settings.change", values={LIMIT: 8}, who="Anna")
        await change(stage, values={LIMIT: 25}, pin="2468")
        assert stage.life.judging.settings.rules.submersion_limit_s == 25
        # Less dangerous than now is not dangerous.
        await stage.do("settings.change", values={LIMIT: 20}, who="Anna")

    play(tmp_path, story)


def test_nobody_changes_anything_without_a_name(tmp_path: Path) -> None:
    async def story(stage: Stage) -> None:
        assert "name is needed" in await stage.refused("settings.change", values={LIMIT: 8}, who=" ")
        assert "missing" in await stage.refused("settings.change", values={LIMIT: 8})
        assert "longer than" in await stage.refused("settings.change", values={LIMIT: 8}, who="x" * 10_000)

    play(tmp_path, story)


def test_what_is_kept_and_cannot_be_leaves_the_default_and_is_told(tmp_path: Path) -> None:
    kept = {LIMIT: 300, "x.y": 1, "alarm.repeat_s": 20, "rules.danger_s": 9, "rules.danger_emergency_s": 3}
    good, bad = readable(kept)
    assert good == {"alarm.repeat_s": 20}
    assert set(bad) == {LIMIT, "x.y", "rules.danger_emergency_s"}
    assert with_kept(Settings(), {CHOICE: kept}).rules == Settings().rules
    wrong: tuple[object, ...] = (None, 3, "x", [1], {"a": {"b": []}})
    for broken in wrong:
        assert with_kept(Settings(), {CHOICE: broken}) == Settings()

    async def story(stage: Stage) -> None:
        stage.life.store.choose({CHOICE: kept}, stage.life.clock.utc())
        assert "300 is out of range" in (await stage.do("settings.list"))["ignored"][LIMIT]

    play(tmp_path, story)


def test_retention_forgets_by_the_new_time(tmp_path: Path) -> None:
    asked: list[datetime] = []

    class Forgets:
        def __getattr__(self, name: str) -> Any:
            def forget(before: Any, most: int) -> int:
                if name == "forget_alarms":
                    asked.append(before)
                return 0

            return forget

    clock = HandClock()
    retention = Retention(Forgets(), clock, Settings().keep, lambda: False)
    retention.step()
    retention.use_settings(replace(Settings().keep, alarms_days=30.0))
    retention.step()
    assert [clock.utc() - before for before in asked] == [timedelta(days=3650), timedelta(days=30)]


def test_cameras_take_a_new_value_when_they_start_again(tmp_path: Path) -> None:
    key = "monitor.preview_width"

    async def story(stage: test_monitor_keeper.Stage) -> None:
        stage.watch.begin((POOL,))
        await soon(lambda: stage.hosts)
        stage.watch.use_settings(test_monitor_keeper.QUICK.with_values({key: 640}))
        assert stage.watch.behind([key, LIMIT]) == [key]
        await stage.watch.restart()
        await soon(lambda: len(stage.hosts) == 2)
        assert stage.hosts[-1].order.settings.monitor.preview_width == 640
        assert stage.watch.behind([key]) == []

    test_monitor_keeper.play(tmp_path, story)


def test_cameras_are_not_made_blind_while_somebody_is_in_the_water(tmp_path: Path) -> None:
    restarts: list[bool] = []

    async def restart() -> None:
        restarts.append(True)

    stage = sunk_stage(tmp_path, 3.0)
    stage.commands.settings.restart = restart
    refusal = asyncio.run(stage.refused("settings.restart_cameras", who="Anna"))
    assert "in the water" in refusal and restarts == []
    stage.life.end()

    async def story(stage: Stage) -> None:
        stage.commands.settings.restart = restart
        await stage.do("settings.restart_cameras", who="Anna")
        assert restarts == [True]

    (tmp_path / "empty").mkdir()
    play(tmp_path / "empty", story)


def test_what_it_would_have_missed_comes_from_what_is_stored(tmp_path: Path) -> None:
    def word(after_s: float, kind: str, level: Level, person: int, unseen_s: float | None) -> EventRow:
        detail = {} if unseen_s is None else {"unseen_s": unseen_s}
        event = Event(0.0, "pool", kind, level, person=person, zone="pool", detail=detail)
        return EventRow(AT + timedelta(seconds=after_s), event)

    def dive(start_s: float, person: int, length_s: float | None) -> list[EventRow]:
        rows = [
            word(start_s + 5, "submersion", Level.ALERT, person, 5.0),
            word(start_s + 10, "submersion", Level.EMERGENCY, person, 10.0),
        ]
        back = [] if length_s is None else [word(start_s + length_s, "surfaced", Level.NOTICE, person, None)]
        return rows + back

    rows = [*dive(0, 1, 14), *dive(100, 1, 30), *dive(200, 2, None), *dive(300, 1, 12)]
    found = submersions(reversed(rows), Level.EMERGENCY)
    assert [case.length_s for case in found] == [12, None, 30, 14]

    async def story(stage: Stage) -> None:
        stage.life.recorder.put(Record(events=tuple(rows)))
        stage.life.recorder.settled(10.0)
        (risk,) = (await stage.do("settings.check", values={LIMIT: 25}))["risks"]
        assert risk["missed"] == (
            "In what is stored the siren started 4 times. With 25 s it would have been 2 times not at all "
            "and 2 times later, by up to 15 s."
        )

    play(tmp_path, story)


def test_emergencies_that_were_answered_late_are_compared_with_the_time_to_answer(tmp_path: Path) -> None:
    stage = sunk_stage(tmp_path, 14.5)
    stage.life.wait(50)
    stage.life.judging.acknowledge(1, "Tom", "phone")
    stage.life.judging.resolve(1, "Tom", Reason.REAL, "")
    assert stage.life.recorder.settled(10.0)
    asked = asyncio.run(stage.do("settings.check", values={"alarm.escalate_s": 120}))
    assert asked["risks"][0]["missed"] == (
        "In what is stored the contacts were called once. With 120 s it would have been once not at all."
    )
    stage.life.end()


def test_comparing_says_when_there_is_nothing_and_when_nothing_changes() -> None:
    assert compared((), 25, "the siren started", "25 s") == NOTHING
    assert "told as early" in compared((Case(25.0, 30.0),), 25, "the siren started", "25 s")


def test_every_owned_setting_is_there_in_a_group_and_says_what_a_risk_means() -> None:
    for key, one in OWNED.items():
        spec, value = spec_of(key), value_of(Settings(), key)
        assert value == spec.default and one.group in GROUPS and one.label and one.says
        assert bool(one.risk) == bool(one.worse or one.forgets) and (not one.risk or "{}" in one.risk)
        assert spec.source and (isinstance(value, bool) or None not in (spec.low, spec.high))
        if one.worse == "more" and spec.high is not None and spec.high > spec.default:
            assert is_risky(key, spec.default, spec.high) and not is_risky(key, spec.default, spec.low)
    assert all(a in OWNED and b in OWNED for a, b in ORDERED)
    labels = [one.label for one in OWNED.values()]
    assert len(set(labels)) == len(labels)
