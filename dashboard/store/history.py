"""Named queries for looking back: events by what is asked for, alarms by page, what became of messages."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, func, select

from dashboard.store.base import aware, naive
from dashboard.store.judged import Judged, _read_alarm, _read_event
from dashboard.store.outbox import Outbox, _read_delivery
from dashboard.store.rows import AlarmRow, EventRow
from dashboard.store.schema import acknowledgements, alarms, deliveries, events
from dashboard.values import Delivery, DeliveryState


@dataclass(frozen=True)
class EventFilter:
    """Which events are asked for; empty means all. `since` (in it) and `until` (not in it) are aware."""

    kinds: tuple[str, ...] = ()
    levels: tuple[str, ...] = ()
    camera: str | None = None
    person: int | None = None
    drill: bool | None = None
    since: datetime | None = None
    until: datetime | None = None

    def conditions(self) -> list[ColumnElement[bool]]:
        """What SQL asks for."""
        found: list[ColumnElement[bool]] = []
        if self.kinds:
            found.append(events.c.kind.in_(self.kinds))
        if self.levels:
            found.append(events.c.level.in_(self.levels))
        if self.camera is not None:
            found.append(events.c.camera == self.camera)
        if self.person is not None:
            found.append(events.c.person == self.person)
        if self.drill is not None:
            found.append(events.c.drill.is_(self.drill))
        if self.since is not None:
            found.append(events.c.at >= naive(self.since))
        if self.until is not None:
            found.append(events.c.at < naive(self.until))
        return found


@dataclass(frozen=True)
class Occurring:
    """What there is to ask for."""

    kinds: tuple[str, ...] = ()
    cameras: tuple[str, ...] = ()


class History(Judged, Outbox):
    """See the module's line."""

    def events_found(self, asked: EventFilter, limit: int, before: int | None = None) -> tuple[EventRow, ...]:
        """The newest events first that are asked for, those with an id under `before`."""
        query = select(events).where(*asked.conditions()).order_by(events.c.id.desc()).limit(limit)
        if before is not None:
            query = query.where(events.c.id < before)
        with self._reading() as connection:
            return tuple(_read_event(row, row.drill, row.id) for row in connection.execute(query))

    def occurring(self) -> Occurring:
        """The kinds and cameras of all events."""
        with self._reading() as connection:

            def column(query: Any) -> tuple[Any, ...]:
                return tuple(connection.execute(query).scalars())

            kinds = column(select(events.c.kind).distinct().order_by(events.c.kind))
            cameras = column(select(events.c.camera).distinct().order_by(events.c.camera))
        return Occurring(kinds, tuple(camera for camera in cameras if camera))

    def alarms_before(self, limit: int, before: int | None = None) -> tuple[AlarmRow, ...]:
        """The newest alarms first, those with a number under `before`, with causes and acknowledgements."""
        query = select(alarms).order_by(alarms.c.id.desc()).limit(limit)
        if before is not None:
            query = query.where(alarms.c.id < before)
        with self._reading() as connection:
            return tuple(_read_alarm(connection, row) for row in connection.execute(query).all())

    def deliveries_named(self, ids: Sequence[str]) -> tuple[Delivery, ...]:
        """What became of these messages, as far as they are known."""
        query = select(deliveries).where(deliveries.c.id.in_(list(ids))).order_by(deliveries.c.id)
        with self._reading() as connection:
            return tuple(_read_delivery(row) for row in connection.execute(query))

    def reached(self) -> frozenset[str]:
        """The contacts whom a message was sent to without an error, at least once."""
        done = deliveries.c.state == DeliveryState.DONE.value
        with self._reading() as connection:
            query = select(deliveries.c.contact_id).where(done).distinct()
            return frozenset(connection.execute(query).scalars())

    def drill_seen(self) -> datetime | None:
        """When somebody last saw a drill, None before the first."""
        newest = (
            select(func.max(acknowledgements.c.at))
            .join(alarms, alarms.c.id == acknowledgements.c.alarm_id)
            .where(alarms.c.drill.is_(True))
        )
        with self._reading() as connection:
            found = connection.execute(newest).scalar_one()
            return None if found is None else aware(found)
