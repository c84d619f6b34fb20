"""The client's end of the monitor's socket: a thread that connects, reads, writes and reconnects."""

from __future__ import annotations

import asyncio
import logging
import threading
from collections import deque
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

from dashboard.monitor.wire import Message, Unpacker, WireError, pack

_READ_BYTES = 1 << 18
_LOG = logging.getLogger(__name__)


class Link:
    """Calls back from its own thread: `on_message` for each message, `on_down` when a connection ended."""

    def __init__(
        self,
        socket: Path,
        retry_s: float,
        on_down: Callable[[], None],
        on_message: Callable[[Message], None],
    ) -> None:
        self._socket = socket
        self._retry_s = retry_s
        self._on_down = on_down
        self._on_message = on_message
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None
        self._main: asyncio.Task[None] | None = None
        self._ready = threading.Event()
        self._outbox = _Outbox()

    def start(self) -> None:
        if self._thread is not None:
            return
        self._thread = threading.Thread(target=self._run, name="monitor-link", daemon=True)
        self._thread.start()
        self._ready.wait()

    def stop(self) -> None:
        """Closes the connection and waits for the thread."""
        thread, loop, main = self._thread, self._loop, self._main
        if thread is None or loop is None or main is None:
            return
        if thread.is_alive():
            loop.call_soon_threadsafe(main.cancel)
        thread.join()
        self._thread = None

    def send(self, header: Mapping[str, Any], payload: bytes = b"") -> None:
        """Sends one message, or drops it while there is no connection. WireError: it is too large."""
        self._post(partial(self._outbox.put, pack(header, payload)))

    def send_newest(self, slot: str, header: Mapping[str, Any], payload: bytes = b"") -> None:
        """Like `send`, and replaces what waits in the same slot."""
        self._post(partial(self._outbox.put_newest, slot, pack(header, payload)))

    def _post(self, put: Callable[[], None]) -> None:
        loop = self._loop
        if loop is None:
            return
        try:
            loop.call_soon_threadsafe(put)
        except RuntimeError:
            return  # Stopped meanwhile: the same as not connected.

    def _run(self) -> None:
        asyncio.run(self._keep_connected())

    async def _keep_connected(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._main = asyncio.current_task()
        self._ready.set()
        try:
            while True:
                await self._session()
                await asyncio.sleep(self._retry_s)
        except asyncio.CancelledError:
            return

    async def _session(self) -> None:
        try:
            reader, writer = await asyncio.open_unix_connection(str(self._socket))
        except OSError:
            return
        self._outbox.open()
        sending = asyncio.create_task(self._write(writer))
        try:
            await self._read(reader)
        except (OSError, WireError, LookupError, TypeError) as error:
            _LOG.warning("the connection to the monitor broke: %s", error)
        finally:
            sending.cancel()
            self._outbox.close()
            writer.transport.abort()
            self._on_down()

    async def _read(self, reader: asyncio.StreamReader) -> None:
        unpacker = Unpacker()
        while data := await reader.read(_READ_BYTES):
            for message in unpacker.feed(data):
                self._on_message(message)

    async def _write(self, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                writer.write(await self._outbox.next())
                await writer.drain()
        except OSError:
            return  # The reading side sees the same end and says so.


class _Outbox:
    """What waits to be sent; touched by the link's own loop only."""

    def __init__(self) -> None:
        self._open = False
        self._queue: deque[bytes] = deque()
        self._slots: dict[str, bytes] = {}
        self._filled = asyncio.Event()

    def open(self) -> None:
        self._open = True

    def close(self) -> None:
        self._open = False
        self._queue.clear()
        self._slots.clear()

    def put(self, packed: bytes) -> None:
        if self._open:
            self._queue.append(packed)
            self._filled.set()

    def put_newest(self, slot: str, packed: bytes) -> None:
        if self._open:
            self._slots[slot] = packed
            self._filled.set()

    async def next(self) -> bytes:
        while not self._queue and not self._slots:
            self._filled.clear()
            await self._filled.wait()
        if self._queue:
            return self._queue.popleft()
        return self._slots.pop(next(iter(self._slots)))
