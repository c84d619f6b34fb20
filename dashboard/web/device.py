"""Frames of a phone's or laptop's browser on their way to the monitor."""

from __future__ import annotations

import threading

import cv2

from dashboard.clock import Clock
from dashboard.values import Image
from dashboard.web.service import Handle

JPEG_QUALITY = 85
# A pool needs no more, and a phone on a house's wireless network gives no more for long.
MAX_FPS = 15.0
# The monitor calls a camera live for 2 s after its last frame; a line to it may be slow.
RECENT_S = 4.0


class FramePusher:
    """Hands frames over to one camera of kind browser, newest first, at most `MAX_FPS` a second.
    Called from the stream's own thread."""

    def __init__(self, handle: Handle, clock: Clock, camera: str) -> None:
        self._handle = handle
        self._clock = clock
        self._camera = camera
        self._lock = threading.Lock()
        self._last_t = float("-inf")
        self._pushed = 0

    def is_pushing(self) -> bool:
        """Whether a frame went out a moment ago: what the monitor gets now is ours."""
        return self._clock.monotonic() - self._last_t < RECENT_S

    @property
    def pushed(self) -> int:
        """How many frames were handed over."""
        return self._pushed

    def push(self, image: Image) -> bool:
        """Takes a BGR picture; False when it was left out because the last one was just now."""
        now = self._clock.monotonic()
        with self._lock:
            # A tenth of tolerance, so that a steady stream of MAX_FPS passes whole.
            if now - self._last_t < 0.9 / MAX_FPS:
                return False
            self._last_t = now
        encoded, jpeg = cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY])
        if not encoded:
            return False
        self._handle.push_frame(self._camera, now, jpeg.tobytes())
        self._pushed += 1
        return True
