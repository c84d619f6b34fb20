"""Which clips the judge wants, what is in each, and what becomes of it when something goes wrong."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from dashboard.monitor.clipping import Clipping
from dashboard.monitor.places import Places
from dashboard.record.policy import begins_clip, lengthens_clip
from dashboard.settings import RecordSettings
from dashboard.store import ClipFilter, ClipRow
from dashboard.values import CameraSpec, Event, Level, Mode, SourceKind
from tests.unit.fake_monitor import HandClock
from tests.unit.judging_stage import Life
from tests.unit.rules_stage import CAMERA

START = 1_782_900_000.0


def event(kind: str = "person_entered", level: Level = Level.ALERT, name: str = "") -> Event:
    return Event(0.0, CAMERA, kind, level, 3, "pool", {"name": name} if name else {})


class Stage:
    """A judge whose events the test makes, and a camera whose recorder only listens."""

    def __init__(self, data: Path) -> None:
        self.clock = HandClock(START)
        self.life = Life(data, self.clock).begin()
        places = Places()
        places.use_cameras((CameraSpec(CAMERA, "Pool camera", SourceKind.RTSP),))
        self.clipping = Clipping(data, self.life.recorder, self.life.judging, places, self.clock)
        self.life.recorder.heard = self.clipping.happened
        self.orders: list[Mapping[str, Any]] = []
        self.salvaged: list[ClipRow] = []
        self.there = True
        self.clipping.order = self._order
        self.clipping.salvage = lambda row, day: self.salvaged.append(row)

    def _order(self, camera: str, order: Mapping[str, Any]) -> bool:
        self.orders.append(order)
        return self.there

    def happens(self, *events: Event) -> Stage:
        self.life.judging._take([Event(self.life.judging.t, *_parts(one)) for one in events])
        return self

    def wait(self, seconds: float) -> Stage:
        self.clock.t += seconds
        return self

    def ends(self, **more: Any) -> Stage:
        """The recorder says that the newest clip is done."""
        order = self.orders[-1]
        report = {
            "clip": order["clip"], "began_t": order["since_t"] - 1, "ended_t": order["until_t"],
            "size": [960, 540], "size_bytes": 1000, "sealed": True, "open": False, "why": "", "cut": False,
            "until_t": order["until_t"],
        }  # fmt: skip
        report |= more
        self.clock.t = max(self.clock.t, report["until_t"] + 0.5)
        self.clipping.reported(CAMERA, report)
        return self

    def rows(self) -> list[ClipRow]:
        return list(self.life.store.clips_found(ClipFilter(), 50))

    def close(self) -> None:
        self.life.end()


def _parts(one: Event) -> tuple[Any, ...]:
    return one.camera, one.kind, one.level, one.person, one.zone, one.detail


@pytest.fixture
def stage(tmp_path: Path) -> Any:
    made = Stage(tmp_path)
    yield made
    made.close()


def test_a_detection_is_recorded_from_before_to_after(stage: Stage) -> None:
    stage.happens(event(name="Mia"))
    (order,) = stage.orders
    assert (order["since_t"], order["until_t"]) == (START - 10, START + 10)
    assert order["head"]["camera"] == CAMERA and order["head"]["mode"] == "watch" and not order["may_open"]
    (row,) = stage.rows()
    assert (row.state, row.kind, row.level, row.people) == ("recording", "person_entered", "alert", ("Mia",))
    assert stage.clipping.recording == {row.id}
    stage.ends()
    (row,) = stage.rows()
    assert (row.state, row.bytes, row.width, row.sealed, row.id) == ("ready", 1000, 960, True, order["clip"])
    assert row.ended - row.began == timedelta(seconds=21)
    assert "pool camera" in row.search and "mia" in row.search and stage.clipping.recording == frozenset()
    (said,) = row.events
    assert (said.row.at - row.began) == timedelta(seconds=11) and said.alarm is not None


def test_what_happens_meanwhile_joins_and_the_worst_names_it(stage: Stage) -> None:
    stage.happens(event()).wait(8).happens(event("submersion", Level.EMERGENCY)).wait(1)
    stage.happens(event("person_left", Level.NOTICE))
    assert {order["clip"] for order in stage.orders} == {stage.orders[0]["clip"]}
    assert stage.orders[-1]["until_t"] == START + 18
    stage.ends()
    (row,) = stage.rows()
    kinds = [one.row.event.kind for one in row.events]
    assert row.kind == "submersion" and kinds == ["person_entered", "submersion", "person_left"]


def test_a_long_happening_goes_on_in_the_next_clip(stage: Stage) -> None:
    for _ in range(30):
        stage.happens(event("danger_pose", Level.EMERGENCY)).wait(5)
        if stage.clock.t - START >= 110 and len({o["clip"] for o in stage.orders}) == 1:
            break
    first = stage.orders[-1]
    assert first["until_t"] - first["since_t"] <= 120
    stage.happens(event("submersion", Level.EMERGENCY))
    stage.clock.t = first["until_t"] + 0.5
    stage.ends()
    second = stage.orders[-1]
    assert second["clip"] != first["clip"] and second["since_t"] == first["until_t"]
    assert len(stage.rows()) == 2


@pytest.mark.parametrize("late_s", [0.3, 1.9, 3, 20])
def test_what_happens_while_the_last_word_is_awaited_has_its_own_clip(stage: Stage, late_s: float) -> None:
    stage.happens(event()).wait(10 + late_s).happens(event("submersion", Level.EMERGENCY))
    assert len(stage.orders) == 1, "the first is over"
    stage.wait(1).happens(event("danger_pose", Level.ALERT)).ends()
    second = stage.orders[-1]
    assert second["clip"] != stage.orders[0]["clip"] and not stage.orders[1]["longer"]
    assert second["since_t"] == pytest.approx(START + late_s), "ten seconds before it happened"
    assert second["until_t"] == pytest.approx(START + 21 + late_s)
    stage.ends()
    newer, older = stage.rows()
    assert [one.row.event.kind for one in newer.events] == ["submersion", "danger_pose"]
    assert (older.kind, older.level, len(older.events)) == ("person_entered", "alert", 1)


def test_what_is_late_has_its_clip_when_the_first_one_is_lost(stage: Stage) -> None:
    stage.happens(event()).wait(12).happens(event("submersion", Level.EMERGENCY)).ends(why="No space left")
    assert stage.orders[-1]["since_t"] == START + 2
    assert [row.state for row in stage.rows()] == ["recording", "damaged"]


def test_what_the_recorder_heard_of_too_late_goes_on_in_the_next_clip(stage: Stage) -> None:
    stage.happens(event()).wait(9.9).happens(event("submersion", Level.EMERGENCY))
    first = stage.orders[-1]
    assert first["longer"] and first["until_t"] == pytest.approx(START + 19.9)
    stage.ends(ended_t=START + 10, until_t=START + 10)
    second = stage.orders[-1]
    assert second["clip"] != first["clip"] and not second["longer"]
    assert stage.rows()[0].kind == "submersion"


def test_an_hour_of_play_does_not_fill_the_disk(stage: Stage) -> None:
    stage.life.supervised()
    stage.orders.clear()
    for _ in range(360):
        stage.happens(event("person_entered", Level.NOTICE)).happens(event("person_left", Level.NOTICE))
        stage.wait(10)
        if stage.clipping.recording and stage.clock.t > stage.orders[-1]["until_t"]:
            stage.ends()
    rows = stage.rows()
    assert 5 <= len(rows) <= 7
    assert sum((row.ended - row.began).total_seconds() for row in rows) < 7 * 25


RECORD = RecordSettings()


@pytest.mark.parametrize(
    ("kind", "level", "mode", "since_s", "begins"),
    [
        ("person_entered", Level.NOTICE, Mode.WATCH, None, True),
        ("person_entered", Level.NOTICE, Mode.WATCH, 30, False),
        ("person_entered", Level.NOTICE, Mode.WATCH, 60, True),
        ("person_entered", Level.NOTICE, Mode.SUPERVISED, 300, False),
        ("animal", Level.NOTICE, Mode.WATCH, None, True),
        ("submersion", Level.ALERT, Mode.SUPERVISED, 1, True),
        ("submersion", Level.EMERGENCY, Mode.PAUSED, 1, True),
        ("object_appeared", Level.PROMPT, Mode.WATCH, None, True),
        ("camera_blind", Level.ALERT, Mode.WATCH, 30, False),
        ("camera_moved", Level.ALERT, Mode.WATCH, None, True),
        ("drill", Level.EMERGENCY, Mode.WATCH, 1, True),
        ("mode_changed", Level.NOTICE, Mode.WATCH, None, False),
        ("mode_prompt", Level.PROMPT, Mode.WATCH, None, False),
        ("person_left", Level.NOTICE, Mode.WATCH, None, False),
        ("selftest_failed", Level.ALERT, Mode.WATCH, None, False),
    ],
)
def test_which_events_leave_a_clip(
    kind: str, level: Level, mode: Mode, since_s: float | None, begins: bool
) -> None:
    assert begins_clip(event(kind, level), mode, since_s, RECORD) is begins
    assert not lengthens_clip(event("person_left", Level.NOTICE), mode)


def test_a_test_of_the_alarm_leaves_a_clip_that_says_so(stage: Stage) -> None:
    stage.life.judging.drill("Anna", "kitchen")
    stage.ends()
    (row,) = stage.rows()
    assert (row.drill, row.kind, row.camera) == (True, "drill", CAMERA) and row.events[0].alarm is not None


def test_an_animal_alone_may_be_shown_until_somebody_is_there(stage: Stage) -> None:
    stage.happens(event("animal", Level.NOTICE))
    assert stage.orders[-1]["may_open"]
    stage.wait(2).happens(event())
    assert not stage.orders[-1]["may_open"]


def test_a_lost_clip_is_said_for_an_hour(stage: Stage) -> None:
    stage.happens(event()).ends(why="No space left on device")
    (row,) = stage.rows()
    assert row.state == "damaged" and "No space left on device" in stage.clipping.why
    assert "Pool camera" in stage.clipping.why
    stage.wait(3601)
    assert stage.clipping.why == ""


def test_a_dead_worker_or_a_silent_one_has_its_clip_finished_by_others(stage: Stage) -> None:
    stage.happens(event())
    stage.clipping.lost(CAMERA)
    stage.wait(30).happens(event("submersion", Level.EMERGENCY)).wait(45)
    stage.clipping.turn()
    assert len(stage.salvaged) == 2 and stage.clipping.recording == frozenset()


def test_a_camera_without_a_recorder_has_no_clip(stage: Stage) -> None:
    stage.there = False
    stage.happens(event())
    assert stage.rows() == [] and stage.clipping.recording == frozenset()


def test_a_picture_of_another_size_goes_on_in_the_next_clip(stage: Stage) -> None:
    stage.happens(event()).wait(3)
    first = stage.orders[-1]["clip"]
    stage.clipping.reported(
        CAMERA,
        {
            "clip": first, "began_t": START - 10, "ended_t": START + 3, "size": [960, 540],
            "size_bytes": 1, "sealed": False, "open": False, "why": "", "cut": True,
            "until_t": START + 10,
        },
    )  # fmt: skip
    assert stage.orders[-1]["clip"] != first
    assert (stage.orders[-1]["since_t"], stage.orders[-1]["until_t"]) == (START + 3, START + 10)


def test_a_clock_that_is_put_forward_makes_no_clip_longer(stage: Stage) -> None:
    utc = stage.clock.utc
    stage.happens(event())
    stage.clock.utc = lambda: utc() + timedelta(days=2)  # type: ignore[method-assign]
    stage.wait(5).happens(event("submersion", Level.EMERGENCY)).ends()
    (row,) = stage.rows()
    assert row.ended - row.began == timedelta(seconds=26)
    assert all(row.began <= one.row.at <= row.ended for one in row.events)


def test_who_is_there_goes_into_the_track(stage: Stage) -> None:
    stage.clipping.people(
        {"people": [{"camera": CAMERA, "tracks": [[CAMERA, 1], ["gate", 2]], "name": "Mia"}]}
    )
    assert [order["type"] for order in stage.orders] == ["people", "people"]
