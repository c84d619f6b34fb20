"""Skeletons and identities drawn over a recording, as an H.264 video."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from fractions import Fraction
from pathlib import Path

import av
import cv2
import numpy as np
from av.container import OutputContainer
from av.video.stream import VideoStream

from dashboard.commands.replaying.writing import writing
from dashboard.values import COCO_LIMBS, Frame, Image, Track

_SURE_POINT = 0.3
_TIME_BASE = Fraction(1, 90_000)
_COLOURS = (
    (80, 200, 255),
    (120, 220, 120),
    (255, 170, 90),
    (200, 140, 255),
    (100, 230, 230),
    (170, 190, 255),
)


class VideoFile:
    """One camera's drawn video. OutputError when it cannot be written."""

    def __init__(self, path: Path) -> None:
        self._path = path
        with writing(path):
            self._container: OutputContainer = av.open(str(path), "w", format="mp4")
        self._stream: VideoStream | None = None
        self._last_pts = -1
        self._broken = False

    def write(self, frame: Frame, tracks: Sequence[Track]) -> None:
        """One frame with its tracks; the picture's size is that of the first one."""
        with writing(self._path):
            self._write(drawn(frame.image, tracks), frame.t)

    def _write(self, picture: Image, t: float) -> None:
        stream = self._stream or self._begin(picture)
        even = cv2.resize(picture, (stream.width, stream.height)) if _other(picture, stream) else picture
        shot = av.VideoFrame.from_ndarray(np.ascontiguousarray(even), format="bgr24")
        self._last_pts = max(self._last_pts + 1, round(t / _TIME_BASE))
        shot.pts, shot.time_base = self._last_pts, _TIME_BASE
        packets = stream.encode(shot)
        self._broken = True
        self._container.mux(packets)
        self._broken = False

    def close(self) -> None:
        """Write what is left. A video without a frame is an empty file."""
        with writing(self._path), closing(self._container):
            # After a refused write FFmpeg's muxer must not be given more: it crashes the process.
            if self._stream is not None and not self._broken:
                self._container.mux(self._stream.encode(None))

    def _begin(self, picture: Image) -> VideoStream:
        stream: VideoStream = self._container.add_stream("libx264", rate=25)
        # H.264's colours come in blocks of two by two pixels.
        stream.width, stream.height = picture.shape[1] // 2 * 2, picture.shape[0] // 2 * 2
        stream.pix_fmt = "yuv420p"
        stream.options = {"preset": "veryfast", "crf": "23"}
        stream.codec_context.time_base = _TIME_BASE
        self._stream = stream
        return stream


def drawn(image: Image, tracks: Sequence[Track]) -> Image:
    """A copy of the picture with every track's box, skeleton and identity."""
    picture = image.copy()
    thick = max(1, round(min(picture.shape[:2]) / 300))
    for track in tracks:
        colour = _COLOURS[track.id % len(_COLOURS)]
        left, top, right, bottom = (round(v) for v in track.xyxy)
        cv2.rectangle(picture, (left, top), (right, bottom), colour, thick)
        cv2.putText(
            picture, str(track.id), (left, max(top - 4, 12)), cv2.FONT_HERSHEY_SIMPLEX, 0.5, colour, thick
        )
        _draw_skeleton(picture, track, colour, thick)
    return picture


def _draw_skeleton(picture: Image, track: Track, colour: tuple[int, int, int], thick: int) -> None:
    # A skeleton of an earlier frame would lie beside the person.
    if track.pose is None or track.pose_t != track.seen_t:
        return
    points = track.pose.keypoints
    for a, b in COCO_LIMBS:
        if min(points[a, 2], points[b, 2]) >= _SURE_POINT:
            start, end = (tuple(int(v) for v in np.rint(points[k, :2])) for k in (a, b))
            cv2.line(picture, start, end, colour, thick, cv2.LINE_AA)


def _other(picture: Image, stream: VideoStream) -> bool:
    return (picture.shape[1], picture.shape[0]) != (stream.width, stream.height)
