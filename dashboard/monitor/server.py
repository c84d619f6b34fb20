"""The monitor's socket: commands in, replies, views and states out. One task pair per client; a bad or
slow client costs nobody else anything."""

from __future__ import annotations

import asyncio
import logging
import os
from collections import deque
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Protocol

from dashboard.clock import Clock
from dashboard.monitor.handle import MonitorError, Reply
from dashboard.monitor.interest import Interest
from dashboard.monitor.judge import Judge
from dashboard.monitor.wire import PROTOCOL_VERSION, Message, Unpacker, WireError, pack

_READ_BYTES = 1 << 18
# A client that asks without reading the answers is not served further until it does.
_MOST_REQUESTS = 32
_CLOSE_S = 0.5
_LOG = logging.getLogger(__name__)


class Desk(Protocol):
    """Who answers what comes in."""

    async def run(self, command: str, args: Mapping[str, Any], payload: bytes) -> Reply:
        """Runs a command; MonitorError is the refusal."""
        ...

    def push(self, camera: str, t: float, jpeg: bytes) -> None:
        """Takes a browser's frame."""
        ...

    def state(self) -> Mapping[str, Any]:
        """The cameras and settings that every client is told."""
        ...

    def site(self) -> Mapping[str, Any] | None:
        """The judge's newest document, None before the first."""
        ...


class Server:
    """Listens on the socket until `stop`."""

    def __init__(self, path: Path, desk: Desk, judge: Judge, clock: Clock, interest_s: float) -> None:
        self._path = path
        self._desk = desk
        self._judge = judge
        self._clock = clock
        self._interest_s = interest_s
        self._server: asyncio.AbstractServer | None = None
        self._clients: set[_Client] = set()
        self._serving: set[asyncio.Task[None]] = set()

    async def start(self) -> None:
        """OSError when the socket cannot be made. The caller holds the folder's lock, so a socket that is
        there is a dead monitor's."""
        self._path.unlink(missing_ok=True)
        # Made for its owner only from its first moment on.
        before = os.umask(0o177)
        try:
            self._server = await asyncio.start_unix_server(self._serve, str(self._path))
        finally:
            os.umask(before)

    async def stop(self) -> None:
        if self._server is not None:
            self._server.close()
        for client in list(self._clients):
            client.close()
        if self._serving:
            await asyncio.wait(self._serving, timeout=_CLOSE_S)
        self._path.unlink(missing_ok=True)

    def changed(self, camera: str) -> None:
        """There is something new to show of a camera."""
        for client in self._clients:
            client.changed(camera)

    def tell_state(self) -> None:
        """Every client gets the state anew."""
        for client in self._clients:
            client.tell_state()

    def tell_site(self) -> None:
        """Every client gets the judge's newest document."""
        for client in self._clients:
            client.tell_site()

    def looked_at(self, now: float) -> frozenset[tuple[str, str]]:
        """The (camera, view) pairs that somebody looks at; looks that are over are forgotten."""
        for client in self._clients:
            client.interest.expire(now)
        return frozenset().union(*(client.interest.active(now) for client in self._clients))

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        client = _Client(reader, writer, self._desk, self._judge, self._clock, self._interest_s)
        task = asyncio.current_task()
        assert task is not None
        self._clients.add(client)
        self._serving.add(task)
        try:
            await client.serve()
        finally:
            self._clients.discard(client)
            self._serving.discard(task)


class _Client:
    """One connection. Views are kept as "this camera is due", so a slow reader gets the newest only."""

    def __init__(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        desk: Desk,
        judge: Judge,
        clock: Clock,
        interest_s: float,
    ) -> None:
        self._reader = reader
        self._writer = writer
        self._desk = desk
        self._judge = judge
        self._clock = clock
        self.interest = Interest(interest_s)
        self._replies: deque[bytes] = deque()
        self._due: dict[tuple[str, str], None] = {}
        self._pictures: dict[tuple[str, str], int] = {}
        self._state_due = True
        self._site_due = True
        self._wake = asyncio.Event()
        self._room = asyncio.Semaphore(_MOST_REQUESTS)
        self._running: set[asyncio.Task[None]] = set()

    async def serve(self) -> None:
        """Until the client goes, breaks the protocol, or is closed."""
        # `drain` then waits until all is with the kernel: nothing piles up here.
        self._writer.transport.set_write_buffer_limits(high=0)
        self._wake.set()
        sending = asyncio.create_task(self._send())
        # Whom nothing can be sent to any more must not believe that it is connected.
        sending.add_done_callback(lambda _: self.close())
        try:
            await self._receive()
        except WireError as error:
            _LOG.warning("a client was closed: %s", error)
        except OSError:
            pass  # It went away in the middle.
        finally:
            sending.cancel()
            self.close()
            await _ended(sending)

    def close(self) -> None:
        self._writer.transport.abort()

    def changed(self, camera: str) -> None:
        now = self._clock.monotonic()
        for key in self.interest.active(now):
            if key[0] == camera:
                self._due[key] = None
                self._wake.set()

    def tell_state(self) -> None:
        self._state_due = True
        self._wake.set()

    def tell_site(self) -> None:
        self._site_due = True
        self._wake.set()

    async def _receive(self) -> None:
        unpacker = Unpacker()
        while data := await self._reader.read(_READ_BYTES):
            for message in unpacker.feed(data):
                await self._take(message)

    async def _take(self, message: Message) -> None:
        header = message.header
        match header:
            case {"type": "request", "id": int(number), "command": str(command), "args": dict(args)}:
                await self._room.acquire()
                task = asyncio.create_task(self._answer(number, command, args, message.payload))
                self._running.add(task)
                task.add_done_callback(self._running.discard)
            case {"type": "touch", "camera": str(camera), "view": str(view)}:
                if self._judge.shown(camera, view) is not None:
                    self._touched(camera, view)
            case {"type": "push", "camera": str(camera), "t": int(t) | float(t)}:
                self._desk.push(camera, t, message.payload)
            case _:
                raise WireError("a message that is none of ours")

    def _touched(self, camera: str, view: str) -> None:
        if self.interest.touch(camera, view, self._clock.monotonic()):
            self._pictures.pop((camera, view), None)
            self._due[camera, view] = None
            self._wake.set()

    async def _answer(self, number: int, command: str, args: Mapping[str, Any], payload: bytes) -> None:
        try:
            reply = await self._desk.run(command, args, payload)
            packed = pack({"type": "reply", "id": number, "ok": True, "result": reply.result}, reply.payload)
        except MonitorError as error:
            packed = _refusal(number, str(error))
        except Exception:
            _LOG.exception("the command %s failed", command)
            packed = _refusal(number, "The monitor failed at this command; its log says more.")
        self._replies.append(packed)
        self._wake.set()

    async def _send(self) -> None:
        await self._put(pack({"type": "hello", "version": PROTOCOL_VERSION, "monitor": os.getpid()}))
        while True:
            await self._wake.wait()
            self._wake.clear()
            while self._replies:
                await self._put(self._replies.popleft())
                self._room.release()
            if self._site_due:
                self._site_due = False
                await self._put_site()
            if self._state_due:
                self._state_due = False
                await self._put(pack({"type": "state", **self._desk.state()}))
            # An alarm never waits behind pictures.
            while self._due and not self._replies and not self._site_due:
                await self._put_view(*self._next_due())
            if self._replies or self._site_due:
                self._wake.set()

    async def _put_site(self) -> None:
        document = self._desk.site()
        if document is not None:
            await self._put(pack({"type": "site", "document": document}))

    def _next_due(self) -> tuple[str, str]:
        key = next(iter(self._due))
        del self._due[key]
        return key

    async def _put_view(self, camera: str, view: str) -> None:
        shown = self._judge.shown(camera, view)
        if shown is None:
            return
        news = shown.picture != self._pictures.get((camera, view))
        self._pictures[camera, view] = shown.picture
        header = {
            "type": "view",
            "camera": camera,
            "view": view,
            "seq": shown.seq,
            "t": shown.t,
            "picture": shown.picture,
            "observation": shown.observation,
            "stats": self._judge.stats(camera, self._clock.monotonic()),
        }
        await self._put(pack(header, (shown.jpeg or b"") if news else b""))

    async def _put(self, packed: bytes) -> None:
        self._writer.write(packed)
        await self._writer.drain()


async def _ended(sending: asyncio.Task[None]) -> None:
    await asyncio.wait({sending})
    error = None if sending.cancelled() else sending.exception()
    if error is not None and not isinstance(error, OSError):
        _LOG.error("a client was closed: what it should get cannot be sent", exc_info=error)


def _refusal(number: int, reason: str) -> bytes:
    return pack({"type": "reply", "id": number, "ok": False, "error": reason})
