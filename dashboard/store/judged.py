"""Named queries for what was judged: events, alarms, zones, and the judge's memory."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, Select, delete, func, insert, select, update

from dashboard.store.audited import Audited, audit_row
from dashboard.store.base import aware, json_text, naive, text
from dashboard.store.clips import put_clips
from dashboard.store.occupancy import put_minutes
from dashboard.store.outbox import add_deliveries, drop_answered
from dashboard.store.rows import Acknowledged, AlarmRow, EventRow, Record, ZonesRow
from dashboard.store.schema import acknowledgements, alarm_causes, alarms, audit, events, memory, zones
from dashboard.values import Event, Level, Zone, ZoneKind

_LONGEST_TEXT = 10_000


class Judged(Audited):
    """See the module's line."""

    def record(self, what: Record, at: datetime) -> None:
        """Writes everything of `what`, or nothing. Writing the same again changes nothing, but for events
        and audit, of which there are two then."""
        with self._writing() as connection:
            _insert(connection, events, [_event_row(row) | {"drill": row.drill} for row in what.events])
            for alarm in what.alarms:
                _put_alarm(connection, alarm)
            # First the answer, then what was written after it.
            drop_answered(connection, what.answered)
            add_deliveries(connection, what.deliveries)
            _insert(connection, audit, [audit_row(row) for row in what.audit])
            put_minutes(connection, what.minutes)
            put_clips(connection, what.clips)
            for key, value in what.memory.items():
                row = {"key": key, "value": value, "changed_at": naive(at)}
                connection.execute(delete(memory).where(memory.c.key == key))
                connection.execute(insert(memory).values(row))

    def memory(self) -> dict[str, tuple[str, datetime]]:
        """What the judge left to remember: JSON text and when it was written, by key."""
        with self._reading() as connection:
            rows = connection.execute(select(memory))
            return {row.key: (row.value, aware(row.changed_at)) for row in rows}

    def last_alarm(self) -> int:
        """The highest number of an alarm so far, 0 before the first."""
        with self._reading() as connection:
            return int(connection.execute(select(func.coalesce(func.max(alarms.c.id), 0))).scalar_one())

    def events(self, limit: int, before: int | None = None) -> tuple[EventRow, ...]:
        """The newest events first, those with an id under `before`."""
        query = select(events).order_by(events.c.id.desc()).limit(limit)
        if before is not None:
            query = query.where(events.c.id < before)
        with self._reading() as connection:
            return tuple(_read_event(row, row.drill, row.id) for row in connection.execute(query))

    def alarms(self, limit: int, unresolved: bool = False) -> tuple[AlarmRow, ...]:
        """The newest alarms first, with causes and acknowledgements."""
        query = select(alarms).order_by(alarms.c.id.desc()).limit(limit)
        if unresolved:
            query = query.where(alarms.c.resolved_at.is_(None))
        with self._reading() as connection:
            return tuple(_read_alarm(connection, row) for row in connection.execute(query).all())

    def zones(self) -> tuple[ZonesRow, ...]:
        """Every camera's zones that were ever set."""
        with self._reading() as connection:
            return tuple(_read_zones(row) for row in connection.execute(select(zones)))

    def set_zones(self, row: ZonesRow, at: datetime) -> None:
        """Replaces one camera's zones."""
        content = json.dumps([_zone(zone) for zone in row.zones])
        values = {"revision": row.revision, "zones": content, "changed_at": naive(at)}
        with self._writing() as connection:
            connection.execute(delete(zones).where(zones.c.camera == row.camera))
            connection.execute(insert(zones).values({"camera": row.camera, **values}))

    def remove_zones(self, camera: str) -> None:
        with self._writing() as connection:
            connection.execute(delete(zones).where(zones.c.camera == camera))


def _insert(connection: Connection, table: Any, rows: Sequence[dict[str, Any]]) -> None:
    if rows:
        connection.execute(insert(table), list(rows))


def _put_alarm(connection: Connection, alarm: AlarmRow) -> None:
    values = {
        "since": naive(alarm.since),
        "level": alarm.level,
        "state": alarm.state,
        "subject": text(alarm.subject, 200),
        "title": text(alarm.title, _LONGEST_TEXT),
        "drill": alarm.drill,
        "resolved_at": None if alarm.resolved_at is None else naive(alarm.resolved_at),
        "resolved_by": alarm.resolved_by,
        "reason": alarm.reason,
        "note": text(alarm.note, _LONGEST_TEXT),
    }
    found = connection.execute(update(alarms).where(alarms.c.id == alarm.id).values(values))
    if not found.rowcount:
        connection.execute(insert(alarms).values({"id": alarm.id, **values}))
    causes = select(alarm_causes.c.position).where(alarm_causes.c.alarm_id == alarm.id)
    there = set(connection.execute(causes).scalars())
    fresh = [(i, cause) for i, cause in enumerate(alarm.causes) if i not in there]
    _insert(
        connection,
        alarm_causes,
        [{"alarm_id": alarm.id, "position": i, **_event_row(cause)} for i, cause in fresh],
    )
    seen = select(acknowledgements.c.who).where(acknowledgements.c.alarm_id == alarm.id)
    known = set(connection.execute(seen).scalars())
    rows = {
        text(a.who, 100): {"alarm_id": alarm.id, "who": text(a.who, 100), "at": naive(a.at)}
        for a in alarm.acknowledged
        if text(a.who, 100) not in known
    }
    _insert(connection, acknowledgements, list(rows.values()))


def _read_alarm(connection: Connection, row: Row[Any]) -> AlarmRow:
    def rows(query: Select[Any]) -> list[Row[Any]]:
        return list(connection.execute(query).all())

    causes = rows(
        select(alarm_causes).where(alarm_causes.c.alarm_id == row.id).order_by(alarm_causes.c.position)
    )
    seen = rows(
        select(acknowledgements).where(acknowledgements.c.alarm_id == row.id).order_by(acknowledgements.c.at)
    )
    return AlarmRow(
        id=row.id,
        since=aware(row.since),
        level=row.level,
        state=row.state,
        subject=row.subject,
        title=row.title,
        drill=row.drill,
        causes=tuple(_read_event(cause, row.drill) for cause in causes),
        acknowledged=tuple(Acknowledged(a.who, aware(a.at)) for a in seen),
        resolved_at=None if row.resolved_at is None else aware(row.resolved_at),
        resolved_by=row.resolved_by,
        reason=row.reason,
        note=row.note,
    )


def _event_row(row: EventRow) -> dict[str, Any]:
    event = row.event
    return {
        "at": naive(row.at),
        "camera": text(event.camera, 32),
        "kind": text(event.kind, 40),
        "level": event.level.value,
        "person": event.person,
        "zone": None if event.zone is None else text(event.zone, 100),
        "detail": json_text(event.detail),
    }


def _read_event(row: Row[Any], drill: bool, number: int = 0) -> EventRow:
    detail = json.loads(row.detail)
    event = Event(0.0, row.camera, row.kind, Level(row.level), row.person, row.zone, detail)
    return EventRow(aware(row.at), event, drill, number)


def _zone(zone: Zone) -> dict[str, Any]:
    known = {"to": zone.to, "size_m": zone.size_m, "template": zone.template}
    return {"name": zone.name, "kind": zone.kind.value, "polygon": zone.polygon, **known}


def _read_zones(row: Row[Any]) -> ZonesRow:
    found = tuple(_read_zone(row.camera, zone) for zone in json.loads(row.zones))
    return ZonesRow(row.camera, row.revision, found)


def _read_zone(camera: str, zone: dict[str, Any]) -> Zone:
    polygon = tuple((x, y) for x, y in zone["polygon"])
    # Zones of earlier versions have neither size nor template.
    size = zone.get("size_m")
    size_m = None if size is None else (size[0], size[1])
    kind = ZoneKind(zone["kind"])
    return Zone(camera, zone["name"], kind, polygon, zone.get("to"), size_m, zone.get("template"))
