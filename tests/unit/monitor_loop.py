"""A monitor's socket server in a thread of the test, with a judge that the test talks to."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeVar

from dashboard.clock import SystemClock
from dashboard.monitor.folder import socket_path
from dashboard.monitor.handle import MonitorError, Reply
from dashboard.monitor.judge import Judge
from dashboard.monitor.server import Server
from dashboard.monitor.wire import Message, Unpacker, pack
from dashboard.values import CameraSpec, SourceKind

T = TypeVar("T")
POOL = CameraSpec("a", "Pool", SourceKind.FILE, "x.mp4")


def seen(t: float, blind: str = "", size: int = 0) -> dict[str, Any]:
    """An observation as a worker tells it; `size` makes it about so many bytes larger."""
    return {
        "camera": "a",
        "t": t,
        "index": 1,
        "size": [640, 480],
        "people": None if blind else [],
        "things": [],
        "foreground": [],
        "searched": [[0.0, 0.0, 640.0, 480.0]] * (size // 24),
        "patches": [],
        "blind_reason": blind,
    }


# The owner has opened a real picture, for longer than a test runs.
OPENED = {"who": "Anna", "until_utc": "2126-01-01T00:00:00+00:00", "until_t": float(2**40)}


class Desk:
    """Answers `echo`, refuses everything else, and keeps what was pushed."""

    def __init__(self) -> None:
        self.pushed: list[tuple[str, float, bytes]] = []
        self.opened = {"a": OPENED}
        self.cameras = ["a"]
        self.document: dict[str, Any] | None = None

    async def run(self, command: str, args: Mapping[str, Any], payload: bytes) -> Reply:
        if command == "echo":
            return Reply(dict(args), payload)
        if command == "hang":
            await asyncio.Event().wait()
        if command == "fail":
            raise ZeroDivisionError
        raise MonitorError(f"There is no command {command!r}.")

    def push(self, camera: str, t: float, jpeg: bytes) -> None:
        self.pushed.append((camera, t, jpeg))

    def state(self) -> Mapping[str, Any]:
        cameras = [{"id": camera, "state": "live"} for camera in self.cameras]
        return {"cameras": cameras, "opened": self.opened}

    def site(self) -> Mapping[str, Any] | None:
        return self.document


class ServerLoop:
    """Runs until `stop`; `do` calls something in the server's own thread."""

    def __init__(self, data: Path, interest_s: float = 3.0, first_seq: int = 1000) -> None:
        self.desk, self.judge = Desk(), Judge(2.0, first_seq)
        self.judge.camera_there(POOL, 1.0)
        self.path = socket_path(data)
        self.server = Server(self.path, self.desk, self.judge, SystemClock(), interest_s)
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="test-server")

    def start(self) -> None:
        self._thread.start()
        asyncio.run_coroutine_threadsafe(self.server.start(), self._loop).result(5)

    def stop(self) -> None:
        asyncio.run_coroutine_threadsafe(self._end(), self._loop).result(5)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(5)
        self._loop.close()

    def do(self, what: Callable[[], T]) -> T:
        async def call() -> T:
            return what()

        return asyncio.run_coroutine_threadsafe(call(), self._loop).result(5)

    def observe(self, t: float, jpeg: bytes | None = None, size: int = 0) -> None:
        """A worker's observation arrives."""

        def arrive() -> None:
            self.judge.observed("a", t, seen(t, size=size), jpeg)
            self.server.changed("a")

        self.do(arrive)

    async def _end(self) -> None:
        await self.server.stop()
        rest = asyncio.all_tasks() - {asyncio.current_task()}
        for task in rest:
            task.cancel()
        await asyncio.gather(*rest, return_exceptions=True)


class RawClient:
    """Speaks to the socket byte by byte, well or badly."""

    def __init__(self, path: Path) -> None:
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.socket.settimeout(5)
        self.socket.connect(str(path))
        self._unpacker = Unpacker()
        self._waiting: list[Message] = []

    def send(self, header: Mapping[str, Any], payload: bytes = b"") -> None:
        self.socket.sendall(pack(header, payload))

    def receive(self) -> Message | None:
        """The next message, None when the server has closed the connection."""
        while not self._waiting:
            try:
                data = self.socket.recv(1 << 16)
            except ConnectionResetError:
                return None
            if not data:
                return None
            self._waiting = self._unpacker.feed(data)
        return self._waiting.pop(0)

    def receive_until(self, kind: str) -> Message:
        """The next message of this type."""
        while (message := self.receive()) is not None:
            if message.header["type"] == kind:
                return message
        raise AssertionError(f"closed before a message of type {kind}")

    def is_closed(self) -> bool:
        """Reads to the end, which the server must have made."""
        while self.receive() is not None:
            pass
        return True

    def close(self) -> None:
        self.socket.close()
