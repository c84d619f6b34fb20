"""The databases that tests run on: a new SQLite file, and one on a PostgreSQL server of our own."""

from __future__ import annotations

import contextlib
import functools
import os
import pwd
import secrets
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pg8000.dbapi
import pytest
from sqlalchemy import Engine
from sqlalchemy.engine import URL, make_url

from dashboard.store import database as store
from tests.waiting import until

_PROGRAMS = Path("/usr/lib/postgresql")
_USER, _PASSWORD = "poolwatch", "s3cret/of the@tests"
QUOTED = "s3cret%2Fof%20the%40tests"


@functools.cache
def postgres_programs() -> Path | None:
    """Where Debian keeps initdb and postgres, of the newest version; None where they are not installed."""
    found = sorted(_PROGRAMS.glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    return found[-1].parent if found else None


class Cluster:
    """A server on the loopback in a folder of its own, run by somebody without rights."""

    def __init__(self) -> None:
        programs = postgres_programs()
        assert programs is not None
        self._programs = programs
        self._folder = Path(tempfile.mkdtemp(prefix="poolwatch-pg-"))
        # PostgreSQL refuses to be run by root.
        self._user = _unprivileged()
        self.port = _free_port()
        self._process: subprocess.Popen[bytes] | None = None
        if self._user is not None:
            os.chown(self._folder, self._user, -1)
        secret = self._folder / "password"
        secret.write_text(_PASSWORD)
        secret.chmod(0o644)
        options = ["-U", _USER, "--auth=scram-sha-256", f"--pwfile={secret}", "-E", "UTF8", "--locale=C"]
        self._run("initdb", "-D", str(self._data), "--no-sync", *options)

    @property
    def _data(self) -> Path:
        return self._folder / "data"

    def start(self) -> None:
        """Until it answers."""
        settings = {
            "listen_addresses": "127.0.0.1",
            "unix_socket_directories": str(self._folder),
            "fsync": "off",
            "max_connections": "40",
            "log_min_messages": "fatal",
        }
        words = [f"-c{key}={value}" for key, value in settings.items()]
        with (self._folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                [self._programs / "postgres", "-D", self._data, "-p", str(self.port), *words],
                user=self._user,
                cwd=self._folder,
                stdout=subprocess.DEVNULL,
                stderr=log,
                start_new_session=True,
            )
        until(self._answers, 30, f"PostgreSQL answers: {(self._folder / 'log').read_text()[-500:]}")

    def stop(self) -> None:
        """At once, as if its plug was pulled; nothing when it does not run."""
        process, self._process = self._process, None
        if process is not None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGCONT)
            process.send_signal(signal.SIGQUIT)
            process.wait(20)

    def freeze(self, still: bool) -> None:
        """The server and all its helpers stand still, with their connections open; or go on."""
        assert self._process is not None
        children = Path(f"/proc/{self._process.pid}/task/{self._process.pid}/children").read_text().split()
        for pid in (self._process.pid, *map(int, children)):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGSTOP if still else signal.SIGCONT)

    def new_database(self, encoding: str = "UTF8") -> str:
        """An empty database; its address."""
        name = f"test_{secrets.token_hex(6)}"
        self.execute(f"CREATE DATABASE {name} ENCODING '{encoding}' TEMPLATE template0")
        return self.address(name)

    def address(self, database: str, driver: str = "postgresql", password: str = QUOTED) -> str:
        return f"{driver}://{_USER}:{password}@127.0.0.1:{self.port}/{database}"

    def execute(self, statement: str, database: str = "postgres") -> list[tuple[object, ...]]:
        """As the server's owner."""
        with contextlib.closing(self._connection(database)) as connection:
            connection.autocommit = True
            cursor = connection.cursor()
            cursor.execute(statement)
            return [tuple(row) for row in cursor.fetchall()] if cursor.description else []

    def remove(self) -> None:
        self.stop()
        shutil.rmtree(self._folder, ignore_errors=True)

    def _answers(self) -> bool:
        assert self._process is not None and self._process.poll() is None, "the server ended"
        asked = [str(self._programs / "pg_isready"), "-q", "-h", "127.0.0.1", "-p", str(self.port)]
        return subprocess.run(asked, check=False).returncode == 0

    def _connection(self, database: str) -> pg8000.dbapi.Connection:
        return pg8000.dbapi.connect(_USER, "127.0.0.1", database, self.port, _PASSWORD, timeout=10)

    def _run(self, program: str, *words: str) -> None:
        done = subprocess.run(
            [self._programs / program, *words],
            user=self._user,
            cwd=self._folder,
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, done.stderr


def _unprivileged() -> int | None:
    if os.geteuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        with contextlib.suppress(KeyError):
            return pwd.getpwnam(name).pw_uid
    return 65534


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


@pytest.fixture(scope="session", autouse=True)
def _tables_are_made_once(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """A new SQLite file begins as a copy of one that the migrations made in this run: they take a tenth of a
    second of the processor each time, and hundreds of tests begin with a new file. One that holds anything is
    brought up to date as ever."""
    migrate = store._migrate
    made = functools.cache(functools.partial(_migrated, tmp_path_factory, migrate))
    alone = threading.Lock()

    def copied(engine: Engine, url: URL) -> None:
        file = Path(url.database or "")
        with alone:
            if url.get_backend_name() == "sqlite" and file.is_file() and file.stat().st_size == 0:
                with contextlib.suppress(OSError):
                    file.write_bytes(made())
        migrate(engine, url)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(store, "_migrate", copied)
        yield


def _migrated(tmp_path_factory: pytest.TempPathFactory, migrate: Callable[[Engine, URL], None]) -> bytes:
    """An empty database of today's schema, by the migrations."""
    file = tmp_path_factory.mktemp("tables") / "poolwatch.db"
    url = make_url(f"sqlite:///{file}")
    engine = store._engine(url)
    migrate(engine, url)
    engine.dispose()
    return file.read_bytes()


@pytest.fixture(scope="session")
def cluster() -> Iterator[Cluster]:
    """One server for all tests; it runs when a test gets it."""
    made = Cluster()
    try:
        made.start()
        yield made
    finally:
        made.remove()


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of a database that is not there yet, or empty: the test runs on each kind."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'poolwatch.db'}"
    served: Cluster = request.getfixturevalue("cluster")
    return served.new_database()
