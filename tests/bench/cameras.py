"""Four cameras of 1280x720 at 10 frames a second through real worker processes, as the monitor runs them:
how old observations are when the judge's side has them, what is dropped, and whether memory grows."""

from __future__ import annotations

import argparse
import asyncio
import os
import tempfile
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path

import av
import cv2
import numpy as np

from dashboard.clock import Clock, SystemClock
from dashboard.monitor.host import LocalCameraHost, WorkOrder
from dashboard.settings import Settings
from dashboard.values import CameraSpec, SourceKind
from tests.bench.clip import VIDEO, material

CAMERAS = 4
SIZE_WH = (1280, 720)
FRAMES_PER_S = 10
WARM_UP_S = 15.0
_STOP_S = 5.0


@dataclass
class Log:
    """What one worker reported after the warm-up: latencies in ms, memory in MB, counts of its reader."""

    latencies_ms: list[float] = field(default_factory=list)
    memory_mb: list[float] = field(default_factory=list)
    read: list[int] = field(default_factory=list)
    dropped: list[int] = field(default_factory=list)


def run(options: argparse.Namespace) -> dict[str, object]:
    """The measurement over `options.seconds` after the warm-up."""
    with tempfile.TemporaryDirectory() as folder:
        video = widened(material(options.data, VIDEO), Path(folder) / "wide.mp4")
        logs = asyncio.run(_watch(video, Path(folder), float(options.seconds), SystemClock()))
    return summary(logs, float(options.seconds))


def widened(source: Path, target: Path) -> Path:
    """The clip at 1280x720 and 10 frames a second, H.264 as a camera sends it."""
    with av.open(str(source)) as opened, av.open(str(target), "w") as written:
        stream = written.add_stream("libx264", rate=FRAMES_PER_S, options={"preset": "veryfast"})
        stream.width, stream.height = SIZE_WH
        stream.pix_fmt = "yuv420p"
        for number, frame in enumerate(opened.decode(video=0)):
            wide = cv2.resize(frame.to_ndarray(format="bgr24"), SIZE_WH)
            shot = av.VideoFrame.from_ndarray(wide, format="bgr24")
            shot.pts, shot.time_base = number, Fraction(1, FRAMES_PER_S)
            written.mux(stream.encode(shot))
        written.mux(stream.encode(None))
    return target


async def _watch(video: Path, folder: Path, seconds: float, clock: Clock) -> list[Log]:
    logs = [Log() for _ in range(CAMERAS)]
    threads = max(1, (os.cpu_count() or 1) // CAMERAS)
    hosts = []
    for i in range(CAMERAS):
        camera = CameraSpec(f"cam{i}", f"cam{i}", SourceKind.FILE, str(video), max_fps=FRAMES_PER_S)
        hosts.append(LocalCameraHost(WorkOrder(camera, Settings(), threads, folder / f"cam{i}.npz"), clock))
    ready = [asyncio.Event() for _ in hosts]
    for host in hosts:
        await host.start()
    tasks = [asyncio.create_task(_listen(*each, clock)) for each in zip(hosts, logs, ready, strict=True)]
    await asyncio.gather(*(event.wait() for event in ready))
    await asyncio.sleep(WARM_UP_S)
    for log in logs:
        log.latencies_ms.clear()
        log.memory_mb.clear()
        log.read.clear()
        log.dropped.clear()
    await asyncio.sleep(seconds)
    await asyncio.gather(*(host.stop(_STOP_S) for host in hosts))
    await asyncio.gather(*tasks)
    return logs


async def _listen(host: LocalCameraHost, log: Log, ready: asyncio.Event, clock: Clock) -> None:
    try:
        async for report in host.reports():
            if report.header["type"] == "observation":
                captured = float(report.header["observation"]["t"])
                log.latencies_ms.append(1000 * (clock.monotonic() - captured))
                ready.set()
            elif report.header["type"] == "health":
                log.memory_mb.append(float(report.header["rss_mb"] or 0))
                log.read.append(int(report.header["read"]))
                log.dropped.append(int(report.header["dropped"]))
    finally:
        ready.set()


def summary(logs: list[Log], seconds: float) -> dict[str, object]:
    """The worst camera's figures, and all cameras' rates."""
    late = [np.percentile(log.latencies_ms, [50, 95]) for log in logs if log.latencies_ms]
    grown = [log.memory_mb[-1] - log.memory_mb[0] for log in logs if len(log.memory_mb) > 1]
    return {
        "cameras": CAMERAS,
        "seconds": seconds,
        "observing": len(late),
        "latency_ms_p50": round(float(max((v[0] for v in late), default=float("nan"))), 1),
        "latency_ms_p95": round(float(max((v[1] for v in late), default=float("nan"))), 1),
        "frames_per_s": [round(len(log.latencies_ms) / seconds, 2) for log in logs],
        "dropped": [log.dropped[-1] - log.dropped[0] for log in logs if log.dropped],
        "memory_mb": [round(log.memory_mb[-1], 1) for log in logs if log.memory_mb],
        "memory_growth_mb": round(max(grown, default=float("nan")), 1),
    }
