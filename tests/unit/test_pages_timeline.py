"""The pages Timeline and Audit over real commands and a real database."""

from __future__ import annotations

import csv
import io
import json
from datetime import timedelta
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from dashboard.clock import SystemClock
from dashboard.report.timeline import timeline_of
from dashboard.store import AlarmRow, AuditRow, EventRow, OccupancyRow, Record
from dashboard.values import Event, Level
from dashboard.web.audit import WHAT, audit_csv, audit_html, what_words, words
from dashboard.web.commands import send
from dashboard.web.history import events_from
from dashboard.web.timeline_figure import figure
from dashboard.web.timeline_table import happenings_html, people_html
from tests.unit.people_stage import ROOT, JudgedHandle, opened, press
from tests.unit.people_stage import words as shown_words
from tests.waiting import fair

EVIL = "<img src=x onerror=alert(1)>"


def chart(app: AppTest) -> dict[str, Any]:
    (found,) = app.get("plotly_chart")
    return dict(json.loads(found.proto.spec))


def busy_week(handle: JudgedHandle) -> None:
    """10,000 events and 500 alarms in seven days, every minute counted, every kind that is drawn."""
    now = handle.life.clock.utc()
    at = [now - timedelta(days=7) * (1 - n / 10_000) for n in range(10_000)]
    drawn = ("submersion", "surfaced", "camera_blind", "camera_back", "mode_changed")
    kinds = (*drawn, "person_entered", "person_left", "child_alone", "animal", "object_appeared")
    detail: dict[str, object] = {
        "unseen_s": 5.0,
        "blind_s": 10.0,
        "name": "Ben",
        "to": "supervised",
        "who": "Anna",
    }
    events = tuple(
        EventRow(at[n], Event(0.0, "c", kinds[n % 10], Level.ALERT, n // 10, "pool", detail))
        for n in range(10_000)
    )
    alarms = tuple(
        AlarmRow(n + 1, at[n * 20], "alert", "resolved", f"p{n}", EVIL, resolved_at=at[n * 20])
        for n in range(500)
    )
    minutes = tuple(OccupancyRow(now - timedelta(minutes=n), (0, n % 5), (0, n % 3)) for n in range(7 * 1440))
    handle.store.record(Record(events=events, alarms=alarms, minutes=minutes), now)


def test_nothing_yet_is_said(handle: JudgedHandle) -> None:
    app = opened("timeline")
    assert "Nothing is kept of this time" in shown_words(app)
    assert not app.get("plotly_chart") and not app.exception
    app = opened("audit")
    assert "Nothing is written down yet" in shown_words(app) and not app.exception


def test_without_a_monitor_nothing_is_drawn(handle: JudgedHandle) -> None:
    handle.connected = False
    for page in ("timeline", "audit"):
        app = opened(page)
        assert "The monitor is not running." in shown_words(app).replace("\\", "")
        assert not app.get("plotly_chart") and not app.exception


def test_a_day_and_a_week_and_the_way_between_them(handle: JudgedHandle) -> None:
    busy_week(handle)
    app = opened("timeline")
    assert "Friday, 17 November 2023" in shown_words(app) and not app.exception
    assert [b.disabled for b in app.button if b.label in ("Next", "Today")] == [True, True]
    app = press(app, "Previous")
    assert "Thursday, 16 November 2023" in shown_words(app)
    data = chart(app)["data"]
    assert max(y for y in data[1]["y"] if y is not None) == 4
    assert "<img" not in shown_words(app) and "&lt;img" in shown_words(app)
    chooser: Any = app.get("button_group")[0]
    chooser.set_value("Week").run()
    assert "Monday, 13 November 2023 to Sunday, 19 November 2023" in shown_words(app)
    app = press(app, "Previous")
    assert "Monday, 6 November 2023 to" in shown_words(app) and not app.exception


def test_a_week_of_ten_thousand_events_is_there_in_a_second(handle: JudgedHandle) -> None:
    busy_week(handle)
    clock, now = SystemClock(), handle.life.clock.utc()
    began = clock.monotonic()
    since, until = (now - timedelta(days=7)).isoformat(), (now + timedelta(minutes=1)).isoformat()
    shown = timeline_of(handle.request("timeline.get", since=since, until=until).payload)
    drawn = json.dumps(figure(shown, None, dark=True))
    tables = happenings_html(shown, None) + people_html(shown, None)
    took_s = clock.monotonic() - began
    assert took_s < fair(1.0)
    assert len(shown.dives) >= 999 and len(shown.modes) >= 1000 and len(shown.minutes) == 7 * 1440
    assert len(drawn) < 2_000_000 and len(tables) < 500_000


def test_an_alarm_of_the_timeline_is_open_on_its_page(handle: JudgedHandle) -> None:
    now = handle.life.clock.utc()
    rows = tuple(
        AlarmRow(n, now, "alert", "resolved", f"p{n}", f"Alarm {n}", resolved_at=now) for n in range(1, 61)
    )
    handle.store.record(Record(alarms=rows), now)
    app = AppTest.from_file(str(ROOT / "dashboard" / "main.py"), default_timeout=30)
    app.query_params["alarm"] = "7"
    app = app.run().switch_page("../pages/alarms.py").run()
    app.query_params["alarm"] = "7"
    app = app.run()
    assert [e.proto.expanded for e in app.expander if "Alarm 7" in e.label] == [True]
    assert not any(e.proto.expanded for e in app.expander if "Alarm 7" not in e.label)
    assert not app.exception


@pytest.mark.parametrize("asked", ["0", "-1", "x", "9" * 50, "٣", "'; drop table alarms", "99999"])
def test_a_strange_address_opens_nothing(handle: JudgedHandle, asked: str) -> None:
    app = AppTest.from_file(str(ROOT / "dashboard" / "main.py"), default_timeout=30).run()
    app = app.switch_page("../pages/alarms.py")
    app.query_params["alarm"] = asked
    app = app.run()
    assert not app.exception and not any(e.proto.expanded for e in app.expander)


# Audit


def deed(handle: JudgedHandle, what: str, who: str = "Anna", **detail: object) -> AuditRow:
    return AuditRow(handle.life.clock.utc(), what, who, "page", detail)


def test_who_did_what_the_newest_first(handle: JudgedHandle) -> None:
    handle.request("alarm.drill", who=EVIL, where="kitchen")
    handle.request("mode.set", mode="supervised", who="Tom", where="phone")
    handle.request("alarm.acknowledge", id=1, who="Tom", where="phone")
    handle.written()
    text = shown_words(opened("audit"))
    assert text.index("Saw an alarm: alarm 1") < text.index("Changed the mode: from watch to supervised")
    assert text.index("Changed the mode") < text.index("Tested the alarm")
    assert "<img" not in text and "&lt;img" in text and "kitchen" in text


def test_what_is_asked_for_is_found_page_by_page(handle: JudgedHandle) -> None:
    rows = [deed(handle, "pin_refused" if n % 2 else "zones_changed", f"Guest {n % 3}") for n in range(250)]
    handle.store.record(Record(audit=tuple(rows)), handle.life.clock.utc())
    app = opened("audit")
    assert shown_words(app).count('pwr-what">') == 100
    app = press(press(app, "Older"), "Older")
    assert shown_words(app).count('pwr-what">') == 50
    app.selectbox[0].select("Guest 1")
    app = app.multiselect[0].select("pin_refused").run()
    assert shown_words(app).count('pwr-what">') == 42 and "Changed zones" not in "".join(
        one.proto.body for one in app.get("html")
    )
    app = app.date_input[0].set_value(handle.life.clock.utc().date() - timedelta(days=3)).run()
    assert "Nobody did anything like that." in shown_words(app) and not app.exception


def test_saving_the_audit_is_in_the_audit(handle: JudgedHandle) -> None:
    rows = [
        deed(handle, "pin_refused", "=cmd()"),
        deed(handle, "zones_changed", zones=3, camera="gone", name="Gate"),
    ]
    handle.store.record(Record(audit=tuple(rows)), handle.life.clock.utc())
    reply = handle.request("audit.export", who="Tom", what=["pin_refused"])
    table = list(csv.DictReader(io.StringIO(audit_csv(events_from(reply.payload), None).lstrip("\ufeff"))))
    assert [(row["who"], row["what"], row["description"]) for row in table] == [
        ("'=cmd()", "pin_refused", "Typed a wrong PIN")
    ]
    handle.written()
    (found,) = handle.request("audit.list", what=["audit_exported"]).result["entries"]
    assert found["who"] == "Tom" and words(found) == "Saved this audit log: what pin_refused"
    assert "name" in send(handle, "audit.export", who="").error
    assert handle.request("audit.occurring").result["who"] == ["=cmd()", "Anna", "Tom"]


@pytest.mark.parametrize(
    "asked", [{"what": "x"}, {"since": "today"}, {"before": "1"}, {"by": "a\nb"}, {"order": 1}]
)
def test_what_cannot_be_asked_is_refused(handle: JudgedHandle, asked: dict[str, Any]) -> None:
    assert send(handle, "audit.list", **asked).error


@pytest.mark.parametrize("what", [*WHAT, "some_new_deed"])
def test_every_deed_has_words_whatever_its_detail_holds(what: str) -> None:
    for detail in (
        {},
        {"fields": None, "zones": [1], "asked": "x", "pause_s": "long", "show_camera": None, "to": EVIL},
    ):
        entry: dict[str, Any] = {
            "utc": "2026-07-01T00:00:00+00:00",
            "what": what,
            "who": "timer",
            "origin": "timer",
        }
        entry |= {"id": 1, "camera_name": "", "detail": detail}
        assert words(entry).startswith(what_words(what)) and "_" not in what_words(what)
        assert "<img" not in audit_html([entry], None) and "Poolwatch itself" in audit_html([entry], None)


def test_every_deed_that_is_written_down_has_words_of_its_own() -> None:
    sources = [path.read_text(encoding="utf-8") for path in (ROOT / "dashboard" / "monitor").glob("*.py")]
    assert all(any(f'"{what}"' in source for source in sources) for what in WHAT)
