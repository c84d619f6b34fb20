"""Looks for a picture of a person in bytes, whatever they are: every JPEG, PNG and MP4 in them is decoded."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from pathlib import Path

import av
import cv2
import numpy as np

from dashboard.values import Image
from tests.unit.record_stage import SKIN_BGR

_STILLS = re.compile(rb"\xff\xd8\xff|\x89PNG\r\n\x1a\n")
# A body in the tests is 100 x 200 pixels; a hundredth of it would be somebody.
_LEAST_PIXELS = 200
_NEAR = 90


def shows_person(data: bytes) -> bool:
    """Whether any picture in the bytes shows the tests' person."""
    return any(person_in(image) for image in pictures_in(data))


def person_in(image: Image) -> bool:
    away = np.abs(image.astype(int) - SKIN_BGR).sum(axis=2)
    return bool((away < _NEAR).sum() >= _LEAST_PIXELS)


def pictures_in(data: bytes) -> Iterator[Image]:
    """All pictures that can be decoded, wherever they begin."""
    for found in _STILLS.finditer(data):
        image = cv2.imdecode(np.frombuffer(data[found.start() :], np.uint8), cv2.IMREAD_COLOR)
        if image is not None:
            yield np.asarray(image, np.uint8)
    for found in re.finditer(rb"ftyp", data):
        yield from _video(data[max(found.start() - 4, 0) :])
    if data[:4] == b"PK\x03\x04":
        yield from _arrays(data)


def folder_shows_person(folder: Path) -> list[str]:
    """The files in which the person can be seen."""
    files = [path for path in sorted(folder.rglob("*")) if path.is_file() and not path.is_symlink()]
    return [path.name for path in files if shows_person(path.read_bytes())]


def _video(data: bytes) -> Iterator[Image]:
    try:
        with av.open(io.BytesIO(data)) as opened:
            for frame in opened.decode(video=0):
                yield frame.to_ndarray(format="bgr24")
    except (av.FFmpegError, IndexError, ValueError):
        return


def _arrays(data: bytes) -> Iterator[Image]:
    """The pictures in a file of arrays, as the learnt background is one."""
    with np.load(io.BytesIO(data), allow_pickle=False) as arrays:
        for name in arrays.files:
            if arrays[name].ndim == 3 and arrays[name].shape[2] == 3:
                yield np.clip(arrays[name], 0, 255).astype(np.uint8)
