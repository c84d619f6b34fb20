"""How well decisions fit the clips: every frame counts once, and a clip is right when its most frequent
decision is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from dashboard.commands.schooling.clips import Clip
from dashboard.values import Floats
from dashboard.vision.danger.model import Doing

Counts: TypeAlias = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Marks:
    """`confusion` (3, 3) frames, rows are what it is and columns what was said; clips right and all."""

    confusion: Counts
    clips_correct: int
    clips: int

    @property
    def frame_accuracy(self) -> float:
        """Nan without a frame."""
        total = int(self.confusion.sum())
        return float(np.trace(self.confusion)) / total if total else float("nan")

    @property
    def f1(self) -> dict[str, float]:
        """By class; of classes that neither are there nor were said there is none."""
        both = self.confusion.sum(0) + self.confusion.sum(1)
        hits = np.diag(self.confusion)
        return {str(d): 2.0 * int(hits[i]) / int(both[i]) for i, d in enumerate(Doing) if both[i]}

    @property
    def macro_f1(self) -> float:
        """The mean over the classes that are there or were said; nan without any."""
        return float(np.mean(list(self.f1.values()))) if self.f1 else float("nan")

    def as_json(self) -> dict[str, Any]:
        """The contract's four figures."""
        return {
            "frame_accuracy": _rounded(self.frame_accuracy),
            "macro_f1": _rounded(self.macro_f1),
            "clips_correct": self.clips_correct,
            "clips": self.clips,
        }


def marks_of(clips: Sequence[Clip], probabilities: Mapping[str, Floats]) -> Marks:
    """The marks of decisions by the largest of the probabilities (N, 3) by clip name. A clip too short for
    any decision is among the clips and not right."""
    confusion = np.zeros((len(Doing), len(Doing)), np.int64)
    order = list(Doing)
    right = 0
    for clip in clips:
        assert clip.doing is not None
        counts = np.bincount(probabilities[clip.name].argmax(1), minlength=len(Doing))
        confusion[order.index(clip.doing)] += counts
        right += bool(counts.sum()) and int(counts.argmax()) == order.index(clip.doing)
    return Marks(confusion, right, len(clips))


def calibration_error(probabilities: Floats, truth: NDArray[np.int64], bins: int = 15) -> float:
    """Expected calibration error of the larger probability: Guo et al., On calibration of modern neural
    networks (2017), equal widths. `truth` (N,) are class numbers."""
    sure, right = probabilities.max(1), probabilities.argmax(1) == truth
    edges = np.minimum((sure * bins).astype(int), bins - 1)
    gaps = [abs(sure[edges == b].mean() - right[edges == b].mean()) * (edges == b).mean() for b in set(edges)]
    return float(sum(gaps))


def _rounded(value: float) -> float | None:
    return None if np.isnan(value) else round(value, 4)
