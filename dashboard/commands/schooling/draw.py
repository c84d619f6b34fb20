"""Windows to learn from, drawn at random from clips and made harder, as cameras, water and key points do.

Mirror, a turn of the camera, another pace, 5 to 15 frames a second, a shorter past, shaking points, limbs
that are not seen and lie where they lay or anywhere on the body, scores of another model.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from dashboard.values import Floats
from dashboard.vision.danger.window import FRAMES, LEAST_FRAMES, MIRROR, RATE_HZ, Array, Windows

_LIMBS = ((7, 9), (8, 10), (7, 8, 9, 10), (13, 15), (14, 16), (13, 14, 15, 16), (0, 1, 2, 3, 4), (15, 16))
_BACK = np.arange(FRAMES - 1, -1, -1)


def drawn(clips: Sequence[Floats], chosen: Sequence[int], rng: np.random.Generator) -> Windows:
    """A window at random out of each chosen clip (F, 17, 3), made harder."""
    points = np.empty((len(chosen), FRAMES, 17, 3), np.float32)
    known = np.ones((len(chosen), FRAMES), bool)
    for i, number in enumerate(chosen):
        points[i], known[i] = _one(clips[number], rng)
    _seen_from_elsewhere(points, rng)
    _shaken(points, rng)
    for i in np.flatnonzero(rng.random(len(points)) < 0.35).tolist():
        _unseen(points[i], rng)
    _other_scores(points, rng)
    return Windows(points, known)


def _one(clip: Floats, rng: np.random.Generator) -> tuple[Floats, Array]:
    end = int(rng.integers(min(LEAST_FRAMES - 1, len(clip) - 1), len(clip)))
    at = end - _BACK * np.exp(rng.normal(0, 0.15))
    window = _slower(clip, at, rng) if rng.random() < 0.45 else _between(clip, at)
    known = at > -0.5
    if rng.random() < 0.12:
        known &= np.arange(FRAMES) >= FRAMES - rng.integers(LEAST_FRAMES, FRAMES)
    known[-2:] = True
    return window, known


def _between(clip: Floats, at: Array) -> Floats:
    at = np.clip(at, 0, len(clip) - 1)
    before = at.astype(int)
    share = (at - before)[:, None, None].astype(np.float32)
    after = np.minimum(before + 1, len(clip) - 1)
    return np.asarray(clip[before] * (1 - share) + clip[after] * share, np.float32)


def _slower(clip: Floats, at: Array, rng: np.random.Generator) -> Floats:
    """As a camera of 5 to 15 frames a second would give it, with its newest frame at the window's end."""
    step = RATE_HZ / rng.uniform(5, 15)
    steps = (at[-1] - at) / step
    whole = np.floor(steps)
    share = (steps - whole)[:, None, None].astype(np.float32)

    def frame(back: Array) -> Floats:
        return np.asarray(
            clip[np.rint(np.clip(at[-1] - back * step, 0, len(clip) - 1)).astype(int)], np.float32
        )

    return np.asarray(frame(whole) * (1 - share) + frame(whole + 1) * share, np.float32)


def _seen_from_elsewhere(points: Floats, rng: np.random.Generator) -> None:
    """Mirrored, turned by up to 25 degrees, a tenth narrower or wider."""
    count = len(points)
    flipped = rng.random(count) < 0.5
    points[flipped] = points[flipped][:, :, list(MIRROR)]
    points[flipped, ..., 0] *= -1
    angle = np.radians(np.clip(rng.normal(0, 10, count), -25, 25))[:, None, None]
    x = points[..., 0] * np.exp(rng.normal(0, 0.1, count))[:, None, None]
    y = points[..., 1].copy()
    points[..., 0] = np.cos(angle) * x - np.sin(angle) * y
    points[..., 1] = np.sin(angle) * x + np.cos(angle) * y


def _shaken(points: Floats, rng: np.random.Generator) -> None:
    count = len(points)
    size = _size(points) * rng.uniform(0, 0.08, count) * (rng.random(count) < 0.6)
    points[..., :2] += rng.normal(size=points[..., :2].shape) * size[:, None, None, None]


def _unseen(window: Floats, rng: np.random.Generator) -> None:
    """A limb or some points of one window, for a while or all of it."""
    limb = rng.random() < 0.5
    joints = list(_LIMBS[rng.integers(len(_LIMBS))] if limb else rng.choice(17, rng.integers(1, 5), False))
    whole = rng.random() < 0.5
    start = 0 if whole else int(rng.integers(0, 25))
    end = FRAMES if whole else start + int(rng.integers(3, 20))
    part = window[start:end]
    part[:, joints, 2] = rng.uniform(0, 0.15)
    if rng.random() < 0.5:
        spread = float(_size(window[None])[0]) * 0.7
        noise = rng.normal(size=(len(part), len(joints), 2)) * spread
        part[:, joints, :2] = part[..., :2].mean(1, keepdims=True) + noise


def _other_scores(points: Floats, rng: np.random.Generator) -> None:
    """Scores that lean higher or lower, and some as the landmark model's: nearly all sure or not."""
    count = len(points)
    factor = np.exp(rng.normal(0, 0.2, (count, 1, 1)))
    score = points[..., 2] * factor + rng.normal(0, 0.05, (count, 1, 17))
    sharp = 1 / (1 + np.exp(-12 * (score - rng.uniform(0.2, 0.5, (count, 1, 1)))))
    other = (rng.random(count) < 0.3)[:, None, None]
    points[..., 2] = np.clip(np.where(other, sharp, score), 0, 1)


def _size(points: Floats) -> Array:
    """The body's spread in each window, (N,)."""
    found: Array = np.sqrt(points[..., :2].var(2).sum(-1).mean(1))
    return found
