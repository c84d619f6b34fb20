"""Pictures to H.264 and no way back: each is encoded once, and what is cut later is cut between packets."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

import av
import cv2
import numpy as np
from av.video.frame import PictureType
from av.video.stream import VideoStream

from dashboard.settings import RecordSettings
from dashboard.values import Image

TIME_BASE = Fraction(1, 90_000)


class CodingError(Exception):
    """The encoder refuses; the message says why in one line."""


@dataclass(frozen=True)
class Coded:
    """One encoded picture of time `t`, seconds. A clip may begin with one that is `whole`."""

    t: float
    data: bytes
    whole: bool


class Nowhere:
    """Takes what a container writes by itself and keeps nothing."""

    def write(self, data: bytes) -> int:
        return len(data)


class Coder:
    """An encoder for pictures of `size_wh`, even numbers. It holds no picture back: one in, one out."""

    def __init__(self, size_wh: tuple[int, int], settings: RecordSettings) -> None:
        self.size_wh = size_wh
        self._settings = settings
        self._pts = -1
        self._base_t: float | None = None
        try:
            # The container is there for the stream that later files take after; nothing is written to it.
            self._container = av.open(Nowhere(), "w", format="h264")
            self.stream: VideoStream = self._container.add_stream("libx264", rate=25, options=self._options())
            self.stream.width, self.stream.height = size_wh
            self.stream.pix_fmt = "yuv420p"
            self.stream.codec_context.time_base = TIME_BASE
            self.stream.codec_context.thread_count = 1
            self.stream.codec_context.gop_size = 10_000
            self._container.start_encoding()
        except (av.FFmpegError, ValueError) as error:
            raise CodingError(f"the encoder cannot be opened ({error})") from None

    def encode(self, image: Image, t: float, whole: bool) -> Coded:
        """The picture (BGR, of `size_wh`) encoded, by itself when it is to be `whole`. CodingError."""
        if self._base_t is None:
            self._base_t = t
        self._pts = max(self._pts + 1, round((t - self._base_t) / TIME_BASE))
        try:
            shot = av.VideoFrame.from_ndarray(np.ascontiguousarray(image), format="bgr24")
            shot.pts, shot.time_base = self._pts, TIME_BASE
            shot.pict_type = PictureType.I if whole else PictureType.NONE
            packets = self.stream.encode(shot)
        except (av.FFmpegError, ValueError) as error:
            raise CodingError(f"a picture could not be encoded ({error})") from None
        if len(packets) != 1:
            raise CodingError(f"the encoder gave {len(packets)} packets for one picture")
        packet = packets[0]
        return Coded(t, bytes(packet), packet.is_keyframe)

    def _options(self) -> dict[str, str]:
        kbit_s = self._settings.kbit_s
        return {
            "preset": "ultrafast",
            # No picture waits for later ones: what was encoded is what was seen.
            "tune": "zerolatency",
            "crf": str(self._settings.crf),
            "maxrate": f"{kbit_s}k",
            "bufsize": f"{2 * kbit_s}k",
            # In the file's head, where browsers look for it.
            "flags": "+global_header",
            "x264-params": "scenecut=0:sliced-threads=0:colorprim=bt709:transfer=bt709:colormatrix=smpte170m",
        }


def fitted(image: Image, width: int) -> Image:
    """The picture at most `width` wide, its sides even: colours come in blocks of two by two pixels."""
    height_now, width_now = image.shape[:2]
    scale = min(1.0, width / width_now)
    size_wh = (max(2, round(width_now * scale) // 2 * 2), max(2, round(height_now * scale) // 2 * 2))
    if size_wh == (width_now, height_now):
        return image
    return np.asarray(cv2.resize(image, size_wh, interpolation=cv2.INTER_AREA), np.uint8)


class Ring:
    """The encoded pictures of the last `seconds`, from a whole one on; at most `most_bytes`."""

    def __init__(self, seconds: float, most_bytes: int) -> None:
        self._seconds = seconds
        self._most_bytes = most_bytes
        self._segments: list[list[Coded]] = []
        self._bytes = 0

    def put(self, coded: Coded) -> None:
        if coded.whole:
            self._segments.append([])
        elif not self._segments:
            return
        self._segments[-1].append(coded)
        self._bytes += len(coded.data)
        while len(self._segments) > 1 and (
            self._segments[1][0].t <= coded.t - self._seconds or self._bytes > self._most_bytes
        ):
            self._bytes -= sum(len(one.data) for one in self._segments.pop(0))

    def since(self, t: float) -> Sequence[Coded]:
        """From the last whole picture at or before `t` on, or from the first that there is."""
        if not self._segments:
            return ()
        begin = max((i for i, s in enumerate(self._segments) if s[0].t <= t), default=0)
        return [one for segment in self._segments[begin:] for one in segment]

    @property
    def bytes(self) -> int:
        return self._bytes
