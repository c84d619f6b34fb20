"""The whole way of an alarm on PostgreSQL: a drill, a submersion, a server that dies in the middle."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from pathlib import Path

import pytest

from dashboard.alarm.machine import Reason
from dashboard.values import Delivery, DeliveryState, Mode
from tests.databases import Cluster
from tests.unit.fake_monitor import HandClock
from tests.unit.judging_stage import Life
from tests.unit.rules_stage import adult, film, swimmer
from tests.waiting import until

pytestmark = [
    pytest.mark.postgres,
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]
SUNK = (adult(1, (0, 200, 330), (80, 200, 330)), swimmer(2, (0, 500, 400), (4, 500, 400)))


@pytest.fixture(autouse=True)
def _sockets() -> Iterator[None]:
    yield
    gc.collect()


def test_a_drill_plays_the_whole_path(cluster: Cluster, tmp_path: Path) -> None:
    life = Life(tmp_path, HandClock(0.0), database=cluster.new_database()).begin()
    number = life.judging.drill("Anna", "phone")
    life.wait(31)
    due = until(lambda: _three(life), 20, "three addresses are to be called")
    assert all(d.drill and d.alarm_id == number for d in due)
    for row in due:
        life.outbox.delivery_tried(row.id, True, "", None)
    life.judging.acknowledge(number, "Tom", "phone")
    life.judging.resolve(number, "Tom", Reason.DRILL, "")
    life.recorder.stop(10.0)
    kept = next(a for a in life.store.alarms(5) if a.id == number)
    assert (kept.drill, kept.state, kept.reason, [a.who for a in kept.acknowledged]) == (
        True, "resolved", "drill", ["Tom"],
    )  # fmt: skip
    states = {(d.kind, d.state) for d in life.store.deliveries_of(number)}
    assert ("alarm", DeliveryState.DONE) in states and ("all_clear", DeliveryState.WAITING) in states
    life.store.close()


def test_a_countdown_goes_on_over_a_restart(cluster: Cluster, tmp_path: Path) -> None:
    address, clock = cluster.new_database(), HandClock(0.0)
    Life(tmp_path, clock, database=address).begin().supervised().watch(film(SUNK, 10, 7.0)).end()
    clock.t += 2.0
    life = Life(tmp_path, clock, database=address).begin()
    assert life.judging.mode is Mode.SUPERVISED
    life.wait(6.0)
    assert life.alarms()[0][1] == "emergency"
    life.end()


def test_a_server_that_dies_in_an_alarm_costs_nothing(cluster: Cluster, tmp_path: Path) -> None:
    life = Life(tmp_path, HandClock(0.0), database=cluster.new_database()).begin().supervised()
    seen = list(film(SUNK, 10, 14.5))
    life.watch(seen[:80])
    cluster.stop()
    try:
        life.watch(seen[80:])
        until(lambda: not life.site["store"]["ok"], 20, "the page says so")
        assert "127.0.0.1" in life.site["store"]["why"] and "s3cret" not in life.site["store"]["why"]
        assert life.site["siren"] is True
        life.wait(31)
        until(lambda: _three(life), 20, "the messages are there")
        life.judging.acknowledge(1, "Anna", "phone")
        assert life.site["siren"] is False
    finally:
        cluster.start()
    until(lambda: life.site["store"]["ok"], 20, "it is kept again")
    life.judging.resolve(1, "Anna", Reason.FALSE, "a ball")
    life.recorder.stop(20.0)
    row = next(a for a in life.store.alarms(5) if a.id == 1)
    assert (row.state, [a.who for a in row.acknowledged]) == ("resolved", ["Anna"])
    deeds = [a.what for a in reversed(life.store.audit(50))]
    assert deeds.index("picture_released") < deeds.index("alarm_acknowledged") < deeds.index("alarm_resolved")
    life.store.close()


def _three(life: Life) -> tuple[Delivery, ...] | None:
    due = life.outbox.deliveries_due(life.clock.utc())
    return due if len(due) == 3 else None
