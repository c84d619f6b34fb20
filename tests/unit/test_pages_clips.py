"""The page Clips, as far as Python draws it: the gallery itself is tested in the browser."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from dashboard.web import service
from dashboard.web.service import Service
from tests.unit.fake_monitor import FakeHandle, HandClock
from tests.unit.people_stage import opened, words


@pytest.fixture
def handle() -> Iterator[FakeHandle]:
    found = FakeHandle()
    service.install(Service(found, HandClock()))
    yield found
    service.uninstall()


def test_without_a_camera_the_way_to_one_is_shown(handle: FakeHandle) -> None:
    app = opened("clips")
    assert [title.value for title in app.title] == ["Clips"] and not app.exception
    assert [one.proto.label for one in app.get("page_link")][-1] == "There is no camera yet: add one"
    handle.request("cameras.add", name="Pool", kind="rtsp", address="rtsp://x/y")
    labels = [one.proto.label for one in opened("clips").get("page_link")]
    assert "There is no camera yet: add one" not in labels


def test_without_a_monitor_the_page_stands(handle: FakeHandle) -> None:
    handle.connected = False
    app = opened("clips")
    assert not app.exception and "There is no camera" not in words(app)
