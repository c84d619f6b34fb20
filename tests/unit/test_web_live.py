"""Answers to pulls, the WebSocket's gate, health: over a handle that answers from memory."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient, WebSocketTestSession
from starlette.websockets import WebSocketDisconnect

from dashboard.monitor.handle import CAMERA, REDACTED, CameraView
from dashboard.web import service
from dashboard.web.health import health_of
from dashboard.web.live import BodyCache, TabFeed
from dashboard.web.origin import origin_allowed
from dashboard.web.protocol import Pull
from dashboard.web.routes import routes
from dashboard.web.service import Service
from tests.unit.fake_monitor import OPENED, FakeHandle, HandClock

PERSON = {"id": 1, "state": "confirmed", "seen_t": 999.9}


def view(camera: str, seq: int, kind: str = REDACTED, picture: int = 1, t: float = 999.9) -> CameraView:
    observation = {"people": [PERSON], "size": [640, 480]}
    stats = {"state": "live", "fps": 15.0, "reason": ""}
    return CameraView(camera, seq, t, kind, f"jpeg {kind} {picture}".encode(), picture, observation, stats)


class Room:
    """One monitor with two cameras, and one tab."""

    def __init__(self) -> None:
        self.handle = FakeHandle()
        self.clock = HandClock()
        for name in ("Pool", "Gate"):
            self.handle.request("cameras.add", name=name, kind="rtsp")
        self.handle.views = {(c, REDACTED): view(c, 5) for c in ("c1", "c2")}
        self.tab = TabFeed(Service(self.handle, self.clock), BodyCache(), may_open=True)
        self.roster = ""

    def pull(self, cameras: dict[str, int], kind: str = REDACTED) -> list[Any]:
        async def collect() -> list[str | bytes]:
            return [m async for m in self.tab.answer(Pull(cameras, kind, self.roster))]

        async def told() -> list[str | bytes]:
            said = await collect()
            await asyncio.gather(*asyncio.all_tasks() - {asyncio.current_task()})
            return said

        said = [m if isinstance(m, bytes) else json.loads(m) for m in asyncio.run(told())]
        for message in said:
            if isinstance(message, dict) and message["kind"] == "roster":
                self.roster = message["revision"]
        return said


@pytest.fixture
def room() -> Room:
    return Room()


def kinds(said: list[Any]) -> list[str]:
    return ["jpeg" if isinstance(m, bytes) else m["kind"] for m in said]


def test_first_pull_is_answered_with_the_roster(room: Room) -> None:
    said = room.pull({})
    assert kinds(said) == ["roster", "end"]
    assert [c["name"] for c in said[0]["cameras"]] == ["Pool", "Gate"]


def test_first_pull_sets_the_pictures_on_their_way(room: Room) -> None:
    room.handle.rows[1]["enabled"] = False
    room.pull({})
    assert room.handle.touched == [("c1", REDACTED)]


def test_each_camera_comes_with_its_picture_once(room: Room) -> None:
    room.pull({})
    assert kinds(room.pull({"c1": 0, "c2": 0})) == ["camera", "jpeg", "camera", "jpeg", "end"]
    room.handle.views["c1", REDACTED] = view("c1", 6)
    assert kinds(room.pull({"c1": 5, "c2": 5})) == ["camera", "camera", "end"]
    room.handle.views["c1", REDACTED] = view("c1", 7, picture=2)
    said = room.pull({"c1": 6, "c2": 5})
    assert kinds(said) == ["camera", "jpeg", "camera", "end"]
    assert said[1] == b"jpeg redacted 2"


def test_a_tab_that_lost_its_picture_gets_it_again(room: Room) -> None:
    room.pull({})
    room.pull({"c1": 0})
    assert kinds(room.pull({"c1": 0})) == ["camera", "jpeg", "end"]


def test_a_new_tab_gets_the_newest_and_its_age(room: Room) -> None:
    room.pull({})
    room.clock.t = 1003.9
    said = room.pull({"c1": 0})
    assert said[0]["seq"] == 5
    assert said[0]["age_s"] == 4.0
    assert said[-1]["summary"]["sentence"] == "No camera answers"


def test_camera_without_a_picture_yet(room: Room) -> None:
    room.handle.views.clear()
    room.pull({})
    assert room.pull({"c1": 0})[0] == {"kind": "waiting", "id": "c1", "state": "starting", "reason": ""}


def test_unknown_and_switched_off_cameras_are_left_out(room: Room) -> None:
    room.handle.rows[1]["enabled"] = False
    room.pull({})
    assert [m.get("id") for m in room.pull({"c2": 0, "c9": 0, "c1": 0}) if isinstance(m, dict)] == [
        "c1",
        None,
    ]


def test_real_picture_only_of_the_camera_that_the_owner_has_opened(room: Room) -> None:
    room.handle.views |= {(c, CAMERA): view(c, 5, CAMERA) for c in ("c1", "c2")}
    roster = room.pull({}, CAMERA)[0]
    assert (roster["may_open"], roster["opened"]) == (True, {})
    assert room.pull({"c1": 0}, CAMERA)[0]["view"] == REDACTED
    room.handle.open_now = {"c1": OPENED}
    assert room.pull({}, CAMERA)[0]["opened"] == {"c1": {**OPENED, "left_s": 581.0}}
    said = room.pull({"c1": 0, "c2": 0}, CAMERA)
    assert (said[0]["view"], said[1]) == (CAMERA, b"jpeg camera 1")
    assert (said[2]["view"], said[3]) == (REDACTED, b"jpeg redacted 1"), "the other camera stays sealed"
    room.handle.open_now = {}
    said = room.pull({"c1": 5}, CAMERA)
    assert said[0]["opened"] == {}
    assert b"jpeg camera 1" not in said and b"jpeg redacted 1" in said


def test_time_that_passes_is_no_new_roster(room: Room) -> None:
    room.handle.open_now = {"c1": OPENED}
    room.pull({}, CAMERA)
    room.handle.open_now = {"c1": {**OPENED, "left_s": 7.0}}
    assert "roster" not in kinds(room.pull({"c1": 0}, CAMERA))
    room.handle.open_now = {"c1": {**OPENED, "who": "Tom"}}
    assert kinds(room.pull({"c1": 0}, CAMERA))[0] == "roster"


def test_released_picture_is_sent_to_every_tab_and_sealed_again(room: Room) -> None:
    room.handle.views["c1", CAMERA] = view("c1", 5, CAMERA)
    room.pull({})
    for _ in range(2):
        assert b"jpeg camera 1" not in room.pull({"c1": 0, "c2": 0}, CAMERA), "nobody has released it"
    room.handle.pictures = {"c1"}
    said = room.pull({"c1": 5, "c2": 5})
    assert (said[0]["id"], said[0]["view"], said[0]["released"]) == ("c1", CAMERA, True)
    assert said[1] == b"jpeg camera 1"
    assert [m for m in said[2:] if isinstance(m, bytes)] == [], "the other camera stays sealed"
    assert kinds(room.pull({"c1": 0})) == ["camera", "jpeg", "end"]
    room.handle.pictures = set()
    said = room.pull({"c1": 5})
    assert (said[0]["view"], said[0]["released"], said[1]) == (REDACTED, False, b"jpeg redacted 1")


def test_until_the_first_real_picture_the_redacted_view_goes_on(room: Room) -> None:
    room.pull({})
    room.handle.pictures = {"c1"}
    room.handle.views["c1", CAMERA] = replace(view("c1", 5, CAMERA, 0), jpeg=None)
    said = room.pull({"c1": 0})
    assert (said[0]["view"], said[0]["released"], said[1]) == (REDACTED, False, b"jpeg redacted 1")
    assert {("c1", REDACTED), ("c1", CAMERA)} <= set(room.handle.touched)


def test_without_a_monitor_nothing_is_released(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dashboard.web.live.WAIT_S", 0.0)
    room.handle.views["c1", CAMERA] = view("c1", 5, CAMERA)
    room.handle.pictures = {"c1"}
    room.pull({})
    room.handle.connected = False
    assert b"jpeg camera 1" not in room.pull({"c1": 0}, CAMERA)


def test_who_saw_a_real_picture_is_told_once_for_each_release(room: Room) -> None:
    room.tab = TabFeed(Service(room.handle, room.clock), BodyCache(), "::ffff:192.168.1.7")
    room.handle.views["c1", CAMERA] = view("c1", 5, CAMERA)
    room.pull({})
    for released in ({"c1"}, {"c1"}, set(), {"c1"}):
        room.handle.pictures = set(released)
        room.pull({"c1": 0})
    told = [args for command, args in room.handle.requests if command == "picture.watched"]
    assert told == [{"camera": "c1", "where": "192.168.1.7"}] * 2


def test_zones_come_with_the_roster_and_at_once_when_they_are_edited(room: Room) -> None:
    room.pull({})
    room.handle.drawn = {"c1": [{"name": "Pool", "kind": "water", "polygon": [[0, 0], [1, 0], [1, 1]]}]}
    said = room.pull({"c1": 5})
    assert [c["zones"] for c in said[0]["cameras"]] == [room.handle.drawn["c1"], []]
    assert "roster" not in kinds(room.pull({"c1": 0}))


def test_renamed_camera_brings_a_new_roster(room: Room) -> None:
    room.pull({})
    room.handle.request("cameras.edit", id="c1", name="Deep end")
    assert room.pull({"c1": 0})[0]["cameras"][0]["name"] == "Deep end"


def test_monitor_that_is_gone_is_said(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dashboard.web.live.WAIT_S", 0.0)
    room.pull({})
    room.handle.connected = False
    end = room.pull({"c1": 5})[-1]
    assert end["monitor"] is False
    assert end["summary"]["tone"] == "danger"


def test_ten_tabs_encode_a_picture_once(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    encoded: list[object] = []

    def body(observation: object, _stats: object) -> str:
        encoded.append(observation)
        return '"observation":{},"stats":{}'

    monkeypatch.setattr("dashboard.web.protocol.camera_body", body)
    bodies = BodyCache()
    for _ in range(10):
        room.tab, room.roster = TabFeed(Service(room.handle, room.clock), bodies), ""
        room.pull({"c1": 0})
    assert len(encoded) == 1


ORIGINS = [
    pytest.param(None, "pool.local", True, id="no browser"),
    pytest.param("http://pool.local:8501", "pool.local:8501", True, id="our page"),
    pytest.param("https://Pool.local", "pool.local", True, id="capitals"),
    pytest.param("http://evil.example", "pool.local", False, id="another site"),
    pytest.param("http://pool.local.evil.example", "pool.local", False, id="looks alike"),
    pytest.param("http://pool.local:9999", "pool.local:8501", False, id="another port"),
    pytest.param("null", "pool.local", False, id="sandboxed page"),
    pytest.param("", "pool.local", False, id="empty"),
    pytest.param("file://", "", False, id="a file"),
    pytest.param("http://[", "pool.local", False, id="broken"),
]


@pytest.mark.parametrize(("origin", "host", "allowed"), ORIGINS)
def test_origins(origin: str | None, host: str | None, allowed: bool) -> None:
    assert origin_allowed(origin, host) is allowed


@pytest.fixture
def client(room: Room) -> Iterator[TestClient]:
    service.install(Service(room.handle, room.clock))
    with TestClient(Starlette(routes=routes())) as client:
        yield client
    service.uninstall()


def test_socket_answers_a_pull(client: TestClient) -> None:
    with client.websocket_connect("/ws/live") as socket:
        socket.send_text("{}")
        assert socket.receive_json()["kind"] == "roster"
        assert socket.receive_json()["kind"] == "end"


def test_no_byte_of_a_real_picture_leaves_the_socket_while_it_is_sealed(
    client: TestClient, room: Room
) -> None:
    room.handle.views["c1", CAMERA] = view("c1", 9, CAMERA)
    with client.websocket_connect("/ws/live") as socket:
        sealed = heard(socket, "{}")
        pull = json.dumps({"cameras": {"c1": 0}, "view": "camera", "roster": roster_in(sealed)})
        sealed += heard(socket, pull)
        assert not any(b"jpeg camera" in part for part in sealed) and b"jpeg redacted 1" in sealed
        room.handle.pictures = {"c1"}
        assert b"jpeg camera 1" in heard(socket, pull)
        room.handle.pictures = set()
        again = heard(socket, pull)
        assert not any(b"jpeg camera" in part for part in again) and b"jpeg redacted 1" in again


def heard(socket: WebSocketTestSession, pull: str) -> list[bytes]:
    """Everything that answers one pull, as bytes."""
    socket.send_text(pull)
    found: list[bytes] = []
    while not found or b'"kind":"end"' not in found[-1]:
        message = socket.receive()
        found.append(message.get("bytes") or message["text"].encode())
    return found


def roster_in(said: list[bytes]) -> str:
    return str(next(m for part in said if (m := json.loads(part))["kind"] == "roster")["revision"])


def test_socket_is_closed_to_other_sites(client: TestClient) -> None:
    with (
        pytest.raises(WebSocketDisconnect) as refused,
        client.websocket_connect("/ws/live", headers={"origin": "http://evil.example"}),
    ):
        pass
    assert refused.value.code == 1008


def test_socket_is_closed_before_the_monitor_is_there() -> None:
    with (
        TestClient(Starlette(routes=routes())) as client,
        pytest.raises(WebSocketDisconnect) as refused,
        client.websocket_connect("/ws/live"),
    ):
        pass
    assert refused.value.code == 1013


@pytest.mark.parametrize("message", [b"\x00\x01", "hello"], ids=["bytes", "no pull"])
def test_socket_is_closed_to_what_is_no_pull(client: TestClient, message: bytes | str) -> None:
    with client.websocket_connect("/ws/live") as socket:
        if isinstance(message, bytes):
            socket.send_bytes(message)
        else:
            socket.send_text(message)
        with pytest.raises(WebSocketDisconnect) as closed:
            socket.receive_json()
        assert closed.value.code == 1003


def test_health_is_whole(client: TestClient) -> None:
    answer = client.get("/healthz")
    assert (answer.status_code, answer.json()["status"]) == (200, "ok")


def test_health_names_what_is_missing_and_nothing_private(client: TestClient, room: Room) -> None:
    room.handle.rows[1].update(state="blind", address="rtsp://a:b@c")
    room.handle.rows[0].update(state="blind", enabled=False)
    answer = client.get("/healthz")
    assert (answer.status_code, answer.json()["missing"]) == (503, ["camera 2"])
    assert "Gate" not in answer.text
    assert "rtsp" not in answer.text


def test_health_tells_a_camera_that_does_not_see_well_from_one_that_does_not_answer(
    client: TestClient, room: Room
) -> None:
    room.handle.rows[0].update(state="live", reason="this machine is too slow")
    room.handle.rows[1].update(state="starting")
    told = client.get("/healthz").json()
    assert (told["missing"], told["poor"], told["starting"]) == (
        ["camera 1", "camera 2"],
        ["camera 1"],
        ["camera 2"],
    )


def test_health_without_a_monitor(room: Room) -> None:
    assert health_of(None).missing == ("monitor",)
    room.handle.connected = False
    assert health_of(Service(room.handle, room.clock)).missing == ("monitor",)


def test_what_the_owner_has_opened_is_shown_to_nobody_else() -> None:
    """What an alarm has opened is."""
    room = Room()
    room.handle.open_now = {"c1": OPENED, "c2": OPENED}
    room.tab = TabFeed(Service(room.handle, room.clock), BodyCache(), may_open=False)
    room.handle.views |= {(c, CAMERA): view(c, 6, CAMERA, 2) for c in ("c1", "c2")}
    roster = room.pull({}, CAMERA)[0]
    assert (roster["may_open"], roster["opened"]) == (False, {})
    assert {m["view"] for m in room.pull({"c1": 0}, CAMERA) if isinstance(m, dict) and "view" in m} == {
        REDACTED
    }
    room.handle.pictures = {"c1"}
    assert {m["view"] for m in room.pull({"c1": 0}) if isinstance(m, dict) and "view" in m} == {CAMERA}
