"""The browser's camera: whole, timely pictures only."""

from __future__ import annotations

import struct
import threading

import cv2
import numpy as np
import pytest

from dashboard.clock import SystemClock
from dashboard.settings import SourceSettings
from dashboard.source import BrowserInbox, Reader, open_source, reading
from dashboard.source.browser import BrowserSource, decoded_jpeg, jpeg_size
from dashboard.values import Blind, CameraSpec, Frame, SourceKind
from tests.clips import number_in, picture
from tests.waiting import until

CLOCK = SystemClock()
SETTINGS = SourceSettings()
SPEC = CameraSpec("phone", "Phone", SourceKind.BROWSER)


def jpeg_of(number: int) -> bytes:
    return cv2.imencode(".jpg", picture(number))[1].tobytes()


def huge_jpeg() -> bytes:
    """A small JPEG that says it has 60000 x 60000 pixels."""
    data = bytearray(jpeg_of(1))
    at = data.index(b"\xff\xc0") + 5
    struct.pack_into(">HH", data, at, 60_000, 60_000)
    return bytes(data)


BROKEN = [
    ("empty", b""),
    ("text", b"<html>no picture</html>"),
    ("start only", b"\xff\xd8"),
    ("cut off", jpeg_of(3)[:-400]),
    ("huge", huge_jpeg()),
    ("noise behind a start", b"\xff\xd8" + np.random.default_rng(3).bytes(5000) + b"\xff\xd9"),
    ("png", cv2.imencode(".png", picture(1))[1].tobytes()),
    ("endless segment", b"\xff\xd8" + b"\xff\xe0\x00\x00" * 10_000),
]


@pytest.mark.parametrize("data", [row[1] for row in BROKEN], ids=[row[0] for row in BROKEN])
def test_broken_pictures(data: bytes) -> None:
    assert decoded_jpeg(data) is None


def test_whole_picture() -> None:
    image = decoded_jpeg(jpeg_of(77))
    assert image is not None and number_in(image) == 77 and image.flags.c_contiguous
    assert jpeg_size(jpeg_of(1)) == (320, 240)


def test_newest_wins_and_is_taken_once() -> None:
    inbox = BrowserInbox()
    assert inbox.take(0.0) is None
    inbox.put(1.0, b"old")
    inbox.put(2.0, b"new")
    assert inbox.take(0.0) == (2.0, b"new")
    assert inbox.take(0.0) is None


def test_only_timely_whole_pictures_come_out() -> None:
    inbox = BrowserInbox()
    source = BrowserSource(SPEC, CLOCK, SETTINGS, inbox)
    now = CLOCK.monotonic()
    offers = [
        (now - 60, jpeg_of(1)),  # held back
        (now + 60, jpeg_of(2)),  # from a clock that is ahead: taken as just now
        (now - 0.5, jpeg_of(3)),  # older than the one before
        (now + 61, b"broken"),
        (now + 62, jpeg_of(5)),
    ]

    def feed() -> None:
        for offer in offers:
            inbox.put(*offer)
            until(lambda: inbox._newest is None, 5, "the picture was taken")

    feeder = threading.Thread(target=feed)
    feeder.start()
    with reading(source) as frames:
        got = [next(frames), next(frames)]
    feeder.join()
    assert [number_in(f.image) for f in got] == [2, 5]
    assert got[0].t < got[1].t <= CLOCK.monotonic()
    assert (source.progress.late, source.progress.corrupt) == (2, 1)


def test_a_reader_waits_for_the_browser_and_goes_on_at_once_when_it_is_back() -> None:
    inbox = BrowserInbox()
    reader = Reader(SPEC, CLOCK, SourceSettings(blind_after_s=0.5, stuck_after_s=2.0), inbox)
    reader.start()
    try:
        blind = until(lambda: reader.next(0.2), 5, "blind")
        assert isinstance(blind, Blind) and blind.reason == "waiting for the browser to send its camera"
        inbox.put(CLOCK.monotonic(), jpeg_of(9))
        frame = until(lambda: _frame(reader), 5, "the picture")
        assert isinstance(frame, Frame) and number_in(frame.image) == 9
        blind = until(lambda: _blind(reader), 5, "blind")
        assert isinstance(blind, Blind) and blind.reason == "the browser stopped sending its camera"
        inbox.put(CLOCK.monotonic(), jpeg_of(10))
        assert isinstance(reader.next(1.0), Frame)
        assert reader.counts.abandoned == reader.counts.reconnects == 0
    finally:
        reader.stop()
    assert not any(t.name == "reader-phone" for t in threading.enumerate())


def _frame(reader: Reader) -> Frame | None:
    tick = reader.next(0.2)
    return tick if isinstance(tick, Frame) else None


def _blind(reader: Reader) -> Blind | None:
    tick = reader.next(0.2)
    return tick if isinstance(tick, Blind) else None


def test_without_an_inbox_it_waits_and_closes() -> None:
    source = open_source(SPEC, CLOCK, SETTINGS)
    source.close()
    assert list(source.frames()) == []
