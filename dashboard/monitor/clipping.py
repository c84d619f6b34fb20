"""Clips as the judge's side sees them: which are wanted, what is in each, and what became of it. No picture
comes here. One thread: the monitor's loop."""

from __future__ import annotations

import logging
import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from dashboard.clock import Clock
from dashboard.monitor.codec import settings_to_json, zones_to_json
from dashboard.monitor.judging import Judging
from dashboard.monitor.places import Places
from dashboard.monitor.recorder import Recorder
from dashboard.monitor.wording import DRILL, sentence
from dashboard.record.folder import clip_day
from dashboard.record.policy import begins_clip, lengthens_clip, louder
from dashboard.settings import Settings
from dashboard.store import ClipEvent, ClipRow, EventRow, Record
from dashboard.values import Event, Mode, ZoneKind

_MOST_EVENTS, _MOST_PEOPLE = 200, 30
# What is left of a happening after a clip's end is worth another clip.
_LEAST_REST_S = 2.0
# A worker that says nothing of a clip for so long after its end will not.
_PATIENCE_S = 30.0
_SAID_S = 3600.0
_LOG = logging.getLogger(__name__)


@dataclass(frozen=True)
class Happening:
    """An event, and when it was on the machine's clock."""

    row: EventRow
    t: float
    alarm: int | None = None


@dataclass(frozen=True)
class Running:
    """A clip that is being recorded. Times: monotonic seconds; `began` is `since_t` on the wall clock."""

    id: str
    camera: str
    since_t: float
    until_t: float
    rest_t: float
    began: datetime
    day: Path
    events: tuple[Happening, ...] = ()
    late: tuple[Happening, ...] = ()
    """What happened after its end, while its recorder's last word is awaited."""
    may_open: bool = True
    drill: bool = False
    told: bool = False


@dataclass
class Trouble:
    """Why the last clip was lost, and when that was, monotonic seconds."""

    why: str = ""
    t: float = field(default=float("-inf"))


class Clipping:
    """`order` tells a camera's recorder (False: it has none now), `salvage` finishes what a dead one left,
    `told` is called when there is a clip more."""

    def __init__(
        self, data: Path, recorder: Recorder, judging: Judging, places: Places, clock: Clock
    ) -> None:
        self._data = data
        self._recorder = recorder
        self._judging = judging
        self._places = places
        self._clock = clock
        self._running: dict[str, Running] = {}
        self._last: dict[tuple[str, str], float] = {}
        self._trouble = Trouble()
        self.order: Callable[[str, Mapping[str, object]], bool] = lambda camera, order: False
        self.salvage: Callable[[ClipRow, Path], None] = lambda row, day: None
        self.told: Callable[[], None] = lambda: None

    # What comes in

    def happened(self, rows: Sequence[EventRow]) -> None:
        """The judge's events of this moment."""
        if not self._settings.record.on:
            return
        for row in rows:
            ago_s = (self._clock.utc() - row.at).total_seconds()
            happening = Happening(row, self._clock.monotonic() - ago_s, self._alarm_of(row.event))
            for camera in self._cameras_of(row):
                self._take(camera, happening)

    def reported(self, camera: str, report: Mapping[str, Any]) -> None:
        """What became of a clip, by its camera's process."""
        running = self._running.get(camera)
        if running is None or running.id != report["clip"]:
            _LOG.warning("camera %s tells of a clip that nobody knows", camera)
            return
        del self._running[camera]
        if report["why"]:
            self._lost(running, str(report["why"]))
        else:
            row = self._finished(running, report)
            self._recorder.put(Record(clips=(row,)))
            _LOG.info("a clip of %s is ready: %s, %d kB", camera, row.kind, row.bytes // 1000)
            self._go_on(running, report)
            self.told()
        self._catch_up(running)

    def lost(self, camera: str) -> None:
        """A camera's process is gone: what it was recording is finished without it, as far as it came."""
        running = self._running.pop(camera, None)
        if running is not None:
            self.salvage(self._row(running, running.since_t, self._clock.monotonic()), running.day)
            self._catch_up(running)

    def turn(self) -> None:
        """Time passes: gives up clips of which nothing is heard, and tells the tracks who is there."""
        now = self._clock.monotonic()
        for camera, running in list(self._running.items()):
            if now > running.until_t + _PATIENCE_S:
                self.lost(camera)

    def people(self, document: Mapping[str, Any]) -> None:
        """Whom the judge knows, for the tracks; about once a second."""
        by_camera: dict[str, list[Any]] = {}
        for person in document["people"]:
            for camera in {person["camera"], *(camera for camera, _ in person["tracks"])}:
                by_camera.setdefault(camera, []).append(person)
        for camera, there in by_camera.items():
            self.order(camera, {"type": "people", "people": there})

    # What can be asked

    @property
    def recording(self) -> frozenset[str]:
        """The clips that are being written. May be asked from another thread."""
        return frozenset(running.id for running in list(self._running.values()))

    @property
    def why(self) -> str:
        """Why a clip was lost within the last hour, "" when none was."""
        return self._trouble.why if self._clock.monotonic() - self._trouble.t < _SAID_S else ""

    def trouble(self, why: str) -> None:
        """A clip is lost, or was damaged."""
        _LOG.warning("%s", why)
        self._trouble = Trouble(why, self._clock.monotonic())

    # How it is done

    @property
    def _settings(self) -> Settings:
        return self._judging.settings

    def _take(self, camera: str, happening: Happening) -> None:
        running = self._running.get(camera)
        event = happening.row.event
        if running is not None and happening.t <= running.until_t:
            self._join(running, happening)
            return
        if running is not None:
            late = (*running.late, happening)[-_MOST_EVENTS:]
            self._running[camera] = replace(running, late=late)
            return
        key = (camera, event.kind)
        last = self._last.get(key)
        since_s = None if last is None else happening.t - last
        if begins_clip(event, self._judging.mode, since_s, self._settings.record):
            self._last[key] = happening.t
            self._begin(camera, happening, happening.t - self._settings.record.before_s)

    def _begin(self, camera: str, happening: Happening, since_t: float) -> None:
        now = self._clock.monotonic()
        began = self._clock.utc() - timedelta(seconds=now - since_t)
        until_t = happening.t + self._settings.record.after_s
        day = clip_day(self._data, began)
        event = happening.row.event
        running = Running(
            secrets.token_hex(16), camera, since_t, until_t, until_t, began, day, (happening,),
            may_open=self._nobody() and event.kind == "animal", drill=happening.row.drill,
        )  # fmt: skip
        if not self._told(running):
            _LOG.info("no clip of %s: its camera does not record now", event.kind)
            return
        self._running[camera] = running
        self._recorder.put(Record(clips=(self._row(running, since_t, until_t),)))

    def _join(self, running: Running, happening: Happening) -> None:
        event, record = happening.row.event, self._settings.record
        rest_t = running.rest_t
        if lengthens_clip(event, self._judging.mode):
            rest_t = max(rest_t, happening.t + record.after_s)
        longer = replace(
            running,
            events=(*running.events, happening)[-_MOST_EVENTS:],
            rest_t=rest_t,
            until_t=max(running.until_t, min(rest_t, running.since_t + record.longest_s)),
            may_open=running.may_open and event.kind == "animal" and self._nobody(),
            drill=running.drill and happening.row.drill,
        )
        self._running[running.camera] = longer
        self._told(longer, longer=True)
        self._recorder.put(Record(clips=(self._row(longer, longer.since_t, longer.until_t),)))

    def _go_on(self, running: Running, report: Mapping[str, Any]) -> None:
        """What is not over after a clip's longest time, or after the picture got another size, goes on in the
        next one; so does what its recorder heard of too late."""
        ended_t = float(report["ended_t"])
        filmed_t = ended_t if report["cut"] else max(ended_t, float(report["until_t"]))
        if running.rest_t - filmed_t < _LEAST_REST_S or self._clock.monotonic() > running.rest_t:
            return
        newest = replace(running.events[-1], t=running.rest_t - self._settings.record.after_s)
        self._begin(running.camera, newest, ended_t)

    def _catch_up(self, running: Running) -> None:
        """What happened when a clip was over and not yet done: its own clip begins before it, as any does."""
        for happening in running.late:
            self._take(running.camera, happening)

    def _lost(self, running: Running, why: str) -> None:
        self.trouble(f"A clip of {self._name(running.camera)} was lost: {why}.")
        row = replace(self._row(running, running.since_t, running.until_t), state="damaged")
        self._recorder.put(Record(clips=(row,)))
        self.told()

    def _told(self, running: Running, longer: bool = False) -> bool:
        return self.order(
            running.camera,
            {
                "type": "film",
                "clip": running.id,
                "longer": longer,
                "since_t": running.since_t,
                "until_t": running.until_t,
                "day": str(running.day.resolve()),
                "may_open": running.may_open,
                "head": self._head(running.camera),
            },
        )

    def _head(self, camera: str) -> dict[str, object]:
        zones = [zone for zone in self._places.drawn() if zone.camera == camera]
        return {
            "camera": camera,
            "zones": zones_to_json([zone for zone in zones if zone.kind is not ZoneKind.MASK]),
            "mode": self._judging.mode.value,
            "settings": settings_to_json(self._settings),
        }

    def _finished(self, running: Running, report: Mapping[str, Any]) -> ClipRow:
        width, height = report["size"]
        return replace(
            self._row(running, float(report["began_t"]), float(report["ended_t"])),
            state="ready",
            bytes=int(report["size_bytes"]),
            width=int(width),
            height=int(height),
            sealed=bool(report["sealed"]),
            open=bool(report["open"]),
        )

    def _row(self, running: Running, began_t: float, ended_t: float) -> ClipRow:
        """By the wall clock as it was when the clip began, whatever became of that since."""

        def at(t: float) -> datetime:
            return running.began + timedelta(seconds=t - running.since_t)

        # The folder is named by the day of the beginning.
        midnight = datetime.combine(running.began.astimezone(UTC).date(), datetime.min.time(), UTC)
        began = max(at(began_t), midnight)
        worst = running.events[0].row.event
        for one in running.events:
            worst = one.row.event if louder(one.row.event, worst) else worst
        names = dict.fromkeys(str(one.row.event.detail.get("name") or "") for one in running.events)
        people = tuple(name for name in names if name)[:_MOST_PEOPLE]
        events = tuple(
            ClipEvent(replace(one.row, at=min(at(one.t), at(ended_t))), one.alarm) for one in running.events
        )
        return ClipRow(
            running.id, running.camera, began, max(at(ended_t), began), worst.kind, worst.level.value,
            people, events, running.drill, search=self._words(running, people),
        )  # fmt: skip

    def _words(self, running: Running, people: Sequence[str]) -> str:
        names, templates = self._places.names(), self._places.templates()
        said = [sentence(one.row.event, names, templates) for one in running.events]
        said += [one.row.event.kind.replace("_", " ") for one in running.events]
        said += [one.row.event.zone or "" for one in running.events]
        return "\n".join(dict.fromkeys((self._name(running.camera), *people, *said))).casefold()

    def _cameras_of(self, row: EventRow) -> Sequence[str]:
        if row.event.camera:
            return (row.event.camera,)
        # A test of the alarm has no camera: it shows what every camera would keep.
        return tuple(self._places.names()) if row.event.kind == DRILL else ()

    def _alarm_of(self, event: Event) -> int | None:
        alarms = self._judging.book.alarms.values()
        return next((a.id for a in alarms if any(cause is event for cause in a.causes)), None)

    def _nobody(self) -> bool:
        """Whether the judge knows of nobody, and it is not a time when people are expected."""
        return self._judging.mode is Mode.WATCH and not self._judging.state.ledger.people

    def _name(self, camera: str) -> str:
        return self._places.names().get(camera, camera)
