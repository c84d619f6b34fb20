"""What the pages may ask of clips, and say of them."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, timedelta
from pathlib import Path
from typing import Any

import pytest

from dashboard.monitor.clip_commands import ClipCommands
from dashboard.monitor.handle import MonitorError
from dashboard.monitor.places import Places
from dashboard.record.folder import clip_day, clips_folder, size_of, walked
from dashboard.report.times import day_of_night, night_of_day
from dashboard.store import Record, Store
from dashboard.values import CameraSpec, SourceKind
from tests.unit.fake_monitor import HandClock
from tests.unit.judging_stage import Life
from tests.unit.test_store_clips import NOW, clip, number


class Stage:
    """Commands over a database with clips, the newest at noon."""

    def __init__(self, data: Path, database: str | None = None, count: int = 9) -> None:
        self.data = data
        self.life = Life(data, HandClock(NOW.timestamp() + 60), database=database).begin()
        places = Places()
        places.use_cameras((CameraSpec("c0", "Overview", SourceKind.RTSP),))
        self.commands = ClipCommands(data, self.store, self.life.judging, places, self.life.clock)
        self.store.record(Record(clips=tuple(clip(n) for n in range(count))), NOW)

    @property
    def store(self) -> Store:
        return self.life.store

    async def do(self, command: str, **args: Any) -> Mapping[str, Any]:
        return (await {**self.commands.questions, **self.commands.changes}[command](args)).result

    async def refused(self, command: str, **args: Any) -> str:
        with pytest.raises(MonitorError) as refused:
            await self.do(command, **args)
        return str(refused.value)

    def files(self, n: int) -> Path:
        day = clip_day(self.data, clip(n).began)
        day.mkdir(parents=True, exist_ok=True)
        for ending in (".mp4", ".jpg", ".track.gz", ".sealed", ".mp4.part"):
            (day / f"{number(n)}{ending}").write_bytes(b"x" * 10)
        return day


def play(data: Path, story: Callable[[Stage], Awaitable[None]], database: str | None = None) -> None:
    stage = Stage(data, database)
    try:
        asyncio.run(story(stage))  # type: ignore[arg-type]
    finally:
        stage.life.end()


def test_a_page_after_the_other_and_the_neighbours_of_one(tmp_path: Path, database: str) -> None:
    async def story(stage: Stage) -> None:
        first = await stage.do("clips.list", limit=4)
        assert [row["id"] for row in first["clips"]] == [number(n) for n in range(4)]
        second = await stage.do("clips.list", limit=5, before=first["before"])
        assert [row["id"] for row in second["clips"]] == [number(n) for n in range(4, 9)]
        assert second["before"] is None
        one = await stage.do("clips.one", id=number(3), kinds=["animal"])
        assert (one["newer"], one["older"]) == (number(0), number(6))
        shown = one["clip"]
        assert (shown["camera_name"], shown["people"], shown["opened_until_utc"]) == ("c1", ["Mia"], None)
        (event,) = shown["events"]
        assert (event["at_s"], event["alarm"], event["kind"]) == (10.0, None, "animal") and event["text"]
        there = await stage.do("clips.occurring")
        assert there["cameras"] == [{"id": "c0", "name": "Overview"}, {"id": "c1", "name": "c1"}]

    play(tmp_path, story, database)


@pytest.mark.parametrize(
    ("command", "args", "why"),
    [
        ("clips.list", {"kinds": "animal"}, "kinds"),
        ("clips.list", {"levels": ["loud"]}, "levels are"),
        ("clips.list", {"labels": ["nice"]}, "labels are"),
        ("clips.list", {"before": "yesterday"}, "before"),
        ("clips.list", {"before": f"yesterday~{number(1)}"}, "time with its zone"),
        ("clips.list", {"since": "now"}, "since"),
        ("clips.list", {"text": "x" * 200}, "longer"),
        ("clips.list", {"kept": "yes"}, "true or false"),
        ("clips.list", {"path": "x"}, "no field"),
        ("clips.one", {"id": "../../etc/passwd"}, "no such clip"),
        ("clips.one", {"id": "0" * 31 + "G"}, "no such clip"),
        ("clips.one", {"id": number(77)}, "no such clip"),
        ("clips.one", {"id": 7}, "no such clip"),
        ("clips.label", {"id": number(1), "label": "nice", "who": "Anna"}, "label must be"),
        ("clips.label", {"id": number(1), "label": "pet"}, "'who' is missing"),
        ("clips.note", {"id": number(1), "note": "x" * 1001, "who": "Anna"}, "longer than"),
        ("clips.keep", {"id": number(1), "kept": 1, "who": "Anna"}, "true or false"),
        ("clips.delete", {"id": number(1) + "/..", "who": "Anna"}, "no such clip"),
    ],
)
def test_what_cannot_be_is_refused(tmp_path: Path, command: str, args: dict[str, Any], why: str) -> None:
    async def story(stage: Stage) -> None:
        assert why in await stage.refused(command, **args)

    play(tmp_path, story)


def test_what_people_say_is_kept_and_written_down(tmp_path: Path, database: str) -> None:
    async def story(stage: Stage) -> None:
        said = await stage.do("clips.label", id=number(2), label="pet", who="Anna", where="kitchen")
        assert said["clip"]["label"] == "pet"
        await stage.do("clips.note", id=number(2), note="Tom's cat", who="Anna")
        await stage.do("clips.keep", id=number(2), kept=True, who="Anna")
        await stage.do("clips.exported", id=number(2), who="Tom")
        assert [row["id"] for row in (await stage.do("clips.list", text="tom's CAT"))["clips"]] == [number(2)]
        assert (await stage.do("clips.label", id=number(2), label=None, who="Anna"))["clip"]["label"] is None
        rows = [(row.what, row.who) for row in stage.store.audit(20)]
        assert rows[::-1][-5:] == [
            ("clip_labelled", "Anna"),
            ("clip_noted", "Anna"),
            ("clip_pinned", "Anna"),
            ("clip_exported", "Tom"),
            ("clip_labelled", "Anna"),
        ]

    play(tmp_path, story, database)


def test_a_deleted_clip_is_gone_with_its_files(tmp_path: Path, database: str) -> None:
    async def story(stage: Stage) -> None:
        day = stage.files(2)
        stage.files(3)
        assert size_of(day, number(2)) == 40
        await stage.do("clips.delete", id=number(2), who="Anna")
        assert stage.store.clip(number(2)) is None
        assert {path.name[:32] for path in day.iterdir()} == {number(3)}
        assert stage.store.audit(1)[0].what == "clip_deleted"
        stage.store.record(Record(clips=(clip(3, state="recording"),)), NOW)
        assert "still being recorded" in await stage.refused("clips.delete", id=number(3), who="Anna")

    play(tmp_path, story, database)


def test_a_clip_whose_file_cannot_be_removed_stays(tmp_path: Path, database: str) -> None:
    async def story(stage: Stage) -> None:
        day = stage.files(2)
        (day / f"{number(2)}.jpg").unlink()
        (day / f"{number(2)}.jpg").mkdir()
        assert "cannot be deleted" in await stage.refused("clips.delete", id=number(2), who="Anna")
        assert stage.store.clip(number(2)) is not None

    play(tmp_path, story, database)


def test_last_night_counts_all_and_shows_some(tmp_path: Path, database: str) -> None:
    async def story(stage: Stage) -> None:
        row = clip(0)
        now = stage.life.clock.utc()
        night = night_of_day(day_of_night(now, None), now, None)[0].astimezone(UTC)
        rows = [clip(n + 100, began=night + timedelta(minutes=n), ended=row.ended) for n in range(30)]
        stage.store.record(Record(clips=tuple(rows)), NOW)
        found = await stage.do("clips.night")
        assert len(found["clips"]) == 24 and found["more"] and sum(found["counts"].values()) >= 30

    play(tmp_path, story, database)


def test_what_lies_in_the_folder(tmp_path: Path) -> None:
    day = clips_folder(tmp_path) / "2026-07-01"
    day.mkdir(parents=True)
    (day / f"{number(1)}.mp4").touch()
    (day / f"{number(1)}.track.gz.part").touch()
    (day / f"{number(2)}.sealed").symlink_to("/etc/passwd")
    (day / "notes.txt").touch()
    (clips_folder(tmp_path) / "holiday").mkdir()
    found = [(path.name, clip, ending) for path, clip, ending in walked(tmp_path)]
    assert found == [
        (f"{number(1)}.mp4", number(1), ".mp4"),
        (f"{number(1)}.track.gz.part", number(1), ".track.gz.part"),
        (f"{number(2)}.sealed", "", ""),
        ("notes.txt", "", ""),
        ("holiday", "", ""),
    ]
    assert list(walked(tmp_path / "nothing")) == []
