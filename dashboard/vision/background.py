"""The learnt background of one camera: what the picture looks like with nobody in it.

A small picture (mean and usual deviation of every pixel, as in running Gaussian background models,
Wren et al. 1997) says what is unexplained. What is unexplained and stands still becomes background only
after `absorb_s`; people's places are never learnt from. Ripples raise a pixel's usual deviation;
a slow change of light moves the mean; a sudden one is known by its keeping the structure.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from dashboard.values import Floats, Image

Box = tuple[float, float, float, float]
Mask = NDArray[np.bool_]

LEAST_DIFFERENCE = 14.0  # grey levels: below it camera noise and compression
DEVIATIONS = 3.5
LEARN_S = 20.0
LIGHT_S = 0.6
YOUNG_S = 3.0
YOUNG_DEVIATION = 4.0
FIRST_S = 10.0  # what was background for less may be somebody who was there at the start
DOUBTED_S = 20.0  # what was unlike the place around it from the start and has not moved since is part of it
EVERY_S = 0.2  # learning more often than this adds cost and nothing else
LONGEST_STEP_S = 1.0
CHANGED_PART = 0.4
SAME_STRUCTURE = 0.6
EDGE_PX = 5  # as wide as the filter that cleans the mask
STILL_BEFORE_S = 5.0  # before the watch began nobody knows: taken as this still


@dataclass(frozen=True, eq=False)
class Foreground:
    """What the background does not explain: `mask` (h, w) bool on the small picture, `boxes` `xyxy` in
    pixels of the camera's picture, `brightness` 0 to 255; `relit`: the light has just changed."""

    mask: Mask
    boxes: tuple[Box, ...]
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
        self.deviation: Floats = np.full(shape, YOUNG_DEVIATION, np.float32)
        self.known_s: Floats = np.zeros(shape, np.float32)
        self.candidate: Floats = np.zeros((*shape, 3), np.float32)
        self.candidate_s: Floats = np.zeros(shape, np.float32)
        self.recent: Floats = np.zeros((*shape, 3), np.float32)
        self.still_s: Floats = np.full(shape, STILL_BEFORE_S, np.float32)
        self.stir: Floats = np.zeros(shape, np.float32)
        self.odd: Mask = np.zeros(shape, bool)
        self.doubted: Mask = np.zeros(shape, bool)
        self.water: Mask = np.zeros(shape, bool)
        self.t: float | None = None

    def small(self, image: Image) -> Floats:
        """The picture at the background's size, slightly smoothed: (h, w, 3) float32."""
        shrunk = cv2.resize(image, self.size_wh, interpolation=cv2.INTER_AREA)
        return np.asarray(cv2.blur(shrunk, (3, 3)), np.float32)

    def compare(self, small: Floats) -> Foreground:
        """What of the small picture is not explained."""
        brightness = float(cv2.mean(small)[0] + cv2.mean(small)[1] + cv2.mean(small)[2]) / 3
        if self.t is None:
            return Foreground(np.zeros(self.deviation.shape, bool), (), brightness, False)
        difference = apart(small * self._gain(small), self.mean)
        raw = difference > np.maximum(LEAST_DIFFERENCE, DEVIATIONS * self.deviation)
        raw &= self.known_s > 0
        relit = bool(raw.mean() > CHANGED_PART) and self._same_structure(small, raw)
        mask = cleaned(raw)
        return Foreground(mask, () if relit else self.boxes(mask), brightness, relit)

    def learn(self, small: Floats, t: float, seen: Foreground, people: Sequence[Box]) -> None:
        """Learns from the small picture taken at `t` (seconds), outside the boxes of `people`."""
        if self.t is None:
            self._begin(small, t, people)
            return
        step = t - self.t
        if 0 <= step < EVERY_S:
            return
        step = min(max(step, 0.0), LONGEST_STEP_S)
        self.t = t
        self.odd = seen.mask
        self._note_changes(small, step)
        free = ~self.cover(people)
        quiet = free if seen.relit else free & ~self._with_edges(seen.mask)
        self._blend(small, quiet, step, seen.relit)
        self._absorb(small, free & seen.mask, free, step)

    def doubt(self, plain: Floats, where: Mask) -> None:
        """Takes what is `where` (h, w) for something before the place, which looks `plain` (h, w, 3): right
        after the first `learn`. It is unexplained until it goes, or has not moved for `DOUBTED_S`."""
        self.mean[where] = plain[where]
        self.known_s[where] = 1e-3
        self.doubted = where

    def _with_edges(self, mask: Mask) -> Mask:
        """The mask with its edges in the water. They fall short in it, and learnt, they would eat up a head
        bit by bit. On land they are shadows more often."""
        wide = cv2.dilate(mask.view(np.uint8), np.ones((EDGE_PX, EDGE_PX), np.uint8)) > 0
        return np.asarray(mask | (wide & self.water))

    def recall(self, mean: Floats, deviation: Floats, known_s: Floats, t: float) -> None:
        """Takes up what was learnt before; what does not fit the size is left."""
        if mean.shape != self.mean.shape:
            return
        self.mean[:] = self.candidate[:] = self.recent[:] = mean
        self.deviation[:], self.known_s[:] = deviation, known_s
        self.t = t

    def cover(self, boxes: Sequence[Box], margin: float = 0.15) -> Mask:
        """(h, w) mask of boxes given in pixels of the camera's picture, widened by `margin` of their size."""
        mask = np.zeros(self.deviation.shape, bool)
        for left, top, right, bottom in boxes:
            across, down = margin * (right - left), margin * (bottom - top)
            mask[self._part((left - across, top - down, right + across, bottom + down))] = True
        return mask

    def quiet_s(self, box: Box, share: float = 0.05) -> float:
        """Seconds for which nothing has moved in a box (pixels of the camera's picture): the time since
        the latest `share` of its pixels last changed."""
        part = self.still_s[self._part(box)]
        place = int(part.size * share)
        return float(np.partition(part.ravel(), place)[place]) if part.size else 0.0

    def unexplained(self, box: Box) -> float:
        """The part, 0 to 1, of a box (pixels of the camera's picture) that the background did not explain
        when it last learnt."""
        part = self.odd[self._part(box)]
        return float(part.mean()) if part.size else 0.0

    def usual(self, box: Box, size_wh: tuple[int, int]) -> Image:
        """The learnt picture (h, w, 3) of a box (pixels of the camera's picture), at `size_wh`. Where nothing
        was learnt yet it is the middle colour of what was learnt around the box."""
        part = self._part(box)
        mean = self.mean[part].copy()
        unknown = self.known_s[part] <= 0
        if unknown.any():
            across, down = box[2] - box[0], box[3] - box[1]
            around = self._part((box[0] - across, box[1] - down, box[2] + across, box[3] + down))
            known = self.mean[around][self.known_s[around] > 0]
            mean[unknown] = np.median(known, axis=0) if len(known) else mean[unknown]
        picture = np.clip(mean, 0, 255).astype(np.uint8)
        return np.asarray(cv2.resize(picture, size_wh, interpolation=cv2.INTER_LINEAR), np.uint8)

    def _part(self, box: Box) -> tuple[slice, slice]:
        left, top, right, bottom = (side * self.scale for side in box)
        rows = slice(max(0, math.floor(top)), max(0, math.ceil(bottom)))
        return rows, slice(max(0, math.floor(left)), max(0, math.ceil(right)))

    def _begin(self, small: Floats, t: float, people: Sequence[Box]) -> None:
        self.t = t
        self.mean[:] = self.candidate[:] = self.recent[:] = small
        self.known_s[~self.cover(people)] = 1e-3

    def _gain(self, small: Floats) -> Floats:
        """The camera's change of exposure and colour, one factor per channel: (3,)."""
        now, usual = small[::6, ::6].reshape(-1, 3), self.mean[::6, ::6].reshape(-1, 3)
        ratio = np.median((usual + 8) / (now + 8), axis=0)
        return np.asarray(np.clip(ratio, 0.6, 1.6), np.float32)

    def _same_structure(self, small: Floats, changed: Mask) -> bool:
        """Whether the changed part still has the old picture's edges (local correlation of greys)."""
        alike, textured = local_correlation(small.mean(axis=2), self.mean.mean(axis=2))
        judged = changed & textured
        return bool(judged.sum() > 50) and float(np.median(alike[judged])) > SAME_STRUCTURE

    def _note_changes(self, small: Floats, step: float) -> None:
        """Keeps for each pixel how long it has stayed as it is, and how much it changes in a second."""
        change = apart(small, self.recent)
        changed = change > LEAST_DIFFERENCE
        cv2.accumulateWeighted(change, self.stir, 1 - math.exp(-step / LEARN_S))
        self.still_s += np.float32(step)
        self.still_s[changed] = 0
        cv2.accumulateWeighted(small, self.recent, 1 - math.exp(-step / 1.0))

    def _blend(self, small: Floats, where: Mask, step: float, relit: bool) -> None:
        """Moves mean and deviation towards the picture: quickly while little is known. A change of light
        moves only the mean: it says nothing about what is usual from now on."""
        within_s = LIGHT_S if relit else LEARN_S
        pace = np.maximum(np.float32(1 - math.exp(-step / within_s)), step / (self.known_s + (step + 0.2)))
        weight = np.where(where, pace, 0).astype(np.float32)
        size = apart(small, self.mean)
        self.mean += cv2.merge([weight] * 3) * (small - self.mean)
        self.known_s += np.where(where, np.float32(step), np.float32(0))
        if relit:
            return
        rising = np.where(size > self.deviation, np.float32(2.0), np.float32(0.7))
        self.deviation += np.minimum(weight * rising, 1) * (size - self.deviation)
        np.clip(self.deviation, 1.0, 40.0, out=self.deviation)

    def _absorb(self, small: Floats, odd: Mask, free: Mask, step: float) -> None:
        """What is unexplained and still waits as a candidate; after long enough it is background. A pixel
        that was background only briefly gives way sooner."""
        self.candidate_s[free & ~odd] = 0
        places = np.nonzero(odd)
        if len(places[0]) == 0:
            return
        now, waiting = small[places], self.candidate[places]
        still = np.abs(now - waiting).max(axis=1) < LEAST_DIFFERENCE
        waited = np.where(still, self.candidate_s[places] + np.float32(step), 0)
        waiting = np.where(still[:, None], waiting + 0.2 * (now - waiting), now)
        known = self.known_s[places]
        young_s = np.where(self.doubted[places], DOUBTED_S, YOUNG_S)
        ripe = waited > np.where(known < FIRST_S, np.maximum(2 * known, young_s), self.absorb_s)
        self.candidate[places] = waiting
        self.mean[places] = np.where(ripe[:, None], waiting, self.mean[places])
        self.deviation[places] = np.where(ripe, YOUNG_DEVIATION, self.deviation[places])
        self.known_s[places] = np.where(ripe, 1e-3, known)
        self.candidate_s[places] = np.where(ripe, 0, waited)

    def boxes(self, mask: Mask) -> tuple[Box, ...]:
        """Boxes of the connected parts of the mask, in pixels of the camera's picture, largest first."""
        _, _, stats, _ = cv2.connectedComponentsWithStats(mask.view(np.uint8), connectivity=8)
        least = max(12, 0.0004 * mask.size)
        found = stats[1:][stats[1:, cv2.CC_STAT_AREA] >= least].astype(float)
        found = found[np.argsort(-found[:, cv2.CC_STAT_AREA], kind="stable")]
        left, top = found[:, 0] / self.scale, found[:, 1] / self.scale
        right, bottom = left + found[:, 2] / self.scale, top + found[:, 3] / self.scale
        return tuple(zip(left.tolist(), top.tolist(), right.tolist(), bottom.tolist(), strict=True))


def apart(a: Floats, b: Floats) -> Floats:
    """The largest difference of any channel: (h, w, 3) twice -> (h, w)."""
    blue, green, red = cv2.split(cv2.absdiff(a, b))
    return np.asarray(cv2.max(cv2.max(blue, green), red), np.float32)


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
    return np.asarray(alike, np.float32), textured


def cleaned(mask: Mask) -> Mask:
    """Without specks, with small holes closed."""
    smooth = cv2.medianBlur(mask.view(np.uint8), 5)
    closed = cv2.morphologyEx(smooth, cv2.MORPH_CLOSE, np.ones((5, 5), np.uint8))
    return np.asarray(closed > 0)
