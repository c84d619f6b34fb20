"""The routes of clips: lists, one, what is said of it, files by number; over a monitor that answers from
memory and a folder with real recordings."""

from __future__ import annotations

import gzip
import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import av
import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from dashboard.accounts.roles import NOBODY, Account, Right, Role, right_of_path
from dashboard.web import service
from dashboard.web.clip_files import clip_file, file_name, is_clip_id
from dashboard.web.clips import MAX_BODY_BYTES
from dashboard.web.routes import routes
from dashboard.web.service import Service
from tests.unit.clips_stage import NEWEST, PASSPHRASE, RATE, SECONDS, ClipsHandle, entry, number
from tests.unit.fake_monitor import HandClock

FOREIGN = {"origin": "https://elsewhere.example"}
FIRST = number(0)
DAY = f"{NEWEST:%Y-%m-%d}"


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """What `POOLWATCH_DATA` says in a test."""
    return tmp_path / "data"


@pytest.fixture
def handle(data: Path) -> ClipsHandle:
    return ClipsHandle(data, 3)


@pytest.fixture
def client(handle: ClipsHandle) -> Iterator[TestClient]:
    service.install(Service(handle, HandClock()))
    with TestClient(Starlette(routes=routes())) as client:
        yield client
    service.uninstall()


def deed(client: TestClient, what: str, clip: str = FIRST, **fields: Any) -> Any:
    return client.post(f"/api/clips/{clip}/{what}", json=fields)


# Lists


def test_without_the_servers_own_door_there_is_nothing() -> None:
    with TestClient(Starlette(routes=routes())) as client:
        paths = (
            "/api/clips",
            "/api/clips/night",
            "/api/clips/words",
            f"/api/clips/{FIRST}",
            f"/clips/{FIRST}/real",
        )
        assert [client.get(path).status_code for path in paths] == [503] * 5
        assert client.post(f"/api/clips/{FIRST}/keep", json={"kept": True}).status_code == 503


def test_clips_come_with_words(client: TestClient, handle: ClipsHandle) -> None:
    found = client.get("/api/clips?limit=2").json()
    assert [clip["id"] for clip in found["clips"]] == [number(0), number(1)]
    clip = found["clips"][0]
    assert (clip["what"], clip["mark"], clip["level_words"]) == ("Under water", "■", "Emergency")
    assert clip["events"][0]["text"] == "Guest 2 is under water in the pool"
    older = client.get("/api/clips", params={"limit": "2", "before": found["before"]}).json()
    assert ([clip["id"] for clip in older["clips"]], older["before"]) == ([number(2)], None)
    handle.connected = False
    gone = client.get("/api/clips")
    assert (gone.status_code, gone.json()) == (503, {"error": "The monitor is not running."})


def test_filters_go_to_the_monitor_as_it_takes_them(client: TestClient, handle: ClipsHandle) -> None:
    asked = (
        "kinds=animal&kinds=submersion&levels=notice&camera=c1&person=&text=a+cat&kept=1&limit=5&unknown=1"
    )
    assert client.get(f"/api/clips?{asked}").status_code == 200
    assert handle.requests[-1] == (
        "clips.list",
        {
            "kinds": ["animal", "submersion"],
            "levels": ["notice"],
            "camera": "c1",
            "text": "a cat",
            "kept": True,
        }
        | {"limit": 5},
    )
    too_much = client.get("/api/clips", params={"text": "x" * 101})
    assert (too_much.status_code, too_much.json()) == (422, {"error": "That is more than can be asked for."})
    assert client.get("/api/clips?" + "kinds=a&" * 51).status_code == 422
    client.get("/api/clips?limit=99999999999999999999")
    assert handle.requests[-1] == ("clips.list", {})


def test_the_night_and_what_there_is_to_ask_for(client: TestClient) -> None:
    night = client.get("/api/clips/night").json()
    assert night["counts"][0] == {"kind": "submersion", "what": "Under water", "count": 1}
    assert len(night["clips"]) == 3 and night["disk"]["low"] is False
    words = client.get("/api/clips/words").json()
    assert {"id": "animal", "words": "Animal"} in words["kinds"]
    assert [one["id"] for one in words["labels"]] == [
        "false_alarm",
        "pet",
        "wildlife",
        "person",
        "toy",
        "drill",
    ]
    assert words["cameras"] == [{"id": "c1", "name": "Overview"}, {"id": "c2", "name": "Entrance"}]


def test_one_clip_with_its_neighbours(client: TestClient) -> None:
    found = client.get(f"/api/clips/{number(1)}").json()
    assert (found["newer"], found["older"]) == (number(0), number(2))
    assert found["clip"]["what"] == "Somebody came"
    # Among those that are asked for.
    only = client.get(f"/api/clips/{number(0)}?camera=c1").json()
    assert (only["newer"], only["older"]) == (None, number(2))


# What is said of it


def test_label_keep_note_delete(client: TestClient, handle: ClipsHandle) -> None:
    assert deed(client, "label", label="pet", who="Anna").status_code == 200
    assert deed(client, "keep", kept=True).status_code == 200
    assert deed(client, "note", note="<b>Mia</b>").status_code == 200
    clip = client.get(f"/api/clips/{FIRST}").json()["clip"]
    assert (clip["label"], clip["kept"], clip["note"]) == ("pet", True, "<b>Mia</b>")
    assert deed(client, "label", label=None).status_code == 200
    said = dict(handle.requests)["clips.label"]
    assert said["who"] == "Test" and said["where"] == "Clips at testclient"
    assert [args["who"] for what, args in handle.requests if what == "clips.label"] == ["Test", "Test"]
    assert deed(client, "delete").status_code == 200
    assert client.get(f"/api/clips/{FIRST}").status_code == 422
    assert deed(client, "delete").json() == {"error": "There is no such clip (any more)."}


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (b"", "That is no JSON."),
        (b"[]", "A JSON object is expected."),
        (b"[" * 10_000, "That is no JSON."),
        (b'{"label": "pet", "command": "x"}', "Expected: label (and who)."),
        (b"{}", "Expected: label (and who)."),
        (b" " * (MAX_BODY_BYTES + 1), "That is larger than 16 kB."),
    ],
)
def test_what_is_no_deed_is_refused(client: TestClient, handle: ClipsHandle, body: bytes, why: str) -> None:
    found = client.post(f"/api/clips/{FIRST}/label", content=body)
    assert (found.status_code, found.json()) == (422, {"error": why})
    assert handle.requests == []


def test_a_page_of_another_site_changes_nothing(client: TestClient, handle: ClipsHandle) -> None:
    for what, fields in (
        ("delete", {}),
        ("label", {"label": "pet"}),
        ("open", {"secret": "x", "reason": "y"}),
    ):
        found = client.post(f"/api/clips/{FIRST}/{what}", json=fields, headers=FOREIGN)
        assert (found.status_code, found.json()) == (
            403,
            {"error": "Only Poolwatch's own pages may do this."},
        )
    assert handle.requests == [] and client.get(f"/api/clips/{FIRST}/delete").status_code == 405


# Files


def test_the_video_comes_in_parts_and_plays(client: TestClient, handle: ClipsHandle) -> None:
    whole = client.get(f"/clips/{FIRST}/video")
    assert (whole.status_code, whole.headers["content-type"]) == (200, "video/mp4")
    assert whole.headers["cache-control"].startswith("private") and whole.headers["etag"]
    assert whole.headers["cross-origin-resource-policy"] == "same-origin"
    with av.open(io.BytesIO(whole.content)) as container:
        stream = container.streams.video[0]
        assert (stream.codec_context.name, stream.codec_context.pix_fmt) == ("h264", "yuv420p")
        assert sum(1 for _ in container.decode(stream)) == RATE * SECONDS
    part = client.get(f"/clips/{FIRST}/video", headers={"range": "bytes=100-199"})
    assert (part.status_code, part.content) == (206, whole.content[100:200])
    assert client.get(f"/clips/{FIRST}/video", headers={"range": "bytes=9999999-"}).status_code == 416
    again = client.get(f"/clips/{FIRST}/video", headers={"if-none-match": whole.headers["etag"]})
    assert again.status_code == 304
    # Pictures and tracks are there while nobody judges.
    handle.connected = False
    thumb = client.get(f"/clips/{FIRST}/thumb")
    assert thumb.headers["content-type"] == "image/jpeg" and thumb.content[:2] == b"\xff\xd8"
    track = client.get(f"/clips/{FIRST}/track")
    assert track.headers["content-encoding"] == "gzip"
    lines = [json.loads(line) for line in track.text.splitlines()]
    assert lines[0]["size"] == [640, 360] and lines[1]["people"][0]["id"] == 7


@pytest.mark.parametrize(
    "clip",
    [
        "",
        "..",
        "%2e%2e",
        "..%2f..%2fpoolwatch",
        f"..%2f{FIRST}",
        f"{DAY}%2f{FIRST}",
        FIRST[:-1],
        FIRST + "0",
        FIRST[:-1] + "A",
        FIRST[:-1] + "g",
        FIRST[:-2] + "%00",
        FIRST[:-1] + "%0a",
        FIRST[:-1] + "%D9%A1",
        "*" * 32,
        "a" * 10_000,
    ],
)
def test_a_number_that_is_none_reaches_no_file(client: TestClient, handle: ClipsHandle, clip: str) -> None:
    for what in ("video", "thumb", "track", "real", "download"):
        assert client.get(f"/clips/{clip}/{what}").status_code == 404
    assert client.post(f"/api/clips/{clip}/delete", json={}).status_code == 404
    assert handle.requests == []


def test_only_a_clips_own_files_are_there(client: TestClient, data: Path) -> None:
    (data / "clips" / DAY / f"{FIRST}.sealed").write_bytes(b"sealed")
    for what in ("sealed", "mp4", "jpg", "", "video/..", "video.mp4", "..%2fvideo"):
        assert client.get(f"/clips/{FIRST}/{what}").status_code == 404


def test_links_lead_nowhere(client: TestClient, data: Path, tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_bytes(b"secret")
    linked, elsewhere = number(100), number(101)
    (data / "clips" / DAY / f"{linked}.mp4").symlink_to(secret)
    (data / "clips" / DAY / f"{number(102)}.mp4").mkdir()
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / f"{elsewhere}.mp4").write_bytes(b"secret")
    (data / "clips" / "2023-11-18").symlink_to(outside, target_is_directory=True)
    (data / "clips" / "other").mkdir()
    (data / "clips" / "other" / f"{number(103)}.mp4").write_bytes(b"secret")
    for clip in (linked, elsewhere, number(102), number(103)):
        assert client.get(f"/clips/{clip}/video").status_code == 404
    # The folder itself may be a link: to a larger disk.
    (data / "clips").rename(tmp_path / "disk")
    (data / "clips").symlink_to(tmp_path / "disk", target_is_directory=True)
    assert client.get(f"/clips/{FIRST}/video").status_code == 200


def test_a_link_that_came_after_the_look_is_not_followed(
    data: Path, handle: ClipsHandle, tmp_path: Path
) -> None:
    found = clip_file(data, FIRST, "video")
    assert found is not None and len(found.read(0, 10)) == 10
    (tmp_path / "secret").write_bytes(b"secret")
    path = data / "clips" / DAY / f"{FIRST}.mp4"
    path.unlink()
    assert found.read(0, 10) == b""
    path.symlink_to(tmp_path / "secret")
    assert found.read(0, 10) == b""


def test_missing_files_are_told(client: TestClient, data: Path, handle: ClipsHandle) -> None:
    handle.clips.append(entry(7, state="damaged"))
    assert client.get(f"/clips/{number(7)}/video").status_code == 404
    assert client.get(f"/api/clips/{number(7)}").json()["clip"]["state"] == "damaged"
    (data / "clips" / DAY / f"{FIRST}.track.gz").unlink()
    assert client.get(f"/clips/{FIRST}/track").status_code == 404
    (data / "clips" / DAY / f"{FIRST}.mp4").write_bytes(b"")
    assert client.get(f"/clips/{FIRST}/video").content == b""


def test_a_saved_file_says_where_and_when(client: TestClient, handle: ClipsHandle) -> None:
    handle.clips[0]["camera_name"] = 'Ti\u00e9fe \u2764/"..\\\r\nSet-Cookie: x'
    found = client.get(f"/clips/{FIRST}/download?tz=Europe/Berlin&who=Anna")
    assert (found.status_code, found.headers["content-type"]) == (200, "video/mp4")
    said = found.headers["content-disposition"]
    assert said.startswith('attachment; filename="Ti_fe _')
    assert (
        unquote(said.partition("UTF-8''")[2]) == "Ti\u00e9fe \u2764 .. Set-Cookie x 2023-11-17 18-00-00.mp4"
    )
    assert "set-cookie" not in found.headers
    assert handle.exported == [(FIRST, "Test")]
    client.head(f"/clips/{FIRST}/download")
    assert len(handle.exported) == 1
    handle.refuse["clips.exported"] = "The database is full."
    assert client.get(f"/clips/{FIRST}/download").status_code == 422


@pytest.mark.parametrize(
    ("camera", "zone", "name"),
    [
        ("Pool", "UTC", "Pool 2023-11-17 17-00-00.mp4"),
        ("Pool", "Asia/Tokyo", "Pool 2023-11-18 02-00-00.mp4"),
        ("../../etc/passwd", "UTC", "etc passwd 2023-11-17 17-00-00.mp4"),
        (" . ", "UTC", "Camera 2023-11-17 17-00-00.mp4"),
        ("", "UTC", "Camera 2023-11-17 17-00-00.mp4"),
        ("x" * 500, "UTC", "x" * 39 + "\u2026 2023-11-17 17-00-00.mp4"),
    ],
)
def test_names_of_files(camera: str, zone: str, name: str) -> None:
    assert file_name(camera, NEWEST.isoformat(), zone) == name


def test_a_zone_that_is_none_is_this_machines(tmp_path: Path) -> None:
    for zone in ("", "Nowhere/Land", "../../etc/passwd", "\x00"):
        assert file_name("Pool", NEWEST.isoformat(), zone).startswith("Pool 2023-11-1")


def test_the_real_picture_only_while_it_is_open(client: TestClient, handle: ClipsHandle) -> None:
    handle.real = bytes(range(256)) * 4000
    sealed = client.get(f"/clips/{FIRST}/real")
    assert (sealed.status_code, sealed.json()) == (403, {"error": "The real picture of this clip is sealed."})
    wrong = deed(client, "open", secret="guess", reason="curious")
    assert (wrong.status_code, wrong.json()) == (422, {"error": "That is not the passphrase."})
    assert deed(client, "open", secret=PASSPHRASE, reason="Who was it?").json()["until_utc"]
    real = client.get(f"/clips/{FIRST}/real")
    assert real.content == handle.real and real.headers["cache-control"] == "no-store"
    part = client.get(f"/clips/{FIRST}/real", headers={"range": "bytes=500000-"})
    assert (part.status_code, part.content) == (206, handle.real[500_000:])
    # Who begins to look is written down, not every part that the browser fetches.
    assert handle.watched == [FIRST]
    assert client.get(f"/clips/{number(1)}/real").status_code == 403
    deed(client, "close")
    assert client.get(f"/clips/{FIRST}/real").status_code == 403


def test_a_number_is_32_digits() -> None:
    assert is_clip_id("0123456789abcdef" * 2)
    assert not any(
        is_clip_id(text) for text in ("", FIRST + "\n", "\n" + FIRST, FIRST.upper() + "x", "f" * 31)
    )


def test_the_track_is_the_recorders_own(data: Path, handle: ClipsHandle) -> None:
    found = clip_file(data, FIRST, "track")
    assert found is not None
    assert gzip.decompress(found.read(0, found.size)).startswith(b'{"camera"')


@pytest.mark.parametrize(
    ("role", "allowed"),
    [
        (Role.OWNER, {"look", "download", "label", "keep", "note", "delete", "open"}),
        (Role.GUARDIAN, {"look", "download", "label", "keep", "note"}),
        (Role.VIEWER, {"look", "download"}),
        (Role.NOBODY, set()),
    ],
)
def test_who_may_what(
    client: TestClient, handle: ClipsHandle, monkeypatch: pytest.MonkeyPatch, role: Role, allowed: set[str]
) -> None:
    """Behind the gate, which asks by path, the account is asked about once more."""
    account = Account("ben", "Ben" if role else "", role) if role else NOBODY
    monkeypatch.setattr(service, "without_gate", lambda: account)
    fields: dict[str, dict[str, Any]] = {
        "label": {"label": "pet"},
        "keep": {"kept": True},
        "note": {"note": "x"},
        "open": {"secret": PASSPHRASE, "reason": "x"},
        "delete": {},
    }
    done = {
        what for what, said in fields.items() if deed(client, what, who="Anna", **said).status_code == 200
    }
    after = number(1)
    done |= {"look"} if client.get(f"/api/clips/{after}").status_code == 200 else set()
    done |= {"download"} if client.get(f"/clips/{after}/download").status_code == 200 else set()
    assert done == allowed
    # Whatever name a page says, it is the account's.
    assert {args["who"] for _, args in handle.requests if "who" in args} <= {"Ben"}
    assert right_of_path("POST", f"/api/clips/{after}/label") is Right.LABEL
    assert right_of_path("POST", f"/api/clips/{after}/delete") is Right.OWN
    assert right_of_path("GET", f"/clips/{after}/real") is Right.OWN
