"""The picture behind the skeletons: the camera's view with nobody in it.

It shows a place only once that has proved to be the place itself (`trust.py`): searchers miss people, most
of all those cut off by the picture's edge. Its colours come from there, and fine detail where the picture
stands still, is explained and holds nobody known. Instead of all the rest there are a few large patches of
colour, in which nobody can be made out. Before a picture is shown, the searchers look through it, a run per
frame: where they find somebody after all, that place is filled too.
"""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from dashboard.settings import VisionSettings
from dashboard.values import Floats, Image, Label
from dashboard.vision.background import Background, Box, Mask, apart
from dashboard.vision.body import body_box, crop_of_box, plausible
from dashboard.vision.models import VisionModels
from dashboard.vision.tiles import layout
from dashboard.vision.trust import SAME, Trust

WIDEST = 1280
TAKE_S = 1.0
SHOW_S = 10.0
# So many patches across a picture of which nothing is known yet: a body is two or three of them.
PATCHES = 20
SETTLED_S = 3.0
STILL_S = 5.0
PEOPLE_MARGIN = 0.5
# Somebody whom the searchers lose for a while mostly still stands where they last saw somebody.
PEOPLED_S = 30.0
PEOPLED_MARGIN = 0.25
FOUND_MARGIN = 0.3
DETECTOR_SCORE = 0.25
CHECK_PARTS = (0.0, 0.6, 0.35)
CHECK_OVERLAP = 0.35


class EmptyView:
    """Keeps the empty picture of one camera. `picture` is None until one has been looked through. `known`
    (h, w), at the background's size, is where the place was ever trusted, `colours` (h, w, 3) what it
    looked like there; `detailed` where there is fine `detail`, at the picture's size."""

    def __init__(self, models: VisionModels, settings: VisionSettings, image_wh: tuple[int, int]) -> None:
        scale = min(1.0, WIDEST / image_wh[0])
        self.size_wh = (round(image_wh[0] * scale), round(image_wh[1] * scale))
        self.picture: Image | None = None
        self.detail: Image = np.zeros((self.size_wh[1], self.size_wh[0], 3), np.uint8)
        self.detailed: Mask | None = None
        self.known: Mask | None = None
        self.colours: Floats | None = None
        self._models = models
        self._settings = settings
        self._scale = scale
        self._trust: Trust | None = None
        self._peopled_t: NDArray[np.float64] | None = None
        self._t = 0.0
        self._taken_t: float | None = None
        self._shown_t: float | None = None
        self._candidate: Image | None = None
        self._found: list[Box] = []
        self._left: list[int] = []
        self._tiles = layout(self.size_wh, CHECK_PARTS, CHECK_OVERLAP)

    def see(
        self, image: Image, small: Floats, t: float, background: Background, people: Sequence[Box]
    ) -> None:
        """Takes what is safe out of a frame, `small` at the background's size, in which `people` (boxes in
        its pixels) are; after the background has learnt from it. At most one model run."""
        self._t = t
        peopled_t = self._peopled(background)
        peopled_t[background.cover(people, PEOPLED_MARGIN)] = t
        if self._taken_t is None or not 0 <= t - self._taken_t < TAKE_S:
            self._taken_t = t
            self._take(image, small, background, people)
        if self._candidate is not None:
            self._check()
        elif self._due(t, background):
            self._shown_t = t
            self._candidate = self.composed(background)
            self._found, self._left = [], list(range(-1, len(self._tiles)))

    def recall(self, colours: Floats, known: Mask, detail: Image, detailed: Mask) -> None:
        """Takes up what was kept; what does not fit the size is left."""
        if detail.shape != self.detail.shape:
            return
        self.detail, self.detailed = detail.copy(), detailed.copy()
        self.colours, self.known = colours.copy(), known.copy()
        self._trust = Trust(known.shape)
        self._trust.recall(colours, known)

    def composed(self, background: Background, without: Sequence[Box] = ()) -> Image:
        """The picture by what is known now; `without`: boxes, in its own pixels, to be left out."""
        if self.known is None or self.colours is None or self.detailed is None:
            return self._patches(background, np.zeros(background.known_s.shape, bool))
        known = self.known & ~(self._lately(background) & ~self.detailed)
        scale = background.size_wh[0] / self.size_wh[0]
        known &= ~covered(known.shape, [_scaled(box, scale) for box in without], FOUND_MARGIN)
        sure = cv2.resize(filled(self.colours, known), self.size_wh, interpolation=cv2.INTER_LINEAR)
        picture = np.clip(sure, 0, 255).astype(np.uint8)
        fine = self.enlarged(self.detailed & known)
        picture[fine] = self.detail[fine]
        share = cv2.blur(cv2.erode(known.view(np.uint8), np.ones((5, 5), np.uint8)) * np.uint8(255), (5, 5))
        if share.min() == 255:
            return picture
        weight = cv2.resize(share, self.size_wh, interpolation=cv2.INTER_LINEAR).astype(np.float32)[..., None]
        rest = self._patches(background, known)
        mixed = (picture * weight + rest * (255 - weight)) / 255
        return np.clip(np.round(mixed), 0, 255).astype(np.uint8)

    def same(self, picture: Floats) -> Mask:
        """Where a picture (h, w, 3) of any size shows what was trusted, and so nobody: (h, w)."""
        size_wh = (picture.shape[1], picture.shape[0])
        if self.known is None or self.colours is None:
            return np.zeros(picture.shape[:2], bool)
        known_wh = (self.known.shape[1], self.known.shape[0])
        small = cv2.blur(cv2.resize(picture, known_wh, interpolation=cv2.INTER_AREA), (3, 3))
        own = self.known & (apart(np.asarray(small, np.float32), self.colours) < SAME)
        return np.asarray(cv2.resize(own.view(np.uint8), size_wh, interpolation=cv2.INTER_NEAREST) > 0)

    def _patches(self, background: Background, known: Mask) -> Image:
        """A few large patches of colour: what was seen where nobody was and nothing was new."""
        colours = (
            background.mean
            if self.colours is None
            else np.where(known[..., None], self.colours, background.mean)
        )
        good = (background.known_s > 0) & ~self._lately(background)
        good &= known | ~background.odd
        wide = PATCHES, max(1, round(PATCHES * self.size_wh[1] / self.size_wh[0]))
        weight = cv2.resize(good.astype(np.float32), wide, interpolation=cv2.INTER_AREA)
        summed = cv2.resize(colours * good[..., None].astype(np.float32), wide, interpolation=cv2.INTER_AREA)
        patches = filled(np.asarray(summed / np.maximum(weight, 1e-6)[..., None], np.float32), weight > 0.05)
        large = cv2.resize(patches, self.size_wh, interpolation=cv2.INTER_CUBIC)
        return np.clip(large, 0, 255).astype(np.uint8)

    def _due(self, t: float, background: Background) -> bool:
        if self._shown_t is not None and 0 <= t - self._shown_t < SHOW_S:
            return False
        return bool((background.known_s >= SETTLED_S).mean() > 0.1)

    def _take(self, image: Image, small: Floats, background: Background, people: Sequence[Box]) -> None:
        """Takes in what the place looks like where it is trusted, and its detail where that is still,
        explained, and far from everybody."""
        if self._trust is None or self.known is None or self.colours is None or self.detailed is None:
            self._trust = self._trust or Trust(background.known_s.shape)
            self.known = np.zeros(background.known_s.shape, bool)
            self.detailed, self.colours = self.known.copy(), np.zeros_like(background.mean)
        near = background.cover(people, PEOPLE_MARGIN) | self._lately(background)
        self._trust.step(small, self._t, ~near, background.deviation, background.stir)
        trusted = self._trust.trusted()
        self.colours[trusted] = self._trust.colours()[trusted]
        self.known |= trusted
        reach = max(3, background.size_wh[0] // 40)
        odd = cv2.dilate(background.odd.view(np.uint8), np.ones((reach, reach), np.uint8)) > 0
        safe = self._trust.shown() & (background.still_s >= STILL_S) & ~odd & ~near
        shrunk = image if self._scale == 1 else cv2.resize(image, self.size_wh, interpolation=cv2.INTER_AREA)
        fine = self.enlarged(safe)
        self.detail[fine] = shrunk[fine]
        taken = cv2.resize(self.detail, background.size_wh, interpolation=cv2.INTER_AREA)
        stale = apart(np.asarray(taken, np.float32), self.colours) > 40
        self.detailed = (self.detailed | safe) & ~(stale & ~safe)

    def _peopled(self, background: Background) -> NDArray[np.float64]:
        """When somebody was last seen at each pixel of the background, (h, w) seconds; long ago at first."""
        if self._peopled_t is None:
            self._peopled_t = np.full(background.known_s.shape, -np.inf, np.float64)
        return self._peopled_t

    def _lately(self, background: Background) -> Mask:
        """Where somebody was seen within the last PEOPLED_S."""
        return np.asarray(np.abs(self._t - self._peopled(background)) < PEOPLED_S)

    def enlarged(self, mask: Mask) -> Mask:
        """A mask at the background's size, at the picture's."""
        large = cv2.resize(mask.view(np.uint8), self.size_wh, interpolation=cv2.INTER_NEAREST)
        return np.asarray(large > 0)

    def _check(self) -> None:
        """One model run over the candidate; after the last one it is shown, without whom they found."""
        if self._candidate is None:
            return
        if self._left:
            self._found += self._people(self._candidate, self._left.pop(0))
        if not self._left:
            self.picture = blotted(self._candidate, self._found)
            self._candidate = None

    def _people(self, picture: Image, run: int) -> list[Box]:
        """Boxes of people in the picture by one run: -1 is the whole-picture detector, else a tile."""
        if run < 0:
            if self._models.detector is None:
                return []
            boxes = self._models.detector.submit(picture).result(DETECTOR_SCORE, 0.6)
            people = [b.xyxy for b in boxes if b.label is Label.PERSON]
            return [box for box in people if not self._vast(box) or self._present(picture, box)]
        found = self._models.search.submit(picture, self._tiles[run]).result(self._settings.tile_score)
        seen = self._models.landmarks.run_all(picture, [one.crop() for one in found])
        sure = [s for s in seen if s.presence >= self._settings.presence and plausible(s.points)]
        return [body_box(s.points) for s in sure]

    def _vast(self, box: Box) -> bool:
        return (box[2] - box[0]) * (box[3] - box[1]) > 0.5 * self.size_wh[0] * self.size_wh[1]

    def _present(self, picture: Image, box: Box) -> bool:
        """Whether a box that would take most of the picture away really holds a body: detectors are
        easily wrong about the whole of an empty, smooth picture."""
        seen = self._models.landmarks.run_all(picture, [crop_of_box(box)])[0]
        return seen.presence >= self._settings.presence and plausible(seen.points)


def filled(colours: Floats, known: Mask) -> Floats:
    """(h, w, 3) with what is not `known` filled from what is known around it, ever more smoothly with the
    distance; grey where nothing is known at all."""
    result = np.where(known[..., None], colours, 0).astype(np.float32)
    weight = known.astype(np.float32)
    answer, open_ = result.copy(), ~known
    side = 9
    while open_.any() and side < 2 * max(known.shape):
        near = cv2.blur(weight, (side, side))
        mixed = cv2.blur(result, (side, side))
        reached = open_ & (near > 0.02)
        answer[reached] = mixed[reached] / near[reached][:, None]
        open_ &= ~reached
        side = side * 2 + 1
    answer[open_] = 128
    return answer


def blotted(picture: Image, boxes: Sequence[Box]) -> Image:
    """The picture with boxes (in its pixels, widened) filled from around them."""
    if not boxes:
        return picture
    height, width = picture.shape[:2]
    small_wh = (max(1, width // 4), max(1, height // 4))
    small = cv2.resize(picture, small_wh, interpolation=cv2.INTER_AREA).astype(np.float32)
    hidden = covered((small_wh[1], small_wh[0]), [_scaled(box, 0.25) for box in boxes], FOUND_MARGIN)
    smooth = cv2.resize(filled(small, ~hidden), (width, height), interpolation=cv2.INTER_LINEAR)
    large = cv2.resize(hidden.view(np.uint8), (width, height), interpolation=cv2.INTER_NEAREST) > 0
    result = picture.copy()
    result[large] = np.clip(smooth, 0, 255).astype(np.uint8)[large]
    return result


def covered(shape: tuple[int, ...], boxes: Sequence[Box], margin: float) -> Mask:
    """(h, w) mask of boxes in its pixels, widened by `margin` of their size."""
    mask = np.zeros(shape, bool)
    for left, top, right, bottom in boxes:
        across, down = margin * (right - left), margin * (bottom - top)
        x0, y0 = max(0, int(left - across)), max(0, int(top - down))
        mask[y0 : max(0, int(bottom + down) + 1), x0 : max(0, int(right + across) + 1)] = True
    return mask


def _scaled(box: Box, scale: float) -> Box:
    return box[0] * scale, box[1] * scale, box[2] * scale, box[3] * scale
