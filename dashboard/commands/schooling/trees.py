"""Boosted trees over the figures of a second, as a part of the classifier's graph. Needs
requirements-train.txt.

Gradient boosting as in Ke et al., LightGBM (2017). In the graph no tree is walked: all its nodes are asked at
once, and the one leaf speaks whose every turn agrees with the answers.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import lightgbm
import numpy as np
import torch
from torch import Tensor, nn

from dashboard.values import Floats
from dashboard.vision.danger.window import Array

LEAVES = 15
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


class Trees(nn.Module):
    """T trees for `classes` classes by turns, of at most 15 leaves each. `asked` (T x 14,) and `limits`
    (T, 14): which figure each node compares with what; `turns` (T, 14, 15): 1 where a leaf lies on a node's
    smaller side, -1 where on its other; `smaller` (T, 15): how often a leaf lies on the smaller side; `says`
    (T, 15)."""

    def __init__(self, trees: list[Mapping[str, Any]], classes: int) -> None:
        super().__init__()
        self.classes = classes
        asked = torch.zeros(len(trees), LEAVES - 1, dtype=torch.int64)
        limits = torch.zeros(len(trees), LEAVES - 1)
        turns = torch.zeros(len(trees), LEAVES - 1, LEAVES)
        says = torch.zeros(len(trees), LEAVES)
        # A leaf that is not there waits for an answer that never comes.
        smaller = torch.full((len(trees), LEAVES), float(LEAVES))
        for number, tree in enumerate(trees):
            for leaf, (value, path) in enumerate(_leaves(tree["tree_structure"])):
                says[number, leaf] = value
                smaller[number, leaf] = sum(left for *_, left in path)
                for node, figure, limit, left in path:
                    asked[number, node], limits[number, node] = figure, _rounded_down(limit)
                    turns[number, node, leaf] = 1 if left else -1
        for name, tensor in (("asked", asked.flatten()), ("limits", limits), ("turns", turns)):
            self.register_buffer(name, tensor)
        self.register_buffer("smaller", smaller)
        self.register_buffer("says", says)

    def forward(self, points: Tensor, known: Tensor, features: Tensor) -> Tensor:
        answers = features[:, self.asked].unflatten(1, self.limits.shape) <= self.limits
        agreed = torch.einsum("ntk,tkl->ntl", answers.float(), self.turns)
        said = ((agreed > self.smaller - 0.5).float() * self.says).sum(2)
        return said.unflatten(1, (-1, self.classes)).sum(1)


def grown(table: Floats, classes: Array, weights: Array, seed: int) -> Trees:
    """Trees for figures (R, F) of classes (R,), every row with its weight (R,). The same for the same
    seed."""
    model = lightgbm.LGBMClassifier(random_state=seed, **_SETTINGS)
    model.fit(table, classes, sample_weight=weights)
    dump = model.booster_.dump_model()
    return Trees(dump["tree_info"], len(np.unique(classes)))


def _rounded_down(limit: float) -> float:
    """The largest float32 that is not over the limit: what is compared with it is float32 as well."""
    near = np.float32(limit)
    return float(near if near <= limit else np.nextafter(near, np.float32(-np.inf)))


def _leaves(
    node: Mapping[str, Any], path: tuple[tuple[int, int, float, bool], ...] = ()
) -> Iterator[tuple[float, tuple[tuple[int, int, float, bool], ...]]]:
    """What each leaf says, and its path: nodes, their figures and limits, whether it goes the smaller way."""
    if "leaf_value" in node:
        yield float(node["leaf_value"]), path
        return
    here = int(node["split_index"]), int(node["split_feature"]), float(node["threshold"])
    yield from _leaves(node["left_child"], (*path, (*here, True)))
    yield from _leaves(node["right_child"], (*path, (*here, False)))
