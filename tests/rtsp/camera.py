"""Starts, cuts, freezes and thaws the RTSP camera of `server.py`."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

SERVER = Path(__file__).with_name("server.py")
SYSTEM_PYTHON = "/usr/bin/python3"


def free_port() -> int:
    """A port of loopback on which nothing listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class RtspCamera:
    """A camera process on loopback. `options` go to the server (`user="me"` -> `--user me`)."""

    def __init__(self, **options: object) -> None:
        self.port = free_port()
        self._options = [word for key, value in options.items() for word in (f"--{key}", str(value))]
        self._process: subprocess.Popen[bytes] | None = None

    def url(self, credentials: str = "", path: str = "live") -> str:
        at = f"{credentials}@" if credentials else ""
        return f"rtsp://{at}127.0.0.1:{self.port}/{path}"

    def start(self) -> None:
        """Returns when the camera listens."""
        command = [SYSTEM_PYTHON, str(SERVER), "--port", str(self.port), *self._options]
        # The system's Python must not see the packages of the one that runs the tests.
        clean = {k: v for k, v in os.environ.items() if not k.startswith(("PYTHON", "VIRTUAL"))}
        self._process = subprocess.Popen(command, stdout=subprocess.PIPE, env=clean)
        assert self._process.stdout is not None
        assert self._process.stdout.readline() == b"ready\n", "the RTSP server did not start"

    def freeze(self) -> None:
        self._signal(signal.SIGSTOP)

    def thaw(self) -> None:
        self._signal(signal.SIGCONT)

    def cut(self) -> None:
        """Kills the camera as a pulled plug does: no farewell."""
        if self._process is None:
            return
        self._signal(signal.SIGKILL)
        self._process.wait()
        assert self._process.stdout is not None
        self._process.stdout.close()
        self._process = None

    def _signal(self, number: int) -> None:
        assert self._process is not None
        self._process.send_signal(number)


@contextmanager
def rtsp_camera(**options: object) -> Iterator[RtspCamera]:
    """A running camera, cut at the end."""
    camera = RtspCamera(**options)
    camera.start()
    try:
        yield camera
    finally:
        camera.cut()
