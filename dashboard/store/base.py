"""What every group of queries stands on."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

from sqlalchemy import Connection, Engine
from sqlalchemy.engine import make_url

from dashboard.store.database import opened, plainly


class Base:
    """The database of one installation. Times are the wall clock's, aware, UTC.

    Every method raises StoreError when the database cannot be read or written; nothing is half done.
    Safe for several threads: each call has a connection of its own."""

    def __init__(self, address: str) -> None:
        self._engine: Engine = opened(address)
        # The judge, the commands and the couriers write: each takes the lock at once and waits for it,
        # since a reading that turns into a writing is refused at once when another wrote meanwhile.
        self._writer = self._engine.execution_options(immediate=True)
        self._url = make_url(address)

    def close(self) -> None:
        self._engine.dispose()

    @contextmanager
    def _reading(self) -> Iterator[Connection]:
        with plainly("read", self._url), self._engine.begin() as connection:
            yield connection

    @contextmanager
    def _writing(self) -> Iterator[Connection]:
        with plainly("written", self._url), self._writer.begin() as connection:
            yield connection


def naive(at: datetime) -> datetime:
    """UTC without its zone: SQLite keeps none."""
    return at.astimezone(UTC).replace(tzinfo=None)


def aware(at: datetime) -> datetime:
    """What `naive` made."""
    return at.replace(tzinfo=UTC)
