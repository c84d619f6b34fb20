"""A worker's loop with a source and a pipeline that do what the story says."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from dashboard.clock import SystemClock
from dashboard.monitor.handle import CAMERA, REDACTED
from dashboard.monitor.orders import MonitorLink, Orders
from dashboard.monitor.watching import Learns, Watching
from dashboard.monitor.wire import Message
from dashboard.settings import MonitorSettings
from dashboard.source.health import Counts
from dashboard.values import Blind, Frame, Image, Observation, Tick, Zone, ZoneKind
from dashboard.vision import SeeBudget
from tests.waiting import until

MAGENTA = np.full((90, 160, 3), (255, 0, 255), np.uint8)
GREEN = np.full((90, 160, 3), (0, 200, 0), np.uint8)


class Seer:
    """Has learnt a green picture."""

    def __init__(self) -> None:
        self.budget = SeeBudget(1, 2, 4)
        self.saved: list[Path] = []
        self.save_error: OSError | None = None

    def empty_picture(self) -> Image | None:
        return GREEN

    def save(self, path: Path) -> None:
        if self.save_error is not None:
            raise self.save_error
        path.write_bytes(b"learnt")
        self.saved.append(path)

    def load(self, path: Path) -> None:
        path.read_bytes()


class Pipeline:
    """Sees nobody, or fails as often as it is told to."""

    def __init__(self) -> None:
        self.seer = Seer()
        self.failures = 0
        self.zones: tuple[Zone, ...] = ()
        self.foreground: tuple[tuple[float, float, float, float], ...] = ()
        self.forgot = 0

    def forget(self) -> None:
        self.forgot += 1

    def process(self, tick: Tick) -> Observation:
        if isinstance(tick, Blind):
            return Observation(tick.camera, tick.t, 0, (0, 0), None, blind_reason=tick.reason)
        if self.failures:
            self.failures -= 1
            raise ValueError("a shape that nobody expected")
        return Observation(tick.camera, tick.t, tick.index, (160, 90), (), foreground=self.foreground)


@dataclass
class Source:
    """Hands out the ticks that the test puts in."""

    ticks: list[Tick] = field(default_factory=list)
    counts: Counts = field(default_factory=lambda: Counts(read=10, dropped=3))

    def next(self, timeout_s: float) -> Tick | None:
        if self.ticks:
            return self.ticks.pop(0)
        threading.Event().wait(0.01)
        return None


class Stage:
    """The loop in a thread, its reports in a list."""

    def __init__(self, kept: Path, settings: MonitorSettings) -> None:
        ours, theirs = socket.socketpair()
        self.source, self.pipeline, self.orders = Source(), Pipeline(), Orders()
        self.reports: list[Message] = []
        self.error: BaseException | None = None
        self._ours, self._theirs = MonitorLink(ours), theirs
        self._socket = ours
        self.watching = Watching(
            "a",
            self.source,
            self.pipeline,  # type: ignore[arg-type]
            self.orders,
            MonitorLink(theirs),
            kept,
            SystemClock(),
            settings,
        )
        self._listener = threading.Thread(target=self._listen)
        self._thread = threading.Thread(target=self._run)

    def start(self) -> None:
        self._listener.start()
        self._thread.start()

    def end(self) -> None:
        self.orders.stopping.set()
        self._thread.join(5)
        self._theirs.close()
        self._listener.join(5)
        self._socket.close()
        assert not self._thread.is_alive()

    def hang_up(self) -> None:
        self._socket.shutdown(socket.SHUT_RDWR)

    def frame(self, index: int = 1) -> None:
        self.source.ticks.append(Frame("a", SystemClock().monotonic(), MAGENTA, index))

    def of(self, kind: str) -> list[Message]:
        return [report for report in self.reports if report.header["type"] == kind]

    def _run(self) -> None:
        try:
            self.watching.run()
        except ValueError as error:
            self.error = error

    def _listen(self) -> None:
        from dashboard.monitor.orders import MonitorGoneError

        try:
            while True:
                self.reports.append(self._ours.receive())
        except MonitorGoneError:
            return


@pytest.fixture
def kept(tmp_path: Path) -> Path:
    return tmp_path / "backgrounds" / "a.npz"


@pytest.fixture
def stage(kept: Path) -> Iterator[Stage]:
    made = Stage(kept, MonitorSettings())
    yield made
    made.end()


def colour(jpeg: bytes) -> list[Any]:
    image = cv2.imdecode(np.frombuffer(jpeg, np.uint8), cv2.IMREAD_COLOR)
    found: list[Any] = np.asarray(image).mean(axis=(0, 1)).round().astype(int).tolist()
    return found


def test_the_fake_seer_is_one_that_learns() -> None:
    assert isinstance(Seer(), Learns)


def test_without_ticks_it_still_gives_signs_of_life(stage: Stage) -> None:
    stage.start()
    health = until(lambda: stage.of("health"), 5, "a sign of life")[0].header
    assert (health["read"], health["dropped"]) == (10, 3)
    assert health["cpu_s"] > 0 and health["rss_mb"] > 1
    assert stage.of("observation") == []


def test_every_tick_is_reported_and_blind_stays_blind(stage: Stage) -> None:
    stage.frame(7)
    stage.source.ticks.append(Blind("a", 5.0, "the camera does not answer", 2.0))
    stage.start()
    until(lambda: len(stage.of("observation")) == 2, 5, "two observations")
    seen, blind = (report.header["observation"] for report in stage.of("observation"))
    assert seen["people"] == [] and seen["index"] == 7
    assert blind["people"] is None and blind["blind_reason"] == "the camera does not answer"


def test_a_new_view_forgets_the_old_one_on_disk_too(stage: Stage, kept: Path) -> None:
    kept.parent.mkdir()
    kept.write_bytes(b"the old view")
    (kept.parent / "a.lights").write_bytes(b"in each light")
    stage.orders.renewing.set()
    stage.frame()
    stage.start()
    until(lambda: stage.of("observation"), 5, "an observation")
    assert stage.pipeline.forgot == 1 and list(kept.parent.iterdir()) == []


def test_nothing_is_encoded_while_nobody_looks(stage: Stage) -> None:
    stage.frame()
    stage.start()
    until(lambda: stage.of("observation"), 5, "an observation")
    until(lambda: stage.of("health"), 5, "a sign of life")
    assert stage.of("picture") == []
    assert all(not report.payload for report in stage.reports)


def test_the_redacted_view_is_the_learnt_picture_and_never_the_real_one(stage: Stage) -> None:
    stage.orders.views = frozenset({REDACTED})
    stage.frame()
    stage.start()
    picture = until(lambda: stage.of("picture"), 5, "a picture")[0]
    until(lambda: stage.of("observation"), 5, "an observation")
    assert colour(picture.payload) == pytest.approx([0, 200, 0], abs=6)
    assert all(not report.payload for report in stage.of("observation"))


def test_the_real_picture_rides_with_its_observation_while_it_is_asked_for(stage: Stage) -> None:
    stage.orders.views = frozenset({CAMERA})
    stage.frame(1)
    stage.start()
    first = until(lambda: stage.of("observation"), 5, "an observation")[0]
    assert colour(first.payload) == pytest.approx([255, 0, 255], abs=6)
    stage.orders.views = frozenset()
    stage.frame(2)
    until(lambda: len(stage.of("observation")) == 2, 5, "another observation")
    assert stage.of("observation")[1].payload == b""


def test_a_failure_of_seeing_is_said_and_the_next_frame_is_seen(stage: Stage) -> None:
    stage.pipeline.failures = 1
    stage.frame(1)
    stage.frame(2)
    stage.start()
    until(lambda: len(stage.of("observation")) == 2, 5, "two observations")
    failed, seen = (report.header["observation"] for report in stage.of("observation"))
    assert failed["people"] is None and "ValueError" in failed["blind_reason"]
    assert failed["camera"] == "a"
    assert seen["people"] == [] and seen["index"] == 2


def test_a_row_of_failures_ends_the_process(stage: Stage) -> None:
    stage.pipeline.failures = 1000
    for index in range(30):
        stage.frame(index)
    stage.start()
    until(lambda: stage.error, 5, "the end of the loop")
    until(lambda: len(stage.of("observation")) == 19, 5, "all that was said before it")


def test_what_was_learnt_is_kept_at_the_end(stage: Stage, kept: Path) -> None:
    stage.start()
    until(lambda: stage.of("health"), 5, "a sign of life")
    assert not kept.exists()
    stage.orders.stopping.set()
    until(kept.exists, 5, "the kept background")
    assert kept.read_bytes() == b"learnt"
    assert [path.name for path in kept.parent.iterdir()] == ["a.npz"]


def test_what_was_learnt_is_kept_now_and_then(kept: Path) -> None:
    stage = Stage(kept, MonitorSettings(save_background_s=0.05))
    stage.start()
    until(lambda: len(stage.pipeline.seer.saved) >= 2, 5, "two savings")
    stage.end()


def test_a_full_disk_costs_the_saving_and_not_the_watch(kept: Path) -> None:
    stage = Stage(kept, MonitorSettings(save_background_s=0.05))
    stage.pipeline.seer.save_error = OSError(28, "No space left on device")
    stage.start()
    until(lambda: stage.of("health"), 5, "a sign of life")
    stage.frame()
    until(lambda: stage.of("observation"), 5, "an observation")
    stage.end()
    assert stage.error is None


def test_a_full_disk_is_said_once_and_that_it_is_over(kept: Path) -> None:
    stage = Stage(kept, MonitorSettings(save_background_s=0.05))
    stage.pipeline.seer.save_error = OSError(28, "No space left on device")
    stage.start()
    until(lambda: stage.of("kept"), 5, "the trouble")
    until(lambda: len(stage.of("health")) >= 3, 5, "signs of life")
    stage.pipeline.seer.save_error = None
    until(lambda: len(stage.of("kept")) == 2, 5, "the end of it")
    stage.end()
    assert [report.header["trouble"] for report in stage.of("kept")] == ["No space left on device", ""]


def test_a_monitor_that_is_gone_ends_the_loop_with_what_was_learnt(stage: Stage, kept: Path) -> None:
    stage.start()
    until(lambda: stage.of("health"), 5, "a sign of life")
    stage.hang_up()
    until(kept.exists, 5, "the kept background")


LEFT_HALF = Zone("a", "neighbour", ZoneKind.MASK, ((0.0, 0.0), (0.5, 0.0), (0.5, 1.0), (0.0, 1.0)))


def halves(jpeg: bytes) -> tuple[list[int], list[int]]:
    """The brightest colour anywhere in the masked half, and the mean of the other; the three columns at the
    border left out, which JPEG smears."""
    image = np.asarray(cv2.imdecode(np.frombuffer(jpeg, np.uint8), cv2.IMREAD_COLOR))
    return image[:, :77].max(axis=(0, 1)).tolist(), image[:, 90:].mean(axis=(0, 1)).round().tolist()


def test_a_mask_is_black_in_every_picture_and_handed_to_the_pipeline(stage: Stage) -> None:
    stage.orders.masks = (LEFT_HALF,)
    stage.orders.views = frozenset({CAMERA, REDACTED})
    stage.frame(1)
    stage.start()
    real = until(lambda: [r for r in stage.of("observation") if r.payload], 5, "a real picture")[0]
    empty = until(lambda: stage.of("picture"), 5, "a learnt picture")[0]
    for report, rest in ((real, [255, 0, 255]), (empty, [0, 200, 0])):
        masked, other = halves(report.payload)
        assert max(masked) < 16, report.header["type"]
        assert other == pytest.approx(rest, abs=6)
    assert stage.pipeline.zones == (LEFT_HALF,)


def test_masks_come_and_go_while_the_worker_runs(stage: Stage) -> None:
    stage.orders.views = frozenset({REDACTED})
    stage.start()
    until(lambda: stage.of("picture"), 5, "a picture")
    stage.orders.masks = (LEFT_HALF,)
    until(lambda: len(stage.of("picture")) == 2, 5, "a picture with the mask, at once")
    assert max(halves(stage.of("picture")[1].payload)[0]) < 16
    stage.orders.masks = ()
    until(lambda: len(stage.of("picture")) == 3, 5, "a picture without it")
    assert colour(stage.of("picture")[2].payload) == pytest.approx([0, 200, 0], abs=6)


def test_nothing_is_unexplained_in_a_mask(stage: Stage) -> None:
    stage.pipeline.foreground = ((10.0, 10.0, 30.0, 40.0), (100.0, 10.0, 120.0, 40.0))
    stage.orders.masks = (LEFT_HALF,)
    stage.frame(1)
    stage.start()
    seen = until(lambda: stage.of("observation"), 5, "an observation")[0].header["observation"]
    assert seen["foreground"] == [[100.0, 10.0, 120.0, 40.0]]
