"""The learnt background on disk: written whole or not at all, refused clearly when it does not fit."""

from __future__ import annotations

import os
import zipfile
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from dashboard.values import Floats, Image
from dashboard.vision.background import Background, Mask

VERSION = 2
LONGEST_S = 30000.0


class BackgroundError(ValueError):
    """A kept background cannot be used; the message says why. It is learnt anew."""


@dataclass(frozen=True, eq=False)
class Kept:
    """What is kept of one camera: the background's arrays where they may be shown (`trusted`), and the
    empty picture's detail."""

    camera: str
    image_wh: tuple[int, int]
    mean: Floats
    deviation: Floats
    known_s: Floats
    trusted: Mask
    detail: Image
    detailed: Mask


def write(path: Path, kept: Kept) -> None:
    """Writes `path` atomically. OSError: it cannot be written; what was there stays."""
    arrays = {
        "version": np.array(VERSION),
        "camera": np.array(kept.camera),
        "image_wh": np.array(kept.image_wh),
        "mean": kept.mean.astype(np.float16),
        "deviation": kept.deviation.astype(np.float16),
        "known_s": np.minimum(kept.known_s, LONGEST_S).astype(np.float16),
        "trusted": np.packbits(kept.trusted),
        "detail": _png(kept.detail),
        "detailed": np.packbits(kept.detailed),
    }
    write_whole(path, arrays)


def write_whole(path: Path, arrays: Mapping[str, np.ndarray]) -> None:
    """Writes named arrays to `path`, for its owner's eyes only: all, or what was there stays. OSError."""
    fresh = path.with_name(path.name + ".part")
    try:
        with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            np.savez(file, **arrays)  # type: ignore[arg-type]
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(path)
    finally:
        fresh.unlink(missing_ok=True)


def read(path: Path) -> Kept:
    """Reads what `write` wrote. BackgroundError: missing, damaged, or of another version."""
    try:
        with path.open("rb") as opened, np.load(opened, allow_pickle=False) as file:
            arrays = {name: file[name] for name in file.files}
        if int(arrays["version"]) != VERSION:
            raise BackgroundError(f"{path.name} was written by another version")
        return _checked(arrays)
    except BackgroundError:
        raise
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile, zlib.error, cv2.error) as error:
        raise BackgroundError(f"{path.name} is damaged or no learnt background ({error})") from None


def _checked(arrays: dict[str, np.ndarray]) -> Kept:
    width, height = (int(side) for side in arrays["image_wh"])
    mean = arrays["mean"].astype(np.float32)
    shape = mean.shape[:2]
    fresh = Background((width, height), shape[1])
    if mean.shape != fresh.mean.shape or not np.isfinite(mean).all():
        raise BackgroundError("the kept background's size does not fit its camera's")
    for name in ("deviation", "known_s"):
        if arrays[name].shape != shape or not np.isfinite(arrays[name]).all():
            raise BackgroundError(f"the kept background's {name} does not fit")
    detail = cv2.imdecode(arrays["detail"], cv2.IMREAD_COLOR)
    if detail is None:
        raise BackgroundError("the kept empty picture is damaged")

    def mask(name: str) -> Mask:
        return np.unpackbits(arrays[name], count=shape[0] * shape[1]).reshape(shape).astype(bool)

    return Kept(
        str(arrays["camera"]),
        (width, height),
        mean,
        arrays["deviation"].astype(np.float32),
        arrays["known_s"].astype(np.float32),
        mask("trusted"),
        np.asarray(detail, np.uint8),
        mask("detailed"),
    )


def _png(image: Image) -> Image:
    return np.asarray(cv2.imencode(".png", image, [cv2.IMWRITE_PNG_COMPRESSION, 3])[1], np.uint8)
