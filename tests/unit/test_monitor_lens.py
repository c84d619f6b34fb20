"""A fault of a view from the camera's picture to what the pages hear, and the new view that ends it."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
import pytest

from dashboard.alarm.book import Book, raise_events
from dashboard.monitor.lens import LensWatch
from dashboard.monitor.pipeline import CameraPipeline, Holds
from dashboard.monitor.scribe import shifted
from dashboard.monitor.trusted import check
from dashboard.monitor.unseeing import Unseeing, with_word
from dashboard.monitor.wording import next_step, sentence
from dashboard.rules.visibility import REASONS, kind_of, reason_of
from dashboard.settings import AlarmSettings, Settings, VisionSettings
from dashboard.source.simulated.lens import dazzled
from dashboard.track import Tracker
from dashboard.values import (
    CameraFault,
    Event,
    FaultKind,
    Frame,
    Image,
    Level,
    Observation,
    Sighting,
    Track,
    Zone,
    ZoneKind,
)
from dashboard.vision import Seer
from dashboard.vision.keeping import Kept
from tests.unit.test_vision_faults import AT_S, FPS, SIZE, at, warped
from tests.unit.vision_models import models

POOL = Zone("a", "pool", ZoneKind.WATER, ((0.34, 0.47), (0.73, 0.47), (0.73, 0.8), (0.34, 0.8)))
MOVED = CameraFault(FaultKind.MOVED, 8.5)


class Nobody:
    """Finds nobody and keeps whether it may learn."""

    def __init__(self) -> None:
        self.held = False
        self.forgot = 0

    def see(self, frame: Frame, known: Sequence[Track]) -> Sighting:
        return Sighting(frame.camera, frame.t, (frame.image.shape[1], frame.image.shape[0]), ())

    def empty_picture(self) -> Image | None:
        return None

    def forget(self) -> None:
        self.forgot += 1


class Camera:
    """A pipeline over the garden, whose pictures are changed from AT_S on."""

    def __init__(self) -> None:
        self.seer = Nobody()
        self.pipeline = CameraPipeline(self.seer, Tracker(Settings().track))

    def until(self, since: float, until: float, change: object) -> list[Observation]:
        found = []
        for n in range(round(since * FPS), round(until * FPS)):
            image = at(n / FPS)
            if callable(change) and n / FPS >= AT_S:
                image = change(image, n / FPS)
            found.append(self.pipeline.process(Frame("a", n / FPS, image, n)))
        return found


def test_every_seer_can_be_held() -> None:
    assert isinstance(Nobody(), Holds)
    assert isinstance(Seer(models(detector=False), VisionSettings()), Holds)


def test_a_moved_camera_is_said_with_its_people_and_learns_nothing_until_it_is_the_new_view() -> None:
    camera = Camera()
    assert all(o.fault is None and not o.blind_reason for o in camera.until(0, 20, None))
    assert not camera.seer.held
    last = camera.until(20, 30, warped(12, 1, (0, 0)))[-1]
    assert last.people == () and last.fault is not None and last.fault.kind is FaultKind.MOVED
    assert kind_of(last.blind_reason) == "camera_moved" and camera.seer.held
    camera.pipeline.forget()
    assert camera.seer.forgot == 1
    assert all(o.fault is None for o in camera.until(30, 50, warped(12, 1, (0, 0))))
    assert not camera.seer.held


@pytest.mark.parametrize(("camera", "moved"), [("a", True), ("another", False)])
def test_a_camera_is_held_against_what_was_kept_of_itself_alone(camera: str, moved: bool) -> None:
    shape, grey = (180, 320), np.zeros((180, 320), np.float32)
    mean = cv2.resize(np.mean([at(t / 2) for t in range(12)], axis=0), shape[::-1]).astype(np.float32)
    detail, everywhere = np.zeros((360, 640, 3), np.uint8), np.ones((360, 640), bool)
    kept = Kept(camera, SIZE, mean, grey, grey, np.ones(shape, bool), detail, everywhere)
    lens, turned = LensWatch(kept), warped(12, 1, (0, 0))
    told = [lens.step(Frame("a", n / FPS, turned(at(n / FPS), AT_S), n), (), ()) for n in range(40)]
    assert [fault.kind for fault in told if fault][-1:] == ([FaultKind.MOVED] if moved else [])


def test_glare_counts_over_the_water_that_the_worker_was_told_of() -> None:
    camera = Camera()
    camera.pipeline.water = (POOL,)
    camera.until(0, 20, None)
    last = camera.until(20, 30, lambda image, t: dazzled(image, 0.5, (0.54, 0.64)))[-1]
    assert last.fault is not None and last.fault.kind is FaultKind.GLARE


@pytest.mark.parametrize("kind", list(FaultKind))
def test_each_fault_has_words_that_are_understood_as_that_kind(kind: FaultKind) -> None:
    wanted = "camera_moved" if kind is FaultKind.MOVED else "camera_blind"
    assert kind_of(reason_of(CameraFault(kind, 0.0))) == wanted
    event = Event(9.0, "a", wanted, Level.ALERT, detail={"reason": REASONS[kind], "fault": kind.value})
    assert sentence(event, {"a": "Pool"}).startswith("The camera Pool")
    assert sentence(event, {"a": "Pool"}) != "The camera Pool cannot see"


def test_who_reads_of_a_moved_camera_reads_what_to_do() -> None:
    turned = raise_events(Book(), [Event(9.0, "a", "camera_moved", Level.ALERT)])
    (alarm,) = turned.book.alarms.values()
    assert "draw the zones anew" in next_step(alarm, 10.0, 0, AlarmSettings())[0]


def test_a_fault_moves_with_the_judges_time_and_must_have_one() -> None:
    seen = Observation("a", 10.0, 1, (640, 480), (), blind_reason="it was moved", fault=MOVED)
    later = shifted(seen, 100.0)
    assert later.fault == CameraFault(FaultKind.MOVED, 108.5)
    check(seen, "a", 10.0)
    with pytest.raises(ValueError, match="since no time"):
        check(Observation("a", 1.0, 1, (4, 4), (), fault=CameraFault(FaultKind.DARK, float("nan"))), "a", 1.0)


def test_what_the_pages_hear_of_cameras_that_do_not_see_well() -> None:
    known = with_word({}, Observation("a", 10.0, 1, (4, 4), (), blind_reason="moved", fault=MOVED), 100.0)
    assert known == {"a": Unseeing("moved", 108.5, FaultKind.MOVED)}
    known = with_word(known, Observation("a", 11.0, 1, (4, 4), None, blind_reason="no picture"), 100.0)
    assert known == {"a": Unseeing("no picture", 108.5)}
    known = with_word(known, Observation("a", 12.0, 1, (4, 4), None, blind_reason="it starts"), 100.0)
    assert known["a"].why == "no picture"
    assert with_word(known, Observation("a", 13.0, 1, (4, 4), ()), 100.0) == {}
