"""A camera's recorder fed with drawn frames: somebody is in the picture, or the frame's number."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import av
import cv2
import numpy as np

from dashboard.record.camera import CameraRecorder, Shot
from dashboard.record.clip import ClipOrder, Finished
from dashboard.settings import RecordSettings
from dashboard.values import Image
from tests.clips import picture

SIZE_WH = (640, 360)
CLIP = "ab" * 16
OTHER = "cd" * 16
HEAD = {"camera": "pool", "zones": [], "mode": "watch", "settings": {}}
# No colour of the empty place, nor of a skeleton.
SKIN_BGR = (40, 30, 250)


def observed(t: float, people: list[dict[str, Any]] | None = None, **more: Any) -> dict[str, Any]:
    """What a worker tells of a frame."""
    found = {
        "camera": "pool",
        "t": t,
        "index": 0,
        "size": list(SIZE_WH),
        "people": people or [],
        "blind_reason": "",
    }
    nothing: dict[str, Any] = {"things": [], "foreground": [], "patches": [], "searched": []}
    return {**found, **nothing, **more}


def walker(t: float, x: float = 300.0) -> dict[str, Any]:
    points = [[x + 3 * (k % 5), 100 + 10 * k, 0.9] for k in range(17)]
    return {
        "id": 1, "box": [x - 40, 80, x + 60, 280], "velocity": [0.0, 0.0], "keypoints": points,
        "pose_score": 0.9, "pose_t": t, "score": 0.9, "state": "confirmed", "first_t": t, "seen_t": t,
        "clear": None,
    }  # fmt: skip


def cat(x: float = 200.0) -> dict[str, Any]:
    return {"box": [x, 200, x + 60, 240], "label": "cat", "score": 0.8, "finder": "yolox"}


def empty_place() -> Image:
    return np.full((SIZE_WH[1], SIZE_WH[0], 3), (90, 140, 90), np.uint8)


def with_person(x: float = 300.0) -> Image:
    """The place with somebody in it."""
    image = empty_place()
    cv2.rectangle(image, (int(x) - 40, 80), (int(x) + 60, 280), SKIN_BGR, -1)
    return image


class Stage:
    """`t` goes on with every frame; `told` is what became of clips."""

    def __init__(self, folder: Path, public: bytes = b"", **settings: Any) -> None:
        self.day = folder / "clips" / "2026-07-01"
        self.told: list[Finished] = []
        self.recorder = CameraRecorder(RecordSettings(**settings), self.told.append)
        self.recorder.seal(public)
        self.empty = empty_place()
        self.t = 1000.0
        self.number = 0

    def run(
        self,
        seconds: float,
        fps: float = 10.0,
        size_wh: tuple[int, int] = SIZE_WH,
        image: Image | None = None,
        **seen: Any,
    ) -> Stage:
        """Frames for so long; `person` as x puts somebody there, `things` as in an observation."""
        person = seen.pop("person", None)
        for _ in range(round(seconds * fps)):
            people = [] if person is None else [walker(self.t, person)]
            shown = image if image is not None else picture(self.number % 1000, size_wh)
            observation = observed(self.t, people, **{"size": list(size_wh), **seen})
            self.recorder.film(Shot(shown, self.t, observation, self.empty))
            self.recorder.turn(self.t)
            self.t += 1 / fps
            self.number += 1
        return self

    def order(
        self, clip: str = CLIP, until_s: float = 10.0, may_open: bool = False, longer: bool = False
    ) -> Stage:
        """Now something was detected."""
        since = self.t - self.recorder.settings.before_s
        self.recorder.order(ClipOrder(clip, since, self.t + until_s, self.day, HEAD, may_open, longer))
        return self

    def killed(self) -> Stage:
        """The folder as a process leaves it that is killed now."""
        left = self.day.with_name("left")
        shutil.copytree(self.day, left)
        self.recorder.end()
        shutil.rmtree(self.day)
        left.rename(self.day)
        return self

    def names(self) -> list[str]:
        return sorted(path.name for path in self.day.iterdir()) if self.day.is_dir() else []

    def video(self, clip: str = CLIP) -> Path:
        return self.day / f"{clip}.mp4"


def pictures_of(path: Path | Any) -> list[tuple[float, Image]]:
    """All pictures of a video with their times."""
    with av.open(path if not isinstance(path, Path) else str(path)) as opened:
        return [(frame.time, frame.to_ndarray(format="bgr24")) for frame in opened.decode(video=0)]
