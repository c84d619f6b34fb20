"""The message of the morning, with a played clock and a real database."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from dashboard.commands.report import reported
from dashboard.monitor.places import Places
from dashboard.monitor.reporting import Reporting
from dashboard.store import EventRow, Record, Store, StoreError
from dashboard.values import CameraSpec, Contact, Delivery, DeliveryState, Event, Level, SourceKind
from tests.unit.fake_monitor import HandClock

BERLIN = ZoneInfo("Europe/Berlin")
ANNA = Contact("anna", "Anna", ("json://one", "json://two"), report=True)
TOM = Contact("tom", "Tom", ("json://three",))
SEVEN = 7.0


class Mornings:
    """Reports over a database; `wall` sets the clock on the wall in Berlin."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.clock = HandClock()
        self.begin()

    def begin(self) -> None:
        """The monitor starts, or starts again."""
        places = Places()
        places.use_cameras(self.store.cameras())
        self.reporting = Reporting(self.store, places, self.clock, "https://pool.example", BERLIN)

    def wall(self, text: str) -> Mornings:
        self.clock.t = datetime.fromisoformat(text).replace(tzinfo=BERLIN).timestamp()
        return self

    def turn(self, text: str) -> bool:
        return self.wall(text).reporting.turn(SEVEN)

    @property
    def sent(self) -> list[str]:
        return [row.id for row in self.rows]

    @property
    def rows(self) -> tuple[Delivery, ...]:
        return self.store.deliveries_of(None)


@pytest.fixture
def mornings(tmp_path: Path) -> Iterator[Mornings]:
    with closing(Store(f"sqlite:///{tmp_path / 'poolwatch.db'}")) as store:
        store.add_contact(ANNA)
        store.add_contact(TOM)
        store.add_camera(
            CameraSpec("c", "Terrace", SourceKind.RTSP, "rtsp://pool"), datetime(2026, 1, 1, tzinfo=UTC)
        )
        yield Mornings(store)


def happened(mornings: Mornings, wall: str, *events: Event) -> None:
    at = datetime.fromisoformat(wall).replace(tzinfo=BERLIN).astimezone(UTC)
    mornings.store.record(Record(events=tuple(EventRow(at, event) for event in events)), at)


def test_over_midnight_it_goes_out_once_in_the_morning_to_each_address(mornings: Mornings) -> None:
    hours = [f"2026-07-01T{h:02d}:30" for h in (12, 20, 23)] + [f"2026-07-02T{h:02d}:59" for h in range(24)]
    assert [text for text in hours if mornings.turn(text)] == ["2026-07-02T07:59"]
    assert mornings.sent == ["report-2026-07-02-anna-0", "report-2026-07-02-anna-1"]
    assert mornings.turn("2026-07-03T07:00")
    assert len(mornings.sent) == 4


@pytest.mark.parametrize("day", ["2026-03-29", "2026-10-25"])
def test_when_the_clocks_change_it_comes_at_the_same_time_of_the_day(mornings: Mornings, day: str) -> None:
    begins = datetime.fromisoformat(f"{day}T00:00").replace(tzinfo=BERLIN).timestamp()
    came = []
    for minute in range(0, 25 * 60, 10):
        mornings.clock.t = begins + minute * 60
        if mornings.reporting.turn(SEVEN):
            came.append(mornings.clock.utc().astimezone(BERLIN).strftime("%d %H:%M"))
    assert came == [f"{day[-2:]} 07:00"]
    assert "From Saturday 20:00 to Sunday 07:00." in mornings.rows[0].text


def test_a_restart_never_sends_it_twice(mornings: Mornings) -> None:
    mornings.turn("2026-07-02T07:00")
    mornings.store.delivery_tried("report-2026-07-02-anna-0", True, "", None)
    mornings.begin()
    mornings.turn("2026-07-02T09:00")
    assert [row.state for row in mornings.rows] == [DeliveryState.DONE, DeliveryState.WAITING]


def test_a_missed_morning_is_made_up_for_until_noon(mornings: Mornings) -> None:
    assert mornings.turn("2026-07-02T11:50") and not mornings.turn("2026-07-02T11:55")
    assert "to Thursday 08:00." in mornings.rows[0].text
    mornings.begin()
    assert not mornings.turn("2026-07-03T12:01") and len(mornings.sent) == 2


def test_who_does_not_want_it_or_is_switched_off_gets_none(mornings: Mornings) -> None:
    mornings.store.change_contact(replace(ANNA, report=False))
    assert not mornings.turn("2026-07-02T07:00")
    mornings.store.change_contact(replace(ANNA, enabled=False))
    assert not mornings.turn("2026-07-03T07:00")
    assert mornings.sent == []
    assert mornings.reporting.send_now() == ()


def test_an_empty_night(mornings: Mornings) -> None:
    written = mornings.wall("2026-07-02T07:00").reporting.written()
    assert written.day == date(2026, 7, 2)
    assert "Nobody came" in written.text and "Nobody was under water for long" in written.text
    assert "The self-test has not run yet" in written.text
    assert written.text.endswith("Open: https://pool.example/report")


def test_what_was_is_told_and_what_was_outside_of_the_night_is_not(mornings: Mornings) -> None:
    came = Event(0.0, "c", "person_entered", Level.NOTICE, 1, "pool")
    happened(mornings, "2026-07-01T19:00", replace(came, person=9))
    happened(mornings, "2026-07-01T23:00", came, Event(0.0, "c", "child_alone", Level.EMERGENCY, 1, "pool"))
    under = {"unseen_s": 10.0, "name": "Ada"}
    sank = Event(0.0, "c", "submersion", Level.EMERGENCY, 1, "pool", detail=under)
    happened(mornings, "2026-07-02T01:00", sank)
    happened(mornings, "2026-07-02T01:30", Event(0.0, "c", "camera_offline", Level.ALERT))
    happened(mornings, "2026-07-02T01:40", Event(0.0, "c", "camera_back", Level.NOTICE))
    test = {"at_utc": "2026-07-02T01:00:00+00:00", "lines": [{"ok": True, "what": "disk", "text": "fine"}]}
    at = mornings.wall("2026-07-02T07:00").clock.utc()
    mornings.store.record(Record(memory={"selftest": json.dumps(test)}), at)
    assert mornings.reporting.turn(SEVEN)
    row = mornings.rows[0]
    assert row.title == "Last night: 2 things need a look"
    for told in (
        "1 person",
        "A child alone: 1 time",
        "Ada under water for 10 s at 00:59",
        "The self-test passed",
    ):
        assert told in row.text
    assert "Terrace did not see for 10 min in 1 outage" in row.text


def test_sending_it_now_is_a_message_of_its_own(mornings: Mornings) -> None:
    mornings.turn("2026-07-02T07:00")
    assert [one.name for one in mornings.reporting.send_now()] == ["Anna"]
    assert len(mornings.sent) == 4
    mornings.turn("2026-07-02T07:05")
    assert len(mornings.sent) == 4


def test_the_command_prints_it_and_sends_it_only_when_asked(
    mornings: Mornings, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("POOLWATCH_DATABASE_URL", raising=False)
    clock = mornings.wall("2026-07-02T09:00").clock
    assert reported(tmp_path, None, False, clock) == 0
    assert capsys.readouterr().out.startswith("Last night: ") and mornings.sent == []
    assert reported(tmp_path, date(2026, 7, 1), True, clock) == 0
    assert "It goes to Anna" in capsys.readouterr().out
    assert [name.startswith("report-2026-07-01-") for name in mornings.sent] == [True, True]


def test_the_command_says_where_there_is_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("POOLWATCH_DATABASE_URL", raising=False)
    assert reported(tmp_path / "none", None, False, HandClock()) == 1
    assert "there is no database" in capsys.readouterr().err
    assert not (tmp_path / "none").exists()


def test_an_outage_of_the_database_costs_no_morning(
    mornings: Mornings, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuses(rows: object) -> None:
        raise StoreError("the disk refuses")

    with monkeypatch.context() as broken:
        broken.setattr(mornings.store, "deliveries_add", refuses)
        with pytest.raises(StoreError, match="refuses"):
            mornings.turn("2026-07-02T07:00")
    assert mornings.turn("2026-07-02T07:01") and len(mornings.sent) == 2
