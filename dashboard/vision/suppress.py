"""Thinning of boxes that say the same thing."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from dashboard.geometry import iou
from dashboard.values import Floats


def suppressed(boxes: Floats, scores: Floats, overlap: float) -> NDArray[np.intp]:
    """Indices of the boxes (N, 4) that stay, best first: one goes when it overlaps a better one by more
    than `overlap` (IoU)."""
    order = np.argsort(-scores, kind="stable")
    if len(order) == 0:
        return order
    covers = iou(boxes[order], boxes[order]) > overlap
    gone = np.zeros(len(order), bool)
    for i in range(len(order)):
        if not gone[i]:
            gone[i + 1 :] |= covers[i, i + 1 :]
    return order[~gone]


def groups(boxes: Floats, scores: Floats, overlap: float) -> list[NDArray[np.intp]]:
    """The boxes (N, 4) in groups, each the best box left and all that overlap it (IoU) by more than
    `overlap`; best first inside and between groups."""
    order = np.argsort(-scores, kind="stable")
    found: list[NDArray[np.intp]] = []
    while len(order):
        near = iou(boxes[order[:1]], boxes[order])[0] > overlap
        near[0] = True
        found.append(order[near])
        order = order[~near]
    return found
