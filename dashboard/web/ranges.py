"""Bytes that a browser may ask for in parts: Range (206, 416), ETag (304), HEAD. A video is sought in by
asking for its parts, so all of it goes through here, wherever the bytes come from."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

PIECE_BYTES = 256 * 1024


class RangeError(ValueError):
    """The part that is asked for is not in it."""


@dataclass(frozen=True)
class Source:
    """`read(start, length)` answers at most so many bytes, from any thread; b"" at the end. `etag` is quoted
    and changes with the bytes; "" for none."""

    size: int
    etag: str
    read: Callable[[int, int], bytes]


def part_of(asked: str | None, size: int) -> tuple[int, int] | None:
    """First and one past the last byte of a Range header; None is the whole: without a header, and for what
    is no single range of bytes (RFC 9110 lets a server ignore that). RangeError outside of it."""
    unit, _, spec = (asked or "").partition("=")
    first, dash, last = (piece.strip() for piece in spec.partition("-"))
    numbers = [piece for piece in (first, last) if piece]
    if unit.strip().lower() != "bytes" or not dash or not numbers or not all(map(_is_number, numbers)):
        return None
    if not first:
        if int(last) == 0 or size == 0:
            raise RangeError(asked)
        return max(size - int(last), 0), size
    if last and int(last) < int(first):
        return None
    if int(first) >= size:
        raise RangeError(asked)
    return int(first), min(int(last) + 1, size) if last else size


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) < 16


def sent(request: Request, source: Source, media_type: str, headers: Mapping[str, str]) -> Response:
    """The answer to a GET or HEAD for these bytes."""
    tagged = {"ETag": source.etag} if source.etag else {}
    said = {"Accept-Ranges": "bytes", **tagged, **headers}
    if source.etag and source.etag in _tags(request.headers.get("if-none-match", "")):
        return Response(status_code=304, headers=said)
    if_range = request.headers.get("if-range")
    asked = request.headers.get("range") if if_range in (None, source.etag) else None
    try:
        part = part_of(asked, source.size)
    except RangeError:
        return Response(status_code=416, headers={**said, "Content-Range": f"bytes */{source.size}"})
    start, end = part or (0, source.size)
    said["Content-Length"] = str(end - start)
    if part is not None:
        said["Content-Range"] = f"bytes {start}-{end - 1}/{source.size}"
    status = 200 if part is None else 206
    if request.method == "HEAD":
        return Response(status_code=status, headers=said, media_type=media_type)
    return StreamingResponse(_pieces(source, start, end), status, said, media_type)


def _tags(header: str) -> set[str]:
    return {tag.strip().removeprefix("W/") for tag in header.split(",")}


async def _pieces(source: Source, start: int, end: int) -> AsyncIterator[bytes]:
    """Piece by piece; ends early when the bytes do, and the browser sees that the answer broke off."""
    while start < end:
        piece = await asyncio.to_thread(source.read, start, min(end - start, PIECE_BYTES))
        if not piece:
            return
        start += len(piece)
        yield piece
