"""Seeing as a whole, with the real models on real clips."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
import pytest

from dashboard.geometry import iou
from dashboard.settings import TrackSettings, VisionSettings
from dashboard.track import Tracker
from dashboard.values import Frame, Image, Sighting, Track, TrackState
from dashboard.vision import BackgroundError, SeeBudget, Seer, VisionError, VisionModels, load_models
from dashboard.vision.afterwards import Remembered
from dashboard.vision.keeping import read
from dashboard.vision.models import LandmarkModel, PoseSearch, WholeDetector
from dashboard.vision.objects import ObjectWatch
from tests.material import material
from tests.unit.vision_models import model_files, models

CLIP = "static_camera/pedestrians_vtest.avi"
LABELS = "static_camera/pedestrians_vtest_gt_frames_1_400.txt"


def frames(name: str, count: int, fps: float = 10.0) -> Iterator[Frame]:
    video = cv2.VideoCapture(str(material(name)))
    for index in range(count):
        good, image = video.read()
        if not good:
            return
        yield Frame("yard", index / fps, np.asarray(image, np.uint8), index + 1)


def watch(seer: Seer, clip: Iterator[Frame]) -> list[tuple[Sighting, tuple[Track, ...]]]:
    tracker = Tracker(TrackSettings())
    seen = []
    for frame in clip:
        sighting = seer.see(frame, tracker.predict(frame.t))
        seen.append((sighting, tracker.step(sighting)))
    return seen


def test_missing_and_broken_models_are_named(tmp_path: Path) -> None:
    with pytest.raises(VisionError, match=r"pose_detection\.tflite is not installed"):
        load_models({}, 1)
    broken = tmp_path / "pose_detection.tflite"
    broken.write_bytes(b"TFL3 but not really")
    files = {"pose_detection.tflite": broken, "pose_landmark_full.tflite": broken}
    with pytest.raises(VisionError, match=r"face_detection_short_range\.tflite is not installed"):
        load_models(files, 1)
    with pytest.raises(VisionError, match=r"pose_detection\.tflite cannot be used"):
        load_models({**files, "face_detection_short_range.tflite": broken}, 1)


@pytest.mark.parametrize("detector", [True, False], ids=["both searchers", "embedded default alone"])
def test_the_same_frames_give_the_same_findings(detector: bool) -> None:
    def boxes() -> list[object]:
        seen = watch(Seer(models(detector), VisionSettings()), frames(CLIP, 12))
        return [[(p.xyxy, p.score, p.finder) for p in s.people] + [s.searched, s.foreground] for s, _ in seen]

    assert boxes() == boxes()


class Counted:
    """Counts the runs that are handed to the models."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.runs: dict[str, int] = {}
        for kind in (WholeDetector, PoseSearch, LandmarkModel):
            self._count(monkeypatch, kind)

    def _count(self, monkeypatch: pytest.MonkeyPatch, kind: type) -> None:
        real = kind.submit  # type: ignore[attr-defined]

        def submit(model: object, *given: object) -> object:
            self.runs[kind.__name__] = self.runs.get(kind.__name__, 0) + 1
            return real(model, *given)

        monkeypatch.setattr(kind, "submit", submit)


def test_the_budget_is_kept_in_every_frame(monkeypatch: pytest.MonkeyPatch) -> None:
    seer = Seer(models(), VisionSettings())
    seer.budget = SeeBudget(detector_every=3, tiles=1, landmarks=2)
    counted, tracker = Counted(monkeypatch), Tracker(TrackSettings())
    whole = 0
    for frame in frames(CLIP, 15):  # before the empty picture is first looked through
        counted.runs.clear()
        sighting = seer.see(frame, tracker.predict(frame.t))
        tracker.step(sighting)
        whole += counted.runs.get("WholeDetector", 0)
        assert counted.runs.get("PoseSearch", 0) == len(sighting.searched) == 1
        assert counted.runs.get("LandmarkModel", 0) <= 2
    assert whole == 5


def recall_precision(seen: list[tuple[Sighting, tuple[Track, ...]]], first: int) -> tuple[float, float]:
    labels: dict[int, list[list[float]]] = {}
    for line in material(LABELS).read_text().splitlines():
        number, _, x, y, w, h = (float(v) for v in line.split(",")[:6])
        labels.setdefault(int(number), []).append([x, y, x + w, y + h])
    hit = labelled = found = 0
    for number, (_, tracks) in enumerate(seen, 1):
        if number < first:
            continue
        now = [t.xyxy for t in tracks if t.state is TrackState.CONFIRMED]
        truth = np.array(labels[number], np.float32)
        over = iou(truth, np.array(now, np.float32).reshape(-1, 4))
        hit += int((over.max(axis=1, initial=0) >= 0.5).sum())
        labelled, found = labelled + len(truth), found + len(now)
    return hit / labelled, hit / max(1, found)


def test_pedestrians_are_found_and_followed() -> None:
    """A part of the clip, so that a loss is noticed early; the bench measures all of it."""
    recall, precision = recall_precision(watch(Seer(models(), VisionSettings()), frames(CLIP, 80)), 40)
    assert recall > 0.75
    assert precision > 0.7


def test_the_embedded_default_alone_finds_most() -> None:
    recall, precision = recall_precision(watch(Seer(models(False), VisionSettings()), frames(CLIP, 80)), 40)
    assert recall > 0.4
    assert precision > 0.7


def test_the_empty_picture_has_nobody() -> None:
    seer = Seer(models(), VisionSettings())
    assert seer.empty_picture() is None
    watch(seer, frames(CLIP, 90))
    empty = seer.empty_picture()
    assert empty is not None
    assert empty.shape == (576, 768, 3)
    assert people_in(models(), empty) == []


FLOOR = np.random.default_rng(4).integers(60, 160, (240, 320, 3), dtype=np.uint8)


def learnt(path: Path, camera: str = "yard") -> None:
    """Keeps what a minute of an empty floor teaches."""
    seer = Seer(models(detector=False), VisionSettings())
    for t in range(75):
        seer.see(Frame(camera, float(t), FLOOR), ())
    seer.save(path)


def test_what_was_learnt_survives_a_restart(tmp_path: Path) -> None:
    learnt(tmp_path / "yard")
    again = Seer(models(detector=False), VisionSettings())
    again.load(tmp_path / "yard")
    changed = FLOOR.copy()
    changed[60:180, 100:150] = (20, 20, 220)
    assert len(again.see(Frame("yard", 0.0, changed), ()).foreground) > 0  # known from before
    for t in range(1, 40):
        again.see(Frame("yard", t / 10, changed), ())
    picture = again.empty_picture()
    assert picture is not None
    assert picture[65:175, 105:145, 2].mean() < 140  # the floor, not what stands on it now


def test_nothing_of_the_first_moment_is_kept(tmp_path: Path) -> None:
    early = Seer(models(detector=False), VisionSettings())
    early.see(Frame("yard", 0.0, FLOOR), ())
    early.save(tmp_path / "early")
    kept = read(tmp_path / "early")
    assert not kept.trusted.any()
    assert not kept.mean.any()
    assert not kept.detail.any()


def people_in(with_models: VisionModels, image: Image) -> list[float]:
    assert with_models.detector is not None
    found = with_models.detector.submit(image).result(0.35, 0.6)
    return [f.score for f in found if f.label.value == "person"]


def test_what_another_camera_learnt_is_not_taken_up(tmp_path: Path) -> None:
    learnt(tmp_path / "yard")
    changed = FLOOR.copy()
    changed[60:180, 100:150] = (20, 20, 220)
    for camera, told in (("porch", 0), ("yard", 1)):
        seer = Seer(models(detector=False), VisionSettings())
        seer.load(tmp_path / "yard")
        assert len(seer.see(Frame(camera, 0.0, changed), ()).foreground) >= told
        assert told or seer.see(Frame(camera, 0.1, changed), ()).foreground == ()


def test_a_damaged_background_is_refused_and_seeing_goes_on(tmp_path: Path) -> None:
    (tmp_path / "yard").write_bytes(b"PK\x03\x04 damaged")
    seer = Seer(models(), VisionSettings())
    with pytest.raises(BackgroundError):
        seer.load(tmp_path / "yard")
    (first,) = itertools.islice(frames(CLIP, 1), 1)
    assert len(seer.see(first, ()).people) > 0


@pytest.mark.parametrize("size_wh", [(64, 48), (33, 200), (1920, 1080)], ids=["tiny", "slim", "large"])
def test_pictures_of_any_size_are_seen(size_wh: tuple[int, int]) -> None:
    model_files()
    seer = Seer(models(), VisionSettings())
    for index in range(3):
        image = np.full((size_wh[1], size_wh[0], 3), 60 + index, np.uint8)
        sighting = seer.see(Frame("any", index / 10, image), ())
    assert sighting.size_wh == size_wh
    assert [p for p in sighting.people if p.score > 0.5] == []


def test_a_camera_that_changes_its_size_is_learnt_anew() -> None:
    seer = Seer(models(), VisionSettings())
    seer.see(Frame("any", 0.0, np.full((120, 160, 3), 60, np.uint8)), ())
    sighting = seer.see(Frame("any", 0.1, np.full((240, 320, 3), 200, np.uint8)), ())
    assert sighting.size_wh == (320, 240)
    assert sighting.foreground == ()


def test_what_is_normal_for_objects_is_kept_only_where_it_is_the_empty_place_for_sure() -> None:
    seer = Seer(models(detector=False), VisionSettings())
    seer.see(Frame("yard", 0.0, FLOOR), ())
    watch = seer.objects
    assert watch is not None
    for t in range(1, 20):
        seer.see(Frame("yard", float(t), FLOOR), ())
    assert watch.memory("yard", 1.8e9) is None  # nothing has proved to be the place yet
    for t in range(20, 75):
        seer.see(Frame("yard", float(t), FLOOR), ())
    # Somebody whom nothing finds has stood there for so long that they are normal by now.
    there = watch.normal.part((100, 60, 150, 180))
    watch.normal.normal[there] = (20, 20, 220)
    remembered = watch.memory("yard", 1.8e9)
    assert remembered is not None
    kept = remembered.lights[0].shown.kept()
    assert kept.known.mean() > 0.5
    assert (kept.normal[there][..., 2].astype(int) - kept.normal[there][..., 0]).max() < 60


def test_what_was_normal_is_tried_on_the_first_frames_until_the_view_is_another() -> None:
    seer = Seer(models(detector=False), VisionSettings())
    seer.recall_objects(learnt_objects(FLOOR))
    seer.see(Frame("yard", 0.0, FLOOR), ())
    assert seer.objects is not None and seer.objects.afterwards.waiting
    seer.forget()
    assert seer.objects is None
    seer.see(Frame("yard", 1.0, FLOOR), ())
    assert seer.objects is not None and not seer.objects.afterwards.waiting


def learnt_objects(image: Image) -> Remembered:
    """What is normal after a while of the same picture."""
    watch = ObjectWatch((image.shape[1], image.shape[0]), lambda picture: np.ones(picture.shape[:2], bool))
    for t in range(10):
        watch.step(image, float(t), (), ())
    found = watch.memory("yard", 1.8e9)
    assert found is not None
    return found
