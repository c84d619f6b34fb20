from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from dashboard.vision.background import Background
from dashboard.vision.empty import blotted, filled
from dashboard.vision.keeping import BackgroundError, Kept, read, write


def kept(camera: str = "pool") -> Kept:
    background = Background((640, 360))
    rng = np.random.default_rng(2)
    background.mean[:] = rng.integers(0, 255, background.mean.shape)
    background.known_s[:100] = 77
    detail = rng.integers(0, 255, (360, 640, 3)).astype(np.uint8)
    detailed = background.known_s > 0
    arrays = background.mean, background.deviation, background.known_s
    return Kept(camera, (640, 360), *arrays, background.known_s > 1, detail, detailed)


def test_what_is_written_is_read(tmp_path: Path) -> None:
    was = kept()
    write(tmp_path / "b.npz", was)
    now = read(tmp_path / "b.npz")
    assert (now.camera, now.image_wh) == ("pool", (640, 360))
    assert now.mean == pytest.approx(was.mean, abs=0.1)
    assert now.known_s == pytest.approx(was.known_s, abs=0.1)
    assert (now.detail == was.detail).all()
    assert (now.detailed == was.detailed).all()
    assert (now.trusted == was.trusted).all()
    assert [p.name for p in tmp_path.iterdir()] == ["b.npz"]


def _cut(whole: bytes) -> bytes:
    return whole[: len(whole) // 2]


def _flipped(whole: bytes) -> bytes:
    middle = len(whole) // 3
    return whole[:middle] + bytes(255 - byte for byte in whole[middle : middle + 400]) + whole[middle + 400 :]


@pytest.mark.parametrize(
    "spoil",
    [lambda _: b"", lambda _: b"no background at all", _cut, _flipped],
    ids=["empty", "text", "cut off", "bits flipped"],
)
def test_a_damaged_file_is_refused(tmp_path: Path, spoil: Callable[[bytes], bytes]) -> None:
    file = tmp_path / "b.npz"
    write(file, kept())
    file.write_bytes(spoil(file.read_bytes()))
    with pytest.raises(BackgroundError, match=r"b\.npz"):
        read(file)


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BackgroundError, match="nothing"):
        read(tmp_path / "nothing")


def test_a_size_that_does_not_fit_is_refused(tmp_path: Path) -> None:
    write(tmp_path / "b", replace(kept(), image_wh=(640, 480)))
    with pytest.raises(BackgroundError, match="size"):
        read(tmp_path / "b")


def test_a_folder_that_cannot_be_written_leaves_the_old_file(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="nowhere"):
        write(tmp_path / "nowhere" / "b", kept())
    assert list(tmp_path.iterdir()) == []


def test_the_unknown_is_filled_from_around_and_grey_without_anything() -> None:
    colours = np.zeros((40, 60, 3), np.float32)
    colours[:, :, 1] = 100
    colours[10:30, 20:40] = (5, 250, 5)  # must not show
    known = np.ones((40, 60), bool)
    known[10:30, 20:40] = False
    assert filled(colours, known)[..., 1] == pytest.approx(100, abs=0.5)
    assert (filled(colours, np.zeros_like(known)) == 128).all()


def test_a_blotted_box_shows_nothing_of_what_was_there() -> None:
    picture = np.full((200, 300, 3), 90, np.uint8)
    picture[50:150, 100:140] = (0, 0, 255)
    assert blotted(picture, []) is picture
    clean = blotted(picture, [(100, 50, 140, 150)])
    assert abs(clean.astype(int) - 90).max() <= 2
