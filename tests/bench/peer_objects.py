"""Peers for telling what was left: OpenCV's two background models, and two backgrounds (Porikli et al.)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import cv2
import numpy as np

from dashboard.values import Image

Box = tuple[float, float, float, float]
WIDTH, LEAST_AREA, REST_S, SAME_PX = 480, 10, 5.0, 6.0


class _Masks(Protocol):
    def mask(self, small: Image) -> np.ndarray: ...


class OneModel:
    """What OpenCV's MOG2 or KNN calls foreground (not its shadows)."""

    def __init__(self, name: str) -> None:
        self._model = (
            cv2.createBackgroundSubtractorMOG2(history=500, detectShadows=True)
            if name == "mog2"
            else cv2.createBackgroundSubtractorKNN(history=500, detectShadows=True)
        )

    def mask(self, small: Image) -> np.ndarray:
        return np.asarray(np.asarray(self._model.apply(small)) == 255)


class TwoModels:
    """Porikli, Ivanov and Haga 2008: foreground to a slow model, background to a quick one, counted up
    while it is so and down else."""

    def __init__(self) -> None:
        self._slow = cv2.createBackgroundSubtractorMOG2(detectShadows=True)
        self._quick = cv2.createBackgroundSubtractorMOG2(detectShadows=True)
        self._evidence: np.ndarray | None = None

    def mask(self, small: Image) -> np.ndarray:
        slow = np.asarray(self._slow.apply(small, learningRate=0.0005)) == 255
        quick = np.asarray(self._quick.apply(small, learningRate=0.02)) == 255
        if self._evidence is None:
            self._evidence = np.zeros(slow.shape, np.float32)
        self._evidence += np.where(slow & ~quick, 1, -2)
        np.clip(self._evidence, 0, 20, out=self._evidence)
        return self._evidence >= 10


def peer(name: str) -> _Masks:
    """`mog2`, `knn` or `two`."""
    return TwoModels() if name == "two" else OneModel(name)


def shrunk(image: Image) -> tuple[Image, float]:
    """A camera's picture as the peers get it, and by how much it was made smaller."""
    scale = WIDTH / image.shape[1]
    size_wh = (WIDTH, round(image.shape[0] * scale))
    return np.asarray(cv2.resize(image, size_wh, interpolation=cv2.INTER_AREA), np.uint8), scale


class PeerObjects:
    """A blob that stays at its place for five seconds, outside everybody's box, is an object: told once."""

    def __init__(self, name: str) -> None:
        self._masks = peer(name)
        self._blobs: list[tuple[float, float, float, float, float, bool]] = []

    def step(self, small: Image, scale: float, t: float, people: Sequence[Box]) -> list[Box]:
        """Boxes of new objects at `t`, in pixels of the camera's picture, which `scale` made `small`."""
        mask = self._masks.mask(small).astype(np.uint8)
        for box in people:
            left, top, right, bottom = (max(0, int(side * scale)) for side in box)
            mask[top : bottom + 1, left : right + 1] = 0
        clean = cv2.morphologyEx(cv2.medianBlur(mask, 3), cv2.MORPH_CLOSE, np.ones((5, 5), np.uint8))
        _, _, stats, centres = cv2.connectedComponentsWithStats(clean, connectivity=8)
        told, kept = [], []
        found = zip(stats[1:].tolist(), centres[1:].tolist(), strict=True)
        for (left, top, width, height, area), (x, y) in found:
            if area < LEAST_AREA:
                continue
            near = [b for b in self._blobs if abs(b[0] - x) < SAME_PX and abs(b[1] - y) < SAME_PX]
            since, done = (near[0][2], near[0][5]) if near else (t, False)
            if not done and t - since >= REST_S:
                done = True
                told.append((left / scale, top / scale, (left + width) / scale, (top + height) / scale))
            kept.append((x, y, since, 0.0, 0.0, done))
        self._blobs = kept
        return told
