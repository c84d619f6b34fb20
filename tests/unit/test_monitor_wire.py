"""Framing: whole, in pieces, and everything that must be refused."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pytest

from dashboard.monitor.wire import HEADER_LIMIT, PAYLOAD_LIMIT, Message, Unpacker, WireError, pack


def framed(text: bytes, payload: bytes = b"") -> bytes:
    return len(text).to_bytes(4, "big") + text + payload


def test_nothing_gives_nothing() -> None:
    unpacker = Unpacker()
    assert unpacker.feed(b"") == []
    assert unpacker.between_messages


@pytest.mark.parametrize(
    ("header", "payload"),
    [
        pytest.param({}, b"", id="empty"),
        pytest.param({"type": "touch", "camera": "ä\u2028"}, b"", id="text"),
        pytest.param({"a": [1, 2.5, None, {"b": True}]}, b"\x00\xff" * 5000, id="payload"),
    ],
)
@pytest.mark.parametrize("step", [1, 3, 7, 100_000])
def test_comes_back_in_pieces_of_any_size(header: Mapping[str, Any], payload: bytes, step: int) -> None:
    data = pack(header, payload) * 2
    unpacker = Unpacker()
    found = [m for at in range(0, len(data), step) for m in unpacker.feed(data[at : at + step])]
    expected = Message({**header, "bytes": len(payload)}, payload)
    assert found == [expected, expected]
    assert unpacker.between_messages


def test_half_a_message_is_kept_and_known_to_be_half() -> None:
    data = pack({"type": "x"}, b"1234")
    for cut in range(1, len(data)):
        unpacker = Unpacker()
        assert unpacker.feed(data[:cut]) == []
        assert not unpacker.between_messages
        assert unpacker.feed(data[cut:]) == [Message({"type": "x", "bytes": 4}, b"1234")]


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(b"GET / HTTP/1.1\r\n\r\n", id="http"),
        pytest.param(b"\xff" * 64, id="all ones"),
        pytest.param(b"\x00" * 64, id="all zeros"),
        pytest.param((HEADER_LIMIT + 1).to_bytes(4, "big"), id="header over the limit"),
        pytest.param(framed(b"not json"), id="not json"),
        pytest.param(framed(b"\xc3\x28{}"), id="not utf-8"),
        pytest.param(framed(b"[1,2]"), id="json, no object"),
        pytest.param(framed(b"[" * 200_000), id="deep nesting"),
        pytest.param(framed(b'{"bytes":-1}'), id="negative payload"),
        pytest.param(framed(b'{"bytes":1.5}'), id="fractional payload"),
        pytest.param(framed(b'{"bytes":true}'), id="payload of true bytes"),
        pytest.param(framed(b'{"bytes":"9"}'), id="payload of text bytes"),
        pytest.param(framed(json.dumps({"bytes": PAYLOAD_LIMIT + 1}).encode()), id="payload over the limit"),
    ],
)
def test_what_is_not_ours_is_refused(data: bytes) -> None:
    with pytest.raises(WireError):
        Unpacker().feed(data)


def test_the_largest_payload_passes_and_one_more_does_not() -> None:
    unpacker = Unpacker()
    (message,) = unpacker.feed(pack({}, bytes(PAYLOAD_LIMIT)))
    assert len(message.payload) == PAYLOAD_LIMIT
    with pytest.raises(WireError, match="over the limit"):
        pack({}, bytes(PAYLOAD_LIMIT + 1))


def test_a_header_too_large_to_be_read_is_not_sent() -> None:
    with pytest.raises(WireError, match="over the limit"):
        pack({"x": "y" * HEADER_LIMIT})


def test_not_a_number_is_not_sent() -> None:
    with pytest.raises(ValueError, match="JSON"):
        pack({"x": float("nan")})
