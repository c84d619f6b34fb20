"""The commands, from what is typed to what is kept and watched."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from dashboard.clock import SystemClock
from dashboard.monitor.commands import Commands
from dashboard.monitor.handle import MonitorError, Reply
from dashboard.monitor.judge import Judge
from dashboard.monitor.watch import Watch
from dashboard.settings import MonitorSettings, Settings
from dashboard.store import Store, StoreError
from tests.unit.test_monitor_keeper import READY, Host

RTSP = "rtsp://user:secret@127.0.0.1:9/live"


class Stage:
    """Commands over a real database and a watch of fake hosts."""

    def __init__(self, data: Path, settings: Settings) -> None:
        self.hosts: list[Host] = []
        self.store = Store(f"sqlite:///{data / 'poolwatch.db'}")
        clock = SystemClock()
        self.watch = Watch(data, self._make, Judge(2.0, 0), clock, settings)
        self.commands = Commands(self.store, self.watch, clock, settings)

    def _make(self, order: Any) -> Host:
        self.hosts.append(Host(order))
        return self.hosts[-1]

    async def do(self, command: str, **args: Any) -> Reply:
        return await self.commands.run(command, args, b"")

    async def refused(self, command: str, **args: Any) -> str:
        with pytest.raises(MonitorError) as refused:
            await self.do(command, **args)
        return str(refused.value)

    async def add(self, name: str, address: str = RTSP, kind: str = "rtsp") -> str:
        reply = await self.do("cameras.add", name=name, kind=kind, address=address)
        return str(reply.result["id"])

    async def listed(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = (await self.do("cameras.list")).result["cameras"]
        return found


def play(data: Path, story: Callable[[Stage], Awaitable[None]], settings: Settings | None = None) -> None:
    async def run() -> None:
        stage = Stage(data, settings or Settings())
        try:
            await story(stage)
        finally:
            await stage.watch.stop()
            stage.commands.close()
            stage.store.close()

    asyncio.run(run())


def test_the_first_visit_has_no_cameras(tmp_path: Path) -> None:
    async def story(stage: Stage) -> None:
        assert await stage.listed() == []
        assert (await stage.do("status")).result["cameras"] == []

    play(tmp_path, story)


def test_an_added_camera_is_kept_watched_and_listed_without_its_password(tmp_path: Path) -> None:
    async def story(stage: Stage) -> None:
        camera = await stage.add("  Pool ")
        (listed,) = await stage.listed()
        assert (listed["id"], listed["name"], listed["address"]) == (
            camera,
            "Pool",
            "rtsp://***@127.0.0.1:9/live",
        )
        assert "secret" not in str((await stage.do("status")).result)
        assert stage.store.cameras()[0].address == RTSP
        await asyncio.sleep(0)
        assert stage.hosts[0].order.camera.address == RTSP

    play(tmp_path, story)


def test_refusals_change_nothing(tmp_path: Path) -> None:
    async def story(stage: Stage) -> None:
        camera = await stage.add("Pool")
        before = await stage.listed()
        assert await stage.refused("what") == "There is no command 'what'."
        assert "empty" in await stage.refused("cameras.add", name=" ", kind="rtsp", address=RTSP)
        assert "already" in await stage.refused("cameras.add", name="pool", kind="rtsp", address=RTSP)
        assert "missing" in await stage.refused("cameras.add", kind="rtsp")
        assert "kind" in await stage.refused("cameras.add", name="b", kind="ftp", address=RTSP)
        assert "'size'" in await stage.refused("cameras.add", name="b", kind="rtsp", address=RTSP, size=1)
        assert "between" in await stage.refused("cameras.edit", id=camera, max_fps=0)
        assert "no such camera" in await stage.refused("cameras.edit", id="x", name="b")
        assert "no such camera" in await stage.refused("cameras.remove", id="x")
        assert "every camera once" in await stage.refused("cameras.order", ids=[])
        assert "true or false" in await stage.refused("cameras.edit", id=camera, loop="yes")
        assert [c["name"] for c in await stage.listed()] == [c["name"] for c in before]
        assert len(stage.store.cameras()) == 1

    play(tmp_path, story)


def test_an_edit_changes_what_is_typed_and_keeps_the_password(tmp_path: Path) -> None:
    async def story(stage: Stage) -> None:
        camera = await stage.add("Pool")
        shown = (await stage.listed())[0]["address"]
        await stage.do("cameras.edit", id=camera, name="Pond", address=shown, max_fps=5, loop=False)
        (spec,) = stage.store.cameras()
        assert (spec.name, spec.address, spec.max_fps, spec.loop) == ("Pond", RTSP, 5.0, False)
        await stage.do("cameras.edit", id=camera, name="POND", max_fps=None)
        (spec,) = stage.store.cameras()
        assert (spec.name, spec.address, spec.max_fps, spec.loop) == ("POND", RTSP, None, False)
        reason = await stage.refused("cameras.edit", id=camera, address="rtsp://***@evil.example/")
        assert "type them again" in reason and "secret" not in reason

    play(tmp_path, story)


def test_another_kind_needs_another_address(tmp_path: Path) -> None:
    async def story(stage: Stage) -> None:
        camera = await stage.add("Pool")
        assert "webcam" in await stage.refused("cameras.edit", id=camera, kind="usb")
        await stage.do("cameras.edit", id=camera, kind="browser")
        assert stage.store.cameras()[0].address == ""

    play(tmp_path, story)


def test_order_remove_and_switch_off(tmp_path: Path) -> None:
    async def story(stage: Stage) -> None:
        a, b, c = [await stage.add(name) for name in ("A", "B", "C")]
        await stage.do("cameras.order", ids=[c, a, b])
        await stage.do("cameras.remove", id=a)
        assert [camera["name"] for camera in await stage.listed()] == ["C", "B"]
        await stage.do("cameras.edit", id=b, enabled=False)
        assert [camera["state"] for camera in await stage.listed()] == ["starting", "stopped"]
        assert [spec.name for spec in stage.store.cameras()] == ["C", "B"]
        d = await stage.add("D")
        assert [camera["id"] for camera in await stage.listed()] == [c, b, d]

    play(tmp_path, story)


def test_there_are_no_more_cameras_than_the_limit(tmp_path: Path) -> None:
    async def story(stage: Stage) -> None:
        await stage.add("A")
        await stage.add("B")
        assert "2 cameras already" in await stage.refused("cameras.add", name="C", kind="browser")

    play(tmp_path, story, Settings(monitor=MonitorSettings(cameras=2)))


def test_two_adds_of_one_name_at_once_give_one_camera(tmp_path: Path) -> None:
    async def story(stage: Stage) -> None:
        done = await asyncio.gather(*(stage.add("Pool") for _ in range(5)), return_exceptions=True)
        assert sum(isinstance(one, str) for one in done) == 1
        assert len(stage.store.cameras()) == len(stage.watch.cameras()) == 1

    play(tmp_path, story)


def test_a_new_view_reaches_the_worker_and_is_written_down(tmp_path: Path) -> None:
    async def story(stage: Stage) -> None:
        noted: list[tuple[object, ...]] = []
        stage.commands.noted = lambda *entry: noted.append(entry)
        camera = await stage.add("Pool")
        assert "not watching now" in await stage.refused("cameras.renew", id=camera, who="Ada", where="desk")
        await asyncio.sleep(0.05)
        stage.hosts[0].queue.put_nowait(READY)
        await asyncio.sleep(0.05)
        await stage.do("cameras.renew", id=camera, who="Ada", where="desk")
        assert stage.hosts[0].told == [{"type": "renew"}]
        assert [entry[:3] for entry in noted][-1] == ("camera_view_renewed", "Ada", "desk")

    play(tmp_path, story)


def test_a_database_that_cannot_be_written_refuses_and_the_watch_goes_on(tmp_path: Path) -> None:
    async def story(stage: Stage) -> None:
        camera = await stage.add("Pool")
        await asyncio.sleep(0)

        def full(*_: Any) -> None:
            raise StoreError("The database x cannot be written: database or disk is full.")

        for name in ("add_camera", "change_camera", "remove_camera", "order_cameras", "choose"):
            setattr(stage.store, name, full)
        for command, args in (
            ("cameras.add", {"name": "B", "kind": "browser"}),
            ("cameras.edit", {"id": camera, "name": "B"}),
            ("cameras.edit", {"id": camera, "enabled": False}),
            ("cameras.remove", {"id": camera}),
            ("cameras.order", {"ids": [camera]}),
        ):
            assert "disk is full" in await stage.refused(command, **args)
        (listed,) = await stage.listed()
        assert listed["name"] == "Pool" and listed["enabled"]
        assert not stage.hosts[0].stopped

    play(tmp_path, story)


@pytest.fixture
def clip(tmp_path: Path) -> Path:
    return make_clip(tmp_path / "clip.avi")


def make_clip(path: Path, seconds: float = 2.0, fps: int = 10) -> Path:
    """A small film: a light square walks over a dark ground."""
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"MJPG"), fps, (160, 120))
    for index in range(int(seconds * fps)):
        image = np.full((120, 160, 3), 60, np.uint8)
        image[40:80, index % 120 : index % 120 + 40] = 220
        writer.write(image)
    writer.release()
    return path


def test_a_test_gives_a_picture_of_the_camera(tmp_path: Path, clip: Path) -> None:
    async def story(stage: Stage) -> None:
        reply = await stage.do("cameras.test", kind="file", address=str(clip))
        image = cv2.imdecode(np.frombuffer(reply.payload, np.uint8), cv2.IMREAD_COLOR)
        assert image is not None and image.shape == (120, 160, 3) and image.max() > 200

    play(tmp_path, story)


def test_a_test_gives_the_exact_reason(tmp_path: Path) -> None:
    broken = tmp_path / "broken.mp4"
    broken.write_text("no film at all\n" * 100)

    async def story(stage: Stage) -> None:
        reason = await stage.refused("cameras.test", kind="file", address=str(broken))
        assert "text" in reason
        reason = await stage.refused("cameras.test", kind="rtsp", address=RTSP)
        assert "127.0.0.1 port 9" in reason and "secret" not in reason
        assert "no file" in await stage.refused("cameras.test", kind="file", address="/nowhere.mp4")
        assert "its page" in await stage.refused("cameras.test", kind="browser")
        camera = await stage.add("Pool")
        assert "127.0.0.1 port 9" in await stage.refused("cameras.test", id=camera)

    play(tmp_path, story)


def test_a_camera_that_never_answers_ends_the_test_in_time(tmp_path: Path) -> None:
    async def story(stage: Stage) -> None:
        # The system takes the connection, and nobody ever speaks.
        with socket.create_server(("127.0.0.1", 0)) as silent:
            address = f"rtsp://127.0.0.1:{silent.getsockname()[1]}/x"
            async with asyncio.timeout(6):
                reason = await stage.refused("cameras.test", kind="rtsp", address=address)
        assert "picture" in reason or "answer" in reason

    play(tmp_path, story, Settings(monitor=MonitorSettings(test_s=2.5)))
