"""Named queries for the audit: who did, saw, changed or took away what, when and from where."""

from __future__ import annotations

import json
from typing import Any

from sqlalchemy import ColumnElement, Row, select

from dashboard.store.base import aware, json_text, naive, text
from dashboard.store.forgetting import Forgetting
from dashboard.store.rows import AuditFilter, AuditRow
from dashboard.store.schema import audit


class Audited(Forgetting):
    """See the module's line. Entries are written with everything else, by `record`."""

    def audit(
        self, limit: int, before: int | None = None, asked: AuditFilter | None = None
    ) -> tuple[AuditRow, ...]:
        """The newest entries first that are asked for, those with an id under `before`."""
        query = select(audit).where(*_conditions(asked or AuditFilter()))
        if before is not None:
            query = query.where(audit.c.id < before)
        with self._reading() as connection:
            found = connection.execute(query.order_by(audit.c.id.desc()).limit(limit))
            return tuple(_read(row) for row in found)

    def audited(self) -> tuple[str, ...]:
        """Every kind of deed that was ever written down, in the order of the alphabet."""
        with self._reading() as connection:
            return tuple(connection.execute(select(audit.c.what).distinct().order_by(audit.c.what)).scalars())


def audit_row(row: AuditRow) -> dict[str, Any]:
    """As the table has it."""
    return {
        "at": naive(row.at),
        "what": text(row.what, 40),
        "who": text(row.who, 100),
        "origin": text(row.origin, 100),
        "detail": json_text(row.detail),
    }


def _conditions(asked: AuditFilter) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if asked.what:
        found.append(audit.c.what.in_(asked.what))
    if asked.who:
        found.append(audit.c.who == asked.who)
    if asked.since is not None:
        found.append(audit.c.at >= naive(asked.since))
    if asked.until is not None:
        found.append(audit.c.at < naive(asked.until))
    return found


def _read(row: Row[Any]) -> AuditRow:
    return AuditRow(aware(row.at), row.what, row.who, row.origin, json.loads(row.detail), row.id)
