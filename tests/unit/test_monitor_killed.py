"""kill -9 at any moment of an alarm loses nothing: 20 times here, 200 times in `bench outbox`."""

from __future__ import annotations

import random
import subprocess
import sys
import threading
from pathlib import Path

from dashboard.clock import SystemClock
from dashboard.monitor.lock import FolderLock
from tests.unit.killed_stage import Killed
from tests.unit.notify_stage import Service

KILLS = 20
ROOT = Path(__file__).resolve().parents[2]


_KILLED = """
import os, sys
from pathlib import Path
from dashboard.monitor.lock import FolderLock
assert FolderLock(Path(sys.argv[1])).acquire()
if os.fork() == 0:
    print("left", flush=True)
    sys.stdin.read()
    os._exit(0)
os._exit(0)
"""


def test_the_lock_of_a_monitor_that_was_killed_while_it_started_a_program_is_waited_for(
    tmp_path: Path,
) -> None:
    """The child that it left has the lock until it has begun to be what it will be."""
    path = tmp_path / "monitor.lock"
    with subprocess.Popen(
        [sys.executable, "-c", _KILLED, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=ROOT
    ) as killed:
        assert killed.stdin is not None and killed.stdout is not None
        assert killed.stdout.readline() == b"left\n"
        killed.wait()
        assert not FolderLock(path).acquire(patience_s=0.2), "somebody has it still"
        waiting = threading.Thread(target=lambda: found.append(FolderLock(path).acquire(30.0)))
        found: list[bool] = []
        waiting.start()
        killed.stdin.close()
        waiting.join(30.0)
    assert found == [True]


def test_a_lock_whose_holder_lives_is_not_waited_for(tmp_path: Path) -> None:
    lock, clock = FolderLock(tmp_path / "monitor.lock"), SystemClock()
    assert lock.acquire()
    began = clock.monotonic()
    assert not FolderLock(tmp_path / "monitor.lock").acquire(600.0)
    assert clock.monotonic() - began < 60.0
    lock.release()
    assert FolderLock(tmp_path / "monitor.lock").acquire()


def test_a_monitor_that_is_killed_while_an_alarm_escalates_loses_nothing(tmp_path: Path) -> None:
    service = Service().open()
    stage = Killed(tmp_path / "data", service)
    try:
        stage.start()
        chance = random.Random(20)
        for _ in range(KILLS):
            stage.round(chance)
    finally:
        stage.close()
        service.close()
    counted = stage.counted
    assert (counted.kills, counted.lost_alarms, counted.unlatched, counted.lost) == (KILLS, 0, 0, 0), counted
    # Each alarm owes two calls, a word that it was seen and one that it is over, to each of three addresses.
    assert counted.alarms >= KILLS // 4 and counted.owed >= 12 * counted.alarms
