"""Grows boosted trees over the figures of a second: Ke et al., LightGBM (2017). Needs
requirements-train.txt."""

from __future__ import annotations

import lightgbm
import numpy as np

from dashboard.commands.schooling.leaves import LEAVES
from dashboard.commands.schooling.nets import Trees
from dashboard.values import Floats
from dashboard.vision.danger.window import Array

_SETTINGS = {
    "n_estimators": 120,
    "num_leaves": LEAVES,
    "learning_rate": 0.06,
    "min_child_samples": 60,
    "colsample_bytree": 0.15,
    "subsample": 0.6,
    "subsample_freq": 1,
    "reg_lambda": 10.0,
    "max_bin": 63,
    "deterministic": True,
    "force_row_wise": True,
    "n_jobs": 1,
    "verbose": -1,
}


def grown(table: Floats, classes: Array, weights: Array, seed: int) -> Trees:
    """Trees for figures (R, F) of classes (R,), every row with its weight (R,). The same for the same
    seed."""
    model = lightgbm.LGBMClassifier(random_state=seed, **_SETTINGS)
    model.fit(table, classes, sample_weight=weights)
    dump = model.booster_.dump_model()
    return Trees(dump["tree_info"], len(np.unique(classes)))
