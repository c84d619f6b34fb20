"""A day or a week at a glance: what may be asked about people, modes, alarms, dives and outages."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from dashboard.clock import Clock
from dashboard.monitor import entries
from dashboard.monitor.handle import MonitorError, Reply
from dashboard.monitor.history_commands import event_entry, read_time
from dashboard.monitor.judging import Judging, named
from dashboard.monitor.places import Places
from dashboard.monitor.wording import MEMORY_LOST
from dashboard.store import AlarmRow, AuditFilter, AuditRow, EventRow, OccupancyRow, Store

Command = Callable[[Mapping[str, Any]], Awaitable[Reply]]
LONGEST = timedelta(days=8)
_MODES = ("mode_changed", MEMORY_LOST)
_CAMERAS = ("camera_offline", "camera_blind", "camera_moved", "camera_back")
_DIVES = ("submersion", "surfaced", "person_left")
_CHANGES = ("camera_removed", "camera_changed")
# Of more there is no picture in which one could see anything.
_MOST_EVENTS, _MOST_ALARMS, _MOST_CHANGES = 20_000, 2000, 1000
# What held before is looked for so far back.
_MODE_BACK, _CAMERA_BACK, _DIVE_BACK = timedelta(days=400), timedelta(days=30), timedelta(minutes=10)


class TimelineCommands:
    """`questions` run at any time; see `Commands`."""

    def __init__(self, store: Store, judging: Judging, places: Places, clock: Clock) -> None:
        self._store = store
        self._judging = judging
        self._places = places
        self._clock = clock
        self.questions: dict[str, Command] = {"timeline.get": self._get, "timeline.export": self._export}

    async def _get(self, args: Mapping[str, Any]) -> Reply:
        """JSON in the payload, see `timeline_found`."""
        entries.check_fields(args, ("since", "until"), ("since", "until"))
        since, until = _bounds(args)
        now = self._clock.utc()
        found = await asyncio.to_thread(timeline_found, self._store, self._places, now, since, until)
        return Reply({}, json.dumps(found, ensure_ascii=False).encode())

    async def _export(self, args: Mapping[str, Any]) -> Reply:
        """The same for a file. That it is taken away, and by whom, is written down before."""
        entries.check_fields(args, ("since", "until", "who"), ("since", "until", "who"))
        since, until = _bounds(args)
        who = named(entries.text(args, "who", 100))
        detail = {"since": since.isoformat(), "until": until.isoformat()}
        self._judging.note("timeline_exported", who, "page", detail)
        return await self._get({key: args[key] for key in ("since", "until")})


def timeline_found(
    store: Store, places: Places, now: datetime, since: datetime, until: datetime
) -> dict[str, Any]:
    """`events` in their order, with those before `since` that say what held then; `minutes` as
    [seconds after `since`, water least, most, deck least, most], counts null where nobody could see."""
    within = store.events_between((*_MODES, *_CAMERAS, *_DIVES), since, until, _MOST_EVENTS)
    events = [*_before(store, places, since), *within]
    names, templates = places.names(), places.templates()
    began = store.occupancy_began()
    changes = AuditFilter(_CHANGES, since=since - _CAMERA_BACK, until=until)
    return {
        "since": since.isoformat(),
        "until": until.isoformat(),
        "now": now.isoformat(),
        "counted_since": None if began is None else began.isoformat(),
        "cameras": names,
        "events": [event_entry(row, names, templates) for row in events],
        "alarms": [_alarm(row) for row in store.alarms_between(since, until, _MOST_ALARMS)],
        "changes": [
            {"utc": row.at.isoformat(), "what": row.what, "camera": str(row.detail.get("camera", ""))}
            for row in reversed(store.audit(_MOST_CHANGES, asked=changes))
            if _switched(row)
        ],
        "minutes": [_minute(row, since.timestamp()) for row in store.occupancy(since, until)],
    }


def _before(store: Store, places: Places, since: datetime) -> list[EventRow]:
    """The mode, the cameras' troubles and the dives that reach into it."""
    mode = store.last_event(_MODES, since - _MODE_BACK, since)
    cameras = [store.last_event(_CAMERAS, since - _CAMERA_BACK, since, camera) for camera in places.names()]
    dives = store.events_between(_DIVES, since - _DIVE_BACK, since, _MOST_EVENTS)
    return sorted((row for row in (mode, *cameras, *dives) if row is not None), key=lambda row: row.at)


def _bounds(args: Mapping[str, Any]) -> tuple[datetime, datetime]:
    since, until = read_time(args, "since"), read_time(args, "until")
    if since is None or until is None or not timedelta() < until - since <= LONGEST:
        raise MonitorError(f"A timeline goes from a time to a later one, over {LONGEST.days} days at most.")
    return since, until


def _switched(row: AuditRow) -> bool:
    """Whether a camera was taken away, or switched off or on."""
    fields = row.detail.get("fields")
    return row.what == "camera_removed" or (isinstance(fields, list) and "enabled" in fields)


def _minute(row: OccupancyRow, since_s: float) -> Sequence[int | None]:
    return [
        round(row.minute.timestamp() - since_s),
        *(row.water or (None,) * 2),
        *(row.deck or (None,) * 2),
    ]


def _alarm(row: AlarmRow) -> dict[str, Any]:
    return {
        "id": row.id,
        "utc": row.since.isoformat(),
        "level": row.level,
        "title": row.title,
        "drill": row.drill,
        "resolved_utc": None if row.resolved_at is None else row.resolved_at.isoformat(),
        "reason": row.reason,
    }
