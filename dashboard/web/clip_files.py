"""The files of clips, by number alone: the day's folder is looked for, never named by who asks. Nothing
outside of the clips folder is opened: numbers are checked first, and links are not followed."""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from dashboard.web.ranges import Source
from dashboard.web.text import one_line

ENDINGS = {"video": ".mp4", "thumb": ".jpg", "track": ".track.gz"}
_ID = re.compile(r"[0-9a-f]{32}")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
# What file systems and mail programs do not take in a name.
_UNFIT = re.compile(r'[\\/:*?"<>|%\x00-\x1f\x7f]+')


def is_clip_id(text: str) -> bool:
    """Whether it may be a clip's number: 32 digits, hexadecimal, lower case."""
    return _ID.fullmatch(text) is not None


def clip_file(data: Path, clip: str, what: str) -> Source | None:
    """One file of a clip, None when there is none. `what` is a key of `ENDINGS`."""
    found = _found(data, clip, what)
    return None if found is None else _source(*found)


def clip_path(data: Path, clip: str, what: str) -> Path | None:
    """Where it lies, None when there is none."""
    found = _found(data, clip, what)
    return None if found is None else found[0]


def _found(data: Path, clip: str, what: str) -> tuple[Path, os.stat_result] | None:
    if not is_clip_id(clip):
        return None
    name = clip + ENDINGS[what]
    for day in _days(data / "clips"):
        try:
            found = os.lstat(day / name)
        except OSError:
            continue
        if stat.S_ISREG(found.st_mode):
            return day / name, found
    return None


def _days(folder: Path) -> Iterator[Path]:
    """The folders of the days, the newest first."""
    try:
        with os.scandir(folder) as entries:
            names = [e.name for e in entries if _DAY.fullmatch(e.name) and e.is_dir(follow_symlinks=False)]
    except OSError:
        return
    for name in sorted(names, reverse=True):
        yield folder / name


def _source(path: Path, found: os.stat_result) -> Source:
    def read(start: int, length: int) -> bytes:
        try:
            number = os.open(path, os.O_RDONLY | os.O_NOFOLLOW)
        except OSError:
            return b""  # Deleted meanwhile.
        try:
            return os.pread(number, length, start)
        finally:
            os.close(number)

    return Source(found.st_size, f'"{found.st_mtime_ns:x}-{found.st_size:x}"', read)


def file_name(camera: str, began_utc: str, zone: str) -> str:
    """What a saved clip is called: the camera and when it began, by the clock of who saves it (this machine's
    where that is not known)."""
    try:
        place = ZoneInfo(zone) if zone else None
    except (ZoneInfoNotFoundError, ValueError, OSError):
        place = None
    at = datetime.fromisoformat(began_utc).astimezone(place)
    name = one_line(_UNFIT.sub(" ", camera[:1000]), 40).strip(" .") or "Camera"
    return f"{name} {at:%Y-%m-%d %H-%M-%S}.mp4"
