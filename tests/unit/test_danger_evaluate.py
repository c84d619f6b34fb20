"""`danger evaluate`: the contract on drawn clips whose answer is known, and files that are wrong."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from dashboard.__main__ import main
from dashboard.commands.danger import decided
from dashboard.commands.schooling.clips import Clip, known_points, read_clips
from dashboard.commands.schooling.harm import HARMS, harmed
from dashboard.commands.schooling.marks import calibration_error, marks_of
from dashboard.values import Floats
from dashboard.vision.danger.model import MODEL_FILE, DangerModel, Doing
from tests.unit.danger_stage import crawling, struggling

SWIM = np.array([0.1, 0.8, 0.1], np.float32)
DROWN = np.array([0.6, 0.3, 0.1], np.float32)


def written(folder: Path, **clips: NDArray[Any]) -> Path:
    file = folder / "clips.npz"
    arrays: dict[str, Any] = dict(clips)
    np.savez(file, **arrays)
    return file


def flat(clip: Floats) -> Floats:
    return clip.reshape(len(clip), 51)


def last_line(text: str) -> Mapping[str, Any]:
    found: Mapping[str, Any] = json.loads(text.strip().splitlines()[-1])
    return found


def test_contract(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A crawl at speed and nothing else: whatever is said of misc and of a clip too short does not count as
    a decision; a clip without a decision is not right."""
    file = written(
        tmp_path,
        a_o_swim_0=flat(crawling(65)),
        a_u_swim_1=flat(crawling(20)),
        a_o_misc_0=flat(struggling(40)),
        a_o_swim_2=flat(crawling(5)),
    )
    assert main(["danger", "evaluate", str(file), "--details"]) == 0
    found = last_line(capsys.readouterr().out)
    assert set(found) == {"frame_accuracy", "macro_f1", "clips_correct", "clips"}
    assert found["clips"] == 3
    assert found["clips_correct"] == 2
    assert found["frame_accuracy"] >= 0.9


def test_decisions_are_causal_and_of_a_second() -> None:
    model = DangerModel()
    clip = np.concatenate([struggling(50), crawling(50)])
    whole = decided(model, [Clip("x", clip, Doing.SWIM)])["x"]
    begun = decided(model, [Clip("x", clip[:60], Doing.SWIM)])["x"]
    assert len(whole) == 95
    np.testing.assert_allclose(whole[:55], begun, atol=1e-5)
    late = decided(model, [Clip("x", clip[70:], Doing.SWIM)])["x"]
    np.testing.assert_allclose(whole[-1], late[-1], atol=1e-5)


@pytest.mark.parametrize(
    ("decisions", "expected"),
    [
        pytest.param({"a": [], "b": []}, (None, None, 0), id="nothing was decided"),
        pytest.param({"a": [SWIM] * 4, "b": [DROWN] * 2}, (1.0, 1.0, 2), id="all right"),
        pytest.param({"a": [SWIM, DROWN, SWIM], "b": [DROWN]}, (0.75, 0.7333, 2), id="one frame wrong"),
        pytest.param({"a": [DROWN] * 3, "b": [DROWN]}, (0.25, 0.2, 1), id="a clip wrong"),
    ],
)
def test_marks(decisions: dict[str, list[Floats]], expected: tuple[float | None, float | None, int]) -> None:
    nothing = np.zeros((1, 17, 3), np.float32)
    clips = [Clip("a", nothing, Doing.SWIM), Clip("b", nothing, Doing.DROWN)]
    rows = {name: np.array(said, np.float32).reshape(-1, 3) for name, said in decisions.items()}
    found = marks_of(clips, rows).as_json()
    assert (found["frame_accuracy"], found["macro_f1"], found["clips_correct"]) == expected


def test_calibration_error() -> None:
    sure = np.array([[0.8, 0.2, 0.0]] * 10, np.float32)
    assert calibration_error(sure, np.array([0] * 8 + [1] * 2)) == pytest.approx(0, abs=1e-6)
    assert calibration_error(sure, np.array([1] * 10)) == pytest.approx(0.8)


@pytest.mark.parametrize(
    ("name", "array", "words"),
    [
        ("x_swim_0", np.zeros((9, 50)), "(frames, 51)"),
        ("x_swim_0", np.zeros(51), "(frames, 51)"),
        ("x_swim_0", np.array([["a"] * 51]), "no numbers"),
        ("x_walk_0", np.zeros((9, 51)), "must hold one of drown"),
        ("x_swim_drown", np.zeros((9, 51)), "must hold one of drown"),
        ("x_misc_0", np.zeros((9, 51)), "no clip of drown"),
    ],
)
def test_wrong_arrays_are_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str, array: NDArray[Any], words: str
) -> None:
    assert main(["danger", "evaluate", str(written(tmp_path, **{name: array}))]) == 2
    said = capsys.readouterr().err
    assert words in said
    assert "clips.npz" in said


@pytest.mark.parametrize("content", [None, b"", b"PK\x03\x04 cut off", b"no file of this kind"])
def test_wrong_files_are_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], content: bytes | None
) -> None:
    file = tmp_path / "clips.npz"
    if content is not None:
        file.write_bytes(content)
    assert main(["danger", "evaluate", str(file)]) == 2
    assert "clips.npz" in capsys.readouterr().err


def test_a_model_that_is_none_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file, model = written(tmp_path, x_swim_0=flat(crawling(10))), tmp_path / "other.onnx"
    model.write_bytes(b"nothing")
    assert main(["danger", "evaluate", str(file), "--model", str(model)]) == 2
    assert "other.onnx" in capsys.readouterr().err


def test_missing_points_stay_where_they_were() -> None:
    points = struggling(4)
    points[1:3, 9] = np.nan
    points[:, 16] = np.nan
    filled = known_points(points)
    np.testing.assert_array_equal(filled[2, 9], [*points[0, 9, :2], 0])
    assert np.isfinite(filled).all()
    assert (filled[:, 16, 2] == 0).all()


@pytest.mark.parametrize("harm", HARMS)
def test_harm_keeps_the_form_and_is_the_same_every_time(harm: str) -> None:
    clips = [Clip("a", struggling(31), Doing.DROWN)]
    (once,), (again,) = harmed(clips, harm), harmed(clips, harm)
    assert once.points.shape == (31, 17, 3)
    assert np.isfinite(once.points).all()
    np.testing.assert_array_equal(once.points, again.points)
    assert not np.array_equal(once.points, clips[0].points)


def test_names_tell_the_class_and_the_water(tmp_path: Path) -> None:
    clip = flat(crawling(6))
    file = written(tmp_path, tr_o_swim_1=clip, tr_u_idle_1=clip, drown=clip)
    assert [(c.name, c.doing, c.under) for c in read_clips(file)] == [
        ("drown", Doing.DROWN, None),
        ("tr_o_swim_1", Doing.SWIM, False),
        ("tr_u_idle_1", Doing.IDLE, True),
    ]


def test_the_card_is_of_this_file() -> None:
    digest = hashlib.sha256(MODEL_FILE.read_bytes()).hexdigest()
    assert digest in MODEL_FILE.with_suffix(".md").read_text(encoding="utf-8")
    assert MODEL_FILE.stat().st_size < 5_000_000
