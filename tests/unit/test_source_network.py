"""Network cameras that are no good (silent, talking nonsense, pointing elsewhere), and pictures over HTTP."""

from __future__ import annotations

import itertools
import socket
import threading
from base64 import b64encode
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import cv2
import numpy as np
import pytest

from dashboard.clock import SystemClock
from dashboard.settings import SourceSettings
from dashboard.source import SourceError, open_source, probe, reading
from dashboard.source.base import Reporting
from dashboard.values import CameraSpec, SourceKind
from tests.clips import number_in, picture, write_clip

CLOCK = SystemClock()
SETTINGS = SourceSettings(open_s=1.0, read_s=1.0)


def spec_of(url: str, max_fps: float | None = None) -> CameraSpec:
    return CameraSpec("pool", "Pool", SourceKind.RTSP, url, max_fps=max_fps)


def reason_of(url: str, timeout_s: float = 8.0) -> str:
    with pytest.raises(SourceError) as caught:
        probe(spec_of(url), CLOCK, SETTINGS, timeout_s)
    return caught.value.reason


@contextmanager
def host(talk: Callable[[socket.socket], None]) -> Iterator[int]:
    """A host on loopback that does `talk` with every caller; gives its port."""
    listener = socket.create_server(("127.0.0.1", 0))
    over = threading.Event()

    def serve() -> None:
        while not over.is_set():
            try:
                caller, _ = listener.accept()
            except OSError:
                return
            with caller:
                caller.settimeout(5)
                try:
                    talk(caller)
                    over.wait(5) if talk is silence else None
                except OSError:
                    continue

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield listener.getsockname()[1]
    finally:
        over.set()
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join(5)


def silence(caller: socket.socket) -> None:
    """Takes the call and says nothing."""


def hang_up(caller: socket.socket) -> None:
    """Closes at once."""


def nonsense(caller: socket.socket) -> None:
    caller.recv(1000)
    caller.sendall(np.random.default_rng(4).bytes(20_000))


def web_page(caller: socket.socket) -> None:
    caller.recv(1000)
    caller.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n<html>Welcome</html>")


def elsewhere(caller: socket.socket) -> None:
    """Redirects to a file of the machine."""
    request = caller.recv(2000).decode(errors="replace")
    number = request.partition("CSeq: ")[2].partition("\r")[0]
    protocol = request.partition("\r")[0].rpartition(" ")[2]
    caller.sendall(f"{protocol} 302 Found\r\nCSeq: {number}\r\nLocation: file:///etc/passwd\r\n\r\n".encode())


@pytest.mark.parametrize("scheme", ["rtsp", "http"])
@pytest.mark.parametrize("talk", [silence, hang_up, nonsense, web_page, elsewhere], ids=lambda t: t.__name__)
def test_no_camera(talk: Callable[[socket.socket], None], scheme: str) -> None:
    with host(talk) as port:
        start = CLOCK.monotonic()
        reason = reason_of(f"{scheme}://me:SECRET@127.0.0.1:{port}/live")
        assert CLOCK.monotonic() - start < 6.0
    assert f"127.0.0.1 port {port}" in reason and "SECRET" not in reason and "passwd" not in reason
    if talk is silence:
        assert reason == f"nothing answers at 127.0.0.1 port {port} (timed out)"


def test_probe_keeps_to_its_time() -> None:
    with host(silence) as port:
        start = CLOCK.monotonic()
        reason = reason_of(f"rtsp://127.0.0.1:{port}/live", timeout_s=0.5)
        assert CLOCK.monotonic() - start < 1.5
    assert "0.5 s" in reason or "timed out" in reason


PLAY_LIST = b"#EXTM3U\n#EXT-X-TARGETDURATION:2\n#EXTINF:1.2,\nclip.ts\n#EXT-X-ENDLIST\n"


class Webcam(BaseHTTPRequestHandler):
    """A cheap network camera: JPEG after JPEG at /video, with a password at /locked."""

    clip: Path

    def do_GET(self) -> None:
        if self.path == "/locked" and self.headers.get("Authorization") != self.right():
            self.send_response(401)
            self.send_header("WWW-Authenticate", 'Basic realm="camera"')
            self.end_headers()
        elif self.path in ("/video", "/locked", "/short"):
            self.stream(6 if self.path == "/short" else 200)
        elif self.path == "/away":
            self.send_response(302)
            self.send_header("Location", "file:///etc/passwd")
            self.end_headers()
        elif self.path == "/list.m3u8":
            self.answer("application/vnd.apple.mpegurl", b"#EXTM3U\n#EXTINF:1,\nfile:///etc/passwd\n")
        elif self.path == "/late.m3u8":
            self.answer("application/vnd.apple.mpegurl", PLAY_LIST)
        elif self.path == "/clip.ts":
            self.answer("video/mp2t", self.clip.read_bytes())
        else:
            self.send_error(404)

    @staticmethod
    def right() -> str:
        return "Basic " + b64encode(b"me:p@ss").decode()

    def answer(self, kind: str, body: bytes) -> None:
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def stream(self, count: int) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "multipart/x-mixed-replace; boundary=frame")
        self.end_headers()
        pause = threading.Event()
        for n in range(count):
            jpeg = cv2.imencode(".jpg", picture(n))[1].tobytes()
            head = f"--frame\r\nContent-Type: image/jpeg\r\nContent-Length: {len(jpeg)}\r\n\r\n"
            try:
                self.wfile.write(head.encode() + jpeg + b"\r\n")
            except OSError:
                return
            pause.wait(0.02)

    def log_message(self, format: str, *args: object) -> None:
        """Keeps the test's output quiet."""


@pytest.fixture(scope="module")
def webcam(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    Webcam.clip = write_clip(tmp_path_factory.mktemp("web") / "clip.ts")
    server = ThreadingHTTPServer(("127.0.0.1", 0), Webcam)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    yield f"127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()
    thread.join(5)


def test_pictures_over_http(webcam: str) -> None:
    source = open_source(spec_of(f"http://{webcam}/video"), CLOCK, SETTINGS)
    with reading(source) as frames:
        got = [(f, CLOCK.monotonic()) for f in itertools.islice(frames, 60)]
    numbers = [number_in(f.image) for f, _ in got]
    assert numbers == list(range(numbers[0], numbers[0] + 60))
    assert all(now - f.t < 0.3 for f, now in got)
    assert isinstance(source, Reporting) and source.progress.late == 0


def test_pictures_over_http_with_a_password(webcam: str) -> None:
    assert probe(spec_of(f"http://me:p@ss@{webcam}/locked"), CLOCK, SETTINGS).image.shape == (240, 320, 3)
    assert reason_of(f"http://me:SECRET@{webcam}/locked") == "the camera refused the user name or password"
    assert reason_of(f"http://{webcam}/locked") == "the camera asks for a user name and a password"


def test_a_stream_over_http_that_ends(webcam: str) -> None:
    numbers = []
    source = open_source(spec_of(f"http://{webcam}/short"), CLOCK, SETTINGS)
    with reading(source) as frames, pytest.raises(SourceError, match="the connection to the camera was cut"):
        for frame in frames:
            numbers.append(number_in(frame.image))
    assert numbers[:5] == [0, 1, 2, 3, 4]


def test_a_transport_stream_over_http(webcam: str) -> None:
    with reading(open_source(spec_of(f"http://{webcam}/clip.ts"), CLOCK, SETTINGS)) as frames:
        assert [number_in(f.image) for f in frames] == list(range(30))


def test_over_http_nothing_else_is_fetched(webcam: str) -> None:
    assert "has no stream of this name" in reason_of(f"http://{webcam}/nothing")
    for path in ("away", "list.m3u8", "late.m3u8"):
        reason = reason_of(f"http://{webcam}/{path}")
        assert "does not stream pictures" in reason or "cannot be opened" in reason


def test_the_web_proxy_is_not_asked_for_a_camera(webcam: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "https_proxy", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    monkeypatch.delenv("no_proxy", raising=False)
    assert probe(spec_of(f"http://{webcam}/video"), CLOCK, SETTINGS).image.shape == (240, 320, 3)


@pytest.mark.parametrize(
    "address",
    ["file:///etc/passwd", "concat:/etc/passwd|x", "rtsp://10.0.0.5/a b", "rtsp://$(x)/", "x" * 10_000, ""],
)
def test_hostile_addresses_reach_nobody(address: str) -> None:
    start = CLOCK.monotonic()
    reason_of(address)
    assert CLOCK.monotonic() - start < 0.5
