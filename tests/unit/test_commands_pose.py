from __future__ import annotations

import argparse
import json
from pathlib import Path

import cv2
import numpy as np
import pytest

from dashboard.commands import pose
from dashboard.values import Image, Pose
from tests.unit.vision_models import model_files


class TwoPeople:
    """Says that there are two people, one of whom is hardly there."""

    def __init__(self) -> None:
        self.closed = False

    def estimate(self, image: Image) -> list[Pose]:
        keypoints = np.full((17, 3), 0.5, np.float32)
        keypoints[:, 0] = image.shape[1]
        return [Pose(keypoints, 0.9), Pose(keypoints, 0.01)]

    def close(self) -> None:
        self.closed = True


def arguments(tmp_path: Path, *images: Path) -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    pose.add_arguments(parser)
    return parser.parse_args([*map(str, images), "--json", str(tmp_path / "out.json")])


def drawn(path: Path, size_wh: tuple[int, int] = (40, 30)) -> Path:
    noise = np.random.default_rng(1).integers(0, 255, (size_wh[1], size_wh[0], 3)).astype(np.uint8)
    assert cv2.imwrite(str(path), noise)
    return path


@pytest.fixture
def backend(monkeypatch: pytest.MonkeyPatch) -> TwoPeople:
    people = TwoPeople()
    monkeypatch.setattr(pose, "pose_backend", lambda *_: people)
    return people


def test_one_entry_per_person_in_the_contract_format(tmp_path: Path, backend: TwoPeople) -> None:
    image = drawn(tmp_path / "a.png")
    assert pose.run(arguments(tmp_path, image)) == 0
    (entry,) = json.loads((tmp_path / "out.json").read_text())
    assert set(entry) == {"image", "keypoints", "score"}
    assert entry["image"] == str(image)
    assert entry["keypoints"] == [40, 0.5, 0.5] * 17
    assert entry["score"] == 0.9
    assert backend.closed


def cut_off(path: Path) -> Path:
    whole = drawn(path, (400, 300)).read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    return path


def text(path: Path) -> Path:
    path.write_text("this is no picture")
    return path


def empty(path: Path) -> Path:
    path.touch()
    return path


@pytest.mark.parametrize(
    ("make", "name"),
    [
        (cut_off, "b.jpg"),
        (cut_off, "b.png"),
        (text, "b.jpg"),
        (empty, "b.jpg"),
        (lambda path: path, "no.jpg"),
    ],
    ids=["cut-off jpeg", "cut-off png", "text", "empty", "missing"],
)
@pytest.mark.usefixtures("backend")
def test_a_bad_picture_is_named_and_the_others_go_on(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], make: object, name: str
) -> None:
    assert callable(make)
    bad, good = make(tmp_path / name), drawn(tmp_path / "good.png")
    assert pose.run(arguments(tmp_path, bad, good)) == 1
    assert [e["image"] for e in json.loads((tmp_path / "out.json").read_text())] == [str(good)]
    assert name in capsys.readouterr().err


def test_without_weights_one_sentence_says_so(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pose, "installed", lambda _: None)
    assert pose.run(arguments(tmp_path, drawn(tmp_path / "a.png"))) == 1
    assert "not installed" in capsys.readouterr().err


def test_a_blank_picture_through_the_real_models_has_nobody(tmp_path: Path) -> None:
    model_files()
    blank = tmp_path / "blank.png"
    assert cv2.imwrite(str(blank), np.full((120, 160, 3), 128, np.uint8))
    assert pose.run(arguments(tmp_path, blank)) == 0
    assert [e for e in json.loads((tmp_path / "out.json").read_text()) if e["score"] > 0.3] == []
