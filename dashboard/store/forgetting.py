"""Named queries for what has been kept long enough. Each takes a few rows at a time, so that nobody who
writes an alarm meanwhile waits long."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ColumnElement, Table, delete, func, select

from dashboard.store.base import Base, naive
from dashboard.store.schema import (
    acknowledgements,
    alarm_causes,
    alarms,
    audit,
    deliveries,
    events,
    memory,
)
from dashboard.values import DeliveryState


class Forgetting(Base):
    """Every method answers how many rows it has removed; fewer than `most` when there are no more."""

    def forget_events(self, before: datetime, most: int) -> int:
        return self._forget(events, events.c.at < naive(before), events.c.at, most)

    def forget_events_over(self, kept: int, most: int) -> int:
        """The oldest events, as far as there are more than `kept`."""
        with self._reading() as connection:
            newest = select(events.c.id).order_by(events.c.id.desc()).offset(kept).limit(1)
            last = connection.execute(newest).scalar()
        return 0 if last is None else self._forget(events, events.c.id <= last, events.c.id, most)

    def forget_audit(self, before: datetime, most: int) -> int:
        return self._forget(audit, audit.c.at < naive(before), audit.c.at, most)

    def forget_deliveries(self, before: datetime, most: int) -> int:
        """Messages that do not wait any more."""
        over = deliveries.c.state != DeliveryState.WAITING
        old = (deliveries.c.created < naive(before)) & over
        return self._forget(deliveries, old, deliveries.c.created, most)

    def forget_memory(self, before: datetime, most: int) -> int:
        """What no version of the judge has written for so long."""
        return self._forget(memory, memory.c.changed_at < naive(before), memory.c.changed_at, most)

    def forget_alarms(self, before: datetime, most: int) -> int:
        """Alarms that were over before then, with all that belongs to them. The newest stays: its number
        says how the next one is numbered."""
        last = select(func.max(alarms.c.id)).scalar_subquery()
        old = select(alarms.c.id).where(alarms.c.resolved_at < naive(before), alarms.c.id < last)
        with self._writing() as connection:
            ids = list(connection.execute(old.order_by(alarms.c.id).limit(most)).scalars())
            for table in (alarm_causes, acknowledgements, deliveries):
                connection.execute(delete(table).where(table.c.alarm_id.in_(ids)))
            connection.execute(delete(alarms).where(alarms.c.id.in_(ids)))
        return len(ids)

    def _forget(self, table: Table, old: ColumnElement[bool], order: ColumnElement[object], most: int) -> int:
        key = next(iter(table.primary_key.columns))
        oldest = select(key).where(old).order_by(order).limit(most).scalar_subquery()
        with self._writing() as connection:
            return connection.execute(delete(table).where(key.in_(oldest))).rowcount
