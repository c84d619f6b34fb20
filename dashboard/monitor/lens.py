"""A camera's view over its frames: what is wrong with it, by its picture and where its water is."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np

from dashboard.values import CameraFault, Frame, Track, Zone, ZoneKind
from dashboard.vision.background import Mask
from dashboard.vision.faults import CameraCheck
from dashboard.vision.keeping import Kept

# Whoever was not found for longer may be anywhere.
_SEEN_S = 1.0


class LensWatch:
    """The check of one camera; a picture of another size begins it anew. `kept`: what its view was before the
    start."""

    def __init__(self, kept: Kept | None = None) -> None:
        self._kept = kept
        self._check: CameraCheck | None = None
        self._water: tuple[tuple[Zone, ...], Mask | None] = ((), None)

    def step(self, frame: Frame, people: Sequence[Track], zones: Sequence[Zone]) -> CameraFault | None:
        """What is wrong with the view of a frame. `people` are the tracks in it, `zones` the camera's own."""
        size_wh = (frame.image.shape[1], frame.image.shape[0])
        if self._check is None or self._check.image_wh != size_wh:
            self._check = CameraCheck(size_wh)
            kept, self._kept = self._kept, None
            if kept is not None and (kept.camera, kept.image_wh) == (frame.camera, size_wh):
                self._check.recall(np.asarray(cv2.cvtColor(kept.mean, cv2.COLOR_BGR2GRAY)), kept.trusted)
        water = self._water_in(self._check, tuple(z for z in zones if z.kind is ZoneKind.WATER))
        boxes = [track.xyxy for track in people if frame.t - track.seen_t <= _SEEN_S]
        return self._check.step(frame.image, frame.t, boxes, water)

    def _water_in(self, check: CameraCheck, zones: tuple[Zone, ...]) -> Mask | None:
        if zones != self._water[0]:
            self._water = (zones, _mask(zones, check.size_wh) if zones else None)
        return self._water[1]


def _mask(zones: Sequence[Zone], size_wh: tuple[int, int]) -> Mask:
    """(h, w): where the zones are."""
    mask = np.zeros((size_wh[1], size_wh[0]), np.uint8)
    for zone in zones:
        cv2.fillPoly(mask, [np.rint(np.array(zone.polygon) * size_wh).astype(np.int32)], 1)
    return np.asarray(mask > 0)
