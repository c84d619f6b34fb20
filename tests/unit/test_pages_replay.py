"""The page Replay over real commands: a stored clip and a watched video judged again; what is refused."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from dashboard.clock import SystemClock
from dashboard.monitor.handle import Reply
from dashboard.settings import Settings, data_folder
from dashboard.values import Mode
from dashboard.web import videos
from dashboard.web.replays import asked_change, change_problem, clip_track, clips_of, drawn, suggestion
from dashboard.whatif.track import About, Recorded
from tests.unit.people_stage import JudgedHandle, opened, press, words
from tests.unit.rules_stage import GARDEN, SIZE
from tests.unit.test_whatif import LIMIT, SINKS, recorded, written

CLIP = "0" * 31 + "a"
ROW = {
    "id": CLIP,
    "camera": "pool",
    "camera_name": "Back yard",
    "began_utc": "2023-11-17T17:00:00+00:00",
    "kind": "submersion",
    "level": "emergency",
    "events": [{"kind": "submersion", "text": "Guest 2 is under water"}],
    "state": "ready",
}
LABEL = "Longest time under water"


@pytest.fixture
def clips(handle: JudgedHandle, monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """What the monitor lists; the first one's track is on the disk."""
    found: list[dict[str, Any]] = [dict(ROW)]
    asked = handle.request

    def request(command: str, payload: bytes = b"", **args: Any) -> Reply:
        if command == "clips.list":
            return Reply({"clips": found, "before": None})
        if command == "zones.list":
            return Reply({"zones": {}})
        return asked(command, payload, **args)

    monkeypatch.setattr(handle, "request", request)
    folder = data_folder() / "clips" / "2023-11-17"
    folder.mkdir(parents=True)
    written(folder / f"{CLIP}.track.gz", recorded(SINKS))
    return found


def compared(app: AppTest, value: float, label: str = LABEL) -> AppTest:
    next(s for s in app.selectbox if s.label == "Setting").select(
        next(o for o in next(s for s in app.selectbox if s.label == "Setting").options if o == label)
    ).run()
    next(n for n in app.number_input if n.label.startswith("Instead of")).set_value(value)
    return press(app, "Compare")


def test_a_clip_with_8_seconds(handle: JudgedHandle, clips: list[dict[str, Any]]) -> None:
    app = opened("replay")
    assert not app.exception and "What would have alarmed" in words(app)
    assert "nobody is known by name" in words(app)
    app = compared(app, 8)
    assert not app.exception
    assert "the siren 2.0 s earlier" in words(app)
    assert "0:14.0, 2.0 s earlier" in words(app) and "Person 1 has been under water" in words(app)
    app = compared(app, 12)
    assert "2.0 s later" in words(app)
    app = press(app, "Leave out")
    assert "the siren 2.0 s earlier" not in words(app) and "2.0 s later" in words(app)


def test_the_address_of_another_page_names_clip_and_value(
    handle: JudgedHandle, clips: list[dict[str, Any]]
) -> None:
    clips.insert(0, {**ROW, "id": "f" * 32, "events": []})
    app = opened("replay")
    assert "There is no track of this clip" in words(app)
    app.query_params["clip"], app.query_params["set"], app.query_params["to"] = CLIP, LIMIT, "20"
    app = app.run()
    assert not app.exception


@pytest.mark.parametrize("value", ["nan", "inf", "900", "x", "", "-1"])
def test_an_address_that_asks_for_what_cannot_be_asks_for_nothing(value: str) -> None:
    assert asked_change({"set": LIMIT, "to": value}, Settings()) is None
    assert asked_change({"set": "<img>", "to": "8"}, Settings()) is None
    assert asked_change({"set": LIMIT, "to": "8"}, Settings()) == {LIMIT: 8.0}


def test_what_cannot_be_compared_is_said() -> None:
    now = Settings()
    assert "from 5 s to 30 s" in change_problem(LIMIT, 31, now, ())
    assert "counts now" in change_problem(LIMIT, 10.0, now, ())
    assert "already" in change_problem(LIMIT, 8.0, now, [{LIMIT: 8.0}])
    assert "at once" in change_problem(LIMIT, 8.0, now, [{LIMIT: v} for v in (5.0, 6.0, 7.0, 9.0)])
    assert change_problem(LIMIT, 8.0, now, ()) == ""
    assert suggestion(LIMIT, 10.0) == 8.0 and suggestion(LIMIT, 5.0) == 6.0


def test_other_settings_of_then_are_a_column(handle: JudgedHandle, clips: list[dict[str, Any]]) -> None:
    about = About("pool", SIZE, GARDEN, Mode.SUPERVISED, Settings().with_values({LIMIT: 15.0}))
    path = clip_track(data_folder(), CLIP)
    assert path is not None
    written(path, Recorded(about, recorded(SINKS).observations))
    app = opened("replay")
    assert "As it was then: the siren 5.0 s later" in words(app).replace("*", "")


def test_a_clip_that_was_louder_then_is_doubted(handle: JudgedHandle, clips: list[dict[str, Any]]) -> None:
    path = clip_track(data_folder(), CLIP)
    assert path is not None
    written(path, recorded((), 6.0))
    assert "It was louder then" in words(opened("replay"))


@pytest.mark.parametrize(
    "clip", ["../" * 10 + "etc/passwd", "A" * 32, "0" * 33, "", "a" * 31 + "\n", "0" * 31 + "/"]
)
def test_nothing_but_a_number_becomes_a_path(tmp_path: Path, clip: str) -> None:
    assert clip_track(tmp_path, clip) is None


def test_a_link_in_the_folder_of_clips_is_not_followed(tmp_path: Path) -> None:
    day = tmp_path / "clips" / "2023-11-17"
    day.mkdir(parents=True)
    (day / f"{CLIP}.track.gz").symlink_to("/etc/hostname")
    assert clip_track(tmp_path, CLIP) is None


def test_clips_that_are_no_clips_yet_are_not_offered() -> None:
    listed = [ROW, {**ROW, "id": "../x"}, {**ROW, "id": "b" * 32, "state": "recording"}]
    assert [clip.id for clip in clips_of(listed, UTC)] == [CLIP]


def test_zones_of_a_camera_that_is_gone_are_none() -> None:
    assert drawn({}, "x") is None
    assert drawn({"x": {"zones": [{"name": "broken"}]}}, "x") is None


def test_without_clips_or_videos_the_page_says_what_to_do(handle: JudgedHandle) -> None:
    app = opened("replay")
    assert not app.exception
    assert "Watch a video" in [e.label for e in app.expander]
    app = press(app, "Watch it")
    assert "Choose a video first." in words(app)
    next(f for f in app.text_input if f.label.startswith("Or a file")).input("/nowhere/x.mp4")
    app = press(app, "Watch it")
    assert "There is no file at" in words(app) and not app.exception


def test_a_damaged_track_is_said(handle: JudgedHandle, clips: list[dict[str, Any]]) -> None:
    path = clip_track(data_folder(), CLIP)
    assert path is not None
    path.write_bytes(b"broken")
    app = opened("replay")
    assert "The track cannot be read" in words(app) and not app.exception


def test_a_watched_video_is_judged_like_a_clip_and_can_be_forgotten(handle: JudgedHandle) -> None:
    folder = data_folder() / "replays" / ("1" * 16)
    folder.mkdir(parents=True)
    written(folder / "video.track.gz", recorded(SINKS))
    about: Mapping[str, str] = {
        "name": "<b>party</b>.mp4",
        "camera": "",
        "at": datetime(2023, 11, 17, tzinfo=UTC).isoformat(),
        "why": "",
    }
    (folder / "about.json").write_text(json.dumps(about))
    app = compared(opened("replay"), 8)
    assert "the siren 2.0 s earlier" in words(app) and not app.exception
    press(app, "Forget it")
    assert videos.videos_of(data_folder(), SystemClock()).watched() == []


def test_without_a_monitor_it_says_so(handle: JudgedHandle) -> None:
    handle.connected = False
    app = opened("replay")
    assert "The monitor is not running." in words(app) and not app.exception
