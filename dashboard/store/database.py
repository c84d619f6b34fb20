"""Opening the database, bringing its schema up to date, and saying plainly what is wrong with it."""

from __future__ import annotations

import functools
import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import (
    ArgumentError,
    DataError,
    DBAPIError,
    IntegrityError,
    NoSuchModuleError,
    NotSupportedError,
    SQLAlchemyError,
    StatementError,
)

from dashboard.store.server import AddressError, code_of, is_server, reason_of, server_engine, with_driver

_MIGRATIONS = Path(__file__).parent / "migrations"
_BUSY_S = 5
# Any number that no other program is likely to lock.
_MIGRATING = 7_355_608_001


class StoreError(Exception):
    """The database cannot be opened, read or written; names the file or server (no password) and why.
    `refused`: it is what was to be written that is wrong, so that trying again helps nothing."""

    def __init__(self, sentence: str, refused: bool = False) -> None:
        super().__init__(sentence)
        self.refused = refused


def database_url(data: Path) -> str:
    """POOLWATCH_DATABASE_URL, or SQLite in the data folder."""
    return os.environ.get("POOLWATCH_DATABASE_URL") or f"sqlite:///{data.resolve() / 'poolwatch.db'}"


def opened(address: str) -> Engine:
    """An engine on a database that is whole and has the current schema. Never deletes or replaces
    anything: StoreError says what is wrong, and a migration that fails leaves all as it was."""
    url = _parsed(address)
    with plainly("opened", url):
        engine = _engine(url)
        try:
            _migrate(engine, url)
            _use_wal(engine)
        except BaseException:
            engine.dispose()
            raise
    return engine


@contextmanager
def plainly(doing: str, url: URL) -> Iterator[None]:
    """Turns the library's errors into a sentence that names the database and the reason."""
    try:
        yield
    except DBAPIError as error:
        refused = isinstance(error, DataError | IntegrityError | NotSupportedError)
        # pg8000 calls everything that a query does wrong a programming error; class 22 is about its data.
        refused = refused or str(code_of(error.orig)).startswith(("22", "23"))
        sentence = f"The database {name_of(url)} cannot be {doing}: {reason_of(error.orig)}."
        raise StoreError(sentence, refused) from None
    except SQLAlchemyError as error:
        refused = isinstance(error, StatementError)
        sentence = f"The database {name_of(url)} cannot be {doing}: {type(error).__name__}."
        raise StoreError(sentence, refused) from None
    except (AttributeError, LookupError, TypeError, ValueError) as error:
        # A row that this program did not write so, or was asked to write and cannot be one.
        sentence = f"The database {name_of(url)} cannot be {doing}: {error}."
        raise StoreError(sentence, refused=True) from None


def name_of(url: URL) -> str:
    """The file's path, or the server's address without its password."""
    if url.get_backend_name() == "sqlite":
        return url.database or "in memory"
    return url.render_as_string(hide_password=True)


def _parsed(address: str) -> URL:
    try:
        return with_driver(make_url(address))
    except AddressError as error:
        raise StoreError(f"POOLWATCH_DATABASE_URL is not right: {error}.") from None
    except (ArgumentError, ValueError):
        # The address may hold a password, also where it cannot be read as one.
        raise StoreError("POOLWATCH_DATABASE_URL is not a database address.") from None


def _engine(url: URL) -> Engine:
    try:
        engine = server_engine(url) if is_server(url) else create_engine(url)
    except (ModuleNotFoundError, NoSuchModuleError) as error:
        raise StoreError(f"The database {name_of(url)} cannot be opened: {error}.") from None
    if engine.dialect.name == "sqlite":
        _prepare_sqlite(engine, url)
    return engine


def _prepare_sqlite(engine: Engine, url: URL) -> None:
    """Python's sqlite3 opens transactions by itself, and not for schema changes: switched off, so that
    every transaction is ours and migrations are whole or not at all."""

    @event.listens_for(engine, "connect")
    def _connected(connection: sqlite3.Connection, _record: Any) -> None:
        connection.isolation_level = None
        connection.execute(f"PRAGMA busy_timeout = {_BUSY_S * 1000}")
        connection.execute("PRAGMA foreign_keys = ON")
        # An acknowledged alarm must survive a power cut.
        connection.execute("PRAGMA synchronous = FULL")

    @event.listens_for(engine, "begin")
    def _begun(connection: Connection) -> None:
        # IMMEDIATE only where it was asked for: what may only be read must still be read.
        immediate = connection.get_execution_options().get("immediate", False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if immediate else "BEGIN")

    if url.database and url.database != ":memory:":
        _make_private(Path(url.database))


def _use_wal(engine: Engine) -> None:
    """Readers and the writer do not wait for each other. Kept in the file, so only asked for once the
    file is known to be ours; one that may only be read keeps what it has."""
    if engine.dialect.name != "sqlite":
        return
    with closing(engine.raw_connection()) as connection, suppress(sqlite3.OperationalError):
        connection.cursor().execute("PRAGMA journal_mode = WAL")


def _make_private(file: Path) -> None:
    """The file holds camera passwords: made by us before SQLite makes it readable for everybody."""
    if file.exists():
        return
    try:
        os.close(os.open(file, os.O_CREAT | os.O_RDWR, 0o600))
    except OSError as error:
        raise StoreError(f"The database {file} cannot be opened: {error.strerror}.") from None


def _migrate(engine: Engine, url: URL) -> None:
    with engine.begin() as connection:
        _check_whole(connection, url)
        if _is_current(connection, url):
            return
    # Indices over years of events take their time.
    patient = server_engine(url, patient=True) if is_server(url) else engine
    try:
        with patient.begin() as connection:
            _alone(connection)
            if not _is_current(connection, url):
                command.upgrade(_config(connection), "head")
    finally:
        if patient is not engine:
            patient.dispose()


def _is_current(connection: Connection, url: URL) -> bool:
    """Whether the schema is this program's; StoreError when it is that of a newer one."""
    known = _known()
    found = MigrationContext.configure(connection).get_current_heads()
    strange = [revision for revision in found if revision not in known]
    if strange:
        raise StoreError(
            f"The database {name_of(url)} was written by a newer version of this program "
            f"(schema {strange[0]}; this one knows up to {known[0]})."
        )
    return tuple(found) == known[:1]


@functools.cache
def _known() -> tuple[str, ...]:
    """The revisions of this program, the newest first. Read once: each look runs all of the scripts."""
    scripts = ScriptDirectory.from_config(_config()).walk_revisions()
    return tuple(script.revision for script in scripts)


def _config(connection: Connection | None = None) -> Config:
    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config


def _alone(connection: Connection) -> None:
    """Two programs that start at once must not both bring a server's schema up to date."""
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_MIGRATING})")


def _check_whole(connection: Connection, url: URL) -> None:
    if connection.dialect.name != "sqlite":
        encoding = connection.exec_driver_sql("SHOW server_encoding").scalar()
        if encoding != "UTF8":
            raise StoreError(
                f"The database {name_of(url)} keeps no UTF-8 (but {encoding}): make one that does."
            )
        return
    verdict = connection.exec_driver_sql("PRAGMA quick_check(1)").scalar()
    if verdict != "ok":
        raise StoreError(f"The database {name_of(url)} is damaged: {verdict}.")
