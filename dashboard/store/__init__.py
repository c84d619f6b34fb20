"""The database: schema, migrations, named queries. Only the monitor writes it."""

from dashboard.store.database import StoreError, database_url
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
    OccupancyRow,
    OutboxRow,
    Record,
    ZonesRow,
)
from dashboard.store.store import Store

__all__ = [
    "Acknowledged",
    "AlarmRow",
    "AuditFilter",
    "AuditRow",
    "ClipEvent",
    "ClipFilter",
    "ClipMark",
    "ClipRow",
    "EventFilter",
    "EventRow",
    "OccupancyRow",
    "Occurring",
    "OutboxRow",
    "Record",
    "Store",
    "StoreError",
    "ZonesRow",
    "database_url",
]
