"""The way into the database: a disk that refuses, one that comes back, and a process that is killed."""

from __future__ import annotations

import random
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import closing, nullcontext
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from dashboard.clock import SystemClock
from dashboard.monitor.recorder import Outbox, Recorder, merged
from dashboard.store import Acknowledged, AlarmRow, AuditRow, EventRow, Record, Store, StoreError
from dashboard.values import Contact, Delivery, DeliveryState, Event, Level
from tests.unit.fake_monitor import HandClock
from tests.unit.judging_stage import Life
from tests.unit.rules_stage import adult, film, swimmer
from tests.waiting import fair, until

NOW = HandClock().utc()
SUNK = (adult(1, (0, 200, 330), (80, 200, 330)), swimmer(2, (0, 500, 400), (4, 500, 400)))
ROOT = Path(__file__).resolve().parents[2]


class Disk:
    """A store whose disk is full while `full`."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.full = False

    def record(self, what: Record, at: datetime) -> None:
        self._check()
        self.store.record(what, at)

    def contacts(self) -> tuple[Contact, ...]:
        return self.store.contacts()

    def deliveries_due(self, now: datetime) -> tuple[Delivery, ...]:
        return self.store.deliveries_due(now)

    def delivery_tried(self, delivery: str, ok: bool, error: str, next_due: datetime | None) -> bool:
        self._check()
        return self.store.delivery_tried(delivery, ok, error, next_due)

    def _check(self) -> None:
        if self.full:
            raise StoreError("The database x.db cannot be written: database or disk is full.")


def message(number: str, alarm_id: int = 1, kind: str = "alarm") -> Delivery:
    return Delivery(number, alarm_id, "c", 0, kind, "T", "t", False, NOW, NOW)


def event(n: float) -> EventRow:
    return EventRow(NOW, Event(n, "a", "animal", Level.NOTICE))


def store_of(tmp_path: Path) -> Store:
    return Store(f"sqlite:///{tmp_path / 'poolwatch.db'}")


@pytest.fixture
def kept(database: str) -> Iterator[Store]:
    with closing(Store(database)) as opened:
        yield opened


def test_nothing_to_write_is_written_at_once(kept: Store) -> None:
    with nullcontext(kept) as store:
        recorder = Recorder(store, HandClock())
        recorder.start()
        recorder.put(Record())
        assert recorder.settled(1.0)
        recorder.stop()


def test_what_is_waited_for_is_on_the_disk(kept: Store) -> None:
    with nullcontext(kept) as store:
        recorder = Recorder(store, HandClock())
        recorder.start()
        recorder.put(Record(deliveries=(message("m"),)))
        assert recorder.settled(10.0)
        assert [d.id for d in store.deliveries_due(NOW)] == ["m"]
        recorder.stop()


def test_a_stop_writes_what_is_left(kept: Store) -> None:
    with nullcontext(kept) as store:
        recorder = Recorder(store, HandClock())
        recorder.start()
        for n in range(50):
            recorder.put(Record(events=(event(n),)))
        recorder.stop(10.0)
        assert len(store.events(100)) == 50


def test_a_full_disk_is_said_and_messages_go_out_all_the_same(kept: Store) -> None:
    with nullcontext(kept) as store:
        disk = Disk(store)
        told: list[str] = []
        recorder, clock = Recorder(disk, HandClock(), retry_s=0.02), HandClock()
        recorder.told = lambda: told.append(recorder.why)
        outbox = Outbox(disk, recorder)
        recorder.start()
        disk.full = True
        recorder.put(Record(events=(event(1),), deliveries=(message("a"), message("b"))))
        assert not recorder.settled(10.0)
        assert "full" in recorder.why
        assert [d.id for d in outbox.deliveries_due(clock.utc())] == ["a", "b"]
        outbox.delivery_tried("a", True, "", None)
        outbox.delivery_tried("b", False, "no answer", NOW + timedelta(seconds=60))
        assert outbox.deliveries_due(clock.utc()) == (), "sent once, and again only when due"
        disk.full = False
        until(lambda: not recorder.why, 10, "the disk takes it again")
        outbox.deliveries_due(clock.utc())
        found = {d.id: (d.state, d.attempts) for d in store.deliveries_of(1)}
        assert found == {"a": (DeliveryState.DONE, 1), "b": (DeliveryState.WAITING, 1)}
        assert len(store.events(10)) == 1
        assert [bool(why) for why in told] == [True, False]
        recorder.stop()


def test_an_answer_on_a_full_disk_ends_the_calls_in_memory(kept: Store) -> None:
    with nullcontext(kept) as store:
        disk = Disk(store)
        recorder = Recorder(disk, HandClock(), retry_s=0.02)
        outbox = Outbox(disk, recorder)
        recorder.start()
        disk.full = True
        recorder.put(Record(deliveries=(message("call"), message("other", 2))))
        recorder.settled(10.0)
        recorder.put(Record(answered=(1,), deliveries=(message("word", kind="acknowledged"),)))
        assert {d.id for d in outbox.deliveries_due(NOW)} == {"other", "word"}
        recorder.stop()


def test_of_very_many_events_the_oldest_go_and_never_an_alarm_or_a_message() -> None:
    kept = Record()
    for n in range(7):
        many = tuple(event(n * 1000 + i) for i in range(1000))
        kept = merged(kept, Record(events=many, deliveries=(message(str(n)),), memory={"k": str(n)}))
    assert len(kept.events) == 5000 and kept.events[-1].event.t == 6999
    assert (len(kept.deliveries), kept.memory) == (7, {"k": "6"})


def test_the_alarm_goes_on_from_memory_while_the_disk_is_full(tmp_path: Path) -> None:
    with closing(store_of(tmp_path)) as store:
        disk = Disk(store)
        life = Life(tmp_path, HandClock(0.0), disk).begin().supervised()
        seen = list(film(SUNK, 10, 14.5))
        life.watch(seen[:80])
        disk.full = True
        life.watch(seen[80:])
        until(lambda: not life.site["store"]["ok"], 10, "the disk refuses")
        assert life.site["siren"] is True and "full" in life.site["store"]["why"]
        life.wait(31)
        assert len(life.outbox.deliveries_due(life.clock.utc())) == 3
        life.judging.acknowledge(1, "Anna")
        assert life.site["alarms"][0]["state"] == "acknowledged"
        disk.full = False
        until(lambda: not life.recorder.why, 10, "the disk takes it again")
        assert life.site["store"]["ok"] is True
        row = next(a for a in store.alarms(5) if a.id == 1)
        assert (row.state, [a.who for a in row.acknowledged]) == ("acknowledged", ["Anna"])
        life.end()


def test_a_really_full_file_refuses_and_takes_it_all_when_there_is_space_again(tmp_path: Path) -> None:
    with closing(store_of(tmp_path)) as store:
        recorder = Recorder(store, HandClock(), retry_s=0.02)
        with store._engine.connect() as connection:
            pages = int(connection.exec_driver_sql("PRAGMA page_count").scalar() or 0)
            connection.exec_driver_sql(f"PRAGMA max_page_count = {pages}")
        recorder.start()
        recorder.put(Record(memory={"k": "x" * 200_000}, deliveries=(message("m"),)))
        recorder.settled(10.0)
        assert "full" in recorder.why
        assert [d.id for d in recorder.unwritten()] == ["m"]
        with store._engine.connect() as connection:
            connection.exec_driver_sql("PRAGMA max_page_count = 100000")
        until(lambda: not recorder.why, 10, "the disk takes it again")
        assert [d.id for d in store.deliveries_due(NOW)] == ["m"] and len(store.memory()["k"][0]) == 200_000
        recorder.stop()


@pytest.mark.parametrize(
    "poison",
    [
        pytest.param(Record(deliveries=(replace(message("bad"), attempts="x"),)), id="a text for a number"),  # type: ignore[arg-type]
        pytest.param(Record(events=(replace(event(1), at=None),)), id="an event without a time"),  # type: ignore[arg-type]
        pytest.param(Record(audit=(AuditRow(NOW, None, "Anna", "page"),)), id="a deed without a name"),  # type: ignore[arg-type]
    ],
)
def test_what_no_database_takes_does_not_keep_the_others_from_theirs(
    kept: Store, poison: Record, caplog: pytest.LogCaptureFixture
) -> None:
    recorder = Recorder(kept, HandClock(), retry_s=0.02)
    recorder.put(Record(events=(event(0),), deliveries=(message("before"),)))
    recorder.put(poison)
    good = Record(events=(event(2),), deliveries=(message("after"),), memory={"judge": "{}"})
    recorder.start()
    recorder.put(good)
    assert recorder.settled(10.0)
    assert recorder.why == ""
    assert {d.id for d in kept.deliveries_due(NOW)} >= {"before", "after"}
    assert len(kept.events(10)) == 2 and kept.memory().keys() == {"judge"}
    recorder.stop()


def test_a_message_that_cannot_be_kept_is_sent_all_the_same(kept: Store) -> None:
    recorder = Recorder(kept, HandClock(), retry_s=0.02)
    outbox = Outbox(kept, recorder)
    recorder.start()
    recorder.put(Record(deliveries=(replace(message("bad"), address_index=None),)))  # type: ignore[arg-type]
    recorder.settled(10.0)
    assert [d.id for d in outbox.deliveries_due(NOW)] == ["bad"]
    outbox.delivery_tried("bad", True, "", None)
    assert outbox.deliveries_due(NOW) == ()
    recorder.stop()


def test_odd_letters_and_endless_texts_are_kept_as_far_as_they_go(kept: Store) -> None:
    odd = Event(0.0, "c" * 99, "k" * 99, Level.NOTICE, 7, "z\0" * 99, {"a": "\ud800\0", "b": Path("x")})
    row = AlarmRow(1, NOW, "alert", "open", "s" * 500, "t\0itle", causes=(EventRow(NOW, odd),))
    kept.record(Record(events=(EventRow(NOW, odd),), alarms=(row,)), NOW)
    kept.record(Record(alarms=(replace(row, acknowledged=(Acknowledged("A" * 300, NOW),) * 2),)), NOW)
    (found,) = kept.events(5)
    assert (found.event.camera, found.event.zone) == ("c" * 32, "z" * 99)
    assert found.event.detail == {"a": "?\0", "b": "x"}
    assert [a.who for a in kept.alarms(5)[0].acknowledged] == ["A" * 100]


def test_a_database_that_does_not_answer_holds_nothing_up(tmp_path: Path) -> None:
    """Messages go out from memory, and only the first who waits for the disk waits in vain."""

    class Silent(Disk):
        silent = threading.Event()

        def record(self, what: Record, at: datetime) -> None:
            assert self.silent.wait(20)
            super().record(what, at)

        def deliveries_due(self, now: datetime) -> tuple[Delivery, ...]:
            assert not recorder.why, "nobody asks who does not answer"
            return super().deliveries_due(now)

    with closing(store_of(tmp_path)) as store:
        disk, clock, system = Silent(store), HandClock(), SystemClock()
        recorder = Recorder(disk, clock, retry_s=0.02, stopwatch=clock)
        outbox = Outbox(disk, recorder)
        recorder.start()
        began = system.monotonic()
        recorder.put(Record(deliveries=(message("a"),)))
        assert not recorder.settled(0.1)
        for n in range(100):
            recorder.put(Record(deliveries=(message(f"b{n}"),)))
        assert system.monotonic() - began < fair(2.0), "nobody waited"
        assert outbox.deliveries_due(NOW) == ()
        clock.t += 2.0
        assert "long to answer" in recorder.why
        assert len(outbox.deliveries_due(NOW)) == 101
        disk.silent.set()
        until(lambda: not recorder.why, 10, "it answers again")
        until(lambda: len(store.deliveries_due(NOW)) == 101, 10, "all is kept")
        recorder.put(Record(deliveries=(message("c"),)))
        assert recorder.settled(10.0)
        recorder.stop()


def test_what_was_due_is_due_though_the_clock_was_set_back_while_nobody_ran(kept: Store) -> None:
    kept.deliveries_add([message("a"), message("b")])
    kept.delivery_tried("b", True, "", None)
    before = NOW - timedelta(hours=3)
    assert kept.deliveries_due(before) == ()
    assert kept.deliveries_hurry(before) == 1
    assert [d.id for d in kept.deliveries_due(before)] == ["a"]


_CHILD = """
import sys
from datetime import UTC, datetime
from dashboard.store import AlarmRow, EventRow, Record, Store
from dashboard.values import Delivery, Event, Level
store = Store(sys.argv[1])
now = datetime(2026, 7, 1, tzinfo=UTC)
number = store.last_alarm()
print("ready", flush=True)
while True:
    number += 1
    event = Event(0.0, "a", "submersion", Level.EMERGENCY, number)
    causes = (EventRow(now, event),)
    alarm = AlarmRow(number, now, "emergency", "sounding", f"person {number}", "x", causes=causes)
    messages = tuple(
        Delivery(f"{number}-{i}", number, "c", i, "alarm", "t", "t", False, now, now) for i in range(3)
    )
    store.record(Record((EventRow(now, event),), (alarm,), messages, memory={"book": str(number)}), now)
    print(number, flush=True)
"""


@pytest.mark.parametrize("seed", range(20))
def test_killed_at_any_point_no_alarm_and_no_message_is_lost(tmp_path: Path, seed: int) -> None:
    """Whatever was said to be there is there, and nothing is there by half."""
    address = f"sqlite:///{tmp_path / 'poolwatch.db'}"
    lines = random.Random(seed).randint(1, 25)
    child = subprocess.Popen(
        [sys.executable, "-c", _CHILD, address], stdout=subprocess.PIPE, cwd=ROOT, text=True
    )
    assert child.stdout is not None
    with child, child.stdout:
        assert child.stdout.readline() == "ready\n"
        for _ in range(lines):
            child.stdout.readline()
        # Somewhere inside of the next transaction: where, the machine's own unevenness says.
        for _ in range(random.Random(seed).randint(0, 20_000)):
            pass
        child.send_signal(signal.SIGKILL)
        told = lines + sum(1 for line in child.stdout if line.endswith("\n"))
    with closing(Store(address)) as store:
        last = store.last_alarm()
        assert last >= told
        assert [a.id for a in store.alarms(1000)] == list(range(last, 0, -1))
        assert all(len(a.causes) == 1 for a in store.alarms(1000))
        assert [len(store.deliveries_of(n)) for n in range(1, last + 1)] == [3] * last
        assert len(store.deliveries_due(datetime(2026, 7, 2, tzinfo=UTC))) == 3 * last
        assert store.memory()["book"][0] == str(last)
