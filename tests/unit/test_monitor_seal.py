"""The passphrase of sealed video, and the ten minutes of an opened clip."""

from __future__ import annotations

import asyncio
import io
import shutil
import sys
from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from dashboard import __main__ as entry
from dashboard.monitor.folder import lock_path
from dashboard.monitor.handle import MonitorError, Reply
from dashboard.monitor.lock import FolderLock
from dashboard.monitor.seal_commands import SealCommands
from dashboard.record.folder import clip_day
from dashboard.store import Record
from tests.clips import number_in
from tests.unit import record_stage
from tests.unit.fake_monitor import HandClock
from tests.unit.judging_stage import Life
from tests.unit.record_stage import CLIP, pictures_of
from tests.unit.test_store_clips import NOW, clip

WORDS = "correct horse battery"


class Stage:
    """Commands over a database, and a folder in which clips may be recorded."""

    def __init__(self, data: Path) -> None:
        self.data = data
        self.life = Life(data, HandClock(NOW.timestamp())).begin()
        self.commands = SealCommands(data, self.life.store, self.life.judging, self.life.clock)
        self.public: list[bytes] = []
        self.commands.sealed = self.public.append

    async def ask(self, command: str, **args: Any) -> Reply:
        return await {**self.commands.questions, **self.commands.changes}[command](args)

    async def do(self, command: str, **args: Any) -> Mapping[str, Any]:
        return (await self.ask(command, **args)).result

    async def refused(self, command: str, **args: Any) -> str:
        with pytest.raises(MonitorError) as refused:
            await self.do(command, **args)
        return str(refused.value)

    def record(self, open_: bool = False) -> None:
        stage = record_stage.Stage(self.data, self.public[-1] if self.public else b"")
        stage.run(12).order().run(12, person=300.0)
        began = NOW - timedelta(minutes=1)
        stage.day.rename(clip_day(self.data, began))
        row = clip(0, id=CLIP, began=began, sealed=stage.told[0].sealed, open=open_)
        self.life.store.record(Record(clips=(row,)), NOW)

    def audit(self) -> list[str]:
        return [row.what for row in reversed(self.life.store.audit(50))]


def play(data: Path, story: Callable[[Stage], Awaitable[None]]) -> None:
    stage = Stage(data)
    try:
        asyncio.run(story(stage))  # type: ignore[arg-type]
    finally:
        stage.life.end()


OPEN: dict[str, Any] = {"id": CLIP, "secret": WORDS, "reason": "who was it", "who": "Anna"}


def test_a_clip_is_open_for_ten_minutes_and_that_is_written_down(tmp_path: Path) -> None:
    async def story(stage: Stage) -> None:
        assert not (await stage.do("seal.state"))["set"]
        await stage.do("seal.set", passphrase=WORDS, who="Anna")
        assert (await stage.do("seal.state"))["set"] and len(stage.public) == 1
        stage.record()
        assert "is sealed" in await stage.refused("clips.real", id=CLIP)
        await stage.do("clips.open", **OPEN)
        size = (await stage.do("clips.real", id=CLIP))["size"]
        movie = b""
        while len(movie) < size:
            movie += (await stage.ask("clips.real", id=CLIP, offset=len(movie), length=50_000)).payload
        assert number_in(pictures_of(io.BytesIO(movie))[-1][1]) in (219, 220)
        assert stage.commands.opened_until(CLIP) == NOW + timedelta(minutes=10)
        stage.life.clock.t += 601
        assert "is sealed" in await stage.refused("clips.real", id=CLIP)
        await stage.do("clips.open", **OPEN)
        await stage.do("clips.close", id=CLIP, who="Anna")
        assert "is sealed" in await stage.refused("clips.real", id=CLIP)
        assert stage.audit() == ["seal_set", "clip_opened", "clip_opened", "clip_sealed"]

    play(tmp_path, story)
    assert WORDS.encode() not in (tmp_path / "poolwatch.db").read_bytes()


def test_wrong_passphrases_are_limited_and_written_down(tmp_path: Path) -> None:
    async def story(stage: Stage) -> None:
        await stage.do("seal.set", passphrase=WORDS, who="Anna")
        stage.record()
        for _ in range(5):
            assert "not right" in await stage.refused("clips.open", **{**OPEN, "secret": "wrong words"})
        assert "Too many wrong passphrases" in await stage.refused("clips.open", **OPEN)
        assert stage.audit().count("clip_refused") == 5
        stage.life.clock.t += 31
        await stage.do("clips.open", **OPEN)

    play(tmp_path, story)


def test_a_changed_passphrase_opens_what_was_sealed_before(tmp_path: Path) -> None:
    async def story(stage: Stage) -> None:
        await stage.do("seal.set", passphrase=WORDS, who="Anna")
        stage.record()
        assert "change it" in await stage.refused("seal.set", passphrase="another phrase", who="Tom")
        assert "not right" in await stage.refused("seal.change", old="x", new="another phrase", who="Tom")
        assert "10 to 200" in await stage.refused("seal.change", old=WORDS, new="short", who="Anna")
        await stage.do("seal.change", old=WORDS, new="another phrase", who="Anna")
        assert "not right" in await stage.refused("clips.open", **OPEN)
        await stage.do("clips.open", **{**OPEN, "secret": "another phrase"})
        assert stage.audit()[:3] == ["seal_set", "seal_refused", "seal_changed"]

    play(tmp_path, story)


def test_what_cannot_be_opened_says_why(tmp_path: Path) -> None:
    async def story(stage: Stage) -> None:
        stage.record()
        assert "no sealed picture" in await stage.refused("clips.open", **OPEN)
        assert "no such clip" in await stage.refused("clips.open", **{**OPEN, "id": "../x"})
        assert "Say why" in await stage.refused("clips.open", **{**OPEN, "reason": " "})
        assert "10 to 200" in await stage.refused("seal.set", passphrase="short", who="Anna")

    play(tmp_path, story)


def test_an_animals_clip_needs_no_passphrase(tmp_path: Path) -> None:
    async def story(stage: Stage) -> None:
        stage.record(open_=True)
        reply = await stage.ask("clips.real", id=CLIP, offset=4, length=4)
        assert reply.payload == b"ftyp" and reply.result["size"] > 1000

    play(tmp_path, story)


def test_the_kept_seal_counts_after_a_restart(tmp_path: Path) -> None:
    async def story(stage: Stage) -> None:
        await stage.do("seal.set", passphrase=WORDS, who="Anna")
        stage.commands.begin()
        assert stage.public[0] == stage.public[1]

    play(tmp_path, story)


def reset(data: Path, typed: str, monkeypatch: pytest.MonkeyPatch) -> int:
    monkeypatch.setattr(sys, "stdin", io.StringIO(f"{typed}\n"))
    return entry.main(["seal", "reset", "--data", str(data)])


def test_who_forgot_the_passphrase_begins_anew_and_the_old_ones_stay_shut(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    async def story(stage: Stage) -> None:
        assert reset(tmp_path, "another phrase", monkeypatch) == 1
        assert "No passphrase is set yet" in capsys.readouterr().err
        await stage.do("seal.set", passphrase=WORDS, who="Anna")
        stage.record()
        assert reset(tmp_path, "short", monkeypatch) == 1
        assert "10 to 200 letters. Nothing was changed." in capsys.readouterr().err
        await stage.do("clips.open", **OPEN)
        await stage.do("clips.close", id=CLIP, who="Anna")
        assert reset(tmp_path, "another phrase", monkeypatch) == 0
        assert "can never be opened again" in capsys.readouterr().out
        assert "not right" in await stage.refused("clips.open", **OPEN)
        again = {**OPEN, "secret": "another phrase"}
        assert "nobody can open it" in await stage.refused("clips.open", **again)
        # The next start of the watch.
        stage.commands.begin()
        shutil.rmtree(clip_day(stage.data, NOW - timedelta(minutes=1)))
        stage.record()
        await stage.do("clips.open", **again)
        assert "seal_begun_anew" in stage.audit()

    play(tmp_path, story)


def test_a_monitor_that_begins_anew_seals_to_the_new_key_and_closes_what_was_open(tmp_path: Path) -> None:
    async def story(stage: Stage) -> None:
        assert "No passphrase is set yet" in await stage.refused("seal.begin_anew", passphrase=WORDS)
        await stage.do("seal.set", passphrase=WORDS, who="Anna")
        stage.record()
        await stage.do("clips.open", **OPEN)
        assert "Nothing was changed" in await stage.refused("seal.begin_anew", passphrase="short")
        assert stage.commands.opened_until(CLIP) is not None and len(stage.public) == 1
        await stage.do("seal.begin_anew", passphrase="another phrase")
        assert len(set(stage.public)) == 2, "what comes now is sealed to the new key"
        assert "is sealed" in await stage.refused("clips.real", id=CLIP)
        assert "not right" in await stage.refused("seal.change", old=WORDS, new=WORDS, who="Anna")
        assert stage.audit().count("seal_begun_anew") == 1

    play(tmp_path, story)


def test_a_watch_that_does_not_answer_keeps_its_passphrase(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("dashboard.commands.seal._ANSWER_S", 0.1)

    async def story(stage: Stage) -> None:
        await stage.do("seal.set", passphrase=WORDS, who="Anna")
        stage.record()
        lock = FolderLock(lock_path(tmp_path))
        assert lock.acquire()
        try:
            assert reset(tmp_path, "another phrase", monkeypatch) == 1
        finally:
            lock.release()
        assert "does not answer" in (said := capsys.readouterr().err) and "Nothing was changed" in said
        await stage.do("clips.open", **OPEN)

    play(tmp_path, story)
