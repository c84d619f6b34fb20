"""The pictures that leave a camera worker: the learnt empty one, and the real one where that is allowed."""

from __future__ import annotations

import cv2
import numpy as np

from dashboard.monitor.blackout import blacked
from dashboard.settings import MonitorSettings
from dashboard.values import Image, Zone

# Shown while nothing is learnt: a dark slate, as the page's own background.
_NEUTRAL_BGR = (58, 46, 38)
_NEUTRAL_WH = (960, 540)
# A change of the learnt picture that somebody could see: this many of 255 levels in a 32nd of its width.
_CHANGE_WH = (32, 18)
_CHANGE_LEVELS = 3


class Preview:
    """Encodes when somebody looks. Times are monotonic seconds."""

    def __init__(self, settings: MonitorSettings) -> None:
        self._settings = settings
        self._real_at = float("-inf")
        self._empty_at = float("-inf")
        self._empty: Image | None = None
        self._masks: tuple[Zone, ...] = ()

    def mask(self, masks: tuple[Zone, ...]) -> None:
        """From now on these places are black in all pictures."""
        if masks != self._masks:
            self._masks = masks
            self.forget()

    def real(self, image: Image, now: float) -> bytes | None:
        """The frame as JPEG; None when the last one is too short ago."""
        # A little early is on time: else a camera of just this rate would lose every other picture.
        if now - self._real_at < 0.8 / self._settings.preview_fps:
            return None
        self._real_at = now
        return self._jpeg(blacked(self._scaled(image), self._masks))

    def empty_due(self, now: float) -> bool:
        """Whether it is time to look at the learnt picture again."""
        return now - self._empty_at >= self._settings.empty_picture_s

    def empty(self, learnt: Image | None, now: float) -> bytes | None:
        """The learnt empty picture as JPEG, something neutral before there is one; None when it looks
        as it did."""
        self._empty_at = now
        picture = blacked(_neutral() if learnt is None else self._scaled(learnt), self._masks)
        if self._empty is not None and not _differs(self._empty, picture):
            return None
        self._empty = picture
        return self._jpeg(picture)

    def forget(self) -> None:
        """Nobody looks any more: the next look gets a picture at once."""
        self._empty_at = float("-inf")
        self._empty = None

    def _scaled(self, image: Image) -> Image:
        height, width = image.shape[:2]
        if width <= self._settings.preview_width:
            return image
        size_wh = (self._settings.preview_width, round(height * self._settings.preview_width / width))
        return np.asarray(cv2.resize(image, size_wh, interpolation=cv2.INTER_AREA), np.uint8)

    def _jpeg(self, image: Image) -> bytes:
        quality = [cv2.IMWRITE_JPEG_QUALITY, self._settings.preview_quality]
        done, encoded = cv2.imencode(".jpg", image, quality)
        if not done:
            raise ValueError(f"a picture of {image.shape} could not be encoded")
        return encoded.tobytes()


def _neutral() -> Image:
    width, height = _NEUTRAL_WH
    return np.full((height, width, 3), _NEUTRAL_BGR, np.uint8)


def _differs(before: Image, after: Image) -> bool:
    if before.shape != after.shape:
        return True
    small = [cv2.resize(image, _CHANGE_WH, interpolation=cv2.INTER_AREA) for image in (before, after)]
    return bool(cv2.absdiff(small[0], small[1]).max() > _CHANGE_LEVELS)
