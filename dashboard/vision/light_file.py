"""What was normal on disk: a camera's lights in one small file, written whole or not at all, refused clearly
when it does not fit."""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from dashboard.vision.afterwards import KeptLight, Lay, Remembered, blob_of
from dashboard.vision.blobs import Blob
from dashboard.vision.keeping import write_whole
from dashboard.vision.lights import MOST
from dashboard.vision.shown import Shown

VERSION = 1
MOST_BYTES = 4_000_000
MOST_ROWS = 1000
OLDEST_S = 14 * 86400.0  # plants have grown by then, furniture has found other places
_LAY = -1
# All that reading a file can meet that was written by something else, or half.
_DAMAGED = (
    OSError,
    ValueError,
    LookupError,
    TypeError,
    OverflowError,
    EOFError,
    MemoryError,
    NotImplementedError,
    zipfile.BadZipFile,
    zlib.error,
    cv2.error,
)
Rows = NDArray[np.float64]


class LightsError(ValueError):
    """Kept lights cannot be used; the message says why in plain words. They are learnt anew."""


def write(path: Path, remembered: Remembered) -> None:
    """Writes `path` atomically; the lights that were there longest ago are left out where all are too much.
    OSError: it cannot be written; what was there stays."""
    chosen = _affordable(remembered.lights)
    order = [remembered.lights.index(light) for light in chosen]
    current = order.index(remembered.current) if remembered.current in order else -1
    rows = [_row(_LAY, lay.id, lay.blob) for lay in remembered.lay[-MOST_ROWS // 2 :]]
    for number, light in enumerate(chosen):
        rows += [_row(number, 0, blob) for blob in light.changes]
    arrays: dict[str, np.ndarray] = {
        "version": np.array(VERSION),
        "camera": np.array(remembered.camera),
        "image_wh": np.array(remembered.image_wh),
        "at_s": np.array(remembered.at_s),
        "next_id": np.array(remembered.next_id),
        "current": np.array(current),
        "times": np.array([(light.seen_s, light.at_s) for light in chosen], np.float64),
        "rows": np.array(rows, np.float64).reshape(-1, 12),
    }
    for number, light in enumerate(chosen):
        arrays[f"picture{number}"] = np.frombuffer(light.shown.picture, np.uint8)
        arrays[f"deviation{number}"] = np.frombuffer(light.shown.deviation, np.uint8)
    write_whole(path, arrays)


def read(path: Path, camera: str, now_s: float) -> Remembered:
    """Reads what `write` wrote for a camera; `now_s` of the wall clock. LightsError: missing, damaged, of
    another version or camera, or too old."""
    try:
        if path.stat().st_size > 2 * MOST_BYTES:
            raise LightsError(f"{path.name} is larger than anything that was kept")
        with path.open("rb") as opened, np.load(opened, allow_pickle=False) as file:
            version = int(file["version"])
            if version != VERSION:
                raise LightsError(f"{path.name} was written by another version")
            arrays = {name: file[name] for name in file.files}
        found = _checked(arrays)
    except LightsError:
        raise
    except _DAMAGED as error:
        raise LightsError(f"{path.name} is damaged or holds no lights ({error})") from None
    if found.camera != camera:
        raise LightsError(f"{path.name} is of another camera")
    if now_s - found.at_s > OLDEST_S:
        raise LightsError(f"{path.name} is {(now_s - found.at_s) / 86400:.0f} days old")
    return _recent(found, now_s)


def _recent(found: Remembered, now_s: float) -> Remembered:
    """Without the lights that have not been there for too long."""
    order = [n for n, light in enumerate(found.lights) if now_s - light.at_s <= OLDEST_S]
    current = order.index(found.current) if found.current in order else -1
    return replace(found, lights=tuple(found.lights[n] for n in order), current=current)


def _affordable(lights: Sequence[KeptLight]) -> list[KeptLight]:
    """The lights that fit into the file, in their order; those that were there last come first."""
    chosen, left = [], MOST_BYTES
    for light in reversed(lights[-MOST:]):
        if light.shown.size <= left:
            chosen.append(light)
            left -= light.shown.size
    return chosen[::-1]


def _row(light: int, number: int, blob: Blob) -> tuple[float, ...]:
    """`light` and `number` as of the thing, its box, its colour and the usual one: 12 numbers."""
    return (light, number, *blob.box, *blob.colour.tolist(), *blob.usual.tolist())


def _checked(arrays: dict[str, np.ndarray]) -> Remembered:
    times, rows = arrays["times"].reshape(-1, 2), arrays["rows"]
    if len(times) > MOST or rows.ndim != 2 or rows.shape[1] != 12 or len(rows) > MOST_ROWS:
        raise LightsError("there is more in the file than was ever kept")
    if not (np.isfinite(times).all() and np.isfinite(rows).all()):
        raise LightsError("the file holds numbers that are none")
    shown = [
        Shown(arrays[f"picture{n}"].tobytes(), arrays[f"deviation{n}"].tobytes()) for n in range(len(times))
    ]
    sizes = {one.kept().deviation.shape for one in shown}
    if len(sizes) != 1:
        raise LightsError("the pictures in the file are of different sizes")
    blobs = _blobs(rows, sizes.pop())
    lights = tuple(
        KeptLight(one, tuple(b for k, _, b in blobs if k == n), float(times[n, 0]), float(times[n, 1]))
        for n, one in enumerate(shown)
    )
    current = int(arrays["current"])
    width, height = (int(side) for side in arrays["image_wh"])
    if not -1 <= current < len(lights):
        raise LightsError("the file names a light that it does not hold")
    return Remembered(
        str(arrays["camera"]),
        (width, height),
        float(arrays["at_s"]),
        int(arrays["next_id"]),
        lights,
        current,
        tuple(Lay(number, blob) for k, number, blob in blobs if k == _LAY),
    )


def _blobs(rows: Rows, shape: tuple[int, ...]) -> list[tuple[int, int, Blob]]:
    """Each row's light, number and blob; those beyond the picture's edge (h, w) are refused."""
    found = []
    for row in rows:
        left, top, right, bottom = (int(side) for side in row[2:6])
        if not (0 <= left < right <= shape[1] and 0 <= top < bottom <= shape[0]):
            raise LightsError("the file names a thing outside the picture")
        blob = blob_of((left, top, right, bottom), row[6:9].tolist(), row[9:12].tolist())
        found.append((int(row[0]), int(row[1]), blob))
    return found
