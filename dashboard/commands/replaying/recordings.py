"""Recordings as cameras of one site, in step: their frames in the order of their own times."""

from __future__ import annotations

import heapq
import queue
import threading
from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import av
from av.error import FFmpegError

from dashboard.clock import Clock
from dashboard.settings import SourceSettings
from dashboard.source import Source, SourceError, open_source
from dashboard.source.file import readable_file
from dashboard.values import Blind, CameraSpec, Frame, Pace, SourceKind

SIMULATED = "simulated:"
_AHEAD = 4
_LATE_END_S = 1.0


@dataclass(frozen=True)
class Recording:
    """A source of the command line. `named` is how messages call it; `declared_s` is the length that the
    file claims, None where it does not or cannot be asked."""

    spec: CameraSpec
    named: str
    declared_s: float | None = None


@dataclass(frozen=True)
class Ended:
    """A recording's end at `t`; `why` says what cut it short, "" where it is whole."""

    camera: str
    t: float
    why: str


Happening = Frame | Blind | Ended


def recordings_of(sources: Sequence[str], max_fps: float | None = None) -> list[Recording]:
    """The command line's sources: paths of videos, or `simulated:story:view`. The camera's id is the
    file's stem, with a number behind it where two are the same. `max_fps`: of more frames a second some
    are left out."""
    recordings: list[Recording] = []
    for position, source in enumerate(sources):
        kind = SourceKind.SIMULATED if source.startswith(SIMULATED) else SourceKind.FILE
        address = source.removeprefix(SIMULATED)
        stem = address if kind is SourceKind.SIMULATED else Path(address).stem
        taken = {r.spec.id for r in recordings}
        name = next(n for n in _numbered(stem or "camera") if n not in taken)
        spec = CameraSpec(name, name, kind, address, False, Pace.FASTEST, max_fps, position=position)
        declared_s = _declared_s(_readable(source)) if kind is SourceKind.FILE else None
        recordings.append(Recording(spec, source, declared_s))
    return recordings


def in_step(recordings: Sequence[Recording], clock: Clock, settings: SourceSettings) -> Generator[Happening]:
    """What happens at all cameras, by time, then by the order of the command line.

    A gap in a recording longer than `blind_after_s` gives a Blind where the live reader would.
    SourceError, naming the source, when one gives no frame at all.
    """
    ways = [_numbered_ticks(i, r, clock, settings) for i, r in enumerate(recordings)]
    try:
        for _, _, tick in heapq.merge(*ways, key=lambda entry: entry[:2]):
            yield tick
    finally:
        for way in ways:
            way.close()


def _numbered(stem: str) -> Iterator[str]:
    yield stem
    number = 2
    while True:
        yield f"{stem}-{number}"
        number += 1


def _readable(source: str) -> Path:
    """The file's path; SourceError, naming it, where there is none to read: before any work is done."""
    try:
        return readable_file(source)
    except SourceError as error:
        raise SourceError(f"{source}: {error.reason}") from None


def _declared_s(path: Path) -> float | None:
    try:
        with av.open(str(path)) as container:
            return container.duration / av.time_base if container.duration else None
    except (FFmpegError, OSError):
        return None


def _numbered_ticks(
    position: int, recording: Recording, clock: Clock, settings: SourceSettings
) -> Generator[tuple[float, int, Happening]]:
    for tick in _with_gaps(recording, open_source(recording.spec, clock, settings), settings.blind_after_s):
        yield tick.t, position, tick


def _with_gaps(recording: Recording, source: Source, blind_after_s: float) -> Iterator[Happening]:
    camera, last_t, why = recording.spec.id, None, ""
    try:
        for frame in _read_ahead(source, f"read-{camera}"):
            if last_t is not None and frame.t - last_t > blind_after_s:
                gap_s = frame.t - last_t
                reason = f"the recording has a gap of {gap_s:.1f} s"
                yield Blind(camera, last_t + blind_after_s, reason, blind_after_s)
            last_t = frame.t
            yield frame
    except SourceError as error:
        if last_t is None:
            raise SourceError(f"{recording.named}: {error.reason}") from None
        why = error.reason
    if last_t is None:
        raise SourceError(f"{recording.named}: there is no picture in it")
    missing_s = (recording.declared_s or 0.0) - last_t
    if not why and missing_s > max(_LATE_END_S, blind_after_s):
        why = f"it ends {missing_s:.1f} s before the length that it claims"
    yield Ended(camera, last_t + blind_after_s, why)


def _read_ahead(source: Source, name: str) -> Iterator[Frame]:
    """The source's frames, decoded a few ahead in a thread of their own; same frames, same order."""
    ready: queue.Queue[Frame | BaseException | None] = queue.Queue(_AHEAD)
    stopped = threading.Event()

    def give(item: Frame | BaseException | None) -> None:
        while not stopped.is_set():
            try:
                ready.put(item, timeout=0.1)
            except queue.Full:
                continue
            return

    def read() -> None:
        try:
            for frame in source.frames():
                give(frame)
                if stopped.is_set():
                    break
            give(None)
        except Exception as error:  # handed to the thread that asked, which raises it
            give(error)

    thread = threading.Thread(target=read, name=name, daemon=True)
    thread.start()
    try:
        while (item := ready.get()) is not None:
            if isinstance(item, BaseException):
                raise item
            yield item
    finally:
        stopped.set()
        source.close()
        thread.join(timeout=5)
