"""Recorded video: once or in a loop, at its own pace or as fast as it goes."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import av
from av.error import FFmpegError
from av.video.stream import VideoStream

from dashboard.clock import Clock
from dashboard.source.base import Progress, SourceError
from dashboard.source.decoding import decoded, open_container, video_stream
from dashboard.source.pictures import Converter
from dashboard.source.timing import Thinner, Timeline
from dashboard.values import CameraSpec, Frame, Image, Pace

# Containers that hold recorded video. Play lists and text screens, which FFmpeg also takes for video,
# could name other files or hosts.
RECORDINGS = (
    "mov,mp4,m4a,3gp,3g2,mj2,matroska,webm,avi,mpegts,mpeg,mpegvideo,h264,hevc,av1,obu,ivf,flv,ogg,asf,"
    "mjpeg,yuv4mpegpipe,nut,mxf,dv,wtv,gif,apng,dhav,m4v,vc1,rm,jpeg_pipe,png_pipe,bmp_pipe,webp_pipe"
)
# Behind its own pace by more than this, the file's clock is moved rather than hurried after ...
LARGEST_LAG_S = 1.0
# ... and before that frames are left out, as long as one comes this often.
LAG_S = 0.2


@dataclass(frozen=True)
class _Recorded:
    """One decoded picture with its time from the start of the recording."""

    t: float
    image: Image


class FileSource:
    """Frames of a recorded video.

    At `Pace.FASTEST` every frame comes, with t = seconds from the start by the file's own timestamps
    (loops go on counting). At `Pace.REAL_TIME` t is the monotonic clock and frames are left out where
    the machine does not keep up.
    """

    def __init__(self, spec: CameraSpec, clock: Clock) -> None:
        self._spec = spec
        self._clock = clock
        self._closed = threading.Event()
        self.progress = Progress(silence="opening the file")

    def frames(self) -> Iterator[Frame]:
        pictures = self._paced() if self._spec.pace is Pace.REAL_TIME else self._recorded()
        for index, picture in enumerate(pictures, start=1):
            yield Frame(self._spec.id, picture.t, picture.image, index)

    def close(self) -> None:
        self._closed.set()

    def _recorded(self) -> Iterator[_Recorded]:
        converter = Converter()
        thinner = Thinner(self._spec.max_fps)
        for t, frame in self._timed():
            if thinner.wanted(t):
                yield _Recorded(t, converter.picture(frame))

    def _paced(self) -> Iterator[_Recorded]:
        """Waits for each frame's time. Converting costs, so a frame that is late is left out before it."""
        converter = Converter()
        thinner = Thinner(self._spec.max_fps)
        anchor: float | None = None
        given = float("-inf")
        for t, frame in self._timed():
            now = self._clock.monotonic()
            if anchor is None or now - (anchor + t) > LARGEST_LAG_S:
                anchor = now - t
            due = anchor + t
            self.progress.patient = True  # a recording may hold one picture for minutes
            if self._closed.wait(max(0.0, due - now)):
                return
            self.progress.patient = False
            if now - due > LAG_S and now - given < LAG_S:
                self.progress.late += 1
            elif thinner.wanted(due):
                given = now
                yield _Recorded(due, converter.picture(frame))

    def _timed(self) -> Iterator[tuple[float, av.VideoFrame]]:
        """Every frame of every pass with its time from the start; the file is opened anew each pass."""
        timeline: Timeline | None = None
        while not self._closed.is_set():
            count = 0
            for stream, frame in self._one_pass():
                timeline = timeline or Timeline(nominal_step_s(stream))
                if self._closed.is_set():
                    return
                count += 1
                yield timeline.seconds(frame.time), frame
            if count == 0:
                raise SourceError("no picture in the file can be decoded", hopeless=True)
            if not self._spec.loop or timeline is None:
                return
            timeline.next_recording()

    def _one_pass(self) -> Iterator[tuple[VideoStream, av.VideoFrame]]:
        path = readable_file(self._spec.address)
        try:
            # The path is absolute, so FFmpeg cannot take a name such as "concat:..." for a protocol.
            options = {"protocol_whitelist": "file", "format_whitelist": RECORDINGS}
            with open_container(str(path), options, 10, 10) as container:
                self.progress.silence = "reading the file"
                stream = video_stream(container)
                for frame in decoded(container, stream, self.progress):
                    yield stream, frame
        except FFmpegError as error:
            raise SourceError(_why_unreadable(path, error)) from None
        except SourceError as error:
            raise SourceError(error.reason.replace("it has", "the file has"), hopeless=True) from None


def nominal_step_s(stream: VideoStream) -> float:
    """The usual distance of two frames; a 25th where the file says nothing that can be true."""
    rate = stream.average_rate or stream.guessed_rate
    return 1 / float(rate) if rate and 0.01 <= rate <= 1000 else 1 / 25


def readable_file(address: str) -> Path:
    """The file's absolute path; SourceError in plain words when it cannot be read."""
    if not address or "\0" in address:
        raise SourceError("no file is named", hopeless=True)
    path = Path(address).expanduser().absolute()
    try:
        if path.is_dir():
            raise SourceError(f"{path} is a folder, not a video", hopeless=True)
        if not path.exists():
            raise SourceError(f"there is no file at {path}")
        if not path.is_file():
            raise SourceError(f"{path} is not a file", hopeless=True)
        if path.stat().st_size == 0:
            raise SourceError("the file is empty")
        with path.open("rb"):
            return path
    except PermissionError:
        raise SourceError(f"the program may not read {path}") from None
    except OSError as error:
        raise SourceError(f"the file cannot be read: {error.strerror}") from None


def _why_unreadable(path: Path, error: FFmpegError) -> str:
    if _is_text(path):
        return "this is a text file, not a video"
    if path.suffix.lower() in {".mp4", ".mov", ".m4v"} and isinstance(error, av.error.InvalidDataError):
        return "this is not a video, or its end is missing (a recording that was cut off)"
    if isinstance(error, av.error.InvalidDataError):
        return "this is not a video that can be read"
    return f"the file cannot be read: {error.strerror}"


def _is_text(path: Path) -> bool:
    with path.open("rb") as file:
        head = file.read(4096)
    try:
        text = head.decode("utf-8", errors="strict")
    except UnicodeDecodeError as error:
        if error.start < len(head) - 3:
            return False
        text = head[: error.start].decode("utf-8")
    return all(c.isprintable() or c in "\r\n\t\f\x1b\ufeff" for c in text)
