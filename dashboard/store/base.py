"""What every group of queries stands on."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime

from sqlalchemy import Connection, Engine
from sqlalchemy.engine import make_url

from dashboard.store.database import opened, plainly

_LONGEST_JSON = 1_000_000


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


def text(value: str, longest: int) -> str:
    """As a column of `longest` letters takes it, on every database: no zeros, no halves of letters."""
    return value.replace("\0", "").encode("utf-8", "replace").decode()[:longest]


def json_text(value: Mapping[str, object]) -> str:
    """As JSON; what JSON has no form for as its text."""
    found = json.dumps(dict(value), ensure_ascii=False, default=str)
    return text(found, _LONGEST_JSON) if len(found) <= _LONGEST_JSON else '{"cut": "it was too long"}'
