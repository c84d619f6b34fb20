"""Keeping workers alive, with hosts that live and die as the story says."""

from __future__ import annotations

import asyncio
import functools
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from dashboard.clock import SystemClock
from dashboard.monitor.handle import CAMERA, REDACTED
from dashboard.monitor.host import WorkOrder
from dashboard.monitor.judge import Judge
from dashboard.monitor.watch import Watch
from dashboard.monitor.wire import Message
from dashboard.settings import MonitorSettings, Settings
from dashboard.values import CameraSpec, CameraState, SourceKind, Zone, ZoneKind
from tests.unit.monitor_loop import seen

POOL = CameraSpec("a", "Pool", SourceKind.FILE, "x.mp4")
GATE = CameraSpec("b", "Gate", SourceKind.FILE, "y.mp4", position=1)
QUICK = Settings(monitor=MonitorSettings(restart_s=0.05, restart_max_s=0.2, stop_s=0.5))
READY = Message({"type": "ready"})
END = Message({"type": "end"})


class Host:
    """A worker whose reports the test puts in."""

    def __init__(self, order: WorkOrder) -> None:
        self.order = order
        self.queue: asyncio.Queue[Message] = asyncio.Queue()
        self.heartbeat = SystemClock().monotonic()
        self.looks: list[frozenset[str]] = []
        self.masks: list[tuple[Zone, ...]] = []
        self.pushed: list[tuple[float, bytes]] = []
        self.recorded: list[Mapping[str, object]] = []
        self.told: list[Mapping[str, object]] = []
        self.stopped = self.killed = self.waited_for = False
        self.start_error: OSError | None = None
        self.how = "its process was killed (SIGKILL)"

    async def start(self) -> None:
        if self.start_error is not None:
            raise self.start_error

    async def reports(self) -> AsyncIterator[Message]:
        while (message := await self.queue.get()) is not END:
            self.heartbeat = SystemClock().monotonic()
            yield message

    def look(self, views: Collection[str]) -> None:
        self.looks.append(frozenset(views))

    def mask(self, masks: Sequence[Zone]) -> None:
        self.masks.append(tuple(masks))

    def record(self, order: Mapping[str, object]) -> None:
        self.recorded.append(order)

    def tell(self, order: Mapping[str, object]) -> None:
        self.told.append(order)

    def push(self, t: float, jpeg: bytes) -> None:
        self.pushed.append((t, jpeg))

    async def stop(self, patience_s: float) -> None:
        self.stopped = True
        self.queue.put_nowait(END)

    def kill(self) -> None:
        self.killed = True
        self.queue.put_nowait(END)

    async def ending(self) -> str:
        self.waited_for = True
        return self.how

    def see(self, t: float | None = None, jpeg: bytes = b"") -> None:
        now = SystemClock().monotonic()
        self.queue.put_nowait(
            Message({"type": "observation", "observation": seen(now if t is None else t)}, jpeg)
        )


class Stage:
    """A watch over fake hosts."""

    def __init__(self, data: Path, settings: Settings = QUICK) -> None:
        self.hosts: list[Host] = []
        self.prepare: Callable[[Host], None] = lambda host: None
        self.clock = SystemClock()
        self.judge = Judge(2.0, 0)
        self.watch = Watch(data, self._make, self.judge, self.clock, settings)

    def _make(self, order: WorkOrder) -> Host:
        host = Host(order)
        self.prepare(host)
        self.hosts.append(host)
        return host

    def state(self, camera: str = "a") -> tuple[CameraState, str]:
        return self.judge.state(camera, self.clock.monotonic())


async def soon(ask: Callable[[], Any]) -> None:
    async with asyncio.timeout(5):
        while not ask():
            await asyncio.sleep(0.005)


def play(data: Path, story: Callable[[Stage], Awaitable[None]], settings: Settings = QUICK) -> None:
    async def run() -> None:
        stage = Stage(data, settings)
        try:
            await story(stage)
        finally:
            await stage.watch.stop()

    asyncio.run(run())


def test_a_watch_without_cameras(tmp_path: Path) -> None:
    async def story(stage: Stage) -> None:
        stage.watch.begin(())
        assert stage.watch.described() == [] and stage.hosts == []

    play(tmp_path, story)


def test_a_worker_that_dies_is_started_again_and_the_other_goes_on(tmp_path: Path) -> None:
    async def story(stage: Stage) -> None:
        stage.watch.begin((POOL, GATE))
        await soon(lambda: len(stage.hosts) == 2)
        stage.hosts[0].see()
        await soon(lambda: stage.state()[0] is CameraState.LIVE)
        stage.hosts[0].queue.put_nowait(END)
        await soon(lambda: stage.state()[0] is CameraState.BLIND)
        assert "killed (SIGKILL)" in stage.state()[1] and "starts again" in stage.state()[1]
        await soon(lambda: len(stage.hosts) == 3)
        assert stage.hosts[2].order.camera == POOL
        stage.hosts[2].queue.put_nowait(READY)
        stage.hosts[2].see()
        await soon(lambda: stage.state()[0] is CameraState.LIVE)
        assert stage.judge.restarts("a") == 1 and stage.judge.restarts("b") == 0
        assert not stage.hosts[1].killed

    play(tmp_path, story)


def test_a_worker_that_stalls_is_killed_and_said(tmp_path: Path) -> None:
    stalling = Settings(monitor=MonitorSettings(restart_s=0.05, stall_s=1.0))

    async def story(stage: Stage) -> None:
        stage.watch.begin((POOL,))
        await soon(lambda: stage.hosts)
        stage.hosts[0].queue.put_nowait(READY)
        stage.hosts[0].see()
        await soon(lambda: stage.hosts[0].killed)
        await soon(lambda: "no sign of life" in stage.state()[1])
        await soon(lambda: len(stage.hosts) == 2)

    play(tmp_path, story, stalling)


def test_a_worker_that_loads_its_models_is_given_time(tmp_path: Path) -> None:
    stalling = Settings(monitor=MonitorSettings(restart_s=0.05, stall_s=1.0))

    async def story(stage: Stage) -> None:
        stage.watch.begin((POOL, GATE))
        await soon(lambda: len(stage.hosts) == 2)
        stage.hosts[1].queue.put_nowait(READY)
        await soon(lambda: stage.hosts[1].killed)
        assert not stage.hosts[0].killed

    play(tmp_path, story, stalling)


def test_a_worker_that_cannot_work_says_why_and_is_tried_less_and_less_often(tmp_path: Path) -> None:
    def fail(host: Host) -> None:
        host.how = "its process ended with code 1"
        host.queue.put_nowait(Message({"type": "failed", "reason": "weights are missing"}))
        host.queue.put_nowait(END)

    async def story(stage: Stage) -> None:
        stage.prepare = fail
        stage.watch.begin((POOL,))
        await soon(lambda: len(stage.hosts) == 4)
        state, reason = stage.state()
        assert state is CameraState.BLIND and reason.startswith("weights are missing")
        assert stage.judge.restarts("a") >= 3

    play(tmp_path, story)


def test_a_machine_without_room_for_a_process_is_said(tmp_path: Path) -> None:
    def refuse(host: Host) -> None:
        host.start_error = OSError(12, "Cannot allocate memory")

    async def story(stage: Stage) -> None:
        stage.prepare = refuse
        stage.watch.begin((POOL,))
        await soon(lambda: "Cannot allocate memory" in stage.state()[1])
        await soon(lambda: len(stage.hosts) == 2)

    play(tmp_path, story)


def test_a_failure_of_our_own_ends_that_worker_and_starts_another(tmp_path: Path) -> None:
    async def story(stage: Stage) -> None:
        stage.watch.begin((POOL,))
        await soon(lambda: stage.hosts)
        stage.hosts[0].queue.put_nowait(None)  # type: ignore[arg-type]
        await soon(lambda: len(stage.hosts) == 2)
        assert stage.hosts[0].killed and stage.hosts[0].waited_for

    play(tmp_path, story)


@pytest.mark.parametrize(
    "report",
    [
        pytest.param(Message({}), id="no type"),
        pytest.param(Message({"type": "observation"}), id="no observation"),
        pytest.param(Message({"type": "observation", "observation": 5}), id="a number"),
        pytest.param(Message({"type": "health"}), id="no health"),
    ],
)
def test_a_worker_that_reports_nonsense_is_started_again(tmp_path: Path, report: Message) -> None:
    async def story(stage: Stage) -> None:
        stage.watch.begin((POOL,))
        await soon(lambda: stage.hosts)
        stage.hosts[0].queue.put_nowait(report)
        await soon(lambda: len(stage.hosts) == 2)
        assert stage.hosts[0].killed

    play(tmp_path, story)


def test_a_change_of_the_name_leaves_the_worker_and_of_the_address_does_not(tmp_path: Path) -> None:
    async def story(stage: Stage) -> None:
        stage.watch.begin((POOL,))
        await soon(lambda: stage.hosts)
        await stage.watch.change(CameraSpec("a", "Pond", SourceKind.FILE, "x.mp4"))
        assert len(stage.hosts) == 1 and stage.watch.described()[0]["name"] == "Pond"
        await stage.watch.change(CameraSpec("a", "Pond", SourceKind.FILE, "z.mp4"))
        await soon(lambda: len(stage.hosts) == 2)
        assert stage.hosts[0].stopped and not stage.hosts[0].killed
        assert stage.hosts[1].order.camera.address == "z.mp4"

    play(tmp_path, story)


def test_switching_off_stops_and_on_starts(tmp_path: Path) -> None:
    async def story(stage: Stage) -> None:
        stage.watch.begin((POOL,))
        await soon(lambda: stage.hosts)
        await stage.watch.change(CameraSpec("a", "Pool", SourceKind.FILE, "x.mp4", enabled=False))
        assert stage.hosts[0].stopped
        assert stage.state() == (CameraState.STOPPED, "switched off")
        await stage.watch.change(POOL)
        await soon(lambda: len(stage.hosts) == 2)

    play(tmp_path, story)


def test_a_removed_camera_is_stopped_and_what_it_learnt_forgotten(tmp_path: Path) -> None:
    folder = tmp_path / "backgrounds"
    folder.mkdir()
    # Also what was set aside, and what a killed process left.
    for ending in ("npz", "npz.part", "lights", "lights.part", "lights.aside"):
        (folder / f"a.{ending}").write_bytes(b"x")
    (folder / "b.lights").write_bytes(b"of another camera")

    async def story(stage: Stage) -> None:
        stage.watch.begin((POOL,))
        await soon(lambda: stage.hosts)
        await stage.watch.remove("a")
        assert stage.hosts[0].stopped and stage.watch.cameras() == ()
        assert [path.name for path in folder.iterdir()] == ["b.lights"]

    play(tmp_path, story)


def _is_told(stage: Stage, trouble: str) -> bool:
    return bool(stage.watch.described()[0]["unkept"] == trouble)


def test_that_nothing_can_be_kept_is_known_until_it_can_again(tmp_path: Path) -> None:
    async def story(stage: Stage) -> None:
        stage.watch.begin((POOL,))
        await soon(lambda: stage.hosts)
        for trouble in ("No space left on device", ""):
            stage.hosts[0].queue.put_nowait(Message({"type": "kept", "trouble": trouble}))
            await soon(functools.partial(_is_told, stage, trouble))

    play(tmp_path, story)


def test_a_camera_removed_while_its_worker_is_down_does_not_come_back(tmp_path: Path) -> None:
    async def story(stage: Stage) -> None:
        stage.watch.begin((POOL, GATE))
        await soon(lambda: len(stage.hosts) == 2)
        for host in stage.hosts:
            host.queue.put_nowait(END)
        await soon(lambda: stage.judge.restarts("a") and stage.judge.restarts("b"))
        await stage.watch.remove("a")
        # The other one, which died after it, has come back.
        await soon(lambda: len(stage.hosts) == 3)
        assert stage.hosts[2].order.camera == GATE

    play(tmp_path, story)


def test_a_real_picture_leaves_a_worker_only_when_that_is_allowed(tmp_path: Path) -> None:
    async def story(stage: Stage) -> None:
        stage.watch.begin((POOL,))
        await soon(lambda: stage.hosts)
        host = stage.hosts[0]
        both = {("a", REDACTED), ("a", CAMERA)}
        stage.watch.look(both)
        assert host.looks[-1] == {REDACTED}
        stage.watch.use_opened(frozenset({"a"}))
        stage.watch.look(both)
        assert host.looks[-1] == {REDACTED, CAMERA}
        host.see(jpeg=b"real")
        await soon(lambda: (shown := stage.judge.shown("a", CAMERA)) and shown.jpeg == b"real")
        stage.watch.use_opened(frozenset())
        assert host.looks[-1] == {REDACTED}
        # One that was on its way already.
        host.see(t=12.5, jpeg=b"late")
        await soon(lambda: stage.judge.shown("a", CAMERA).t == 12.5)  # type: ignore[union-attr]
        shown = stage.judge.shown("a", CAMERA)
        assert shown is not None and shown.jpeg is None

    play(tmp_path, story)


def test_a_worker_that_comes_back_is_told_what_is_looked_at(tmp_path: Path) -> None:
    async def story(stage: Stage) -> None:
        stage.watch.begin((POOL,))
        await soon(lambda: stage.hosts)
        stage.watch.look({("a", REDACTED)})
        stage.hosts[0].queue.put_nowait(END)
        await soon(lambda: len(stage.hosts) == 2 and stage.hosts[1].looks)
        assert stage.hosts[1].looks == [{REDACTED}]

    play(tmp_path, story)


def test_a_push_reaches_its_camera_only(tmp_path: Path) -> None:
    async def story(stage: Stage) -> None:
        stage.watch.begin((POOL, GATE))
        await soon(lambda: len(stage.hosts) == 2)
        stage.watch.push("b", 1.0, b"x")
        stage.watch.push("nobody", 1.0, b"x")
        assert [host.pushed for host in stage.hosts] == [[], [(1.0, b"x")]]

    play(tmp_path, story)


@pytest.mark.parametrize(("cores", "threads"), [(1, 1), (2, 1), (6, 3), (64, 8)])
def test_the_cores_are_shared_among_the_cameras_that_watch(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, cores: int, threads: int
) -> None:
    monkeypatch.setattr("os.sched_getaffinity", lambda pid: set(range(cores)))

    async def story(stage: Stage) -> None:
        off = CameraSpec("c", "Off", SourceKind.FILE, enabled=False)
        stage.watch.begin((POOL, GATE, off))
        await soon(lambda: len(stage.hosts) == 2)
        assert [host.order.threads for host in stage.hosts] == [threads, threads]

    play(tmp_path, story)


HALF = ((0.0, 0.0), (0.5, 0.0), (0.5, 1.0), (0.0, 1.0))
MASK = Zone("a", "neighbour", ZoneKind.MASK, HALF)
WATER = Zone("a", "pool", ZoneKind.WATER, HALF)


def test_masks_reach_only_their_own_worker_without_a_restart(tmp_path: Path) -> None:
    async def story(stage: Stage) -> None:
        told: list[str] = []
        stage.watch.zoned = lambda: told.append("zones")
        stage.watch.use_zones((WATER, MASK))
        stage.watch.begin((POOL, GATE))
        await soon(lambda: len(stage.hosts) == 2)
        assert [host.order.masks for host in stage.hosts] == [(MASK,), ()]
        stage.watch.use_zones((WATER,))
        assert stage.hosts[0].masks == [()] and stage.hosts[1].masks == []
        stage.watch.use_zones((WATER,))
        assert (len(told), len(stage.hosts), stage.hosts[0].masks) == (2, 2, [()])
        assert [zone["kind"] for zone in stage.watch.zones()["a"]] == ["water"]

    play(tmp_path, story)


def test_water_reaches_its_worker_also_when_that_begins_again(tmp_path: Path) -> None:
    async def story(stage: Stage) -> None:
        stage.watch.begin((POOL,))
        await soon(lambda: stage.hosts)
        stage.watch.use_zones((WATER, Zone("b", "tub", ZoneKind.WATER, HALF)))
        await soon(lambda: stage.hosts[0].told)
        assert [order["type"] for order in stage.hosts[0].told] == ["water"]
        assert len(stage.hosts[0].told[0]["zones"]) == 1  # type: ignore[arg-type]
        stage.hosts[0].kill()
        await soon(lambda: len(stage.hosts) == 2 and stage.hosts[1].told)
        assert stage.hosts[1].told == stage.hosts[0].told

    play(tmp_path, story)


def test_a_new_mask_forgets_the_pictures_from_before_it(tmp_path: Path) -> None:
    async def story(stage: Stage) -> None:
        stage.watch.begin((POOL,))
        stage.watch.use_opened(frozenset({"a"}))
        await soon(lambda: stage.hosts)
        stage.watch.look([("a", CAMERA), ("a", REDACTED)])
        stage.hosts[0].queue.put_nowait(READY)
        stage.hosts[0].queue.put_nowait(Message({"type": "picture"}, b"learnt"))
        stage.hosts[0].see(jpeg=b"real")
        await soon(lambda: (shown := stage.judge.shown("a", CAMERA)) is not None and shown.jpeg == b"real")
        stage.watch.use_zones((MASK,))
        for view in (CAMERA, REDACTED):
            shown = stage.judge.shown("a", view)
            assert shown is not None and shown.jpeg is None, view

    play(tmp_path, story)
