"""Pose back ends for whole pictures, by name."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Protocol

from dashboard.settings import VisionSettings
from dashboard.values import Image, Pose
from dashboard.vision.models import load_models
from dashboard.vision.runtime import Precision, VisionError
from dashboard.vision.still import StillPose

BACKENDS: tuple[str, ...] = ("poolwatch", "mediapipe")


class PoseBackend(Protocol):
    """Finds everybody's skeleton in one picture."""

    def estimate(self, image: Image) -> list[Pose]:
        """People in a BGR picture (height, width, 3), keypoints in its pixels."""
        ...

    def close(self) -> None:
        """Frees what the back end holds; it is not used again."""
        ...


def pose_backend(
    name: str, files: Mapping[str, Path], threads: int, settings: VisionSettings | None = None
) -> PoseBackend:
    """The back end called `name` (one of BACKENDS) on installed model files (file name -> path).
    VisionError: no such back end, or a file is missing."""
    if name == "poolwatch":
        models = load_models(files, threads, Precision.EXACT)
        return StillPose(models, settings if settings is not None else VisionSettings())
    if name == "mediapipe":
        from dashboard.vision.mediapipe_backend import MediaPipePose  # slow to import

        return MediaPipePose(files)
    raise VisionError(f"there is no pose back end {name!r}; there are {', '.join(BACKENDS)}")
