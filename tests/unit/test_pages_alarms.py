"""The page Alarms: what is open, what was, the table to save; over real commands and a real database."""

from __future__ import annotations

import csv
import io
from datetime import timedelta
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from dashboard.accounts.roles import Account, Role
from dashboard.clock import SystemClock
from dashboard.store import EventRow
from dashboard.values import Event, Level
from dashboard.web import service
from dashboard.web.commands import send
from dashboard.web.history import as_csv, events_from, events_html
from tests.unit.people_stage import JudgedHandle, opened, press, words
from tests.waiting import fair

KINDS = ("person_entered", "person_left", "submersion", "surfaced", "camera_offline")


def many(handle: JudgedHandle, count: int) -> None:
    """One event a minute until now, about ten people by two cameras."""
    now = handle.life.clock.utc()
    rows = []
    for i in range(count):
        kind = KINDS[i % len(KINDS)]
        level = Level.ALERT if kind == "submersion" else Level.NOTICE
        detail = {"name": f"Guest {i % 10}"}
        event = Event(0.0, f"camera{i % 2}", kind, level, i % 10, "pool", detail)
        rows.append(EventRow(now - timedelta(minutes=count - i), event, drill=i % 100 == 0))
    handle.happened(rows)


def shown(app: AppTest) -> int:
    return words(app).count('pwr-what">')


def test_nothing_yet_is_said(handle: JudgedHandle) -> None:
    app = opened("alarms")
    assert "No alarm is open." in words(app) and "There was no alarm yet" in words(app)
    assert "Nothing was noticed yet" in words(app)
    assert not app.exception


def test_without_a_monitor_nothing_is_called_well(handle: JudgedHandle) -> None:
    handle.connected = False
    app = opened("alarms")
    assert "what is open now is not known" in words(app) and "No alarm is open" not in words(app)
    assert not app.exception


def test_an_alarm_is_resolved_with_reason_and_note(handle: JudgedHandle) -> None:
    number = handle.request("alarm.drill", who="Anna").result["id"]
    app = opened("alarms")
    assert "Look now." in words(app) and "It is over" not in [b.label for b in app.button]
    handle.request("alarm.acknowledge", id=number, who="Tom")
    app = opened("alarms")
    assert "**Tom** has seen it" in words(app)
    app.text_area[0].input("went\n<b>well</b>")
    app = press(app, "It is over")
    handle.written()
    assert not app.exception
    (row,) = handle.store.alarms(5)
    assert (row.reason, row.resolved_by, row.note) == ("drill", "Test", "went <b>well</b>")
    app = opened("alarms")
    text = words(app)
    assert "It was a drill, says Test" in text and "went &lt;b&gt;well&lt;/b&gt;" in text
    assert "Drill · This is a test of the alarm" in text and "Tom, Fri 17 Nov 2023" in text


def test_who_may_only_look_hears_of_it_and_has_nothing_to_press(
    handle: JudgedHandle, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = handle.request("alarm.drill", who="Anna").result["id"]
    monkeypatch.setattr(service, "without_gate", lambda: Account("vera", "Vera", Role.VIEWER))
    app = opened("alarms")
    assert "tell an adult" in words(app) and "No alarm is open." not in words(app)
    handle.request("alarm.acknowledge", id=number, who="Tom")
    app = opened("alarms")
    assert "**Tom** has seen it. A guardian or the owner" in words(app)
    assert not {"It is over", "Test the alarm"} & {b.label for b in app.button}
    assert not app.exception


def test_a_reason_must_be_chosen(handle: JudgedHandle) -> None:
    event = Event(handle.life.judging.t, "", "submersion", Level.EMERGENCY, 7, "pool", {"name": "Ben"})
    handle.life.judging._take((event,))
    (alarm,) = handle.life.judging.book.alarms.values()
    handle.request("alarm.acknowledge", id=alarm.id, who="Tom")
    app = opened("alarms")
    app = press(app, "It is over")
    assert "Choose why it is over." in words(app) and alarm.id in handle.life.judging.book.alarms
    app.radio[0].set_value("false")
    app = press(app, "It is over")
    assert handle.life.judging.book.alarms == {}


def test_messages_of_an_alarm_are_told_with_their_outcome(handle: JudgedHandle) -> None:
    handle.request("contacts.add", name="Anna", urls=["json://h"])
    handle.request("alarm.drill", who="Tom")
    handle.life.wait(35)
    handle.written()
    (message,) = handle.store.deliveries_of(1)
    handle.store.delivery_tried(message.id, False, "JSON refuses", None)
    text = words(opened("alarms"))
    assert "to Anna, call for help: not sent (JSON refuses)" in text


def test_ten_thousand_events_page_in_a_second(handle: JudgedHandle) -> None:
    many(handle, 10_000)
    clock = SystemClock()
    for asked in ({}, {"before": 5000}, {"name": "Guest 3"}, {"text": "nobody says this"}):
        began = clock.monotonic()
        reply = handle.request("events.list", limit=100, **asked).result
        html = events_html(reply["events"], None)
        took_s = clock.monotonic() - began
        assert took_s < fair(1.0), asked
        assert html.count("<li") == len(reply["events"]) == (0 if "text" in asked else 100)
    app = opened("alarms")
    assert shown(app) == 100 and not app.exception


def test_pages_go_on_without_a_gap(handle: JudgedHandle) -> None:
    many(handle, 250)
    seen: list[int] = []
    before: dict[str, Any] = {}
    for size in (100, 100, 50):
        reply = handle.request("events.list", limit=100, **before).result
        assert len(reply["events"]) == size and reply["more"] is (size == 100)
        seen += [event["id"] for event in reply["events"]]
        before = {"before": seen[-1]}
    assert seen == sorted(seen, reverse=True) and len(set(seen)) == 250
    app = opened("alarms")
    assert shown(app) == 100
    app = press(press(app, "Older"), "Older")
    assert shown(app) == 50
    assert [b.disabled for b in app.button if b.label == "Older"] == [True]
    app = press(app, "Newer")
    assert shown(app) == 100 and not app.exception


def test_filters_find_what_is_asked_for(handle: JudgedHandle) -> None:
    many(handle, 300)
    app = opened("alarms")
    next(m for m in app.multiselect if m.label == "Kind").select("submersion")
    app = next(s for s in app.selectbox if s.label == "Who").select("Guest 7").run()
    assert shown(app) == 30
    app = next(f for f in app.text_input if f.label == "Words").input("no such words").run()
    assert "Nothing like that was noticed." in words(app)
    assert not app.exception


def test_a_saved_table_is_whole_and_its_saving_is_kept(handle: JudgedHandle) -> None:
    many(handle, 1200)
    reply = handle.request("events.export", who="Anna", kinds=["submersion"])
    table = list(csv.DictReader(io.StringIO(as_csv(events_from(reply.payload), None).lstrip("\ufeff"))))
    assert len(table) == 240 and {row["kind"] for row in table} == {"submersion"}
    assert table[0]["who"].startswith("Guest") and reply.result["more"] is False
    handle.written()
    (row,) = [row for row in handle.store.audit(10) if row.what == "events_exported"]
    assert row.who == "Anna" and row.detail == {"asked": {"kinds": ["submersion"]}}


@pytest.mark.parametrize(
    ("asked", "why"),
    [
        pytest.param({"levels": ["loud"]}, "The levels are", id="level"),
        pytest.param({"since": "yesterday"}, "time with its zone", id="time"),
        pytest.param({"since": "2026-11-20T10:00:00"}, "time with its zone", id="no zone"),
        pytest.param({"kinds": ["x"] * 1000}, "at most 50", id="many"),
        pytest.param({"text": "x" * 1000}, "longer than 100", id="long"),
        pytest.param({"text": "a\nb"}, "control character", id="line break"),
        pytest.param({"before": 2**70}, "whole number", id="number"),
        pytest.param({"kinds": "submersion"}, "must be a list", id="no list"),
    ],
)
def test_what_cannot_be_asked_is_refused(handle: JudgedHandle, asked: dict[str, Any], why: str) -> None:
    assert why in send(handle, "events.list", **asked).error


def test_a_day_has_its_events(handle: JudgedHandle) -> None:
    many(handle, 3000)
    day: dict[str, Any] = {"since": "2023-11-16T00:00:00+01:00", "until": "2023-11-17T00:00:00+01:00"}
    events = handle.request("events.list", limit=500, **day).result["events"]
    assert len(events) == 500
    assert all("2023-11-15T23:00" <= event["utc"] < "2023-11-16T23:00" for event in events)
