"""The monitor as it really runs: processes that are killed, stopped, and started twice."""

from __future__ import annotations

import asyncio
import os
import signal
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import cv2
import numpy as np
import pytest

from dashboard.clock import SystemClock
from dashboard.monitor.folder import lock_path, log_path, socket_path
from dashboard.monitor.handle import CAMERA, REDACTED, CameraView, MonitorError, MonitorHandle
from dashboard.monitor.launch import greets
from dashboard.monitor.lock import is_held
from dashboard.monitor.owner import MonitorOwner, ensure_monitor
from dashboard.values import Image
from dashboard.weights import installed
from tests.unit.test_monitor_commands import make_clip
from tests.waiting import fair, until

CHECKOUT = Path(__file__).resolve().parents[2]
SLOW = 30.0
# Looks a second: enough to watch a film of ten pictures a second, for half the processor.
ENOUGH_FPS = 5.0
PIN = "2468"
# Real processes on a machine that may be busy: one that was late may try once more.
pytestmark = pytest.mark.flaky(reruns=1)


def needs_weights() -> None:
    if installed("mediapipe-pose") is None:
        pytest.skip("needs the weights mediapipe-pose: python -m dashboard models install")


def parent_of(pid: int) -> int | None:
    """The parent of a process that is alive and no zombie, else None."""
    try:
        state, parent = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[:2]
    except (OSError, ValueError):
        return None
    return None if state in "ZX" else int(parent)


def children_of(pid: int) -> list[int]:
    pids = [int(path.name) for path in Path("/proc").iterdir() if path.name.isdigit()]
    return [child for child in pids if parent_of(child) == pid]


def is_gone(pid: int) -> bool:
    return parent_of(pid) is None


class Site:
    """A data folder with its monitor and a handle."""

    def __init__(self, data: Path) -> None:
        self.data, self.clock = data, SystemClock()
        self.owner = ensure_monitor(data, self.clock)
        self.handle = MonitorHandle(data, self.clock)
        self.handle.start()
        assert self.handle.wait_connected(SLOW)

    @property
    def monitor(self) -> int:
        return int(self.handle.request("status").result["pid"])

    def workers(self) -> list[int]:
        return children_of(self.monitor)

    def open_picture(self, camera: str) -> None:
        """As the owner does."""
        self.handle.request("pin.set", new=PIN, who="Anna")
        self.handle.request("picture.open", camera=camera, pin=PIN, reason="test", who="Anna")

    def add(self, name: str, clip: Path) -> str:
        asked = self.handle.request
        reply = asked("cameras.add", name=name, kind="file", address=str(clip), max_fps=ENOUGH_FPS)
        return str(reply.result["id"])

    def state(self, camera: str) -> str:
        listed = self.handle.request("cameras.list").result["cameras"]
        return next(str(c["state"]) for c in listed if c["id"] == camera)

    def live(self, camera: str, seconds: float = SLOW) -> None:
        until(lambda: self.state(camera) == "live", seconds, f"camera {camera} is live")

    def view(self, camera: str, seq: int = 0, view: str = REDACTED) -> CameraView:
        found = asyncio.run(self.handle.wait_newer(camera, seq, SLOW, view))
        assert found is not None
        return found

    def close(self) -> None:
        self.handle.stop()
        self.owner.stop()


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_clip(tmp_path_factory.mktemp("clips") / "clip.avi", seconds=5)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory, clip: Path) -> Iterator[Site]:
    """One monitor with two cameras for the tests that leave it whole."""
    needs_weights()
    made = Site(tmp_path_factory.mktemp("site") / "data")
    for name in ("Pool", "Gate"):
        made.add(name, clip)
    for camera in made.handle.request("cameras.list").result["cameras"]:
        made.live(camera["id"])
    yield made
    made.close()


def cameras(site: Site) -> tuple[str, str]:
    first, second = (str(c["id"]) for c in site.handle.request("cameras.list").result["cameras"])
    return first, second


def decoded(jpeg: bytes) -> Image:
    image = cv2.imdecode(np.frombuffer(jpeg, np.uint8), cv2.IMREAD_COLOR)
    assert image is not None
    return np.asarray(image, np.uint8)


def test_a_camera_gives_views_with_growing_numbers_and_fresh_times(site: Site) -> None:
    camera, _ = cameras(site)
    first = site.view(camera)
    second = site.view(camera, first.seq)
    assert second.seq > first.seq and second.t >= first.t
    assert site.clock.monotonic() - second.t < 5
    assert second.observation["size"] == [160, 120] and second.observation["people"] == []
    assert second.stats["state"] == "live" and second.stats["rss_mb"] > 10


def test_the_redacted_view_has_a_picture_and_it_is_not_the_real_one(site: Site) -> None:
    camera, _ = cameras(site)
    jpeg = until(lambda: site.view(camera).jpeg, SLOW, "a redacted picture")
    assert decoded(jpeg).max() < 200


def test_the_real_picture_is_there_only_while_it_may_be_shown(site: Site) -> None:
    camera, _ = cameras(site)
    assert site.view(camera, view=CAMERA).jpeg is None
    site.open_picture(camera)
    jpeg = until(lambda: site.view(camera, view=CAMERA).jpeg, SLOW, "a real picture")
    assert decoded(jpeg).max() > 200
    site.handle.request("picture.close", camera=camera, who="Anna")
    until(lambda: site.view(camera, view=CAMERA).jpeg is None, SLOW, "it is taken back")


def test_a_second_start_says_so_and_leaves_the_first_alone(site: Site) -> None:
    before = site.monitor
    command = [sys.executable, "-m", "dashboard", "monitor", "--data", str(site.data)]
    second = subprocess.run(command, cwd=CHECKOUT, capture_output=True, text=True, timeout=SLOW)
    assert second.returncode == 0
    assert f"process {before}" in second.stdout and second.stderr == ""
    attached = ensure_monitor(site.data, site.clock)
    assert not attached.started
    attached.stop()
    assert site.monitor == before


def test_a_killed_worker_is_back_within_five_seconds_and_nothing_else_stops(site: Site) -> None:
    ids = cameras(site)
    monitor, workers = site.monitor, site.workers()
    assert len(workers) == 2
    os.kill(workers[0], signal.SIGKILL)
    until(lambda: {site.state(camera) for camera in ids} == {"blind", "live"}, fair(2), "one is blind")
    until(lambda: [site.state(camera) for camera in ids] == ["live", "live"], fair(5), "both are live")
    assert site.monitor == monitor
    left = set(site.workers())
    assert workers[1] in left and workers[0] not in left and len(left) == 2


def test_a_hostile_test_of_a_camera_hurts_nothing(site: Site, tmp_path: Path) -> None:
    bad = tmp_path / "bad.avi"
    bad.write_bytes(b"RIFF\xff\xff\xff\x7fAVI LIST" + os.urandom(100_000))
    workers = set(site.workers())
    with pytest.raises(MonitorError):
        site.handle.request("cameras.test", kind="file", address=str(bad))
    until(lambda: set(site.workers()) == workers, SLOW, "the thrown-away process is gone")


def test_a_stop_leaves_no_process_and_comes_in_time(tmp_path: Path, clip: Path) -> None:
    needs_weights()
    site = Site(tmp_path / "data")
    camera = site.add("Pool", clip)
    site.live(camera)
    monitor, workers = site.monitor, site.workers()
    began = site.clock.monotonic()
    site.owner.stop()
    assert site.clock.monotonic() - began < fair(3)
    assert is_gone(monitor) and all(is_gone(worker) for worker in workers)
    assert not socket_path(site.data).exists() and not is_held(lock_path(site.data))
    until(lambda: not site.handle.connected, 5, "the handle sees the loss")
    log = log_path(site.data).read_text()
    assert "SIGTERM" in log and "has stopped" in log and "Traceback" not in log
    again = Site(site.data)
    assert [c["id"] for c in again.handle.request("cameras.list").result["cameras"]] == [camera]
    again.close()
    site.handle.stop()


def test_a_monitor_that_is_killed_takes_its_workers_along_and_its_owner_starts_another(
    tmp_path: Path, clip: Path
) -> None:
    needs_weights()
    site = Site(tmp_path / "data")
    site.add("Pool", clip)
    workers = until(site.workers, SLOW, "a worker")
    monitor = site.monitor
    os.kill(monitor, signal.SIGKILL)
    until(lambda: all(is_gone(worker) for worker in workers), 5, "the workers are gone")

    def another() -> bool:
        try:
            return site.monitor != monitor
        except MonitorError:
            return False

    until(another, SLOW, "another monitor answers the same handle")
    site.close()


def test_a_monitor_that_hangs_is_replaced(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dashboard.monitor.owner._ASK_EVERY_S", 0.2)
    patience_s = fair(1.0)
    monkeypatch.setattr("dashboard.monitor.owner._ASK_PATIENCE_S", patience_s)
    greeted = threading.Event()

    def heard(data: Path, patience_s: float) -> bool:
        answered = greets(data, patience_s)
        # The owners of other tests' monitors ask as well.
        if answered and data == tmp_path / "data":
            greeted.set()
        return answered

    monkeypatch.setattr("dashboard.monitor.owner.greets", heard)
    site = Site(tmp_path / "data")
    monitor = site.monitor
    assert greeted.wait(SLOW)
    os.kill(monitor, signal.SIGSTOP)
    until(lambda: is_gone(monitor), SLOW + 3 * patience_s, "the one that hangs is ended")
    until(lambda: site.owner.pid not in (None, monitor) and site.handle.connected, SLOW, "another answers")
    assert site.monitor != monitor
    site.close()


OWNER = """
import sys, threading
from pathlib import Path
from dashboard.clock import SystemClock
from dashboard.monitor.owner import ensure_monitor
owner = ensure_monitor(Path(sys.argv[1]), SystemClock())
print(owner.pid, flush=True)
threading.Event().wait()
"""


def start_owner(data: Path) -> tuple[subprocess.Popen[str], int]:
    process = subprocess.Popen(
        [sys.executable, "-c", OWNER, str(data)], cwd=CHECKOUT, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    return process, int(process.stdout.readline())


def test_killing_the_owner_stops_the_monitor_cleanly(tmp_path: Path) -> None:
    process, monitor = start_owner(tmp_path / "data")
    assert not is_gone(monitor)
    process.kill()
    process.communicate()
    until(lambda: is_gone(monitor), fair(3), "the monitor is gone")
    assert "has stopped" in log_path(tmp_path / "data").read_text()


def test_a_ctrl_c_in_the_owners_terminal_does_not_reach_the_monitor(tmp_path: Path) -> None:
    process, monitor = start_owner(tmp_path / "data")
    assert os.getpgid(monitor) != os.getpgid(process.pid)
    assert os.getsid(monitor) != os.getsid(process.pid)
    process.kill()
    process.communicate()
    until(lambda: is_gone(monitor), fair(3), "the monitor is gone")


def test_a_monitor_that_runs_as_a_service_outlives_those_who_attach(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "dashboard", "monitor", "--data", str(tmp_path / "data")]
    service = subprocess.Popen(command, cwd=CHECKOUT, stderr=subprocess.PIPE, text=True)
    until(lambda: is_held(lock_path(tmp_path / "data")), SLOW, "the service holds its lock")
    owner: MonitorOwner = ensure_monitor(tmp_path / "data", SystemClock())
    assert not owner.started and owner.pid is None
    owner.stop()
    assert service.poll() is None
    service.send_signal(signal.SIGINT)
    _, printed = service.communicate(timeout=SLOW)
    assert service.returncode == 0
    assert "the monitor watches 0 cameras" in printed and "SIGINT" in printed
    assert "Traceback" not in printed


def test_who_attached_takes_over_when_the_other_stays_away(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("dashboard.monitor.owner._ABSENT_S", 0.2)
    monkeypatch.setattr("dashboard.monitor.owner._LOOK_S", 0.05)
    first = Site(tmp_path / "data")
    attached = ensure_monitor(first.data, first.clock)
    assert not attached.started
    first.owner.stop()
    until(lambda: attached.started, SLOW, "it starts a monitor of its own")
    until(lambda: first.handle.connected and first.monitor == attached.pid, SLOW, "which answers")
    attached.stop()
    first.handle.stop()
    assert not is_held(lock_path(first.data))


@pytest.mark.parametrize(
    ("damage", "reason"),
    [
        pytest.param("garbage", "file is not a database", id="garbage"),
        pytest.param("newer", "newer version of this program", id="newer"),
    ],
)
def test_a_database_that_cannot_be_used_is_the_reason_why_none_starts(
    tmp_path: Path, damage: str, reason: str
) -> None:
    data = tmp_path / "data"
    data.mkdir()
    file = data / "poolwatch.db"
    if damage == "garbage":
        file.write_bytes(b"no database " * 1000)
    else:
        with closing(sqlite3.connect(file)) as connection:
            connection.executescript(
                "create table alembic_version (version_num text); "
                "insert into alembic_version values ('0999_future')"
            )
    content = file.read_bytes()
    with pytest.raises(MonitorError) as refused:
        ensure_monitor(data, SystemClock())
    assert reason in str(refused.value) and str(file) in str(refused.value)
    assert file.read_bytes() == content
    assert not is_held(lock_path(data))


def test_a_data_folder_that_cannot_be_made_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(MonitorError, match=r"data folder .* cannot be used"):
        ensure_monitor(tmp_path / "file" / "data", SystemClock())
