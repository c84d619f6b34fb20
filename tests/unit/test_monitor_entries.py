"""What people type into the camera form, and the exact reason why it is not taken."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from dashboard.monitor import entries
from dashboard.monitor.addresses import AddressError, checked_address, with_kept_secret
from dashboard.monitor.handle import MonitorError
from dashboard.values import CameraSpec, SourceKind

POOL = CameraSpec("a", "Pool", SourceKind.FILE, "x.mp4")
GATE = CameraSpec("b", "Straße", SourceKind.FILE, "y.mp4")


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        pytest.param("", "The name is empty.", id="empty"),
        pytest.param("   ", "The name is empty.", id="spaces"),
        pytest.param(None, "The name must be text.", id="null"),
        pytest.param(5, "The name must be text.", id="number"),
        pytest.param(["a"], "The name must be text.", id="list"),
        pytest.param("x" * 101, "The name is longer than 100 characters.", id="long"),
        pytest.param("a\nb", "The name holds a control character.", id="line break"),
        pytest.param("a\x00b", "The name holds a control character.", id="zero"),
        pytest.param("a\x1b[31mb", "The name holds a control character.", id="escape"),
        pytest.param("a\u2028b", "The name holds a control character.", id="line separator"),
        pytest.param("a\u202eb", "The name holds a control character.", id="turned direction"),
        pytest.param("a\ud800", "The name holds a control character.", id="half a surrogate"),
        pytest.param("Pool", "There is a camera named 'Pool' already.", id="taken"),
        pytest.param(" pOOL ", "There is a camera named 'pOOL' already.", id="taken in other case"),
        pytest.param("STRASSE", "There is a camera named 'STRASSE' already.", id="taken, folded"),
        pytest.param("Ｐｏｏｌ", "There is a camera named 'Ｐｏｏｌ' already.", id="taken, full width"),
    ],
)
def test_a_name_is_refused(value: object, reason: str) -> None:
    with pytest.raises(MonitorError) as refused:
        entries.name({"name": value}, [POOL, GATE])
    assert str(refused.value) == reason


@pytest.mark.parametrize(
    "value", ["x", "x" * 100, "Pool 2", "プール", "<b>Pool</b>", "'; drop table", "👨‍👩‍👧"]
)
def test_a_name_is_taken(value: str) -> None:
    assert entries.name({"name": f" {value} "}, [POOL, GATE]) == value


@pytest.mark.parametrize("value", ["", "RTSP", "ftp", None, 3, True, ["rtsp"]])
def test_a_kind_is_refused(value: object) -> None:
    with pytest.raises(MonitorError, match="rtsp, usb, file, browser, simulated"):
        entries.kind({"kind": value})


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        pytest.param("10", "must be a number", id="text"),
        pytest.param(True, "must be a number", id="true"),
        pytest.param(float("nan"), "must be a number", id="nan"),
        pytest.param(float("inf"), "must be between", id="infinite"),
        pytest.param(10**400, "must be between", id="beyond any float"),
        pytest.param(0, "must be between 0.1 and 120", id="zero"),
        pytest.param(-5, "must be between", id="negative"),
        pytest.param(121, "must be between", id="too many"),
    ],
)
def test_a_frame_rate_is_refused(value: Any, reason: str) -> None:
    with pytest.raises(MonitorError, match=reason):
        entries.max_fps({"max_fps": value}, None)


def test_a_back_end_needs_its_weights(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("POOLWATCH_MODELS", str(tmp_path))
    assert entries.backend({}, "openpose-omz") == "openpose-omz"  # what was chosen before stays chosen
    assert entries.backend({"backend": "poolwatch"}, "poolwatch") == "poolwatch"
    for value in ("yolo", 3, None, ["poolwatch"]):
        with pytest.raises(MonitorError, match="must be one of poolwatch, mediapipe"):
            entries.backend({"backend": value}, "poolwatch")
    with pytest.raises(MonitorError, match="models install openpose-tf"):
        entries.backend({"backend": "openpose-tf"}, "poolwatch")


@pytest.mark.parametrize(("args", "rate"), [({}, 5.0), ({"max_fps": None}, None), ({"max_fps": 10}, 10.0)])
def test_a_frame_rate_is_taken(args: dict[str, Any], rate: float | None) -> None:
    assert entries.max_fps(args, 5.0) == rate


@pytest.mark.parametrize("value", ["true", 1, None, []])
def test_a_switch_is_refused(value: object) -> None:
    with pytest.raises(MonitorError, match="'loop' must be true or false"):
        entries.flag({"loop": value}, "loop", True)


@pytest.mark.parametrize(
    "value",
    [
        pytest.param("ab", id="text"),
        pytest.param([], id="none"),
        pytest.param(["a"], id="one left out"),
        pytest.param(["a", "a"], id="one twice"),
        pytest.param(["a", "b", "b"], id="both and one twice"),
        pytest.param(["a", "c"], id="a stranger"),
        pytest.param(["a", 5], id="a number"),
        pytest.param([["a"], "b"], id="a list inside"),
    ],
)
def test_an_order_is_refused(value: object) -> None:
    with pytest.raises(MonitorError):
        entries.ids({"ids": value}, [POOL, GATE])


def test_an_order_is_taken() -> None:
    assert entries.ids({"ids": ["b", "a"]}, [POOL, GATE]) == ["b", "a"]
    assert entries.ids({"ids": []}, []) == []


@pytest.mark.parametrize("value", ["", "c", None, 5, {}])
def test_a_camera_that_is_not_there(value: object) -> None:
    with pytest.raises(MonitorError, match="no such camera"):
        entries.camera({"id": value}, [POOL, GATE])


def test_fields_too_many_or_missing_are_named() -> None:
    with pytest.raises(MonitorError, match="'nmae'"):
        entries.check_fields({"nmae": "x"}, ("name",))
    with pytest.raises(MonitorError, match="'name' is missing"):
        entries.check_fields({}, ("name",), ("name",))


@pytest.fixture
def stories(tmp_path: Path) -> Path:
    folder = tmp_path / "stories"
    folder.mkdir()
    (folder / "garden_pool.yaml").write_text("")
    (folder / "night.yaml").write_text("")
    return folder


@pytest.mark.parametrize(
    ("kind", "address", "reason"),
    [
        pytest.param(SourceKind.RTSP, "", "starts with rtsp://", id="no address"),
        pytest.param(SourceKind.RTSP, "ftp://host/x", "starts with rtsp://", id="scheme"),
        pytest.param(SourceKind.RTSP, "file:///etc/passwd", "starts with rtsp://", id="a file"),
        pytest.param(SourceKind.RTSP, "rtsp://u:p@/x", "names no host", id="no host"),
        pytest.param(SourceKind.RTSP, "rtsp://h:99999/", "port", id="port"),
        pytest.param(SourceKind.RTSP, "rtsp://h/" + "x" * 2000, "longer than 2000", id="long"),
        pytest.param(SourceKind.USB, "/etc/passwd", "webcam is named by", id="no device"),
        pytest.param(SourceKind.FILE, "", "No file is named.", id="no file"),
        pytest.param(SourceKind.FILE, "/nowhere/x.mp4", "There is no file at /nowhere/x.mp4.", id="gone"),
        pytest.param(SourceKind.FILE, "/", "folder", id="folder"),
        pytest.param(SourceKind.FILE, "/dev/null", "is not a file", id="device"),
        pytest.param(SourceKind.BROWSER, "x", "has no address", id="browser"),
        pytest.param(SourceKind.SIMULATED, "", "There are: garden_pool, night.", id="no story"),
        pytest.param(SourceKind.SIMULATED, "beach:overview", "There are: garden_pool, night.", id="story"),
        pytest.param(SourceKind.SIMULATED, "../night:overview", "There are: garden_pool", id="path"),
        pytest.param(SourceKind.SIMULATED, "night", "overview and entrance", id="no view"),
        pytest.param(SourceKind.SIMULATED, "night:roof", "overview and entrance", id="view"),
    ],
)
def test_an_address_is_refused(kind: SourceKind, address: str, reason: str, stories: Path) -> None:
    with pytest.raises(AddressError) as refused:
        checked_address(kind, address, stories)
    assert reason in str(refused.value)
    assert not str(refused.value)[0].islower() and str(refused.value).endswith(".")


def test_a_refusal_never_repeats_a_password() -> None:
    for address in ("rtsp://u:secret@", "rtsp://u:secret@h:port/", "ftp://u:secret@h/", "rtsp://u:se cret@h"):
        with pytest.raises(AddressError) as refused:
            checked_address(SourceKind.RTSP, address)
        assert "secret" not in str(refused.value) and "se cret" not in str(refused.value)


def test_addresses_are_taken(stories: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "x.mp4").write_bytes(b"x")
    monkeypatch.chdir(tmp_path)
    assert checked_address(SourceKind.FILE, "x.mp4") == str(tmp_path / "x.mp4")
    assert checked_address(SourceKind.RTSP, "rtsp://u:p@h/x") == "rtsp://u:p@h/x"
    assert checked_address(SourceKind.USB, "0") == "0"
    assert checked_address(SourceKind.BROWSER, "") == ""
    assert checked_address(SourceKind.SIMULATED, "night:entrance", stories) == "night:entrance"


KEPT = "rtsp://user:pass@cam.local/live?token=abc"


@pytest.mark.parametrize(
    ("typed", "kept", "meant"),
    [
        pytest.param("rtsp://***@cam.local/live?token=***", KEPT, KEPT, id="as it is shown"),
        pytest.param("rtsp://new:word@other/x", KEPT, "rtsp://new:word@other/x", id="all new"),
        pytest.param("rtsp://other/x", KEPT, "rtsp://other/x", id="without credentials"),
        pytest.param("rtsp://***@cam.local/sub", KEPT, "rtsp://user:pass@cam.local/sub", id="another path"),
        pytest.param("rtsp://***@CAM.local:554/b", KEPT, "rtsp://user:pass@CAM.local:554/b", id="same place"),
    ],
)
def test_an_edit_keeps_what_is_hidden(typed: str, kept: str, meant: str) -> None:
    assert with_kept_secret(typed, kept) == meant


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        pytest.param("rtsp://***@evil.example/live", KEPT, id="another host"),
        pytest.param("rtsp://***@cam.local:8554/live", KEPT, id="another port"),
        pytest.param("http://***@cam.local:554/live", KEPT, id="in the clear"),
        pytest.param("rtsp://***@cam.local/other?token=***", KEPT, id="a hidden token elsewhere"),
        pytest.param("rtsp://***@cam.local@evil.example/", KEPT, id="a second at sign"),
        pytest.param("rtsp://***:x@cam.local/", KEPT, id="half hidden"),
        pytest.param("***", KEPT, id="all hidden"),
    ],
)
def test_an_edit_sends_nothing_hidden_elsewhere(typed: str, kept: str) -> None:
    with pytest.raises(AddressError, match="type them again") as refused:
        with_kept_secret(typed, kept)
    assert "pass" not in str(refused.value).replace("password", "")
