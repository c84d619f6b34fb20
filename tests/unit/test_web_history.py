"""Rows, days and tables of what was."""

from __future__ import annotations

import csv
import io
from datetime import date, datetime
from typing import Any
from urllib.parse import parse_qs, urlsplit
from zoneinfo import ZoneInfo

import pytest

from dashboard.monitor.wording import sentence
from dashboard.report.times import day_bounds
from dashboard.values import Event, Level
from dashboard.web.history import (
    KINDS,
    alarm_html,
    as_csv,
    clips_path,
    end_words,
    events_from,
    events_html,
    kind_words,
    when,
    zone_of,
)

ZURICH = ZoneInfo("Europe/Zurich")


def row(**values: Any) -> dict[str, Any]:
    return {
        "id": 1,
        "utc": "2026-11-20T23:30:05+00:00",
        "camera": "c",
        "camera_name": "Pool",
        "kind": "submersion",
        "level": "emergency",
        "person": 7,
        "zone": "pool",
        "detail": {"name": "Ben"},
        "text": "Ben has been under water in the pool",
        "drill": False,
        **values,
    }


def alarm(**values: Any) -> dict[str, Any]:
    return {
        "id": 1,
        "utc": "2026-11-20T23:30:05+00:00",
        "level": "emergency",
        "state": "resolved",
        "title": "Ben",
        "drill": False,
        "causes": [row()],
        "cause_count": 1,
        "acknowledged": [],
        "resolved_utc": None,
        "resolved_by": None,
        "reason": None,
        "note": "",
        "messages": [],
        "message_count": 0,
        **values,
    }


def test_nothing_is_nothing() -> None:
    assert events_html([], None) == "" and list(events_from(b"")) == []
    assert as_csv([], None).count("\n") == 1


def test_rows_stand_under_their_local_day() -> None:
    html = events_html([row(), row(utc="2026-11-20T22:30:05+00:00", drill=True)], ZURICH)
    assert html.index("Saturday, 21 November 2026") < html.index(">00:30:05<")
    assert html.index("Friday, 20 November 2026") < html.index(">23:30:05<")
    assert html.count("<h3>") == 2
    assert html.count("Drill") == 1 and "■ Emergency" in html


HOSTILE = "<script>hit()</script>\n\x00\u202e"


def test_what_was_typed_is_never_html() -> None:
    shown = events_html([row(text=HOSTILE, camera_name=HOSTILE)], None)
    hurt = alarm(
        causes=[row(text=HOSTILE)],
        cause_count=40,
        acknowledged=[{"who": HOSTILE, "utc": "2026-11-20T23:30:05+00:00"}],
        resolved_utc="2026-11-20T23:31:05+00:00",
        resolved_by=HOSTILE,
        reason="false",
        note=HOSTILE,
        messages=[
            {
                "contact": HOSTILE,
                "address": 0,
                "kind": "alarm",
                "utc": "2026-11-20T23:30:35+00:00",
                "state": "failed",
                "attempts": 3,
                "error": HOSTILE,
            }
        ],
        message_count=1,
    )
    shown += alarm_html(hurt, None)
    assert "<script" not in shown and "\x00" not in shown and "\u202e" not in shown
    assert shown.count("&lt;script&gt;") == 8 and "and 39 more" in shown


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"state": "escalated"}, "open"),
        ({"acknowledged": [{"who": "Anna", "utc": ""}]}, "seen, still open"),
        ({"resolved_utc": "2026-11-20T23:31:05+00:00"}, "over by itself"),
        ({"resolved_utc": "2026-11-20T23:31:05+00:00", "reason": "false"}, "false alarm"),
        ({"resolved_utc": "2026-11-20T23:31:05+00:00", "reason": "real"}, "real"),
    ],
)
def test_how_an_alarm_stands(values: dict[str, Any], words: str) -> None:
    assert end_words(alarm(**values)) == words


@pytest.mark.parametrize("cell", ["=1+1", "+41", "-2", "@x", "\tx", "\rx"])
def test_a_spreadsheet_finds_no_formula(cell: str) -> None:
    text = as_csv([row(text=cell, detail={"name": cell})], None)
    (found,) = csv.DictReader(io.StringIO(text.lstrip("\ufeff")))
    assert found["what"] == f"'{cell}" and found["who"] == f"'{cell}"


def test_a_table_holds_local_and_universal_time() -> None:
    (found,) = csv.DictReader(io.StringIO(as_csv([row(text='a "b", c')], ZURICH).lstrip("\ufeff")))
    assert (found["date"], found["time"]) == ("2026-11-21", "00:30:05")
    assert found["utc"] == "2026-11-20T23:30:05+00:00" and found["what"] == 'a "b", c'


def test_lines_of_an_export_survive_strange_characters() -> None:
    lines = '{"a": "x\u2028y"}\n{"a": "z"}'.encode()
    assert [one["a"] for one in events_from(lines)] == ["x\u2028y", "z"]


@pytest.mark.parametrize(
    ("day", "hours"), [(date(2026, 3, 29), 23), (date(2026, 10, 25), 25), (date(2026, 11, 20), 24)]
)
def test_a_day_is_as_long_as_the_clocks_make_it(day: date, hours: int) -> None:
    first, last = (datetime.fromisoformat(end) for end in day_bounds(day, ZURICH))
    assert (last - first).total_seconds() == hours * 3600
    assert first.astimezone(ZURICH).date() == day


def test_zones_that_nobody_knows_are_this_machines() -> None:
    assert zone_of("Europe/Zurich") == ZURICH
    assert zone_of(None) is None and zone_of("Moon/Base") is None and zone_of("../../etc/passwd") is None
    assert when("2026-11-20T23:30:05+00:00", ZURICH) == "Sat 21 Nov 2026, 00:30:05" and when(None, None) == ""


def test_kinds_have_words_that_their_sentences_do_not_contradict() -> None:
    assert kind_words("new_kind") == "New kind"
    for kind in KINDS:
        assert sentence(Event(0.0, "c", kind, Level.NOTICE, 1, "pool"), {"c": "Pool"})


def test_the_way_to_the_clips_of_a_moment() -> None:
    at = datetime(2026, 11, 20, 23, 30, tzinfo=ZURICH)
    path = clips_path(at)
    asked = parse_qs(urlsplit(path).query, strict_parsing=True)
    assert path.startswith("/clips?") and asked == {
        "since": ["2026-11-20T22:27:30+00:00"],
        "until": ["2026-11-20T22:31:00+00:00"],
    }
