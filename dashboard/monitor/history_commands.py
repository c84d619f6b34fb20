"""What may be asked about what was: events by kind, place, day and words, alarms with all that belongs to
them, and a file of it for people to keep."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from dashboard.monitor import entries
from dashboard.monitor.handle import MonitorError, Reply
from dashboard.monitor.judging import Judging, named
from dashboard.monitor.places import Places
from dashboard.monitor.wording import sentence
from dashboard.rules.templates import Template
from dashboard.store import AlarmRow, EventFilter, EventRow, Store
from dashboard.values import Delivery, Level

Command = Callable[[Mapping[str, Any]], Awaitable[Reply]]
_MOST_EVENTS, _MOST_ALARMS, _MOST_NAMES, _MOST_EXPORTED = 500, 20, 200, 20_000
_MOST_CAUSES, _MOST_MESSAGES = 30, 30
# Names are looked for in so many of the newest events.
_NEWEST = 5000
_CHUNK = 2000
_LONGEST_TEXT, _MOST_CHOSEN = 100, 50
_FILTERS = ("kinds", "levels", "camera", "person", "name", "drill", "since", "until", "text")


@dataclass(frozen=True)
class _Asked:
    """`words` are looked for in the sentence, which no database holds: cameras change their names; `name`
    is whom it is about."""

    rows: EventFilter
    words: str
    name: str

    @property
    def reads(self) -> bool:
        """Whether rows have to be read to know whether they are asked for."""
        return bool(self.words or self.name)

    def fits(self, event: Mapping[str, Any]) -> bool:
        known = not self.name or event["detail"].get("name") == self.name
        return known and (not self.words or self.words in _words(event))


class HistoryCommands:
    """`questions` run at any time; see `Commands`."""

    def __init__(self, store: Store, judging: Judging, places: Places) -> None:
        self._store = store
        self._judging = judging
        self._places = places
        self.questions: dict[str, Command] = {
            "events.list": self._list,
            "events.occurring": self._occurring,
            "events.export": self._export,
            "alarms.list": self._alarms,
        }

    async def _list(self, args: Mapping[str, Any]) -> Reply:
        entries.check_fields(args, ("limit", "before", *_FILTERS))
        limit = min(max(_number(args, "limit", 100) or 1, 1), _MOST_EVENTS)
        asked, before = _asked(args), _number(args, "before", None)
        # One more than wanted tells whether there are older ones.
        found = await asyncio.to_thread(lambda: list(self._found(asked, limit + 1, before)))
        return Reply({"events": found[:limit], "more": len(found) > limit})

    async def _occurring(self, args: Mapping[str, Any]) -> Reply:
        entries.check_fields(args, ())
        found = await asyncio.to_thread(self._store.occurring)
        newest = await asyncio.to_thread(self._store.events_found, EventFilter(), _NEWEST)
        names = self._places.names()
        cameras = [{"id": camera, "name": names.get(camera, camera)} for camera in found.cameras]
        people = dict.fromkeys(str(row.event.detail.get("name") or "") for row in newest)
        known = [name for name in people if name][:_MOST_NAMES]
        return Reply({"kinds": list(found.kinds), "cameras": cameras, "names": known})

    async def _export(self, args: Mapping[str, Any]) -> Reply:
        """Everything that is asked for, the newest first, as lines of JSON in the payload. That it is taken
        away, and by whom, is written down before."""
        entries.check_fields(args, ("who", *_FILTERS), ("who",))
        asked, who = _asked(args), named(entries.text(args, "who", 100))
        chosen = {key: args[key] for key in _FILTERS if args.get(key)}
        self._judging.note("events_exported", who, "page", {"asked": chosen})
        found = await asyncio.to_thread(lambda: list(self._found(asked, _MOST_EXPORTED + 1, None)))
        lines = "\n".join(json.dumps(one, ensure_ascii=False) for one in found[:_MOST_EXPORTED])
        return Reply({"more": len(found) > _MOST_EXPORTED}, lines.encode())

    async def _alarms(self, args: Mapping[str, Any]) -> Reply:
        entries.check_fields(args, ("limit", "before"))
        limit = min(max(_number(args, "limit", 20) or 1, 1), _MOST_ALARMS)
        before = _number(args, "before", None)
        found = await asyncio.to_thread(self._described, limit + 1, before)
        return Reply({"alarms": found[:limit], "more": len(found) > limit})

    def _found(self, asked: _Asked, limit: int, before: int | None) -> Iterator[dict[str, Any]]:
        """Up to `limit` events; looks through the rows in pieces where words are asked for."""
        names, templates, left = self._places.names(), self._places.templates(), limit
        while left > 0:
            size = _CHUNK if asked.reads else min(left, _CHUNK)
            rows = self._store.events_found(asked.rows, size, before)
            for row in rows:
                one = _event(row, names, templates)
                if not asked.fits(one):
                    continue
                yield one
                left -= 1
                if left == 0:
                    return
            if len(rows) < size:
                return
            before = rows[-1].id

    def _described(self, limit: int, before: int | None) -> list[dict[str, Any]]:
        names, templates = self._places.names(), self._places.templates()
        people = {contact.id: contact.name for contact in self._store.contacts()}
        return [
            {
                **_alarm(row, self._store.deliveries_of(row.id), people),
                "causes": [_event(cause, names, templates) for cause in row.causes[:_MOST_CAUSES]],
            }
            for row in self._store.alarms_before(limit, before)
        ]


def _asked(args: Mapping[str, Any]) -> _Asked:
    words = entries.text(args, "text", _LONGEST_TEXT) if args.get("text") is not None else ""
    name = entries.text(args, "name", _LONGEST_TEXT) if args.get("name") is not None else ""
    camera = entries.text(args, "camera", 100) if args.get("camera") is not None else None
    drill = entries.flag(args, "drill", False) if args.get("drill") is not None else None
    levels = _chosen(args, "levels")
    for level in levels:
        if level not in list(Level):
            raise MonitorError(f"The levels are {', '.join(Level)}.")
    found = EventFilter(
        kinds=_chosen(args, "kinds"),
        levels=levels,
        camera=camera,
        person=_number(args, "person", None),
        drill=drill,
        since=_time(args, "since"),
        until=_time(args, "until"),
    )
    return _Asked(found, words.casefold(), name)


def _chosen(args: Mapping[str, Any], field: str) -> tuple[str, ...]:
    value = args.get(field) or []
    fits = isinstance(value, list) and len(value) <= _MOST_CHOSEN
    if not fits or not all(isinstance(one, str) and len(one) <= _LONGEST_TEXT for one in value):
        raise MonitorError(f"The field {field!r} must be a list of at most {_MOST_CHOSEN} short texts.")
    return tuple(value)


def _time(args: Mapping[str, Any], field: str) -> datetime | None:
    if args.get(field) is None:
        return None
    try:
        at = datetime.fromisoformat(str(args[field])[:40])
        if at.tzinfo is None:
            raise ValueError("no zone")
        at.timestamp()
    except (ValueError, OverflowError):
        raise MonitorError(f"The field {field!r} must be a time with its zone.") from None
    return at


def _number(args: Mapping[str, Any], field: str, otherwise: int | None) -> int | None:
    value = args.get(field)
    if value is None:
        return otherwise
    if isinstance(value, bool) or not isinstance(value, int) or abs(value) >= 2**63:
        raise MonitorError(f"The field {field!r} must be a whole number.")
    return value


def _event(row: EventRow, names: Mapping[str, str], templates: Mapping[str, Template]) -> dict[str, Any]:
    event = row.event
    return {
        "id": row.id,
        "utc": row.at.isoformat(),
        "camera": event.camera,
        "camera_name": names.get(event.camera, event.camera),
        "kind": event.kind,
        "level": event.level.value,
        "person": event.person,
        "zone": event.zone,
        "detail": dict(event.detail),
        "text": sentence(event, names, templates),
        "drill": row.drill,
    }


def _words(event: Mapping[str, Any]) -> str:
    parts = (event["text"], event["camera_name"], event["zone"] or "", *event["detail"].values())
    return "\n".join(str(part) for part in parts).casefold()


def _alarm(row: AlarmRow, messages: tuple[Delivery, ...], people: Mapping[str, str]) -> dict[str, Any]:
    return {
        "id": row.id,
        "utc": row.since.isoformat(),
        "level": row.level,
        "state": row.state,
        "title": row.title,
        "drill": row.drill,
        "cause_count": len(row.causes),
        "acknowledged": [{"who": one.who, "utc": one.at.isoformat()} for one in row.acknowledged],
        "resolved_utc": None if row.resolved_at is None else row.resolved_at.isoformat(),
        "resolved_by": row.resolved_by,
        "reason": row.reason,
        "note": row.note,
        "messages": [_message(one, people) for one in messages[-_MOST_MESSAGES:]],
        "message_count": len(messages),
    }


def _message(row: Delivery, people: Mapping[str, str]) -> dict[str, Any]:
    return {
        "contact": people.get(row.contact_id, "a contact that is gone"),
        "address": row.address_index,
        "kind": row.kind,
        "utc": row.created_utc.isoformat(),
        "state": row.state.value,
        "attempts": row.attempts,
        "error": row.last_error,
    }
