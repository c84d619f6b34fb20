"""kill -9 of the monitor while its camera writes a clip: real processes, at random moments of the writing.
What was written is finished or gone after the next start, and folder and database say the same."""

from __future__ import annotations

import gzip
import io
import json
import os
import random
import signal
import sys
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from dashboard import __main__ as entry
from dashboard.monitor.handle import MonitorError
from dashboard.record.folder import NEW, PART, SEALED, THUMB, TRACK, VIDEO, size_of, walked
from tests.unit.record_stage import pictures_of
from tests.unit.test_monitor_commands import make_clip
from tests.unit.test_monitor_processes import SLOW, Site, is_gone, needs_weights
from tests.waiting import until

pytestmark = pytest.mark.flaky(reruns=1)
# Whoever starts it again waits longer each time.
KILLS = 3
# A test of the alarm leaves a clip from ten seconds before to ten seconds after: up to its very end.
LATEST_S = 10.8
PASSPHRASE = "correct horse battery"
_NEVER = threading.Event()


class Filmed(Site):
    """A monitor with one camera, whose real pictures are sealed."""

    def __init__(self, data: Path, clip: Path) -> None:
        super().__init__(data)
        self.handle.request("seal.set", passphrase=PASSPHRASE, who="Anna")
        self.camera = self.add("Pool", clip)
        self.live(self.camera)

    def begin(self) -> int:
        """A clip; the number of the alarm that it is of."""
        return int(self.handle.request("alarm.drill", who="Anna").result["id"])

    def kill(self) -> None:
        """The monitor; its camera's process goes with it. Its owner starts it again."""
        monitor, workers = self.monitor, self.workers()
        os.kill(monitor, signal.SIGKILL)
        until(lambda: all(is_gone(pid) for pid in (monitor, *workers)), SLOW, "they are gone")
        until(lambda: self._again(monitor), 2 * SLOW, "it is started again")
        self.live(self.camera)

    def _again(self, before: int) -> bool:
        try:
            return self.handle.connected and self.monitor != before
        except MonitorError:
            return False

    def rows(self) -> list[dict[str, Any]]:
        return [dict(row) for row in self.handle.request("clips.list", limit=200).result["clips"]]

    def settled(self) -> list[dict[str, Any]]:
        """All clips once none is being written."""
        until(self._none_is_written, 2 * SLOW, "no clip is being written")
        return self.rows()

    def _none_is_written(self) -> bool:
        return all(row["state"] != "recording" for row in self.rows())

    def answer(self, alarm: int) -> None:
        there = {one["id"] for one in (self.handle.site() or {}).get("alarms", ())}
        if alarm in there:
            self.handle.request("alarm.acknowledge", id=alarm, who="Tom")
            self.handle.request("alarm.resolve", id=alarm, who="Tom", reason="drill")

    def day_of(self, row: dict[str, Any]) -> Path:
        began = datetime.fromisoformat(row["began_utc"]).astimezone(UTC)
        return self.data / "clips" / f"{began:%Y-%m-%d}"

    def opens(self, row: dict[str, Any], secret: str = PASSPHRASE) -> int:
        """The bytes of its real picture, asked for with the passphrase."""
        said = {"id": row["id"], "who": "Anna"}
        self.handle.request("clips.open", secret=secret, reason="a test", **said)
        size = int(self.handle.request("clips.real", id=row["id"], offset=0, length=0).result["size"])
        self.handle.request("clips.close", **said)
        return size


@pytest.fixture
def filmed(tmp_path: Path) -> Iterator[Filmed]:
    needs_weights()
    made = Filmed(tmp_path / "data", make_clip(tmp_path / "clip.avi", seconds=5))
    yield made
    made.close()


def whole(site: Filmed, row: dict[str, Any]) -> None:
    """It plays, its track can be read to the end, and its real picture opens."""
    day, clip = site.day_of(row), row["id"]
    pictures = pictures_of(day / f"{clip}{VIDEO}")
    ended, began = (datetime.fromisoformat(row[name]) for name in ("ended_utc", "began_utc"))
    assert pictures and abs(pictures[-1][0] - (ended - began).total_seconds()) < 2.0
    lines = gzip.decompress((day / f"{clip}{TRACK}").read_bytes()).splitlines()
    assert json.loads(lines[0])["camera"] == site.camera and json.loads(lines[-1])["t"] > 0.0
    assert (day / f"{clip}{THUMB}").stat().st_size > 100
    assert row["bytes"] == size_of(day, clip)
    assert row["sealed"] and (day / f"{clip}{SEALED}").exists() and site.opens(row) > 1000


def test_a_watch_that_records_seals_to_another_passphrase_at_once(
    filmed: Filmed, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    filmed.begin()
    monkeypatch.setattr(sys, "stdin", io.StringIO("another quiet phrase\n"))
    assert entry.main(["seal", "reset", "--data", str(filmed.data)]) == 0
    assert "being recorded at this moment" in capsys.readouterr().out
    until(lambda: filmed.settled()[0]["state"] == "ready", SLOW, "the first clip is ready")
    (older,) = filmed.settled()
    filmed.begin()
    until(lambda: len(filmed.rows()) == 2, SLOW, "there is another clip")
    # Both may begin with the same seconds from before: their order says nothing.
    (newest,) = (row for row in filmed.settled() if row["id"] != older["id"])
    assert filmed.opens(newest, "another quiet phrase") > 1000
    for secret in ("another quiet phrase", PASSPHRASE):
        with pytest.raises(MonitorError, match=r"nobody can open it|not right"):
            filmed.opens(older, secret)


def test_a_monitor_that_is_killed_while_it_records_leaves_no_half_clip(filmed: Filmed) -> None:
    chance = random.Random(9)
    finished = 0
    # The first at once, the last about when the files get their names.
    moments = [0.0, *(chance.uniform(0.2, LATEST_S) for _ in range(KILLS - 2)), LATEST_S]
    for moment in moments:
        alarm = filmed.begin()
        _NEVER.wait(moment)
        filmed.kill()
        rows = filmed.settled()
        finished += rows[0]["state"] == "ready" if rows else 0
        files = list(walked(filmed.data))
        known = {row["id"] for row in rows if row["state"] == "ready"}
        assert {clip for _, clip, _ in files} == known, "folder and database say the same"
        assert not [path for path, _, ending in files if ending.endswith((PART, NEW))]
        for row in rows:
            if row["state"] == "ready":
                whole(filmed, row)
            else:
                assert row["state"] == "damaged" and row["bytes"] == 0
        assert filmed.handle.request("clips.disk").result["unknown"] == []
        filmed.answer(alarm)
    assert finished >= KILLS - 1, "what was written for a second or more is kept"
