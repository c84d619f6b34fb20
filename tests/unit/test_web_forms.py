"""What people type into the camera form, and how what they typed is shown."""

from __future__ import annotations

import pytest

from dashboard.values import SourceKind
from dashboard.web.commands import free_name, moved
from dashboard.web.forms import KINDS, CameraEntry, address_problem, check
from dashboard.web.text import as_markdown, one_line

ADDRESSES = [
    pytest.param("rtsp", "", False, id="rtsp empty"),
    pytest.param("rtsp", "rtsp://10.0.0.5/stream", True, id="rtsp"),
    pytest.param("rtsp", "rtsps://a:b%40c@cam.local:322/x?y=1", True, id="rtsps with credentials"),
    pytest.param("rtsp", "rtsp://***@10.0.0.5/stream", True, id="rtsp with hidden credentials"),
    pytest.param("rtsp", "http://10.0.0.5/stream", False, id="rtsp but http"),
    pytest.param("rtsp", "10.0.0.5", False, id="rtsp without scheme"),
    pytest.param("rtsp", "rtsp://", False, id="rtsp without host"),
    pytest.param("rtsp", "rtsp://a:p@ss/w:x@h:y/", False, id="rtsp with raw marks in the password"),
    pytest.param("rtsp", "rtsp://h:99999/", False, id="rtsp with an impossible port"),
    pytest.param("rtsp", "rtsp://[::1/x", False, id="rtsp with a cut IPv6"),
    pytest.param("rtsp", "rtsp://h/\nx", False, id="rtsp with a line break"),
    pytest.param("rtsp", "rtsp://h/" + "x" * 3000, False, id="rtsp too long"),
    pytest.param("usb", "", False, id="usb empty"),
    pytest.param("usb", "0", True, id="usb number"),
    pytest.param("usb", "/dev/video2", True, id="usb path"),
    pytest.param("usb", "-1", False, id="usb negative"),
    pytest.param("usb", "camera", False, id="usb word"),
    pytest.param("usb", "٣", False, id="usb digit of another script"),
    pytest.param("file", "", False, id="file empty"),
    pytest.param("file", "/home/me/a b.mp4", True, id="file with a blank"),
    pytest.param("file", "https://x/y.mp4", False, id="file from the web"),
    pytest.param("simulated", "garden_pool:overview", True, id="scene"),
    pytest.param("simulated", "garden_pool", False, id="scene without view"),
    pytest.param("browser", "", True, id="browser"),
]


@pytest.mark.parametrize(("kind", "address", "fine"), ADDRESSES)
def test_addresses(kind: str, address: str, fine: bool) -> None:
    assert (address_problem(SourceKind(kind), address) == "") is fine


def test_messages_do_not_repeat_an_address() -> None:
    for kind in SourceKind:
        problem = address_problem(kind, "http://anna:geheim123@cam:99999/\x07")
        assert "geheim123" not in problem


def test_every_kind_has_words() -> None:
    assert set(KINDS) == set(SourceKind)


NAMES = [
    pytest.param("", "Give the camera a name", id="empty"),
    pytest.param(" \n\t\u202e", "Give the camera a name", id="nothing that shows"),
    pytest.param("x" * 10_000, "10000 characters", id="10 kB"),
    pytest.param("pool", "has this name already", id="taken, in other letters"),
    pytest.param("Pool 🏊", "", id="emoji"),
    pytest.param("<b>", "", id="html is a name like any other"),
]


@pytest.mark.parametrize(("name", "problem"), NAMES)
def test_names(name: str, problem: str) -> None:
    found = check(CameraEntry(name, SourceKind.BROWSER), ["Pool"]).errors.get("name", "")
    assert problem in found
    assert bool(problem) == bool(found)


def test_kept_address_is_not_checked_again() -> None:
    entry = CameraEntry("Pool", SourceKind.RTSP, "rtsp://***", keeps_address=True)
    assert check(entry, []).errors == {}


@pytest.mark.parametrize(
    ("fps", "fine"), [(None, True), (0.5, True), (60.0, True), (0.1, False), (61.0, False)]
)
def test_frames_a_second(fps: float | None, fine: bool) -> None:
    assert ("max_fps" not in check(CameraEntry("a", SourceKind.BROWSER, max_fps=fps), []).errors) is fine


TEXTS = [
    pytest.param("", "", id="empty"),
    pytest.param("a\nb\tc\x00d", "a b c d", id="controls become blanks"),
    pytest.param("a\u202ecod.exe", "a cod.exe", id="turned reading direction"),
    pytest.param("👩\u200d👦", "👩\u200d👦", id="joined emoji stay whole"),
    pytest.param("x" * 70, "x" * 59 + "…", id="cut"),
]


@pytest.mark.parametrize(("text", "shown"), TEXTS)
def test_one_line(text: str, shown: str) -> None:
    assert one_line(text) == shown


def test_markdown_shows_marks_and_obeys_none() -> None:
    assert as_markdown("<b>[a](b) :red[c] $x$ `d`") == ("\\<b\\>\\[a\\]\\(b\\) \\:red\\[c\\] \\$x\\$ \\`d\\`")


FREE = [
    pytest.param(set(), "Pool", id="nothing taken"),
    pytest.param({"pool"}, "Pool 2", id="taken"),
    pytest.param({"Pool", "POOL 2", "Gate"}, "Pool 3", id="twice taken"),
]


@pytest.mark.parametrize(("taken", "name"), FREE)
def test_free_name(taken: set[str], name: str) -> None:
    assert free_name("Pool", taken) == name


MOVES = [
    pytest.param("a", -1, "abc", id="first stays first"),
    pytest.param("a", 1, "bac", id="down"),
    pytest.param("c", -1, "acb", id="up"),
    pytest.param("c", 1, "abc", id="last stays last"),
]


@pytest.mark.parametrize(("camera", "step", "order"), MOVES)
def test_moved(camera: str, step: int, order: str) -> None:
    assert "".join(moved(list("abc"), camera, step)) == order
