"""The file of what was normal: whole or not at all, small, and refused in plain words."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from dashboard.vision.afterwards import KeptLight, Lay, Remembered, blob_of
from dashboard.vision.light_file import MOST_BYTES, LightsError, read, write
from dashboard.vision.lights import MOST
from dashboard.vision.normal import Kept
from dashboard.vision.shown import Shown

AT_S = 1.8e9
SHAPE = (270, 480)
DAY_S = 86400.0


def light(seed: int, noise: bool = False) -> KeptLight:
    """A light with a picture of its own; with `noise` it can hardly be compressed."""
    rng = np.random.default_rng(seed)
    normal = np.full((*SHAPE, 3), 40 + seed, np.uint8)
    if noise:
        normal = rng.integers(0, 255, (*SHAPE, 3)).astype(np.uint8)
    deviation = rng.integers(12, 255 if noise else 13, SHAPE).astype(np.uint8)
    shown = Shown()
    shown.renew(Kept(normal, deviation, np.ones(SHAPE, bool)), np.ones(SHAPE, bool))
    return KeptLight(shown, (blob_of((1, 2, 9, 8), (1, 2, 3), (4, 5, 6)),), 60.0 + seed, AT_S)


def remembered(lights: int = 2, noise: bool = False) -> Remembered:
    lay = Lay(7, blob_of((10, 20, 30, 44), (200.5, 20, 30), (90, 91, 92)))
    kept = tuple(light(seed, noise) for seed in range(lights))
    return Remembered("pool", (1280, 720), AT_S, 1008, kept, lights - 1, (lay,))


def test_what_is_written_is_read(tmp_path: Path) -> None:
    was = remembered()
    write(tmp_path / "a.lights", was)
    now = read(tmp_path / "a.lights", "pool", AT_S + 5)
    assert (now.camera, now.image_wh, now.at_s, now.next_id, now.current) == (
        "pool",
        (1280, 720),
        AT_S,
        1008,
        1,
    )
    for before, after in zip(was.lights, now.lights, strict=True):
        assert (after.seen_s, after.at_s) == (before.seen_s, before.at_s)
        assert (after.shown.kept().normal == before.shown.kept().normal).all()
        assert [blob.box for blob in after.changes] == [(1, 2, 9, 8)]
    assert (now.lay[0].id, now.lay[0].blob.box) == (7, (10, 20, 30, 44))
    assert now.lay[0].blob.colour.tolist() == [200.5, 20, 30]
    assert [p.name for p in tmp_path.iterdir()] == ["a.lights"]


def test_nobody_else_on_the_machine_can_read_it(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        write(tmp_path / "a.lights", remembered())
    finally:
        os.umask(before)
    assert (tmp_path / "a.lights").stat().st_mode & 0o777 == 0o600


def test_it_stays_small_however_little_can_be_compressed(tmp_path: Path) -> None:
    write(tmp_path / "a.lights", remembered(MOST + 3, noise=True))
    assert (tmp_path / "a.lights").stat().st_size < MOST_BYTES + 100_000
    found = read(tmp_path / "a.lights", "pool", AT_S)
    # The newest are kept, the light of the moment among them.
    assert 5 <= len(found.lights) <= MOST
    assert found.current == len(found.lights) - 1
    assert found.lights[-1].seen_s == 60.0 + MOST + 2


def _cut(whole: bytes) -> bytes:
    return whole[: len(whole) // 2]


def _flipped(whole: bytes) -> bytes:
    # In the middle of a picture.
    at = whole.index(b"IDAT") + 8
    return whole[:at] + bytes(255 - byte for byte in whole[at : at + 40]) + whole[at + 40 :]


@pytest.mark.parametrize(
    "spoil",
    [lambda _: b"", lambda _: b"no lights at all", _cut, _flipped, lambda _: bytes(2 * MOST_BYTES + 1)],
    ids=["empty", "text", "cut off", "bits flipped", "vast"],
)
def test_a_damaged_file_is_refused(tmp_path: Path, spoil: Callable[[bytes], bytes]) -> None:
    file = tmp_path / "a.lights"
    write(file, remembered())
    file.write_bytes(spoil(file.read_bytes()))
    with pytest.raises(LightsError, match=r"a\.lights"):
        read(file, "pool", AT_S)


def changed(file: Path, **arrays: object) -> None:
    """The file with other arrays in it."""
    with np.load(file) as opened:
        whole = {name: opened[name] for name in opened.files}
    whole.update({name: np.array(value) for name, value in arrays.items()})
    with file.open("wb") as out:
        np.savez(out, **whole)


@pytest.mark.parametrize(
    ("arrays", "why"),
    [
        ({"version": 99}, "another version"),
        ({"camera": "gate"}, "another camera"),
        ({"at_s": AT_S - 40 * DAY_S}, "40 days old"),
        ({"current": 2}, "does not hold"),
        ({"rows": [[0, 0, 470, 0, 500, 9, 1, 1, 1, 1, 1, 1]]}, "outside the picture"),
        ({"rows": [[0, 0, 4, 0, float("nan"), 9, 1, 1, 1, 1, 1, 1]]}, "numbers that are none"),
        ({"times": [[1.0, 1.0]] * (MOST + 1)}, "more in the file"),
        ({"picture1": [1, 2, 3]}, "damaged"),
        ({"deviation1": [], "picture1": []}, "damaged"),
        ({"image_wh": [1]}, "damaged"),
    ],
)
def test_a_file_that_does_not_fit_is_refused_in_words(
    tmp_path: Path, arrays: dict[str, object], why: str
) -> None:
    file = tmp_path / "a.lights"
    write(file, remembered())
    changed(file, **arrays)
    with pytest.raises(LightsError, match=why):
        read(file, "pool", AT_S)


def test_a_light_that_was_not_there_for_weeks_is_forgotten(tmp_path: Path) -> None:
    was = remembered(3)
    old = replace(was.lights[1], at_s=AT_S - 20 * DAY_S)
    write(tmp_path / "a.lights", replace(was, lights=(was.lights[0], old, was.lights[2])))
    found = read(tmp_path / "a.lights", "pool", AT_S)
    assert [light.seen_s for light in found.lights] == [60.0, 62.0]
    assert found.current == 1


def test_what_is_no_archive_but_an_array_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "a.lights"
    with file.open("wb") as out:
        np.save(out, np.zeros(3))
    with pytest.raises(LightsError, match="damaged"):
        read(file, "pool", AT_S)


def test_a_folder_that_cannot_be_written_leaves_what_was_there(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="nowhere"):
        write(tmp_path / "nowhere" / "a.lights", remembered())


KILLED = """
import os, signal, sys
from pathlib import Path
from tests.unit.test_vision_light_file import remembered
from dashboard.vision.light_file import write
os.fsync = lambda number: os.kill(os.getpid(), signal.SIGKILL)
write(Path(sys.argv[1]), remembered(4))
"""


def test_a_process_killed_while_it_writes_leaves_the_older_file(tmp_path: Path) -> None:
    file = tmp_path / "a.lights"
    write(file, replace(remembered(), next_id=77))
    killed = subprocess.run([sys.executable, "-c", KILLED, str(file)], check=False, timeout=60)
    assert killed.returncode == -signal.SIGKILL
    assert len(list(tmp_path.iterdir())) == 2  # and what was half written
    assert read(file, "pool", AT_S).next_id == 77
    write(file, remembered())
    assert [path.name for path in tmp_path.iterdir()] == ["a.lights"]
