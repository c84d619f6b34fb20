"""The one place where a camera's newest frame waits for whoever looks at it."""

from __future__ import annotations

import threading
from dataclasses import replace

from dashboard.clock import Clock
from dashboard.values import Blind, Frame, Tick


class Newest:
    """A slot for one frame between a reading thread and its user; a frame not taken is replaced.

    Only the current writer is heard: a thread that was left behind may still come back with a picture.
    """

    def __init__(self, camera: str, clock: Clock, blind_after_s: float) -> None:
        self._camera = camera
        self._clock = clock
        self._blind_after_s = blind_after_s
        self._changed = threading.Condition()
        self._writer: object = None
        self._slot: tuple[Frame, float] | None = None
        self._fresh_at = clock.monotonic()
        self._reason = ""
        self._told_blind = False
        self._index = 0
        self._dropped = 0

    @property
    def dropped(self) -> int:
        """Frames that were replaced, or grew old, before anybody took them."""
        return self._dropped

    @property
    def empty(self) -> bool:
        """Whether no frame waits."""
        return self._slot is None

    def begin(self, writer: object, reason: str = "") -> None:
        """From now on only `writer` is heard; `reason` is why there is nothing yet, where it is known."""
        with self._changed:
            self._writer, self._reason = writer, reason

    def end(self, reason: str) -> None:
        """From now on nobody is heard, and what was not taken is not given any more."""
        with self._changed:
            self._dropped += self._slot is not None
            self._writer, self._reason, self._slot = None, reason, None
            self._changed.notify_all()

    def put(self, writer: object, frame: Frame, came: float) -> None:
        """A new frame, which came at `came` (monotonic seconds). Its own t is not asked: recorded video has
        another clock, and live sources leave out by themselves what was held back."""
        with self._changed:
            if self._writer is not writer:
                return
            self._index += 1
            self._dropped += self._slot is not None
            self._slot = (replace(frame, index=self._index), came)
            self._fresh_at = max(self._fresh_at, came)
            self._reason = ""
            self._changed.notify_all()

    def nothing(self, writer: object, reason: str, since: float | None = None) -> None:
        """Why nothing comes; `since` when the last frames turn out to have told nothing new since then."""
        with self._changed:
            if self._writer is not writer:
                return
            self._reason = reason
            if since is not None:
                self._fresh_at = min(self._fresh_at, since)
            self._changed.notify_all()

    def take(self, until: float, repeat: bool) -> Tick | None:
        """The frame, as soon as there is one; or Blind, once as soon as it is due and again at `until`
        if `repeat`; or None at `until`."""
        with self._changed:
            while True:
                now = self._clock.monotonic()
                frame = self._fresh_frame(now)
                if frame is not None:
                    return frame
                blind_at = self._fresh_at + self._blind_after_s
                if now >= blind_at and (not self._told_blind or (repeat and now >= until)):
                    self._told_blind = True
                    return Blind(self._camera, now, self._reason, now - self._fresh_at)
                if now >= until:
                    return None
                self._changed.wait((until if now >= blind_at else min(until, blind_at)) - now)

    def _fresh_frame(self, now: float) -> Frame | None:
        if self._slot is None:
            return None
        (frame, came), self._slot = self._slot, None
        if now - came >= self._blind_after_s:
            self._dropped += 1
            return None
        self._told_blind = False
        return frame
