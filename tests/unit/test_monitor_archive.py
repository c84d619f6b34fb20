"""Database and folder of clips agree after a crash; what is old or too much goes; a full disk is said."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from dashboard.monitor.archive import Archive
from dashboard.record.folder import clip_day
from dashboard.settings import KeepSettings
from dashboard.store import ClipRow, Record, Store
from tests.unit.fake_monitor import HandClock
from tests.unit.record_stage import CLIP, OTHER, Stage
from tests.unit.test_store_clips import NOW, clip, number


class Disk(NamedTuple):
    total: int
    used: int
    free: int


class Place:
    """A database and a folder; `now` is the wall clock's noon."""

    def __init__(self, data: Path, database: str, **keep: Any) -> None:
        self.data = data
        self.store = Store(database)
        self.clock = HandClock(NOW.timestamp())
        self.archive = Archive(
            data, self.store, self.clock, KeepSettings(**keep), lambda what: self.store.record(what, NOW)
        )
        self.said: list[str] = []
        self.archive.trouble = self.said.append

    def put(self, row: ClipRow, files: bool = True) -> ClipRow:
        self.store.record(Record(clips=(row,)), NOW)
        if files:
            day = clip_day(self.data, row.began)
            day.mkdir(parents=True, exist_ok=True)
            (day / f"{row.id}.mp4").write_bytes(b"x" * 100)
        return row

    def there(self) -> set[int]:
        return {int(name, 16) for name in self.store.clip_ids()}

    def files(self) -> set[int]:
        return {int(path.stem, 16) for path in (self.data / "clips").rglob("*.mp4")}


@pytest.fixture
def place(tmp_path: Path, database: str) -> Iterator[Place]:
    made = Place(tmp_path, database, clips_days=30, alarm_clips_days=90)
    with closing(made.store):
        yield made


def recorded(place: Place, finished: bool) -> Path:
    """A clip in the folder, as a killed process or an ended one leaves it."""
    stage = Stage(place.data).run(12).order().run(6, person=300.0)
    if finished:
        stage.recorder.end()
    else:
        stage.killed()
    began = NOW - timedelta(minutes=1)
    day = clip_day(place.data, began)
    stage.day.rename(day)
    place.store.record(Record(clips=(clip(0, id=CLIP, began=began, state="recording"),)), NOW)
    return day


@pytest.mark.parametrize("finished", [True, False])
def test_what_a_crash_left_is_finished_at_the_start(place: Place, finished: bool) -> None:
    day = recorded(place, finished)
    place.archive.check()
    row = place.store.clip(CLIP)
    assert row is not None and row.state == "ready" and row.bytes > 1000
    assert 13 < (row.ended - row.began).total_seconds() < 19
    assert not [path for path in day.iterdir() if path.name.endswith((".part", ".new"))]
    assert place.archive.found.finished == 1 and not place.archive.found.unknown


def test_a_clip_of_which_nothing_is_left_is_said_to_be_damaged(place: Place) -> None:
    place.put(clip(1, state="recording"), files=False)
    place.put(clip(2), files=False)
    place.put(clip(3))
    place.archive.check()
    states = {n: place.store.clip(number(n)).state for n in (1, 2, 3)}  # type: ignore[union-attr]
    assert states == {1: "damaged", 2: "damaged", 3: "ready"}
    assert (place.archive.found.dropped, place.archive.found.damaged) == (1, 1)


def test_unknown_files_are_named_and_left_alone(place: Place) -> None:
    day = clip_day(place.data, NOW)
    day.mkdir(parents=True)
    for name in ("notes.txt", f"{OTHER}.mp4"):
        (day / name).write_text("mine")
    place.archive.check()
    assert sorted(place.archive.disk()["unknown"]) == [f"{day.name}/{OTHER}.mp4", f"{day.name}/notes.txt"]
    assert (day / "notes.txt").exists() and (day / f"{OTHER}.mp4").exists()


def test_half_a_video_without_a_row_is_removed_and_said(place: Place) -> None:
    """What a killed process leaves when the database did not take the row: the disk was full, say."""
    stage = Stage(place.data).run(12).order().run(3, person=300.0).killed()
    mine = (stage.day / f"{CLIP}.txt.part", stage.day / "notes.mp4.part", stage.day / f"{OTHER}.mp4")
    for path in mine:
        path.write_text("mine")
    outside = place.data / f"{OTHER}.mp4.part"
    outside.write_text("mine")
    (stage.day / f"{number(7)}.mp4.part").symlink_to(outside)
    place.archive.check()
    assert place.archive.found.removed == 1 and not place.archive.found.finished
    assert place.said == ["Recordings that broke off and could not be finished were removed: 1."]
    assert not list(stage.day.glob(f"{CLIP}.mp4*")) and not list(stage.day.glob("*.track.gz*"))
    assert all(path.exists() for path in (*mine, outside)) and len(place.archive.found.unknown) == 4
    place.archive.check()
    assert place.archive.found.removed == 0 and len(place.said) == 1


def test_what_is_left_of_a_lost_clip_is_removed(place: Place) -> None:
    day = recorded(place, finished=False)
    place.store.record(Record(clips=(clip(0, id=CLIP, began=NOW, state="damaged"),)), NOW)
    place.archive.check()
    assert place.archive.found.removed == 1 and not day.exists()
    assert place.store.clip(CLIP).state == "damaged"  # type: ignore[union-attr]


def test_what_is_being_recorded_is_nobody_elses(place: Place) -> None:
    day = recorded(place, finished=False)
    there = sorted(path.name for path in day.iterdir())
    place.archive.recording = lambda: frozenset({CLIP})
    place.archive.check()
    assert sorted(path.name for path in day.iterdir()) == there
    assert place.store.clip(CLIP).state == "recording"  # type: ignore[union-attr]


def test_what_is_old_goes_alarms_later_and_pinned_ones_never(place: Place) -> None:
    for n, days in ((0, 29), (3, 31), (6, 31), (1, 31), (2, 91)):
        place.put(clip(n, began=NOW - timedelta(days=days), ended=NOW - timedelta(days=days)))
    place.store.mark_clip(number(6), kept=True)
    place.archive.step()
    assert place.there() == place.files() == {0, 6, 1}


def test_too_much_goes_the_oldest_first(tmp_path: Path, database: str) -> None:
    place = Place(tmp_path, database, clips_gb=0.1)
    with closing(place.store):
        for n in range(6):
            place.put(clip(n, bytes=30_000_000))
        place.archive.step()
        # Of the six, 0 and 3 are notices, the others alarms.
        assert place.there() == place.files() == {1, 2, 4}


def test_a_nearly_full_disk_is_said_and_takes_the_oldest(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    for n in range(3):
        place.put(clip(n))
    free = iter((500_000_000, 900_000_000))

    def usage(_: Any) -> Disk:
        return Disk(10**12, 0, next(free, 2 * 10**9))

    monkeypatch.setattr(shutil, "disk_usage", usage)
    place.archive.step()
    assert place.there() == {1}
    told = place.archive.disk()
    assert not told["low"] and told["cleared"] == 2, "it is said when there is room again, too"
    (noted,) = place.store.audit(5)
    assert noted.what == "clips_cleared" and noted.detail["count"] == 2
    monkeypatch.setattr(shutil, "disk_usage", lambda _: Disk(10**12, 0, 10**6))
    place.store.mark_clip(number(1), kept=True)
    place.archive.step()
    told = place.archive.disk()
    assert place.there() == {1}, "pinned"
    place.clock.t += 90_000
    assert place.archive.disk()["cleared"] == 0
    assert told["low"] and "oldest clips are deleted first" in told["low_why"]


def test_a_wrong_date_costs_nothing(place: Place) -> None:
    place.put(clip(1))
    utc = place.clock.utc
    place.clock.utc = lambda: utc() + timedelta(days=4000)  # type: ignore[method-assign]
    place.archive.step()
    assert place.there() == {1}


def test_what_a_dead_worker_left_is_finished_while_the_watch_goes_on(place: Place) -> None:
    day = recorded(place, finished=False)
    row = place.store.clip(CLIP)
    assert row is not None
    place.archive.salvage(row, day)
    assert place.store.clip(CLIP).state == "ready" and not place.said  # type: ignore[union-attr]
    place.archive.salvage(place.put(clip(5, state="recording"), files=False), day)
    assert place.said == ["A clip was lost when its camera's process ended."]
