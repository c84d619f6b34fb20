"""The newest value per key, with waiting from any event loop for a newer one."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from typing import Generic, Protocol, TypeVar

Key = tuple[str, str]


class Numbered(Protocol):
    """What the book keeps has a number that grows."""

    @property
    def seq(self) -> int: ...


V = TypeVar("V", bound=Numbered)
_Waiter = tuple[asyncio.AbstractEventLoop, "asyncio.Future[None]"]


class ViewBook(Generic[V]):
    """Written by one thread, read and waited on by any other thread's event loop."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._newest: dict[Key, V] = {}
        self._waiting: dict[Key, list[_Waiter]] = {}

    def latest(self, key: Key) -> V | None:
        with self._lock:
            return self._newest.get(key)

    def put(self, key: Key, value: V) -> None:
        """Keeps the value and wakes who waits for it."""
        with self._lock:
            self._newest[key] = value
            waiting = self._waiting.pop(key, [])
        for loop, future in waiting:
            _wake(loop, future)

    def forget(self, key: Key) -> None:
        with self._lock:
            self._newest.pop(key, None)

    def keep(self, wanted: Callable[[Key], bool]) -> None:
        """Forgets every key that is not wanted."""
        with self._lock:
            self._newest = {key: value for key, value in self._newest.items() if wanted(key)}

    async def wait_newer(self, key: Key, seq: int, timeout_s: float) -> V | None:
        """The newest value as soon as its number is over `seq`; None after `timeout_s`."""
        try:
            async with asyncio.timeout(timeout_s):
                return await self._newer(key, seq)
        except TimeoutError:
            return None

    async def _newer(self, key: Key, seq: int) -> V:
        loop = asyncio.get_running_loop()
        while True:
            future: asyncio.Future[None] = loop.create_future()
            with self._lock:
                found = self._newest.get(key)
                if found is not None and found.seq > seq:
                    return found
                self._waiting.setdefault(key, []).append((loop, future))
            try:
                await future
            finally:
                self._forget(key, (loop, future))

    def _forget(self, key: Key, waiter: _Waiter) -> None:
        with self._lock:
            waiting = self._waiting.get(key)
            if waiting is None:
                return
            if waiter in waiting:
                waiting.remove(waiter)
            if not waiting:
                del self._waiting[key]


def _wake(loop: asyncio.AbstractEventLoop, future: asyncio.Future[None]) -> None:
    try:
        loop.call_soon_threadsafe(_resolve, future)
    except RuntimeError:
        return  # That event loop was closed while it waited: nobody is there to wake.


def _resolve(future: asyncio.Future[None]) -> None:
    if not future.done():
        future.set_result(None)
