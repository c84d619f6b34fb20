"""Top-down: the affine, the heads, and whole networks from real ONNX files whose answers are known."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from dashboard.settings import TopDownSettings
from dashboard.values import COCO_KEYPOINTS, Floats, Image
from dashboard.vision.findings import Finding
from dashboard.vision.layouts import COCO_17, HALPE_26, MPII_16, PointLayout
from dashboard.vision.runtime import Precision, Runtime, VisionError
from dashboard.vision.topdown.backend import TopDown, distinct, load_top_down
from dashboard.vision.topdown.crops import cut, person_crop, to_picture
from dashboard.vision.topdown.heads import flipped_maps, flipped_vectors, from_heat_maps, from_simcc
from dashboard.vision.topdown.network import BATCH, load_crop_network
from tests.unit.topdown_stage import drawn, someone, write_network

RUNTIME = Runtime(1, Precision.EXACT)


@pytest.mark.parametrize(
    ("box", "size"),
    [
        ((100, 50, 160, 290), (225.0, 300.0)),
        ((100, 50, 400, 150), (375.0, 500.0)),
        ((10, 10, 10, 10), (1.25, 1.25 / 0.75)),
    ],
    ids=["tall", "wide", "a point"],
)
def test_the_crop_has_the_networks_ratio_and_a_quarter_more(
    box: tuple[float, float, float, float], size: tuple[float, float]
) -> None:
    crop = person_crop(box, (192, 256))
    assert crop.size_wh == pytest.approx(size)
    assert crop.centre == ((box[0] + box[2]) / 2, (box[1] + box[3]) / 2)


def test_what_is_cut_goes_back_to_its_place() -> None:
    picture = np.zeros((480, 640, 3), np.uint8)
    picture[199:202, 299:302] = 255
    crop = person_crop((250, 100, 330, 340), (192, 256))
    row, column = np.unravel_index(cut(picture, crop, (192, 256))[..., 0].argmax(), (256, 192))
    back = to_picture(np.array([[column, row, 1]], np.float32), crop, (192, 256))
    assert back[0, :2] == pytest.approx([300, 200], abs=1.5)


def heat(cells: dict[tuple[int, int], float], size_wh: tuple[int, int] = (6, 5)) -> Floats:
    maps = np.zeros((1, 1, size_wh[1], size_wh[0]), np.float32)
    for (x, y), value in cells.items():
        maps[0, 0, y, x] = value
    return maps


@pytest.mark.parametrize(
    ("maps", "point"),
    [
        (np.zeros((0, 17, 5, 6), np.float32), None),
        (heat({}), [0, 0, 0]),
        (heat({(3, 2): -1.0, (0, 0): -0.5}), [0, 0, 0]),
        (heat({(3, 2): 0.8}), [3, 2, 0.8]),
        (heat({(3, 2): 0.8, (4, 2): 0.4}), [3.25, 2, 0.8]),
        (heat({(3, 2): 0.8, (2, 2): 0.4, (3, 3): 0.1}), [2.75, 2.25, 0.8]),
        (heat({(5, 4): 0.9, (4, 4): 0.5}), [5, 4, 0.9]),
        (heat({(3, 2): 7.0}), [3, 2, 1]),
        (heat({(0, 0): 0.5}, (1, 1)), [0, 0, 0.5]),
    ],
    ids=["nobody", "nothing", "below 0", "alone", "right", "left and below", "corner", "over 1", "one cell"],
)
def test_heat_maps(maps: Floats, point: list[float] | None) -> None:
    points = from_heat_maps(maps)
    assert points.shape == (*maps.shape[:2], 3)
    if point is not None:
        assert points[0, 0] == pytest.approx(point)


def test_simcc_vectors() -> None:
    x, y = np.zeros((1, 2, 8), np.float32), np.zeros((1, 2, 12), np.float32)
    x[0, 0, 5], y[0, 0, 7] = 0.9, 0.6
    points = from_simcc(x, y)
    assert points[0, 0] == pytest.approx([2.5, 3.5, 0.6])
    assert points[0, 1].tolist() == [0, 0, 0]


def test_a_mirrored_head_turned_back() -> None:
    left, right = COCO_17.points.index("left_wrist"), COCO_17.points.index("right_wrist")
    maps = np.zeros((1, 17, 5, 6), np.float32)
    maps[0, right, 2, 1] = 1  # in the mirrored crop it is called right
    assert np.argwhere(flipped_maps(maps, COCO_17.mirror)).tolist() == [[0, left, 2, 5]]
    x, y = np.zeros((1, 17, 12), np.float32), np.zeros((1, 17, 10), np.float32)
    x[0, right, 3] = y[0, right, 4] = 1
    turned_x, turned_y = flipped_vectors(x, y, COCO_17.mirror)
    assert np.argwhere(turned_x).tolist() == [[0, left, 8]]
    assert np.argwhere(turned_y).tolist() == [[0, left, 4]]


@pytest.mark.parametrize("layout", [COCO_17, MPII_16, HALPE_26], ids=lambda layout: str(layout.name))
def test_layouts_convert_by_name_and_mirror_twice_is_nothing(layout: PointLayout) -> None:
    assert [layout.mirror[layout.mirror[i]] for i in range(len(layout.points))] == list(
        range(len(layout.points))
    )
    points = np.array([[i, 2 * i, 1] for i in range(len(layout.points))], np.float32)
    keypoints = layout.to_coco(points)
    for k, name in enumerate(COCO_KEYPOINTS):
        own = layout.points.index(name) if name in layout.points else None
        assert keypoints[k].tolist() == ([0, 0, 0] if own is None else points[own].tolist())


def test_mpii_has_no_face() -> None:
    named = {COCO_KEYPOINTS[coco] for coco, _ in MPII_16.coco}
    assert len(named) == 12
    assert not named & {"nose", "left_eye", "right_eye", "left_ear", "right_ear"}


def around(person: Floats) -> tuple[float, float, float, float]:
    (left, top), (right, bottom) = person.min(axis=0) - 10, person.max(axis=0) + 10
    return float(left), float(top), float(right), float(bottom)


NETWORKS = {
    "pose_resnet 256x192": ((192, 256), 17, False, "N"),
    "pose_resnet 384x288": ((288, 384), 17, False, "N"),
    "pose_resnet of MPII": ((256, 256), 16, False, "N"),
    "exported for one": ((192, 256), 17, False, 1),
    "rtmpose 256x192": ((192, 256), 17, True, "N"),
    "rtmpose of 26 points": ((192, 256), 26, True, 1),
}


@pytest.mark.parametrize(("size_wh", "points", "simcc", "batch"), NETWORKS.values(), ids=list(NETWORKS))
@pytest.mark.parametrize("count", [0, 1, BATCH + 3])
def test_everybodys_points_are_found(
    tmp_path: Path, size_wh: tuple[int, int], points: int, simcc: bool, batch: int | str, count: int
) -> None:
    network = load_crop_network(RUNTIME, write_network(tmp_path / "n.onnx", size_wh, points, simcc, batch))
    people = [someone(points, (60 + 110 * (i % 5), 40 + 150 * (i // 5)), 110) for i in range(count)]
    answers = network.look(drawn(people), [around(person) for person in people], flip=False)
    assert len(answers) == count
    assert network.simcc is simcc
    for person, answer in zip(people, answers, strict=True):
        cell = answer.crop.size_wh[0] / size_wh[0] * (1 if simcc else 4)
        assert np.abs(answer.points[:, :2] - person).max() < max(cell, 1.5)
        assert answer.points[:, 2].min() > 0.02 if simcc else answer.points[:, 2].min() > 0.4
        assert (answer.maps is None) is simcc


@pytest.mark.parametrize("simcc", [False, True])
def test_the_mirrored_look_agrees(tmp_path: Path, simcc: bool) -> None:
    """The nose is nobody's left or right: with the mirror image it stays where it is."""
    network = load_crop_network(RUNTIME, write_network(tmp_path / "n.onnx", (192, 256), 17, simcc))
    person = someone(17, (200, 100), 200)
    box = (180.0, 80.0, 270.0, 320.0)
    (straight,) = network.look(drawn([person]), [box], flip=False)
    (both,) = network.look(drawn([person]), [box], flip=True)
    assert both.points[0, :2] == pytest.approx(straight.points[0, :2], abs=2.5)
    assert both.points[0, 2] > 0.7 * straight.points[0, 2]


class TwoBoxes:
    def proposals(self, image: Image) -> list[Finding]:
        return [
            Finding((90.0, 80.0, 170.0, 300.0), 0.9, "yolox"),
            Finding((92.0, 81.0, 171.0, 301.0), 0.6, "yolox"),
        ]


def test_who_is_proposed_twice_is_there_once(tmp_path: Path) -> None:
    file = write_network(tmp_path / "n.onnx", (192, 256), 17, False)
    backend = load_top_down(
        "simple-baseline", {"simple-baseline.onnx": file}, 1, TwoBoxes(), TopDownSettings(flip=False)
    )
    assert isinstance(backend, TopDown)
    person = someone(17, (110, 100), 180)
    (pose,) = backend.estimate(drawn([person]))
    assert np.abs(pose.keypoints[:, :2] - person).max() < 5
    seen = pose.keypoints[pose.keypoints[:, 2] > 0.2, 2]
    assert pose.score == pytest.approx(0.9 * seen.mean())
    assert pose.layout == "coco-17"


def test_nobody_twice_is_nobody() -> None:
    assert distinct([]) == []


def test_a_missing_network_is_named_and_how_to_get_it() -> None:
    with pytest.raises(VisionError, match="models install simcc --from"):
        load_top_down("simcc", {}, 1, TwoBoxes(), TopDownSettings())


def no_network(path: Path) -> Path:
    path.write_bytes(b"this is no network")
    return path


def of_other_points(path: Path) -> Path:
    return write_network(path, (192, 256), 5, False)


@pytest.mark.parametrize(
    ("make", "reason"), [(no_network, "cannot be used"), (of_other_points, "gives 5 points")]
)
def test_other_networks_are_refused(tmp_path: Path, make: object, reason: str) -> None:
    assert callable(make)
    with pytest.raises(VisionError, match=reason):
        load_crop_network(RUNTIME, make(tmp_path / "n.onnx"))
