"""Webcams on the machine, through Linux's video devices (V4L2)."""

from __future__ import annotations

import errno
import fcntl
import os
import re
import struct
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Protocol

import cv2
import numpy as np

from dashboard.clock import Clock
from dashboard.settings import SourceSettings
from dashboard.source.base import Progress, SourceError
from dashboard.source.timing import Thinner
from dashboard.values import CameraSpec, Frame, Image

# From linux/videodev2.h.
VIDIOC_QUERYCAP = 0x80685600
VIDIOC_REQBUFS = 0xC0145608
CAP_VIDEO_CAPTURE = 0x00000001
CAP_DEVICE_CAPS = 0x80000000
BUF_TYPE_VIDEO_CAPTURE = 1
MEMORY_MMAP = 1

Ioctl = Callable[[int, int, bytearray], object]


class Capture(Protocol):
    """The part of cv2.VideoCapture that is used."""

    def grab(self) -> bool: ...

    def retrieve(self) -> tuple[bool, Image | None]: ...

    def release(self) -> None: ...


class UsbSource:
    """Frames of a webcam; t is the monotonic time at which the picture was taken from the driver."""

    def __init__(
        self,
        spec: CameraSpec,
        clock: Clock,
        settings: SourceSettings,
        open_capture: Callable[[Path, SourceSettings], Capture] | None = None,
        check: Callable[[Path], None] | None = None,
    ) -> None:
        self._spec = spec
        self._clock = clock
        self._settings = settings
        self._open_capture = open_capture or capture_of
        self._check = check or check_device
        self._closed = threading.Event()
        self.progress = Progress(silence="opening the camera device")

    def frames(self) -> Iterator[Frame]:
        path = device_path(self._spec.address)
        self._check(path)
        capture = self._open_capture(path, self._settings)
        try:
            self.progress.silence = "waiting for the first picture"
            yield from self._frames_of(capture, path)
        finally:
            capture.release()

    def close(self) -> None:
        self._closed.set()

    def _frames_of(self, capture: Capture, path: Path) -> Iterator[Frame]:
        thinner = Thinner(self._spec.max_fps)
        index = 0
        while not self._closed.is_set():
            if not capture.grab():
                raise SourceError(_why_silent(path))
            t = self._clock.monotonic()
            if not thinner.wanted(t):
                continue
            whole, image = capture.retrieve()
            if not whole or image is None or image.ndim != 3:
                self.progress.corrupt += 1
                continue
            index += 1
            self.progress.silence = "the camera stopped sending pictures"
            yield Frame(self._spec.id, t, np.ascontiguousarray(image), index)


def device_path(address: str) -> Path:
    """`0`, `/dev/video0` or a stable name under `/dev/v4l/` -> the device; SourceError for all else."""
    if re.fullmatch(r"[0-9]{1,3}", address):
        return Path(f"/dev/video{int(address)}")
    if re.fullmatch(r"/dev/(video[0-9]{1,3}|v4l/by-(id|path)/[\w.:+-]+)", address):
        return Path(address)
    raise SourceError("a webcam is named by its number (0) or its device (/dev/video0)", hopeless=True)


def check_device(path: Path, ioctl: Ioctl = fcntl.ioctl) -> None:
    """SourceError with the exact reason when no picture can be had from the device."""
    try:
        device = os.open(path, os.O_RDWR | os.O_NONBLOCK)
    except OSError as error:
        raise SourceError(_why_closed(path, error.errno)) from None
    try:
        _check_pictures(device, path, ioctl)
        _check_free(device, path, ioctl)
    finally:
        os.close(device)


def _check_pictures(device: int, path: Path, ioctl: Ioctl) -> None:
    answer = bytearray(104)
    try:
        ioctl(device, VIDIOC_QUERYCAP, answer)
    except OSError:
        raise SourceError(f"{path} is not a camera", hopeless=True) from None
    capabilities, of_device = struct.unpack_from("<II", answer, 84)
    if not (of_device if capabilities & CAP_DEVICE_CAPS else capabilities) & CAP_VIDEO_CAPTURE:
        raise SourceError(
            f"{path} gives no pictures (a camera often has a second device without any; try the one before)",
            hopeless=True,
        )


def _check_free(device: int, path: Path, ioctl: Ioctl) -> None:
    """Asking for no buffers changes nothing, and fails while another program holds some."""
    request = bytearray(struct.pack("<IIIIBBBB", 0, BUF_TYPE_VIDEO_CAPTURE, MEMORY_MMAP, 0, 0, 0, 0, 0))
    try:
        ioctl(device, VIDIOC_REQBUFS, request)
    except OSError as error:
        if error.errno == errno.EBUSY:
            raise SourceError(_why_closed(path, errno.EBUSY)) from None
        # Drivers that stream in another way do not know this request; opening will tell.


def _why_closed(path: Path, number: int | None) -> str:
    if number in (errno.ENOENT, errno.ENODEV, errno.ENXIO, errno.ENOTDIR):
        present = sorted(str(p) for p in Path("/dev").glob("video*"))
        others = f"present: {', '.join(present)}" if present else "none is connected"
        return f"there is no camera at {path} ({others})"
    if number in (errno.EACCES, errno.EPERM):
        return f"no permission to use {path}: add the user to the group video and sign in again"
    if number == errno.EBUSY:
        return f"another program is using the camera {path}"
    return f"the camera {path} cannot be opened ({os.strerror(number or 0)})"


def _why_silent(path: Path) -> str:
    if not path.exists():
        return f"the camera {path} was unplugged"
    return f"the camera {path} stopped sending pictures"


def capture_of(path: Path, settings: SourceSettings) -> Capture:
    """OpenCV's capture: MJPEG where the camera has it (raw video fills a USB 2 bus at 10 frames a second)."""
    wishes = (
        (cv2.CAP_PROP_FOURCC, cv2.VideoWriter.fourcc(*"MJPG")),
        (cv2.CAP_PROP_FRAME_WIDTH, settings.usb_width),
        (cv2.CAP_PROP_FRAME_HEIGHT, settings.usb_height),
        (cv2.CAP_PROP_BUFFERSIZE, 2),
        (cv2.CAP_PROP_READ_TIMEOUT_MSEC, round(settings.read_s * 1000)),
    )
    capture = cv2.VideoCapture(str(path), cv2.CAP_V4L2)
    if not capture.isOpened():
        capture.release()
        raise SourceError(f"the camera {path} cannot be opened (its picture format is not supported)")
    for name, value in wishes:
        capture.set(name, value)  # a camera that cannot do as wished keeps its own way
    return _OpenCvCapture(capture)


class _OpenCvCapture:
    def __init__(self, capture: cv2.VideoCapture) -> None:
        self._capture = capture

    def grab(self) -> bool:
        return self._capture.grab()

    def retrieve(self) -> tuple[bool, Image | None]:
        whole, image = self._capture.retrieve()
        return whole, np.asarray(image, dtype=np.uint8) if whole else None

    def release(self) -> None:
        self._capture.release()
