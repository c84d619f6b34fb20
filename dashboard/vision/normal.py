"""What a camera's picture normally looks like, at two paces, for telling what is new or gone.

The quick picture averages a second or so: ripples, rain, glints and noise fade in it, what lies or drifts
slowly stays. The normal picture moves much more slowly, and never where something unexplained is. They are
compared in the same light: clouds, dusk and exposure change wide areas alike and are taken out by the ratio
of wide averages.
(Two paces after Porikli, Ivanov and Haga 2008; the rest is ours.)
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from dashboard.values import Floats, Image
from dashboard.vision.background import Box, Mask

QUICK_S = 1.5
NORMAL_S = 25.0
DEVIATION_S = 15.0
FLICKER_S = 2.0
LEAST_DIFFERENCE = 12.0  # grey levels
DEVIATIONS = 4.0
LIGHT_PART = 6  # a sixth of the picture's width is wide: a cloud, not a ring
LIGHT_SCALE = 6
FILL_PX = 3.0
YOUNG_S = 6.0  # so long all is averaged: nobody knows yet what is usual
CHANGED_PART = 0.35
LONGEST_STEP_S = 2.0
DEVIATION_STEPS = 4  # to a grey level, as it is kept


@dataclass(frozen=True, eq=False)
class Kept:
    """What was normal in one light, where it is `known` (h, w): the picture (h, w, 3), and the usual
    deviation (h, w) in quarters of a grey level."""

    normal: Image
    deviation: Image
    known: Mask


class Normal:
    """One camera's two pictures. `feed` and `settle` change, `changed` answers."""

    def __init__(self, image_wh: tuple[int, int], width: int = 480) -> None:
        self.scale = min(1.0, width / image_wh[0])
        self.size_wh = (max(8, round(image_wh[0] * self.scale)), max(8, round(image_wh[1] * self.scale)))
        shape = (self.size_wh[1], self.size_wh[0])
        self.quick: Floats = np.zeros((*shape, 3), np.float32)
        self.normal: Floats = np.zeros((*shape, 3), np.float32)
        self.deviation: Floats = np.full(shape, 3.0, np.float32)
        self.since: NDArray[np.float64] = np.zeros(shape, np.float64)
        self.expected: Floats = self.normal
        # What is as usual lies between these: (h, w, 3) each.
        self._usual: tuple[Image, Image] = np.zeros((*shape, 3), np.uint8), np.zeros((*shape, 3), np.uint8)
        self.flicker: Floats = np.full(shape, 3.0, np.float32)
        self.back: Floats = np.full(shape, 255, np.float32)
        self.latest: Image = np.zeros((*shape, 3), np.uint8)
        self.fed_t: float | None = None
        self.began_t: float | None = None

    def feed(self, image: Image, t: float) -> None:
        """Takes a picture (H, W, 3) into the quick one."""
        shrunk = self._shrunk(image)
        self.latest = shrunk
        if self.fed_t is None or self.began_t is None:
            self.quick[:] = shrunk
            self.normal[:] = self.quick
            self.since[:] = t
            self.began_t = t
        else:
            step = min(max(t - self.fed_t, 0.0), LONGEST_STEP_S)
            cv2.accumulateWeighted(shrunk, self.quick, 1 - math.exp(-step / QUICK_S))
            self._note_flicker(step)
        self.fed_t = t

    def _shrunk(self, image: Image) -> Image:
        """A picture (H, W, 3) at this one's size. Halving as often as it goes is quick, and what is left then
        needs no wide filter."""
        width, height = self.size_wh
        while image.shape[1] >= 2 * width and image.shape[0] >= 2 * height:
            half = (image.shape[1] // 2, image.shape[0] // 2)
            image = np.asarray(cv2.resize(image, half, interpolation=cv2.INTER_AREA), np.uint8)
        return np.asarray(cv2.resize(image, self.size_wh, interpolation=cv2.INTER_LINEAR), np.uint8)

    def _note_flicker(self, step: float) -> None:
        """Keeps how far each moment is from the last second's mean, and how often it is as usual."""
        pace = 1 - math.exp(-step / FLICKER_S)
        far = _most(cv2.absdiff(self.latest, cv2.convertScaleAbs(self.quick)))
        cv2.accumulateWeighted(far, self.flicker, pace)
        cv2.accumulateWeighted(cv2.inRange(self.latest, *self._usual), self.back, pace)

    def changed(self, left_out: Mask) -> tuple[Mask, Floats, Floats]:
        """(h, w) where the quick picture is not the normal one in the present light, by how many grey levels,
        and by how many times of what is usual; `left_out` (h, w) has no say in what the light is."""
        self.expected = _in_light_of(self.quick, self.normal, left_out)
        difference = _apart(self.quick, self.expected)
        limit = _limit(self.deviation)
        expected, half = cv2.convertScaleAbs(self.expected), cv2.convertScaleAbs(limit, alpha=0.5, beta=-1)
        around = cv2.merge([half] * 3)
        below, above = cv2.subtract(expected, around), cv2.add(expected, around)
        self._usual = np.asarray(below, np.uint8), np.asarray(above, np.uint8)
        return np.asarray(difference > limit), difference, difference / limit

    def settle(self, difference: Floats, changed: Mask, held: Mask, step: float) -> None:
        """Moves the normal picture: towards what is, where nothing has changed; nowhere where something is
        `held` (h, w). What flickers makes for a larger usual deviation."""
        known_s = (self.fed_t or 0.0) - (self.began_t or 0.0)
        pace = max(1 - math.exp(-step / NORMAL_S), step / (known_s + 2 * step))
        quiet = (~held if self.young else ~(changed | held)).astype(np.uint8)
        cv2.accumulateWeighted(self.quick, self.normal, min(pace, 1.0), mask=quiet)
        rise = max(1 - math.exp(-step / DEVIATION_S), step / (known_s + 2 * step))
        shown = np.minimum(difference, np.float32(3 * LEAST_DIFFERENCE))
        cv2.accumulateWeighted(shown, self.deviation, rise, mask=(~held).astype(np.uint8))

    @property
    def young(self) -> bool:
        """Whether nobody knows yet what is usual."""
        return (self.fed_t or 0.0) - (self.began_t or 0.0) < YOUNG_S

    def restart(self, where: Mask) -> None:
        """The quick picture begins anew where the mask (h, w) says so: somebody has just gone from there."""
        self.quick[where] = self.latest[where]

    def kept(self) -> Kept:
        """What is normal in this light, to be recalled when it comes back."""
        # Less than that makes no difference to what is as usual.
        deviation = np.maximum(self.deviation, np.float32(LEAST_DIFFERENCE / DEVIATIONS))
        steps = cv2.convertScaleAbs(deviation, alpha=DEVIATION_STEPS)
        everywhere = np.ones(self.deviation.shape, bool)
        return Kept(np.asarray(cv2.convertScaleAbs(self.normal)), np.asarray(steps), everywhere)

    def recall(self, kept: Kept) -> None:
        """What was normal in this light before is normal again; what is not known of it, as it is now."""
        self.take(~kept.known, self.fed_t or 0.0)
        self.normal[kept.known] = kept.normal[kept.known]
        self.deviation[kept.known] = kept.deviation[kept.known] / np.float32(DEVIATION_STEPS)
        self.since[kept.known] = -np.inf
        # Of this light nothing has shown through anything yet.
        self.back[kept.known] = 0

    def grown_up(self, known_s: float) -> None:
        """What is normal has been known for so long, whenever the camera began."""
        self.began_t = (self.fed_t or 0.0) - known_s

    def take(self, where: Mask, t: float) -> None:
        """What is there now is normal from now on, where the mask (h, w) says so."""
        self.normal[where] = self.quick[where]
        self.since[where] = t

    def fill(self, where: Mask) -> None:
        """What is around is normal where the mask (h, w) says so: something lies there, and what is under
        it was never seen in this light (filled as by Telea 2004)."""
        if where.any():
            seen = cv2.convertScaleAbs(self.normal)
            filled = cv2.inpaint(seen, where.astype(np.uint8), FILL_PX, cv2.INPAINT_TELEA)
            self.normal[where] = np.asarray(filled, np.float32)[where]

    def part(self, box: Box) -> tuple[slice, slice]:
        """Rows and columns of a box given in pixels of the camera's picture."""
        left, top, right, bottom = (side * self.scale for side in box)
        rows = slice(max(0, math.floor(top)), max(0, math.ceil(bottom)))
        return rows, slice(max(0, math.floor(left)), max(0, math.ceil(right)))


def unexplained(now: Floats, kept: Kept, left_out: Mask | None = None) -> float:
    """The share of a picture (h, w, 3), 0 to 1, that another light's normal picture would not explain, of
    what is known of that; `left_out` (h, w) has no say."""
    free = kept.known if left_out is None else kept.known & ~left_out
    if not free.any():
        return 1.0
    limit = _limit(kept.deviation.astype(np.float32) / np.float32(DEVIATION_STEPS))
    difference = _apart(now, _in_light_of(now, kept.normal.astype(np.float32), ~free))
    return float((difference > limit)[free].mean())


def _in_light_of(now: Floats, normal: Floats, left_out: Mask) -> Floats:
    """A normal picture (h, w, 3) as it would look in the light of the one that is `now`; what is `left_out`
    (h, w) has no say in what the light is."""
    height, width = left_out.shape
    low = (max(4, width // LIGHT_SCALE), max(4, height // LIGHT_SCALE))
    use = cv2.resize((~left_out).astype(np.float32), low, interpolation=cv2.INTER_AREA)
    side = 2 * (low[0] // LIGHT_PART // 2) + 1
    bright, usual = (
        cv2.blur(cv2.resize(picture, low, interpolation=cv2.INTER_AREA) * use[..., None], (side, side))
        for picture in (now, normal)
    )
    ratio = np.clip((bright + 4) / (usual + 4), 0.4, 2.5)
    light = cv2.resize(ratio, (width, height), interpolation=cv2.INTER_LINEAR)
    return np.asarray(cv2.multiply(normal, light), np.float32)


def _limit(deviation: Floats) -> Floats:
    """Beyond what difference a pixel is not as usual: (h, w)."""
    return np.asarray(np.maximum(deviation * np.float32(DEVIATIONS), np.float32(LEAST_DIFFERENCE)))


def _apart(a: Floats, b: Floats) -> Floats:
    """The largest difference of any channel of two pictures (h, w, 3), to a whole grey level: (h, w)."""
    return np.asarray(_most(cv2.absdiff(cv2.convertScaleAbs(a), cv2.convertScaleAbs(b))), np.float32)


def _most(difference: np.ndarray) -> np.ndarray:
    """The largest of the three channels: (h, w, 3) -> (h, w)."""
    blue, green, red = cv2.split(difference)
    return np.asarray(cv2.max(cv2.max(blue, green), red))
