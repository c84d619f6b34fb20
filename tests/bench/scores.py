"""Scores by MOTChallenge's rules, computed by py-motmetrics.

Its own IoU needs NumPy 1, so the distances are computed here and its accumulator and metrics used.
"""

from __future__ import annotations

from collections.abc import Sequence

import motmetrics
import numpy as np
from scipy.optimize import linear_sum_assignment

from dashboard.geometry import iou
from tests.bench.clip import Boxes, Rows

_NAMES = {
    "mota": "mota",
    "idf1": "idf1",
    "recall": "recall",
    "precision": "precision",
    "switches": "num_switches",
    "false_positives": "num_false_positives",
    "misses": "num_misses",
    "identities": "num_unique_objects",
}


def tracking_scores(truth: Sequence[Boxes], told: Sequence[Boxes]) -> dict[str, float]:
    """MOTA, IDF1, recall, precision at IoU 0.5 and the counts behind them."""
    accumulator = motmetrics.MOTAccumulator(auto_id=True)
    for labelled, tracks in zip(truth, told, strict=True):
        overlap = overlaps(labelled.ltwh, tracks.ltwh)
        distances = np.where(overlap >= 0.5, 1 - overlap, np.nan)
        accumulator.update(labelled.ids, tracks.ids, distances)
    metrics = motmetrics.metrics.create()
    summary = metrics.compute(accumulator, metrics=[n for n in _NAMES.values() if n != "num_unique_objects"])
    scores = {key: round(float(summary[name].iloc[0]), 4) for key, name in _NAMES.items() if name in summary}
    return scores | {"identities": float(len({int(i) for boxes in told for i in boxes.ids}))}


def finding_scores(truth: Sequence[Boxes], found: Sequence[Rows]) -> dict[str, float]:
    """Recall and precision at IoU 0.5, one to one in each frame; boxes (N, 4) left, top, width, height."""
    labelled = sum(len(boxes.ids) for boxes in truth)
    given = sum(len(boxes) for boxes in found)
    hits = sum(_hits(boxes.ltwh, ltwh) for boxes, ltwh in zip(truth, found, strict=True))
    return {"recall": round(hits / max(labelled, 1), 4), "precision": round(hits / max(given, 1), 4)}


def overlaps(a: Rows, b: Rows) -> Rows:
    """Intersection over union of boxes left, top, width, height: (N, 4), (M, 4) -> (N, M)."""
    return np.asarray(iou(_xyxy(a), _xyxy(b)), dtype=np.float64)


def _xyxy(ltwh: Rows) -> np.ndarray[tuple[int, ...], np.dtype[np.float32]]:
    return np.concatenate([ltwh[:, :2], ltwh[:, :2] + ltwh[:, 2:]], axis=1).astype(np.float32)


def _hits(labelled: Rows, found: Rows) -> int:
    overlap = overlaps(labelled, found)
    good = np.where(overlap >= 0.5, overlap, 0.0)
    rows, columns = linear_sum_assignment(good, maximize=True)
    return int((good[rows, columns] > 0).sum())
