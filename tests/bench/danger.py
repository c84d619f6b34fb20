"""`bench danger`: the pose classifier's two files, and what a second of one person costs.

How good it is says cross-validation: `danger train --folds 5 --dry`."""

from __future__ import annotations

import argparse
import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from dashboard.clock import SystemClock
from dashboard.vision.danger.features import features
from dashboard.vision.danger.model import MODEL_FILE, OWN_MODEL_FILE, DangerModel
from dashboard.vision.danger.window import Windows, clip_windows
from tests.unit.danger_stage import struggling

_TIMES = 300


def run(options: argparse.Namespace) -> dict[str, Any]:
    """Of both files, milliseconds a person, the figures included: one person alone, and one of eight."""
    windows = clip_windows(struggling(40))[-8:]
    return {
        "figures_ms": _ms(lambda: features(windows[-1:])),
        **{file.stem: _one(file, windows) for file in (MODEL_FILE, OWN_MODEL_FILE)},
    }


def _one(file: Path, windows: Windows) -> dict[str, Any]:
    model = DangerModel(file)
    return {
        "bytes": file.stat().st_size,
        "sha256": hashlib.sha256(file.read_bytes()).hexdigest(),
        "one_person_ms": _ms(lambda: model.probabilities(windows[-1:])),
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
