"""The PETS clip (S2.L1, view 1) with its ground truth of the first 400 frames, in MOTChallenge's form; any
clip's pictures."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from dashboard.commands.bench import BenchError
from dashboard.values import Image

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


def pictures(path: Path, fps: float) -> Iterator[tuple[float, Image]]:
    """About `fps` frames a second of a clip: seconds from its beginning, BGR picture (h, w, 3)."""
    video = cv2.VideoCapture(str(path))
    own = video.get(cv2.CAP_PROP_FPS) or 25.0
    every, index = max(1, round(own / fps)), 0
    while True:
        good, image = video.read()
        if not good:
            return
        if index % every == 0:
            yield index / own, np.asarray(image, np.uint8)
        index += 1
