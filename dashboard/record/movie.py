"""MP4 out of encoded pictures: in pieces that are each playable, and put together so that every browser plays
it from its first byte. No picture is decoded."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Protocol

import av
from av.container import InputContainer, OutputContainer
from av.video.stream import VideoStream

from dashboard.record.coding import TIME_BASE, Coded

_IN_PIECES = {"movflags": "frag_keyframe+empty_moov+default_base_moof"}


class MovieError(Exception):
    """A video cannot be put together; the message says why in one line."""


class Sink(Protocol):
    """Where a movie goes; OSError when it cannot."""

    def write(self, data: bytes) -> object: ...


class _Held:
    """What FFmpeg writes, until it is taken: it must never see an error of the disk, it crashes."""

    def __init__(self) -> None:
        self._data = bytearray()

    def write(self, data: bytes) -> int:
        self._data += data
        return len(data)

    def take(self) -> bytes:
        taken = bytes(self._data)
        self._data.clear()
        return taken


class PieceWriter:
    """Writes pieces, one from each whole picture to the next, as soon as it is complete: what breaks off can
    be played up to the last piece. `like` is the stream of the encoder."""

    def __init__(self, sink: Sink, like: VideoStream) -> None:
        self._sink = sink
        self._held = _Held()
        self._container: OutputContainer = av.open(self._held, "w", format="mp4", options=_IN_PIECES)
        self._stream = self._container.add_stream_from_template(like)
        self._stream.time_base = TIME_BASE
        self._begin_t: float | None = None
        self._pts = -1

    def add(self, coded: Coded) -> None:
        """OSError when the sink refuses, MovieError; then nothing more may be added."""
        if self._begin_t is None:
            if not coded.whole:
                return
            self._begin_t = coded.t
        self._pts = max(self._pts + 1, round((coded.t - self._begin_t) / TIME_BASE))
        packet = av.Packet(coded.data)
        packet.pts = packet.dts = self._pts
        packet.time_base = TIME_BASE
        packet.is_keyframe = coded.whole
        packet.stream = self._stream
        try:
            self._container.mux(packet)
        except av.FFmpegError as error:
            raise MovieError(f"a picture cannot be added ({error})") from None
        self._pass_on()

    def close(self) -> None:
        """Writes the last piece."""
        try:
            self._container.close()
        except av.FFmpegError as error:
            raise MovieError(f"the last pictures cannot be added ({error})") from None
        self._pass_on()

    @property
    def begin_t(self) -> float | None:
        """The time of the first picture, which is the video's zero."""
        return self._begin_t

    def _pass_on(self) -> None:
        data = self._held.take()
        if data:
            self._sink.write(data)


def put_together(pieces: Path, target: Path) -> float:
    """Makes one movie of a file of pieces, its index first; its length in seconds. MovieError, OSError."""
    try:
        with av.open(str(pieces)) as source:
            options = {"movflags": "faststart"}
            with av.open(str(target), "w", format="mp4", options=options) as movie:
                return _copied(source, movie)
    except av.FFmpegError as error:
        # No space, no right: the disk's word. All else is about what lies in the pieces.
        if isinstance(error, OSError) and error.errno and error.errno > 0:
            raise OSError(error.errno, error.strerror or str(error)) from None
        raise MovieError(f"what was recorded cannot be put together ({error})") from None


def length_of(movie: Path) -> float | None:
    """Its length in seconds; None when it is no video."""
    try:
        with av.open(str(movie)) as opened:
            return None if opened.duration is None else opened.duration / av.time_base
    except av.FFmpegError:
        return None


def joined(pieces: bytes) -> bytes:
    """The same in memory, for what must not come to lie on a disk. MovieError."""
    target = io.BytesIO()
    try:
        with av.open(io.BytesIO(pieces)) as source, av.open(target, "w", format="mp4") as movie:
            _copied(source, movie)
    except av.FFmpegError as error:
        raise MovieError(f"what was recorded cannot be put together ({error})") from None
    return target.getvalue()


def _copied(source: InputContainer, movie: OutputContainer) -> float:
    if not source.streams.video:
        raise MovieError("there is no picture in it")
    stream = movie.add_stream_from_template(source.streams.video[0])
    last = 0.0
    try:
        for packet in source.demux(video=0):
            if packet.dts is None or packet.pts is None:
                continue
            last = max(last, float(packet.pts * packet.time_base))
            packet.stream = stream
            movie.mux(packet)
    except av.InvalidDataError:
        pass  # It breaks off: all before it is whole.
    if last <= 0.0:
        raise MovieError("there are too few pictures in it")
    return last
