"""Labelled clips of key points out of an `.npz` file: arrays (frames, 51), the class in the array's name."""

from __future__ import annotations

import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from dashboard.values import Floats
from dashboard.vision.danger.model import Doing
from dashboard.vision.danger.window import JOINTS

LEFT_OUT = "misc"
_UNDER = "u"


class ClipError(Exception):
    """A file or an array in it cannot be used; the message names it and says why."""


@dataclass(frozen=True, eq=False)
class Clip:
    """`points` (F, 17, 3): x, y, score. `doing` is None for what nobody can call one of the three;
    `under` whether the camera was under water, None where the name does not say."""

    name: str
    points: Floats
    doing: Doing | None
    under: bool | None = None


def read_clips(file: Path) -> list[Clip]:
    """All clips of a file, in the order of their names. ClipError."""
    try:
        with file.open("rb") as raw, np.load(raw, allow_pickle=False) as arrays:
            return [_clip(file, name, arrays[name]) for name in sorted(arrays.files)]
    except ClipError:
        raise
    except FileNotFoundError:
        raise ClipError(f"{file}: there is no such file") from None
    except (OSError, ValueError, EOFError, TypeError, zipfile.BadZipFile) as error:
        raise ClipError(f"{file}: cannot be read as an .npz file ({error})") from None


def write_clips(file: Path, clips: Sequence[Clip]) -> None:
    """Clips as `read_clips` reads them. ClipError."""
    arrays: dict[str, Any] = {clip.name: clip.points.reshape(len(clip.points), -1) for clip in clips}
    try:
        np.savez_compressed(file, **arrays)
    except OSError as error:
        raise ClipError(f"{file}: cannot be written ({error})") from None


def _clip(file: Path, name: str, array: np.ndarray[tuple[int, ...], np.dtype[np.generic]]) -> Clip:
    where = f"{file}: the array {name!r}"
    if array.ndim != 2 or array.shape[1] != JOINTS * 3:
        raise ClipError(f"{where} has the shape {array.shape}; (frames, {JOINTS * 3}) is expected")
    if not np.issubdtype(array.dtype, np.number) or np.iscomplexobj(array):
        raise ClipError(f"{where} holds no numbers but {array.dtype}")
    points = np.asarray(array, np.float32).reshape(-1, JOINTS, 3)
    words = name.lower().split("_")
    named = [doing for doing in Doing if doing in words]
    if len(named) != 1 and LEFT_OUT not in words:
        classes = ", ".join([*Doing, LEFT_OUT])
        raise ClipError(f"{where}: its name must hold one of {classes}, as in 'x_o_swim_3'")
    under = (_UNDER in words) if {_UNDER, "o"} & set(words) else None
    return Clip(name, known_points(points), named[0] if LEFT_OUT not in words else None, under)


def known_points(points: Floats) -> Floats:
    """The points with those that are no numbers where they were last known, with a score of zero: a missing
    point must not be a place. Before the first knowledge the body's middle stands in."""
    missing = np.asarray(~np.isfinite(points).all(-1))
    if not missing.any():
        return points
    filled = points.copy()
    filled[missing] = 0.0
    count = np.maximum((~missing).sum(1, keepdims=True), 1)
    last = filled[..., :2].sum(1, keepdims=True)[:, 0] / count
    for frame in range(len(filled)):
        before = filled[frame - 1, :, :2] if frame else np.repeat(last[:1], JOINTS, 0)
        filled[frame, missing[frame], :2] = before[missing[frame]]
    return filled
