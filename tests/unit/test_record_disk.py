"""A disk that is full, and a folder that may only be read, while a clip is being written: judge, recorder,
files and database together."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator, Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from dashboard.monitor.archive import Archive
from dashboard.monitor.filming import order_of, report_of
from dashboard.record.folder import clip_day, clips_folder
from dashboard.settings import KeepSettings
from dashboard.store import ClipRow
from tests.unit import record_stage, test_monitor_clipping
from tests.unit.record_stage import pictures_of
from tests.unit.rules_stage import CAMERA
from tests.unit.test_monitor_clipping import event
from tests.unit.test_store_disk import disk, fill
from tests.waiting import until

__all__ = ["disk"]
# Below a tenth of the disk for a clip, so that what is full is full because of the ballast.
SMALL: dict[str, Any] = {"width": 160, "kbit_s": 200, "before_s": 4.0}


class Whole:
    """The judge's side with a real recorder behind it, all on the same disk. `run` turns both clocks."""

    def __init__(self, data: Path) -> None:
        self.judge = test_monitor_clipping.Stage(data)
        self.film = record_stage.Stage(data, **SMALL)
        self.film.recorder._report = self.film.told.append
        self.film.t = self.judge.clock.monotonic()
        self.judge.clipping.order = self._order
        self.archive = Archive(
            data, self.judge.life.store, self.judge.clock, KeepSettings(), self.judge.life.recorder.put
        )

    def _order(self, camera: str, order: Mapping[str, Any]) -> bool:
        if order["type"] == "film":
            self.film.recorder.order(order_of(order))
        return True

    def run(self, seconds: float) -> Whole:
        self.film.run(seconds, person=300.0)
        self.judge.clock.t = self.film.t
        # Another process: its word comes later.
        for what in self.film.told:
            self.judge.clipping.reported(CAMERA, report_of(what))
        self.film.told.clear()
        return self

    def happens(self) -> Whole:
        self.judge.happens(event())
        return self

    def rows(self) -> list[ClipRow]:
        until(lambda: not self.judge.life.recorder.why, 20, "the database takes it again")
        return self.judge.rows()

    def files(self) -> list[Path]:
        return sorted(p for p in clips_folder(self.judge.clipping._data).rglob("*") if p.is_file())

    def plays(self, row: ClipRow) -> bool:
        day = clip_day(self.judge.clipping._data, row.began)
        return len(pictures_of(day / f"{row.id}.mp4")) > 60


def locked(day: Path, may: bool) -> None:
    """A folder that may only be read; what is open in it already stays so."""
    if may:
        subprocess.run(["umount", "--lazy", str(day)], check=True, capture_output=True)
        return
    subprocess.run(["mount", "--bind", str(day), str(day)], check=True, capture_output=True)
    asked = ["mount", "-o", "remount,bind,ro", str(day)]
    subprocess.run(asked, check=True, capture_output=True)


@pytest.fixture
def whole(disk: Path) -> Iterator[Whole]:
    made = Whole(disk)
    with closing(made.judge):
        yield made


def test_a_full_disk_costs_the_clip_is_said_and_the_next_one_is_written(whole: Whole, disk: Path) -> None:
    whole.run(12).happens().run(1)
    assert len(whole.judge.rows()) == 1
    ballast = fill(disk)
    whole.run(12)
    assert (
        "No space left on device" in whole.judge.clipping.why
        and whole.judge.clipping.recording == frozenset()
    )
    assert whole.files() == [], "half a clip helps nobody"
    whole.happens().run(12)
    assert whole.judge.clipping.recording == frozenset() and whole.files() == []
    ballast.unlink()
    whole.run(1).happens().run(12)
    newest, *lost = whole.rows()
    assert newest.state == "ready" and {row.state for row in lost} == {"damaged"} and len(lost) == 2
    assert whole.plays(newest) and {path.name[:32] for path in whole.files()} == {newest.id}
    whole.archive.check()
    found = whole.archive.found
    assert (found.finished, found.dropped, found.damaged, found.removed, found.unknown) == (0, 0, 0, 0, [])


def test_a_folder_that_may_only_be_read_costs_the_clip_and_what_is_left_goes(whole: Whole) -> None:
    whole.run(12).happens().run(1)
    (row,) = whole.judge.rows()
    day = clip_day(whole.judge.clipping._data, row.began)
    locked(day, False)
    try:
        whole.run(12)
        assert "Read-only file system" in whole.judge.clipping.why
        whole.happens().run(12)
        assert {row.state for row in whole.rows()} == {"damaged"} and whole.files() != []
    finally:
        locked(day, True)
    whole.happens().run(12)
    newest, *lost = whole.rows()
    assert newest.state == "ready" and whole.plays(newest) and len(lost) == 2
    whole.archive.check()
    assert whole.archive.found.removed == 1
    assert {path.name[:32] for path in whole.files()} == {newest.id}
