"""The owner opens the real picture of one camera with PIN and reason: for ten minutes, written down."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from dashboard.accounts.roles import Account, Role
from dashboard.clock import SystemClock
from dashboard.monitor.handle import CAMERA, REDACTED, MonitorError, MonitorHandle
from dashboard.monitor.judge import Judge
from dashboard.monitor.picture_commands import OPEN_S, PictureCommands
from dashboard.monitor.service import Monitor
from dashboard.monitor.watch import Watch
from dashboard.settings import Settings
from dashboard.store import Store
from dashboard.values import CameraSpec, SourceKind
from dashboard.web.guarded import signed
from tests.unit import test_monitor_site_commands as site
from tests.unit.fake_monitor import HandClock
from tests.unit.monitor_loop import ServerLoop
from tests.unit.test_monitor_keeper import Host
from tests.waiting import until

POOL = CameraSpec("a", "Pool", SourceKind.FILE, "x.mp4")
GATE = CameraSpec("b", "Gate", SourceKind.FILE, "y.mp4", position=1)
AWAY = CameraSpec("c", "Shed", SourceKind.FILE, "z.mp4", position=2, enabled=False)
PIN = "2468"
BOTH = [(camera, view) for camera in ("a", "b") for view in (REDACTED, CAMERA)]
SEALED, OPEN = {REDACTED}, {REDACTED, CAMERA}


class Stage:
    """The command over a watch of fake hosts and the judge's PIN; the clock is the test's."""

    def __init__(self, data: Path) -> None:
        self.site = site.Stage(data)
        self.clock = self.site.life.clock
        self.hosts: dict[str, Host] = {}
        self.notes: list[tuple[str, str, str, Mapping[str, object]]] = []
        self.watch = Watch(data, self._make, Judge(2.0, 0), self.clock, Settings())
        self.stated = 0
        self.pictures = PictureCommands(self.watch, self.site.commands.check_pin, self._note, self.clock)
        self._all = {**self.pictures.changes, **self.pictures.questions}

    def _make(self, order: Any) -> Host:
        return self.hosts.setdefault(order.camera.id, Host(order))

    def _note(self, what: str, who: str, origin: str, detail: Mapping[str, object]) -> None:
        self.notes.append((what, who, origin, detail))

    async def begin(self, pin: str = PIN) -> None:
        self.watch.begin((POOL, GATE, AWAY))
        async with asyncio.timeout(5):
            while len(self.hosts) < 2:
                await asyncio.sleep(0.01)
        if pin:
            await self.site.do("pin.set", new=pin, who="Anna")

    async def open(self, camera: str = "a", pin: str = PIN, reason: str = "a noise", **more: Any) -> None:
        args = {"camera": camera, "pin": pin, "reason": reason, "who": "Anna", "where": "phone", **more}
        await self._all["picture.open"](args)

    async def close(self, camera: str = "a") -> None:
        await self._all["picture.close"]({"camera": camera, "who": "Tom", "where": "page"})

    async def refused(self, **args: Any) -> str:
        with pytest.raises(MonitorError) as refused:
            await self.open(**args)
        assert self.seen() == {"a": SEALED, "b": SEALED} and not self.pictures.described()
        return str(refused.value)

    def seen(self) -> dict[str, set[str]]:
        """Which views leave each worker when everything is asked for."""
        self.watch.look(BOTH)
        return {camera: set(host.looks[-1]) for camera, host in self.hosts.items()}

    def later(self, seconds: float) -> None:
        assert isinstance(self.clock, HandClock)
        self.clock.t += seconds
        self.pictures.turn()


def play(data: Path, story: Callable[[Stage], Awaitable[None]]) -> None:
    async def run() -> None:
        stage = Stage(data)
        try:
            await story(stage)
        finally:
            await stage.watch.stop()
            stage.site.life.end()

    asyncio.run(run())


def test_it_is_open_for_ten_minutes_and_closes_by_itself(tmp_path: Path) -> None:
    async def story(stage: Stage) -> None:
        await stage.begin()
        assert stage.seen() == {"a": SEALED, "b": SEALED}
        await stage.open()
        assert stage.seen() == {"a": OPEN, "b": SEALED}, "the other camera stays sealed"
        assert stage.pictures.described()["a"]["who"] == "Anna"
        stage.later(OPEN_S - 0.5)
        assert stage.seen()["a"] == OPEN
        stage.later(0.5)
        assert stage.seen() == {"a": SEALED, "b": SEALED} and not stage.pictures.described()
        assert stage.notes == [
            ("picture_opened", "Anna", "phone", {"camera": "a", "reason": "a noise"}),
            ("picture_closed", "timer", "timer", {"camera": "a", "because": "10 minutes are over"}),
        ]

    play(tmp_path, story)


def test_it_is_closed_early_and_that_is_written_down_once(tmp_path: Path) -> None:
    async def story(stage: Stage) -> None:
        await stage.begin()
        await stage.open()
        await stage.close("b")
        assert stage.seen()["a"] == OPEN
        for _ in range(2):
            await stage.close()
        assert stage.seen()["a"] == SEALED
        assert [note[:3] for note in stage.notes] == [
            ("picture_opened", "Anna", "phone"),
            ("picture_closed", "Tom", "page"),
        ]

    play(tmp_path, story)


def test_without_pin_or_reason_it_stays_sealed(tmp_path: Path) -> None:
    async def story(stage: Stage) -> None:
        await stage.begin(pin="")
        assert "set one on the page People" in await stage.refused()
        await stage.site.do("pin.set", new=PIN, who="Anna")
        for args, why in (
            ({"reason": "  "}, "Say why"),
            ({"pin": "1111"}, "not right"),
            ({"pin": ""}, "not right"),
            ({"pin": 2468}, "must be text"),
            ({"camera": "zz"}, "no such camera"),
            ({"camera": "c"}, "switched off"),
            ({"who": ""}, "who you are"),
            ({"minutes": 600}, "no field"),
        ):
            assert why in await stage.refused(**args)
        assert stage.notes == []

    play(tmp_path, story)


def test_whoever_guesses_the_pin_waits_here_and_at_the_pause_alike(tmp_path: Path) -> None:
    async def story(stage: Stage) -> None:
        await stage.begin()
        for _ in range(5):
            assert "not right" in await stage.refused(pin="1111")
        assert "Too many wrong PINs" in await stage.refused()
        paused = await stage.site.refused("mode.set", mode="paused", who="Anna", pin=PIN)
        assert "Too many wrong PINs" in paused
        stage.later(31)
        await stage.open()
        assert stage.seen()["a"] == OPEN

    play(tmp_path, story)


def test_a_clock_that_is_set_back_opens_nothing_for_longer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def story(stage: Stage) -> None:
        await stage.begin()
        await stage.open()
        at = stage.clock.utc()
        monkeypatch.setattr(stage.clock, "utc", lambda: at)
        stage.later(OPEN_S)
        assert stage.seen()["a"] == SEALED

    play(tmp_path, story)


def test_a_camera_that_is_gone_is_sealed(tmp_path: Path) -> None:
    async def story(stage: Stage) -> None:
        await stage.begin()
        await stage.open()
        await stage.watch.remove("a")
        stage.pictures.turn()
        assert not stage.pictures.described()
        assert stage.notes[-1][0] == "picture_closed"

    play(tmp_path, story)


def test_only_the_owner_opens_and_closes() -> None:
    for command in ("picture.open", "picture.close"):
        for role in (Role.GUARDIAN, Role.VIEWER, Role.NOBODY):
            with pytest.raises(MonitorError):
                signed(command, {"camera": "a", "who": "Anna"}, Account("1", "Max", role))
        asked = signed(command, {"camera": "a", "who": "Anna"}, Account("1", "Olga", Role.OWNER))
        assert asked["who"] == "Olga", "under the account's own name"


def test_what_an_earlier_version_kept_opens_nothing(tmp_path: Path) -> None:
    async def story() -> None:
        store = Store(f"sqlite:///{tmp_path / 'poolwatch.db'}")
        store.choose({"show_camera": True}, SystemClock().utc())
        store.add_camera(POOL, SystemClock().utc())
        monitor = Monitor(tmp_path, store, SystemClock(), Settings())
        reads, end = os.pipe()
        running = asyncio.create_task(monitor.run(reads))
        handle = MonitorHandle(tmp_path, SystemClock())
        handle.start()
        try:
            assert await asyncio.to_thread(handle.wait_connected, 10)
            await asyncio.to_thread(until, lambda: handle.cameras(), 10, "the state")
            assert handle.opened() == {} and monitor._watch.why_open("a") == ""
        finally:
            handle.stop()
            os.close(end)
            await running
            os.close(reads)
            store.close()

    asyncio.run(story())


def test_the_pages_seal_it_at_its_time_even_without_the_word(tmp_path: Path) -> None:
    loop, clock = ServerLoop(tmp_path), HandClock()
    loop.desk.opened = {"a": {"who": "Anna", "until_utc": "2026-07-01T12:10:00+00:00", "until_t": 1600.0}}
    loop.start()
    handle = MonitorHandle(tmp_path, clock)
    handle.start()
    try:
        until(lambda: "a" in handle.opened(), 5, "the opened picture")
        assert handle.opened()["a"]["left_s"] == 600.0
        handle.touch("a", CAMERA)
        loop.observe(1.0, b"real")
        until(lambda: (v := handle.latest("a", CAMERA)) and v.jpeg == b"real", 5, "the real picture")
        clock.t = 1600.0
        loop.do(loop.server.tell_site)
        loop.observe(2.0, b"too late")
        assert handle.opened() == {}
        until(lambda: (v := handle.latest("a", CAMERA)) and v.t == 2.0, 5, "the observation")
        assert (late := handle.latest("a", CAMERA)) is not None and late.jpeg is None
    finally:
        handle.stop()
        loop.stop()
