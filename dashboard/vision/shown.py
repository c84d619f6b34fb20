"""What of a light's normal picture may be kept on disk, as compressed pictures: where it showed nothing but
the empty place when it was taken. Elsewhere what was taken before stays: somebody may stand there now."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from dashboard.values import Image
from dashboard.vision.background import Mask
from dashboard.vision.normal import Kept


class ShownError(ValueError):
    """The compressed pictures do not belong together."""


@dataclass(eq=False)
class Shown:
    """PNG pictures: `picture` in colour, black where nothing is known; `deviation` as of `Kept`, 0 there.
    Both empty while nothing is. `renew` and `blank` change."""

    picture: bytes = b""
    deviation: bytes = b""

    @property
    def size(self) -> int:
        """In bytes."""
        return len(self.picture) + len(self.deviation)

    def renew(self, now: Kept, fresh: Mask) -> None:
        """Takes in what is normal `now` where it is `fresh` (h, w)."""
        fresh = fresh & now.known
        if not fresh.any():
            return
        normal, deviation = now.normal, now.deviation
        if self.picture:
            before = self.kept()
            normal = np.where(fresh[..., None], normal, before.normal)
            deviation = np.where(fresh, deviation, before.deviation)
            fresh = fresh | before.known
        self._pack(normal, deviation, fresh)

    def blank(self, where: Mask) -> None:
        """Nothing is kept where the mask (h, w) says so."""
        if self.picture and (where & (_unpacked(self.deviation, -1) > 0)).any():
            kept = self.kept()
            self._pack(kept.normal, kept.deviation, kept.known & ~where)

    def kept(self) -> Kept:
        """As what is normal; `known` where something is. ShownError."""
        normal, deviation = _unpacked(self.picture, cv2.IMREAD_COLOR), _unpacked(self.deviation, -1)
        if deviation.ndim != 2 or normal.shape != (*deviation.shape, 3):
            raise ShownError("the pictures are of different sizes")
        return Kept(normal, deviation, np.asarray(deviation > 0))

    def _pack(self, normal: Image, deviation: Image, known: Mask) -> None:
        self.picture = _packed(np.where(known[..., None], normal, np.uint8(0)))
        self.deviation = _packed(np.where(known, np.maximum(deviation, 1), np.uint8(0)))


def _packed(image: Image) -> bytes:
    return bytes(cv2.imencode(".png", image, [cv2.IMWRITE_PNG_COMPRESSION, 3])[1])


def _unpacked(data: bytes, flag: int) -> Image:
    try:
        found = cv2.imdecode(np.frombuffer(data, np.uint8), flag) if data else None
    except cv2.error as error:
        raise ShownError(f"a picture is damaged ({error.err})") from None
    if found is None or found.dtype != np.uint8:
        raise ShownError("a picture is damaged")
    return np.asarray(found, np.uint8)
