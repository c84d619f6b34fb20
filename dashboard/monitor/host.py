"""Where a camera's worker runs. `CameraHost` is all that the rest of the monitor knows of it; the form
here is a process on this machine."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import sys
from collections.abc import AsyncIterator, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from dashboard.clock import Clock
from dashboard.monitor.codec import camera_to_json, settings_to_json, zones_to_json
from dashboard.monitor.launch import child_environment
from dashboard.monitor.relay import Relay
from dashboard.monitor.wire import Message, Unpacker, WireError, pack
from dashboard.settings import Settings
from dashboard.values import CameraSpec, Zone

_READ_BYTES = 1 << 18


@dataclass(frozen=True)
class WorkOrder:
    """What a worker is to do: watch `camera`, with so many threads for its models, and keep what it
    learns of the background in `background`. It never looks at `masks`. Real pictures of clips are
    sealed to the public key `seal`; without one none is kept."""

    camera: CameraSpec
    settings: Settings
    threads: int
    background: Path
    masks: tuple[Zone, ...] = ()
    seal: bytes = b""


class CameraHost(Protocol):
    """One life of one camera's worker, wherever it runs."""

    async def start(self) -> None:
        """Starts it; OSError when the machine cannot."""
        ...

    def reports(self) -> AsyncIterator[Message]:
        """What it reports (ready, observation, picture, health, failed), until it ends."""
        ...

    @property
    def heartbeat(self) -> float:
        """When it last gave a sign of life, monotonic seconds."""
        ...

    def look(self, views: Collection[str]) -> None:
        """Which previews somebody looks at now."""
        ...

    def mask(self, masks: Sequence[Zone]) -> None:
        """From now on these are the places that it never looks at."""
        ...

    def record(self, order: Mapping[str, object]) -> None:
        """An order for its recorder."""
        ...

    def tell(self, order: Mapping[str, object]) -> None:
        """An order about its view: where water is (`water`), that all is to be learnt anew (`renew`)."""
        ...

    def push(self, t: float, jpeg: bytes) -> None:
        """A frame from a browser, for the camera of that kind; dropped when the worker is behind."""
        ...

    async def stop(self, patience_s: float) -> None:
        """Asks it to end and save, and ends it by force after `patience_s`. Harmless when it is gone."""
        ...

    def kill(self) -> None:
        """Ends it by force, now."""
        ...

    async def ending(self) -> str:
        """Waits until it is gone; how it went, in plain words."""
        ...


HostMaker = Callable[[WorkOrder], CameraHost]


class LocalCameraHost:
    """A worker process on this machine, tied to us by a socket pair: when we die it sees the end."""

    def __init__(self, order: WorkOrder, clock: Clock) -> None:
        self._order = order
        self._clock = clock
        self._heartbeat = clock.monotonic()
        self._process: asyncio.subprocess.Process | None = None
        self._reader: asyncio.StreamReader | None = None
        self._writer: asyncio.StreamWriter | None = None
        self._relay = Relay(order.camera, clock)

    async def start(self) -> None:
        ours, theirs = socket.socketpair()
        with theirs:
            try:
                self._process = await _spawn("dashboard.monitor.worker", theirs.fileno())
            except BaseException:
                ours.close()
                raise
        self._reader, self._writer = await asyncio.open_unix_connection(sock=ours)
        assert self._process.stderr is not None
        self._relay.start(self._process.stderr)
        self._writer.write(pack(_start_message(self._order)))

    async def reports(self) -> AsyncIterator[Message]:
        assert self._reader is not None
        unpacker = Unpacker()
        try:
            while data := await self._reader.read(_READ_BYTES):
                self._heartbeat = self._clock.monotonic()
                for message in unpacker.feed(data):
                    yield message
        except (OSError, WireError):
            return  # It died in the middle of a message, or writes nonsense: its end says why.

    @property
    def heartbeat(self) -> float:
        return self._heartbeat

    def look(self, views: Collection[str]) -> None:
        self._send(pack({"type": "look", "views": sorted(views)}))

    def mask(self, masks: Sequence[Zone]) -> None:
        self._send(pack({"type": "mask", "masks": zones_to_json(masks)}))

    def record(self, order: Mapping[str, object]) -> None:
        self._send(pack(order))

    def tell(self, order: Mapping[str, object]) -> None:
        self._send(pack(order))

    def push(self, t: float, jpeg: bytes) -> None:
        if self._writer is not None and self._writer.transport.get_write_buffer_size() == 0:
            self._send(pack({"type": "push", "t": t}, jpeg))

    async def stop(self, patience_s: float) -> None:
        process = self._process
        if process is None or process.returncode is not None:
            return
        self._send(pack({"type": "stop"}))
        try:
            async with asyncio.timeout(patience_s):
                await process.wait()
        except TimeoutError:
            self.kill()
            await process.wait()

    def kill(self) -> None:
        if self._process is not None and self._process.returncode is None:
            self._process.kill()

    async def ending(self) -> str:
        if self._process is None:
            return "its process was not started"
        code = await self._process.wait()
        words = await self._relay.last_words()
        if self._writer is not None:
            self._writer.transport.abort()
        return _how(code, words)

    def _send(self, data: bytes) -> None:
        if self._writer is not None and not self._writer.transport.is_closing():
            self._writer.write(data)


async def _spawn(module: str, descriptor: int) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        module,
        str(descriptor),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.PIPE,
        pass_fds=(descriptor,),
        env=_environment(),
        start_new_session=True,
    )


def _environment() -> dict[str, str]:
    # Frames are made by one thread and freed by another; with an arena each, glibc keeps 100 MB for that.
    return {"MALLOC_ARENA_MAX": "2", **child_environment()}


def _start_message(order: WorkOrder) -> dict[str, object]:
    return {
        "type": "start",
        "monitor": os.getpid(),
        "camera": camera_to_json(order.camera),
        "settings": settings_to_json(order.settings),
        "threads": order.threads,
        "background": str(order.background.resolve()),
        "masks": zones_to_json(order.masks),
        "seal": order.seal.hex(),
    }


def _how(code: int, words: str) -> str:
    if code < 0:
        try:
            name = signal.Signals(-code).name
        except ValueError:
            name = f"signal {-code}"
        return f"its process was killed ({name})"
    return f"its process ended with code {code}" + (f": {words}" if words else "")
