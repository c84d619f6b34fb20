"""From a decoder's frame to the program's picture: BGR, 8 bit, upright, contiguous."""

from __future__ import annotations

import struct

import av
import numpy as np
from av.sidedata.sidedata import Type as SideDataType
from av.video.reformatter import VideoReformatter

from dashboard.values import Image


class Converter:
    """Converts one stream's frames; keeps the scaler between frames because building it costs."""

    def __init__(self) -> None:
        self._reformatter = VideoReformatter()
        self._matrix: tuple[int, int, int, int] | None = None
        self._first = True

    def picture(self, frame: av.VideoFrame) -> Image:
        """(height, width, 3) uint8 BGR, turned as the recording's display matrix says."""
        converted = self._reformatter.reformat(frame, format="bgr24", threads=1)
        image = np.asarray(converted.to_ndarray(), dtype=np.uint8)
        if self._first or frame.key_frame:
            self._first = False
            self._matrix = _matrix_of(frame)
        return upright(image, self._matrix)


def _matrix_of(frame: av.VideoFrame) -> tuple[int, int, int, int] | None:
    """How the recording says its pictures are turned. Asked of key frames only: a frame whose side data
    was read refers to itself and stays in memory until the next collection of garbage."""
    side_data = frame.side_data.get(SideDataType.DISPLAYMATRIX)
    return display_matrix(bytes(side_data)) if side_data is not None else None


def display_matrix(data: bytes) -> tuple[int, int, int, int]:
    """The turning part (a, b, c, d) of FFmpeg's nine 16.16 numbers, each -1, 0 or 1.

    A point goes to (a x + c y, b x + d y). Phones write quarter turns and mirrors only; anything
    between is taken to the nearer axis.
    """
    a, b, _, c, d, *_rest = struct.unpack("<9i", data[:36])
    if abs(a) + abs(d) >= abs(b) + abs(c):
        return _sign(a), 0, 0, _sign(d)
    return 0, _sign(b), _sign(c), 0


def _sign(number: int) -> int:
    return -1 if number < 0 else 1


def upright(image: Image, matrix: tuple[int, int, int, int] | None) -> Image:
    """The picture turned and mirrored by `matrix` (see `display_matrix`); contiguous."""
    if matrix is not None:
        a, b, c, d = matrix
        if b or c:
            image = image.transpose(1, 0, 2)
            a, d = c, b
        image = image[:: 1 if d > 0 else -1, :: 1 if a > 0 else -1]
    return np.ascontiguousarray(image)
