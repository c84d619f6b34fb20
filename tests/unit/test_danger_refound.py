"""Clips painted as people and found again: the painter, the pieces, what is learnt, the own model."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from dashboard.__main__ import main
from dashboard.commands.schooling.clips import Clip, read_clips
from dashboard.commands.schooling.material import material_of, unbroken
from dashboard.commands.schooling.painting import SIDE, appearance, painted
from dashboard.commands.schooling.refound import refound, seen_share
from dashboard.monitor.pipeline import build_pipeline
from dashboard.settings import Settings
from dashboard.vision.danger import model as models_of_danger
from dashboard.vision.danger.model import MODEL_FILE, OWN_MODEL_FILE, DangerModel, Doing
from dashboard.vision.danger.window import Windows, clip_windows
from tests.unit.danger_stage import STANDING, body, crawling, struggling
from tests.unit.vision_models import model_files, models

LEGS = [13, 14, 15, 16]


def still(scale: float = 1.0) -> Clip:
    """Somebody upright who hardly moves, for a second."""
    return Clip("a_u_idle_0", np.stack([body(STANDING * scale) for _ in range(30)]), Doing.IDLE, True)


def test_limbs_are_painted_where_their_points_are_and_faintly_where_those_are_unsure() -> None:
    look = appearance(np.random.default_rng(3))
    rng = np.random.default_rng(0)
    points = body(STANDING * 1.8, (256.0, 256.0))
    unsure = points.copy()
    unsure[LEGS, 2] = 0.0
    empty = look.backdrop.astype(int)
    whole, faint = (
        np.abs(painted(replace(look, grain=0.0), p, 100.0, rng).astype(int) - empty).sum(2)
        for p in (points, unsure)
    )
    assert whole.shape == (SIDE, SIDE)
    column, row = points[[13, 15], :2].mean(0).astype(int).tolist()
    assert whole[row, column] > 60
    assert faint[row, column] < 0.4 * whole[row, column]
    assert whole[10:60, 10:60].mean() < 25


@pytest.mark.parametrize("scale", [0.5, 3.0])
def test_our_own_model_finds_the_painted_person(scale: float) -> None:
    clip = still(scale)
    (found,) = refound([clip], models(detector=False).landmarks, seed=1)
    assert found.points.shape == clip.points.shape
    assert (found.name, found.doing) == (clip.name, clip.doing)
    assert seen_share([found]) > 0.8
    seen = np.isfinite(found.points[:, 0, 0])
    off = np.linalg.norm(found.points[seen, :, :2] - clip.points[seen, :, :2], axis=-1)
    assert np.median(off) < 0.06 * 150 * scale
    (again,) = refound([clip], models(detector=False).landmarks, seed=1)
    np.testing.assert_array_equal(again.points, found.points)


def test_nobody_to_be_seen_is_not_found() -> None:
    clip = still()
    lost = replace(clip, points=clip.points * np.array([0, 0, 1], np.float32))
    (found,) = refound([lost], models(detector=False).landmarks, seed=1)
    assert seen_share([found]) == 0
    assert unbroken(found) == ()


def test_refind_writes_what_train_and_evaluate_read(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    model_files(detector=False)
    given, out = tmp_path / "clips.npz", tmp_path / "own.npz"
    np.savez(given, a_u_drown_0=struggling(31).reshape(31, 51), a_u_misc_0=struggling(31).reshape(31, 51))
    assert main(["danger", "refind", str(given), "--out", str(out)]) == 0
    said = json.loads(capsys.readouterr().out.strip().splitlines()[-1])
    assert said["clips"] == 1
    (clip,) = read_clips(out)
    assert clip.points.shape == (31, 17, 3)
    assert main(["danger", "evaluate", str(out), "--model", str(OWN_MODEL_FILE)]) == 0


def test_refind_into_no_folder_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    model_files(detector=False)
    given = tmp_path / "clips.npz"
    np.savez(given, a_u_drown_0=struggling(4).reshape(4, 51))
    assert main(["danger", "refind", str(given), "--out", str(tmp_path / "no" / "own.npz")]) == 2
    assert "own.npz" in capsys.readouterr().err


class TestMaterial:
    long_, short = Clip("a", struggling(90), Doing.DROWN), Clip("b", crawling(40), Doing.SWIM)

    def again(self) -> Clip:
        """Found twice: for 20 frames and for 30, and for 3, which are too few."""
        points = struggling(90)
        points[20:40, :, 2] = points[70:80, :, 2] = points[83:, :, 2] = 0
        return Clip("a", points, Doing.DROWN)

    def test_pieces_are_unbroken_and_long_enough(self) -> None:
        assert [len(piece.points) for piece in unbroken(self.again())] == [20, 30]

    def test_versions_of_a_clip_stay_together(self) -> None:
        material = material_of([self.long_, self.short], [self.again()])
        assert not material.scored
        assert material.whose.tolist() == [0, 1, 0, 0]
        assert [len(pieces) for pieces in material.judged] == [2, 0]
        # Drawn as often as without: half for each class.
        assert material.chances[[0, 2, 3]].sum() == pytest.approx(0.5)
        assert material.chances[3] == pytest.approx(1.5 * material.chances[2])
        rest = material.only([1])
        assert [clip.name for clip in rest.learnt] == ["b"]
        assert rest.chances.tolist() == [1.0]

    def test_without_own_points_a_clip_is_judged_by_itself(self) -> None:
        material = material_of([self.long_, self.short], None)
        assert material.scored
        assert material.judged == ((self.long_,), (self.short,))


def test_the_own_model_hears_of_no_scores() -> None:
    windows = clip_windows(struggling(40))
    other = windows.points.copy()
    other[..., 2] = np.random.default_rng(1).random(other.shape[:-1])
    own, unsure = DangerModel(OWN_MODEL_FILE), Windows(other, windows.known)
    np.testing.assert_allclose(own.probabilities(windows), own.probabilities(unsure), atol=1e-6)
    foreign = DangerModel()
    assert np.abs(foreign.probabilities(windows) - foreign.probabilities(unsure)).max() > 0.01


def test_live_key_points_are_judged_by_the_model_made_for_them(monkeypatch: pytest.MonkeyPatch) -> None:
    model_files(detector=False)
    asked: list[Path] = []
    loaded = models_of_danger.DangerModel.__init__

    def noted(self: DangerModel, file: Path = MODEL_FILE) -> None:
        asked.append(file)
        loaded(self, file)

    monkeypatch.setattr(models_of_danger.DangerModel, "__init__", noted)
    build_pipeline("a", Settings(), 1, detector=False)
    assert asked == [OWN_MODEL_FILE]
