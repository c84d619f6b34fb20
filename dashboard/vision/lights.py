"""The lights that a camera has known, each with its normal picture: morning, noon, dusk, infrared by night.

What is normal is brought up to date now and then. Once the picture is no longer explained by how it was
kept, another light has come by and by, and is kept beside it; those that are alike are one. When nearly all
of the picture changes at once and stays so, another light has come at a stroke: if one that was there before
explains the picture, what was normal then is normal again, and what has changed since and was told of is not
told of again; else all is learnt anew.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import cv2
import numpy as np

from dashboard.values import Floats
from dashboard.vision.background import Mask
from dashboard.vision.blobs import Blob, shared
from dashboard.vision.displaced import displacement
from dashboard.vision.normal import Kept, Normal, unexplained
from dashboard.vision.parts import Part
from dashboard.vision.shown import Shown

MOST = 10
FITS = 0.15  # so much of the picture may be unexplained: things have come and gone, the sun has moved
ALIKE = 0.03  # no more of it is another shadow or thing: the same light
LEAST_KNOWN = 0.3  # of the picture: with less there is nothing to go by
BRIEF_S = 30.0  # a lamp that was on for less is the first to be forgotten
MOST_CHANGES = 32
SAME_PLACE = 0.5  # of the smaller box
COARSE_WH = (120, 68)  # for finding out which two of all are the most alike
MOVED_PX = 1.5  # of the small picture: every edge is elsewhere
# Where a picture (h, w, 3) shows nothing but the empty place: (h, w).
Own = Callable[[Floats], Mask]


@dataclass(eq=False)
class Light:
    """One light. `told` lay in it when it was left; `changes` are things that came or went since it was kept,
    in whatever light, and of which nothing more is to be said; it was there for `seen_s` in all, last at
    `at_s` of the wall clock, 0 where nobody has looked at that yet. `shown` is what may be kept on disk."""

    kept: Kept
    told: tuple[Part, ...] = ()
    changes: list[Blob] = field(default_factory=list)
    seen_s: float = 0.0
    at_s: float = 0.0
    shown: Shown = field(default_factory=Shown)


class Lights:
    """What was normal in the lights of the last days, the newest last. `keep`, `switch` and `change` change.
    `own` says what of a picture may be kept on disk; without it nothing may. `moved`: the camera was."""

    def __init__(self, own: Own | None = None) -> None:
        self.all: list[Light] = []
        self.current: Light | None = None
        self.moved = False
        self._own = own
        self._since_t: float | None = None

    def keep(self, normal: Normal, t: float, left_out: Mask) -> None:
        """Brings the light that is there up to date; `left_out` (h, w) has no say in which one that is."""
        now = normal.kept()
        if self.current is None or unexplained(normal.normal, self.current.kept, left_out) > ALIKE:
            self.current = self._alike(normal, left_out) or self._begun(now)
        self._bring_up_to_date(self.current, now, t)

    def switch(self, normal: Normal, told: tuple[Part, ...], t: float) -> Light | None:
        """Leaves the light that was, with the things `told` of in it, for the one that is, which is made
        normal. None: it is new."""
        left = self.current or self._begun(normal.kept())
        left.told = told
        self._bring_up_to_date(left, normal.kept(), t)
        nothing = np.zeros(normal.deviation.shape, bool)
        self.current = self.explaining(normal, nothing, but=left)
        if self.current is not None:
            normal.recall(self.current.kept)
        return self.current

    def explaining(self, normal: Normal, left_out: Mask, but: Light | None = None) -> Light | None:
        """The light `but` one that explains the quick picture best, as far as it explains most of it. Where
        that is from another stand of the camera, all are forgotten."""
        tried = []
        for number, light in enumerate(self.all):
            free = ~left_out & light.kept.known
            if light is not but and float(free.mean()) >= LEAST_KNOWN:
                tried.append((unexplained(normal.quick, light.kept, left_out), -number, light))
        for share, _, light in sorted(tried, key=lambda one: one[:2]):
            if share >= FITS:
                return None
            if not moved(light.kept, normal.quick, left_out):
                return light
            self.all, self.moved = [], True
            return None
        return None

    def change(self, blob: Blob) -> None:
        """What is in the blob's place is usual from now on: it is not news in any other light."""
        for light in self.all:
            light.changes = [*light.changes[1 - MOST_CHANGES :], blob]

    def hide(self, where: Mask) -> None:
        """Nothing of what is there (h, w) is kept on disk."""
        for light in self.all:
            light.shown.blank(where)

    def _bring_up_to_date(self, light: Light, now: Kept, t: float) -> None:
        light.kept = now
        light.seen_s += max(0.0, t - self._since_t) if self._since_t is not None else 0.0
        light.at_s, self._since_t = 0.0, t
        self.all = [*(one for one in self.all if one is not light), light]
        if self._own is not None:
            fresh = self._own(now.normal.astype(np.float32))
            light.shown.renew(now, fresh)
            light.changes = [blob for blob in light.changes if not _mostly(fresh, blob)]
        else:
            light.changes = []

    def _begun(self, now: Kept) -> Light:
        if len(self.all) >= MOST:
            self.all.remove(self._least_needed())
        return Light(now)

    def _alike(self, normal: Normal, left_out: Mask) -> Light | None:
        """The light that is this one again: it explains as good as all."""
        found = [
            (unexplained(normal.normal, light.kept, left_out), -number, light)
            for number, light in enumerate(self.all)
            if float(light.kept.known.mean()) >= LEAST_KNOWN
        ]
        share, _, light = min(found, key=lambda one: one[:2], default=(1.0, 0, None))
        return light if share <= ALIKE else None

    def _least_needed(self) -> Light:
        """One that was there but briefly, or the older of the two that are most alike."""
        brief = next((light for light in self.all if light.seen_s < BRIEF_S), None)
        if brief is not None:
            return brief
        small = [_coarse(light.kept) for light in self.all]
        pairs = [
            (unexplained(small[b].normal.astype(np.float32), small[a]), a)
            for a in range(len(small))
            for b in range(a + 1, len(small))
        ]
        return self.all[min(pairs)[1]]


def moved(kept: Kept, now: Floats, left_out: Mask) -> bool:
    """Whether a picture (h, w, 3) is the kept one from another stand of the camera."""
    before, after = (cv2.cvtColor(p.astype(np.float32), cv2.COLOR_BGR2GRAY) for p in (kept.normal, now))
    where = (kept.known & ~left_out).astype(np.float32)
    found = displacement(np.asarray(before), np.asarray(after), where, whole=False)
    return found is not None and found.far * now.shape[1] >= MOVED_PX


def among(blob: Blob, others: Sequence[Blob]) -> bool:
    """Whether a blob is in the place of one of others."""
    return any(shared(other.box, blob.box) > SAME_PLACE for other in others)


def _mostly(mask: Mask, blob: Blob) -> bool:
    return float(mask[blob.place][blob.mask].mean()) > 0.8


def _coarse(kept: Kept) -> Kept:
    normal, deviation, known = (
        cv2.resize(np.asarray(one), COARSE_WH, interpolation=cv2.INTER_AREA)
        for one in (kept.normal, kept.deviation, kept.known.astype(np.uint8))
    )
    return Kept(np.asarray(normal, np.uint8), np.asarray(deviation, np.uint8), np.asarray(known > 0))
