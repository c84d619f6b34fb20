"""The networks that seeing uses, loaded from installed weights, each with its own question and answer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from dashboard.values import Detection, Floats, Image
from dashboard.vision import blazepose, yolox
from dashboard.vision.blazepose import Crop, Found
from dashboard.vision.head_check import HeadCheck
from dashboard.vision.runtime import InputForm, Network, Precision, Runtime, Ticket, VisionError

POSE_DETECTION = "pose_detection.tflite"
POSE_LANDMARK = "pose_landmark_full.tflite"
FACES = "face_detection_short_range.tflite"
YOLOX = "yolox_nano.onnx"


@dataclass(frozen=True, eq=False)
class Landmarks:
    """The landmark model's answer for one crop: `points` (39, 4) x, y, z, score in pixels of the picture,
    `presence` 0 to 1."""

    crop: Crop
    points: Floats
    presence: float


class PoseSearch:
    """The pose detector: people in a square tile."""

    def __init__(self, network: Network) -> None:
        self._network = network
        self._anchors = blazepose.anchors()

    def submit(self, image: Image, tile: Crop) -> PendingSearch:
        """Start a search of a tile of `image`."""
        picture = blazepose.cut(image, tile, blazepose.DETECTOR_SIDE, cv2.BORDER_CONSTANT)
        return PendingSearch(tile, self._network.submit(picture), self._anchors)


@dataclass(frozen=True, eq=False)
class PendingSearch:
    """A tile search under way."""

    tile: Crop
    ticket: Ticket
    anchors: Floats

    def result(self, least: float) -> list[Found]:
        """People found with at least this score, in pixels of the picture. Call once."""
        raw, logits = self.ticket.result()
        found = blazepose.decode_detector(raw[0], logits[0, :, 0], self.anchors, least)
        step = self.tile.side / blazepose.DETECTOR_SIDE
        matrix = blazepose.crop_matrix(self.tile, blazepose.DETECTOR_SIDE)
        return [_placed(one, matrix, step) for one in found]


def _placed(found: Found, matrix: Floats, step: float) -> Found:
    points = found.points @ matrix[:, :2].T + matrix[:, 2]
    middle = (found.head[:2] + found.head[2:]) / 2 @ matrix[:, :2].T + matrix[:, 2]
    half = (found.head[2:] - found.head[:2]) / 2 * step
    head = np.concatenate([middle - half, middle + half])
    return Found(found.score, head.astype(np.float32), points.astype(np.float32))


class LandmarkModel:
    """The landmark model: one person's points in a crop."""

    def __init__(self, network: Network) -> None:
        self._network = network

    def submit(self, image: Image, crop: Crop, mirror: bool = False) -> PendingLandmarks:
        """Start on a crop of `image`; `mirror` shows the model the crop left for right."""
        picture = blazepose.cut(image, crop, blazepose.LANDMARK_SIDE)
        shown = np.ascontiguousarray(picture[:, ::-1]) if mirror else picture
        return PendingLandmarks(crop, self._network.submit(shown), mirror)

    def run_all(self, image: Image, crops: Sequence[Crop]) -> list[Landmarks]:
        """The landmarks of each crop, run side by side."""
        return [pending.result() for pending in [self.submit(image, crop) for crop in crops]]


@dataclass(frozen=True, eq=False)
class PendingLandmarks:
    """A landmark run under way."""

    crop: Crop
    ticket: Ticket
    mirror: bool

    def result(self) -> Landmarks:
        """The points in pixels of the picture. Call once."""
        raw, presence, heat = self.ticket.result()
        points = blazepose.decode_landmarks(raw[0], heat[0])
        if self.mirror:
            points = blazepose.mirrored(points)
        return Landmarks(self.crop, blazepose.to_picture(points, self.crop), float(presence[0, 0]))


class WholeDetector:
    """YOLOX: people and things in the whole picture."""

    def __init__(self, network: Network) -> None:
        self._network = network
        self._cells = yolox.grid(network.size_wh)

    def submit(self, image: Image) -> PendingWhole:
        """Start on a whole picture."""
        boxed, scale = yolox.letterbox(image, self._network.size_wh)
        return PendingWhole(self._network.submit(boxed), self._cells, scale, (image.shape[1], image.shape[0]))


@dataclass(frozen=True, eq=False)
class PendingWhole:
    """A YOLOX run under way."""

    ticket: Ticket
    cells: Floats
    scale: float
    size_wh: tuple[int, int]

    def result(self, least: float, overlap: float) -> list[Detection]:
        """All that the program has a name for, best first. Call once."""
        (raw,) = self.ticket.result()
        return yolox.detections(raw[0], self.cells, self.scale, self.size_wh, least, overlap)


@dataclass(frozen=True, eq=False)
class VisionModels:
    """What is installed: the embedded pose models always, the detector where it is."""

    search: PoseSearch
    landmarks: LandmarkModel
    heads: HeadCheck
    detector: WholeDetector | None


def load_models(
    files: Mapping[str, Path],
    threads: int,
    precision: Precision = Precision.FAST,
    cache: Path | None = None,
) -> VisionModels:
    """Load from `files` (file name -> path). Without YOLOX's file the rest works alone. VisionError names
    what is missing or broken."""
    for name in (POSE_DETECTION, POSE_LANDMARK, FACES):
        if name not in files:
            raise VisionError(f"the model file {name} is not installed (python -m dashboard models install)")
    runtime = Runtime(threads, precision, cache)
    search = runtime.load(
        files[POSE_DETECTION], InputForm(mean=127.5, scale=127.5), ("Identity", "Identity_1")
    )
    landmarks = runtime.load(
        files[POSE_LANDMARK], InputForm(scale=255.0), ("Identity", "Identity_1", "Identity_3")
    )
    faces = runtime.load(files[FACES], InputForm(mean=127.5, scale=127.5), ("classificators",))
    whole = None
    if YOLOX in files:
        whole = WholeDetector(runtime.load(files[YOLOX], InputForm(layout="NCHW", rgb=False), ("output",)))
    return VisionModels(PoseSearch(search), LandmarkModel(landmarks), HeadCheck(faces), whole)
