"""People of the PETS clip: ours with both searchers and with the embedded default alone, beside YOLOX-nano
with the same tracker, MediaPipe's own PoseLandmarker on the whole picture, and a tracking library on the
same findings. Scores are of frames 1 to 400, which are labelled."""

from __future__ import annotations

import argparse
import os
import tempfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from dashboard.clock import Clock, SystemClock
from dashboard.monitor.pipeline import CameraPipeline, Sees, build_pipeline
from dashboard.settings import Settings, data_folder
from dashboard.source import open_source
from dashboard.track import Tracker
from dashboard.values import (
    CameraSpec,
    Detection,
    Frame,
    Image,
    Label,
    Pace,
    Sighting,
    SourceKind,
    Track,
    TrackState,
)
from dashboard.vision import VisionModels, load_models
from dashboard.vision.backends import PoseBackend, pose_backend
from dashboard.vision.body import body_box
from dashboard.weights import installed
from tests.bench.clip import FRAMES, FRAMES_PER_S, TRUTH, VIDEO, Boxes, Rows, by_frame, material, read_rows
from tests.bench.peer_trackers import TRACKERS, PeerError, peer_python, run_peer
from tests.bench.scores import finding_scores, tracking_scores


class WholePicture:
    """YOLOX-nano alone as a seer."""

    def __init__(self, models: VisionModels, settings: Settings) -> None:
        self._models, self._settings = models, settings.vision

    def see(self, frame: Frame, known: Sequence[Track]) -> Sighting:
        if self._models.detector is None:
            return _sighting(frame, [])
        pending = self._models.detector.submit(frame.image)
        boxes = pending.result(self._settings.detector_score, self._settings.detector_overlap)
        return _sighting(frame, [b for b in boxes if b.label is Label.PERSON])

    def empty_picture(self) -> Image | None:
        return None


class Skeletons:
    """A pose back end on the whole picture as a seer."""

    def __init__(self, backend: PoseBackend) -> None:
        self._backend = backend

    def see(self, frame: Frame, known: Sequence[Track]) -> Sighting:
        poses = self._backend.estimate(frame.image)
        found = [
            Detection(body_box(p.native if p.native is not None else p.keypoints), p.score, pose=p)
            for p in poses
        ]
        return _sighting(frame, found)

    def empty_picture(self) -> Image | None:
        return None


class Noted:
    """A seer that keeps what it found, so that findings are scored apart from tracks."""

    def __init__(self, seer: Sees) -> None:
        self._seer = seer
        self.found: list[tuple[Detection, ...]] = []

    def see(self, frame: Frame, known: Sequence[Track]) -> Sighting:
        sighting = self._seer.see(frame, known)
        self.found.append(sighting.people)
        return sighting

    def empty_picture(self) -> Image | None:
        return self._seer.empty_picture()


def run(options: argparse.Namespace) -> dict[str, object]:
    """Ours, the peers, and ours as a multiple of the peers'."""
    video, truth = material(options.data, VIDEO), by_frame(read_rows(material(options.data, TRUTH)))
    settings, threads, clock = Settings(), os.cpu_count() or 1, SystemClock()
    files = {**(installed("mediapipe-pose") or {}), **(installed("yolox-nano") or {})}
    both = build_pipeline("pets", settings, threads)
    result, notes = _measured(both, video, truth, clock)
    embedded, _ = _measured(build_pipeline("pets", settings, threads, detector=False), video, truth, clock)
    whole = CameraPipeline(WholePicture(load_models(files, threads), settings), Tracker(settings.track))
    yolox, _ = _measured(whole, video, truth, clock)
    landmarker = CameraPipeline(Skeletons(pose_backend("mediapipe", files, threads)), Tracker(settings.track))
    mediapipe, _ = _measured(landmarker, video, truth, clock)
    return {
        "both_searchers": result,
        "embedded": embedded,
        "peer_yolox_same_tracker": yolox,
        "peer_mediapipe_whole_picture": mediapipe,
        "peer_trackers_same_findings": _library(notes, truth),
        "ratios": {"yolox": _ratios(result, yolox), "mediapipe": _ratios(embedded, mediapipe)},
    }


def _measured(
    pipeline: CameraPipeline, video: Path, truth: Sequence[Boxes], clock: Clock
) -> tuple[dict[str, float], Noted]:
    """Scores of the tracks, recall and precision of the findings, frames a second."""
    noted = Noted(pipeline.seer)
    pipeline.seer = noted
    spec = CameraSpec("pets", "pets", SourceKind.FILE, str(video), loop=False, pace=Pace.FASTEST)
    told: list[Boxes] = []
    started = clock.monotonic()
    for frame in open_source(spec, clock, Settings().source).frames():
        told.append(_told(pipeline.process(frame).people or (), frame.t))
        if frame.index >= FRAMES:
            break
    rate = len(told) / (clock.monotonic() - started)
    found = finding_scores(truth, [_ltwh([d.xyxy for d in people]) for people in noted.found])
    scores = tracking_scores(truth, told) | {"frames_per_s": round(rate, 2)}
    return scores | {f"finding_{name}": value for name, value in found.items()}, noted


def _library(noted: Noted, truth: Sequence[Boxes]) -> dict[str, object]:
    """The tracking library on the same findings."""
    rows = [
        (frame, -1, *_ltwh([one.xyxy])[0], one.score, -1, -1, -1)
        for frame, people in enumerate(noted.found, start=1)
        for one in people
    ]
    with tempfile.TemporaryDirectory() as folder:
        boxes, tracks = Path(folder) / "boxes.txt", Path(folder) / "tracks.txt"
        np.savetxt(boxes, np.array(rows), fmt="%.3f", delimiter=",")
        try:
            python = peer_python(data_folder())
            scores: dict[str, object] = {}
            for name in TRACKERS:
                run_peer(python, name, FRAMES_PER_S, boxes, tracks)
                scores[name] = tracking_scores(truth, by_frame(read_rows(tracks)))
            return scores
        except PeerError as error:
            return {"peer_missing": str(error)}


def _ratios(ours: dict[str, float], peer: dict[str, float]) -> dict[str, float | None]:
    names = ("recall", "precision", "mota", "idf1", "frames_per_s")
    return {n: round(ours[n] / peer[n], 3) if peer[n] > 0 else None for n in names}


def _told(tracks: Sequence[Track], t: float) -> Boxes:
    seen = [track for track in tracks if track.state is TrackState.CONFIRMED and track.seen_t == t]
    return Boxes(np.array([track.id for track in seen], dtype=np.int64), _ltwh([x.xyxy for x in seen]))


def _ltwh(boxes: Sequence[tuple[float, float, float, float]]) -> Rows:
    rows = np.array(boxes, dtype=np.float64).reshape(-1, 4)
    rows[:, 2:] -= rows[:, :2]
    return rows


def _sighting(frame: Frame, found: Sequence[Detection]) -> Sighting:
    return Sighting(frame.camera, frame.t, (frame.image.shape[1], frame.image.shape[0]), tuple(found))
