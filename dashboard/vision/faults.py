"""Faults of a camera by its picture: moved, covered, defocused, dark, dazzled.

The long-term picture is learnt where nobody is, much more slowly than anything happens, and not at all where
its edges are gone. A few times a second the edges of the last moments are compared with its own, block by
block. Only blocks whose edges are usually found again have a say: water, leaves in the wind and places where
people walk have none. Where many blocks have lost theirs, corners that are found elsewhere mean a camera that
was moved; soft edges at the old places a lens out of focus; none at all something before the lens. Anything
else (other lamps, furniture, a crowd) is no fault, and learnt after a while.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

import cv2
import numpy as np

from dashboard.values import CameraFault, FaultKind, Floats, Image
from dashboard.vision.background import Box, Mask
from dashboard.vision.displaced import Displacement, displacement
from dashboard.vision.lasting import Lasting
from dashboard.vision.learnt_view import LearntView
from dashboard.vision.recalled import Fit, Look, Recalled
from dashboard.vision.structure import (
    Structure,
    blocks,
    contrast,
    largest_part,
    likeness,
    sharpness,
    small_grey,
    structure_of,
)

PIXELS = 320 * 180
LOOK_S = 0.35
PRESENT_S = 0.7
LONGEST_STEP_S = 2.0
LOST, LOST_SHARE = 0.4, 0.3
TRIED_EVERY_S = 1.0
MOVED_FAR, MOVED_ZOOM = 0.012, 0.04  # of the picture's width: zones are drawn more exactly than that
OTHER_VIEW, NOT_ONLY_SOFT = 0.45, 0.35
COVERED_PART = 0.13  # of the picture, in one piece
SMOOTH, PLAIN = 0.45, 4.0
SOFT = 0.55
COARSE_ALIKE, VEILED = 0.75, 0.6
STILL_PX, STILL_PEAK = 2.5, 0.03
DARK_GREY = 26.0
WHITE_GREY, GLARE_PART, GLARE_WATER = 240.0, 0.12, 0.35
COARSE_WH = (64, 36)
FORGIVE_S = 120.0


class CameraCheck:
    """Watches one camera's view. `step` changes, and says what is wrong."""

    def __init__(self, image_wh: tuple[int, int]) -> None:
        self.image_wh = image_wh
        self.scale = min(1.0, math.sqrt(PIXELS / (image_wh[0] * image_wh[1])))
        width, height = (max(32, round(side * self.scale)) for side in image_wh)
        self.size_wh = (width, height)
        shape = (self.size_wh[1], self.size_wh[0])
        self.look: Look | None = None
        self._now: Floats = np.zeros(shape, np.float32)
        self._view = LearntView(np.zeros(shape, np.float32))
        self._lasting = Lasting(PRESENT_S)
        self._t: float | None = None
        self._tried_t = float("-inf")
        self._displacement: Displacement | None = None
        self._odd_since: float | None = None
        self._recalled: Recalled | None = None

    @property
    def fault(self) -> CameraFault | None:
        """What is wrong now, as far as that is sure."""
        return self._lasting.told

    def step(
        self, image: Image, t: float, people: Sequence[Box], water: Mask | None = None
    ) -> CameraFault | None:
        """What is wrong with the view at `t` (s). `people`: boxes of whoever is known to be there, pixels of
        `image` (H, W, 3); `water` (h, w) of the same shape: where it is, None where nobody has said so."""
        if self._t is not None and 0 <= t - self._t < LOOK_S:
            return self.fault
        grey, step = small_grey(image, self.size_wh), 0.0
        if self._t is None or not 0 <= t - self._t <= 5 * LONGEST_STEP_S:
            self._now[:] = grey
        else:
            step = min(t - self._t, LONGEST_STEP_S)
            cv2.accumulateWeighted(grey, self._now, 1 - math.exp(-step / PRESENT_S))
        self._t = t
        self.look = self._looked(t, step, self._free(people), water)
        # Where nothing can be said, what was told stays.
        return self.fault if self.look is None else self._lasting.step(self.look.kind, t)

    def recall(self, grey: Floats, known: Mask) -> None:
        """Takes up what the view was before, (h, w) of any size, as far as it is `known` (same size). It is
        held against what is seen from now on."""
        picture = cv2.resize(grey, self.size_wh, interpolation=cv2.INTER_AREA)
        where = cv2.resize(known.astype(np.uint8), self.size_wh, interpolation=cv2.INTER_NEAREST) > 0
        self._view.recall(np.asarray(picture, np.float32), np.asarray(where))
        self._recalled = Recalled(np.asarray(where))

    def forget(self) -> None:
        """What is seen from now on is the view."""
        self._recalled = None
        self._view = LearntView(np.zeros_like(self._now))
        self._lasting = Lasting(PRESENT_S)
        self._t = self._odd_since = self._displacement = None

    def _looked(self, t: float, step: float, free: Floats, water: Mask | None) -> Look | None:
        """What this look says, and learning from it; None where it can say nothing."""
        if float(np.percentile(self._now[::4, ::4], 97)) < DARK_GREY:
            return Look(FaultKind.DARK)
        if self._dazzled(water):
            return Look(FaultKind.GLARE)
        view = self._view
        if view.known_s == 0:
            view.grey[:] = self._now
        now, learnt = structure_of(self._now), view.structure()
        alike, sharp, seen = likeness(learnt, now, free), sharpness(now), blocks(free) > 0.5
        voters = view.voters(seen)
        if voters is None:
            view.learn(self._now, max(step, 1e-3), free, alike, sharp, np.zeros_like(seen))
            return Look(None) if view.young else None
        lost = voters & (alike < LOST * view.usual)
        if self._recalled is not None:
            free = free * self._recalled.inner
        look = self._judged(t, now, learnt, voters, lost, sharp, free)
        if self._recalled is not None:
            return self._held_against(self._recalled, look, t, alike, sharp)
        if look.kind is None and self.fault is None and self._may_learn(lost, voters, t):
            held = np.zeros_like(lost) if self._odd_since is not None else lost
            view.learn(self._now, step, free, alike, sharp, held)
        return look

    def _held_against(self, recalled: Recalled, look: Look, t: float, alike: Floats, sharp: Floats) -> Look:
        """What a look says against the view of before: light and leaves may be others by now, so
        only a clear move or a picture without any contrast counts; what else does not fit is let go."""
        verdict = recalled.step(look, t)
        if verdict is Fit.YES:
            self._view.adopt(self._now, recalled.known, alike, sharp)
            self._recalled = None
        elif verdict is Fit.NO:
            self.forget()
        return look if look.kind in recalled.sure(look) else replace(look, kind=None)

    def _judged(
        self,
        t: float,
        now: Structure,
        learnt: Structure,
        voters: Mask,
        lost: Mask,
        sharp: Floats,
        free: Floats,
    ) -> Look:
        """What the blocks say together."""
        count = float(voters.sum())
        soft = float(np.median(sharp[voters] / np.maximum(self._view.sharp[voters], 1e-3)))
        smooth = voters & (contrast(now) < SMOOTH * contrast(learnt))
        grown = cv2.dilate(smooth.astype(np.uint8), np.ones((3, 3), np.uint8)) > 0
        part = largest_part(smooth | (~voters & (now.energy < PLAIN) & grown))
        look = Look(
            None,
            lost=float(lost.sum()) / count,
            changed=float((lost & ~smooth).sum()) / count,
            soft=soft,
            smooth=float(part.mean()),
            coarse=self._coarse(),
        )
        look = replace(look, displaced=look.lost >= LOST_SHARE and self._displaced(t, free))
        return replace(look, kind=self._kind(look, now, learnt))

    def _kind(self, look: Look, now: Structure, learnt: Structure) -> FaultKind | None:
        if look.soft < SOFT and look.coarse > COARSE_ALIKE:
            return FaultKind.DEFOCUSED
        if look.displaced:
            return FaultKind.MOVED
        if look.changed >= OTHER_VIEW and look.soft > NOT_ONLY_SOFT and not self._still_there(now, learnt):
            return FaultKind.MOVED
        if look.smooth >= COVERED_PART:
            return FaultKind.COVERED
        if look.soft < SOFT:
            return FaultKind.COVERED if look.coarse < VEILED else FaultKind.DEFOCUSED
        return None

    def _coarse(self) -> float:
        small = [cv2.resize(p, (32, 18), interpolation=cv2.INTER_AREA) for p in (self._now, self._view.grey)]
        a, b = (p - cv2.blur(p, (11, 11)) for p in small)
        return float((a * b).sum() / math.sqrt(float((a * a).sum() * (b * b).sum()) + 1e-6))

    def _displaced(self, t: float, free: Floats) -> bool:
        """Whether the learnt corners are found again elsewhere; looked for now and then: it takes long."""
        if not 0 <= t - self._tried_t < TRIED_EVERY_S:
            self._tried_t = t
            learnt = self._view.grey
            near = displacement(learnt, self._now, free, whole=False)
            self._displacement = near or displacement(learnt, self._now, free, whole=True)
        found = self._displacement
        return found is not None and (found.far >= MOVED_FAR or abs(found.zoom - 1) >= MOVED_ZOOM)

    def _still_there(self, now: Structure, learnt: Structure) -> bool:
        """Whether the edges fit best where they always were: then only the light is another."""
        a, b = (cv2.magnitude(s.across, s.down) for s in (learnt, now))
        window = cv2.createHanningWindow(self.size_wh, cv2.CV_32F)
        (x, y), peak = cv2.phaseCorrelate(np.asarray(a), np.asarray(b), window)
        return math.hypot(x, y) < STILL_PX and peak > STILL_PEAK

    def _dazzled(self, water: Mask | None) -> bool:
        """Whether white hides much of the water, or of the picture where nobody knows where water is."""
        white = cv2.resize(self._now, COARSE_WH, interpolation=cv2.INTER_AREA) > WHITE_GREY
        part = largest_part(white)
        if water is None or not water.any():
            return float(part.mean()) >= GLARE_PART
        wet = cv2.resize(water.astype(np.float32), COARSE_WH, interpolation=cv2.INTER_AREA) > 0.5
        return float((part & wet).sum()) >= GLARE_WATER * max(1.0, float(wet.sum()))

    def _may_learn(self, lost: Mask, voters: Mask, t: float) -> bool:
        """Whether to learn from this look: not while much is odd, until it has been that for long."""
        if lost.sum() < LOST_SHARE / 2 * voters.sum():
            self._odd_since = None
        elif self._odd_since is None:
            self._odd_since = t
        return self._odd_since is None or t - self._odd_since >= FORGIVE_S

    def _free(self, people: Sequence[Box]) -> Floats:
        """(h, w): 0 where somebody is, widened, else 1."""
        free = np.ones((self.size_wh[1], self.size_wh[0]), np.float32)
        for left, top, right, bottom in people:
            across, down = 0.15 * (right - left), 0.15 * (bottom - top)
            x0, x1 = (max(0, int(s * self.scale)) for s in (left - across, right + across))
            y0, y1 = (max(0, int(s * self.scale)) for s in (top - down, bottom + down))
            free[y0 : y1 + 1, x0 : x1 + 1] = 0
        return free
