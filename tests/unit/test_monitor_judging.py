"""The live judge as stories: who goes under, who is told, who answers, and what stays after a restart."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from dashboard.alarm.machine import Reason
from dashboard.monitor.handle import MonitorError
from dashboard.rules import judge as rules
from dashboard.values import DeliveryState, Mode, Observation
from tests.unit.fake_monitor import HandClock
from tests.unit.judging_stage import ANNA, Life
from tests.unit.rules_stage import adult, film, swimmer

SUNK = (adult(1, (0, 200, 330), (80, 200, 330)), swimmer(2, (0, 500, 400), (4, 500, 400)))


def sunk(data: Path, until: float) -> Life:
    """Somebody was last seen in the water at second 4, while an adult watches."""
    return Life(data, HandClock(0.0)).begin().supervised().watch(film(SUNK, 10, until))


def later(seen: Observation, by_s: float) -> Observation:
    """The same, said `by_s` later."""
    people = tuple(
        replace(p, first_t=p.first_t + by_s, seen_t=p.seen_t + by_s, pose_t=p.seen_t + by_s)
        for p in seen.people or ()
    )
    return replace(seen, t=seen.t + by_s, people=people)


def test_nothing_happens_where_there_is_no_camera(tmp_path: Path) -> None:
    life = Life(tmp_path, HandClock(0.0))
    life.judging.begin({}, (), 0, False)
    life.wait(60)
    site = life.site
    assert (site["alarms"], site["people"], site["prompts"], site["siren"]) == ([], [], [], False)
    assert (site["mode"]["mode"], site["store"]) == ("watch", {"ok": True, "why": ""})
    life.end()


def test_the_document_tells_who_is_where_and_how_long_a_head_was_not_seen(tmp_path: Path) -> None:
    life = sunk(tmp_path, 7.0)
    people = {p["id"]: p for p in life.site["people"]}
    assert (people[1]["place"], people[1]["countdown_s"], people[1]["limit_s"]) == ("deck", None, None)
    assert people[2]["place"] == "water"
    assert people[2]["head_seen_s"] == pytest.approx(3.0, abs=0.1)
    assert people[2]["countdown_s"] == pytest.approx(7.0, abs=0.1)
    assert (people[2]["age"], people[2]["age_why"]) == ("unknown", "the body was not seen well enough yet")
    assert people[1]["age"] == "adult" and "legs by trunk 1.30" in people[1]["age_why"]
    life.end()


def test_documents_are_numbered_upwards(tmp_path: Path) -> None:
    life = sunk(tmp_path, 1.0)
    seqs = [life.site["seq"] for _ in range(3)]
    assert seqs == sorted(set(seqs))
    life.end()


def test_a_submersion_sounds_calls_and_stops_when_somebody_answers(tmp_path: Path) -> None:
    life = sunk(tmp_path, 14.5)
    assert life.alarms() == [(1, "emergency", "unacknowledged")]
    assert life.sounds[-1] is True and life.site["siren"] is True
    assert life.site["alarms"][0]["next_s"] == pytest.approx(29.5, abs=0.3)
    assert life.outbox.deliveries_due(life.clock.utc()) == ()
    assert life.judging.released() == frozenset()
    life.wait(31)
    assert [d.contact_id for d in life.outbox.deliveries_due(life.clock.utc())] == ["anna", "anna", "tom"]
    assert life.judging.released() == {"pool"} and life.site["pictures"] == ["pool"]
    life.wait(30)
    assert len(life.outbox.deliveries_due(life.clock.utc())) == 6
    for row in life.outbox.deliveries_due(life.clock.utc())[:3]:
        life.outbox.delivery_tried(row.id, True, "", None)
    life.judging.acknowledge(1, "Tom", "phone")
    assert life.sounds[-1] is False
    kinds = {d.kind for d in life.outbox.deliveries_due(life.clock.utc())}
    assert kinds == {"acknowledged"}, "calls that waited are not sent any more"
    life.wait(120)
    assert {d.kind for d in life.outbox.deliveries_due(life.clock.utc())} == {"acknowledged"}
    life.judging.resolve(1, "Tom", Reason.REAL, "pulled out")
    assert {d.kind for d in life.outbox.deliveries_due(life.clock.utc())} == {"acknowledged", "all_clear"}
    assert life.judging.released() == frozenset()
    life.end()


def test_what_happened_is_in_the_archive(tmp_path: Path) -> None:
    life = sunk(tmp_path, 14.5).wait(31)
    life.judging.acknowledge(1, "Tom")
    life.judging.resolve(1, "Anna", Reason.FALSE, "a ball")
    life.recorder.stop()
    (row,) = [a for a in life.store.alarms(10) if a.level == "emergency"]
    assert (row.state, row.reason, row.note, row.resolved_by) == ("resolved", "false", "a ball", "Anna")
    assert [a.who for a in row.acknowledged] == ["Tom"]
    assert [c.event.kind for c in row.causes][:2] == ["submersion", "submersion"]
    assert {e.event.kind for e in life.store.events(50)} >= {"person_entered", "submersion", "mode_changed"}
    audit = {a.what: a for a in life.store.audit(50)}
    assert set(audit) >= {"mode_changed", "picture_released", "alarm_acknowledged", "alarm_resolved"}
    assert (audit["mode_changed"].who, audit["mode_changed"].origin) == ("Anna", "kitchen")
    life.store.close()


def test_coming_up_is_told_once_though_clock_and_camera_speak_at_one_time(tmp_path: Path) -> None:
    story = (SUNK[0], swimmer(2, (0, 500, 400), (20, 500, 400), hidden=((4, 11),)))
    life = Life(tmp_path, HandClock(0.0)).begin().supervised()
    for seen in film(story, 10, 14):
        life.clock.t = seen.t
        life.judging.tick()
        life.judging.observed(seen)
    life.recorder.stop()
    assert [e.event.kind for e in life.store.events(50)].count("surfaced") == 1
    assert [a.state for a in life.store.alarms(10)] == ["resolved"]
    life.store.close()


def test_silence_of_every_camera_stops_no_countdown(tmp_path: Path) -> None:
    life = sunk(tmp_path, 5.0).wait(9.2)
    assert (1, "emergency", "unacknowledged") in life.alarms()
    life.end()


def test_a_camera_that_says_nothing_from_the_start_is_told_of(tmp_path: Path) -> None:
    life = Life(tmp_path, HandClock(0.0)).begin().wait(10)
    site = life.site
    assert site["cameras_blind"][0]["name"] == "Pool camera"
    assert "Pool camera" in site["alarms"][0]["title"]
    life.judging.use_cameras({})
    assert [a["state"] for a in life.site["alarms"]] == ["resolved"] and life.site["cameras_blind"] == []
    life.end()


@pytest.mark.parametrize(
    ("do", "why"),
    [
        pytest.param(lambda j: j.acknowledge(1, "  "), "name", id="no name"),
        pytest.param(lambda j: j.acknowledge(77, "Tom"), "no alarm 77", id="no such alarm"),
        pytest.param(lambda j: j.resolve(1, "Tom", Reason.REAL, ""), "acknowledged", id="not seen yet"),
        pytest.param(lambda j: j.answer("mode-9", "watch", "Tom", ""), "answered", id="no question"),
        pytest.param(lambda j: j.set_mode(Mode.WATCH, "", "page"), "name", id="mode by nobody"),
        pytest.param(lambda j: j.set_mode(Mode.PAUSED, "Tom", "", 9999.0), "at most", id="too long a pause"),
    ],
)
def test_what_cannot_be_done_is_refused_and_changes_nothing(tmp_path: Path, do: Any, why: str) -> None:
    life = sunk(tmp_path, 14.5)
    before = life.alarms()
    with pytest.raises(MonitorError, match=why):
        do(life.judging)
    assert life.alarms() == before and life.judging.mode is Mode.SUPERVISED
    life.end()


def test_an_adult_is_asked_about_and_the_answer_changes_the_mode(tmp_path: Path) -> None:
    life = Life(tmp_path, HandClock(0.0)).begin()
    life.watch(film([adult(1, (0, 200, 330), (20, 200, 330))], 10, 6))
    (prompt,) = life.site["prompts"]
    assert [c["id"] for c in prompt["choices"]] == ["supervised", "stay"]
    assert [a["level"] for a in life.site["alarms"]] == ["alert"]
    with pytest.raises(MonitorError, match="no such answer"):
        life.judging.answer(prompt["id"], "paused", "Anna", "phone")
    life.judging.answer(prompt["id"], "supervised", "Anna", "phone")
    site = life.site
    assert (site["mode"]["mode"], site["mode"]["by"], site["mode"]["from"]) == ("supervised", "Anna", "phone")
    assert site["prompts"] == [] and [a["state"] for a in site["alarms"]] == ["resolved"]
    life.end()


def test_a_question_that_is_put_off_is_gone_and_the_mode_stays(tmp_path: Path) -> None:
    life = Life(tmp_path, HandClock(0.0)).begin()
    life.watch(film([adult(1, (0, 200, 330), (20, 200, 330))], 10, 6))
    life.judging.answer(life.site["prompts"][0]["id"], "stay", "Anna", "phone")
    assert (life.site["prompts"], life.judging.mode) == ([], Mode.WATCH)
    life.end()


def test_a_pause_ends_by_itself(tmp_path: Path) -> None:
    life = Life(tmp_path, HandClock(0.0)).begin()
    life.judging.set_mode(Mode.PAUSED, "Anna", "kitchen", 60.0)
    assert life.site["mode"]["until_utc"] is not None
    life.wait(61)
    assert life.judging.mode is Mode.WATCH
    life.end()


def test_a_drill_goes_the_whole_way_and_says_so(tmp_path: Path) -> None:
    life = Life(tmp_path, HandClock(0.0)).begin()
    life.judging.use_cameras({})
    number = life.judging.drill("Anna")
    assert life.sounds[-1] is True and life.site["alarms"][0]["drill"] is True
    life.wait(31)
    due = life.outbox.deliveries_due(life.clock.utc())
    assert len(due) == 3 and all(d.drill and "DRILL" in d.title for d in due)
    life.judging.acknowledge(number, "Anna")
    life.judging.resolve(number, "Anna", Reason.DRILL, "")
    assert life.site["siren"] is False
    life.end()


def test_rules_that_fail_cost_nothing_but_are_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    life = sunk(tmp_path, 14.5)
    with monkeypatch.context() as broken:
        broken.setattr(rules, "judge_time", lambda *_: 1 / 0)
        life.wait(1)
        assert life.site["store"]["ok"] is False and "ZeroDivisionError" in life.site["store"]["why"]
        assert life.alarms() == [(1, "emergency", "unacknowledged")]
    life.wait(1)
    assert life.site["store"]["ok"] is True
    life.end()


def test_after_a_failed_selftest_an_alert_stays_until_one_succeeds(tmp_path: Path) -> None:
    life = Life(tmp_path, HandClock(0.0)).begin()
    life.judging.use_cameras({})
    line = {"ok": False, "what": "disk", "text": "The disk is full."}
    life.judging.selftested({"at_utc": "2026-07-01T00:00:00+00:00", "ok": False, "lines": [line]})
    assert [a["level"] for a in life.site["alarms"]] == ["alert"]
    life.judging.selftested({"at_utc": "2026-07-02T00:00:00+00:00", "ok": True, "lines": []})
    assert [a["state"] for a in life.site["alarms"]] == ["resolved"]
    life.end()


def test_a_restart_takes_up_countdowns_where_they_were(tmp_path: Path) -> None:
    sunk(tmp_path, 7.0).end()
    life = Life(tmp_path, HandClock(9.0)).begin()
    assert life.judging.mode is Mode.SUPERVISED
    assert {p["id"]: p["head_seen_s"] for p in life.site["people"]}[2] == pytest.approx(5.0, abs=0.2)
    life.wait(5.5)
    assert "emergency" in [level for _, level, _ in life.alarms()]
    life.end()


def test_a_restart_keeps_open_alarms_and_the_siren_and_repeats_no_message(tmp_path: Path) -> None:
    life = sunk(tmp_path, 14.5).wait(31)
    before = {d.id for d in life.outbox.deliveries_due(life.clock.utc())}
    t = life.clock.t
    life.killed()
    life = Life(tmp_path, HandClock(t + 2)).begin()
    assert life.sounds == [True]
    assert (1, "emergency", "unacknowledged") in life.alarms()
    assert life.judging.released() == {"pool"}
    life.wait(2)
    assert {d.id for d in life.outbox.deliveries_due(life.clock.utc())} == before
    known = {number for number, _, _ in life.alarms()}
    assert life.judging.drill("Anna") > max(known), "numbers go on"
    life.end()


def test_the_machine_may_start_anew_and_its_clock_with_it(tmp_path: Path) -> None:
    clock = HandClock(100_000.0)
    life = Life(tmp_path, clock).begin().supervised()
    for seen in film(SUNK, 10, 3.0):
        clock.t = 100_000.0 + seen.t
        life.judging.observed(later(seen, 100_000.0))
        life.judging.tick()
    life.end()

    class Rebooted(HandClock):
        def utc(self) -> Any:
            return HandClock(100_000.0 + self.t).utc()

    again = Life(tmp_path, Rebooted(8.0)).begin()
    seen_s = {p["place"]: p["head_seen_s"] for p in again.site["people"]}
    assert seen_s["water"] == pytest.approx(5.0, abs=0.3)
    again.end()


def test_after_a_long_absence_the_mode_is_watch_and_nobody_is_waited_for(tmp_path: Path) -> None:
    sunk(tmp_path, 7.0).end()
    life = Life(tmp_path, HandClock(7.0 + 3600)).begin()
    assert (life.judging.mode, life.site["people"]) == (Mode.WATCH, [])
    assert life.site["mode"]["by"] == "timer"
    life.end()


def test_a_simulated_site_stays_supervised_over_any_absence(tmp_path: Path) -> None:
    sunk(tmp_path, 3.0).end()
    life = Life(tmp_path, HandClock(7.0 + 3600)).begin(simulated=True)
    assert life.judging.mode is Mode.SUPERVISED
    life.end()


@pytest.mark.parametrize("broken", ["judge", "book"])
def test_what_cannot_be_read_after_a_restart_costs_no_open_alarm(tmp_path: Path, broken: str) -> None:
    life = sunk(tmp_path, 14.5)
    life.end()
    life = Life(tmp_path, HandClock(16.0))
    memory = {**life.store.memory(), broken: ("{", life.clock.utc())}
    life.judging.begin(memory, life.store.alarms(10, unresolved=True), life.store.last_alarm(), False)
    assert (1, "emergency", "unacknowledged") in life.alarms()
    assert life.sounds[-1] is True
    life.end()


def test_messages_of_a_test_are_marked(tmp_path: Path) -> None:
    life = Life(tmp_path, HandClock(0.0)).begin()
    rows = life.judging.test_messages(ANNA, "Tom", "x")
    assert [(r.id, r.kind, r.drill, r.state) for r in rows] == [
        ("test-x-0", "test", True, DeliveryState.WAITING),
        ("test-x-1", "test", True, DeliveryState.WAITING),
    ]
    life.end()
