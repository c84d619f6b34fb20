"""Days and nights of the place as moments. A day may have 23 or 25 hours. Pure."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta, tzinfo

# From the evening on until everybody is up.
_EVENING, _MORNING = time(20), time(8)
_NOON_H = 12.0


def local(utc: str, zone: tzinfo | None) -> datetime:
    """A time of the monitor in a zone; None is this machine's."""
    return datetime.fromisoformat(utc).astimezone(zone)


def day_bounds(day: date, zone: tzinfo | None) -> tuple[str, str]:
    """The local day's first moment and the next day's, as the monitor reads them."""
    first, last = (moment(day + timedelta(days=i), time(), zone).isoformat() for i in (0, 1))
    return first, last


def moment(day: date, at: time, zone: tzinfo | None) -> datetime:
    """When the clock on the wall shows this; None is this machine's zone."""
    shown = datetime.combine(day, at)
    return shown.replace(tzinfo=zone) if zone else shown.astimezone()


def night_of_day(day: date, now: datetime, zone: tzinfo | None) -> tuple[datetime, datetime]:
    """The night that ends in the morning of `day`, as far as it is over at `now` (aware)."""
    return moment(day - timedelta(days=1), _EVENING, zone), min(moment(day, _MORNING, zone), now)


def day_of_night(now: datetime, zone: tzinfo | None) -> date:
    """The day in whose morning the night ends that is at `now`, or was last."""
    shown = now.astimezone(zone)
    return shown.date() + timedelta(days=shown.time() >= _EVENING)


def morning_of(now: datetime, from_h: float, zone: tzinfo | None) -> date | None:
    """The day whose morning it is, from `from_h` (hours by the clock on the wall) until noon; else None."""
    shown = now.astimezone(zone)
    hours = shown.hour + shown.minute / 60 + shown.second / 3600
    return shown.date() if from_h <= hours < _NOON_H else None
