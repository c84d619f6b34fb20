"""Looking at pictures for the page Pose: what is drawn where, what is saved, what is refused and why."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest

from dashboard.monitor.handle import REDACTED, CameraView
from dashboard.values import Floats
from dashboard.vision.inspection import pasted
from dashboard.web import posing
from dashboard.web.pose_figure import asked, figure
from dashboard.web.pose_pictures import affinity, boxes, confidence, cut_out, plain, skeletons
from dashboard.web.pose_report import NAME, read_report, table_html
from dashboard.web.posing import Looked, PoseError, coco_json, empty_picture, look_at, read_details, reason
from tests.unit.fake_monitor import FakeHandle
from tests.unit.vision_models import model_files


def person() -> Floats:
    keypoints = np.zeros((17, 3), np.float32)
    keypoints[5], keypoints[7] = (40, 30, 0.9), (40, 60, 0.8)
    return keypoints


def a_look(people: int = 1) -> Looked:
    maps, fields = np.zeros((2, 10, 20), np.float32), np.zeros((2, 10, 20), np.float32)
    maps[0, 4, 5] = 1
    fields[1, 4:8, 5] = 1
    return Looked(
        "openpose-omz",
        np.full((80, 160, 3), 100, np.uint8),
        np.array([person()] * people, np.float32).reshape(-1, 17, 3),
        np.full(people, 0.5, np.float32),
        np.array([[20, 10, 60, 78]] * people, np.float32).reshape(-1, 4),
        np.zeros((0, 4), np.float32),
        ("nose", "neck"),
        ("neck to nose",),
        maps,
        fields,
        8.0,
        3.5,
        12.0,
    )


def changed(drawn: np.ndarray, under: np.ndarray) -> tuple[float, float]:
    """Where the middle of what was drawn lies, x and y."""
    rows, columns = np.nonzero((drawn != under).any(axis=2))
    return float(columns.mean()), float(rows.mean())


def test_skeletons_stand_where_they_were_found() -> None:
    one = a_look()
    assert changed(skeletons(one, one.picture), one.picture) == pytest.approx((40, 45), abs=1.5)


def test_a_smaller_picture_below_is_stretched_to_the_same_view() -> None:
    one = a_look()
    small = np.full((20, 40, 3), 100, np.uint8)
    assert changed(skeletons(one, small), one.picture) == pytest.approx((40, 45), abs=1.5)


def test_nobody_is_drawn_as_nobody() -> None:
    one = a_look(people=0)
    for drawn in (skeletons(one, one.picture), boxes(one, one.picture)):
        assert (drawn == one.picture).all()
    assert cut_out(one) == []
    assert json.loads(coco_json(one, "a.jpg"))["annotations"] == []


def test_the_map_is_brightest_at_its_cells_place() -> None:
    one = a_look()
    drawn = confidence(one, 0, one.picture).astype(int).sum(axis=2)
    row, column = np.unravel_index(drawn.argmax(), drawn.shape)
    assert (column, row) == pytest.approx((43.5, 35.5), abs=4)


def test_arrows_lie_where_the_field_is() -> None:
    one = a_look()
    flat = affinity(replace(one, fields=one.fields * 0), 0, one.picture)
    x, y = changed(affinity(one, 0, one.picture), flat)
    assert (x, y) == pytest.approx((43.5, 47.5), abs=6)


def test_crops_are_cut_at_the_pictures_edge() -> None:
    one = replace(a_look(), crops=np.array([[-30, -30, 20, 20], [500, 500, 600, 600]], np.float32))
    (piece,) = cut_out(one)
    assert piece.shape[:2] == (21, 21)


def test_the_ground_without_the_picture_tells_nothing_of_it() -> None:
    one = replace(a_look(), picture=np.random.default_rng(1).integers(0, 255, (80, 160, 3)).astype(np.uint8))
    assert np.unique(plain(one)).tolist() == [64]


def test_coco_json_is_a_data_set_of_one_picture() -> None:
    saved = json.loads(coco_json(a_look(), "pool.jpg"))
    assert saved["images"] == [{"id": 1, "file_name": "pool.jpg", "width": 160, "height": 80}]
    (one,) = saved["annotations"]
    assert len(one["keypoints"]) == 51
    assert one["keypoints"][15:18] == [40, 30, 2]
    assert one["num_keypoints"] == 2
    assert one["bbox"] == [40, 30, 0, 30]
    assert saved["categories"][0]["keypoints"][0] == "nose"


def test_heat_maps_of_crops_lie_in_the_picture() -> None:
    assert pasted([], [], (64, 48)) is None
    one = np.zeros((1, 4, 4), np.float32)
    one[0, 0, 0] = 1
    whole = pasted([one, one], [(16.0, 8.0, 32.0, 24.0), (-100.0, -100.0, -90.0, -90.0)], (64, 48))
    assert whole is not None
    assert whole.shape == (1, 12, 16)
    assert np.argwhere(whole[0]).tolist() == [[2, 4]]


@pytest.mark.parametrize(
    ("errors", "code", "said"),
    [
        ("", 1, "could not be looked at."),
        ("", -9, "ended from outside"),
        (
            "noise\nupload.jpg: cannot be read as a picture (cut off).\n",
            1,
            "does not work: cannot be read as a picture",
        ),
        ("replay: upload.mp4: holds no picture\n", 2, "does not work: holds no picture"),
    ],
)
def test_the_reason_names_no_file_of_ours(errors: str, code: int, said: str) -> None:
    assert said in reason(errors, code)
    assert "upload" not in reason(errors, code)


@pytest.mark.parametrize(
    ("content", "said"),
    [(b"", "is empty"), (b"x" * 51_000_000, "has 51 MB; at most 50")],
    ids=["empty", "large"],
)
def test_what_is_too_small_or_large_is_refused_at_once(content: bytes, said: str) -> None:
    with pytest.raises(PoseError, match=said):
        look_at(content, "a.jpg", "poolwatch")


def test_details_that_are_not_whole_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "details.npz"
    for content in (b"", b"PK nothing"):
        path.write_bytes(content)
        with pytest.raises(PoseError):
            read_details(path, "poolwatch")
    np.savez(path, picture=np.zeros((2, 2, 3), np.uint8))
    with pytest.raises(PoseError):
        read_details(path, "poolwatch")


def test_an_upload_that_is_no_picture_is_refused_by_a_process_of_its_own() -> None:
    model_files(detector=False)
    with pytest.raises(PoseError, match="cannot be read as a picture"):
        look_at(b"<?php hello ?>", "../../etc/passwd.jpg", "mediapipe")
    assert not posing._ONE.locked()


def test_a_report_that_cannot_be_read_is_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dashboard.web.pose_report.SHIPPED", tmp_path / "none.json")
    assert read_report(tmp_path) is None
    for text in ("", "[]", '{"about": "x"}', '{"about": "x", "backends": {"poolwatch": 3}}'):
        (tmp_path / NAME).write_text(text)
        assert read_report(tmp_path) is None


def test_a_report_has_a_row_a_back_end_and_no_column_that_is_empty(tmp_path: Path) -> None:
    raw = {"about": "here", "backends": {"poolwatch": {"ap": 0.5, "joules": None}, "<b>": {"pckh": 0.9}}}
    (tmp_path / NAME).write_text(json.dumps(raw))
    report = read_report(tmp_path)
    assert report is not None
    assert report.columns == ("", "AP", "PCKh")
    assert report.rows == (("Poolwatch's own", "0.50", "–"), ("<b>", "–", "0.90"))
    table = table_html(report)
    assert "<b>" not in table
    assert '<td data-label="AP">0.50</td><td data-label="PCKh">–</td>' in table


def test_the_plots_show_who_has_both_numbers() -> None:
    numbers = {
        "poolwatch": {"ap": 0.8, "recall": 0.9, "cpu_s": 0.05},
        "<b>": {"ap": 0.5, "still_cpu_s": 4.0},
        "openpose-omz": {"recall": 0.75, "cpu_s": 0.12},
    }
    pictures, clip = asked(numbers)
    (point,) = figure(numbers, pictures, dark=True)["data"]
    assert (point["x"], point["y"], point["name"]) == ([4.0], [0.5], "&lt;b&gt;")
    drawn = figure(numbers, clip, dark=False)
    ours, other = drawn["data"]
    assert (ours["x"], ours["y"], ours["name"]) == ([0.05], [0.9], "Poolwatch's own")
    assert (other["x"], other["y"]) == ([0.12], [0.75])
    assert ours["marker"]["symbol"] != other["marker"]["symbol"]
    assert drawn["layout"]["xaxis"]["range"][1] > 0.12


def test_without_an_answer_there_is_no_plot() -> None:
    assert asked({"poolwatch": {"ap": 0.5}}) == []


class Slow(FakeHandle):
    """Its empty picture comes when somebody has asked for it a few times."""

    async def wait_newer(
        self, camera: str, seq: int, timeout_s: float, view: str = REDACTED
    ) -> CameraView | None:
        # First nothing, then what was seen without a picture, then the picture.
        self.waited = getattr(self, "waited", 0) + 1
        jpeg = cv2.imencode(".jpg", np.full((4, 6, 3), 90, np.uint8))[1].tobytes()
        if self.waited < 3:
            return None
        return CameraView(camera, seq + 1, 0.0, view, jpeg if self.waited > 4 else None, 1, {}, {})


def test_the_empty_picture_is_waited_for_and_not_for_ever() -> None:
    found = asyncio.run(empty_picture(Slow(), "c1"))
    assert found is not None and found.shape == (4, 6, 3)
    assert asyncio.run(empty_picture(FakeHandle(), "c1")) is None
