"""The camera of a phone or laptop, whose pictures the browser sends as JPEG."""

from __future__ import annotations

import struct
import threading
from collections.abc import Iterator

import cv2
import numpy as np

from dashboard.clock import Clock
from dashboard.settings import SourceSettings
from dashboard.source.base import Progress
from dashboard.source.timing import Thinner
from dashboard.values import CameraSpec, Frame, Image

LARGEST_JPEG_BYTES = 8_000_000
LARGEST_PICTURE_PIXELS = 4096 * 3072
# How often a source without pictures looks whether it has been closed.
WAIT_S = 0.2


class BrowserInbox:
    """Where the newest JPEG waits for its reader. Putting never blocks; an unread picture is replaced."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._newest: tuple[float, bytes] | None = None

    def put(self, t: float, jpeg: bytes) -> None:
        """`t`: capture time, monotonic clock, seconds."""
        with self._changed:
            self._newest = (t, jpeg)
            self._changed.notify()

    def take(self, timeout_s: float) -> tuple[float, bytes] | None:
        """The newest picture not yet taken, or None when none came in `timeout_s`."""
        with self._changed:
            self._changed.wait_for(lambda: self._newest is not None, timeout_s)
            newest, self._newest = self._newest, None
            return newest


class BrowserSource:
    """Frames that a browser sends. Waits for one for ever: the owner may close the page and come back."""

    def __init__(self, spec: CameraSpec, clock: Clock, settings: SourceSettings, inbox: BrowserInbox) -> None:
        self._spec = spec
        self._clock = clock
        self._settings = settings
        self._inbox = inbox
        self._closed = threading.Event()
        self.progress = Progress(silence="waiting for the browser to send its camera", patient=True)

    def frames(self) -> Iterator[Frame]:
        thinner = Thinner(self._spec.max_fps)
        last = float("-inf")
        index = 0
        while not self._closed.is_set():
            newest = self._inbox.take(WAIT_S)
            t = None if newest is None else self._timely(newest[0], last)
            if newest is None or t is None or not thinner.wanted(t):
                continue
            last = t
            image = decoded_jpeg(newest[1])
            if image is None:
                self.progress.corrupt += 1
                continue
            index += 1
            self.progress.silence = "the browser stopped sending its camera"
            yield Frame(self._spec.id, t, image, index)

    def close(self) -> None:
        self._closed.set()

    def _timely(self, t: float, last: float) -> float | None:
        """The capture time, not in the future; None for a picture that is old or out of order."""
        now = self._clock.monotonic()
        t = min(t, now)
        if not t > last or now - t > self._settings.late_after_s:
            self.progress.late += 1
            return None
        return t


def decoded_jpeg(jpeg: bytes) -> Image | None:
    """(height, width, 3) BGR, or None when it is no whole JPEG of a sensible size."""
    size = jpeg_size(jpeg)
    if size is None or size[0] * size[1] > LARGEST_PICTURE_PIXELS or len(jpeg) > LARGEST_JPEG_BYTES:
        return None
    # A cut-off JPEG decodes to a picture that is grey from there on; its end mark tells.
    if b"\xff\xd9" not in jpeg[-64:]:
        return None
    try:
        image = cv2.imdecode(np.frombuffer(jpeg, np.uint8), cv2.IMREAD_COLOR)
    except cv2.error:
        return None
    return None if image is None else np.ascontiguousarray(image, dtype=np.uint8)


def jpeg_size(jpeg: bytes) -> tuple[int, int] | None:
    """(width, height) as the JPEG's frame header says, or None; read before anything is decoded."""
    if jpeg[:2] != b"\xff\xd8":
        return None
    at = 2
    while at + 9 <= len(jpeg) and jpeg[at] == 0xFF:
        marker, length = jpeg[at + 1], struct.unpack_from(">H", jpeg, at + 2)[0]
        if 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC):
            height, width = struct.unpack_from(">HH", jpeg, at + 5)
            return (width, height) if width and height else None
        at += 2 + max(2, length)
    return None
