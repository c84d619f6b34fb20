"""Parts of files: which bytes a Range header means, and what is answered with them."""

from __future__ import annotations

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.testclient import TestClient

from dashboard.web.ranges import PIECE_BYTES, RangeError, Source, part_of, sent

BYTES = bytes(range(256)) * 2000


def served(source: Source) -> TestClient:
    async def file(request: Request) -> Response:
        return sent(request, source, "video/mp4", {"Cache-Control": "private"})

    return TestClient(Starlette(routes=[Route("/file", file, methods=["GET"])]))


def of(data: bytes, etag: str = '"one"') -> Source:
    return Source(len(data), etag, lambda start, length: data[start : start + length])


@pytest.mark.parametrize(
    ("asked", "part"),
    [
        (None, None),
        ("", None),
        ("bytes=0-", (0, 100)),
        ("bytes=0-0", (0, 1)),
        ("bytes=10-19", (10, 20)),
        ("bytes=90-500", (90, 100)),
        ("bytes=-10", (90, 100)),
        ("bytes=-500", (0, 100)),
        ("BYTES = 1-2", (1, 3)),
        # No single range of bytes: the whole is sent.
        ("bytes=5-2", None),
        ("bytes=-", None),
        ("bytes=x-9", None),
        ("bytes=1-9,20-29", None),
        ("bytes=1 0-19", None),
        ("bytes=+1-9", None),
        ("bytes=\u0661-9", None),
        ("lines=0-9", None),
        ("bytes", None),
        ("bytes=" + "9" * 40 + "-", None),
    ],
)
def test_what_a_range_means(asked: str | None, part: tuple[int, int] | None) -> None:
    assert part_of(asked, 100) == part


@pytest.mark.parametrize(("asked", "size"), [("bytes=100-", 100), ("bytes=-0", 100), ("bytes=0-", 0)])
def test_what_is_not_in_it_is_refused(asked: str, size: int) -> None:
    with pytest.raises(RangeError):
        part_of(asked, size)


def test_the_whole_and_its_parts() -> None:
    client = served(of(BYTES))
    whole = client.get("/file")
    assert (whole.status_code, whole.content) == (200, BYTES)
    assert whole.headers["accept-ranges"] == "bytes" and whole.headers["content-type"] == "video/mp4"
    assert whole.headers["content-length"] == str(len(BYTES)) and len(BYTES) > PIECE_BYTES
    part = client.get("/file", headers={"range": "bytes=1000-300999"})
    assert (part.status_code, part.content) == (206, BYTES[1000:301_000])
    assert part.headers["content-range"] == f"bytes 1000-300999/{len(BYTES)}"
    beyond = client.get("/file", headers={"range": f"bytes={len(BYTES)}-"})
    assert (beyond.status_code, beyond.content) == (416, b"")
    assert beyond.headers["content-range"] == f"bytes */{len(BYTES)}"


def test_what_the_browser_has_is_not_sent_again() -> None:
    client = served(of(BYTES))
    for tags in ('"one"', 'W/"one"', '"other", "one"'):
        again = client.get("/file", headers={"if-none-match": tags})
        assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", '"one"')
    assert client.get("/file", headers={"if-none-match": '"other"'}).status_code == 200
    # A part of what is another file now would not fit to the parts that are there.
    changed = client.get("/file", headers={"range": "bytes=0-9", "if-range": '"other"'})
    assert (changed.status_code, len(changed.content)) == (200, len(BYTES))
    same = client.get("/file", headers={"range": "bytes=0-9", "if-range": '"one"'})
    assert (same.status_code, same.content) == (206, BYTES[:10])


def test_a_head_has_no_body() -> None:
    found = served(of(BYTES)).head("/file", headers={"range": "bytes=0-9"})
    assert (found.status_code, found.content, found.headers["content-length"]) == (206, b"", "10")


def test_nothing_is_whole() -> None:
    found = served(of(b"", etag="")).get("/file")
    assert (found.status_code, found.content) == (200, b"") and "etag" not in found.headers
