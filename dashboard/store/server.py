"""PostgreSQL, where the owner names one: spoken to by pg8000, which is free to be sold along (BSD), all in
Python, and has a time limit for every answer."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pg8000.dbapi
from sqlalchemy import Engine, create_engine, event
from sqlalchemy.dialects import registry
from sqlalchemy.dialects.postgresql.pg8000 import PGDialect_pg8000
from sqlalchemy.engine import URL

# A server that is alive answers a query of ours in milliseconds. One that says nothing for so long is gone,
# though its machine may not have said so.
_ANSWER_S = 5.0
# Building indices over years of events.
_PATIENT_S = 600.0
_POOL_WAIT_S = 5.0
_TLS = ("disable", "prefer", "require", "verify-full")
# The server ends, was killed, is not up yet, or has tidied a connection away.
_GONE = ("57P01", "57P02", "57P03", "57P05", "25P03", "08")
_PLAIN = "postgresql+pg8000"
_DRIVER = "postgresql.pg8000_timed"


class AddressError(ValueError):
    """The address asks for what does not exist; holds no password."""


def is_server(url: URL) -> bool:
    return url.get_backend_name() in ("postgresql", "postgres")


def with_driver(url: URL) -> URL:
    """With the driver that is installed, where the address names none; AddressError."""
    if url.drivername in ("postgresql", "postgres"):
        url = url.set(drivername=_PLAIN)
    if is_server(url) and url.drivername != _PLAIN:
        raise AddressError("PostgreSQL is spoken to by pg8000 here: begin it with postgresql://")
    if url.query.get("sslmode", "prefer") not in _TLS:
        raise AddressError(f"sslmode must be one of {', '.join(_TLS)}")
    return url


class TimedDialect(PGDialect_pg8000):
    """The driver, that knows all the ways in which a connection ends: silence comes out of it as it is, and
    a server that goes says so as if it were a wrong query."""

    driver = "pg8000_timed"
    supports_statement_cache = True

    def is_disconnect(self, e: Any, connection: Any, cursor: Any) -> bool:
        return code_of(e).startswith(_GONE) or bool(
            super().is_disconnect(e, connection, cursor)  # type: ignore[no-untyped-call]
        )

    def connect(self, *args: Any, **options: Any) -> Any:
        with _lost():
            return super().connect(*args, **options)

    def do_ping(self, dbapi_connection: Any) -> bool:
        with _lost():
            return super().do_ping(dbapi_connection)

    def do_execute(self, cursor: Any, statement: Any, parameters: Any, context: Any = None) -> None:
        with _lost():
            super().do_execute(cursor, statement, parameters, context)  # type: ignore[no-untyped-call]

    def do_executemany(self, cursor: Any, statement: Any, parameters: Any, context: Any = None) -> None:
        with _lost():
            super().do_executemany(cursor, statement, parameters, context)  # type: ignore[no-untyped-call]

    def do_commit(self, dbapi_connection: Any) -> None:
        with _lost():
            super().do_commit(dbapi_connection)  # type: ignore[no-untyped-call]

    def do_rollback(self, dbapi_connection: Any) -> None:
        with _lost():
            super().do_rollback(dbapi_connection)  # type: ignore[no-untyped-call]


@contextmanager
def _lost() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        # The words by which the driver itself tells a broken line.
        raise pg8000.dbapi.InterfaceError(f"network error: {error.strerror or error}") from error


def server_engine(url: URL, patient: bool = False) -> Engine:
    """Connections that were cut while nobody used them are noticed and made anew."""
    limit_s = _PATIENT_S if patient else _ANSWER_S
    asked = str(url.query.get("sslmode", "prefer"))
    registry.register(_DRIVER, __name__, TimedDialect.__name__)
    if url.drivername == _PLAIN:
        url = url.set(drivername=_DRIVER.replace(".", "+"))
    engine = create_engine(
        url.difference_update_query(["sslmode"]),
        connect_args={"timeout": limit_s, "ssl_context": _tls(asked), "application_name": "poolwatch"},
        pool_pre_ping=True,
        pool_timeout=_POOL_WAIT_S,
    )
    event.listen(engine, "connect", lambda connection, _record: _prepare(connection, limit_s))
    return engine


def code_of(error: object) -> str:
    """The server's five letters for what went wrong; "" where it was not the server that said it."""
    args = getattr(error, "args", ())
    return str(args[0].get("C", "")) if args and isinstance(args[0], dict) else ""


def reason_of(error: object) -> str:
    """What the server said, or the network, in its own words; nothing of the address."""
    args = getattr(error, "args", ())
    if args and isinstance(args[0], dict):
        return str(args[0].get("M", "the server refused")).rstrip(".")
    return str(error).partition(" (timeout is ")[0].splitlines()[0].rstrip(".") if str(error) else "no answer"


def _tls(mode: str) -> ssl.SSLContext | bool | None:
    if mode == "verify-full":
        return ssl.create_default_context()
    # None: encrypted where the server can.
    return {"disable": False, "require": True}.get(mode)


def _prepare(connection: Any, limit_s: float) -> None:
    cursor = connection.cursor()
    # An acknowledged alarm must survive a power cut, also where the server is set to be quick instead.
    cursor.execute(
        "SELECT set_config('synchronous_commit', 'on', false)"
        " WHERE current_setting('synchronous_commit') = 'off'"
    )
    cursor.execute(f"SET statement_timeout = {round(limit_s * 900)}")
    cursor.execute("SET client_min_messages = error")
    connection.commit()
    cursor.close()
