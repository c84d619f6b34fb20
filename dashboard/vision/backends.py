"""Pose back ends for whole pictures, by name."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from dashboard.settings import Settings
from dashboard.values import Image, Pose
from dashboard.vision.models import load_models
from dashboard.vision.openpose.backend import OMZ, TF_POSE, OpenPose, Recipe, load_openpose
from dashboard.vision.openpose.network import Looks
from dashboard.vision.runtime import Precision, Runtime, VisionError
from dashboard.vision.still import StillPose
from dashboard.vision.topdown.backend import MODEL_FILES, load_top_down
from dashboard.vision.topdown.network import load_crop_network


class PoseBackend(Protocol):
    """Finds everybody's skeleton in one picture."""

    def estimate(self, image: Image) -> list[Pose]:
        """People in a BGR picture (height, width, 3), keypoints in its pixels."""
        ...

    def close(self) -> None:
        """Frees what the back end holds; it is not used again."""
        ...


Files = Mapping[str, Path]
Maker = Callable[[Files, int, Settings], PoseBackend]


@dataclass(frozen=True)
class BackendEntry:
    """A back end that can be chosen. `weights` are the registry's names of what it needs, `helped_by` of what
    it uses where it is installed."""

    name: str
    label: str
    way: str
    weights: tuple[str, ...]
    make: Maker
    helped_by: tuple[str, ...] = ()


def _poolwatch(files: Files, threads: int, settings: Settings) -> PoseBackend:
    return StillPose(load_models(files, threads, Precision.EXACT), settings.vision)


def _mediapipe(files: Files, threads: int, settings: Settings) -> PoseBackend:
    from dashboard.vision.mediapipe_backend import MediaPipePose  # slow to import

    return MediaPipePose(files)


def _openpose(recipe: Recipe) -> Maker:
    def make(files: Files, threads: int, settings: Settings) -> PoseBackend:
        own = settings.openpose
        looks = Looks.of(own.heights, own.flip, own.average)
        return OpenPose(load_openpose(recipe, files, threads), own, looks)

    return make


def _top_down(name: str) -> Maker:
    def make(files: Files, threads: int, settings: Settings) -> PoseBackend:
        people = StillPose(load_models(files, threads, Precision.EXACT), settings.vision)
        return load_top_down(name, files, threads, people, settings.topdown)

    return make


ENTRIES: dict[str, BackendEntry] = {
    entry.name: entry
    for entry in (
        BackendEntry(
            "poolwatch",
            "Poolwatch's own",
            "two searchers, then landmarks in each person's crop",
            ("mediapipe-pose",),
            _poolwatch,
            ("yolox-nano",),
        ),
        BackendEntry(
            "mediapipe",
            "MediaPipe",
            "its PoseLandmarker on the whole picture",
            ("mediapipe-pose",),
            _mediapipe,
        ),
        BackendEntry(
            "openpose-omz",
            "OpenPose, Open Model Zoo",
            "bottom-up: maps, affinity fields, parsing",
            ("openpose-omz",),
            _openpose(OMZ),
        ),
        BackendEntry(
            "openpose-tf",
            "OpenPose, tf-pose-estimation",
            "bottom-up: maps, affinity fields, parsing",
            ("openpose-tf",),
            _openpose(TF_POSE),
        ),
        BackendEntry(
            "simple-baseline",
            "Simple baseline",
            "top-down: a box a person, then heat maps",
            ("mediapipe-pose", "simple-baseline"),
            _top_down("simple-baseline"),
            ("yolox-nano",),
        ),
        BackendEntry(
            "simcc",
            "SimCC (RTMPose)",
            "top-down: a box a person, then a vector along x and one along y a point",
            ("mediapipe-pose", "simcc"),
            _top_down("simcc"),
            ("yolox-nano",),
        ),
    )
}
BACKENDS: tuple[str, ...] = tuple(ENTRIES)
DEFAULT = BACKENDS[0]


def backend_entry(name: str) -> BackendEntry:
    """The back end called `name`. VisionError names those there are."""
    if name not in ENTRIES:
        raise VisionError(f"there is no pose back end {name!r}; there are {', '.join(BACKENDS)}")
    return ENTRIES[name]


def pose_backend(name: str, files: Files, threads: int, settings: Settings | None = None) -> PoseBackend:
    """The back end called `name` (one of BACKENDS) on installed model files (file name -> path).
    VisionError: no such back end, or a file is missing."""
    return backend_entry(name).make(files, threads, settings if settings is not None else Settings())


def try_network(name: str, files: Files) -> None:
    """Loads a network that somebody brought, by the registry's name of it. VisionError: it cannot be used."""
    if name in MODEL_FILES:
        load_crop_network(Runtime(1, Precision.EXACT), files[MODEL_FILES[name]])
