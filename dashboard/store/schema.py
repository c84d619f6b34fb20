"""The tables as they are now; `migrations/versions` holds how they came to be."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, DateTime, Float, Integer, MetaData, String, Table, Text, true

metadata = MetaData()

cameras = Table(
    "cameras",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("name", String(100), nullable=False, unique=True),
    Column("kind", String(20), nullable=False),
    # May hold credentials: never logged, never sent to a page as it is.
    Column("address", Text, nullable=False),
    Column("loop", Boolean, nullable=False, server_default=true()),
    Column("max_fps", Float, nullable=True),
    Column("enabled", Boolean, nullable=False, server_default=true()),
    Column("position", Integer, nullable=False),
    Column("added_at", DateTime, nullable=False),
    Column("changed_at", DateTime, nullable=False),
)

# What the owner chose for the whole installation: a key and its value as JSON.
choices = Table(
    "choices",
    metadata,
    Column("key", String(100), primary_key=True),
    Column("value", Text, nullable=False),
    Column("changed_at", DateTime, nullable=False),
)
