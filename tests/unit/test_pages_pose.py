"""The page Pose: a sealed picture stays sealed, two back ends stand side by side, failures are said."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from dashboard.web import posing, service
from dashboard.web.pose_report import NAME
from dashboard.web.posing import Looked, PoseError
from dashboard.web.service import Service
from tests.unit.fake_monitor import OPENED, FakeHandle, HandClock
from tests.unit.test_pages import opened, press, words
from tests.unit.test_web_posing import a_look

INSTALLED = ("mediapipe-pose", "openpose-omz")


def seen(content: bytes, name: str, backend: str, at_s: float | None = None) -> Looked:
    return replace(a_look(), backend=backend)


@pytest.fixture
def handle(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeHandle]:
    found = FakeHandle()
    monkeypatch.setenv("POOLWATCH_DATA", str(tmp_path))
    monkeypatch.setattr(posing, "installed", lambda name: {} if name in INSTALLED else None)
    monkeypatch.setattr(posing, "look_at", seen)
    service.install(Service(found, HandClock()))
    yield found
    service.uninstall()


def with_camera(handle: FakeHandle) -> AppTest:
    handle.request("cameras.add", name="Pool", kind="rtsp", address="rtsp://h/x")
    handle.snapshot = b"jpeg"
    app = opened("pose")
    app.session_state["pose.kind"] = "A camera"
    return app.run()


def test_without_anything_the_page_says_what_to_do(handle: FakeHandle) -> None:
    app = opened("pose")
    assert not app.exception
    said = words(app)
    assert "chosen on the page Cameras" in said
    assert "MMPose publishes RTMPose as ONNX" in "\n".join(str(code.value) for code in app.code)
    assert next(b for b in app.button if b.label == "Look").disabled
    app.session_state["pose.kind"] = "A camera"
    assert "There is no camera yet" in words(app.run())


def test_what_was_measured_is_plotted(handle: FakeHandle, tmp_path: Path) -> None:
    assert "28 November 2026" in words(opened("pose"))  # what came with the program says when
    row = {"ap": 0.5, "still_cpu_s": 2.0, "recall": 0.7, "cpu_s": 0.1}
    for numbers, plots in ((row, 2), ({"ap": 0.5}, 0)):
        report = {"about": "Here and now.", "backends": {"poolwatch": numbers}}
        (tmp_path / NAME).write_text(json.dumps(report))
        app = opened("pose")
        assert not app.exception
        assert "Here and now." in words(app)
        assert len(app.get("plotly_chart")) == plots


def test_a_sealed_camera_shows_skeletons_and_no_crops(handle: FakeHandle) -> None:
    app = press(with_camera(handle), "Look")
    assert not app.exception
    assert "1 person" in words(app)
    assert "The real picture is sealed" in words(app)
    handle.open_now = {"c2": OPENED}
    assert "The real picture is sealed" in words(app.run()), "another camera is open"
    handle.open_now = {"c1": OPENED}
    app = app.run()
    assert "The real picture is sealed" not in words(app)
    handle.open_now = {}
    assert "The real picture is sealed" in words(app.run())  # closed again: nothing of it stays


def test_an_alarm_that_released_the_picture_opens_it(handle: FakeHandle) -> None:
    app = press(with_camera(handle), "Look")
    handle.pictures = {"c1"}
    assert "The real picture is sealed" not in words(app.run())


def test_two_back_ends_stand_side_by_side(handle: FakeHandle) -> None:
    app = with_camera(handle)
    app = next(box for box in app.selectbox if box.label == "Beside it").set_value("openpose-omz").run()
    app = press(app, "Look")
    heads = [str(head.value) for head in app.subheader]
    assert heads[:2] == ["Poolwatch's own", "OpenPose, Open Model Zoo"]
    assert not app.exception


@pytest.mark.parametrize("way", ["Boxes", "Confidence", "Affinity"])
def test_every_view_is_drawn(handle: FakeHandle, way: str) -> None:
    app = press(with_camera(handle), "Look")
    app.session_state["pose.way.0"] = way
    assert not app.run().exception


def test_what_fails_is_said_and_the_other_back_end_goes_on(
    handle: FakeHandle, monkeypatch: pytest.MonkeyPatch
) -> None:
    def one_fails(content: bytes, name: str, backend: str, at_s: float | None = None) -> Looked:
        if backend == "poolwatch":
            raise PoseError("It took longer than 90 s and was ended.")
        return replace(a_look(), backend=backend)

    monkeypatch.setattr(posing, "look_at", one_fails)
    app = with_camera(handle)
    app = next(box for box in app.selectbox if box.label == "Beside it").set_value("openpose-omz").run()
    app = press(app, "Look")
    assert "Poolwatch's own: It took longer than 90 s" in words(app)
    assert "OpenPose, Open Model Zoo" in [str(head.value) for head in app.subheader]


def test_a_camera_that_does_not_answer_says_so(handle: FakeHandle) -> None:
    app = with_camera(handle)
    handle.refuse["cameras.test"] = "Nothing answers at h port 554."
    assert "Nothing answers at h port 554" in words(press(app, "Look"))
