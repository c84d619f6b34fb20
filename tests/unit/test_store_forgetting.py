"""What is forgotten and what never is; a year of events; a hundred thousand of them on a page."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from dashboard.clock import SystemClock
from dashboard.monitor.retention import Retention
from dashboard.settings import KeepSettings
from dashboard.store import (
    Acknowledged,
    AlarmRow,
    AuditFilter,
    AuditRow,
    EventFilter,
    EventRow,
    Record,
    Store,
)
from dashboard.store.server import server_engine, with_driver
from dashboard.values import Delivery, DeliveryState, Event, Level
from tests.unit.fake_monitor import HandClock
from tests.waiting import fair

NOW = datetime(2026, 7, 1, 12, tzinfo=UTC)
KINDS = ("person_entered", "person_left", "animal", "surfaced")
SUNK = Event(0.0, "a", "submersion", Level.EMERGENCY, 3, "pool")
KEEP = KeepSettings(events_days=30, deliveries_days=30, audit_days=60, memory_days=30, alarms_days=90)


def ago(days: float) -> datetime:
    return NOW - timedelta(days=days)


def event(n: int, at: datetime) -> EventRow:
    level = Level.ALERT if n % 100 == 0 else Level.NOTICE
    camera = ("a", "b", "c")[n % 3]
    return EventRow(at, Event(0.0, camera, KINDS[n % 4], level, n % 50, "pool", {"n": n}))


def alarm(number: int, at: datetime, over: datetime | None) -> AlarmRow:
    row = AlarmRow(number, at, "emergency", "resolved" if over else "sounding", "person 3", "Mia")
    return replace(
        row, causes=(EventRow(at, SUNK),), acknowledged=(Acknowledged("Anna", at),), resolved_at=over
    )


def message(number: str, alarm_id: int, at: datetime, state: DeliveryState = DeliveryState.DONE) -> Delivery:
    return Delivery(number, alarm_id, "c", 0, "alarm", "T", "t", False, at, at, state=state)


@pytest.fixture
def store(database: str) -> Iterator[Store]:
    with closing(Store(database)) as opened:
        yield opened


def retention(store: Store, clock: HandClock, keep: KeepSettings = KEEP) -> Retention:
    return Retention(store, clock, keep, lambda: False)


def at_noon() -> HandClock:
    return HandClock(NOW.timestamp())


def test_nothing_is_forgotten_where_nothing_is(store: Store) -> None:
    assert not retention(store, at_noon()).step()
    assert store.forget_events_over(0, 10) == 0


def test_each_kind_has_its_own_time_and_alarms_have_the_longest(store: Store) -> None:
    for days in (100, 70, 40, 1):
        at = ago(days)
        row = Record(
            events=(event(days, at),),
            alarms=(alarm(1000 - days, at, at),),
            deliveries=(message(f"m{days}", 1000 - days, at),),
            audit=(AuditRow(at, "mode_changed", "Anna", "page"),),
            memory={f"k{days}": "{}"},
        )
        store.record(row, at)
    assert not retention(store, at_noon()).step()
    assert [e.event.detail["n"] for e in store.events(10)] == [1]
    assert [a.at for a in store.audit(10)] == [ago(1), ago(40)]
    assert store.memory().keys() == {"k1"}
    assert [a.id for a in store.alarms(10)] == [999, 960, 930]
    assert all(a.causes and a.acknowledged for a in store.alarms(10))
    assert [d.id for d in store.deliveries_due(NOW)] == []
    assert [len(store.deliveries_of(n)) for n in (999, 960, 930)] == [1, 0, 0]


def test_what_is_open_or_waits_is_never_forgotten(store: Store) -> None:
    old = ago(3000)
    waiting = message("w", 1, old, DeliveryState.WAITING)
    store.record(Record(alarms=(alarm(1, old, None), alarm(2, old, old)), deliveries=(waiting,)), old)
    retention(store, at_noon()).step()
    # The second is the newest: numbers go on from it.
    assert [a.id for a in store.alarms(10)] == [2, 1] and store.last_alarm() == 2
    assert [d.id for d in store.deliveries_due(NOW)] == ["w"]


def test_it_is_done_in_small_pieces(store: Store) -> None:
    store.record(Record(events=tuple(event(n, ago(40)) for n in range(25))), NOW)
    work = retention(store, at_noon(), replace(KEEP, batch=10))
    left = []
    while work.step():
        left.append(len(store.events(100)))
    assert left == [15, 5]
    assert store.events(100) == ()


def test_too_many_events_are_forgotten_from_the_oldest_on(store: Store) -> None:
    store.record(Record(events=tuple(event(n, NOW) for n in range(30))), NOW)
    retention(store, at_noon(), replace(KEEP, events_most=12)).step()
    assert [e.event.detail["n"] for e in store.events(100)] == list(range(29, 17, -1))


@pytest.mark.parametrize("years", [-3, 3])
def test_a_wrong_date_costs_nothing(store: Store, years: int) -> None:
    class Wrong(HandClock):
        by = timedelta(0)

        def utc(self) -> datetime:
            return super().utc() + self.by

    clock = Wrong(NOW.timestamp())
    store.record(Record(events=(event(1, ago(1)),), alarms=(alarm(1, ago(1), ago(1)),)), NOW)
    work = retention(store, clock)
    clock.by = timedelta(days=365 * years)
    assert not work.step()
    assert len(store.events(5)) == 1


def test_the_database_does_not_grow_in_a_year(tmp_path: Path) -> None:
    """Events, an alarm, messages and deeds every day: from the third month on the file stays as it is."""
    file = tmp_path / "poolwatch.db"
    clock = HandClock(ago(365).timestamp())
    pages: list[int] = []
    with closing(Store(f"sqlite:///{file}")) as store:
        work = retention(store, clock, replace(KEEP, alarms_days=30))
        for day in range(365):
            now = clock.utc()
            what = Record(
                events=tuple(event(day * 60 + n, now) for n in range(60)),
                alarms=(alarm(day + 1, now, now),),
                deliveries=tuple(message(f"{day}-{n}", day + 1, now) for n in range(6)),
                audit=tuple(AuditRow(now, "pictures_seen", "Anna", "phone", {"n": n}) for n in range(20)),
                memory={"judge": "x" * 5000},
            )
            store.record(what, now)
            while work.step():
                pass
            clock.t += 86400
            if day % 30 == 29:
                with store._engine.connect() as connection:
                    pages.append(int(connection.exec_driver_sql("PRAGMA page_count").scalar() or 0))
        assert len(store.events(10_000)) == 31 * 60
        assert len(store.alarms(100)) == 31
        assert len(store.audit(10_000)) == 61 * 20
    assert max(pages[3:]) <= 1.15 * pages[2], pages


def test_a_hundred_thousand_events_are_paged_at_once(store: Store) -> None:
    _fill(store)
    middle = store.events(1)[0].id - 50_000
    asked = {
        "all": EventFilter(),
        "kind": EventFilter(kinds=("animal", "surfaced")),
        "no such kind": EventFilter(kinds=("submersion",)),
        "level": EventFilter(levels=("alert",)),
        "no such level": EventFilter(levels=("emergency",)),
        "camera": EventFilter(camera="b"),
        "no such camera": EventFilter(camera="z"),
        "person": EventFilter(person=7),
        "nobody": EventFilter(person=4711),
        "an old day": EventFilter(since=ago(90), until=ago(89)),
        "much": EventFilter(kinds=("animal",), levels=("alert",), camera="b", since=ago(80), drill=False),
    }
    clock = SystemClock()
    for name, filters in asked.items():
        for before in (None, middle):
            began = clock.monotonic()
            found = store.events_found(filters, 100, before)
            took_s = clock.monotonic() - began
            assert took_s < fair(0.4), f"{name}: {took_s:.2f} s"
            assert bool(found) == (not name.startswith("no")) or name in ("an old day", "much")
    began = clock.monotonic()
    assert store.occurring().kinds == tuple(sorted(KINDS))
    assert len(store.audit(100, asked=AuditFilter(what=("drill",), since=ago(15)))) == 100
    assert store.audited() == ("drill", "pictures_seen")
    assert clock.monotonic() - began < fair(1.0)


def _fill(store: Store) -> None:
    """100,000 events in 100 days, and 20,000 deeds, by the database's own means."""
    served = store._engine.dialect.name == "postgresql"
    counted = "WITH RECURSIVE m(n) AS (VALUES (0) UNION ALL SELECT n + 1 FROM m LIMIT 100000)"
    numbers = "generate_series(0, 99999) AS n(n)" if served else f"({counted} SELECT n FROM m) n"
    start = ago(100).replace(tzinfo=None)
    at = (
        f"timestamp '{start}' + n.n * interval '86.4 seconds'"
        if served
        else f"strftime('%Y-%m-%d %H:%M:%S.000000', '{start}', (n.n * 86.4) || ' seconds')"
    )
    pick = {
        "camera": "substr('abc', n.n % 3 + 1, 1)",
        "kind": "CASE n.n % 4 "
        + " ".join(f"WHEN {i} THEN '{kind}'" for i, kind in enumerate(KINDS))
        + " END",
        "level": "CASE WHEN n.n % 100 = 0 THEN 'alert' ELSE 'notice' END",
        "person": "n.n % 50",
        "zone": "'pool'",
        "detail": "'{}'",
    }
    columns, values = ", ".join(pick), ", ".join(pick.values())
    what = "CASE WHEN n.n % 50 = 0 THEN 'drill' ELSE 'pictures_seen' END"
    deeds = f"SELECT {at}, {what}, 'Anna', 'page', '{{}}' FROM {numbers} WHERE n.n >= 80000"
    # Takes longer on a busy machine than an answer may.
    engine = server_engine(with_driver(store._url), patient=True) if served else store._engine
    with engine.begin() as connection:
        connection.exec_driver_sql(f"INSERT INTO events (at, {columns}) SELECT {at}, {values} FROM {numbers}")
        connection.exec_driver_sql(f"INSERT INTO audit (at, what, who, origin, detail) {deeds}")
        connection.exec_driver_sql("ANALYZE")
    if served:
        engine.dispose()
