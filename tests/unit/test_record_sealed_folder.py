"""No picture of a person lies in the data folder unsealed; and what looks for one finds it."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np

from dashboard.record.seal import new_seal
from tests.clips import write_clip
from tests.unit.peeping import folder_shows_person
from tests.unit.record_stage import CLIP, Stage, with_person


def test_a_broken_seal_is_found(tmp_path: Path) -> None:
    sealed = new_seal("correct horse battery").public
    stage = Stage(tmp_path, sealed).run(12, image=with_person(), person=300.0).order()
    stage.run(12, image=with_person(), person=300.0)
    assert folder_shows_person(tmp_path) == []
    broken = tmp_path / "clips" / "leak.bin"
    write_clip(broken.with_suffix(".mp4"), [with_person()] * 5)
    broken.write_bytes(b"head" + cv2.imencode(".jpg", with_person())[1].tobytes())
    np.savez(broken.with_suffix(".npz"), mean=with_person().astype(np.float32))
    (tmp_path / "clips" / f"{CLIP}.bin").write_bytes(b"xx" + broken.with_suffix(".mp4").read_bytes())
    assert folder_shows_person(tmp_path) == [f"{CLIP}.bin", "leak.bin", "leak.mp4", "leak.npz"]
