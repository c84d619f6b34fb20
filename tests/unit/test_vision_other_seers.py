"""Other back ends in the place of ours: the same sightings, with their people."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from dashboard.monitor.pipeline import CameraPipeline, build_pipeline
from dashboard.settings import Settings, TopDownSettings
from dashboard.track import Tracker
from dashboard.values import Floats, Frame, Image, Pose
from dashboard.vision.models import VisionModels
from dashboard.vision.other_seers import CropSeer, WholePictureSeer, other_seer
from dashboard.vision.outline import person_box
from dashboard.vision.runtime import Precision, Runtime, VisionError
from dashboard.vision.still import StillPose
from dashboard.vision.topdown.backend import TopDown
from dashboard.vision.topdown.network import load_crop_network
from tests.unit.topdown_stage import write_network
from tests.unit.vision_models import models

SETTINGS = Settings()


def standing(x: float, top: float, height: float, score: float = 0.8) -> Floats:
    """(17, 3) of a person who stands at x."""
    across = [
        0,
        0.03,
        -0.03,
        0.06,
        -0.06,
        0.12,
        -0.12,
        0.16,
        -0.16,
        0.17,
        -0.17,
        0.08,
        -0.08,
        *[0.08, -0.08] * 2,
    ]
    down = [
        0.07,
        0.05,
        0.05,
        0.06,
        0.06,
        *[0.18] * 2,
        *[0.34] * 2,
        *[0.48] * 2,
        *[0.5] * 2,
        *[0.74] * 2,
        *[0.96] * 2,
    ]
    points = [[x + a * height, top + d * height, score] for a, d in zip(across, down, strict=True)]
    return np.array(points, np.float32)


class Walker:
    """A back end that says that somebody walks to the right, and that a shadow of a person is there."""

    def __init__(self) -> None:
        self.asked = 0

    def estimate(self, image: Image) -> list[Pose]:
        self.asked += 1
        faint = standing(40, 30, 60, 0.1)
        return [Pose(standing(100 + 4 * self.asked, 40, 120), 0.8), Pose(faint, 0.1), Pose(faint * 0, 0.9)]

    def close(self) -> None:
        pass


def frames(count: int) -> list[Frame]:
    picture = np.full((240, 320, 3), 90, np.uint8)
    return [Frame("yard", k / 10, picture, k + 1) for k in range(count)]


def bare() -> VisionModels:
    return models(detector=False, precision=Precision.FAST)


def test_people_come_from_the_back_end_and_are_tracked() -> None:
    backend = Walker()
    seer = other_seer(bare(), SETTINGS, backend, "walker")
    assert isinstance(seer, WholePictureSeer)
    pipeline = CameraPipeline(seer, Tracker(SETTINGS.track))
    seen = [pipeline.process(frame) for frame in frames(12)]
    assert backend.asked == 12
    (person,) = seen[-1].people or ()
    assert person.pose is not None
    assert person.pose.keypoints[0, 0] == pytest.approx(148)
    assert person.velocity[0] == pytest.approx(40, abs=15)
    assert seen[-1].searched == ()  # no tile is searched beside it


class NobodyElse(StillPose):
    """Our searchers are not asked: the seer says where to look."""


def crops(tmp_path: Path) -> TopDown:
    network = load_crop_network(
        Runtime(1, Precision.EXACT), write_network(tmp_path / "n.onnx", (192, 256), 17, False)
    )
    return TopDown(NobodyElse(bare(), SETTINGS.vision), network, TopDownSettings(flip=False))


def test_a_crop_network_finds_nobody_on_a_blank_wall(tmp_path: Path) -> None:
    seer = other_seer(bare(), SETTINGS, crops(tmp_path), "simple-baseline")
    assert isinstance(seer, CropSeer)
    sightings = [seer.see(frame, ()) for frame in frames(3)]
    assert [s.people for s in sightings] == [(), (), ()]
    assert all(s.searched for s in sightings)  # our searchers look


@pytest.mark.parametrize(
    ("keypoints", "box"),
    [
        (np.zeros((17, 3), np.float32), None),
        (standing(100, 50, 200, 0.01), None),
        (standing(100, 50, 200), (55, 40, 145, 252)),
    ],
    ids=["no points", "nothing sure", "standing"],
)
def test_the_box_around_points(keypoints: Floats, box: Sequence[float] | None) -> None:
    found = person_box(keypoints)
    assert found is None if box is None else found == pytest.approx(box, abs=12)


def test_the_box_of_who_lies_has_no_hair_above() -> None:
    lying = standing(100, 50, 200)[:, [1, 0, 2]]
    found = person_box(lying)
    assert found is not None
    assert found[1] == pytest.approx(lying[:, 1].min() - 0.06 * 182, abs=3)


def test_a_back_end_without_weights_says_how_to_get_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bare()
    monkeypatch.setattr("dashboard.monitor.pipeline.installed", lambda name: _default(name))
    with pytest.raises(VisionError, match="models install openpose-omz"):
        build_pipeline("yard", SETTINGS, 1, backend="openpose-omz")
    with pytest.raises(VisionError, match="there is no pose back end 'yolo'"):
        build_pipeline("yard", SETTINGS, 1, backend="yolo")


def _default(name: str) -> dict[str, Path] | None:
    from dashboard.weights import installed

    return installed(name) if name == "mediapipe-pose" else None
