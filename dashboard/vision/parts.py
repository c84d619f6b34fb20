"""Parts of the picture that are not as usual, followed from look to look; and which of them are somebody.

Whatever once moved as people and animals do is alive, found or not. Life stays where it is until it moves on:
what breaks off from something alive, or takes its place, is alive as well.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, fields

import numpy as np
from numpy.typing import NDArray

from dashboard.values import Floats
from dashboard.vision.background import Box, Mask
from dashboard.vision.blobs import Blob, apart_px
from dashboard.vision.normal import Normal
from dashboard.vision.stillness import Stillness
from dashboard.vision.thing_score import Traits
from dashboard.vision.traits import same, traits_of

PATH_S = 2.0
MOVING_SIZES_S, RESTING_SIZES_S = 0.35, 0.4  # whoever walks is faster, a drifting ball is not: 0.2
MOVING_PX_S = 4.0
STRAY_SIZES, STRAY_PX = 0.4, 16.0  # what rests may drift so far
CREPT_PX, CREPT_SAME = 10.0, 0.4  # a shadow that creeps along covers other ground
MOVED_S, MOVED_SIZES = 1.5, 1.0  # a ball in the air flies for less
LARGE = 0.075  # of the height of the picture: it could be somebody
CUT_PX, CAME_SIZES, CAME_S = 2, 0.15, 1.0
PERSON_GAP_PX = 2.0
PERSON_SHARE = 0.5  # so much of somebody's last place: it is them, unrecognised
LIVED_S, LIVED_SHARE = 2.5, 0.4
LIKE_LIFE = 0.8  # cosine: what moved stands out from what is usual in the same hue when it rests
PACE, SEEN_LOOKS = 0.2, 10
ALIKE_COLOUR = 20.0
TRAITS = tuple(f.name for f in fields(Traits))


@dataclass(eq=False)
class Part:
    """One part that is not as usual, over time. Places are pixels of the small picture."""

    id: int
    blob: Blob
    born_t: float
    seen_t: float
    rest_t: float
    rested: Blob
    path: list[tuple[float, float, float]] = field(default_factory=list)
    hits: tuple[bool, ...] = (True,)
    strength: float = 1.0
    moving_s: float = 0.0
    moving_from: tuple[float, float] = (0.0, 0.0)
    came_from: tuple[float, float] = (0.0, 0.0)
    alive: bool = False
    # How it stood out from what is usual while it moved: (3,).
    life: Floats | None = None
    edge: float = 0.0
    lit: float = 0.0
    traits: Traits | None = None
    looks: int = 0
    told: bool = False
    gone_t: float | None = None
    known: bool = False
    # It was told of before the start: no news while it lies there.
    recalled: bool = False
    stillness: Stillness = field(default_factory=Stillness)

    def note(self, now: Traits) -> None:
        """Takes one look's traits into the mean of the last ones."""
        self.looks += 1
        pace = max(PACE, 1 / self.looks)
        old = self.traits or now
        self.traits = Traits(*(_towards(getattr(old, n), getattr(now, n), pace) for n in TRAITS))


class Parts:
    """All parts of one camera's picture. `follow` changes."""

    def __init__(self, normal: Normal) -> None:
        self.all: list[Part] = []
        self._normal = normal
        self._next = 1
        # When something alive was last there, and how it stood out.
        self._lived: NDArray[np.float64] = np.full(normal.since.shape, -np.inf)
        self._lived_as: Floats = np.zeros((*normal.since.shape, 3), np.float32)

    def follow(
        self,
        blobs: Sequence[Blob],
        t: float,
        step: float,
        changed: Mask,
        people: Sequence[Box],
        lately: Sequence[Box],
        lost: Sequence[Box],
    ) -> None:
        """Gives each blob to the part that it continues, or begins a new one. `people` are found now,
        `lately` are all their places of the last seconds, `lost` the last ones of those whom the searchers
        have just lost."""
        ties = sorted(
            (
                (far, i, j)
                for i, part in enumerate(self.all)
                for j, blob in enumerate(blobs)
                if (far := _far(part, blob, t)) is not None
            ),
            key=lambda tie: tie[0],
        )
        used_parts: set[int] = set()
        used_blobs: set[int] = set()
        for _, i, j in ties:
            if i not in used_parts and j not in used_blobs:
                used_parts.add(i)
                used_blobs.add(j)
                self._continue(self.all[i], blobs[j], t, step, changed, people, lately)
        for i, part in enumerate(self.all):
            part.hits = (*part.hits[1 - SEEN_LOOKS :], i in used_parts)
        for j, blob in enumerate(blobs):
            if j not in used_blobs:
                self._begin(blob, t, lost)
        for part in self.all:
            if part.alive and part.seen_t == t:
                self._lived[part.blob.place][part.blob.mask] = t
                if part.life is not None:
                    self._lived_as[part.blob.place][part.blob.mask] = part.life

    def _begin(self, blob: Blob, t: float, lost: Sequence[Box]) -> None:
        part = Part(self._next, blob, t, t, t, blob, [(t, *blob.centre)])
        part.edge, part.lit = blob.edge, float(blob.lit)
        part.moving_from = part.came_from = blob.centre
        part.alive, part.life = self._was_somebody(blob, t, lost)
        part.alive |= self._came_in(blob, t)
        self._next += 1
        self.all.append(part)

    def _continue(
        self,
        part: Part,
        blob: Blob,
        t: float,
        step: float,
        changed: Mask,
        people: Sequence[Box],
        lately: Sequence[Box],
    ) -> None:
        part.path = [*((s, x, y) for s, x, y in part.path if t - s <= PATH_S), (t, *blob.centre)]
        if t - part.born_t > 0.7:
            part.note(traits_of(blob, part.blob, changed, self._normal))
        held = any(apart_px(blob.box, box) < PERSON_GAP_PX for box in people)
        # What goes where somebody goes is carried, or the blur they draw: that is no life of its own.
        led = held or any(apart_px(blob.box, box) < PERSON_GAP_PX for box in lately)
        if led:
            part.came_from = blob.centre
        elif self.cut(part.blob) and not self.cut(blob) and self.large(blob):
            # As large as somebody, and came in from beyond the picture's edge by itself.
            part.alive |= _way(blob.centre, part.came_from) > CAME_SIZES * blob.size
        part.blob, part.seen_t = blob, t
        part.stillness = part.stillness.after(blob, self._normal.quick, t, step)
        part.strength += 0.3 * (blob.strength - part.strength)
        part.edge += 0.3 * (blob.edge - part.edge)
        part.lit += 0.3 * (blob.lit - part.lit)
        since, x, y = part.path[0]
        speed = _way(blob.centre, (x, y)) / max(t - since, 0.4)
        size = max(blob.size, 3.0)
        if not led and speed > max(MOVING_SIZES_S * size, MOVING_PX_S):
            part.moving_s += step
            gone = _way(blob.centre, part.moving_from)
            part.alive |= part.moving_s >= MOVED_S and gone >= MOVED_SIZES * size
            if part.alive:
                part.life = blob.colour - blob.usual
        else:
            part.moving_s, part.moving_from = 0.0, blob.centre
        if held or _strayed(part.rested, blob) or speed > max(RESTING_SIZES_S * size, MOVING_PX_S):
            part.rest_t, part.rested = t, blob

    @property
    def next_id(self) -> int:
        """No part has had this number or a higher one."""
        return self._next

    def go_on_from(self, next_id: int) -> None:
        """Numbers parts from here on, so that none has the number of one that others know."""
        self._next = max(self._next, next_id)

    def large(self, blob: Blob) -> bool:
        """Whether a blob could be somebody."""
        return bool(blob.size > LARGE * self._lived.shape[0])

    def cut(self, blob: Blob) -> bool:
        """Whether the picture's edge may cut a blob off."""
        height, width = self._lived.shape
        left, top, right, bottom = blob.box
        return left <= CUT_PX or top <= CUT_PX or right >= width - CUT_PX or bottom >= height - CUT_PX

    def _came_in(self, blob: Blob, t: float) -> bool:
        """Whether a blob as large as somebody goes on from what the picture's edge cut off a moment ago."""
        if self.cut(blob) or not self.large(blob):
            return False
        return any(
            0 < t - part.seen_t < CAME_S
            and self.cut(part.blob)
            and apart_px(part.blob.box, blob.box) < PERSON_GAP_PX
            and _way(blob.centre, part.came_from) > CAME_SIZES * blob.size
            for part in self.all
        )

    def _was_somebody(self, blob: Blob, t: float, lost: Sequence[Box]) -> tuple[bool, Floats | None]:
        """Whether a blob is where somebody stood a moment ago whom the searchers have lost, or came off
        somebody whom they never found; and how those stood out (3,), as far as that is known."""
        if any(_overlap(blob.box, box) > PERSON_SHARE for box in lost):
            return True, None
        for part in self.all:
            if part.alive and 0 < t - part.seen_t < 2.0 and _goes_on(part.blob, blob):
                return True, part.life
        lived = t - self._lived[blob.place][blob.mask] < LIVED_S
        if float(lived.mean()) <= LIVED_SHARE:
            return False, None
        return True, np.asarray(self._lived_as[blob.place][blob.mask][lived].mean(axis=0), np.float32)


def like_life(part: Part) -> bool:
    """Whether a part stands out from what is usual as what moved there did; so it is as long as that is
    unknown. A ball that falls onto a ripple is no ripple."""
    if part.life is None:
        return True
    now = part.blob.colour - part.blob.usual
    sizes = float(np.linalg.norm(now) * np.linalg.norm(part.life))
    return sizes < 1e-6 or float(now @ part.life) / sizes > LIKE_LIFE


def _strayed(rested: Blob, now: Blob) -> bool:
    """Whether a part is elsewhere than it was when it came to rest. What only turns is not."""
    far = _way(rested.centre, now.centre)
    crept = far > CREPT_PX and same(rested, now) < CREPT_SAME
    return crept or far > STRAY_SIZES * max(now.size, 3.0) + STRAY_PX


def _towards(old: float, now: float, pace: float) -> float:
    return old + pace * (now - old)


def _far(part: Part, blob: Blob, t: float) -> float | None:
    """How unlike a part a blob is, None where it cannot be the same."""
    if not 0.25 < blob.area / max(part.blob.area, 1) < 4:
        return None
    size = max(part.blob.size, blob.size)
    far = _way(part.blob.centre, blob.centre)
    unseen_s = t - part.seen_t
    if far > 0.6 * size + 3 + min(1.5 * size, 0.5 * size * unseen_s):
        return None
    colour = float(np.abs(part.blob.colour - blob.colour).max())
    if unseen_s > 1.0 and colour > 2 * ALIKE_COLOUR:
        return None
    return float(far / size + colour / 60)


def _way(a: tuple[float, float], b: tuple[float, float]) -> float:
    return float(((a[0] - b[0]) ** 2 + (a[1] - b[1]) ** 2) ** 0.5)


def _goes_on(before: Blob, now: Blob) -> bool:
    """Whether somebody's part may be this one now: as large, and next to it."""
    alike = 0.3 < now.area / max(before.area, 1) < 3
    return alike and apart_px(before.box, now.box) < 0.5 * before.size


def _overlap(a: Sequence[float], b: Sequence[float]) -> float:
    """Intersection over union of two boxes."""
    across = min(a[2], b[2]) - max(a[0], b[0])
    down = min(a[3], b[3]) - max(a[1], b[1])
    both = max(0.0, across) * max(0.0, down)
    whole = (a[2] - a[0]) * (a[3] - a[1]) + (b[2] - b[0]) * (b[3] - b[1]) - both
    return both / max(whole, 1e-6)
