"""The pages' line to the judge: what is pushed, what may be asked, what is refused; over a handle that
answers from memory."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient, WebSocketTestSession
from starlette.websockets import WebSocketDisconnect

from dashboard.monitor.handle import MonitorError, Reply
from dashboard.web import service, site
from dashboard.web.routes import routes
from dashboard.web.service import Service
from dashboard.web.site import Asked, CommandError, Encoded, SiteNews, parse_command
from tests import waiting
from tests.unit.fake_monitor import FakeHandle, HandClock

SEVEN = {"id": 7, "who": "Tom"}


class Judge(FakeHandle):
    """With a document that a test replaces; `hold` keeps every command waiting."""

    def __init__(self) -> None:
        super().__init__()
        self.hold: threading.Event | None = None

    def request(self, command: str, payload: bytes = b"", **args: Any) -> Reply:
        if self.hold is not None:
            self.requests.append((command, args))
            assert self.hold.wait(10)
            return Reply()
        return super().request(command, payload, **args)

    async def wait_site(self, after_seq: int, timeout_s: float) -> Mapping[str, Any] | None:
        for _ in range(5):
            if found := await super().wait_site(after_seq, timeout_s):
                return found
            await asyncio.sleep(0.002)
        return None

    def _alarm_acknowledge(self, id: int, who: str, where: str) -> Reply:
        return Reply({"id": id, "by": who, "from": where})

    def _alarm_drill(self, who: str) -> Reply:
        return Reply({"id": 3})

    def tell(self, seq: int, t: float, **more: Any) -> None:
        self.document = {"seq": seq, "t": t, "alarms": [], **more}


@pytest.fixture
def judge() -> Judge:
    return Judge()


@pytest.fixture
def client(judge: Judge) -> Iterator[TestClient]:
    service.install(Service(judge, HandClock(1000.0)))
    with TestClient(Starlette(routes=routes())) as client:
        yield client
    service.uninstall()


def newest(judge: Judge, t: float = 1000.0) -> dict[str, Any]:
    message: dict[str, Any] = json.loads(SiteNews(Service(judge, HandClock(t)), Encoded()).newest()[1])
    return message


def test_before_the_first_word_there_is_no_document(judge: Judge) -> None:
    said = newest(judge)
    assert (said["site"], said["connected"]) == (None, False)
    assert said["why"] == "The monitor runs and judges nothing."


@pytest.mark.parametrize(
    ("connected", "age_s", "why"),
    [
        pytest.param(True, 0.0, "", id="just now"),
        pytest.param(True, 3.9, "", id="a late judge"),
        pytest.param(True, 4.1, "The monitor runs and judges nothing.", id="a judge that hangs"),
        pytest.param(False, 0.1, "The monitor does not answer.", id="a monitor that is gone"),
        pytest.param(True, -5.0, "", id="a clock that is behind"),
    ],
)
def test_who_does_not_judge_is_not_connected(judge: Judge, connected: bool, age_s: float, why: str) -> None:
    judge.connected = connected
    judge.tell(4, 1000.0 - age_s)
    said = newest(judge)
    assert (said["connected"], said["why"], said["site"]["seq"]) == (not why, why, 4)
    assert said["age_s"] == max(age_s, 0.0)


def test_a_document_is_encoded_once(judge: Judge) -> None:
    encoded = Encoded()
    judge.tell(4, 999.0)
    first = encoded.body(judge.document)
    assert encoded.body({**(judge.document or {}), "late": 1}) == first, "the same number is the same text"
    assert encoded.body({"seq": 5}) == (5, '{"seq":5}')


@pytest.mark.parametrize(
    "text",
    [
        "",
        "no json",
        "[" * 100_000,
        "[]",
        '{"type":"command"}',
        '{"type":"site","id":1,"command":"alarm.drill"}',
        '{"type":"command","id":"1","command":"alarm.drill"}',
        '{"type":"command","id":true,"command":"alarm.drill"}',
        '{"type":"command","id":1,"command":["alarm.drill"]}',
        '{"type":"command","id":1,"command":"alarm.drill","args":[]}',
        " " * (site.MAX_COMMAND_CHARACTERS + 1),
    ],
)
def test_nonsense_is_no_command(text: str) -> None:
    with pytest.raises(CommandError):
        parse_command(text)


def test_a_command_may_have_no_args() -> None:
    assert parse_command('{"type":"command","id":2,"command":"x"}') == Asked(2, "x", {})


def ask(socket: WebSocketTestSession, number: int, command: str, **args: Any) -> None:
    socket.send_text(json.dumps({"type": "command", "id": number, "command": command, "args": args}))


def replies(socket: WebSocketTestSession, count: int = 1) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    while len(found) < count:
        message = json.loads(socket.receive_text())
        if message["type"] == "reply":
            found.append(message)
    return found


def test_the_page_hears_at_once_and_when_nothing_is_new(client: TestClient, judge: Judge) -> None:
    judge.tell(4, 1000.0)
    with client.websocket_connect("/ws/site") as socket:
        assert [json.loads(socket.receive_text())["site"]["seq"] for _ in range(3)] == [4, 4, 4]
        judge.tell(5, 1000.0)
        waiting.until(lambda: json.loads(socket.receive_text())["site"]["seq"] == 5, 5, "the new document")


def test_the_page_hears_that_the_monitor_is_gone(client: TestClient, judge: Judge) -> None:
    judge.tell(4, 1000.0)
    with client.websocket_connect("/ws/site") as socket:
        assert json.loads(socket.receive_text())["connected"]
        judge.connected = False
        waiting.until(lambda: not json.loads(socket.receive_text())["connected"], 5, "it is said")


def test_acknowledging_says_from_where(client: TestClient, judge: Judge) -> None:
    with client.websocket_connect("/ws/site") as socket:
        ask(socket, 1, "alarm.acknowledge", **SEVEN, where="the moon")
        reply = replies(socket)[0]
    assert reply == {
        "type": "reply",
        "id": 1,
        "ok": True,
        "error": "",
        "result": {"id": 7, "by": "Test", "from": "the moon at testclient"},
    }


@pytest.mark.parametrize(
    "command", ["settings.set", "contacts.list", "cameras.remove", "", "alarm.acknowledge "]
)
def test_other_commands_are_not_handed_on(client: TestClient, judge: Judge, command: str) -> None:
    with client.websocket_connect("/ws/site") as socket:
        ask(socket, 9, command)
        reply = replies(socket)[0]
    assert (reply["id"], reply["ok"], judge.requests) == (9, False, [])
    assert "may not" in reply["error"]


def test_what_the_monitor_refuses_is_said(client: TestClient, judge: Judge) -> None:
    judge.refuse["alarm.acknowledge"] = "Alarm 7 is resolved."
    with client.websocket_connect("/ws/site") as socket:
        ask(socket, 1, "alarm.acknowledge", **SEVEN)
        judge.connected = False
        assert replies(socket)[0]["error"] in ("Alarm 7 is resolved.", "The monitor is not running.")


def test_args_named_as_our_own_do_no_harm(client: TestClient, judge: Judge) -> None:
    with client.websocket_connect("/ws/site") as socket:
        args = {"who": "Tom", "command": "pin.set", "payload": "x"}
        socket.send_text(json.dumps({"type": "command", "id": 1, "command": "alarm.drill", "args": args}))
        assert replies(socket)[0]["ok"]
    assert judge.requests == [("alarm.drill", {"who": "Test"})]


def test_a_slow_answer_keeps_nothing_else_waiting(client: TestClient, judge: Judge) -> None:
    """Documents go on, another page is answered, and one page cannot take every thread."""
    judge.tell(4, 1000.0)
    judge.hold = threading.Event()
    with client.websocket_connect("/ws/site") as greedy, client.websocket_connect("/ws/site") as other:
        for number in range(site.MAX_RUNNING + 1):
            ask(greedy, number, "alarm.drill", who="Tom")
        refused = replies(greedy)[0]
        assert (refused["id"], refused["ok"]) == (site.MAX_RUNNING, False)
        judge.tell(5, 1000.0)
        waiting.until(lambda: '"seq":5' in greedy.receive_text(), 5, "the document meanwhile")
        ask(other, 1, "alarm.acknowledge", **SEVEN)
        waiting.until(lambda: judge.requests[-1][0] == "alarm.acknowledge", 5, "the other page's turn")
        judge.hold.set()
        assert replies(other)[0]["ok"]
        assert all(reply["ok"] for reply in replies(greedy, site.MAX_RUNNING))


@pytest.mark.parametrize("message", ["nonsense", b"bytes"])
def test_the_line_is_closed_to_nonsense(client: TestClient, message: str | bytes) -> None:
    with client.websocket_connect("/ws/site") as socket:
        if isinstance(message, bytes):
            socket.send_bytes(message)
        else:
            socket.send_text(message)
        with pytest.raises(WebSocketDisconnect) as closed:
            for _ in range(1000):
                socket.receive_text()
    assert closed.value.code == 1003


def test_the_line_is_closed_to_other_sites(client: TestClient) -> None:
    with (
        pytest.raises(WebSocketDisconnect) as closed,
        client.websocket_connect("/ws/site", headers={"origin": "http://evil.example"}),
    ):
        pass
    assert closed.value.code == 1008


def test_a_monitor_that_fails_is_a_sentence(client: TestClient, judge: Judge) -> None:
    def fail(**_: Any) -> Reply:
        raise MonitorError("The monitor went away before it answered.")

    judge._alarm_drill = fail  # type: ignore[assignment,method-assign]
    with client.websocket_connect("/ws/site") as socket:
        ask(socket, 1, "alarm.drill", who="Tom")
        assert replies(socket)[0]["error"] == "The monitor went away before it answered."
