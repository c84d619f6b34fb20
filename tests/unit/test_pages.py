"""The pages over a monitor that answers from memory."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from dashboard.monitor.handle import REDACTED, CameraView
from dashboard.web import service
from dashboard.web.device import RECENT_S, FramePusher
from dashboard.web.service import Service
from dashboard.web.states import state_words
from tests.unit.fake_monitor import FakeHandle, HandClock

ROOT = Path(__file__).resolve().parents[2]
TIMEOUT_S = 20


@pytest.fixture
def handle() -> Iterator[FakeHandle]:
    found = FakeHandle()
    service.install(Service(found, HandClock()))
    yield found
    service.uninstall()


def opened(page: str = "") -> AppTest:
    app = AppTest.from_file(str(ROOT / "dashboard" / "main.py"), default_timeout=TIMEOUT_S).run()
    return app.switch_page(f"../pages/{page}.py").run() if page else app


def words(app: AppTest) -> str:
    found = [*app.title, *app.subheader, *app.markdown, *app.caption, *app.error, *app.info, *app.warning]
    return "\n".join(str(element.value) for element in found)


def press(app: AppTest, label: str, place: int = 0) -> AppTest:
    return [b for b in app.button if b.label == label][place].click().run()


def test_without_its_server_the_page_says_how_to_start() -> None:
    service.uninstall()
    app = opened()
    assert "streamlit run dashboard/app.py" in words(app)
    assert not app.exception


def test_first_visit_offers_three_ways(handle: FakeHandle) -> None:
    app = opened()
    assert [b.label for b in app.button] == [
        "Try the simulated pool",
        "Use this device’s camera",
        "Add a camera",
    ]
    assert not app.exception


def test_simulated_pool_adds_two_views_of_one_world(handle: FakeHandle) -> None:
    app = press(opened(), "Try the simulated pool")
    assert [(row["name"], row["address"]) for row in handle.rows] == [
        ("Overview", "garden_pool:overview"),
        ("Entrance", "garden_pool:entrance"),
    ]
    assert "Which pool" not in words(app)
    assert not app.exception


def test_refused_command_is_one_sentence(handle: FakeHandle) -> None:
    handle.refuse["cameras.add"] = "The disk is full."
    app = press(opened(), "Try the simulated pool")
    assert [e.value for e in app.error] == ["The disk is full."]
    assert not app.exception


@pytest.mark.parametrize("page", ["", "cameras", "device_camera"])
def test_pages_stand_without_a_monitor(handle: FakeHandle, page: str) -> None:
    handle.connected = False
    app = opened(page)
    assert not app.exception
    if page:
        assert "The monitor is not running." in words(app)


def test_cameras_page_lists_order_and_state(handle: FakeHandle) -> None:
    handle.request("cameras.add", name="<b>Pool</b>", kind="rtsp", address="rtsp://***@h/x")
    handle.request("cameras.add", name="Gate", kind="usb", address="0", state="blind", reason="gone")
    app = opened("cameras")
    assert [s.value for s in app.subheader] == ["\\<b\\>Pool\\<\\/b\\>", "Gate"]
    assert ":red[■ does not answer]: gone" in words(app)
    press(app, "Down", 0)
    assert [row["name"] for row in handle.rows] == ["Gate", "<b>Pool</b>"]


def test_adding_checks_before_it_sends(handle: FakeHandle) -> None:
    app = press(opened("cameras"), "Add a camera")
    app = press(app, "Add camera")
    assert "Give the camera a name" in words(app)
    assert handle.rows == []
    app.text_input(key="add.name").input("Pool")
    app.text_input(key="add.address").input("rtsp://a:secret@h/x")
    app = press(app, "Add camera")
    assert [row["name"] for row in handle.rows] == ["Pool"]
    assert "add.address" not in app.session_state
    assert not app.exception


def test_test_of_a_camera_shows_the_reason(handle: FakeHandle) -> None:
    handle.request("cameras.add", name="Pool", kind="rtsp", address="rtsp://h/x")
    handle.refuse["cameras.test"] = "Nothing answers at h port 554."
    app = press(opened("cameras"), "Test")
    assert [e.value for e in app.error] == ["Nothing answers at h port 554."]


def test_device_page_makes_a_camera_of_kind_browser(
    handle: FakeHandle, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The real one needs a real server's session; the browser's tests have it.
    silent = SimpleNamespace(state=SimpleNamespace(playing=False))
    monkeypatch.setattr("streamlit_webrtc.webrtc_streamer", lambda **_options: silent)
    app = press(opened("device_camera"), "Make this device a camera")
    assert [(row["name"], row["kind"]) for row in handle.rows] == [("This device", "browser")]
    assert "Not sending" in words(app)
    assert not app.exception


def test_a_second_device_is_warned_off_a_camera_that_another_page_feeds(
    handle: FakeHandle, monkeypatch: pytest.MonkeyPatch
) -> None:
    silent = SimpleNamespace(state=SimpleNamespace(playing=False))
    monkeypatch.setattr("streamlit_webrtc.webrtc_streamer", lambda **_options: silent)
    handle.request("cameras.add", name="Phone", kind="browser")
    stats = {"state": "live", "fps": 15.0}
    handle.views["c1", REDACTED] = CameraView("c1", 1, 1000.0, REDACTED, None, 0, {}, stats)
    app = opened("device_camera")
    assert "Another page sends for this camera" in words(app)
    assert not app.exception


def test_a_devices_own_last_frames_are_nobody_elses() -> None:
    clock = HandClock()
    pusher = FramePusher(FakeHandle(), clock, "c1")
    assert not pusher.is_pushing()
    pusher.push(np.zeros((4, 4, 3), np.uint8))
    assert pusher.is_pushing()
    clock.t += RECENT_S
    assert not pusher.is_pushing()


def test_a_state_is_not_shown_as_known_while_the_monitor_does_not_answer() -> None:
    row = {"enabled": True, "state": "live", "fps": 15.0}
    assert "live" in state_words(row)
    assert "live" not in state_words(row, answers=False)


def test_a_camera_has_its_pose_back_end(handle: FakeHandle) -> None:
    handle.request("cameras.add", name="Pool", kind="rtsp", address="rtsp://h/x")
    app = press(opened("cameras"), "Edit")
    choice = next(box for box in app.selectbox if box.label == "Skeletons by")
    assert choice.value == "poolwatch"
    app = choice.set_value("openpose-omz").run()
    assert any("compare them under More, Pose" in caption.value for caption in app.caption)
    press(app, "Save")
    assert handle.rows[0]["backend"] == "openpose-omz"
