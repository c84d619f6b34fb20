"""Network cameras against a real RTSP server: opening, refusals, cuts, freezes and what comes after."""

from __future__ import annotations

import gc
import itertools
import logging
import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from dashboard.clock import SystemClock
from dashboard.settings import SourceSettings
from dashboard.source import Reader, SourceError, open_source, probe, reading
from dashboard.source.base import Reporting
from dashboard.values import Blind, CameraSpec, Frame, SourceKind
from tests.rtsp.bad_network import BadNetwork
from tests.rtsp.camera import RtspCamera, free_port, rtsp_camera
from tests.waiting import until

pytestmark = pytest.mark.rtsp

SETTINGS = SourceSettings(retry_first_s=0.1, retry_most_s=0.5)
CLOCK = SystemClock()


@pytest.fixture(scope="module")
def open_camera() -> Iterator[RtspCamera]:
    with rtsp_camera() as camera:
        yield camera


@pytest.fixture(scope="module", params=["basic", "digest"])
def locked_camera(request: pytest.FixtureRequest) -> Iterator[RtspCamera]:
    with rtsp_camera(user="me", password="p@s/s:1", auth=request.param) as camera:
        yield camera


def spec_of(url: str, max_fps: float | None = None) -> CameraSpec:
    return CameraSpec("pool", "Pool", SourceKind.RTSP, url, max_fps=max_fps)


@contextmanager
def running(url: str, settings: SourceSettings = SETTINGS) -> Iterator[Reader]:
    reader = Reader(spec_of(url), CLOCK, settings)
    reader.start()
    try:
        yield reader
    finally:
        reader.stop()


def next_frame(reader: Reader, within_s: float = 15.0) -> Frame:
    def look() -> Frame | None:
        tick = reader.next(0.5)
        return tick if isinstance(tick, Frame) else None

    frame = until(look, within_s, "a frame")
    assert frame is not None
    return frame


def next_blind(reader: Reader, within_s: float = 15.0, reason: str = "") -> Blind:
    def look() -> Blind | None:
        tick = reader.next(0.5)
        return tick if isinstance(tick, Blind) and reason in tick.reason else None

    blind = until(look, within_s, f"blind because of {reason!r}")
    assert blind is not None
    return blind


def reason_of(url: str) -> str:
    with pytest.raises(SourceError) as caught:
        probe(spec_of(url), CLOCK, SETTINGS)
    return caught.value.reason


def test_frames_come_with_the_time_of_their_arrival(open_camera: RtspCamera) -> None:
    with reading(open_source(spec_of(open_camera.url()), CLOCK, SETTINGS)) as frames:
        got = [(frame, CLOCK.monotonic()) for frame in itertools.islice(frames, 40)]
    assert {frame.image.shape for frame, _ in got} == {(240, 320, 3)}
    assert [frame.index for frame, _ in got] == list(range(1, 41))
    # One frame is held back by FFmpeg until the next begins, so its age is at least that of a frame.
    assert all(-0.05 < now - frame.t < 0.5 for frame, now in got)
    times = [frame.t for frame, _ in got]
    assert times == sorted(times) and times[-1] - times[10] == pytest.approx(29 / 25, abs=0.4)


def test_opening_is_quick(open_camera: RtspCamera) -> None:
    start = CLOCK.monotonic()
    probe(spec_of(open_camera.url()), CLOCK, SETTINGS)
    assert CLOCK.monotonic() - start < 1.5


def test_thinned(open_camera: RtspCamera) -> None:
    with reading(open_source(spec_of(open_camera.url(), max_fps=5), CLOCK, SETTINGS)) as frames:
        times = [frame.t for frame in itertools.islice(frames, 12)]
    assert times[-1] - times[1] == pytest.approx(10 / 5, abs=0.3)


def test_thinned_mjpeg_is_not_even_decoded() -> None:
    with rtsp_camera(codec="mjpeg", fps=20) as camera:
        source = open_source(spec_of(camera.url(), max_fps=4), CLOCK, SETTINGS)
        with reading(source) as frames:
            times = [frame.t for frame in itertools.islice(frames, 9)]
    assert times[-1] - times[1] == pytest.approx(7 / 4, abs=0.3)
    assert isinstance(source, Reporting) and source.progress.corrupt == 0


def test_password(locked_camera: RtspCamera) -> None:
    frame = probe(spec_of(locked_camera.url("me:p%40s%2Fs%3A1")), CLOCK, SETTINGS)
    assert frame.image.shape == (240, 320, 3)
    assert reason_of(locked_camera.url("me:wrong")) == "the camera refused the user name or password"
    assert reason_of(locked_camera.url("you:p%40s%2Fs%3A1")) == "the camera refused the user name or password"
    assert reason_of(locked_camera.url()) == "the camera asks for a user name and a password"


def test_encrypted(tmp_path: Path) -> None:
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("needs openssl, for a certificate")
    pem = tmp_path / "camera.pem"
    options = ["-newkey", "rsa:2048", "-nodes", "-days", "1", "-subj", "/CN=camera"]
    files = ["-keyout", str(tmp_path / "key.pem"), "-out", str(pem)]
    subprocess.run([openssl, "req", "-x509", *options, *files], check=True, capture_output=True)
    pem.write_text(pem.read_text() + (tmp_path / "key.pem").read_text())
    with rtsp_camera(tls=pem) as camera:
        url = camera.url().replace("rtsp://", "rtsps://")
        assert probe(spec_of(url), CLOCK, SETTINGS).image.shape == (240, 320, 3)


def test_a_wrong_password_is_not_tried_again_soon(locked_camera: RtspCamera) -> None:
    with running(locked_camera.url("me:wrong")) as reader:
        blind = next_blind(reader, reason="refused the user name or password")
        assert blind.silent_s >= SETTINGS.blind_after_s
        assert reader.counts.reconnects == 0


def test_nothing_there(open_camera: RtspCamera) -> None:
    port = free_port()
    assert reason_of(open_camera.url(path="other")).endswith("has no stream of this name (path not found)")
    assert reason_of(f"rtsp://127.0.0.1:{port}/live") == (
        f"nothing answers at 127.0.0.1 port {port} (connection refused)"
    )
    assert reason_of("rtsp://camera.invalid/live") == "there is no host named camera.invalid on this network"


def test_a_cut_and_the_return() -> None:
    with rtsp_camera() as camera, running(camera.url()) as reader:
        last = next_frame(reader)
        camera.cut()
        cut_at = CLOCK.monotonic()
        blind = next_blind(reader, reason="nothing answers")
        assert blind.t - cut_at < SETTINGS.blind_after_s + 0.6
        camera.start()
        assert next_frame(reader).index > last.index
        assert reader.counts.reconnects >= 1 and reader.counts.failures == 0


def test_a_freeze_is_told_on_time_and_thaws() -> None:
    with rtsp_camera() as camera, running(camera.url()) as reader:
        next_frame(reader)
        camera.freeze()
        last_at = last_frame_at(reader)
        blind = next_blind(reader)
        assert blind.reason == "the camera stopped sending pictures"
        assert blind.silent_s >= SETTINGS.blind_after_s
        assert blind.t - last_at < SETTINGS.blind_after_s + 0.5
        waits = [_wait_of(reader, 0.3) for _ in range(4)]
        assert max(waits) < 0.6
        camera.thaw()
        frame = next_frame(reader)
        assert CLOCK.monotonic() - frame.t < 0.5


def last_frame_at(reader: Reader) -> float:
    """The time at which the newest frame was got, when no more come."""
    got = CLOCK.monotonic()
    while isinstance(reader.next(0.3), Frame):
        got = CLOCK.monotonic()
    return got


def _wait_of(reader: Reader, timeout_s: float) -> float:
    start = CLOCK.monotonic()
    assert isinstance(reader.next(timeout_s), Blind)
    return CLOCK.monotonic() - start


def test_a_camera_frozen_for_long_is_opened_anew() -> None:
    settings = replace(SETTINGS, read_s=1.0, open_s=1.0)
    with rtsp_camera() as camera, running(camera.url(), settings) as reader:
        next_frame(reader)
        camera.freeze()
        until(lambda: reader.next(0.2) is not None and reader.counts.reconnects >= 2, 15.0, "two new tries")
        next_blind(reader, reason="timed out")
        camera.thaw()
        next_frame(reader)


def test_pictures_that_the_network_held_back_are_not_served_as_live() -> None:
    settings = replace(SETTINGS, read_s=10.0)
    with (
        rtsp_camera() as camera,
        BadNetwork(camera.port) as network,
        running(f"rtsp://127.0.0.1:{network.port}/live", settings) as reader,
    ):
        until(lambda: isinstance(reader.next(0.1), Frame) and reader.counts.read >= 30, 10, "frames")
        network.hold.set()
        blind_at = next_blind(reader).t
        until(lambda: CLOCK.monotonic() > blind_at + 2, 5, "four seconds without data")
        network.hold.clear()
        next_frame(reader)
        # Of some hundred pictures kept, all but those of the last second are left out.
        assert 60 < reader.counts.late < 130
        got = [next_frame(reader) for _ in range(40)]
        assert all(b.t > a.t for a, b in itertools.pairwise(got))
        assert CLOCK.monotonic() - got[-1].t < 0.5
        assert reader.counts.late < 130 and reader.counts.reconnects == 0


def test_damage_on_the_way_costs_pictures_but_not_the_camera() -> None:
    with (
        rtsp_camera(size="640x480", pattern="snow") as camera,
        BadNetwork(camera.port) as network,
        running(f"rtsp://127.0.0.1:{network.port}/live") as reader,
    ):
        next_frame(reader)
        network.damage.set()
        until(lambda: reader.next(0.1) is not None and _harm(reader) > 5, 20, "harm")
        network.damage.clear()
        # An opening that the damage has hit may take all of its time, and one more a pause.
        frames = [next_frame(reader, within_s=25) for _ in range(50)]
        assert frames[-1].t > frames[0].t and reader.counts.failures == 0


def _harm(reader: Reader) -> int:
    return reader.counts.corrupt + 10 * reader.counts.reconnects


def test_a_dropped_connection_is_made_again() -> None:
    with (
        rtsp_camera() as camera,
        BadNetwork(camera.port) as network,
        running(f"rtsp://127.0.0.1:{network.port}/live") as reader,
    ):
        next_frame(reader)
        for times in (1, 2, 3):
            network.drop()
            dropped_at = CLOCK.monotonic()
            until(_reconnected(reader, times), 10, "a new connection")
            next_frame(reader)
            assert CLOCK.monotonic() - dropped_at < 3.0


def _reconnected(reader: Reader, times: int) -> Callable[[], bool]:
    return lambda: reader.next(0.1) is not None and reader.counts.reconnects >= times


def test_stopping_while_the_camera_is_frozen() -> None:
    with rtsp_camera() as camera:
        reader = Reader(spec_of(camera.url()), CLOCK, SETTINGS)
        reader.start()
        next_frame(reader)
        camera.freeze()
        start = CLOCK.monotonic()
        reader.stop()
        assert CLOCK.monotonic() - start < 2.5
        assert reader.ended


def test_a_stuck_encoder_is_blind() -> None:
    settings = replace(SETTINGS, frozen_after_s=2.0)
    with rtsp_camera(pattern="black") as camera, running(camera.url(), settings) as reader:
        next_frame(reader)
        blind = next_blind(reader, reason="frozen")
        assert blind.silent_s >= settings.frozen_after_s
        assert reader.counts.unchanged > 0


def test_no_credentials_in_log_reason_or_repr(
    locked_camera: RtspCamera, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG):
        for credentials in ("me:SECRET", "SECRET:x"):
            spec = spec_of(locked_camera.url(credentials))
            with running(spec.address) as reader:
                blind = next_blind(reader)
            words = f"{blind} {spec!r} {reader!r} {open_source(spec, CLOCK, SETTINGS)!r} {caplog.text}"
            assert "SECRET" not in words


def test_fifty_openings_leave_nothing_behind(open_camera: RtspCamera) -> None:
    def resident_kib() -> int:
        gc.collect()
        return int(Path("/proc/self/status").read_text().partition("VmRSS:")[2].split()[0])

    def open_it(times: int) -> None:
        for _ in range(times):
            probe(spec, CLOCK, SETTINGS)

    spec = spec_of(open_camera.url())
    # What the first openings load stays; after that a leak of one small picture each would show.
    open_it(15)
    before = resident_kib()
    open_it(35)
    files = len(list(Path("/proc/self/fd").iterdir()))
    assert files < 60
    assert resident_kib() - before < 35 * 225
