"""The database: schema, migrations, named queries. Only the monitor writes it; who may come in (`Doors`) is
written by the pages' process and the command line, which may also put a report into the outbox."""

from dashboard.store.database import StoreError, database_url
from dashboard.store.doors import AccountRow, Doors, SessionRow
from dashboard.store.history import EventFilter, Occurring
from dashboard.store.rows import (
    Acknowledged,
    AlarmRow,
    AuditFilter,
    AuditRow,
    ClipEvent,
    ClipFilter,
    ClipMark,
    ClipRow,
    EventRow,
    LookRow,
    OccupancyRow,
    OutboxRow,
    Record,
    ZonesRow,
)
from dashboard.store.store import Store

__all__ = [
    "AccountRow",
    "Acknowledged",
    "AlarmRow",
    "AuditFilter",
    "AuditRow",
    "ClipEvent",
    "ClipFilter",
    "ClipMark",
    "ClipRow",
    "Doors",
    "EventFilter",
    "EventRow",
    "LookRow",
    "OccupancyRow",
    "Occurring",
    "OutboxRow",
    "Record",
    "SessionRow",
    "Store",
    "StoreError",
    "ZonesRow",
    "database_url",
]
