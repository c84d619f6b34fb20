"""A day as spans and lengths: gaps stay gaps, and nothing is told that nobody kept."""

from __future__ import annotations

import csv
import io
import json
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from dashboard.report.timeline import (
    MINUTE,
    Minute,
    Timeline,
    bounds,
    crowds,
    days_of,
    length_words,
    timeline_of,
)
from dashboard.web.timeline_figure import figure
from dashboard.web.timeline_table import happenings_html, people_html, timeline_csv

ZURICH = ZoneInfo("Europe/Zurich")
DAY = datetime(2026, 7, 1, tzinfo=UTC)
HOUR = timedelta(hours=1)
EVIL = "<img src=x onerror=alert(1)>"


def event(kind: str, hours: float, **values: Any) -> dict[str, Any]:
    row: dict[str, Any] = {
        "utc": (DAY + hours * HOUR).isoformat(),
        "kind": kind,
        "level": "notice",
        "person": None,
    }
    row |= {
        "camera": "",
        "camera_name": "",
        "zone": None,
        "detail": {},
        "text": kind,
        "drill": False,
        "id": 1,
    }
    return row | values


def mode(hours: float, before: str, after: str, who: str = "Anna") -> dict[str, Any]:
    return event("mode_changed", hours, detail={"from": before, "to": after, "who": who})


def camera(kind: str, hours: float, name: str = "gate", **detail: Any) -> dict[str, Any]:
    return event(kind, hours, camera=name, camera_name=name.title(), detail=detail)


def under(hours: float, unseen_s: float, person: int = 7, level: str = "alert") -> dict[str, Any]:
    detail = {"unseen_s": unseen_s, "name": "Ben"}
    return event("submersion", hours, person=person, level=level, zone="pool", detail=detail)


def counted(*spans: tuple[float, float, int | None, int | None]) -> list[list[int | None]]:
    """From hour to hour so many in the water and on deck."""
    rows: list[list[int | None]] = []
    for begins, ends, water, deck in spans:
        rows += [[60 * m, water, water, deck, deck] for m in range(round(begins * 60), round(ends * 60))]
    return rows


def shown(now: float = 48, counted_since: float | None = None, **values: Any) -> Timeline:
    found: dict[str, Any] = {"since": DAY.isoformat(), "until": (DAY + 24 * HOUR).isoformat()}
    found |= {"now": (DAY + now * HOUR).isoformat(), "cameras": {}}
    found["counted_since"] = None if counted_since is None else (DAY + counted_since * HOUR).isoformat()
    found |= {"events": [], "alarms": [], "changes": [], "minutes": []} | values
    return timeline_of(json.dumps(found).encode())


def spans(found: Any) -> list[tuple[float, float, str]]:
    return [((s.begins - DAY) / HOUR, (s.ends - DAY) / HOUR, s.what) for s in found]


def test_nothing_is_nothing() -> None:
    day = shown()
    assert day.empty and happenings_html(day, None) == people_html(day, None) == ""
    assert all(not trace["x"] for trace in figure(day, None, dark=False)["data"])


@pytest.mark.parametrize(
    ("minutes", "since", "now", "absent"),
    [
        pytest.param([], None, 48, [], id="never counted"),
        pytest.param(counted((0, 24, 0, 0)), -5, 48, [], id="all day"),
        pytest.param([], -5, 48, [(0, 24)], id="off all day"),
        pytest.param(counted((6, 24, 0, 0)), 6, 48, [], id="before the first start nothing is known"),
        pytest.param(counted((6, 8, 0, 0), (9, 24, 0, 0)), 6, 48, [(8, 9)], id="an hour off"),
        pytest.param(counted((6, 8, 0, 0), (8 + 2 / 60, 24, 0, 0)), 6, 48, [], id="a start anew"),
        pytest.param(counted((0, 10, 0, 0)), -5, 10 + 1 / 60, [], id="this minute is not written yet"),
        pytest.param(counted((0, 10, None, None)), -5, 10, [], id="blind is not off"),
        pytest.param([], 30, 48, [], id="before it was there"),
    ],
)
def test_absence_is_told_where_it_is_known(
    minutes: list[Any], since: float | None, now: float, absent: list[tuple[float, float]]
) -> None:
    found = shown(now, since, minutes=minutes)
    assert [(round(a, 3), round(b, 3)) for a, b, _ in spans(found.absent)] == absent


@pytest.mark.parametrize(
    ("events", "since", "expected"),
    [
        pytest.param([], None, [], id="nothing is known"),
        pytest.param([], -5, [(0, 24, "watch")], id="never changed"),
        pytest.param(
            [mode(-9, "watch", "supervised")], None, [(0, 24, "supervised")], id="from the day before"
        ),
        pytest.param(
            [mode(8, "watch", "paused")], None, [(8, 24, "paused")], id="before it nothing is known"
        ),
        pytest.param(
            [mode(8, "watch", "supervised"), mode(9, "supervised", "watch")],
            -5,
            [(0, 8, "watch"), (8, 9, "supervised"), (9, 24, "watch")],
            id="two changes",
        ),
        pytest.param(
            [mode(-1, "watch", "supervised"), event("memory_lost", 3)],
            -5,
            [(0, 3, "supervised"), (3, 24, "watch")],
            id="it began anew",
        ),
    ],
)
def test_modes_are_bands(events: list[Any], since: float | None, expected: list[Any]) -> None:
    whole = counted((0, 24, 0, 0)) if since is not None else []
    assert spans(shown(48, since, events=events, minutes=whole).modes) == expected


def test_no_mode_holds_while_nothing_runs() -> None:
    day = shown(
        48, -5, events=[mode(-9, "watch", "supervised")], minutes=counted((0, 8, 0, 0), (10, 24, 0, 0))
    )
    assert spans(day.modes) == [(0, 8, "supervised"), (10, 24, "supervised")]
    assert not any(span.on for span in day.modes)
    assert shown(12, events=[mode(-9, "watch", "supervised")]).modes[-1].on


OFF, BACK = camera("camera_offline", 8 + 10 / 3600, blind_s=10.0), camera("camera_back", 9)


@pytest.mark.parametrize(
    ("events", "changes", "expected"),
    [
        pytest.param([OFF, BACK], [], [(8, 9)], id="away and back"),
        pytest.param([OFF], [], [(8, 24)], id="still away"),
        pytest.param(
            [camera("camera_blind", -3, blind_s=0), camera("camera_back", 1)], [], [(0, 1)], id="since before"
        ),
        pytest.param(
            [OFF, camera("camera_blind", 8.5, blind_s=0), BACK], [], [(8, 8.5), (8.5, 9)], id="otherwise"
        ),
        pytest.param([OFF], [8.25], [(8, 8.25)], id="the camera was taken away"),
        pytest.param([BACK], [], [], id="only back"),
    ],
)
def test_outages_last_until_the_camera_is_back(
    events: list[Any], changes: list[float], expected: list[Any]
) -> None:
    gone = [
        {"utc": (DAY + h * HOUR).isoformat(), "what": "camera_removed", "camera": "gate"} for h in changes
    ]
    found = shown(events=events, changes=gone).outages
    assert [(a, b) for a, b, _ in spans(found.get("Gate", ()))] == expected


def test_an_outage_does_not_go_on_over_a_long_absence() -> None:
    day = shown(48, -5, events=[OFF], minutes=counted((0, 10, 0, 0), (12, 24, 0, 0)))
    assert spans(day.outages["Gate"]) == [(8, 10, "camera_offline")]


@pytest.mark.parametrize(
    ("events", "seconds", "end"),
    [
        pytest.param([under(8, 5), event("surfaced", 8 + 3 / 3600, person=7)], 8, "came up", id="came up"),
        pytest.param(
            [under(8, 5), under(8 + 5 / 3600, 10, level="emergency")], 10, "", id="nobody saw the end"
        ),
        pytest.param(
            [under(8, 5), event("person_left", 8.5, person=7, detail={"how": "taken out"})],
            5,
            "ended by hand",
            id="by hand",
        ),
        pytest.param([under(8, 5), event("surfaced", 8.01, person=8)], 5, "", id="somebody else came up"),
    ],
)
def test_a_dive_is_as_long_as_it_was_seen(events: list[Any], seconds: float, end: str) -> None:
    (dive,) = shown(events=events).dives
    assert (round(dive.seconds, 3), dive.end) == (seconds, end)
    assert dive.begins == DAY + 8 * HOUR - timedelta(seconds=5)


def test_two_dives_of_one_person_are_two() -> None:
    up = [event("surfaced", hour + 2 / 3600, person=7) for hour in (8, 9)]
    assert [d.seconds for d in shown(events=[under(8, 5), up[0], under(9, 6), up[1]]).dives] == [7, 8]
    assert len(shown(events=[under(8, 5), under(9, 6)]).dives) == 2


def test_the_line_has_a_gap_where_nobody_saw_or_counted() -> None:
    day = shown(48, 0, minutes=counted((8, 9, 2, 1), (9, 10, None, None), (10, 11, 3, 0), (12, 13, 1, 0)))
    _, water, deck = figure(day, UTC, dark=True)["data"][:3]
    whole = dict(zip(water["x"], water["y"], strict=True))
    assert whole["2026-07-01T09:00:00"] is None and whole["2026-07-01T11:00:00"] is None
    assert water["y"][:60] == [2] * 60 and set(deck["y"][:60]) == {1}
    assert "nobody could see" in water["hovertext"][water["x"].index("2026-07-01T09:30:00")]
    assert water["hovertext"][0] == "Wed 1 Jul, 08:00<br>in the water: 2<br>on deck: 1"


def test_a_week_shows_the_most_of_each_hour() -> None:
    minutes = [Minute(DAY + n * MINUTE, (n % 3, n % 5), None if n < 60 else (0, 1)) for n in range(120)]
    first, second = crowds(minutes, 60 * MINUTE)
    assert (first.water, first.deck) == ((0, 4), None) and second == Minute(DAY + HOUR, (0, 4), (0, 1))
    assert list(crowds([], HOUR)) == []


def alarm(number: int, hours: float, **values: Any) -> dict[str, Any]:
    row = {"id": number, "utc": (DAY + hours * HOUR).isoformat(), "level": "emergency", "title": EVIL}
    return row | {"drill": False, "resolved_utc": None, "reason": None} | values


def test_alarms_tell_their_level_by_shape_and_lead_to_their_page() -> None:
    rows = [alarm(3, 8), alarm(4, 9, level="alert", drill=True), alarm(5, 10, level="prompt"), alarm(2, -1)]
    day = shown(alarms=rows)
    (marks,) = [trace for trace in figure(day, ZURICH, dark=True)["data"] if trace.get("name") == "alarms"]
    assert marks["marker"]["symbol"] == ["square", "triangle-up-open", "circle"]
    assert marks["customdata"] == [[3], [4], [5]] and marks["x"][0] == "2026-07-01T10:00:00"
    table = happenings_html(day, ZURICH)
    assert 'href="/alarms?alarm=3"' in table and "alarm=2" not in table
    assert table.count('href="/clips?since=') == 3
    for text in (table, *marks["hovertext"]):
        assert "<img" not in text and "&lt;img" in text


def test_what_people_typed_is_no_html_anywhere() -> None:
    bad = [mode(8, "watch", "supervised", EVIL), camera("camera_offline", 9, EVIL, blind_s=0)]
    day = shown(events=[*bad, under(8, 5) | {"zone": EVIL}], alarms=[alarm(1, 8)])
    drawn = figure(day, None, dark=False)
    assert "<img" not in json.dumps(drawn) and "<img" not in happenings_html(day, None).lower()


def test_the_file_has_everything_and_no_formula() -> None:
    day = shown(
        48, 0, alarms=[alarm(1, 8, title="=1+1")], minutes=counted((8, 8.05, 2, 1), (8.05, 8.1, None, None))
    )
    rows = list(csv.DictReader(io.StringIO(timeline_csv(day, ZURICH).lstrip("\ufeff"))))
    assert [row["what"] for row in rows].count("People") == 6
    people = [row for row in rows if row["what"] == "People"]
    assert (people[0]["from"], people[0]["water most"]) == ("2026-07-01T10:00:00+02:00", "2")
    assert (people[-1]["water most"], people[-1]["description"]) == ("", "nobody could see")
    (one,) = [row for row in rows if row["what"] == "Alarm"]
    assert one["description"] == "■ Emergency: =1+1"


@pytest.mark.parametrize("dark", [True, False])
def test_rows_lie_in_the_picture_and_none_over_another(dark: bool) -> None:
    names = [f"camera {n}" for n in range(12)]
    outages = [camera("camera_offline", 8, name, blind_s=0) for name in names]
    layout = figure(shown(events=[*outages, under(8, 5)]), None, dark)["layout"]
    domains = [axis["domain"] for key, axis in layout.items() if key.startswith("yaxis")]
    assert len(domains) == 12 and all(0 <= low < high <= 1 for low, high in domains)
    assert all(below[1] < above[0] for above, below in pairwise(domains))


@pytest.mark.parametrize(
    ("day", "hours"),
    [(date(2026, 3, 29), 23), (date(2026, 10, 25), 25), (date(2026, 7, 1), 24)],
    ids=["spring", "autumn", "summer"],
)
def test_a_day_is_the_visitors(day: date, hours: int) -> None:
    since, until = (datetime.fromisoformat(text) for text in bounds(day, False, ZURICH))
    assert until.astimezone(UTC) - since.astimezone(UTC) == hours * HOUR and since.hour == 0


def test_a_week_begins_on_monday() -> None:
    assert days_of(date(2026, 7, 1), True) == (date(2026, 6, 29), date(2026, 7, 5))
    assert days_of(date(2026, 6, 29), False) == (date(2026, 6, 29), date(2026, 6, 29))


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0, "0 s"), (12.4, "12 s"), (300, "5 min"), (3600, "1 h"), (19200, "5 h 20 min"), (90000, "1 d 1 h")],
)
def test_lengths_in_words(seconds: float, text: str) -> None:
    assert length_words(seconds) == text
