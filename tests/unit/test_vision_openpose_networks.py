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
from dashboard.vision.openpose.backend import OMZ, load_openpose
from dashboard.vision.runtime import VisionError
from tests.material import material, model_file
from tests.unit.oks import oks

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
