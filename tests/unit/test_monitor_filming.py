"""Clips as they really come to be: processes that are killed in the middle of one, and nobody to be seen in
any byte that leaves them while it is sealed."""

from __future__ import annotations

import os
import signal
import socket
from contextlib import closing
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from dashboard.clock import SystemClock
from dashboard.monitor.folder import socket_path
from dashboard.monitor.wire import Unpacker, pack
from dashboard.values import Image
from tests.clips import write_clip
from tests.unit.peeping import folder_shows_person, pictures_in, shows_person
from tests.unit.record_stage import SIZE_WH, SKIN_BGR
from tests.unit.test_monitor_processes import Site, needs_weights
from tests.waiting import until

SLOW = 60.0
WORDS = "correct horse battery"
pytestmark = pytest.mark.flaky(reruns=1)


def passing(n: int) -> Image:
    """A garden through which somebody hurries, far from standing still anywhere."""
    width, height = SIZE_WH
    image = np.full((height, width, 3), (90, 140, 90), np.uint8)
    image[:, ::40] = (70, 110, 70)
    x = (n * 23) % (width - 100)
    cv2.rectangle(image, (x, 80), (x + 100, 280), SKIN_BGR, -1)
    return image


def ready(site: Site, count: int) -> list[dict[str, Any]]:
    def found() -> list[dict[str, Any]]:
        clips = site.handle.request("clips.list").result["clips"]
        return [clip for clip in clips if clip["state"] == "ready"]

    until(lambda: len(found()) >= count, SLOW, f"{count} clips are ready")
    return found()


def heard(data: Path, camera: str, seconds: float) -> bytes:
    """Everything that a program of this user may hear of the monitor, who asks for every view and clip."""
    everything = bytearray()
    with socket.socket(socket.AF_UNIX) as link:
        link.connect(str(socket_path(data)))
        link.settimeout(0.2)
        unpacker = Unpacker()
        clock, asked = SystemClock(), False
        until_t = clock.monotonic() + seconds
        while clock.monotonic() < until_t:
            for view in ("redacted", "camera"):
                link.sendall(pack({"type": "touch", "camera": camera, "view": view}))
            if not asked:
                asked = True
                for number, command in enumerate(("clips.list", "status", "cameras.list", "clips.night")):
                    link.sendall(pack({"type": "request", "id": number, "command": command, "args": {}}))
            try:
                for message in unpacker.feed(link.recv(1 << 20)):
                    everything += message.payload
            except TimeoutError:
                continue
    return bytes(everything)


def test_nobody_is_in_any_byte_and_no_kill_leaves_half_a_clip(tmp_path: Path) -> None:
    needs_weights()
    video = write_clip(tmp_path / "garden.mp4", [passing(n) for n in range(60)], rate=10)
    data = tmp_path / "data"
    data.mkdir()
    with closing(Site(data)) as site:
        site.handle.request("seal.set", passphrase=WORDS, who="Anna")
        camera = site.add("Garden", video)
        site.live(camera)
        site.handle.request("alarm.drill", who="Anna")
        told = heard(data, camera, 8.0)
        assert list(pictures_in(told)), "there were pictures to look at"
        assert not shows_person(told)
        # The camera's process is killed in the middle of the clip.
        until(lambda: _begun(data), SLOW, "a clip is being written")
        (worker,) = site.workers()
        os.kill(worker, signal.SIGKILL)
        (first,) = ready(site, 1)
        assert first["drill"] and first["sealed"]
        site.live(camera)
        # And the monitor in the middle of the next.
        site.handle.request("alarm.drill", who="Anna")
        until(lambda: _begun(data), SLOW, "the next clip is being written")
        os.kill(site.monitor, signal.SIGKILL)
        until(lambda: site.handle.connected and _answers(site), SLOW, "the monitor is back")
        ready(site, 2)
        assert not list(data.rglob("*.part")) and not list(data.rglob("*.new"))
        assert folder_shows_person(data) == []
        # What was looked for is really there, behind the passphrase.
        opened = {"id": first["id"], "secret": WORDS, "reason": "a test", "who": "Anna"}
        site.handle.request("clips.open", **opened)
        reply = site.handle.request("clips.real", id=first["id"], offset=0, length=1 << 20)
        assert shows_person(reply.payload)


def _begun(data: Path) -> bool:
    """Whether there is a piece that could be played: its head alone is 800 bytes."""
    return any(path.stat().st_size > 1500 for path in data.rglob("*.mp4.part"))


def _answers(site: Site) -> bool:
    try:
        site.handle.request("status")
    except Exception:
        return False
    return True
