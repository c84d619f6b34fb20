"""The learnt background of one camera: what the picture looks like with nobody in it.

A small picture (mean and usual deviation of every pixel, as in running Gaussian background models,
Wren et al. 1997) says what is unexplained. What is unexplained and stands still becomes background only
after `absorb_s`; people's places are never learnt from. Ripples raise a pixel's usual deviation;
a slow change of light moves the mean; a sudden one is known by its keeping the structure.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from dashboard.values import Floats, Image

Boxes = list[tuple[float, float, float, float]]
Mask = NDArray[np.bool_]

LEAST_DIFFERENCE = 14.0  # grey levels: below it camera noise and compression
DEVIATIONS = 3.5
LEARN_S = 20.0
LIGHT_S = 0.6
YOUNG_S = 3.0
CHANGED_PART = 0.4
SAME_STRUCTURE = 0.6


@dataclass(frozen=True, eq=False)
class Foreground:
    """What the background does not explain: `mask` (h, w) bool on the small picture, `boxes` `xyxy` in
    pixels of the camera's picture, `brightness` 0 to 255; `relit`: the light has just changed."""

    mask: Mask
    boxes: Boxes
    brightness: float
    relit: bool


class Background:
    """Learns one camera's picture. `compare` answers; `learn` changes."""

    def __init__(self, image_wh: tuple[int, int], width: int = 320, absorb_s: float = 180.0) -> None:
        self.image_wh = image_wh
        self.scale = min(1.0, width / image_wh[0])
        self.size_wh = (round(image_wh[0] * self.scale), max(1, round(image_wh[1] * self.scale)))
        self.absorb_s = absorb_s
        shape = (self.size_wh[1], self.size_wh[0])
        self.mean: Floats = np.zeros((*shape, 3), np.float32)
        self.deviation: Floats = np.full(shape, 4.0, np.float32)
        self.known_s: Floats = np.zeros(shape, np.float32)
        self.candidate: Floats = np.zeros((*shape, 3), np.float32)
        self.candidate_s: Floats = np.zeros(shape, np.float32)
        self.t: float | None = None

    def small(self, image: Image) -> Floats:
        """The picture at the background's size, slightly smoothed: (h, w, 3) float32."""
        shrunk = cv2.resize(image, self.size_wh, interpolation=cv2.INTER_AREA)
        return cv2.blur(shrunk, (3, 3)).astype(np.float32)

    def compare(self, small: Floats) -> Foreground:
        """What of the small picture is not explained."""
        brightness = float(small.mean())
        if self.t is None:
            empty = np.zeros(self.deviation.shape, bool)
            return Foreground(empty, [], brightness, False)
        difference = np.abs(small * self._gain(small) - self.mean).max(axis=2)
        raw = difference > np.maximum(LEAST_DIFFERENCE, DEVIATIONS * self.deviation)
        raw &= self.known_s > 0
        relit = bool(raw.mean() > CHANGED_PART) and self._same_structure(small, raw)
        mask = _cleaned(raw)
        return Foreground(mask, [] if relit else self._boxes(mask), brightness, relit)

    def learn(self, small: Floats, t: float, seen: Foreground, people: Boxes) -> None:
        """Learns from the small picture taken at `t` (seconds), outside the boxes of `people`."""
        step = 0.0 if self.t is None else min(max(t - self.t, 0.0), 1.0)
        first = self.t is None
        self.t = t
        free = ~self.cover(people)
        if first:
            self.mean[:] = self.candidate[:] = small
            self.known_s[free] = 1e-3
            return
        quiet = free if seen.relit else free & ~seen.mask
        self._blend(small, quiet, LIGHT_S if seen.relit else LEARN_S, step)
        self._absorb(small, free & seen.mask, free, step)

    def cover(self, boxes: Boxes, margin: float = 0.15) -> Mask:
        """(h, w) mask of boxes given in pixels of the camera's picture, widened by `margin` of their size."""
        mask = np.zeros(self.deviation.shape, bool)
        for left, top, right, bottom in boxes:
            across, down = margin * (right - left), margin * (bottom - top)
            x0, y0 = max(0, int((left - across) * self.scale)), max(0, int((top - down) * self.scale))
            x1, y1 = math.ceil((right + across) * self.scale), math.ceil((bottom + down) * self.scale)
            mask[y0 : max(0, y1), x0 : max(0, x1)] = True
        return mask

    def _gain(self, small: Floats) -> Floats:
        """The camera's change of exposure and colour, one factor per channel: (3,)."""
        now, usual = small[::4, ::4].reshape(-1, 3), self.mean[::4, ::4].reshape(-1, 3)
        ratio = np.median((usual + 8) / (now + 8), axis=0)
        return np.asarray(np.clip(ratio, 0.6, 1.6), np.float32)

    def _same_structure(self, small: Floats, changed: Mask) -> bool:
        """Whether the changed part still has the old picture's edges (local correlation of greys)."""
        now, usual = small.mean(axis=2), self.mean.mean(axis=2)
        alike, textured = local_correlation(now, usual)
        judged = changed & textured
        return bool(judged.sum() > 50) and float(np.median(alike[judged])) > SAME_STRUCTURE

    def _blend(self, small: Floats, where: Mask, within_s: float, step: float) -> None:
        """Moves mean and deviation towards the picture: quickly while little is known."""
        pace = np.maximum(1 - math.exp(-step / within_s), step / (step + self.known_s + 0.2))
        weight = np.where(where, pace, 0).astype(np.float32)
        error = small - self.mean
        self.mean += weight[..., None] * error
        size = np.abs(error).max(axis=2)
        rising = size > self.deviation
        self.deviation += weight * np.where(rising, 2.0, 0.7) * (size - self.deviation)
        np.clip(self.deviation, 1.0, 40.0, out=self.deviation)
        self.known_s[where] += step

    def _absorb(self, small: Floats, odd: Mask, free: Mask, step: float) -> None:
        """What is unexplained and still waits as a candidate; after long enough it is background. A pixel
        that was background only briefly gives way sooner."""
        still = odd & (np.abs(small - self.candidate).max(axis=2) < LEAST_DIFFERENCE)
        self.candidate_s = np.where(still, self.candidate_s + step, np.where(free, 0, self.candidate_s))
        fresh = odd & ~still
        self.candidate[fresh] = small[fresh]
        self.candidate[still] += 0.2 * (small[still] - self.candidate[still])
        ripe = still & (self.candidate_s > np.clip(2 * self.known_s, YOUNG_S, self.absorb_s))
        self.mean[ripe] = self.candidate[ripe]
        self.deviation[ripe] = 4.0
        self.known_s[ripe] = 1e-3
        self.candidate_s[ripe] = 0

    def _boxes(self, mask: Mask) -> Boxes:
        """Boxes of the connected parts of the mask, in pixels of the camera's picture, largest first."""
        count, _, stats, _ = cv2.connectedComponentsWithStats(mask.astype(np.uint8), connectivity=8)
        least = max(12, 0.0004 * mask.size)
        found = [stats[i] for i in range(1, count) if stats[i, cv2.CC_STAT_AREA] >= least]
        found.sort(key=lambda stat: -int(stat[cv2.CC_STAT_AREA]))
        return [
            (x / self.scale, y / self.scale, (x + w) / self.scale, (y + h) / self.scale)
            for x, y, w, h, _ in (map(float, stat) for stat in found)
        ]


def local_correlation(a: Floats, b: Floats, side: int = 9) -> tuple[Floats, Mask]:
    """Correlation of two grey pictures (h, w) in every `side` x `side` window, and where both have enough
    texture for it to mean something."""
    box = (side, side)
    mean_a, mean_b = cv2.blur(a, box), cv2.blur(b, box)
    var_a = np.maximum(cv2.blur(a * a, box) - mean_a * mean_a, 0)
    var_b = np.maximum(cv2.blur(b * b, box) - mean_b * mean_b, 0)
    both = cv2.blur(a * b, box) - mean_a * mean_b
    textured = (var_a > 9) & (var_b > 9)
    alike = np.divide(both, np.sqrt(var_a * var_b), out=np.zeros_like(both), where=textured)
    return alike.astype(np.float32), textured


def _cleaned(mask: Mask) -> Mask:
    """Without specks, with small holes closed."""
    smooth = cv2.medianBlur(mask.astype(np.uint8), 5)
    closed = cv2.morphologyEx(smooth, cv2.MORPH_CLOSE, np.ones((5, 5), np.uint8))
    return np.asarray(closed > 0)
