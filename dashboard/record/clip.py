"""One clip that is being written: the redacted video, the sealed real one, the track of skeletons, and a
thumbnail. All under names that say that they are unfinished, until the end."""

from __future__ import annotations

import contextlib
import gzip
import json
import os
import zlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

import cv2
from av.video.stream import VideoStream

from dashboard.record.animals import AnimalsOnly
from dashboard.record.coding import Coded
from dashboard.record.folder import (
    NEW,
    PART,
    SEALED,
    THUMB,
    TRACK,
    VIDEO,
    clip_path,
    private_file,
    remove_files,
    size_of,
)
from dashboard.record.movie import MovieError, PieceWriter, length_of, put_together
from dashboard.record.sealed import SealedWriter, can_be_opened
from dashboard.values import Image

_QUALITY = 80
_THUMB_WIDTH = 480
# The track is on the disk to the last second or so when the process dies.
_FLUSH_S = 1.0
_GZIP = 16 + zlib.MAX_WBITS
_TIMES = ("pose_t", "first_t", "seen_t")


@dataclass(frozen=True)
class ClipOrder:
    """Which clip, from when to when (monotonic seconds), and the head of its track. `may_open`: as far as the
    judge knows there are no people anywhere. `longer`: only for a clip that is being written; one that is
    over already must not be begun again. `seen_wh`: the size in whose pixels the track is."""

    clip: str
    since_t: float
    until_t: float
    day: Path
    head: Mapping[str, Any] = field(default_factory=dict)
    may_open: bool = False
    longer: bool = False
    seen_wh: tuple[int, int] = (0, 0)


@dataclass(frozen=True)
class Finished:
    """What became of a clip. Times monotonic seconds, `until_t` what was ordered last; `why` says what it
    cost, "" when all went well."""

    clip: str
    began_t: float
    ended_t: float
    size_wh: tuple[int, int]
    bytes: int = 0
    sealed: bool = False
    open: bool = False
    why: str = ""
    cut: bool = False
    until_t: float = 0.0


class Clip:
    """OSError and MovieError from any method mean that the clip is to be given up by `abandon`."""

    def __init__(
        self, order: ClipOrder, size_wh: tuple[int, int], twin: VideoStream, real: VideoStream, public: bytes
    ) -> None:
        self.order = order
        self.until_t = order.until_t
        self.size_wh = size_wh
        self.animals = AnimalsOnly()
        self._public = public
        order.day.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._twin_file: IO[bytes] = private_file(self._path(VIDEO + PART))
        self._twin = PieceWriter(self._twin_file, twin)
        self._sealed = SealedWriter(self._path(SEALED + PART), order.clip, public or None)
        self._real = PieceWriter(self._sealed, real)
        self._track_file: IO[bytes] = private_file(self._path(TRACK + PART))
        self._track = gzip.GzipFile(fileobj=self._track_file, mode="wb", compresslevel=5, mtime=0)
        self._line({"size": list(order.seen_wh), **order.head})
        self._flushed_t = float("-inf")
        self._last_t = order.since_t
        self._thumb_animal: bytes | None = None
        self._thumb_people = -1

    def twin(self, packets: Iterable[Coded]) -> None:
        for coded in packets:
            self._twin.add(coded)
            self._last_t = max(self._last_t, coded.t)
        self._twin_file.flush()

    def real(self, packets: Iterable[Coded]) -> None:
        for coded in packets:
            self._real.add(coded)

    def seen(self, observation: Mapping[str, Any]) -> None:
        """An observation that belongs to the clip; its times become the clip's."""
        began_t = self.began_t
        if observation["t"] < began_t - 1e-6:
            return
        self.animals.look(observation)
        self._line(_since(observation, began_t))
        if observation["t"] - self._flushed_t >= _FLUSH_S:
            self._flushed_t = observation["t"]
            self._track.flush()
            self._track_file.flush()

    def wants_thumb(self, people: int) -> bool:
        """Whether a picture with so many skeletons shows more than the thumbnail does."""
        return people > self._thumb_people

    def thumb(self, twin: Image, people: int) -> None:
        """The redacted thumbnail, with so many skeletons."""
        _written(self._path(THUMB), _jpeg(twin))
        self._thumb_people = people

    @property
    def wants_animal(self) -> bool:
        """Whether a picture of the animal is still missing."""
        return self._thumb_animal is None

    def thumb_animal(self, real: Image) -> None:
        """Held in memory: shown only if the clip turns out to need no seal."""
        self._thumb_animal = _jpeg(real)

    @property
    def began_t(self) -> float:
        return self.order.since_t if self._twin.begin_t is None else self._twin.begin_t

    @property
    def empty(self) -> bool:
        return self._twin.begin_t is None

    def finish(self) -> Finished:
        """Puts the files in their places; those that are there then are whole."""
        self._twin.close()
        self._real.close()
        self._twin_file.close()
        self._sealed.close()
        self._track.close()
        self._track_file.close()
        opened = self.order.may_open and self.animals.sure
        if opened:
            self._open()
        _together(self._path(VIDEO + PART), self._path(VIDEO))
        _settle(self._path(TRACK + PART), self._path(TRACK))
        keeps = bool(self._public) and not opened
        if keeps:
            _settle(self._path(SEALED + PART), self._path(SEALED))
        self._path(SEALED + PART).unlink(missing_ok=True)
        return Finished(
            self.order.clip,
            self.began_t,
            self._last_t,
            self.size_wh,
            size_of(self.order.day, self.order.clip),
            keeps,
            opened,
        )

    def abandon(self, why: str) -> Finished:
        """Nothing of it is left."""
        for file in (self._twin_file, self._track_file):
            with contextlib.suppress(OSError):
                file.close()
        with contextlib.suppress(OSError):
            self._sealed.abandon()
        with contextlib.suppress(OSError):
            remove_files(self.order.day, self.order.clip)
        return Finished(self.order.clip, self.began_t, self._last_t, self.size_wh, why=why)

    def _open(self) -> None:
        """Only animals: the real picture takes the place of the redacted one."""
        pieces = self._sealed.plain()
        if not pieces:
            return
        _written(self._path(VIDEO + PART), pieces)
        if self._thumb_animal is not None:
            _written(self._path(THUMB), self._thumb_animal)

    def _line(self, data: Mapping[str, Any]) -> None:
        self._track.write(json.dumps(data, ensure_ascii=False, separators=(",", ":")).encode() + b"\n")

    def _path(self, ending: str) -> Path:
        return clip_path(self.order.day, self.order.clip, ending)


def salvaged(day: Path, clip: str) -> float | None:
    """Finishes what a process left that died; the video's length in seconds, None when there is none.
    OSError: the disk refuses."""
    video = clip_path(day, clip, VIDEO)
    clip_path(day, clip, VIDEO + NEW).unlink(missing_ok=True)
    pieces = clip_path(day, clip, VIDEO + PART)
    if not video.exists() and pieces.exists():
        with contextlib.suppress(MovieError):
            _together(pieces, video)
    if not video.exists():
        remove_files(day, clip)
        return None
    pieces.unlink(missing_ok=True)
    sealed, track = (clip_path(day, clip, ending + PART) for ending in (SEALED, TRACK))
    if sealed.exists() and can_be_opened(sealed):
        _settle(sealed, clip_path(day, clip, SEALED))
    if track.exists():
        _mend(track, clip_path(day, clip, TRACK))
    for part in (sealed, track):
        part.unlink(missing_ok=True)
    return length_of(video)


def _since(observation: Mapping[str, Any], began_t: float) -> dict[str, Any]:
    def moved(person: Mapping[str, Any]) -> dict[str, Any]:
        times = {key: round(person[key] - began_t, 3) for key in _TIMES if person[key] is not None}
        return {**person, **times}

    people = observation["people"]
    return {
        **observation,
        "t": round(observation["t"] - began_t, 3),
        "people": None if people is None else [moved(person) for person in people],
    }


def _together(pieces: Path, target: Path) -> None:
    fresh = target.with_name(target.name + NEW)
    put_together(pieces, fresh)
    _settle(fresh, target)
    pieces.unlink(missing_ok=True)


def _mend(part: Path, target: Path) -> None:
    """A track to its last whole line. As it broke off a browser would show nothing of it."""
    with part.open("rb") as file:
        opener, lines = zlib.decompressobj(wbits=_GZIP), bytearray()
        with contextlib.suppress(zlib.error):
            while data := file.read(1 << 16):
                lines += opener.decompress(data)
    whole = bytes(lines[: lines.rfind(b"\n") + 1])
    if whole:
        fresh = target.with_name(target.name + NEW)
        with private_file(fresh) as file:
            file.write(gzip.compress(whole, 5, mtime=0))
        _settle(fresh, target)


def _settle(part: Path, target: Path) -> None:
    """Onto the disk, and only then under its name."""
    with part.open("rb") as file:
        os.fsync(file.fileno())
    part.replace(target)


def _jpeg(picture: Image) -> bytes:
    height, width = picture.shape[:2]
    if width > _THUMB_WIDTH:
        small = (_THUMB_WIDTH, round(height * _THUMB_WIDTH / width))
        picture = cv2.resize(picture, small, interpolation=cv2.INTER_AREA)  # type: ignore[assignment]
    done, encoded = cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, _QUALITY])
    if not done:
        raise MovieError("a thumbnail could not be encoded")
    return encoded.tobytes()


def _written(path: Path, data: bytes) -> None:
    fresh = path.with_name(path.name + NEW)
    with private_file(fresh) as file:
        file.write(data)
    fresh.replace(path)
