"""Bodies that were never filmed, to learn from: the upper body of one clip on the legs of another of the same
class. What a class is must then lie in how either moves, not in who one clip's swimmer is."""

from __future__ import annotations

import numpy as np

from dashboard.commands.schooling.pool import Pool, figures_of
from dashboard.values import Floats
from dashboard.vision.danger.model import Doing
from dashboard.vision.danger.window import FRAMES, LEAST_FRAMES, Array, Windows, joined

_SHOULDERS, _HIPS, _LOWER = [5, 6], [11, 12], [11, 12, 13, 14, 15, 16]
_EACH = 3000
# Of what all other rows of the pool count.
_SHARE = 0.3
_NOBODY = -1


def with_mixed(pool: Pool, seed: int, each: int = _EACH) -> Pool:
    """The pool and so many mixed bodies of each class, of its own rows alone. The same for the same seed."""
    rng = np.random.default_rng(seed)
    classes = [number for number in range(len(Doing)) if (pool.doing == number).any()]
    upper, lower = (np.concatenate([_rows(pool, number, each, rng) for number in classes]) for _ in range(2))
    windows = mixed(_some(pool.windows, upper), _some(pool.windows, lower))
    count = len(windows)
    return Pool(
        joined([pool.windows, windows]),
        np.concatenate([pool.figures, figures_of(windows)]),
        np.r_[pool.whose, np.full(count, _NOBODY)],
        np.r_[pool.doing, pool.doing[upper]],
        np.r_[pool.harder, np.ones(count, bool)],
        np.r_[pool.chances, np.full(count, _SHARE * pool.chances.sum() / count)],
    )


def mixed(upper: Windows, lower: Windows) -> Windows:
    """(N) windows: hips and legs of `lower`, as large as the other's trunk says, hung on the hips of `upper`.
    Known is what is known of both, and the last six frames."""
    points, legs = upper.points.copy(), lower.points[:, :, _LOWER]
    larger = np.clip(_trunk(upper.points) / _trunk(lower.points), 0.2, 5.0)[:, None, None, None]
    from_hips = legs[..., :2] - _middle(lower.points, _HIPS)
    points[:, :, _LOWER, :2] = _middle(upper.points, _HIPS) + from_hips * larger
    points[:, :, _LOWER, 2] = legs[..., 2]
    newest = np.arange(FRAMES) >= FRAMES - LEAST_FRAMES
    return Windows(points, (upper.known & lower.known) | newest)


def _rows(pool: Pool, number: int, each: int, rng: np.random.Generator) -> Array:
    rows = np.flatnonzero(pool.doing == number)
    return rng.choice(rows, each, p=pool.chances[rows] / pool.chances[rows].sum())


def _some(windows: Windows, rows: Array) -> Windows:
    return Windows(windows.points[rows], windows.known[rows])


def _middle(points: Floats, joints: list[int]) -> Floats:
    """(N, 30, 1, 2)."""
    return np.asarray(points[:, :, joints, :2].mean(2, keepdims=True), np.float32)


def _trunk(points: Floats) -> Array:
    """The usual length from hips to shoulders, (N,)."""
    apart = _middle(points, _SHOULDERS) - _middle(points, _HIPS)
    found: Array = np.linalg.norm(apart[:, :, 0], axis=-1).mean(1) + 1e-3
    return found
