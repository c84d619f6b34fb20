"""COCO's object keypoint similarity, as its evaluation defines it."""

from __future__ import annotations

import numpy as np

from dashboard.values import Floats

# Lin et al. 2014: the spread of people's own labels, per keypoint, in parts of the square root of the area
SIGMAS = np.array([26, 25, 25, 35, 35, 79, 79, 72, 72, 62, 62, 107, 107, 87, 87, 89, 89], np.float64) / 1000


def oks(found: Floats, labelled: Floats, area: float) -> float:
    """Similarity 0 to 1 of (17, 3) found and (17, 3) labelled x, y, visibility, over labelled points."""
    seen = labelled[:, 2] > 0
    apart = ((found[:, :2] - labelled[:, :2]) ** 2).sum(axis=1)
    alike = np.exp(-apart / (2 * area * (2 * SIGMAS) ** 2))
    return float(alike[seen].mean()) if seen.any() else 0.0
