"""What viewers cost: a real server with a real monitor, and tabs that pull over real WebSockets.

Measured is the processor time of the server's process and of the camera's worker, with nobody looking,
with one viewer and with ten, each pulling as the live page does. The camera is a file of 15 frames a second
that the bench draws itself, so that nothing is missing on a bare machine.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from websockets.asyncio.client import ClientConnection, connect

from dashboard.clock import SystemClock
from dashboard.web.gate import COOKIE
from tests.browser.server import Server, descendants, token_of, until

FPS = 15.0
PIN = "2468"
CLIP_S = 4
# The live page rests so long between two pulls, the waiting for an answer included.
PULL_GAP_S = 0.045
SIZE_WH = (640, 480)
MANY = 10
CLOCK = SystemClock()


@dataclass
class Seen:
    """What one viewer got."""

    frames: int = 0
    pictures: int = 0
    bytes: int = 0


def run(options: argparse.Namespace) -> dict[str, Any]:
    """The measurement, as `python -m dashboard bench viewers` prints it: a third of `options.seconds` with
    nobody looking, with one viewer, with ten. Percent of one core."""
    with tempfile.TemporaryDirectory(prefix="poolwatch-bench-") as folder:
        server = Server(Path(folder) / "data")
        server.start()
        try:
            return _measured(server, _clip(Path(folder) / "clip.avi"), options.seconds / 3)
        finally:
            server.stop()


def _measured(server: Server, clip: Path, seconds: float) -> dict[str, Any]:
    camera = str(server.command("cameras.add", name="Clip", kind="file", address=str(clip))["id"])
    server.command("pin.set", new=PIN, who="bench")
    server.command("picture.open", camera=camera, pin=PIN, reason="measured", who="bench")
    until(lambda: _state(server) == "live", "the camera is live", 60)
    worker = _worker(server)
    result: dict[str, Any] = {"seconds": seconds, "camera_frames_per_s": FPS}
    for viewers in (0, 1, MANY):
        began = _cpu_s(server.pid), _cpu_s(worker)
        seen = asyncio.run(_watch(server, camera, viewers, seconds))
        ui_s, worker_s = _cpu_s(server.pid) - began[0], _cpu_s(worker) - began[1]
        frames = max((one.frames for one in seen), default=0)
        result[f"{viewers}_viewers"] = {
            "ui_cpu_percent": round(100 * ui_s / seconds, 2),
            "worker_cpu_percent": round(100 * worker_s / seconds, 2),
            # The same with one viewer and with ten: a picture is decoded and encoded once.
            "worker_ms_per_frame": round(1000 * worker_s / frames, 1) if frames else None,
            "frames_per_s": [round(one.frames / seconds, 1) for one in seen],
            "kilobytes_per_s": round(sum(one.bytes for one in seen) / seconds / 1000, 1),
        }
    idle = result["0_viewers"]["ui_cpu_percent"]
    many = result[f"{MANY}_viewers"]["ui_cpu_percent"]
    # A loaded machine delivers fewer frames: what counts is the cost of a frame, at the promised rate.
    frames_per_s = sum(result[f"{MANY}_viewers"]["frames_per_s"])
    result["cpu_percent_per_viewer"] = round((many - idle) / MANY, 2)
    result["cpu_percent_per_viewer_at_15_fps"] = round(FPS * (many - idle) / max(frames_per_s, 0.1), 2)
    return result


async def _watch(server: Server, camera: str, viewers: int, seconds: float) -> list[Seen]:
    if not viewers:
        await asyncio.sleep(seconds)
        return []
    return list(await asyncio.gather(*(_view(server, camera, seconds) for _ in range(viewers))))


async def _view(server: Server, camera: str, seconds: float) -> Seen:
    """One tab, as the live page does it: asks, takes the answer, rests, asks again."""
    seen = Seen()
    address = server.url.replace("http", "ws") + "/ws/live"
    cookie = {"Cookie": f"{COOKIE}={token_of('Test')}"}
    async with connect(
        address,
        origin=server.url,  # type: ignore[arg-type]
        additional_headers=cookie,
        compression=None,
        max_size=None,
    ) as line:
        roster, seq, end = "", 0, CLOCK.monotonic() + seconds
        while (began := CLOCK.monotonic()) < end:
            pull = {"cameras": {camera: seq}, "view": "camera", "roster": roster}
            await line.send(json.dumps(pull))
            roster, seq = await _answer(line, roster, seq, seen)
            await asyncio.sleep(max(0.0, PULL_GAP_S - (CLOCK.monotonic() - began)))
    return seen


async def _answer(line: ClientConnection, roster: str, seq: int, seen: Seen) -> tuple[str, int]:
    while True:
        message = await line.recv()
        seen.bytes += len(message)
        if isinstance(message, bytes):
            seen.pictures += 1
            continue
        said = json.loads(message)
        if said["kind"] == "roster":
            roster = said["revision"]
        elif said["kind"] == "camera" and said["seq"] > seq:
            seq = said["seq"]
            seen.frames += 1
        elif said["kind"] == "end":
            return roster, seq


def _clip(path: Path) -> Path:
    """A drawn clip: noise that JPEG cannot shrink much, and something that moves."""
    noise = np.random.default_rng(7).integers(0, 60, (SIZE_WH[1], SIZE_WH[0], 3), np.uint8)
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"MJPG"), FPS, SIZE_WH)
    for number in range(int(FPS * CLIP_S)):
        frame = noise.copy()
        cv2.circle(frame, (40 + 9 * number, 240), 30, (200, 180, 40), -1)
        writer.write(frame)
    writer.release()
    return path


def _state(server: Server) -> str:
    return str(server.command("cameras.list")["cameras"][0]["state"])


def _worker(server: Server) -> int:
    """The camera's process: the one of the monitor's children that has used the most processor."""
    return max(descendants(server.monitor()), key=_cpu_s)


def _cpu_s(pid: int) -> float:
    """Processor seconds of a process, in user and in system."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
