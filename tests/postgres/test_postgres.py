"""PostgreSQL as the owner's database: refused plainly, lost and found again, shared, and silent."""

from __future__ import annotations

import gc
import threading
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime

import pytest

from dashboard.store import EventRow, Record, Store, StoreError
from dashboard.values import Delivery, Event, Level
from tests.databases import QUOTED, Cluster

pytestmark = [
    pytest.mark.postgres,
    # The driver leaves the socket of a connection that was refused to the garbage collector.
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]
NOW = datetime(2026, 7, 1, 12, tzinfo=UTC)
SEEN = Record(events=(EventRow(NOW, Event(0.0, "a", "animal", Level.NOTICE)),))


@pytest.fixture(autouse=True)
def _sockets() -> Iterator[None]:
    yield
    gc.collect()


@pytest.fixture
def address(cluster: Cluster) -> str:
    return cluster.new_database()


@pytest.fixture
def stopped(cluster: Cluster) -> Iterator[Cluster]:
    """A server that may be stopped; it runs again afterwards."""
    yield cluster
    cluster.stop()
    cluster.start()


def test_an_address_without_a_driver_is_enough(cluster: Cluster) -> None:
    empty = cluster.new_database()
    with closing(Store(empty.replace("postgresql://", "postgres://"))) as store:
        assert store.cameras() == ()
    with closing(Store(empty.replace("postgresql://", "postgresql+pg8000://"))) as store:
        assert store.cameras() == ()


def test_who_may_not_come_in_is_told_so(cluster: Cluster, address: str) -> None:
    with pytest.raises(StoreError, match="password authentication failed") as refused:
        Store(address.replace(QUOTED, "wrong-secret"))
    assert "wrong-secret" not in str(refused.value)
    with pytest.raises(StoreError, match=r'database "nowhere" does not exist') as missing:
        Store(cluster.address("nowhere"))
    assert "s3cret" not in str(missing.value)


def test_a_database_that_cannot_keep_every_name_is_refused(cluster: Cluster) -> None:
    with pytest.raises(StoreError, match="keeps no UTF-8"):
        Store(cluster.new_database("SQL_ASCII"))


def test_an_alarm_is_on_the_disk_also_where_the_server_is_set_to_be_quick(
    cluster: Cluster, address: str
) -> None:
    name = address.rpartition("/")[2]
    cluster.execute(f"ALTER DATABASE {name} SET synchronous_commit = off")
    with closing(Store(address)) as store, store._engine.connect() as connection:
        assert connection.exec_driver_sql("SHOW synchronous_commit").scalar() == "on"


def test_encryption_is_refused_where_it_is_required_and_the_server_has_none(address: str) -> None:
    with pytest.raises(StoreError, match="SSL"):
        Store(f"{address}?sslmode=require")
    with closing(Store(f"{address}?sslmode=disable")) as store:
        assert store.cameras() == ()


def test_two_that_start_at_once_build_the_tables_once(address: str) -> None:
    made: list[Store] = []
    errors: list[StoreError] = []

    def start() -> None:
        try:
            made.append(Store(address))
        except StoreError as error:
            errors.append(error)

    threads = [threading.Thread(target=start) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == [] and len(made) == 4
    for store in made:
        store.record(SEEN, NOW)
    assert len(made[0].events(10)) == 4
    for store in made:
        store.close()


def test_a_server_that_is_down_is_said_and_named_without_the_password(stopped: Cluster, address: str) -> None:
    stopped.stop()
    with pytest.raises(StoreError, match=rf"127\.0\.0\.1:{stopped.port}.*cannot be opened") as refused:
        Store(address)
    assert "s3cret" not in str(refused.value)


def test_a_server_that_goes_and_comes_back_is_used_again(stopped: Cluster, address: str) -> None:
    with closing(Store(address)) as store:
        store.record(SEEN, NOW)
        stopped.stop()
        with pytest.raises(StoreError, match="cannot be written"):
            store.record(SEEN, NOW)
        with pytest.raises(StoreError, match="cannot be read"):
            store.events(5)
        stopped.start()
        store.record(SEEN, NOW)
        assert len(store.events(5)) == 2


def test_connections_that_the_server_has_cut_cost_nothing(cluster: Cluster, address: str) -> None:
    with closing(Store(address)) as store:
        store.record(SEEN, NOW)
        name = address.rpartition("/")[2]
        cluster.execute(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'")
        store.record(SEEN, NOW)
        assert len(store.events(5)) == 2


def test_a_server_that_says_nothing_is_given_up_in_time(
    cluster: Cluster, address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("dashboard.store.server._ANSWER_S", 0.5)
    with closing(Store(address)) as store:
        cluster.freeze(True)
        try:
            with pytest.raises(StoreError, match="cannot be written"):
                store.record(SEEN, NOW)
        finally:
            cluster.freeze(False)
        store.record(SEEN, NOW)


def test_a_row_that_somebody_holds_is_waited_for(cluster: Cluster, address: str) -> None:
    message = Delivery("m", None, "c", 0, "test", "T", "t", False, NOW, NOW)
    with closing(Store(address)) as store:
        store.deliveries_add([message])
        with store._engine.connect() as holder, holder.begin():
            holder.exec_driver_sql("SELECT * FROM deliveries FOR UPDATE")
            waiting = threading.Thread(target=store.delivery_tried, args=("m", True, "", None))
            waiting.start()
            waiting.join(0.2)
            assert waiting.is_alive()
        waiting.join(10)
        assert [d.state.value for d in store.deliveries_of(None)] == ["done"]
