"""Drawn swimmers as key points: exact, so that what a test expects can be said."""

from __future__ import annotations

import numpy as np

from dashboard.values import Floats

# COCO-17 of somebody upright, arms hanging, in pixels; y downward.
STANDING: Floats = np.array(
    [
        *[(0, -95), (3, -98), (-3, -98), (7, -96), (-7, -96)],
        *[(18, -75), (-18, -75), (24, -50), (-24, -50), (26, -25), (-26, -25)],
        *[(12, -20), (-12, -20), (13, 15), (-13, 15), (13, 50), (-13, 50)],
    ],
    np.float32,
)
ARMS = (7, 8, 9, 10)


def body(xy: Floats = STANDING, at: tuple[float, float] = (300.0, 200.0), score: float = 0.9) -> Floats:
    """(17, 3): the points moved to a place, each with the same score."""
    return np.column_stack([xy + np.array(at, np.float32), np.full(17, score)]).astype(np.float32)


def struggling(frames: int, at: tuple[float, float] = (300.0, 200.0)) -> Floats:
    """(frames, 17, 3) at 30 a second: upright at one place, arms out at the surface, paddling."""
    clip = []
    for i in range(frames):
        xy = STANDING.copy()
        lift = 8 * np.sin(i / 3)
        xy[list(ARMS)] = [(38, -80 + lift), (-38, -80 - lift), (55, -90 - lift), (-55, -90 + lift)]
        clip.append(body(xy, at))
    return np.stack(clip)


def crawling(frames: int, speed: float = 5.0) -> Floats:
    """(frames, 17, 3) at 30 a second: stretched out level, `speed` pixels a frame to the right, kicking."""
    clip = []
    for i in range(frames):
        xy = np.stack([-STANDING[:, 1], STANDING[:, 0]], 1)
        xy[[15, 16], 1] += np.array([12, -12]) * np.sin(i * 1.2)
        xy[[9, 10], 0] += np.array([70, 70]) * np.array([np.sin(i / 5), np.sin(i / 5 + np.pi)])
        clip.append(body(xy.astype(np.float32), (100 + speed * i, 300.0)))
    return np.stack(clip)
