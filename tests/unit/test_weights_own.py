"""Weights that somebody brings: from a file, a folder, a zip or an address; refused when they are wrong."""

from __future__ import annotations

import hashlib
import json
import zipfile
from pathlib import Path

import cv2
import numpy as np
import pytest

from dashboard import __main__ as entry
from dashboard.weights import fetch, installed
from dashboard.weights.folder import damaged
from dashboard.weights.registry import ModelFile, load_registry
from tests.unit.topdown_stage import write_network
from tests.unit.vision_models import model_files


@pytest.fixture
def models(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "models"
    monkeypatch.setenv("POOLWATCH_MODELS", str(folder))
    return folder


def network(path: Path) -> Path:
    path.parent.mkdir(exist_ok=True)
    return write_network(path, (192, 256), 17, simcc=path.stem == "end2end")


def a_file(folder: Path) -> Path:
    return network(folder / "pose_resnet_50_256x192.onnx")


def a_folder(folder: Path) -> Path:
    network(folder / "there" / "pose.onnx")
    (folder / "there" / "readme.txt").write_text("mine")
    return folder / "there"


def a_zip(folder: Path) -> Path:
    with zipfile.ZipFile(folder / "rtmpose.zip", "w") as archive:
        archive.write(network(folder / "end2end.onnx"), "a/../../20230504/end2end.onnx")
        archive.writestr("deploy.json", "{}")
    return folder / "rtmpose.zip"


@pytest.mark.parametrize(
    ("name", "make"), [("simple-baseline", a_file), ("simple-baseline", a_folder), ("simcc", a_zip)]
)
def test_what_is_brought_is_tried_installed_and_written_down(
    tmp_path: Path, models: Path, name: str, make: object
) -> None:
    assert callable(make)
    assert installed(name) is None
    assert entry.main(["models", "install", name, "--from", str(make(tmp_path))]) == 0
    files = installed(name)
    assert files is not None
    assert list(files) == [f"{name}.onnx"]
    assert damaged(load_registry()[name], models) == []
    files[f"{name}.onnx"].write_bytes(files[f"{name}.onnx"].read_bytes()[:-1] + b"x")
    assert "sha256 expected" in damaged(load_registry()[name], models)[0]


def test_an_address_needs_its_hash_and_is_checked(
    tmp_path: Path, models: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    content = network(tmp_path / "n.onnx").read_bytes()

    def served(file: ModelFile, target: Path, *_: object, **__: object) -> None:
        target.write_bytes(content)

    monkeypatch.setattr(fetch, "fetch_file", served)
    words = ["models", "install", "simple-baseline", "--from", "https://example.org/n.onnx"]
    assert entry.main(words) == 1
    assert "an address needs its hash" in capsys.readouterr().err
    assert entry.main([*words, "--sha256", "0" * 64]) == 1
    assert "sha256 expected 0000" in capsys.readouterr().err
    assert installed("simple-baseline") is None
    assert entry.main([*words, "--sha256", hashlib.sha256(content).hexdigest()]) == 0
    assert installed("simple-baseline") is not None


def no_network(folder: Path) -> Path:
    (folder / "n.onnx").write_bytes(b"nothing")
    return folder / "n.onnx"


def two_networks(folder: Path) -> Path:
    network(folder / "both" / "a.onnx")
    network(folder / "both" / "b.onnx")
    return folder / "both"


def no_zip(folder: Path) -> Path:
    (folder / "n.zip").write_bytes(b"PK nothing")
    return folder / "n.zip"


@pytest.mark.parametrize(
    ("make", "reason"),
    [
        (no_network, "cannot be used"),
        (two_networks, "needs one .onnx file, and there is 2: a.onnx, b.onnx"),
        (no_zip, "cannot be unpacked"),
        (lambda folder: folder / "nowhere", "there is no "),
        (lambda folder: write_network(folder / "n.onnx", (192, 256), 5, False), "gives 5 points"),
    ],
    ids=["no network", "two", "no zip", "missing", "another network"],
)
def test_what_is_wrong_is_refused_and_what_was_there_stays(
    tmp_path: Path, models: Path, capsys: pytest.CaptureFixture[str], make: object, reason: str
) -> None:
    assert callable(make)
    assert entry.main(["models", "install", "simple-baseline", "--from", str(a_file(tmp_path))]) == 0
    before = installed("simple-baseline")
    assert before is not None
    content = next(iter(before.values())).read_bytes()
    bad = tmp_path / "bad"
    bad.mkdir()
    assert entry.main(["models", "install", "simple-baseline", "--from", str(make(bad))]) == 1
    assert reason in capsys.readouterr().err
    assert next(iter((installed("simple-baseline") or {}).values())).read_bytes() == content
    assert [p.name for p in models.iterdir() if p.name.startswith(".simple")] == []


@pytest.mark.usefixtures("models")
def test_without_anything_brought_it_says_where_to_get_it(capsys: pytest.CaptureFixture[str]) -> None:
    assert entry.main(["models", "install", "simcc"]) == 1
    assert "MMPose publishes RTMPose as ONNX" in capsys.readouterr().err


def test_the_pose_command_runs_what_was_brought(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Through our own searchers: nobody stands in a blank picture, and no error either."""
    default = model_files(detector=False)
    folder = tmp_path / "models"
    (folder / "mediapipe-pose").mkdir(parents=True)
    for name, path in default.items():
        (folder / "mediapipe-pose" / name).symlink_to(path)
    monkeypatch.setenv("POOLWATCH_MODELS", str(folder))
    blank, out = tmp_path / "blank.png", tmp_path / "out.json"
    assert cv2.imwrite(str(blank), np.full((120, 160, 3), 128, np.uint8))
    words = ["pose", str(blank), "--backend", "simple-baseline", "--json", str(out)]
    assert entry.main(words) == 1
    assert "models install simple-baseline --from" in capsys.readouterr().err
    assert entry.main(["models", "install", "simple-baseline", "--from", str(a_file(tmp_path))]) == 0
    assert entry.main(words) == 0
    assert json.loads(out.read_text()) == []
