"""`bench danger`: the pose classifier's file, and what a second of one person costs.

How good it is says cross-validation: `danger train --folds 5 --dry`."""

from __future__ import annotations

import argparse
import hashlib
from collections.abc import Callable
from typing import Any

import numpy as np

from dashboard.clock import SystemClock
from dashboard.vision.danger.features import features
from dashboard.vision.danger.model import MODEL_FILE, DangerModel
from dashboard.vision.danger.window import Windows, clip_windows
from tests.unit.danger_stage import struggling

_TIMES = 300


def run(options: argparse.Namespace) -> dict[str, Any]:
    """Milliseconds a person, the figures included: one person alone, and one of eight."""
    model = DangerModel()
    windows = clip_windows(struggling(40))[-8:]
    one = windows[-1:]
    return {
        "file": MODEL_FILE.name,
        "bytes": MODEL_FILE.stat().st_size,
        "sha256": hashlib.sha256(MODEL_FILE.read_bytes()).hexdigest(),
        "figures_ms": _ms(lambda: features(one)),
        "one_person_ms": _ms(lambda: model.probabilities(one)),
        "one_of_eight_ms": round(_ms(lambda: model.probabilities(windows)) / len(windows), 3),
        "same_alone_and_in_company": _same(model, windows),
    }


def _ms(what: Callable[[], object]) -> float:
    """The quickest tenth of the runs, at its slowest: what it costs where nothing else runs."""
    clock = SystemClock()
    spent = []
    for _ in range(_TIMES):
        begun = clock.monotonic()
        what()
        spent.append(clock.monotonic() - begun)
    return round(float(np.percentile(spent, 10)) * 1000, 3)


def _same(model: DangerModel, windows: Windows) -> bool:
    alone = np.concatenate([model.probabilities(windows[i : i + 1]) for i in range(len(windows))])
    return bool(np.allclose(model.probabilities(windows), alone, atol=1e-5))
