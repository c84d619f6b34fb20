"""What kill -9 costs: the whole monitor is killed at random moments of an escalating alarm, 200 times.

Counted are alarms that are not there any more or not latched, and messages that were owed and never came to
the service on loopback; and how many came twice, which "at least once" allows.
"""

from __future__ import annotations

import argparse
import random
import tempfile
from pathlib import Path
from typing import Any

from tests.unit.killed_stage import Killed
from tests.unit.notify_stage import Service

KILLS = 200


def run(options: argparse.Namespace) -> dict[str, Any]:
    """The measurement, as `python -m dashboard bench outbox` prints it."""
    chance = random.Random(1)
    with tempfile.TemporaryDirectory(prefix="poolwatch-bench-") as folder:
        service = Service().open()
        stage = Killed(Path(folder) / "data", service)
        try:
            stage.start()
            for _ in range(KILLS):
                stage.round(chance)
        finally:
            stage.close()
            service.close()
    counted = stage.counted
    back_s = sorted(counted.back_s)
    return {
        "kills": counted.kills,
        "alarms": counted.alarms,
        "alarms_lost": counted.lost_alarms,
        "alarms_not_latched": counted.unlatched,
        "messages_owed": counted.owed,
        "messages_lost": counted.lost,
        "messages_twice": counted.twice,
        "back_s_p50": round(back_s[len(back_s) // 2], 2),
        "back_s_max": round(back_s[-1], 2),
    }
