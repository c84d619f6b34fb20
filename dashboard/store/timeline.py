"""Named queries for a day or a week at a glance: what happened between two moments, and what held before."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import or_, select

from dashboard.store.base import aware, naive
from dashboard.store.clips import Filmed
from dashboard.store.history import History
from dashboard.store.judged import _read_event
from dashboard.store.occupancy import Occupied
from dashboard.store.rows import AlarmRow, EventRow
from dashboard.store.schema import alarms, audit, events


class Timelined(History, Occupied, Filmed):
    """`since` is in it, `until` is not."""

    def events_between(
        self, kinds: Sequence[str], since: datetime, until: datetime, most: int
    ) -> tuple[EventRow, ...]:
        """Events of these kinds in the order in which they were; of too many the newest."""
        within = (events.c.at >= naive(since), events.c.at < naive(until), events.c.kind.in_(list(kinds)))
        query = select(events).where(*within).order_by(events.c.at.desc(), events.c.id.desc()).limit(most)
        with self._reading() as connection:
            found = [_read_event(row, row.drill, row.id) for row in connection.execute(query)]
        return tuple(reversed(found))

    def last_event(
        self, kinds: Sequence[str], since: datetime, before: datetime, camera: str | None = None
    ) -> EventRow | None:
        """The newest event of these kinds in that time, of one camera or of any."""
        query = select(events).where(
            events.c.at >= naive(since), events.c.at < naive(before), events.c.kind.in_(list(kinds))
        )
        if camera is not None:
            query = query.where(events.c.camera == camera)
        with self._reading() as connection:
            row = connection.execute(query.order_by(events.c.at.desc(), events.c.id.desc()).limit(1)).first()
        return None if row is None else _read_event(row, row.drill, row.id)

    def alarms_between(self, since: datetime, until: datetime, most: int) -> tuple[AlarmRow, ...]:
        """Alarms that were open then, the newest last, without causes and acknowledgements."""
        open_then = or_(alarms.c.resolved_at.is_(None), alarms.c.resolved_at >= naive(since))
        query = select(alarms).where(alarms.c.since < naive(until), open_then)
        with self._reading() as connection:
            rows = connection.execute(query.order_by(alarms.c.id.desc()).limit(most)).all()
        return tuple(
            AlarmRow(
                id=row.id,
                since=aware(row.since),
                level=row.level,
                state=row.state,
                subject=row.subject,
                title=row.title,
                drill=row.drill,
                resolved_at=None if row.resolved_at is None else aware(row.resolved_at),
                resolved_by=row.resolved_by,
                reason=row.reason,
                note=row.note,
            )
            for row in reversed(rows)
        )

    def auditors(self, most: int) -> tuple[str, ...]:
        """Everybody whom the audit names, in the order of the alphabet."""
        query = select(audit.c.who).distinct().order_by(audit.c.who).limit(most)
        with self._reading() as connection:
            return tuple(connection.execute(query).scalars())
