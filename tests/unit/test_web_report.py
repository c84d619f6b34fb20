"""The night's report out of what was kept."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from dashboard.report.night import Night, night_of
from dashboard.report.timeline import Dive, Span, Timeline
from dashboard.web.report import section_html

SINCE = datetime(2026, 6, 1, 20, tzinfo=UTC)
UNTIL = SINCE + timedelta(hours=12)
QUIET = Timeline(SINCE, UNTIL, UNTIL, counted_since=SINCE - timedelta(days=9))
PASSED = {"at_utc": SINCE.isoformat(), "lines": [{"ok": True, "what": "disk", "text": "fine"}]}


def event(
    kind: str, minutes: float = 5, person: int | None = None, drill: bool = False, **detail: Any
) -> dict[str, Any]:
    at = SINCE + timedelta(minutes=minutes)
    return {"kind": kind, "utc": at.isoformat(), "person": person, "detail": detail, "drill": drill}


def night(*events: dict[str, Any], shown: Timeline = QUIET, clips: dict[str, int] | None = None) -> Night:
    return night_of(shown, events, clips or {}, PASSED, UTC)


def words(lines: tuple[tuple[str, str], ...]) -> str:
    return "\n".join(text for _, text in lines)


def test_a_quiet_night() -> None:
    found = night()
    assert found.headline == ("good", "A quiet night")
    assert "Nobody came" in words(found.came_by)


def test_who_came_by_counts_once_and_without_drills() -> None:
    found = night(
        event("person_entered", person=1),
        event("person_entered", 9, person=1),
        event("person_entered", person=2),
        event("person_entered", person=3, drill=True),
        event("animal", label="cat"),
        event("animal", label="cat"),
        event("object_appeared"),
        clips={"animal": 2, "person_entered": 1},
    )
    assert words(found.came_by).splitlines() == ["No alarm", "2 people", "2 cats", "1 thing new", "3 clips"]


def test_the_longest_submersions_first() -> None:
    dives = tuple(
        Dive(SINCE + timedelta(minutes=i), seconds, "alert", "Ada", "pool", "came up")
        for i, seconds in enumerate((6.0, 9.0, 5.0, 8.0))
    )
    lines = night(shown=replace(QUIET, dives=dives)).near_misses
    told = [text for _, text in lines if "under water" in text]
    assert [text.split(" for ")[1].split(" at ")[0] for text in told] == ["9 s", "8 s", "6 s"]
    assert "20:01" in told[0]


def test_time_without_an_adult_counts_each_trouble_by_its_longest_word() -> None:
    one = [event("no_responsible_adult", 10 + s / 60, lasted_s=s) for s in (20.0, 30.0, 40.0)]
    other = [event("no_responsible_adult", 60, lasted_s=20.0)]
    found = night(*reversed([*one, *other]))
    assert "for 60 s at least, first at 20:10" in words(found.near_misses)
    assert found.headline[0] == "care"


def test_a_child_alone_is_bad() -> None:
    found = night(event("child_alone", person=4))
    assert found.headline == ("bad", "1 thing needs a look")


@pytest.mark.parametrize(("on", "mood"), [(False, "care"), (True, "bad")])
def test_outages(on: bool, mood: str) -> None:
    span = Span(SINCE, SINCE + timedelta(minutes=3), "camera_offline", on=on)
    found = night(shown=replace(QUIET, outages={"Gate": (span,)}))
    assert found.cameras[0][0] == mood
    assert "Gate did not see for 3 min in 1 outage" in found.cameras[0][1]


def test_poolwatch_that_did_not_run_is_bad() -> None:
    gone = Span(SINCE, SINCE + timedelta(hours=2), "absent")
    assert night(shown=replace(QUIET, absent=(gone,))).cameras == (
        ("bad", "Poolwatch did not run for 2 h from 20:00 on"),
    )


@pytest.mark.parametrize(
    ("test", "mood"),
    [
        (None, "care"),
        (PASSED, "good"),
        ({**PASSED, "at_utc": (SINCE - timedelta(days=3)).isoformat()}, "care"),
        ({**PASSED, "lines": [{"ok": False, "what": "disk", "text": "The disk is full"}]}, "bad"),
    ],
)
def test_selftest(test: dict[str, Any] | None, mood: str) -> None:
    assert night_of(QUIET, (), {}, test, UTC).selftest[0][0] == mood


def test_names_are_text() -> None:
    assert "<b>" not in section_html([("bad", "<b>Ada</b>")])


def test_without_a_camera_nothing_was_seen() -> None:
    found = night_of(QUIET, (), {}, PASSED, UTC, watched=False)
    assert found.cameras == (("care", "There is no camera"),)
    assert found.headline == ("care", "Nobody watched: there is no camera")


def test_a_line_says_its_mood_without_colour() -> None:
    html = section_html([("care", "1 thing new")])
    assert 'aria-label="worth a look">▲</b><span>1 thing new</span>' in html
