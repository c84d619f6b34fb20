"""Boosted trees as tables that a graph can ask all at once, out of what LightGBM's `dump_model` tells.

All nodes of a tree answer together, and the one leaf speaks whose every turn agrees with the answers. Only
what such a graph can tell is taken: plain comparisons with a limit, of figures of which none is missing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from dashboard.values import Floats
from dashboard.vision.danger.window import Array

LEAVES = 15
_Turn = tuple[int, int, float, bool]


class TreeError(ValueError):
    """A tree asks something that the tables cannot hold; the message says what."""


@dataclass(frozen=True, eq=False)
class Tables:
    """T trees of at most 15 leaves. `asked` (T, 14) and `limits` (T, 14) float32: which figure each node
    compares with what, the smaller way being `figure <= limit`; `turns` (T, 14, 15): 1 where a leaf lies on a
    node's smaller side, -1 where on its other; `smaller` (T, 15): how often a leaf lies on the smaller side;
    `says` (T, 15)."""

    asked: Array
    limits: Floats
    turns: Floats
    smaller: Floats
    says: Floats


def tables_of(trees: Sequence[Mapping[str, Any]]) -> Tables:
    """The `tree_info` of a dump. TreeError: categories, figures that may be missing, more than 15 leaves."""
    count = len(trees)
    asked = np.zeros((count, LEAVES - 1), np.int64)
    limits = np.zeros((count, LEAVES - 1), np.float32)
    turns = np.zeros((count, LEAVES - 1, LEAVES), np.float32)
    says = np.zeros((count, LEAVES), np.float32)
    # A leaf that is not there waits for an answer that never comes.
    smaller = np.full((count, LEAVES), LEAVES, np.float32)
    for number, tree in enumerate(trees):
        leaves = list(_leaves(tree["tree_structure"]))
        if len(leaves) > LEAVES:
            raise TreeError(f"tree {number} has {len(leaves)} leaves; {LEAVES} is the most")
        for leaf, (value, path) in enumerate(leaves):
            says[number, leaf] = value
            smaller[number, leaf] = sum(left for *_, left in path)
            for node, figure, limit, left in path:
                asked[number, node], limits[number, node] = figure, _rounded_down(limit)
                turns[number, node, leaf] = 1 if left else -1
    return Tables(asked, limits, turns, smaller, says)


def _rounded_down(limit: float) -> np.float32:
    """The largest float32 that is not over the limit: what is compared with it is float32 as well."""
    near = np.float32(limit)
    return near if float(near) <= limit else np.nextafter(near, np.float32(-np.inf))


def _leaves(
    node: Mapping[str, Any], path: tuple[_Turn, ...] = ()
) -> Iterator[tuple[float, tuple[_Turn, ...]]]:
    """What each leaf says, and its path: nodes, their figures and limits, whether it goes the smaller way."""
    if "leaf_value" in node:
        yield float(node["leaf_value"]), path
        return
    if node["decision_type"] != "<=" or node["missing_type"] != "None":
        raise TreeError(
            f"a node asks {node['decision_type']!r} with {node['missing_type']!r} missing;"
            " only '<=' with 'None' can be told"
        )
    here = int(node["split_index"]), int(node["split_feature"]), float(node["threshold"])
    yield from _leaves(node["left_child"], (*path, (*here, True)))
    yield from _leaves(node["right_child"], (*path, (*here, False)))
