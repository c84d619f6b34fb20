"""What a worker prints goes into the monitor's log: by the line, without secrets, and never as a flood."""

from __future__ import annotations

import asyncio
import logging

from dashboard.clock import Clock
from dashboard.source.address import scrub
from dashboard.values import CameraSpec

_READ_BYTES = 1 << 14
_LONGEST_LINE = 500
# A worker that complains on every frame must not fill the disk.
_MOST_LINES = 30
_PER_S = 60.0
# How the worker's own log begins its lines; whatever else is printed comes from libraries.
_LEVELS = {"INFO": logging.INFO, "WARNING": logging.WARNING, "ERROR": logging.ERROR}
_LOG = logging.getLogger("camera")


class Relay:
    """One worker's standard error."""

    def __init__(self, camera: CameraSpec, clock: Clock) -> None:
        self._camera = camera
        self._clock = clock
        self._task: asyncio.Task[None] | None = None
        self._last = ""
        self._window_from = float("-inf")
        self._in_window = 0

    def start(self, stream: asyncio.StreamReader) -> None:
        self._task = asyncio.create_task(self._run(stream), name=f"relay-{self._camera.id}")

    async def last_words(self) -> str:
        """The last line that it printed, once its output has ended."""
        if self._task is not None:
            # A grandchild that holds the pipe open must not hold us.
            await asyncio.wait([self._task], timeout=0.5)
        return scrub(self._last, self._camera.address)

    async def _run(self, stream: asyncio.StreamReader) -> None:
        rest = b""
        while data := await stream.read(_READ_BYTES):
            *lines, rest = (rest + data).split(b"\n")
            for line in lines:
                self._line(line)
            rest = rest[-_LONGEST_LINE:]
        self._line(rest)

    def _line(self, raw: bytes) -> None:
        text = raw[:_LONGEST_LINE].decode(errors="replace").rstrip()
        if not text:
            return
        self._last = text
        now = self._clock.monotonic()
        if now - self._window_from > _PER_S:
            self._window_from, self._in_window = now, 0
        self._in_window += 1
        if self._in_window <= _MOST_LINES:
            self._log(scrub(text, self._camera.address))
        elif self._in_window == _MOST_LINES + 1:
            _LOG.info("%s: (more lines like these are left out for a minute)", self._camera.name)

    def _log(self, text: str) -> None:
        level, _, rest = text.partition(" ")
        known = level in _LEVELS
        said = rest if known else text
        _LOG.log(_LEVELS[level] if known else logging.INFO, "%s: %s", self._camera.name, said)
