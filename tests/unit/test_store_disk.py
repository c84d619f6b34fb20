"""SQLite on real disks: what a power cut leaves, a full one, one that may only be read, one that somebody
else holds, and a file that is broken."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from dashboard.alarm.machine import Reason
from dashboard.monitor.recorder import Recorder
from dashboard.store import EventRow, Record, Store, StoreError
from dashboard.values import Delivery, Event, Level
from tests.unit.fake_monitor import HandClock
from tests.unit.judging_stage import Life
from tests.unit.rules_stage import adult, film, swimmer
from tests.waiting import until

NOW = HandClock().utc()
SUNK = (adult(1, (0, 200, 330), (80, 200, 330)), swimmer(2, (0, 500, 400), (4, 500, 400)))
ROOT = Path(__file__).resolve().parents[2]


def address(folder: Path) -> str:
    return f"sqlite:///{folder / 'poolwatch.db'}"


def event(n: int) -> EventRow:
    return EventRow(NOW, Event(0.0, "a", "animal", Level.NOTICE, n))


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 3 MB."""
    folder = tmp_path / "disk"
    folder.mkdir()
    asked = ["mount", "-t", "tmpfs", "-o", "size=3m,mode=0700", "poolwatch-test", str(folder)]
    if os.geteuid() != 0 or subprocess.run(asked, capture_output=True, check=False).returncode != 0:
        pytest.skip("only root may mount a small file system")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


def fill(folder: Path) -> Path:
    """Takes every byte of the small disk."""
    ballast = folder / "ballast"
    assert os.statvfs(folder).f_blocks * os.statvfs(folder).f_frsize <= 4_000_000, "this is no small disk"
    with ballast.open("wb", buffering=0) as file:
        for size in (4096, 512, 1):
            try:
                while True:
                    file.write(b"x" * size)
            except OSError:
                continue
    return ballast


def writable(folder: Path, may: bool) -> None:
    how = "remount,rw" if may else "remount,ro"
    subprocess.run(["mount", "-o", how, str(folder)], check=True, capture_output=True)


def test_every_connection_waits_for_the_disk(tmp_path: Path) -> None:
    """WAL with FULL: what was said to be kept is on the disk, and readers do not wait for the writer."""
    with closing(Store(address(tmp_path))) as store:
        store.choose({"show_camera": True}, NOW)
        for engine in (store._engine, store._writer):
            with engine.connect() as connection:
                assert connection.exec_driver_sql("PRAGMA journal_mode").scalar() == "wal"
                assert connection.exec_driver_sql("PRAGMA synchronous").scalar() == 2, "FULL"
                assert connection.exec_driver_sql("PRAGMA foreign_keys").scalar() == 1


def test_what_was_kept_is_given_to_the_disk_before_it_is_said_so(tmp_path: Path) -> None:
    """Counted where it happens: every record brings at least one sync of the log."""
    if subprocess.run(["which", "strace"], capture_output=True, check=False).returncode != 0:
        pytest.skip("needs Debian's strace")
    told = tmp_path / "calls"
    code = (
        "import sys; from datetime import UTC, datetime\n"
        "from dashboard.store import Record, Store\n"
        "store = Store(sys.argv[1]); now = datetime(2026, 7, 1, tzinfo=UTC)\n"
        "import os; os.write(1, b'begin')\n"
        "[store.record(Record(memory={'book': str(n)}), now) for n in range(10)]\n"
        "os.write(1, b'end')\n"
    )
    asked = ["strace", "-f", "-o", str(told), "-e", "trace=fsync,fdatasync,write", sys.executable, "-c", code]
    subprocess.run([*asked, address(tmp_path)], check=True, cwd=ROOT, capture_output=True)
    calls = told.read_text().partition('"begin"')[2].partition('"end"')[0]
    assert calls.count("sync(") >= 10


def test_an_alarm_on_a_full_disk_goes_on_from_memory_and_is_kept_later(disk: Path) -> None:
    life = Life(disk, HandClock(0.0)).begin().supervised()
    seen = list(film(SUNK, 10, 14.5))
    life.watch(seen[:80])
    life.recorder.put(Record(events=(event(0),)))
    life.recorder.settled(10.0)
    ballast = fill(disk)
    with pytest.raises(StoreError, match="full"):
        life.store.choose({"long": "x" * 500_000}, NOW)
    # More than what is left of the log's last page.
    life.recorder.put(Record(memory={"filler": "x" * 500_000}))
    life.recorder.settled(10.0)
    life.watch(seen[80:])
    until(lambda: not life.site["store"]["ok"], 10, "the page says so")
    site = life.site
    assert "full" in site["store"]["why"] and site["siren"] is True
    life.wait(31)
    assert len(life.outbox.deliveries_due(life.clock.utc())) == 3
    life.judging.acknowledge(1, "Anna")
    life.judging.resolve(1, "Anna", Reason.FALSE, "a ball")
    ballast.unlink()
    until(lambda: life.site["store"]["ok"], 20, "the disk takes it again")
    life.recorder.put(Record(events=(event(1),)))
    life.recorder.settled(10.0)
    row = next(a for a in life.store.alarms(5) if a.id == 1)
    assert (row.state, row.reason, row.causes[0].event.kind) == ("resolved", "false", "submersion")
    kinds = [e.event.kind for e in reversed(life.store.events(500))]
    assert kinds.count("animal") == 2 and kinds.index("animal") < kinds.index("submersion") < len(kinds) - 1
    assert kinds[-1] == "animal", "in their order"
    deeds = [a.what for a in reversed(life.store.audit(50))]
    assert deeds.index("alarm_acknowledged") < deeds.index("alarm_resolved")
    assert {d.kind for d in life.store.deliveries_of(1)} >= {"acknowledged", "all_clear"}
    life.end()


def test_a_disk_that_may_only_be_read_is_said_and_nothing_is_lost(disk: Path) -> None:
    with closing(Store(address(disk))) as store:
        recorder = Recorder(store, HandClock(), retry_s=0.02)
        recorder.start()
        recorder.put(Record(events=(event(0),)))
        assert recorder.settled(10.0)
        store._engine.dispose()
        writable(disk, False)
        try:
            recorder.put(Record(events=(event(1),), deliveries=(_message("m"),)))
            recorder.settled(10.0)
            until(lambda: recorder.why, 10, "it says so")
            assert "readonly" in recorder.why or "read-only" in recorder.why or "unable" in recorder.why
            assert [d.id for d in recorder.unwritten()] == ["m"]
            recorder.put(Record(events=(event(2),)))
        finally:
            writable(disk, True)
        until(lambda: not recorder.why, 20, "it can be written again")
        recorder.stop(10.0)
        assert [e.event.person for e in reversed(store.events(10))] == [0, 1, 2]
        assert [d.id for d in store.deliveries_due(NOW)] == ["m"]


def test_a_file_that_another_program_holds_is_waited_for(tmp_path: Path) -> None:
    with closing(Store(address(tmp_path))) as store:
        recorder = Recorder(store, HandClock(), retry_s=0.02)
        recorder.start()
        with closing(sqlite3.connect(tmp_path / "poolwatch.db", isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            recorder.put(Record(events=(event(0),)))
            assert not recorder.settled(0.1)
            assert store.events(5) == (), "who reads does not wait"
            other.execute("COMMIT")
        recorder.put(Record(events=(event(1),)))
        until(lambda: len(store.events(5)) == 2, 20, "both are kept")
        assert recorder.why == ""
        recorder.stop()


def test_a_file_that_breaks_while_it_is_used_is_said_and_the_alarm_goes_on(tmp_path: Path) -> None:
    life = Life(tmp_path, HandClock(0.0)).begin().supervised()
    seen = list(film(SUNK, 10, 14.5))
    life.watch(seen[:80])
    life.recorder.put(Record(events=(event(0),)))
    life.recorder.settled(10.0)
    life.store._engine.dispose()
    file = tmp_path / "poolwatch.db"
    for tail in ("-wal", "-shm"):
        file.with_name(file.name + tail).unlink(missing_ok=True)
    content = file.read_bytes()
    file.write_bytes(b"\xaa" * len(content))
    life.watch(seen[80:])
    until(lambda: not life.site["store"]["ok"], 10, "the page says so")
    assert "poolwatch.db" in life.site["store"]["why"] and life.site["siren"] is True
    life.wait(31)
    assert len(life.outbox.deliveries_due(life.clock.utc())) == 3
    assert file.read_bytes() == b"\xaa" * len(content), "what is broken is left for who can mend it"
    life.judging.keep()
    life.recorder.stop(0.1)
    life.store._engine.dispose()


def test_a_second_monitor_on_the_same_folder_is_refused(tmp_path: Path) -> None:
    from dashboard.monitor.folder import lock_path
    from dashboard.monitor.lock import FolderLock

    first, second = FolderLock(lock_path(tmp_path)), FolderLock(lock_path(tmp_path))
    assert first.acquire()
    done: list[bool] = []
    thread = threading.Thread(target=lambda: done.append(second.acquire()))
    thread.start()
    thread.join()
    asked = [sys.executable, "-m", "dashboard", "monitor", "--data", str(tmp_path)]
    said = subprocess.run(asked, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)
    first.release()
    assert done == [False]
    assert said.returncode == 0 and "already watches" in said.stdout


def _message(number: str) -> Delivery:
    return Delivery(number, None, "c", 0, "test", "T", "t", False, NOW, NOW)
