"""Webcams: what may be named, why one cannot be opened, and reading one."""

from __future__ import annotations

import errno
import os
import struct
from pathlib import Path

import numpy as np
import pytest

from dashboard.clock import SystemClock
from dashboard.settings import SourceSettings
from dashboard.source import SourceError
from dashboard.source.usb import (
    CAP_DEVICE_CAPS,
    CAP_VIDEO_CAPTURE,
    VIDIOC_QUERYCAP,
    UsbSource,
    check_device,
    device_path,
)
from dashboard.values import CameraSpec, Image, SourceKind

CLOCK = SystemClock()
SETTINGS = SourceSettings()


@pytest.mark.parametrize(
    ("address", "path"),
    [
        ("0", "/dev/video0"),
        ("12", "/dev/video12"),
        ("/dev/video3", "/dev/video3"),
        (
            "/dev/v4l/by-id/usb-046d_HD_Pro_C920-video-index0",
            "/dev/v4l/by-id/usb-046d_HD_Pro_C920-video-index0",
        ),
    ],
)
def test_named(address: str, path: str) -> None:
    assert device_path(address) == Path(path)


@pytest.mark.parametrize(
    "address", ["", "-1", "1 ", "0x1", "/dev/sda", "/dev/video0/../sda", "rtsp://10.0.0.5/x"]
)
def test_not_a_webcam(address: str) -> None:
    with pytest.raises(SourceError, match="named by its number"):
        device_path(address)


def reason_of(path: Path, ioctl: object = None) -> str:
    with pytest.raises(SourceError) as caught:
        check_device(path, ioctl) if callable(ioctl) else check_device(path)
    return caught.value.reason


def test_no_such_device(tmp_path: Path) -> None:
    assert reason_of(tmp_path / "video9").startswith(f"there is no camera at {tmp_path / 'video9'} (")


def test_no_permission(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> int:
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr(os, "open", refuse)
    reason = reason_of(Path("/dev/video0"))
    assert reason == "no permission to use /dev/video0: add the user to the group video and sign in again"


class Driver:
    """A video device's answers."""

    def __init__(self, capabilities: int, of_device: int, busy: int | None = None) -> None:
        self._answer = struct.pack("<II", capabilities, of_device)
        self._busy = busy

    def __call__(self, device: int, request: int, buffer: bytearray) -> int:
        if request == VIDIOC_QUERYCAP:
            buffer[84:92] = self._answer
        elif self._busy is not None:
            raise OSError(self._busy, os.strerror(self._busy))
        return 0


@pytest.fixture
def device(tmp_path: Path) -> Path:
    path = tmp_path / "video0"
    path.touch()
    return path


def test_usable(device: Path) -> None:
    check_device(device, Driver(CAP_VIDEO_CAPTURE, 0))
    check_device(device, Driver(CAP_VIDEO_CAPTURE | CAP_DEVICE_CAPS, CAP_VIDEO_CAPTURE))
    check_device(device, Driver(CAP_VIDEO_CAPTURE, 0, busy=errno.EINVAL))


def test_unusable(device: Path) -> None:
    metadata_only = Driver(CAP_VIDEO_CAPTURE | CAP_DEVICE_CAPS, 0x00800000)
    assert "gives no pictures" in reason_of(device, metadata_only)
    busy = Driver(CAP_VIDEO_CAPTURE, 0, busy=errno.EBUSY)
    assert reason_of(device, busy) == f"another program is using the camera {device}"
    # An ordinary file: the real ioctl refuses it.
    assert reason_of(device) == f"{device} is not a camera"


class Webcam:
    """Gives what it is told: a picture, None for a damaged one; then nothing more."""

    def __init__(self, pictures: list[Image | None]) -> None:
        self._pictures = pictures
        self.released = False

    def grab(self) -> bool:
        return bool(self._pictures)

    def retrieve(self) -> tuple[bool, Image | None]:
        picture = self._pictures.pop(0)
        return picture is not None, picture

    def release(self) -> None:
        self.released = True


def source_of(webcam: Webcam) -> UsbSource:
    spec = CameraSpec("desk", "Desk", SourceKind.USB, "0")
    return UsbSource(spec, CLOCK, SETTINGS, lambda *_: webcam, lambda _: None)


def test_reading() -> None:
    picture = np.full((4, 6, 3), 9, np.uint8)
    webcam = Webcam([picture, None, picture])
    source = source_of(webcam)
    frames = source.frames()
    got = [next(frames), next(frames)]
    assert [f.index for f in got] == [1, 2] and got[0].t <= got[1].t <= CLOCK.monotonic()
    assert np.array_equal(got[0].image, picture) and got[0].camera == "desk"
    assert source.progress.corrupt == 1
    with pytest.raises(SourceError, match="unplugged"):
        next(frames)
    assert webcam.released


def test_closing_ends_it() -> None:
    webcam = Webcam([np.zeros((4, 6, 3), np.uint8)] * 5)
    source = source_of(webcam)
    frames = source.frames()
    next(frames)
    source.close()
    assert list(frames) == [] and webcam.released


def test_the_real_device_is_checked_first() -> None:
    spec = CameraSpec("desk", "Desk", SourceKind.USB, "/dev/video253")
    with pytest.raises(SourceError, match="there is no camera at /dev/video253"):
        next(UsbSource(spec, CLOCK, SETTINGS).frames())
