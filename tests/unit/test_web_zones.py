"""The routes of the zones page: what is listed, the picture, a save with a revision, a file. The handle
answers from memory."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from dashboard.monitor.handle import REDACTED, CameraView, MonitorError, Reply
from dashboard.web import service
from dashboard.web.routes import routes
from dashboard.web.service import Service
from dashboard.web.zones import MAX_BODY_BYTES
from tests.unit.fake_monitor import FakeHandle, HandClock

POOL = {"name": "pool", "kind": "water", "polygon": [[0, 0], [1, 0], [1, 1]]}
FOREIGN = {"origin": "https://elsewhere.example"}


class Zones(FakeHandle):
    """One camera, `c1`, with a revision as the monitor keeps it."""

    def __init__(self) -> None:
        super().__init__()
        self._cameras_add("Pool", "rtsp", "rtsp://secret@host")
        self.kept: dict[str, Any] = {"revision": 3, "default": False, "by": "Anna", "zones": []}

    def _zones_list(self) -> Reply:
        return Reply({"zones": {"c1": dict(self.kept)}, "templates": [], "limits": {}})

    def _zones_set(self, camera: str, zones: Any, revision: int, who: str | None = None) -> Reply:
        if revision != self.kept["revision"]:
            raise MonitorError("Anna has changed these zones meanwhile: load them anew.")
        if not zones:
            raise MonitorError("Zone 1 ('x'): too small.")
        self.kept = {"revision": revision + 1, "default": False, "by": who or "", "zones": zones}
        return Reply({"revision": revision + 1, "notes": []})

    def _zones_read(self, text: str) -> Reply:
        return Reply({"zones": json.loads(text)})

    def look(self, jpeg: bytes | None = b"jpeg", state: str = "live", reason: str = "") -> None:
        stats = {"state": state, "reason": reason}
        view = CameraView("c1", 5, 1.0, REDACTED, jpeg, 7, {"size": [1920, 1080]}, stats)
        self.views["c1", REDACTED] = view


@pytest.fixture
def handle() -> Zones:
    return Zones()


@pytest.fixture
def client(handle: Zones) -> Iterator[TestClient]:
    service.install(Service(handle, HandClock()))
    with TestClient(Starlette(routes=routes())) as client:
        yield client
    service.uninstall()


def test_without_the_servers_own_door_there_is_nothing() -> None:
    with TestClient(Starlette(routes=routes())) as client:
        assert [client.get(path).status_code for path in ("/api/zones", "/api/zones/c1/picture")] == [503] * 2
        assert client.put("/api/zones/c1", json={}).status_code == 503


def test_cameras_are_listed_without_their_addresses(client: TestClient, handle: Zones) -> None:
    found = client.get("/api/zones").json()
    assert found["cameras"][0]["name"] == "Pool" and "secret" not in str(found)
    assert found["zones"]["c1"]["revision"] == 3
    handle.connected = False
    gone = client.get("/api/zones")
    assert (gone.status_code, gone.json()) == (503, {"error": "The monitor is not running."})


def test_the_learnt_picture_comes_once(client: TestClient, handle: Zones) -> None:
    handle.look()
    first = client.get("/api/zones/c1/picture").json()
    assert base64.b64decode(first["jpeg"]) == b"jpeg"
    assert (first["size"], first["revision"], first["why"]) == ([1920, 1080], 3, "")
    again = client.get(f"/api/zones/c1/picture?after={first['picture']}").json()
    assert "jpeg" not in again and again["picture"] == first["picture"]
    assert {view for _, view in handle.touched} == {REDACTED}, "the real picture is never asked for"


@pytest.mark.parametrize(
    ("state", "reason", "why"),
    [
        ("starting", "", "This camera is starting."),
        ("blind", "no new picture for 5 s", "This camera does not answer: no new picture for 5 s"),
        ("blind", "", "This camera does not answer."),
    ],
)
def test_why_there_is_no_picture_of_now(
    client: TestClient, handle: Zones, state: str, reason: str, why: str
) -> None:
    handle.look(None, state, reason)
    found = client.get("/api/zones/c1/picture").json()
    assert found["why"] == why and "jpeg" not in found


def test_cameras_without_a_picture(client: TestClient, handle: Zones) -> None:
    assert client.get("/api/zones/c1/picture").json()["why"] == "This camera is starting."
    handle.rows[0]["enabled"] = False
    assert client.get("/api/zones/c1/picture").json()["why"] == "This camera is switched off."
    assert client.get("/api/zones/moon/picture").status_code == 404
    handle.refuse["zones.list"] = "The monitor is busy."
    assert client.get("/api/zones/c1/picture").json() == {"why": "The monitor is busy."}


def test_a_save_is_numbered(client: TestClient, handle: Zones) -> None:
    body = {"zones": [POOL], "revision": 3, "who": "Tom"}
    assert client.put("/api/zones/c1", json=body).json() == {"revision": 4, "notes": []}
    assert (handle.kept["zones"], handle.kept["by"]) == ([POOL], "Tom")


def test_a_save_that_comes_second_gets_what_is_there(client: TestClient, handle: Zones) -> None:
    late = client.put("/api/zones/c1", json={"zones": [POOL], "revision": 2})
    assert late.status_code == 409
    assert late.json()["theirs"] == handle.kept and "Anna has changed" in late.json()["error"]


def test_a_refused_save_says_why(client: TestClient, handle: Zones) -> None:
    refused = client.put("/api/zones/c1", json={"zones": [], "revision": 3})
    assert (refused.status_code, refused.json()) == (422, {"error": "Zone 1 ('x'): too small."})
    handle.connected = False
    assert client.put("/api/zones/c1", json={"zones": [], "revision": 3}).status_code == 503


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(b"", id="empty"),
        pytest.param(b"[1]", id="a list"),
        pytest.param(b"[" * 100_000, id="deep"),
        pytest.param(b"\xff\xfe", id="no text"),
        pytest.param(b'{"zones": []}', id="no revision"),
        pytest.param(b'{"zones": [], "revision": 3, "camera": "c2"}', id="a field too many"),
        pytest.param(b" " * (MAX_BODY_BYTES + 1), id="too long"),
    ],
)
def test_a_save_that_is_none_reaches_nobody(client: TestClient, handle: Zones, body: bytes) -> None:
    refused = client.put("/api/zones/c1", content=body)
    assert refused.status_code == 422 and len(refused.json()["error"]) < 200
    assert "zones.set" not in [command for command, _ in handle.requests]


def test_another_site_saves_and_reads_nothing(client: TestClient, handle: Zones) -> None:
    body = {"zones": [POOL], "revision": 3}
    assert client.put("/api/zones/c1", json=body, headers=FOREIGN).status_code == 403
    assert client.post("/api/zones/read", content=b"[]", headers=FOREIGN).status_code == 403
    assert handle.requests == []


def test_a_file_is_read(client: TestClient, handle: Zones) -> None:
    text = json.dumps([{"camera": "c1", **POOL}])
    with_mark = b"\xef\xbb\xbf" + text.encode()
    assert client.post("/api/zones/read", content=with_mark).json() == {"zones": json.loads(text)}
    assert "no text" in client.post("/api/zones/read", content=b"\xff").json()["error"]
    assert "larger than" in client.post("/api/zones/read", content=b" " * 200_000).json()["error"]
    handle.refuse["zones.read"] = "The file cannot be read: line 1."
    assert client.post("/api/zones/read", content=b"[").status_code == 422
