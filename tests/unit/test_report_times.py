"""Which night is meant, and when it is morning: also where a day has 23 or 25 hours."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from dashboard.report.times import day_bounds, day_of_night, morning_of, night_of_day

BERLIN = ZoneInfo("Europe/Berlin")


def at(text: str) -> datetime:
    """A moment by the clock on the wall in Berlin, as the monitor has it."""
    return datetime.fromisoformat(text).replace(tzinfo=BERLIN).astimezone(UTC)


@pytest.mark.parametrize(
    ("now", "since", "until"),
    [
        ("2026-07-02T09:00", "2026-07-01T20:00", "2026-07-02T08:00"),
        ("2026-07-02T03:00", "2026-07-01T20:00", "2026-07-02T03:00"),
        ("2026-07-02T19:59", "2026-07-01T20:00", "2026-07-02T08:00"),
        ("2026-07-02T20:00", "2026-07-02T20:00", "2026-07-02T20:00"),
        ("2026-07-02T23:30", "2026-07-02T20:00", "2026-07-02T23:30"),
        ("2026-03-29T07:00", "2026-03-28T20:00", "2026-03-29T07:00"),
        ("2026-10-25T07:00", "2026-10-24T20:00", "2026-10-25T07:00"),
    ],
)
def test_which_night_is_meant(now: str, since: str, until: str) -> None:
    day = day_of_night(at(now), BERLIN)
    assert night_of_day(day, at(now), BERLIN) == (at(since), at(until))


@pytest.mark.parametrize(("day", "hours"), [("2026-03-29", 11), ("2026-10-25", 13), ("2026-07-01", 12)])
def test_a_night_is_shorter_or_longer_when_the_clocks_change(day: str, hours: int) -> None:
    since, until = night_of_day(date.fromisoformat(day), at("2027-01-01T00:00"), BERLIN)
    assert until.astimezone(UTC) - since.astimezone(UTC) == timedelta(hours=hours)


@pytest.mark.parametrize(
    ("now", "from_h", "day"),
    [
        ("2026-07-02T06:59:59", 7.0, None),
        ("2026-07-02T07:00", 7.0, "2026-07-02"),
        ("2026-07-02T07:29", 7.5, None),
        ("2026-07-02T07:30", 7.5, "2026-07-02"),
        ("2026-07-02T11:59:59", 7.0, "2026-07-02"),
        ("2026-07-02T12:00", 7.0, None),
        ("2026-07-02T00:00", 7.0, None),
        ("2026-03-29T07:00", 7.0, "2026-03-29"),
        ("2026-10-25T07:00", 7.0, "2026-10-25"),
    ],
)
def test_when_it_is_morning(now: str, from_h: float, day: str | None) -> None:
    assert morning_of(at(now), from_h, BERLIN) == (date.fromisoformat(day) if day else None)


def test_a_day_has_its_own_length() -> None:
    first, last = day_bounds(date(2026, 3, 29), BERLIN)
    apart = datetime.fromisoformat(last) - datetime.fromisoformat(first)
    assert apart.total_seconds() == 23 * 3600
