"""A recorded track of one camera: what it saw, frame by frame, without a picture.

The file is gzip: a line of JSON with the camera, the picture's size, its zones, the mode and the judge's
settings, then a line a frame, an observation with its time in seconds from the track's start.
"""

from __future__ import annotations

import gzip
import json
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from dashboard.monitor.codec import (
    observation_from_json,
    observation_to_json,
    settings_from_json,
    settings_to_json,
    zones_from_json,
    zones_to_json,
)
from dashboard.rules.scale import Scale
from dashboard.rules.zonefile import ZoneError, read_zone, scale_of
from dashboard.settings import SettingError, Settings
from dashboard.values import Mode, Observation, Zone, ZoneKind

# Half an hour at 30 frames a second; ten people with skeletons are 8 kB a frame.
MOST_FRAMES = 54_000
_LONGEST_LINE = 1 << 20
_BROKEN = (OSError, EOFError, zlib.error)
_UNFIT = (KeyError, TypeError, ValueError, AttributeError)


class TrackError(Exception):
    """A track cannot be read; the message says in one line what is wrong."""


@dataclass(frozen=True)
class About:
    """What was so while the track was recorded."""

    camera: str
    size_wh: tuple[int, int]
    zones: tuple[Zone, ...]
    mode: Mode
    settings: Settings


@dataclass(frozen=True, eq=False)
class Recorded:
    """A whole track; the times of `observations` are seconds from its start."""

    about: About
    observations: tuple[Observation, ...]

    @property
    def length_s(self) -> float:
        """From the track's start to its last frame."""
        return self.observations[-1].t if self.observations else 0.0


def places(zones: Sequence[Zone]) -> tuple[Zone, ...]:
    """What is watched; a rectangle that only measures is none."""
    return tuple(zone for zone in zones if zone.kind is not ZoneKind.SCALE)


def scales(zones: Sequence[Zone]) -> tuple[Scale, ...]:
    """What zones of known size tell of metres; one that cannot be a rectangle tells nothing."""
    found = []
    for zone in zones:
        try:
            scale = scale_of(zone)
        except ZoneError:
            continue
        found += [] if scale is None else [scale]
    return tuple(found[:1])


def zones_of_entries(entries: Sequence[Mapping[str, Any]], camera: str) -> tuple[Zone, ...] | None:
    """A camera's zones as the pages have them, None when one cannot be read."""
    try:
        return tuple(read_zone({**entry, "camera": camera}) for entry in entries)
    except ZoneError:
        return None


def read_track(path: Path) -> Recorded:
    """TrackError says what is wrong with the file; a track that breaks off gives what there is."""
    try:
        with gzip.open(path, "rb") as file:
            return _recorded(_lines(file))
    except FileNotFoundError:
        raise TrackError("There is no track of this recording any more.") from None
    except _BROKEN as error:
        raise TrackError(f"The track cannot be read: {_reason(error)}.") from None


def _recorded(lines: Iterator[bytes]) -> Recorded:
    first = next(lines, None)
    if first is None:
        raise TrackError("The track is empty.")
    about = _about(_object(first, 1))
    found: list[Observation] = []
    for number, line in enumerate(lines, start=2):
        if len(found) >= MOST_FRAMES:
            raise TrackError(f"The track has more than {MOST_FRAMES} frames.")
        one = _observation(line, number, about.camera)
        # One that came late says nothing new: the live judge leaves it out as well.
        if not found or one.t >= found[-1].t:
            found.append(one)
    return Recorded(about, tuple(found))


def _lines(file: gzip.GzipFile) -> Iterator[bytes]:
    """Line by line. What a crash cut off in the middle is left out; what is no track at all is not."""
    some = False
    while True:
        try:
            line = file.readline(_LONGEST_LINE + 1)
        except (EOFError, zlib.error):
            if not some:
                raise
            return
        if len(line) > _LONGEST_LINE:
            raise TrackError("The track has a line that is too long.")
        if not line.endswith(b"\n"):
            return
        some = True
        yield line


def _object(line: bytes, number: int) -> Mapping[str, Any]:
    try:
        found = json.loads(line)
    except ValueError:
        raise TrackError(f"Line {number} of the track is no JSON.") from None
    if not isinstance(found, dict):
        raise TrackError(f"Line {number} of the track is no object.")
    return found


def _about(data: Mapping[str, Any]) -> About:
    try:
        width, height = data["size"]
        zones, camera = zones_from_json(data["zones"]), str(data["camera"])
        settings = settings_from_json(_known(data["settings"]))
        return About(camera, (int(width), int(height)), zones, Mode(data["mode"]), settings)
    except SettingError as error:
        raise TrackError(f"The track's settings cannot be read: {error}.") from None
    except _UNFIT as error:
        raise TrackError(f"Line 1 of the track is not what a track begins with ({error!r}).") from None


def _known(values: Mapping[str, Any]) -> dict[str, Any]:
    """Without settings that this version does not know: an older track stays readable."""
    there = settings_to_json(Settings())
    return {key: value for key, value in dict(values).items() if key in there}


def _observation(line: bytes, number: int, camera: str) -> Observation:
    try:
        return replace(observation_from_json(_object(line, number)), camera=camera)
    except _UNFIT as error:
        raise TrackError(f"Line {number} of the track is no observation ({error!r}).") from None


def _reason(error: BaseException) -> str:
    return (error.strerror if isinstance(error, OSError) else None) or "it is damaged"


class TrackWriter:
    """Writes a track, observation by observation. OSError when the disk refuses."""

    def __init__(self, path: Path, about: About) -> None:
        self._file = gzip.open(path, "wt", encoding="utf-8", compresslevel=5)  # noqa: SIM115
        self._write(about_to_json(about))

    def write(self, observation: Observation) -> None:
        self._write(observation_to_json(observation))

    def close(self) -> None:
        self._file.close()

    def _write(self, data: Mapping[str, Any]) -> None:
        self._file.write(json.dumps(data, ensure_ascii=False, separators=(",", ":")) + "\n")


def about_to_json(about: About) -> dict[str, Any]:
    """A track's first line."""
    return {
        "camera": about.camera,
        "size": list(about.size_wh),
        "zones": zones_to_json(about.zones),
        "mode": about.mode.value,
        "settings": settings_to_json(about.settings),
    }
