"""What a network's head says, as points: heat maps with the quarter shift, SimCC vectors."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from dashboard.values import Floats

SPLIT = 2.0  # SimCC bins a pixel, in all of MMPose's configurations
SHIFT = 0.25


def from_heat_maps(maps: Floats) -> Floats:
    """(N, K, h, w) -> (N, K, 3) x, y in cells and score: the highest cell, moved a quarter of a cell towards
    its higher neighbour; score 0 and place 0 where nothing is above 0."""
    people, points, height, width = maps.shape
    flat = maps.reshape(people, points, height * width)
    best = flat.argmax(axis=2)
    score = np.take_along_axis(flat, best[..., None], axis=2)[..., 0]
    row, column = np.divmod(best, width)
    x, y = column.astype(np.float32), row.astype(np.float32)
    inner = (column > 1) & (column < width - 1) & (row > 1) & (row < height - 1)
    n, k = np.indices((people, points))
    c, r = np.clip(column, 1, max(width - 2, 1)), np.clip(row, 1, max(height - 2, 1))
    if width >= 3 and height >= 3:
        x += inner * SHIFT * np.sign(maps[n, k, row, c + 1] - maps[n, k, row, c - 1])
        y += inner * SHIFT * np.sign(maps[n, k, r + 1, column] - maps[n, k, r - 1, column])
    return _scored(x, y, score)


def from_simcc(x_vectors: Floats, y_vectors: Floats) -> Floats:
    """(N, K, W * 2) and (N, K, H * 2) -> (N, K, 3) x, y in pixels of the network's picture and score: each
    vector's highest bin; the score is the lower of the two."""
    score = np.minimum(x_vectors.max(axis=2), y_vectors.max(axis=2))
    x, y = (v.argmax(axis=2).astype(np.float32) / SPLIT for v in (x_vectors, y_vectors))
    return _scored(x, y, score)


def _scored(x: Floats, y: Floats, score: Floats) -> Floats:
    points = np.stack([x, y, np.clip(score, 0, 1)], axis=2).astype(np.float32)
    points[score <= 0] = 0
    return points


def flipped_maps(maps: Floats, mirror: Sequence[int]) -> Floats:
    """Heat maps (N, K, h, w) of mirrored crops as those of the crops: names and sides swapped, and moved a
    cell to the right, because strides begin at the left edge of either (the paper's code)."""
    turned = maps[:, list(mirror), :, ::-1].copy()
    turned[..., 1:] = turned[..., :-1].copy()
    return turned


def flipped_vectors(x_vectors: Floats, y_vectors: Floats, mirror: Sequence[int]) -> tuple[Floats, Floats]:
    """SimCC vectors of mirrored crops as those of the crops."""
    return x_vectors[:, list(mirror), ::-1].copy(), y_vectors[:, list(mirror)].copy()
