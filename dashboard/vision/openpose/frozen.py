"""A frozen TensorFlow graph with its one computed size written in: OpenCV's engine needs it as a constant.

Only what is needed of the protocol buffers of GraphDef and NodeDef is read here: fields, by number.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator

NODE, NAME, OP, ATTR = 1, 1, 2, 5  # GraphDef.node; NodeDef.name, .op, .attr
_BYTES, _VARINT = 2, 0
_FIXED = {1: 8, 5: 4}
_INT32 = 3


def with_size(graph: bytes, height: int, width: int) -> bytes:
    """The graph whose computed size (its only StridedSlice, of a Shape) is `height`, `width` in cells.
    ValueError: it is no such graph."""
    kept, slices = [], 0
    for number, kind, value in _fields(graph):
        if number != NODE or kind != _BYTES:
            kept.append(_field(number, kind, value))
            continue
        op, name = _text(value, OP), _text(value, NAME)
        if op == "Shape":
            continue
        if op == "StridedSlice":
            slices += 1
            value = _constant(name, height, width)
        kept.append(_field(NODE, _BYTES, value))
    if slices != 1:
        raise ValueError(f"it computes {slices} sizes; 1 is expected")
    return b"".join(kept)


def _constant(name: str, *numbers: int) -> bytes:
    """A Const node of 32-bit whole numbers."""
    shape = _wrapped(2, _varint(1 << 3) + _varint(len(numbers)))
    content = struct.pack(f"<{len(numbers)}i", *numbers)
    tensor = _varint(1 << 3) + _varint(_INT32) + _wrapped(2, shape) + _wrapped(4, content)
    kind = _varint(6 << 3) + _varint(_INT32)
    attributes = {"dtype": kind, "value": _wrapped(8, tensor)}
    node = _wrapped(NAME, name.encode()) + _wrapped(OP, b"Const")
    for key, value in attributes.items():
        node += _wrapped(ATTR, _wrapped(1, key.encode()) + _wrapped(2, value))
    return node


def _text(node: bytes, number: int) -> str:
    return next((v.decode("utf-8") for n, k, v in _fields(node) if n == number and k == _BYTES), "")


def _fields(message: bytes) -> Iterator[tuple[int, int, bytes]]:
    """Number, kind and content of each field. ValueError: the bytes are no message."""
    place = 0
    while place < len(message):
        key, place = _read_varint(message, place)
        kind, start = key & 7, place
        if kind == _VARINT:
            _, place = _read_varint(message, place)
        elif kind == _BYTES:
            length, start = _read_varint(message, place)
            place = start + length
        elif kind in _FIXED:
            place += _FIXED[kind]
        else:
            raise ValueError("it is no TensorFlow graph")
        if place > len(message):
            raise ValueError("the graph is cut off")
        yield key >> 3, kind, message[start:place]


def _field(number: int, kind: int, content: bytes) -> bytes:
    key = _varint(number << 3 | kind)
    return key + _varint(len(content)) + content if kind == _BYTES else key + content


def _wrapped(number: int, content: bytes) -> bytes:
    return _field(number, _BYTES, content)


def _varint(number: int) -> bytes:
    out = bytearray()
    while number > 127:
        out.append(number & 127 | 128)
        number >>= 7
    return bytes([*out, number])


def _read_varint(message: bytes, place: int) -> tuple[int, int]:
    number = shift = 0
    while place < len(message) and shift < 64:
        byte = message[place]
        place += 1
        number |= (byte & 127) << shift
        shift += 7
        if byte < 128:
            return number, place
    raise ValueError("the graph is cut off")
