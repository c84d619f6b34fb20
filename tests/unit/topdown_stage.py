"""A small network whose answer is known: each point is where its own colour is. As a pose_resnet (heat maps
on cells of 4 pixels) and as an RTMPose (two vectors a point), written as real ONNX files."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from dashboard.values import Floats, Image
from dashboard.vision.topdown.network import IMAGENET

SIDE = 6  # half a dot's, in pixels


def colours(points: int) -> Floats:
    """(K, 3) BGR, far from each other and from black."""
    levels = np.array([60, 150, 240], np.float32)
    mixed = np.array([[b, g, r] for b in levels for g in levels for r in levels], np.float32)
    return mixed[:points]


def drawn(people: Sequence[Floats], size_wh: tuple[int, int] = (640, 480)) -> Image:
    """A black picture with every point (K, 2) of everybody as a square of its colour."""
    picture = np.zeros((size_wh[1], size_wh[0], 3), np.uint8)
    for person in people:
        for (x, y), colour in zip(person, colours(len(person)), strict=True):
            low, high = (round(x) - SIDE, round(y) - SIDE), (round(x) + SIDE, round(y) + SIDE)
            cv2.rectangle(picture, low, high, colour.tolist(), -1)
    return picture


def someone(points: int, corner: tuple[float, float], height: float) -> Floats:
    """(K, 2): points in rows of three."""
    rows = -(-points // 3)
    steps = np.array([[k % 3 * 0.2, k // 3 / max(rows - 1, 1)] for k in range(points)])
    return np.asarray(corner + steps * height, np.float32)


def write_network(
    path: Path, size_wh: tuple[int, int], points: int, simcc: bool, batch: int | str = "N"
) -> Path:
    """The network as an ONNX file that wants ImageNet's normalisation."""
    width, height = size_wh
    nodes, weights = _likeness(points)
    if simcc:
        nodes += [*_vector("simcc_x", 2), *_vector("simcc_y", 3)]
        shapes = {"simcc_x": [batch, points, 2 * width], "simcc_y": [batch, points, 2 * height]}
        weights += [_const(f"{n}_shape", np.array([0, points, -1], np.int64)) for n in shapes]
        weights += [_const(f"{n}_axis", np.array([a], np.int64)) for n, a in (("simcc_x", 2), ("simcc_y", 3))]
        weights.append(_const("last", np.array([-1], np.int64)))
    else:
        nodes.append(helper.make_node("AveragePool", ["like"], ["maps"], kernel_shape=[4, 4], strides=[4, 4]))
        shapes = {"maps": [batch, points, height // 4, width // 4]}
    graph = helper.make_graph(
        nodes,
        "colours",
        [helper.make_tensor_value_info("input", TensorProto.FLOAT, [batch, 3, height, width])],
        [helper.make_tensor_value_info(n, TensorProto.FLOAT, shape) for n, shape in shapes.items()],
        weights,
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)
    onnx.checker.check_model(model)
    path.write_bytes(model.SerializeToString())
    return path


def _likeness(points: int) -> tuple[list[onnx.NodeProto], list[onnx.TensorProto]]:
    """How like each pixel is to each point's colour: 1 for the same, 0 from 40 bytes away."""
    rgb = colours(points)[:, ::-1]
    mean, scale = np.array(IMAGENET.mean), np.array(IMAGENET.scale)
    first = np.zeros((3 * points, 3, 1, 1), np.float32)
    offset = np.zeros(3 * points, np.float32)
    for k in range(points):
        for c in range(3):
            first[3 * k + c, c] = scale[c]
            offset[3 * k + c] = mean[c] - rgb[k, c]
    second = np.zeros((points, 3 * points, 1, 1), np.float32)
    for k in range(points):
        second[k, 3 * k : 3 * k + 3] = -1 / 40
    nodes = [
        helper.make_node("Conv", ["input", "first", "offset"], ["off"]),
        helper.make_node("Abs", ["off"], ["apart"]),
        helper.make_node("Conv", ["apart", "second", "ones"], ["rest"]),
        helper.make_node("Relu", ["rest"], ["sharp"]),
        # twice, for a hill over each square: its middle alone is the highest place
        _blurred("sharp", "flat"),
        _blurred("flat", "like"),
    ]
    consts = {"first": first, "offset": offset, "second": second, "ones": np.ones(points, np.float32)}
    return nodes, [_const(name, value) for name, value in consts.items()]


def _blurred(source: str, name: str) -> onnx.NodeProto:
    return helper.make_node(
        "AveragePool", [source], [name], kernel_shape=[21, 21], strides=[1, 1], pads=[10] * 4
    )


def _vector(name: str, axis: int) -> list[onnx.NodeProto]:
    """The likeness summed over the other direction, two bins a pixel."""
    return [
        helper.make_node("ReduceMean", ["like"], [f"{name}_1"], axes=[axis], keepdims=0),
        helper.make_node("Unsqueeze", [f"{name}_1", "last"], [f"{name}_2"]),
        helper.make_node("Concat", [f"{name}_2", f"{name}_2"], [f"{name}_3"], axis=-1),
        helper.make_node("Reshape", [f"{name}_3", f"{name}_shape"], [name]),
    ]


def _const(name: str, value: np.ndarray) -> onnx.TensorProto:
    return numpy_helper.from_array(value, name)
