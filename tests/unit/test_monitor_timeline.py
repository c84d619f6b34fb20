"""People counted minute by minute, and what may be asked for a day or a week."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from dashboard.monitor.counting import Counting, counted
from dashboard.monitor.recorder import apart, merged
from dashboard.rules.judge import Site, judge_start
from dashboard.rules.world import World
from dashboard.store import AuditRow, EventRow, OccupancyRow, Record, Store
from dashboard.values import Event, Level, Mode, Observation
from dashboard.web.commands import send
from tests.unit.fake_monitor import HandClock
from tests.unit.judging_stage import Life
from tests.unit.people_stage import JudgedHandle
from tests.unit.rules_stage import CAMERA, adult, film, swimmer

NOON = datetime(2026, 7, 1, 12, tzinfo=UTC)
SCENE = (adult(1, (0, 200, 330), (80, 200, 330)), swimmer(2, (0, 500, 400), (20, 500, 400)))


@pytest.fixture
def store(database: str) -> Iterator[Store]:
    with closing(Store(database)) as opened:
        yield opened


def test_nobody_is_counted_by_nobody() -> None:
    state = judge_start(Site(World()), Mode.WATCH, 0.0)
    assert counted(state) is None


def test_who_is_under_water_is_in_the_water(tmp_path: Path) -> None:
    life = Life(tmp_path, HandClock(0.0)).begin().supervised().watch(film(SCENE, 10, 19))
    assert counted(life.judging.state) == (1, 1)
    life.watch(seen for seen in film(SCENE, 10, 26) if seen.t > 19)
    assert life.site["people"][1]["countdown_s"] is not None, "nobody is under water"
    assert counted(life.judging.state) == (1, 1)
    life.watch([Observation(CAMERA, 27.0, 999, (0, 0), None, blind_reason="covered")])
    assert counted(life.judging.state) is None
    life.end()


def test_a_minute_is_told_when_it_is_over(tmp_path: Path) -> None:
    life = Life(tmp_path, HandClock(0.0)).begin().supervised()
    counting = Counting()
    told: list[OccupancyRow] = []
    for seen in film(SCENE, 10, 15):
        life.watch([seen])
        told += counting.look(life.judging.state, seen.t, NOON + timedelta(seconds=50 + seen.t))
    (minute,) = told
    assert minute.minute == NOON and minute.water is not None and minute.water[1] == 1
    (rest,) = counting.end()
    assert rest == OccupancyRow(NOON + timedelta(minutes=1), (1, 1), (1, 1)) and counting.end() == ()
    life.end()


def test_a_minute_that_is_there_takes_in_the_other(store: Store) -> None:
    blind = OccupancyRow(NOON)
    for row in (OccupancyRow(NOON, (1, 2), (0, 0)), OccupancyRow(NOON, (0, 1), (3, 3)), blind):
        store.record(Record(minutes=(row,)), NOON)
    assert store.occupancy(NOON, NOON + timedelta(hours=1)) == (OccupancyRow(NOON, (0, 2), (0, 3)),)
    assert store.occupancy_began() == NOON
    later = tuple(OccupancyRow(NOON + timedelta(minutes=n)) for n in (1, 2, 3))
    store.record(Record(minutes=later), NOON)
    assert store.occupancy(NOON + timedelta(minutes=1), NOON + timedelta(minutes=3)) == later[:2]
    assert store.forget_occupancy(NOON + timedelta(minutes=2), 500) == 2
    assert store.occupancy_began() == NOON + timedelta(minutes=2)


def test_minutes_wait_for_the_disk_like_everything_else() -> None:
    one, two = (Record(minutes=(OccupancyRow(NOON + timedelta(minutes=n)),)) for n in (0, 1))
    assert bool(one) and merged(one, two).minutes == (*one.minutes, *two.minutes)
    assert [piece.minutes for piece in apart(merged(one, two))] == [one.minutes, two.minutes]


@pytest.fixture
def handle(tmp_path: Path) -> Iterator[JudgedHandle]:
    found = JudgedHandle(tmp_path)
    yield found
    found.life.end()


def asked(handle: JudgedHandle, since: datetime, until: datetime) -> dict[str, Any]:
    reply = handle.request("timeline.get", since=since.isoformat(), until=until.isoformat())
    return dict(json.loads(reply.payload))


def kept(at: datetime, kind: str, camera: str = "", person: int | None = None) -> EventRow:
    return EventRow(at, Event(0.0, camera, kind, Level.NOTICE, person, None, {"to": "paused"}))


def test_what_held_before_comes_with_the_day(handle: JudgedHandle) -> None:
    old, before = NOON - timedelta(days=3), NOON - timedelta(hours=1)
    within, after = NOON + timedelta(hours=1), NOON + timedelta(days=2)
    rows = [kept(old, "mode_changed"), kept(before, "mode_changed"), kept(before, "person_entered", CAMERA)]
    rows += [kept(within, "surfaced", CAMERA, 3), kept(after, "mode_changed")]
    handle.happened(rows)
    found = asked(handle, NOON, NOON + timedelta(days=1))
    assert [(one["kind"], one["utc"]) for one in found["events"]] == [
        ("mode_changed", before.isoformat()),
        ("surfaced", within.isoformat()),
    ]
    assert found["minutes"] == [] and found["counted_since"] is None


def test_only_a_camera_that_was_switched_or_taken_away_ends_an_outage(handle: JudgedHandle) -> None:
    details: list[dict[str, object]] = [{"fields": ["name"]}, {"fields": ["enabled"]}, {}]
    rows = [AuditRow(NOON, "camera_changed", "Anna", "page", {"camera": "c", **detail}) for detail in details]
    rows.append(AuditRow(NOON, "camera_removed", "Anna", "page", {"camera": "c"}))
    handle.store.record(Record(audit=tuple(rows)), NOON)
    found = asked(handle, NOON - timedelta(hours=1), NOON + timedelta(hours=1))
    assert [one["what"] for one in found["changes"]] == ["camera_changed", "camera_removed"]


@pytest.mark.parametrize(
    "args",
    [
        pytest.param({}, id="nothing"),
        pytest.param({"since": NOON.isoformat(), "until": NOON.isoformat()}, id="no length"),
        pytest.param({"since": NOON.isoformat(), "until": "2027-07-01T00:00:00+00:00"}, id="a year"),
        pytest.param({"since": "2026-07-01T00:00:00", "until": NOON.isoformat()}, id="no zone"),
        pytest.param({"since": NOON.isoformat(), "until": 5}, id="no time"),
    ],
)
def test_what_is_no_day_is_refused(handle: JudgedHandle, args: dict[str, Any]) -> None:
    assert send(handle, "timeline.get", **args).error
    assert send(handle, "timeline.export", who="Anna", **args).error


def test_whoever_saves_it_is_written_down_and_must_have_a_name(handle: JudgedHandle) -> None:
    day: dict[str, Any] = {"since": NOON.isoformat(), "until": (NOON + timedelta(days=1)).isoformat()}
    assert "name" in send(handle, "timeline.export", who=" ", **day).error
    reply = handle.request("timeline.export", who="Anna", **day)
    assert json.loads(reply.payload)["since"] == day["since"]
    handle.written()
    (row,) = handle.store.audit(5)
    assert (row.what, row.who, row.detail) == ("timeline_exported", "Anna", day)
