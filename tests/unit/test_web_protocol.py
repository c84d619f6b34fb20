"""What tabs and server say to each other."""

from __future__ import annotations

import json

import pytest

from dashboard.web import protocol
from dashboard.web.protocol import ProtocolError, Pull, RosterCamera, parse_pull

GOOD = [
    pytest.param("{}", Pull({}), id="empty"),
    pytest.param('{"cameras":{"a":0}}', Pull({"a": 0}), id="first pull"),
    pytest.param(
        '{"cameras":{"a":7,"b":-1},"view":"camera","roster":"x"}',
        Pull({"a": 7, "b": -1}, "camera", "x"),
        id="all",
    ),
    pytest.param('{"more":1}', Pull({}), id="fields of a newer page are ignored"),
]


@pytest.mark.parametrize(("text", "pull"), GOOD)
def test_pull_is_read(text: str, pull: Pull) -> None:
    assert parse_pull(text) == pull


BAD = [
    pytest.param("", id="nothing"),
    pytest.param("[]", id="a list"),
    pytest.param("{", id="cut"),
    pytest.param("[" * 5000, id="deeply nested"),
    pytest.param('{"cameras":[]}', id="cameras is a list"),
    pytest.param('{"cameras":{"a":"1"}}', id="number as text"),
    pytest.param('{"cameras":{"a":true}}', id="number as truth"),
    pytest.param('{"cameras":{"a":1.5}}', id="number with a fraction"),
    pytest.param('{"cameras":{"":1}}', id="empty id"),
    pytest.param('{"cameras":{"' + "x" * 65 + '":1}}', id="long id"),
    pytest.param(json.dumps({"cameras": {str(i): 0 for i in range(129)}}), id="too many cameras"),
    pytest.param('{"view":"raw"}', id="unknown view"),
    pytest.param('{"view":["camera"]}', id="view is a list"),
    pytest.param('{"roster":1}', id="roster is a number"),
    pytest.param(" " * (protocol.MAX_PULL_BYTES + 1), id="too long"),
]


@pytest.mark.parametrize("text", BAD)
def test_anything_else_is_refused(text: str) -> None:
    with pytest.raises(ProtocolError):
        parse_pull(text)


def test_camera_message_joins_head_and_body_to_one_object() -> None:
    body = protocol.camera_body({"people": None, "size": [0, 0]}, {"fps": 14.8, "state": "blind"})
    message = json.loads(protocol.camera_message('a"b', 5, 0.1234567, "redacted", True, body))
    assert message == {
        "kind": "camera",
        "id": 'a"b',
        "seq": 5,
        "age_s": 0.123,
        "view": "redacted",
        "released": False,
        "picture": True,
        "observation": {"people": None, "size": [0, 0]},
        "stats": {"fps": 14.8, "state": "blind"},
    }


def test_age_is_never_negative() -> None:
    text = protocol.camera_message("a", 1, -0.2, "redacted", False, protocol.camera_body({}, {}))
    assert json.loads(text)["age_s"] == 0.0


def test_what_is_no_number_is_not_sent_as_one() -> None:
    with pytest.raises(ValueError, match="JSON"):
        protocol.camera_body({"x": float("nan")}, {})


def test_roster_keeps_the_order_and_has_no_address() -> None:
    cameras = [RosterCamera("2", "Pool", "rtsp", True), RosterCamera("1", "Gate", "usb", False)]
    message = json.loads(protocol.roster_message("r", cameras, may_open=False, opened={}))
    assert [c["id"] for c in message["cameras"]] == ["2", "1"]
    assert set(message["cameras"][0]) == {"id", "name", "kind", "enabled", "zones"}
