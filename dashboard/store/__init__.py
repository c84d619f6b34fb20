"""The database: schema, migrations, named queries. Only the monitor writes it."""

from dashboard.store.database import StoreError, database_url
from dashboard.store.store import Store

__all__ = ["Store", "StoreError", "database_url"]
