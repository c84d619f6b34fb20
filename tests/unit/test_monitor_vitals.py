"""What the monitor tells of itself."""

from __future__ import annotations

import asyncio
import resource
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from dashboard.monitor.vitals import Vitals
from dashboard.store import database_url
from tests.unit.fake_monitor import HandClock

ROOT = Path(__file__).resolve().parents[2]


def asked(vitals: Vitals) -> Mapping[str, Any]:
    return asyncio.run(vitals.answer({})).result


def test_a_monitor_tells_how_it_is(tmp_path: Path) -> None:
    clock = HandClock(100.0)
    (tmp_path / "poolwatch.db").write_bytes(b"x" * 1000)
    (tmp_path / "poolwatch.db-wal").write_bytes(b"x" * 24)
    vitals = Vitals(tmp_path, database_url(tmp_path), clock, lambda: "")
    assert asked(vitals)["cpu"] is None
    clock.t += 5
    found = asked(vitals)
    assert found["uptime_s"] == 5.0 and found["cpu"] >= 0 and found["rss_mb"] > 10
    assert found["disk"]["total"] >= found["disk"]["free"] > 0
    assert found["database"] == {"kind": "file", "bytes": 1024, "ok": True, "why": ""}
    assert f'version = "{found["version"]}"' in (ROOT / "pyproject.toml").read_text()


def test_what_cannot_be_known_is_not_made_up(tmp_path: Path) -> None:
    server = "postgresql://anna:secret@h/db"
    vitals = Vitals(tmp_path / "gone", server, HandClock(), lambda: "The disk is full.")
    found = asked(vitals)
    assert found["disk"] is None
    assert found["database"] == {"kind": "server", "bytes": None, "ok": False, "why": "The disk is full."}
    assert "secret" not in str(found)


def test_the_load_is_that_of_the_last_seconds(tmp_path: Path) -> None:
    clock = HandClock(0.0)
    vitals = Vitals(tmp_path, database_url(tmp_path), clock, lambda: "")
    clock.t = 10_000.0
    asked(vitals)
    began = resource.getrusage(resource.RUSAGE_SELF).ru_utime
    while resource.getrusage(resource.RUSAGE_SELF).ru_utime < began + 0.3:
        sum(range(10_000))
    clock.t += 10.0
    # Over all the time since its start it would be next to nothing.
    assert asked(vitals)["cpu"] >= 2.0
