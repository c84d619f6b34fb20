"""Framing between the processes: 4 bytes (big endian) length of a JSON object, the object, and then as
many payload bytes as its `bytes` says. Bytes in, messages out: no socket is touched here."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

# Said by the server in its first message; a change of what messages mean counts it up.
PROTOCOL_VERSION = 2
HEADER_LIMIT = 1 << 20
PAYLOAD_LIMIT = 16 << 20
_LENGTH = 4


class WireError(Exception):
    """The peer does not speak the protocol, or says too much; the message says which."""


@dataclass(frozen=True)
class Message:
    """One framed message: a JSON object and raw bytes (a JPEG, mostly)."""

    header: Mapping[str, Any]
    payload: bytes = b""


def pack(header: Mapping[str, Any], payload: bytes = b"") -> bytes:
    """The bytes of one message; WireError when it would be refused by the other side."""
    if len(payload) > PAYLOAD_LIMIT:
        raise WireError(f"a payload of {len(payload)} bytes is over the limit of {PAYLOAD_LIMIT}")
    text = json.dumps({**header, "bytes": len(payload)}, separators=(",", ":"), allow_nan=False).encode()
    if len(text) > HEADER_LIMIT:
        raise WireError(f"a header of {len(text)} bytes is over the limit of {HEADER_LIMIT}")
    return b"".join((len(text).to_bytes(_LENGTH, "big"), text, payload))


class Unpacker:
    """Puts messages together from pieces of any size."""

    def __init__(self) -> None:
        self._buffer = bytearray()
        self._header: Mapping[str, Any] | None = None
        self._need = 0

    @property
    def between_messages(self) -> bool:
        """True where the stream may end without having cut a message in two."""
        return not self._buffer and self._header is None

    def feed(self, data: bytes) -> list[Message]:
        """The messages that `data` completes, in order; WireError when the stream is not ours."""
        self._buffer += data
        found: list[Message] = []
        while (message := self._take()) is not None:
            found.append(message)
        return found

    def _take(self) -> Message | None:
        if self._header is None and not self._take_header():
            return None
        if self._header is None or len(self._buffer) < self._need:
            return None
        message = Message(self._header, bytes(self._buffer[: self._need]))
        del self._buffer[: self._need]
        self._header = None
        return message

    def _take_header(self) -> bool:
        if len(self._buffer) < _LENGTH:
            return False
        length = int.from_bytes(self._buffer[:_LENGTH], "big")
        if not 2 <= length <= HEADER_LIMIT:
            raise WireError(f"a header of {length} bytes is not between 2 and {HEADER_LIMIT}")
        if len(self._buffer) < _LENGTH + length:
            return False
        self._header = _parsed(bytes(self._buffer[_LENGTH : _LENGTH + length]))
        self._need = self._header["bytes"]
        del self._buffer[: _LENGTH + length]
        return True


def _parsed(text: bytes) -> dict[str, Any]:
    try:
        header = json.loads(text)
    except (ValueError, RecursionError):
        raise WireError("a header is not JSON") from None
    if not isinstance(header, dict):
        raise WireError("a header is not a JSON object")
    size = header.setdefault("bytes", 0)
    if type(size) is not int or not 0 <= size <= PAYLOAD_LIMIT:
        raise WireError(f"a payload of {size!r} bytes is not between 0 and {PAYLOAD_LIMIT}")
    return header
