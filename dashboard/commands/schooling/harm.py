"""What cameras and key points do to clips in life: turned, mirrored, slower, shaking, with points missing."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

import numpy as np

from dashboard.commands.schooling.clips import Clip
from dashboard.values import Floats
from dashboard.vision.danger.window import MIRROR, RATE_HZ

_SEED = 5
_ARMS, _LEGS, _HEAD = (7, 8, 9, 10), (13, 14, 15, 16), (0, 1, 2, 3, 4)
Harm = Callable[[Floats, np.random.Generator], Floats]


def harmed(clips: Sequence[Clip], harm: str) -> list[Clip]:
    """The clips with one named harm done to them, the same at every call."""
    rng = np.random.default_rng(_SEED)
    return [replace(clip, points=HARMS[harm](clip.points, rng)) for clip in clips]


def _mirror(points: Floats, rng: np.random.Generator) -> Floats:
    found = points[:, list(MIRROR)].copy()
    found[..., 0] = 1000 - found[..., 0]
    return found


def _scale(factor: float) -> Harm:
    def harm(points: Floats, rng: np.random.Generator) -> Floats:
        return points * np.array([factor, factor, 1], np.float32)

    return harm


def _turn(degrees: float) -> Harm:
    angle = np.radians(degrees)
    matrix = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]], np.float32)

    def harm(points: Floats, rng: np.random.Generator) -> Floats:
        return np.concatenate([points[..., :2] @ matrix, points[..., 2:]], -1)

    return harm


def _drop(share: float) -> Harm:
    """Points fail at random for a third of a second: they stay where they were, unsure."""

    def harm(points: Floats, rng: np.random.Generator) -> Floats:
        blocks = rng.random((len(points) // 10 + 1, points.shape[1])) < share
        return _held(points, np.repeat(blocks, 10, 0)[: len(points)])

    return harm


def _without(joints: tuple[int, ...]) -> Harm:
    """Limbs that are never seen: their points lie at the body's middle, unsure."""

    def harm(points: Floats, rng: np.random.Generator) -> Floats:
        found = points.copy()
        found[:, list(joints), :2] = points[:, [5, 6, 11, 12], :2].mean(1, keepdims=True)
        found[:, list(joints), 2] = 0.02
        return found

    return harm


def _rate(per_s: float) -> Harm:
    """So many frames a second, moved evenly between them, as a slower camera's are."""

    def harm(points: Floats, rng: np.random.Generator) -> Floats:
        at = np.arange(0, len(points), RATE_HZ / per_s)
        taken = np.rint(at).astype(int).clip(0, len(points) - 1)
        flat = points.reshape(len(points), -1)
        moved = [np.interp(np.arange(len(points)), taken, flat[taken, i]) for i in range(flat.shape[1])]
        return np.stack(moved, 1).reshape(points.shape).astype(np.float32)

    return harm


def _shake(share: float) -> Harm:
    """Every point of every frame off by `share` of the body's own spread."""

    def harm(points: Floats, rng: np.random.Generator) -> Floats:
        found = points.copy()
        spread = points[..., :2].std(1).mean(-1)[:, None, None]
        found[..., :2] += rng.normal(size=found[..., :2].shape).astype(np.float32) * spread * share
        return found

    return harm


def _held(points: Floats, gone: np.ndarray[tuple[int, ...], np.dtype[np.bool_]]) -> Floats:
    found = points.copy()
    for frame in range(len(points)):
        lost = gone[frame]
        if frame:
            found[frame, lost, :2] = found[frame - 1, lost, :2]
        found[frame, lost, 2] = 0.02
    return found


HARMS: Mapping[str, Harm] = {
    "mirrored": _mirror,
    "half the size": _scale(0.5),
    "three times the size": _scale(3.0),
    "turned by 20 degrees": _turn(20),
    "turned by -20 degrees": _turn(-20),
    "10 % of points fail": _drop(0.1),
    "30 % of points fail": _drop(0.3),
    "no legs": _without(_LEGS),
    "no arms": _without(_ARMS),
    "no face": _without(_HEAD),
    "15 frames/s": _rate(15),
    "10 frames/s": _rate(10),
    "5 frames/s": _rate(5),
    "points shake by 5 %": _shake(0.05),
    "points shake by 10 %": _shake(0.1),
}
