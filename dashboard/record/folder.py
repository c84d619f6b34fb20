"""Where the files of clips lie: a folder a day (UTC), `ID.mp4` and its companions in it. No name from outside
comes into a path unchecked."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import IO

# The redacted video, its thumbnail, the track of skeletons, the sealed real picture.
VIDEO, THUMB, TRACK, SEALED = ".mp4", ".jpg", ".track.gz", ".sealed"
ENDINGS = (VIDEO, THUMB, TRACK, SEALED)
# What is still being written, and what is put together out of it.
PART, NEW = ".part", ".new"
_ID = re.compile(r"[0-9a-f]{32}")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def clips_folder(data: Path) -> Path:
    return data / "clips"


def clip_day(data: Path, began: datetime) -> Path:
    """The folder of a clip that began then (aware)."""
    return clips_folder(data) / f"{began.astimezone(UTC):%Y-%m-%d}"


def clip_path(day: Path, clip: str, ending: str) -> Path:
    if not _ID.fullmatch(clip):
        raise ValueError("no clip's number")
    return day / f"{clip}{ending}"


def private_file(path: Path) -> IO[bytes]:
    """A new, empty file for its owner only. OSError."""
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb")


def remove_files(day: Path, clip: str) -> None:
    """All files of a clip, unfinished ones too. OSError when one cannot be removed."""
    for ending in ENDINGS:
        clip_path(day, clip, ending).unlink(missing_ok=True)
        for unfinished in (PART, NEW):
            clip_path(day, clip, ending + unfinished).unlink(missing_ok=True)
    if day.is_dir() and not any(day.iterdir()):
        day.rmdir()


def size_of(day: Path, clip: str) -> int:
    """The bytes of a clip's files on disk."""
    found = [clip_path(day, clip, ending) for ending in ENDINGS]
    return sum(path.stat().st_size for path in found if path.is_file())


def walked(data: Path) -> Iterator[tuple[Path, str, str]]:
    """Every file in the folder: its path, the clip that it belongs to and its ending; two empty texts for
    what is no clip's. Links are not followed."""
    folder = clips_folder(data)
    for day in sorted(folder.iterdir()) if folder.is_dir() else ():
        if day.is_symlink() or not day.is_dir() or not _DAY.fullmatch(day.name):
            yield day, "", ""
            continue
        for path in sorted(day.iterdir()):
            clip, ending = path.name[:32], path.name[32:]
            known = _ID.fullmatch(clip) and ending.removesuffix(PART).removesuffix(NEW) in ENDINGS
            ours = known and path.is_file() and not path.is_symlink()
            yield (path, clip, ending) if ours else (path, "", "")
