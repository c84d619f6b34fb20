"""Boosted trees as tables and as a graph: what they say is what walking each tree says. The trees are drawn
by hand in the form of LightGBM's `dump_model`, so neither it nor, for the tables, torch is asked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import openvino as ov
import pytest

from dashboard.commands.schooling.leaves import LEAVES, Tables, TreeError, tables_of
from dashboard.values import Floats

Node = dict[str, Any]
FIGURES = 6


def leaf(value: float) -> Node:
    return {"leaf_value": value}


def asks(figure: int, limit: float, left: Node, right: Node, number: int = 0, **other: Any) -> Node:
    node = {
        "split_index": number,
        "split_feature": figure,
        "threshold": limit,
        "decision_type": "<=",
        "default_left": True,
        "missing_type": "None",
        "left_child": left,
        "right_child": right,
    }
    return node | other


def dump(*structures: Node) -> list[Mapping[str, Any]]:
    return [{"tree_structure": structure} for structure in structures]


def grown_at_random(leaves: int, rng: np.random.Generator) -> Node:
    """A lopsided tree; limits are values that figures have, so that being equal happens."""
    numbers = iter(rng.permutation(leaves - 1).tolist() if leaves > 1 else [])

    def part(count: int) -> Node:
        if count == 1:
            return leaf(float(rng.normal()))
        left = int(rng.integers(1, count))
        limit, figure = float(rng.integers(-3, 4)) / 4, int(rng.integers(FIGURES))
        return asks(figure, limit, part(left), part(count - left), next(numbers))

    return part(leaves)


def walked(trees: Sequence[Mapping[str, Any]], row: Floats) -> list[float]:
    said = []
    for tree in trees:
        node = tree["tree_structure"]
        while "leaf_value" not in node:
            smaller = float(row[node["split_feature"]]) <= node["threshold"]
            node = node["left_child" if smaller else "right_child"]
        said.append(node["leaf_value"])
    return said


def told(tables: Tables, row: Floats) -> tuple[Floats, Floats]:
    """What every tree says of a figures' row by the tables, and how many of its leaves speak."""
    answers = row[tables.asked] <= tables.limits
    speaks = np.einsum("tk,tkl->tl", answers.astype(float), tables.turns) == tables.smaller
    return (speaks * tables.says).sum(1), speaks.sum(1)


def rows(rng: np.random.Generator, count: int = 200) -> Floats:
    return (rng.integers(-5, 6, (count, FIGURES)) / 4).astype(np.float32)


def forest() -> list[Mapping[str, Any]]:
    rng = np.random.default_rng(3)
    return dump(*(grown_at_random(leaves, rng) for leaves in (1, 2, 3, 8, 14, 15)))


def test_one_leaf_of_each_tree_speaks_and_it_is_the_one_that_walking_finds() -> None:
    trees = forest()
    tables = tables_of(trees)
    for row in rows(np.random.default_rng(4)):
        said, speaking = told(tables, row)
        assert speaking.tolist() == [1] * len(trees)
        assert said == pytest.approx(walked(trees, row))


@pytest.mark.parametrize("limit", [0.1, 0.3, 1 / 3, 1e-30, -0.7, 1000.1, 0.25])
def test_a_limit_between_two_floats_parts_them_where_it_lies(limit: float) -> None:
    """Limits are doubles, figures are floats: the nearest float may lie on the limit's other side."""
    tables = tables_of(dump(asks(0, limit, leaf(1.0), leaf(2.0))))
    near = np.float32(limit)
    for figure in (np.nextafter(near, np.float32(-np.inf)), near, np.nextafter(near, np.float32(np.inf))):
        said, _ = told(tables, np.array([figure], np.float32))
        assert said.tolist() == [1.0 if float(figure) <= limit else 2.0]


@pytest.mark.parametrize(
    ("structure", "says"),
    [
        (asks(0, 1.0, leaf(0), leaf(1), decision_type="=="), "'=='"),
        (asks(0, 1.0, leaf(0), leaf(1), missing_type="NaN"), "'NaN' missing"),
        (asks(0, 1.0, leaf(0), leaf(1), missing_type="Zero", default_left=False), "'Zero' missing"),
        (grown_at_random(LEAVES + 1, np.random.default_rng(1)), "16 leaves"),
    ],
    ids=["a category", "may be missing", "zero is missing", "too many leaves"],
)
def test_what_the_tables_cannot_tell_is_refused(structure: Node, says: str) -> None:
    with pytest.raises(TreeError, match=says):
        tables_of(dump(leaf(0.5), structure))


def test_no_trees_are_tables_of_none() -> None:
    assert tables_of([]).says.shape == (0, LEAVES)


# Torch warns about itself while it writes a graph.
@pytest.mark.filterwarnings("default")
def test_the_graph_says_what_walking_says(tmp_path: Path) -> None:
    """Torch writes the graph, OpenVINO reads it: only where what training needs is installed."""
    torch = pytest.importorskip("torch")
    pytest.importorskip("onnxscript")
    from dashboard.commands.schooling.nets import Trees

    trees, file = forest(), tmp_path / "trees.onnx"
    inputs = tuple(torch.zeros(2, FIGURES) for _ in range(3))
    program = torch.onnx.export(
        Trees(trees, 3).eval(),
        inputs,
        dynamo=True,
        input_names=["points", "known", "features"],
        dynamic_shapes={name: {0: torch.export.Dim("windows")} for name in ("points", "known", "features")},
    )
    program.save(str(file), external_data=False)
    model = ov.Core().compile_model(str(file), "CPU", {"INFERENCE_PRECISION_HINT": "f32"})
    figures = rows(np.random.default_rng(5))
    asked = {port.any_name: figures for port in model.inputs}
    # Trees speak for the classes by turns.
    wanted = [np.reshape(walked(trees, row), (-1, 3)).sum(0) for row in figures]
    assert np.asarray(model(asked)[0]) == pytest.approx(np.array(wanted), abs=1e-5)
