"""The pictures that leave a worker."""

from __future__ import annotations

import cv2
import numpy as np

from dashboard.monitor.preview import Preview
from dashboard.settings import MonitorSettings
from dashboard.values import Image

SETTINGS = MonitorSettings()


def decoded(jpeg: bytes | None) -> Image:
    assert jpeg is not None
    return np.asarray(cv2.imdecode(np.frombuffer(jpeg, np.uint8), cv2.IMREAD_COLOR), np.uint8)


def scene(width: int = 1280, height: int = 720, level: int = 90) -> Image:
    image = np.full((height, width, 3), level, np.uint8)
    image[height // 2 :, : width // 2] = (180, 120, 40)
    return image


def test_nothing_learnt_gives_something_neutral_once() -> None:
    preview = Preview(SETTINGS)
    picture = decoded(preview.empty(None, 0.0))
    assert picture.shape == (540, 960, 3)
    assert picture.std(axis=(0, 1)).max() < 2
    assert preview.empty(None, 2.0) is None


def test_the_learnt_picture_is_sent_when_it_looks_different() -> None:
    preview = Preview(SETTINGS)
    assert preview.empty(scene(), 0.0) is not None
    assert preview.empty(scene(), 2.0) is None
    noisy = scene()
    noisy[::7, ::5] += 1
    assert preview.empty(noisy, 4.0) is None
    changed = scene()
    changed[100:200, 200:330] = 250
    assert preview.empty(changed, 6.0) is not None
    assert preview.empty(scene(640, 480), 8.0) is not None


def test_the_learnt_picture_is_looked_at_every_two_seconds_and_at_once_after_a_pause() -> None:
    preview = Preview(SETTINGS)
    assert preview.empty_due(0.0)
    preview.empty(scene(), 0.0)
    assert not preview.empty_due(1.9)
    assert preview.empty_due(2.0)
    preview.forget()
    assert preview.empty_due(0.1)
    assert preview.empty(scene(), 0.1) is not None


def test_pictures_are_no_wider_than_asked_and_keep_their_shape() -> None:
    assert decoded(Preview(SETTINGS).real(scene(1920, 1080), 0.0)).shape == (540, 960, 3)
    assert decoded(Preview(SETTINGS).real(scene(480, 640), 0.0)).shape == (640, 480, 3)
    assert decoded(Preview(SETTINGS).real(scene(961, 3), 0.0)).shape == (3, 960, 3)


def test_the_real_picture_comes_at_most_fifteen_times_a_second() -> None:
    preview = Preview(SETTINGS)
    at_30 = sum(preview.real(scene(64, 48), i / 30) is not None for i in range(300))
    assert 140 <= at_30 <= 155
    preview = Preview(SETTINGS)
    at_10 = sum(preview.real(scene(64, 48), i / 10) is not None for i in range(100))
    assert at_10 == 100
