"""The database: whole, damaged, from the future, full, and not writable."""

from __future__ import annotations

import sqlite3
import stat
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from sqlalchemy import create_engine, inspect

from dashboard.store import Store, StoreError, database_url
from dashboard.store.database import _config
from dashboard.store.schema import metadata
from dashboard.values import CameraSpec, SourceKind

NOW = datetime(2026, 7, 1, 12, tzinfo=UTC)
POOL = CameraSpec("a", "Pool", SourceKind.RTSP, "rtsp://u:p@h/x", max_fps=7.5, backend="openpose-omz")
_NEWER = ("zones", "events", "alarm_causes", "acknowledgements", "alarms", "contacts", "deliveries")
_NEWEST = ("audit", "memory", "occupancy", "clips", "animal_looks", "sessions", "invitations", "accounts")
_NEWER_GONE = "".join(f"drop table {table};" for table in (*_NEWER, *_NEWEST))
GATE = CameraSpec("b", "Gate 门", SourceKind.BROWSER, loop=False, enabled=False)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "poolwatch.db"


@pytest.fixture
def store(file: Path) -> Iterator[Store]:
    """On SQLite."""
    with closing(Store(f"sqlite:///{file}")) as opened:
        yield opened


@pytest.fixture
def either(database: str) -> Iterator[Store]:
    """On SQLite and on PostgreSQL."""
    with closing(Store(database)) as opened:
        yield opened


def test_a_new_database_is_empty(either: Store) -> None:
    assert either.cameras() == ()
    assert either.choices() == {}


def test_a_new_file_is_for_its_owner_only(store: Store, file: Path) -> None:
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_cameras_come_back_as_they_were_in_their_order(either: Store, database: str) -> None:
    either.add_camera(POOL, NOW)
    either.add_camera(GATE, NOW)
    either.order_cameras(["b", "a"])
    either.close()
    with closing(Store(database)) as again:
        gate, pool = again.cameras()
    assert (gate.id, gate.name, gate.kind, gate.loop, gate.enabled) == (
        "b",
        "Gate 门",
        SourceKind.BROWSER,
        False,
        False,
    )
    assert (pool.address, pool.max_fps, pool.position) == ("rtsp://u:p@h/x", 7.5, 1)
    assert (pool.backend, gate.backend) == ("openpose-omz", "poolwatch")


def test_a_change_leaves_the_place_in_the_order(either: Store) -> None:
    either.add_camera(POOL, NOW)
    either.add_camera(GATE, NOW)
    either.change_camera(CameraSpec("b", "Gate", SourceKind.USB, "0", position=77), NOW)
    assert [(c.id, c.name, c.position) for c in either.cameras()] == [("a", "Pool", 0), ("b", "Gate", 1)]


def test_a_removed_camera_is_gone_and_the_next_goes_to_the_end(either: Store) -> None:
    either.add_camera(POOL, NOW)
    either.add_camera(GATE, NOW)
    either.remove_camera("a")
    either.remove_camera("no such camera")
    either.add_camera(POOL, NOW)
    assert [c.id for c in either.cameras()] == ["b", "a"]


def test_a_second_camera_of_the_same_name_is_refused_and_nothing_is_half_done(either: Store) -> None:
    either.add_camera(POOL, NOW)
    with pytest.raises(StoreError, match=r"UNIQUE|unique"):
        either.add_camera(CameraSpec("c", "Pool", SourceKind.USB, "0"), NOW)
    assert len(either.cameras()) == 1


def test_choices_are_kept_and_replaced(either: Store) -> None:
    either.choose({"show_camera": True, "words": ["a"]}, NOW)
    either.choose({"show_camera": False}, NOW)
    assert either.choices() == {"show_camera": False, "words": ["a"]}


def test_the_migrations_build_what_the_schema_says(store: Store) -> None:
    by_migration = inspect(store._engine)
    reference = create_engine("sqlite://")
    metadata.create_all(reference)
    by_schema = inspect(reference)
    for table in metadata.tables:
        found = [(c["name"], str(c["type"]), c["nullable"]) for c in by_migration.get_columns(table)]
        wanted = [(c["name"], str(c["type"]), c["nullable"]) for c in by_schema.get_columns(table)]
        assert found == wanted
        assert _indices(by_migration, table) == _indices(by_schema, table)
    assert set(by_migration.get_table_names()) == {*metadata.tables, "alembic_version"}


def _indices(of: Any, table: str) -> list[tuple[str, list[str]]]:
    return sorted((index["name"], index["column_names"]) for index in of.get_indexes(table))


def test_an_older_database_is_brought_up_to_date_with_its_cameras(file: Path, store: Store) -> None:
    store.add_camera(POOL, NOW)
    store.close()
    with closing(sqlite3.connect(file)) as connection:
        connection.executescript(
            "drop table choices; alter table cameras drop column backend;"
            "update alembic_version set version_num = '0001_cameras';" + _NEWER_GONE
        )
    with closing(Store(f"sqlite:///{file}")) as again:
        assert again.choices() == {}
        assert [c.name for c in again.cameras()] == ["Pool"]


def test_every_step_of_the_schema_goes_down_and_up_again(either: Store) -> None:
    either.add_camera(POOL, NOW)
    steps = ["0003_judging", "0002_choices", "0001_cameras", "base"]
    tables = []
    with either._engine.begin() as connection:
        for step in steps:
            command.downgrade(_config(connection), step)
            tables.append(len(inspect(connection).get_table_names()))
            if step == "0001_cameras":
                kept = connection.exec_driver_sql("select name from cameras").scalar()
        command.upgrade(_config(connection), "head")
    # The table of the schema's own step stays. What a step once made never changes.
    assert tables == [12, 3, 2, 1]
    assert kept == "Pool"
    either.choose({"show_camera": True}, NOW)
    assert (either.cameras(), either.choices()) == ((), {"show_camera": True})


def test_a_migration_that_fails_leaves_everything_as_it_was(file: Path, store: Store) -> None:
    store.add_camera(POOL, NOW)
    store.close()
    with closing(sqlite3.connect(file)) as connection:
        # The second step will find its table there already, after the first has run.
        connection.executescript("drop table cameras; delete from alembic_version;" + _NEWER_GONE)
    with pytest.raises(StoreError, match="already exists"):
        Store(f"sqlite:///{file}")
    with closing(sqlite3.connect(file)) as connection:
        tables = {row[0] for row in connection.execute("select name from sqlite_master where type = 'table'")}
        assert tables == {"alembic_version", "choices"}
        assert connection.execute("select * from alembic_version").fetchall() == []


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(b"this is no database\n" * 500, id="text"),
        pytest.param(b"\x00" * 8192, id="zeros"),
        pytest.param(b"SQLite format 3\x00" + b"\xff" * 8192, id="only the first line is right"),
    ],
)
def test_a_file_that_is_no_database_is_named_and_left_as_it_is(file: Path, content: bytes) -> None:
    file.write_bytes(content)
    with pytest.raises(StoreError) as refused:
        Store(f"sqlite:///{file}")
    assert str(file) in str(refused.value)
    assert file.read_bytes() == content


def test_a_damaged_page_is_found_before_it_is_used(file: Path, store: Store) -> None:
    store.add_camera(POOL, NOW)
    store.close()
    content = bytearray(file.read_bytes())
    content[4096 * 2 : 4096 * 4] = b"\xaa" * 8192
    file.write_bytes(content)
    with pytest.raises(StoreError, match=r"poolwatch\.db"):
        Store(f"sqlite:///{file}")
    assert file.read_bytes() == content


def test_a_database_of_a_newer_version_is_named_and_left_as_it_is(file: Path, store: Store) -> None:
    store.close()
    with closing(sqlite3.connect(file)) as connection:
        connection.executescript("update alembic_version set version_num = '0999_future'")
    with pytest.raises(StoreError, match=r"newer version of this program .*0999_future") as refused:
        Store(f"sqlite:///{file}")
    assert str(file) in str(refused.value)
    with closing(sqlite3.connect(file)) as connection:
        assert connection.execute("select version_num from alembic_version").fetchone() == ("0999_future",)


@pytest.mark.parametrize(
    ("damage", "read"),
    [
        pytest.param("update cameras set kind = 'telescope'", "cameras", id="kind"),
        pytest.param(
            "insert into choices values ('show_camera', 'yes!', '2026-01-01')", "choices", id="choice"
        ),
    ],
)
def test_a_row_of_somebody_else_is_said(store: Store, file: Path, damage: str, read: str) -> None:
    store.add_camera(POOL, NOW)
    with closing(sqlite3.connect(file)) as connection:
        connection.execute(damage)
        connection.commit()
    with pytest.raises(StoreError, match="cannot be read"):
        getattr(store, read)()


def test_a_full_disk_is_said_and_what_was_there_stays(store: Store) -> None:
    store.add_camera(POOL, NOW)
    with store._engine.connect() as connection:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar()
        connection.exec_driver_sql(f"PRAGMA max_page_count = {pages}")
    with pytest.raises(StoreError, match=r"cannot be written: .*full"):
        store.choose({"long": "x" * 100_000}, NOW)
    assert [c.name for c in store.cameras()] == ["Pool"]
    assert store.choices() == {}


def test_a_database_that_may_only_be_read_is_said(store: Store) -> None:
    store.add_camera(POOL, NOW)
    with store._engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA query_only = ON")
    with pytest.raises(StoreError, match=r"cannot be written: .*readonly"):
        store.remove_camera("a")
    assert [c.name for c in store.cameras()] == ["Pool"]


def test_a_folder_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="No such file or directory"):
        Store(f"sqlite:///{tmp_path / 'nowhere' / 'x.db'}")


@pytest.mark.parametrize(
    "address",
    [
        pytest.param("mysql+pymysql://user:secret@host/db", id="a driver that is not installed"),
        pytest.param("postgresql://user:secret@host/db?sslmode=maybe", id="no such encryption"),
        pytest.param("nonsense://user:secret@host/db", id="a dialect that does not exist"),
        pytest.param("user:secret@host", id="no address at all"),
        pytest.param("sqlite://user:secret@host:port:port/x", id="a broken address"),
    ],
)
def test_a_database_address_is_refused_without_its_password(address: str) -> None:
    with pytest.raises(StoreError) as refused:
        Store(address)
    assert "secret" not in str(refused.value)


def test_the_address_comes_from_the_environment_or_the_data_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("POOLWATCH_DATABASE_URL", raising=False)
    assert database_url(tmp_path) == f"sqlite:///{tmp_path / 'poolwatch.db'}"
    monkeypatch.setenv("POOLWATCH_DATABASE_URL", "sqlite:///elsewhere.db")
    assert database_url(tmp_path) == "sqlite:///elsewhere.db"


def test_two_that_had_one_address_before_are_told_apart(file: Path, store: Store) -> None:
    """Whoever came first keeps it; both stay members."""
    store.close()
    with closing(sqlite3.connect(file)) as connection:
        connection.executescript(
            "drop table animal_looks; drop index ix_accounts_email_key;"
            "alter table accounts drop column email_key;"
            "update alembic_version set version_num = '0012_report';"
        )
        rows = [
            ("a", "Anna@Example.org", "2026-01-02"),
            ("b", " anna@example.ORG", "2026-01-01"),
            ("c", "", "x"),
        ]
        for name, email, at in rows:
            values = (name, name, name, "owner", "", email, f"{at} 00:00:00")
            connection.execute("insert into accounts values (?, ?, ?, ?, ?, ?, ?)", values)
        connection.commit()
    with closing(Store(f"sqlite:///{file}")), closing(sqlite3.connect(file)) as connection:
        found = connection.execute("select id, email, email_key from accounts order by id").fetchall()
    assert found == [("a", "", None), ("b", " anna@example.ORG", "anna@example.org"), ("c", "", None)]
