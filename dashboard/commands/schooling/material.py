"""What the classifier learns from and is judged by: labelled clips, and perhaps each of them a second time,
with this program's own key points. All versions of a clip stay together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from dashboard.commands.schooling.clips import Clip
from dashboard.values import Floats
from dashboard.vision.danger.window import LEAST_FRAMES, Array

_OWN_SHARE = 0.6


@dataclass(frozen=True, eq=False)
class Material:
    """`clips` (C) bear the names and classes; `judged` (C) holds the unbroken pieces that each is judged by;
    `learnt` (L) all pieces, `whose` (L,) their clips' numbers, `chances` (L,) how often each is drawn.
    `scored`: whether the points' scores mean the same in all of them."""

    clips: tuple[Clip, ...]
    judged: tuple[tuple[Clip, ...], ...]
    learnt: tuple[Clip, ...]
    whose: Array
    chances: Array
    scored: bool

    def only(self, some: Sequence[int]) -> Material:
        """What belongs to some of the clips, by number."""
        return _material([self.clips[i] for i in some], [self.judged[i] for i in some], self.scored)


def material_of(clips: Sequence[Clip], refound: Sequence[Clip] | None) -> Material:
    """The labelled ones of the clips; with `refound`, of the same names, judged by those."""
    known = [clip for clip in clips if clip.doing is not None and len(clip.points) >= 2]
    if refound is None:
        return _material(known, [(clip,) for clip in known], scored=True)
    again = {clip.name: clip for clip in refound}
    return _material(known, [unbroken(again.get(clip.name)) for clip in known], scored=False)


def unbroken(clip: Clip | None) -> tuple[Clip, ...]:
    """The pieces of a clip in which somebody was found without a break, that are long enough to be judged."""
    if clip is None or not len(clip.points):
        return ()
    found = np.asarray((clip.points[..., 2] > 0).any(1))
    edges = np.flatnonzero(np.diff(found)) + 1
    runs = zip(np.r_[0, edges].tolist(), np.r_[edges, len(found)].tolist(), strict=True)
    whole = [(a, b) for a, b in runs if found[a] and b - a >= LEAST_FRAMES]
    return tuple(replace(clip, points=clip.points[a:b]) for a, b in whole)


def chances(clips: Sequence[Clip]) -> Array:
    """Every class as often, long clips more often than short ones by the root of their length."""
    length = np.sqrt([len(clip.points) for clip in clips])
    doing = np.array([str(clip.doing) for clip in clips])
    for one in set(doing):
        length[doing == one] /= length[doing == one].sum()
    found: Array = length / length.sum()
    return found


def _material(clips: Sequence[Clip], judged: Sequence[tuple[Clip, ...]], scored: bool) -> Material:
    learnt, whose, often = list(clips), list(range(len(clips))), chances(clips).tolist()
    if not scored:
        for number, pieces in enumerate(judged):
            frames = sum(len(piece.points) for piece in pieces)
            own = [_OWN_SHARE * often[number] * len(piece.points) / frames for piece in pieces]
            often[number] -= sum(own)
            learnt += pieces
            whose += [number] * len(pieces)
            often += own
    return Material(tuple(clips), tuple(judged), tuple(learnt), np.array(whose), np.array(often), scored)


def joined_up(parts: Sequence[Floats], width: int) -> Floats:
    """Rows (N, width) of several pieces as one table; without any, (0, width)."""
    return np.concatenate([np.zeros((0, width), np.float32), *parts])
