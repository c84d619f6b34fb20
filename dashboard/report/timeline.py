"""A day or a week as it was: what the monitor kept, as spans and lengths. Nothing is drawn that was not
kept: where nobody counted or saw, there is a gap. Pure."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta, tzinfo
from typing import Any, NamedTuple

from dashboard.report.times import day_bounds

Row = Mapping[str, Any]
Count = tuple[int, int] | None
MINUTE = timedelta(minutes=1)
# A start within a minute or two is no absence.
_ABSENT = timedelta(minutes=3)
# After so long the monitor knows nothing of before: an outage that goes on is told anew.
_FORGETS = timedelta(minutes=15)
_SAME_DIVE = timedelta(seconds=2)


@dataclass(frozen=True)
class Span:
    """From when to when something was so; `what` is its kind, `words` a sentence, `on`: it goes on."""

    begins: datetime
    ends: datetime
    what: str
    words: str = ""
    on: bool = False


@dataclass(frozen=True)
class Dive:
    """Somebody under water for so long that it was told. `seconds` is what was measured, `end` how it ended;
    "" when nobody saw that."""

    begins: datetime
    seconds: float
    level: str
    who: str
    place: str
    end: str = ""
    told_at: datetime | None = None
    person: int | None = None


class Minute(NamedTuple):
    """People at least and at most; None where nobody could see. There are ten thousand in a week."""

    at: datetime
    water: Count
    deck: Count


@dataclass(frozen=True)
class Timeline:
    """`until` is the end of what is shown, `now` at the latest."""

    since: datetime
    until: datetime
    now: datetime
    minutes: tuple[Minute, ...] = ()
    counted_since: datetime | None = None
    modes: tuple[Span, ...] = ()
    absent: tuple[Span, ...] = ()
    outages: Mapping[str, tuple[Span, ...]] = field(default_factory=dict)
    dives: tuple[Dive, ...] = ()
    alarms: tuple[Row, ...] = ()

    @property
    def empty(self) -> bool:
        """Whether there is nothing to see at all."""
        return not (self.minutes or self.modes or self.outages or self.dives or self.alarms or self.absent)

    @property
    def current(self) -> bool:
        """Whether what is shown reaches to now."""
        return self.since <= self.now < self.until

    @property
    def ends(self) -> datetime:
        """The last moment of which anything can be known."""
        return max(min(self.until, self.now), self.since)


def days_of(day: date, week: bool) -> tuple[date, date]:
    """The first and the last day: the day itself, or its week from Monday on."""
    first = day - timedelta(days=day.weekday()) if week else day
    return first, first + timedelta(days=6 if week else 0)


def bounds(day: date, week: bool, zone: tzinfo | None) -> tuple[str, str]:
    """Where that begins and ends, as the monitor reads it."""
    first, last = days_of(day, week)
    return day_bounds(first, zone)[0], day_bounds(last, zone)[1]


def timeline_of(payload: bytes) -> Timeline:
    """The monitor's answer, put together."""
    found: dict[str, Any] = json.loads(payload)
    counted = found["counted_since"]
    since = _at(found["since"])
    bare = Timeline(
        since=since,
        until=_at(found["until"]),
        now=_at(found["now"]),
        minutes=tuple(_minutes(found["minutes"], since)),
        counted_since=None if counted is None else _at(counted),
    )
    events = found["events"]
    whole = replace(bare, absent=tuple(absences(bare)))
    return replace(
        whole,
        modes=tuple(modes(events, whole)),
        outages=outages(events, found["changes"], whole),
        dives=tuple(dive for dive in dives(events) if since <= dive.begins < whole.until),
        alarms=tuple(alarm for alarm in found["alarms"] if _at(alarm["utc"]) >= since),
    )


def _minutes(rows: Iterable[Sequence[int | None]], since: datetime) -> Iterator[Minute]:
    for after_s, water_min, water_max, deck_min, deck_max in rows:
        at = since + timedelta(seconds=after_s or 0)
        water = None if water_min is None or water_max is None else (water_min, water_max)
        yield Minute(at, water, None if deck_min is None or deck_max is None else (deck_min, deck_max))


def absences(shown: Timeline) -> Iterator[Span]:
    """When the monitor did not run, from its first minute on."""
    if shown.counted_since is None or shown.counted_since >= shown.ends:
        return
    last = max(shown.since, shown.counted_since)
    for begins, ends in [*((one.at, one.at + MINUTE) for one in shown.minutes), (shown.ends, shown.ends)]:
        if begins - last >= _ABSENT:
            yield Span(last, begins, "absent", "Poolwatch did not run")
        last = max(last, ends)


def modes(events: Iterable[Row], shown: Timeline) -> Iterator[Span]:
    """The modes while the monitor ran. It begins in watch; of before its first minute nothing is known."""
    changes = [(_at(one["utc"]), one) for one in events if one["kind"] in ("mode_changed", "memory_lost")]
    began = shown.counted_since
    first = str(changes[0][1]["detail"].get("from", "watch")) if changes else "watch"
    steps: list[tuple[datetime, str, str]] = []
    if began is not None and (not changes or began < changes[0][0]):
        steps.append((began, first, ""))
    for at, one in changes:
        to = str(one["detail"].get("to", "watch"))
        by = str(one["detail"].get("who", ""))
        steps.append((at, to, "by itself" if by in ("timer", "") else f"by {by}"))
    ends = [*(at for at, _, _ in steps[1:]), shown.ends]
    for (at, mode, by), end in zip(steps, ends, strict=False):
        whole = Span(
            max(at, shown.since), min(end, shown.ends), mode, by, shown.current and end == shown.ends
        )
        yield from without(whole, shown.absent)


def without(span: Span, holes: Iterable[Span]) -> Iterator[Span]:
    """What is left of a span."""
    begins = span.begins
    for hole in holes:
        if hole.begins >= span.ends:
            break
        if hole.ends <= begins:
            continue
        if hole.begins > begins:
            yield replace(span, begins=begins, ends=hole.begins, on=False)
        begins = hole.ends
    if begins < span.ends:
        yield replace(span, begins=begins)


def outages(events: Iterable[Row], changes: Iterable[Row], shown: Timeline) -> dict[str, tuple[Span, ...]]:
    """By the camera's name: from when to when it did not see; until it is taken away."""
    ends = [("camera_gone", _at(one["utc"]), one) for one in changes]
    # What was told before a long absence is told anew after it where it still holds.
    ends += [("absent", gone.begins, {}) for gone in shown.absent if gone.ends - gone.begins >= _FORGETS]
    told = [(one["kind"], _at(one["utc"]), one) for one in events if one["kind"].startswith("camera_")]
    running: dict[str, tuple[Span, str]] = {}
    found: dict[str, list[Span]] = {}

    def close(camera: str, at: datetime) -> None:
        span, name = running.pop(camera)
        found.setdefault(name, []).append(replace(span, ends=at))

    for kind, at, one in sorted((*ends, *told), key=lambda step: step[1]):
        for camera in [one["camera"]] if one else list(running):
            if camera in running:
                close(camera, at)
        if kind in ("camera_offline", "camera_blind", "camera_moved"):
            begins = at - timedelta(seconds=float(one["detail"].get("blind_s") or 0))
            running[one["camera"]] = (Span(begins, at, kind, str(one["text"])), str(one["camera_name"]))
    for camera in list(running):
        span, name = running.pop(camera)
        found.setdefault(name, []).append(replace(span, ends=shown.ends, on=shown.current))
    cut = {name: tuple(_cut(spans, shown)) for name, spans in found.items()}
    return {name: spans for name, spans in sorted(cut.items()) if spans}


def _cut(spans: Iterable[Span], shown: Timeline) -> Iterator[Span]:
    for span in spans:
        inside = replace(span, begins=max(span.begins, shown.since), ends=min(span.ends, shown.ends))
        if inside.begins < inside.ends:
            yield inside


def dives(events: Iterable[Row]) -> Iterator[Dive]:
    """Everybody who was told to be under water, with how long it lasted."""
    running: dict[int | None, Dive] = {}
    for one in events:
        kind, person, at = one["kind"], one["person"], _at(one["utc"])
        known = running.get(person)
        if kind == "submersion":
            dive = _dive(one, at)
            if known is not None and abs(known.begins - dive.begins) > _SAME_DIVE:
                yield running.pop(person)
            running[person] = dive
        elif known is not None and kind in ("surfaced", "person_left"):
            yield _ended(running.pop(person), one, at)
    yield from running.values()


def _dive(one: Row, at: datetime) -> Dive:
    unseen_s = float(one["detail"].get("unseen_s") or 0)
    who = str(one["detail"].get("name") or "Somebody")
    place = str(one["zone"] or one["camera_name"])
    begins = at - timedelta(seconds=unseen_s)
    return Dive(begins, unseen_s, str(one["level"]), who, place, told_at=at, person=one["person"])


def _ended(dive: Dive, one: Row, at: datetime) -> Dive:
    if one["kind"] == "person_left" and one["detail"].get("how") == "taken out":
        return replace(dive, end="ended by hand")
    end = "came up" if one["kind"] == "surfaced" else "left"
    return replace(dive, seconds=(at - dive.begins).total_seconds(), end=end)


def crowds(minutes: Sequence[Minute], step: timedelta) -> Iterator[Minute]:
    """Several minutes in one: the least and the most of those in which somebody saw."""
    first = minutes[0].at if minutes else None
    group: list[Minute] = []
    for one in minutes:
        if first is not None and group and (one.at - first) // step != (group[0].at - first) // step:
            yield _crowd(group)
            group = []
        group.append(one)
    if group:
        yield _crowd(group)


def _crowd(group: Sequence[Minute]) -> Minute:
    return Minute(group[0].at, _most([m.water for m in group]), _most([m.deck for m in group]))


def _most(counts: Iterable[Count]) -> Count:
    seen = [count for count in counts if count is not None]
    return (min(low for low, _ in seen), max(high for _, high in seen)) if seen else None


def length_words(seconds: float) -> str:
    """A length as people say it."""
    if seconds < 90:
        return f"{seconds:.0f} s"
    minutes = round(seconds / 60)
    hours, minutes = divmod(minutes, 60)
    days, hours = divmod(hours, 24)
    parts = ((days, "d"), (hours, "h"), (minutes, "min"))
    return " ".join(f"{count} {unit}" for count, unit in parts if count)


def _at(utc: str) -> datetime:
    return datetime.fromisoformat(utc)
