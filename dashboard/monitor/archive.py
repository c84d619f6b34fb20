"""The clips on the disk: that database and folder agree, how long they stay, and how much room there is.

What a crash left is finished or dropped at the start: what only begins a video and has no row that waits for
it is removed. Whole files that are no clip's are named and left alone. When there is too much, or the disk is
nearly full, the oldest go first, alarms last, pinned ones never."""

from __future__ import annotations

import asyncio
import logging
import shutil
import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from dashboard.clock import Clock
from dashboard.record.clip import salvaged
from dashboard.record.folder import (
    NEW,
    PART,
    VIDEO,
    clip_day,
    clip_path,
    clips_folder,
    remove_files,
    size_of,
    walked,
)
from dashboard.settings import KeepSettings
from dashboard.store import AuditRow, ClipRow, Record, Store, StoreError

_LOOK_S = 30.0
_GB = 1_000_000_000
# The setting says GB as systems do that show a free disk; Health warns at the same.
_FREE_GB = 1 << 30
_DAY_S = 86400.0
_BATCH = 20
_MOST_NAMED = 20
_LOG = logging.getLogger(__name__)


@dataclass(frozen=True)
class Cleared:
    """So many clips went because the disk was nearly full, the last at `t`, monotonic seconds."""

    count: int = 0
    t: float = float("-inf")


@dataclass
class Found:
    """What the check at the start has found and done."""

    finished: int = 0
    dropped: int = 0
    damaged: int = 0
    removed: int = 0
    unknown: list[str] = field(default_factory=list)


class Archive:
    """`put` writes rows. Everything but `run` touches the disk: not for the watch's own thread."""

    def __init__(
        self, data: Path, store: Store, clock: Clock, settings: KeepSettings, put: Callable[[Record], None]
    ) -> None:
        self._data = data
        self._store = store
        self._clock = clock
        self._settings = settings
        self._put = put
        self._one = threading.Lock()
        self._began_at = clock.utc() - timedelta(seconds=clock.monotonic())
        self._low = ""
        self._cleared = Cleared()
        self.found = Found()
        self.trouble: Callable[[str], None] = lambda why: None
        self.recording: Callable[[], frozenset[str]] = frozenset
        self.told: Callable[[], None] = lambda: None

    def use_settings(self, settings: KeepSettings) -> None:
        self._settings = settings

    async def run(self) -> None:
        """For ever: first the check, then now and then what is too old or too much."""
        await self._survive(self.check)
        while True:
            await self._survive(self.step)
            await asyncio.sleep(_LOOK_S)

    def check(self) -> None:
        """Makes database and folder agree, as far as that loses nothing. StoreError, OSError."""
        with self._one:
            found = Found()
            for row in self._store.clips_in("recording"):
                if row.id not in self.recording():
                    self._try_to_finish(row, clip_day(self._data, row.began), found)
            self._clear_halves(found)
            known = self._store.clip_ids()
            there: set[str] = set()
            for path, clip, ending in walked(self._data):
                if clip not in known:
                    found.unknown.append(str(path.relative_to(clips_folder(self._data))))
                elif ending == VIDEO and path.parent == clip_day(self._data, known[clip].began):
                    there.add(clip)
            for clip in sorted(set(known) - there):
                self._miss(clip, found)
            self.found = found
        if found.unknown:
            _LOG.warning("in the clips folder, and no clip's: %s", ", ".join(found.unknown[:_MOST_NAMED]))
        if found.finished or found.dropped or found.damaged:
            _LOG.info(
                "clips: %d finished after a crash, %d dropped, %d without their video",
                *(found.finished, found.dropped, found.damaged),
            )

    def _clear_halves(self, found: Found) -> None:
        """Removes what begins a video and is nobody's: its row was never written, or is given up."""
        seen = list(walked(self._data))
        # Asked afterwards: what began in between has no file among them.
        busy = self.recording() | {row.id for row in self._store.clips_in("recording")}
        whole = {(path.parent, clip) for path, clip, ending in seen if ending == VIDEO}
        halves = {(path.parent, clip) for path, clip, ending in seen if ending.endswith((PART, NEW))}
        for day, clip in sorted(halves - whole):
            if clip not in busy:
                remove_files(day, clip)
                found.removed += 1
        if found.removed:
            self.trouble(
                f"Recordings that broke off and could not be finished were removed: {found.removed}."
            )

    def salvage(self, row: ClipRow, day: Path) -> None:
        """Finishes what a camera's process left that died."""
        with self._one:
            found = Found()
            self._try_to_finish(row, day, found)
        if found.dropped:
            self.trouble("A clip was lost when its camera's process ended.")
        self.told()

    def step(self) -> None:
        """Removes what is kept long enough, and what is too much. StoreError, OSError."""
        with self._one:
            now, keep = self._clock.utc(), self._settings
            drift = now - timedelta(seconds=self._clock.monotonic()) - self._began_at
            # A wrong date must not cost what is to be kept.
            if abs(drift) <= timedelta(days=1):
                for days, lasting in ((keep.clips_days, False), (keep.alarm_clips_days, True)):
                    while old := self._store.clips_over(now - timedelta(days=days), lasting, _BATCH):
                        self._remove(old)
            self._make_room()

    def disk(self) -> dict[str, Any]:
        """How full it is, in words for the page too. OSError."""
        free = self._free()
        least = self._settings.clips_free_gb * _FREE_GB
        today = self._clock.monotonic() - self._cleared.t < _DAY_S
        return {
            "free_bytes": free,
            "most_bytes": round(self._settings.clips_gb * _GB),
            "low": free < least or bool(self._low),
            "low_why": self._low or (_low(self._settings) if free < least else ""),
            "cleared": self._cleared.count if today else 0,
            "unknown": self.found.unknown[:_MOST_NAMED],
            "unknown_count": len(self.found.unknown),
        }

    def _make_room(self) -> None:
        """By size, and by what is left on the disk."""
        cleared = 0
        while (full := self._is_full()) or self._too_much():
            first = self._store.clips_first_to_go(1)
            if not first:
                break
            self._remove(first)
            cleared += full
        if cleared:
            self._tell_cleared(cleared)
        self._low = _low(self._settings) if self._is_full() else ""

    def _is_full(self) -> bool:
        return self._free() < self._settings.clips_free_gb * _FREE_GB

    def _too_much(self) -> bool:
        _, size = self._store.clip_bytes()
        return size > self._settings.clips_gb * _GB

    def _tell_cleared(self, count: int) -> None:
        """The disk may have room again before anybody looks: it is said for a day, and written down."""
        now = self._clock.monotonic()
        known = self._cleared.count if now - self._cleared.t < _DAY_S else 0
        self._cleared = Cleared(known + count, now)
        detail = {"count": count, "free_bytes": self._free()}
        self._put(Record(audit=(AuditRow(self._clock.utc(), "clips_cleared", "", "the disk", detail),)))
        self.told()

    def _remove(self, rows: Iterable[ClipRow]) -> None:
        """Files first: a row without files is found by the check, files without a row are nobody's."""
        rows = tuple(rows)
        for row in rows:
            remove_files(clip_day(self._data, row.began), row.id)
        self._store.forget_clips([row.id for row in rows])
        _LOG.info("%d old clips were removed", len(rows))

    def _try_to_finish(self, row: ClipRow, day: Path, found: Found) -> None:
        """A disk that refuses costs this clip; it is tried again at the next start."""
        try:
            self._finish(row, day, found)
        except OSError as error:
            self.trouble(f"A clip that broke off could not be finished: {_reason(error)}.")

    def _finish(self, row: ClipRow, day: Path, found: Found) -> None:
        length_s = salvaged(day, row.id)
        if length_s is None:
            found.dropped += 1
            self._put(Record(clips=(replace(row, state="damaged", bytes=0, sealed=False),)))
            return
        found.finished += 1
        sealed = clip_path(day, row.id, ".sealed").exists()
        ended = row.began + timedelta(seconds=length_s)
        size = size_of(day, row.id)
        self._put(Record(clips=(replace(row, state="ready", ended=ended, bytes=size, sealed=sealed),)))

    def _miss(self, clip: str, found: Found) -> None:
        row = self._store.clip(clip)
        if row is not None and row.state == "ready":
            found.damaged += 1
            self._put(Record(clips=(replace(row, state="damaged", bytes=0, sealed=False),)))

    def _free(self) -> int:
        folder = clips_folder(self._data)
        return shutil.disk_usage(folder if folder.is_dir() else self._data).free

    async def _survive(self, do: Callable[[], None]) -> None:
        try:
            await asyncio.to_thread(do)
        except (StoreError, OSError) as error:
            _LOG.warning("looking after the clips failed: %s", _reason(error))
        except Exception:
            _LOG.exception("looking after the clips failed")


def _low(settings: KeepSettings) -> str:
    return (
        f"Less than {settings.clips_free_gb:g} GB of the disk is free: the oldest clips are deleted first, "
        "and those that you have pinned stay."
    )


def _reason(error: Exception) -> str:
    return (error.strerror if isinstance(error, OSError) else None) or str(error).rstrip(".")
