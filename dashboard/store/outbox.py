"""Named queries for contacts and for the messages that are to reach them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, delete, func, insert, select, update

from dashboard.store.base import Base, aware, naive, text
from dashboard.store.rows import OutboxRow
from dashboard.store.schema import contacts, deliveries
from dashboard.values import Contact, Delivery, DeliveryState

_LONGEST_ERROR, _LONGEST_TEXT = 500, 10_000
_SHOWN = 20


class Outbox(Base):
    """See the module's line."""

    def contacts(self) -> tuple[Contact, ...]:
        """All contacts in their order, also those who are switched off."""
        query = select(contacts).order_by(contacts.c.position, contacts.c.id)
        with self._reading() as connection:
            return tuple(_read_contact(row) for row in connection.execute(query))

    def add_contact(self, contact: Contact) -> None:
        """Adds one behind the others, whatever its `position` says."""
        last = select(func.coalesce(func.max(contacts.c.position), -1) + 1).scalar_subquery()
        with self._writing() as connection:
            connection.execute(insert(contacts).values({**_contact_row(contact), "position": last}))

    def change_contact(self, contact: Contact) -> None:
        """Replaces what is kept of the contact `contact.id`, save their position."""
        with self._writing() as connection:
            connection.execute(
                update(contacts).where(contacts.c.id == contact.id).values(_contact_row(contact))
            )

    def remove_contact(self, contact: str) -> None:
        """Removes one, and drops what waits for them."""
        waits = (deliveries.c.contact_id == contact) & (deliveries.c.state == DeliveryState.WAITING)
        with self._writing() as connection:
            connection.execute(delete(contacts).where(contacts.c.id == contact))
            connection.execute(update(deliveries).where(waits).values(state=DeliveryState.DROPPED.value))

    def order_contacts(self, ids: Sequence[str]) -> None:
        """Puts the contacts into this order; all or none."""
        with self._writing() as connection:
            for position, contact in enumerate(ids):
                connection.execute(update(contacts).where(contacts.c.id == contact).values(position=position))

    def deliveries_add(self, rows: Sequence[Delivery]) -> None:
        """Writes messages that are to be sent; one that is there already stays as it is."""
        with self._writing() as connection:
            add_deliveries(connection, rows)

    def deliveries_due(self, now: datetime) -> tuple[Delivery, ...]:
        """Everything that waits and is due, the oldest first."""
        waits = (deliveries.c.state == DeliveryState.WAITING) & (deliveries.c.due <= naive(now))
        query = select(deliveries).where(waits).order_by(deliveries.c.due, deliveries.c.created)
        with self._reading() as connection:
            return tuple(_read_delivery(row) for row in connection.execute(query))

    def delivery_tried(self, delivery: str, ok: bool, error: str, next_due: datetime | None) -> bool:
        """One attempt is over: done, or to be tried again at `next_due`, or given up where that is None.
        False where there is no such message."""
        state = DeliveryState.DONE if ok else DeliveryState.FAILED
        values: dict[str, Any] = {
            "state": state.value,
            "last_error": "" if ok else text(error, _LONGEST_ERROR),
        }
        if not ok and next_due is not None:
            values |= {"state": DeliveryState.WAITING.value, "due": naive(next_due)}
        # What was answered meanwhile is not taken up again.
        live = (deliveries.c.id == delivery) & (deliveries.c.state != DeliveryState.DROPPED)
        with self._writing() as connection:
            connection.execute(
                update(deliveries).where(live).values({**values, "attempts": deliveries.c.attempts + 1})
            )
            known = select(func.count()).select_from(deliveries).where(deliveries.c.id == delivery)
            return bool(connection.execute(known).scalar_one())

    def deliveries_hurry(self, now: datetime) -> int:
        """Everything that waits is due at once, how many of it was not: at a start nobody knows whether the
        wall clock was set back meanwhile."""
        later = (deliveries.c.state == DeliveryState.WAITING) & (deliveries.c.due > naive(now))
        with self._writing() as connection:
            return connection.execute(update(deliveries).where(later).values(due=naive(now))).rowcount

    def deliveries_of(self, alarm: int | None) -> tuple[Delivery, ...]:
        """All messages of one alarm (None: tests), in the order in which they were written."""
        which = deliveries.c.alarm_id.is_(None) if alarm is None else deliveries.c.alarm_id == alarm
        query = select(deliveries).where(which).order_by(deliveries.c.created, deliveries.c.id)
        with self._reading() as connection:
            return tuple(_read_delivery(row) for row in connection.execute(query))

    def outbox(self, since: datetime) -> OutboxRow:
        """What waits, and what failed since then."""
        waits = deliveries.c.state == DeliveryState.WAITING
        failed = (deliveries.c.state == DeliveryState.FAILED) & (deliveries.c.created >= naive(since))
        newest = deliveries.c.created.desc()
        with self._reading() as connection:
            count = connection.execute(select(func.count()).select_from(deliveries).where(waits)).scalar_one()
            trouble = select(deliveries).where(waits & (deliveries.c.attempts > 0))
            over = select(deliveries).where(failed)
            found = [
                tuple(_read_delivery(row) for row in connection.execute(q.order_by(newest).limit(_SHOWN)))
                for q in (trouble, over)
            ]
        return OutboxRow(int(count), found[0], found[1])


def add_deliveries(connection: Connection, rows: Sequence[Delivery]) -> None:
    """Inside a transaction: what is there already stays as it is."""
    if not rows:
        return
    there = select(deliveries.c.id).where(deliveries.c.id.in_([row.id for row in rows]))
    known = set(connection.execute(there).scalars())
    fresh = {row.id: _delivery_row(row) for row in rows if row.id not in known}
    if fresh:
        connection.execute(insert(deliveries), list(fresh.values()))


def drop_answered(connection: Connection, alarms: Sequence[int]) -> None:
    """Inside a transaction: calls for help that somebody has answered meanwhile."""
    if not alarms:
        return
    waits = (deliveries.c.state == DeliveryState.WAITING) & (deliveries.c.kind == "alarm")
    mine = waits & deliveries.c.alarm_id.in_(list(alarms))
    connection.execute(update(deliveries).where(mine).values(state=DeliveryState.DROPPED.value))


def _contact_row(contact: Contact) -> dict[str, Any]:
    urls = json.dumps(list(contact.urls))
    flags = {"enabled": contact.enabled, "report": contact.report}
    return {"id": contact.id, "name": contact.name, "urls": urls, **flags}


def _read_contact(row: Row[Any]) -> Contact:
    return Contact(row.id, row.name, tuple(json.loads(row.urls)), row.position, row.enabled, row.report)


def _delivery_row(row: Delivery) -> dict[str, Any]:
    return {
        "id": row.id,
        "alarm_id": row.alarm_id,
        "contact_id": row.contact_id,
        "address_index": row.address_index,
        "kind": row.kind,
        "title": text(row.title, _LONGEST_TEXT),
        "text": text(row.text, _LONGEST_TEXT),
        "drill": row.drill,
        "due": naive(row.due_utc),
        "created": naive(row.created_utc),
        "attempts": row.attempts,
        "state": row.state.value,
        "last_error": text(row.last_error, _LONGEST_ERROR),
    }


def _read_delivery(row: Row[Any]) -> Delivery:
    return Delivery(
        id=row.id,
        alarm_id=row.alarm_id,
        contact_id=row.contact_id,
        address_index=row.address_index,
        kind=row.kind,
        title=row.title,
        text=row.text,
        drill=row.drill,
        due_utc=aware(row.due),
        created_utc=aware(row.created),
        attempts=row.attempts,
        state=DeliveryState(row.state),
        last_error=row.last_error,
    )
