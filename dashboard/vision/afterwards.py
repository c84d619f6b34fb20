"""After a start: what was normal before it, held against what the camera shows now.

The first seconds are looked at, and the lights that were kept are tried on them: a camera that has just
begun may still be finding its exposure, so for a while again and again. If one explains most of the picture,
what was normal then is normal again, and what has come or gone since is news. What only lies elsewhere now is
none.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from dashboard.vision.background import Mask
from dashboard.vision.blobs import Blob
from dashboard.vision.lights import Light, Lights, among
from dashboard.vision.normal import Normal
from dashboard.vision.parts import ALIKE_COLOUR, Part, Parts
from dashboard.vision.shown import Shown
from dashboard.vision.thing_score import SURE, thing_score, turned

TRY_S, EVERY_S, GIVE_UP_S = 3.0, 3.0, 30.0
KNOWN_S = 60.0  # what is normal again is learnt on as slowly as ever
BACK_S = 4.0  # what is not as usual so soon after was so before
GONE_EDGE = 0.35
LEAST_SIZE, MOST_SIZE = 0.4, 2.5  # of one thing in two places, nearer and farther
MARGIN = 1000  # more things than are numbered between two savings


@dataclass(frozen=True, eq=False)
class Lay:
    """A thing that lay there at the end and was told of, by its number."""

    id: int
    blob: Blob


@dataclass(frozen=True, eq=False)
class KeptLight:
    """One light as it is kept: see `Light`."""

    shown: Shown
    changes: tuple[Blob, ...]
    seen_s: float
    at_s: float


@dataclass(frozen=True, eq=False)
class Remembered:
    """What is kept of one camera's objects over a restart. `image_wh`: the camera's picture; `at_s`: when it
    was kept, wall clock; `current`: which of the lights it was then, -1 for none that is kept."""

    camera: str
    image_wh: tuple[int, int]
    at_s: float
    next_id: int
    lights: tuple[KeptLight, ...]
    current: int
    lay: tuple[Lay, ...]


class Afterwards:
    """Tries what was remembered on a camera's first pictures. `recall` and `look` change; `word` is what came
    of it, in a sentence, "" while that is not known; `misfit`: it can never be of use. At `back_t` it was
    taken up, and `known` is where something had come or gone of which nothing is to be said."""

    def __init__(self, lights: Lights) -> None:
        self.word, self.misfit = "", False
        self.waiting = False
        self.back_t = float("-inf")
        self.known: list[Blob] = []
        self._lights = lights
        self._lay: tuple[Lay, ...] = ()
        self._last: Light | None = None
        self._next_try_s = TRY_S

    def recall(self, remembered: Remembered, image_wh: tuple[int, int], shape: tuple[int, ...]) -> None:
        """Takes up what was remembered, if it is of a picture of `image_wh`, (h, w) when small."""
        kept = [light.shown.kept() for light in remembered.lights]
        if remembered.image_wh != image_wh or any(one.known.shape != shape for one in kept):
            before, now = ("x".join(map(str, size)) for size in (remembered.image_wh, image_wh))
            self.misfit = True
            self.word = f"what was normal is of a picture of {before}, this one is {now}: it is learnt anew"
            return
        self._lights.all = [
            Light(one, (), list(light.changes), light.seen_s, light.at_s, light.shown)
            for one, light in zip(kept, remembered.lights, strict=True)
        ]
        self._lay = remembered.lay
        self._last = self._lights.all[remembered.current] if remembered.current >= 0 else None
        self.waiting = bool(kept)

    def look(self, normal: Normal, left_out: Mask, t: float) -> list[Part] | None:
        """Whether one of the lights is there again at `t`: it is made normal then, and what lay in it is to
        be looked for. None: not yet, or, with a `word`, none is."""
        since_s = 0.0 if normal.began_t is None else t - normal.began_t
        if not self.waiting or since_s < self._next_try_s:
            return None
        self._next_try_s = since_s + EVERY_S
        light = self._lights.explaining(normal, left_out)
        self.word = self._word(light, since_s)
        self.waiting = not self.word
        return None if light is None else self._taken_up(light, normal, t)

    def _word(self, light: Light | None, since_s: float) -> str:
        if light is not None:
            return "what was normal before the start is normal again"
        if self._lights.moved:
            return "the camera looks another way than before the start: what is normal is learnt anew"
        if since_s > GIVE_UP_S:
            return "nothing that was normal before the start explains the picture: it is learnt anew"
        return ""

    def _taken_up(self, light: Light, normal: Normal, t: float) -> list[Part]:
        self._lights.current, self.back_t = light, t
        normal.recall(light.kept)
        normal.grown_up(KNOWN_S)
        if light is self._last:
            self.known = list(light.changes)
            return [_part(lay, t) for lay in self._lay]
        # In another light it looked otherwise.
        self.known = light.changes + [lay.blob for lay in self._lay]
        return []

    def fresh(self, part: Part) -> bool:
        """Whether a part was not as usual from the first."""
        return part.born_t - self.back_t < BACK_S

    def gone(self, part: Part, parts: Sequence[Part], t: float) -> bool:
        """Whether a part that shows what was under it is of a thing that went while nobody watched."""
        if not self.fresh(part) or part.traits is None or among(part.blob, self.known):
            return False
        return thing_score(turned(part.traits)) > SURE and not elsewhere(part, parts, t)


def memory_of(
    camera: str, image_wh: tuple[int, int], at_s: float, lights: Lights, parts: Parts
) -> Remembered | None:
    """What is to be kept over a restart, at `at_s` of the wall clock; None: there is nothing that may be."""
    kept = [light for light in lights.all if light.shown.size]
    if not kept:
        return None
    for light in kept:
        light.at_s = light.at_s or at_s
    current = next((n for n, light in enumerate(kept) if light is lights.current), -1)
    lay = tuple(Lay(part.id, part.blob) for part in parts.all if part.told and part.gone_t is None)
    each = tuple(KeptLight(light.shown, tuple(light.changes), light.seen_s, light.at_s) for light in kept)
    return Remembered(camera, image_wh, at_s, parts.next_id + MARGIN, each, current, lay)


def blob_of(box: tuple[int, int, int, int], colour: Sequence[float], usual: Sequence[float]) -> Blob:
    """What is kept of a blob: all of its box (`xyxy`), its mean colour and the usual one there (3,)."""
    mask = np.ones((box[3] - box[1], box[2] - box[0]), bool)
    seen, normal = np.array(colour, np.float32), np.array(usual, np.float32)
    return Blob(box, mask, mask.size, seen, normal, edge=1.0, lit=False, strength=4.0)


def _part(lay: Lay, t: float) -> Part:
    part = Part(lay.id, lay.blob, t, t, t, lay.blob, [(t, *lay.blob.centre)])
    part.edge, part.strength = lay.blob.edge, lay.blob.strength
    part.moving_from = part.came_from = lay.blob.centre
    part.told = part.recalled = True
    return part


def missing(part: Part, t: float) -> bool:
    """Whether a part is of something that is not there at `t`."""
    return part.edge < -GONE_EDGE or part.gone_t is not None or (part.recalled and part.seen_t < t)


def elsewhere(part: Part, parts: Sequence[Part], t: float) -> bool:
    """Whether what has come was somewhere else before, or what is gone is somewhere else now: of two things
    alike one is there and one is not."""
    return any(
        missing(one, t) is not missing(part, t) and _alike(one, part) and _likely(one, t)
        for one in parts
        if one is not part
    )


def _likely(part: Part, t: float) -> bool:
    """Whether a part is rather a thing than not, there or gone: no ripple, no shadow, nobody."""
    if part.told or part.alive or part.lit > 0.5 or part.traits is None:
        return part.told
    return thing_score(turned(part.traits) if missing(part, t) else part.traits) > 0


def _alike(a: Part, b: Part) -> bool:
    sizes = LEAST_SIZE < a.blob.area / max(b.blob.area, 1) < MOST_SIZE
    return sizes and float(np.abs(_looks(a) - _looks(b)).max()) < ALIKE_COLOUR


def _looks(part: Part) -> np.ndarray:
    """The colour (3,) of the thing itself, there or gone."""
    return part.blob.usual if part.edge < -GONE_EDGE else part.blob.colour
