"""The PETS clip (S2.L1, view 1) and its ground truth of the first 400 frames, in MOTChallenge's form."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from dashboard.commands.bench import BenchError

VIDEO = "static_camera/pedestrians_vtest.avi"
TRUTH = "static_camera/pedestrians_vtest_gt_frames_1_400.txt"
FRAMES = 400
FRAMES_PER_S = 10.0
SIZE_WH = (768, 576)
Rows = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Boxes:
    """Identities (N,) and boxes left, top, width, height (N, 4) of one frame."""

    ids: NDArray[np.int64]
    ltwh: Rows


def material(data: Path, name: str) -> Path:
    """The path of a file of the material; BenchError names it where it is missing."""
    path = data / name
    if not path.is_file():
        raise BenchError(f"{path} is not here; --data names the folder that holds {name}")
    return path


def read_rows(path: Path) -> Rows:
    """MOTChallenge rows (N, 10), those of the labelled frames only."""
    if path.stat().st_size == 0:
        return np.zeros((0, 10))
    rows = np.loadtxt(path, delimiter=",", ndmin=2).reshape(-1, 10)
    return np.asarray(rows[rows[:, 0] <= FRAMES])


def by_frame(rows: Rows) -> list[Boxes]:
    """The boxes of frames 1 to 400."""
    return [_boxes(rows[rows[:, 0] == frame]) for frame in range(1, FRAMES + 1)]


def _boxes(rows: Rows) -> Boxes:
    return Boxes(rows[:, 1].astype(np.int64), rows[:, 2:6])
