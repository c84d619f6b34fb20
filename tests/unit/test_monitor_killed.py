"""kill -9 at any moment of an alarm loses nothing: 20 times here, 200 times in `bench outbox`."""

from __future__ import annotations

import random
from pathlib import Path

from tests.unit.killed_stage import Killed
from tests.unit.notify_stage import Service

KILLS = 20


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
