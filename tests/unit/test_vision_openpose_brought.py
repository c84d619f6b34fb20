"""An OpenPose network that somebody brings: real ONNX files whose page is known, by both engines."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from onnx import TensorProto, helper, numpy_helper

from dashboard import __main__ as entry
from dashboard.settings import Settings
from dashboard.values import Floats
from dashboard.vision.backends import pose_backend
from dashboard.vision.openpose.brought import told_apart
from dashboard.vision.openpose.layouts import COCO_18, LAYOUTS, MPI_15, BodyLayout
from dashboard.vision.openpose.opencv import ENGINES
from dashboard.vision.runtime import VisionError
from dashboard.weights import installed
from tests.unit.openpose_stage import body, page

CELLS_WH = (40, 32)
both = pytest.mark.parametrize("layout", LAYOUTS.values(), ids=list(LAYOUTS))


def people(layout: BodyLayout) -> list[Floats]:
    return [body(layout, (11.3, 16.2), 26), body(layout, (28.6, 15.7), 24)]


def write_network(path: Path, layout: BodyLayout, parts: int = 1, channels: int | None = None) -> Path:
    """A network of one convolution of stride 8 that answers with the same page whatever it is shown."""
    crowd = page(layout, people(layout), CELLS_WH)
    whole = np.concatenate([crowd.maps, crowd.fields])[None]
    whole = whole[:, :channels] if channels else whole
    cut = [whole] if parts == 1 else [whole[:, layout.maps :], whole[:, : layout.maps]]
    nodes, weights, outputs = [], [], []
    for i, piece in enumerate(cut):
        zero = np.zeros((piece.shape[1], 3, 8, 8), np.float32)
        weights += [numpy_helper.from_array(zero, f"w{i}"), numpy_helper.from_array(piece, f"page{i}")]
        nodes.append(
            helper.make_node("Conv", ["image", f"w{i}"], [f"dark{i}"], kernel_shape=[8, 8], strides=[8, 8])
        )
        nodes.append(helper.make_node("Add", [f"dark{i}", f"page{i}"], [f"net_output{i}"]))
        outputs.append(
            helper.make_tensor_value_info(f"net_output{i}", TensorProto.FLOAT, [1, None, None, None])
        )
    shape = [1, 3, CELLS_WH[1] * 8, CELLS_WH[0] * 8]
    taken = [helper.make_tensor_value_info("image", TensorProto.FLOAT, shape)]
    graph = helper.make_graph(nodes, "page", taken, outputs, weights)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8)
    path.write_bytes(model.SerializeToString())
    return path


@both
@pytest.mark.parametrize("parts", [1, 2])
@pytest.mark.parametrize("engine", ENGINES)
def test_everybody_on_its_page_is_found(tmp_path: Path, layout: BodyLayout, parts: int, engine: str) -> None:
    file = write_network(tmp_path / "n.onnx", layout, parts)
    chosen = Settings().with_values({"openpose.heights": str(CELLS_WH[1] * 8), "openpose.engine": engine})
    backend = pose_backend("openpose-own", {"openpose-own.onnx": file}, 1, chosen)
    poses = backend.estimate(np.zeros((CELLS_WH[1] * 8, CELLS_WH[0] * 8, 3), np.uint8))
    assert len(poses) == 2
    for points in people(layout):
        wanted = points[:, :2] * 8 + 3.5
        native = [pose.native for pose in poses if pose.native is not None]
        assert min(float(np.abs(found[:, :2] - wanted).max()) for found in native) < 1
    assert poses[0].layout == layout.name


def test_it_is_tried_before_it_is_installed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("POOLWATCH_MODELS", str(tmp_path / "models"))
    words = ["models", "install", "openpose-own", "--from"]
    assert entry.main(["models", "install", "openpose-own"]) == 1
    assert "neither OpenVINO 2026 nor OpenCV 5 reads Caffe" in capsys.readouterr().err
    other = write_network(tmp_path / "other.onnx", COCO_18, channels=30)
    assert entry.main([*words, str(other)]) == 1
    assert "outputs of 30 channels; 19 and 38 or 16 and 28 are known" in capsys.readouterr().err
    assert entry.main([*words, str(write_network(tmp_path / "mpi.onnx", MPI_15))]) == 0
    assert installed("openpose-own") is not None


@pytest.mark.parametrize(
    ("channels", "layout", "places"),
    [
        ([57], COCO_18, (0,)),
        ([44], MPI_15, (0,)),
        ([38, 19], COCO_18, (1, 0)),
        ([16, 28], MPI_15, (0, 1)),
        ([19, 38, 19, 38], COCO_18, (2, 3)),
    ],
)
def test_layouts_are_told_by_channels(
    channels: list[int], layout: BodyLayout, places: tuple[int, ...]
) -> None:
    assert told_apart(channels, "n") == (layout, places)


@pytest.mark.parametrize("channels", [[], [0], [56], [19], [19, 28], [19, 38, 1], [19, 38, 38]])
def test_other_channels_are_named(channels: list[int]) -> None:
    with pytest.raises(VisionError, match="are known"):
        told_apart(channels, "n")


def test_an_unknown_engine_is_named(tmp_path: Path) -> None:
    file = write_network(tmp_path / "n.onnx", COCO_18)
    chosen = Settings().with_values({"openpose.engine": "caffe"})
    with pytest.raises(VisionError, match="openvino or opencv is expected"):
        pose_backend("openpose-own", {"openpose-own.onnx": file}, 1, chosen)


def test_without_a_network_it_says_how_to_get_one() -> None:
    with pytest.raises(VisionError, match="models install openpose-own --from"):
        pose_backend("openpose-own", {}, 1)
