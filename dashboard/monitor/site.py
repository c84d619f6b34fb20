"""The judge's place in the monitor: what it is fed with and when, who hears of it, and its end."""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import secrets
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Protocol

from dashboard.clock import Clock, slept_s, this_boot
from dashboard.monitor.archive import Archive
from dashboard.monitor.clip_commands import ClipCommands
from dashboard.monitor.clipping import Clipping
from dashboard.monitor.counting import Counting
from dashboard.monitor.judging import Judging
from dashboard.monitor.pets import Pets
from dashboard.monitor.places import Places
from dashboard.monitor.recorder import Outbox, Recorder
from dashboard.monitor.retention import Retention
from dashboard.monitor.scribe import Words
from dashboard.monitor.seal_commands import SealCommands
from dashboard.monitor.selftest import SelfTest, due
from dashboard.monitor.site_commands import SiteCommands
from dashboard.monitor.vitals import Vitals
from dashboard.monitor.watch import Watch
from dashboard.settings import Settings
from dashboard.store import ClipRow, Record, Store, StoreError, database_url
from dashboard.values import CameraSpec, CameraState, Mode, SourceKind
from dashboard.weights import installed

# Five times a second at least, and as often again for what a busy machine leaves out.
_TURN_S = 0.1
_CALM_PUSH_S, _BUSY_PUSH_S = 1.0, 0.25
_OUTBOX_S = 1.0
_CLIPS_S = 1.0
_REPORT_S = 5.0
_SELFTEST_AFTER_S = 300.0
_SETTLED_S = 3.0
_FAILED_SHOWN = timedelta(hours=24)
_LOG = logging.getLogger(__name__)


class Sounds(Protocol):
    """The siren on this machine."""

    def start(self) -> None: ...

    def sound(self, on: bool) -> None: ...

    def stop(self) -> None: ...

    @property
    def why(self) -> str:
        """Why it cannot sound, "" when it can."""
        ...


class Couriers(Protocol):
    """Who sends what is in the outbox."""

    def start(self) -> None: ...

    def stop(self) -> None: ...

    def wake(self) -> None: ...


class Site:
    """Builds the judge of one installation. `tell` is called when the document is new."""

    def __init__(
        self,
        data: Path,
        store: Store,
        clock: Clock,
        settings: Settings,
        words: Words,
        couriers: Callable[[Outbox], Couriers],
        siren: Sounds,
    ) -> None:
        self._store = store
        self._clock = clock
        self._settings = settings
        self._siren = siren
        self._recorder = Recorder(store, clock)
        self.judging = Judging(self._recorder, words, clock, settings)
        self._counting = Counting()
        self.queue = Outbox(store, self._recorder)
        self._couriers = couriers(self.queue)
        self._places = Places()
        self._watch: Watch | None = None
        self._test = SelfTest(
            data,
            store,
            clock,
            self._states,
            lambda: self._recorder.why,
            lambda: siren.why,
            _missing_models,
            lambda contact: self.judging.test_messages(contact, "the daily self-test", secrets.token_hex(4)),
            self._couriers.wake,
        )
        self.commands = SiteCommands(store, self.judging, self._places, clock, self._selftest)
        self.commands.settled = lambda: self._recorder.settled(_SETTLED_S)
        self.commands.contacts.timing = settings.alarm
        self.clips = ClipCommands(data, store, self.judging, self._places, clock)
        self.seals = SealCommands(data, store, self.judging, clock)
        self.clipping = Clipping(data, self._recorder, self.judging, self._places, clock)
        self.pets = Pets(data, store)
        self.archive = Archive(data, store, clock, settings.keep, self._recorder.put)
        for part in (self.clips, self.seals):
            self.commands.questions |= part.questions
            self.commands.changes |= part.changes
        self._join_clips()
        vitals = Vitals(data, database_url(data), clock, lambda: self._recorder.why)
        self.commands.questions["health.get"] = vitals.answer
        self._retention = Retention(
            store, clock, settings.keep, lambda: bool(self.judging.book.alarms or self._recorder.why)
        )
        self.commands.settings.applied = self._use_settings
        self.document: Mapping[str, Any] | None = None
        self.tell: Callable[[], None] = lambda: None
        self._beginning = False
        self._dirty = False
        self._pushed_at = float("-inf")
        self._began = clock.monotonic()
        self._tasks: list[asyncio.Task[None]] = []
        self._testing: asyncio.Task[Mapping[str, Any]] | None = None

    def _join_clips(self) -> None:
        """Who tells whom of clips."""
        self._recorder.heard = self.clipping.happened
        self.archive.trouble = self.clipping.trouble
        self.archive.recording = lambda: self.clipping.recording
        self.clips.disk = lambda: {**self.archive.disk(), "why": self.clipping.why}
        self.clips.learn = lambda row, label: self.pets.learn(row, label, self._clock.utc())
        self.judging.recognise = self.pets.hooks
        self.clips.opened, self.clips.forgotten = self.seals.opened_until, self.seals.forget

    def _begin_clips(self, watch: Watch) -> None:
        loop = asyncio.get_running_loop()
        self.seals.sealed = watch.seal
        self.seals.begin()
        self.pets.begin()
        self.clipping.order = watch.record
        watch.filmed, watch.film_lost = self.clipping.reported, self.clipping.lost
        self.clipping.salvage = lambda row, day: _unwaited(loop, self.archive.salvage, row, day)

    def begin(self, watch: Watch, cameras: tuple[CameraSpec, ...]) -> None:
        """Takes up what was, and starts to judge. StoreError when the database cannot be read."""
        loop = asyncio.get_running_loop()
        self._watch = watch
        self._siren.start()
        judging, memory = self.judging, self._store.memory()
        self._store.deliveries_hurry(self._clock.utc())
        judging.boot, judging.slept = this_boot(), slept_s
        self._recorder.start()
        self._recorder.told = lambda: _in_loop(loop, self._changed)
        self._begin_clips(watch)
        judging.placed = watch.use_zones
        self.commands.settings.behind, self.commands.settings.restart = watch.behind, watch.restart
        judging.changed, judging.sound, judging.call = self._changed, self._siren.sound, self._couriers.wake
        for row in self._store.zones():
            self._places.put(row)
        judging.pin = self._store.choices().get("pin") is not None
        judging.use_contacts(self._store.contacts())
        all_simulated = bool(cameras) and all(c.kind is SourceKind.SIMULATED for c in cameras)
        judging.begin(
            memory, self._store.alarms(200, unresolved=True), self._store.last_alarm(), all_simulated
        )
        judging.selftest = _kept_selftest(memory)
        # After a restart the safer mode stays; the story is supervised where nothing was before.
        self._beginning = "judge" in memory
        self.cameras_changed(cameras)
        self._beginning = False
        self._couriers.start()
        self._tasks = [
            asyncio.create_task(self._turn(), name="judge"),
            asyncio.create_task(self._look_after(), name="outbox"),
            asyncio.create_task(self._retention.run(), name="retention"),
            asyncio.create_task(self.archive.run(), name="archive"),
            asyncio.create_task(self._look_after_clips(), name="clips"),
            asyncio.create_task(self._look_after_report(), name="report"),
        ]

    async def stop(self) -> None:
        """Keeps what is taken up again, and ends."""
        for task in self._tasks:
            task.cancel()
        self._recorder.put(Record(minutes=self._counting.end()))
        self.judging.keep()
        await asyncio.to_thread(self._siren.stop)
        await asyncio.to_thread(self._couriers.stop)
        await asyncio.to_thread(self._recorder.stop)

    def cameras_changed(self, cameras: tuple[CameraSpec, ...]) -> None:
        """The list of cameras is another one."""
        watching = tuple(spec for spec in cameras if spec.enabled)
        known = set(self._places.names())
        self._places.use_cameras(cameras)
        self.judging.use_zones(self._places.zones(), self._places.scales())
        self.judging.use_cameras({spec.id: spec.name for spec in watching})
        new = [spec for spec in watching if spec.id not in known]
        if new and not self._beginning and all(spec.kind is SourceKind.SIMULATED for spec in cameras):
            self._supervise_story()

    def _use_settings(self, settings: Settings) -> None:
        """The judge has them already."""
        self._settings = settings
        self.commands.contacts.timing = settings.alarm
        self._retention.use_settings(settings.keep)
        self.archive.use_settings(settings.keep)
        if self._watch is not None:
            self._watch.use_settings(settings)

    def _supervise_story(self) -> None:
        """The story is a supervised swim: in watch it would be one long alarm."""
        if self.judging.mode is Mode.WATCH:
            self.judging.set_mode(Mode.SUPERVISED, "the simulated pool", "its story is a supervised swim")

    def _changed(self) -> None:
        if not self._dirty:
            self._dirty = True
            asyncio.get_running_loop().call_soon(self._push)

    def _push(self) -> None:
        self._dirty = False
        self._pushed_at = self._clock.monotonic()
        try:
            document = self.judging.document()
            if self._watch is not None:
                # Sealing must not come after the word of it.
                self._watch.release(frozenset(document["pictures"]))
            self.document = document
        except Exception:
            _LOG.exception("the site cannot be told")
            return
        self.tell()

    async def _turn(self) -> None:
        while True:
            await asyncio.sleep(_TURN_S)
            try:
                self.judging.tick()
                self._count()
                if self._watch is not None:
                    self._watch.release(self.judging.released())
                busy = self.judging.book.alarms or self.judging.state.ledger.people
                every_s = _BUSY_PUSH_S if busy else _CALM_PUSH_S
                if self._clock.monotonic() - self._pushed_at >= every_s - _TURN_S / 2:
                    self._push()
            except Exception:
                _LOG.exception("a turn of the judge failed")

    def _count(self) -> None:
        minutes = self._counting.look(self.judging.state, self._clock.monotonic(), self._clock.utc())
        if minutes:
            self._recorder.put(Record(minutes=minutes))

    async def _look_after_clips(self) -> None:
        """Whom the tracks are to name, clips of which nothing is heard, and what was open long enough."""
        while True:
            await asyncio.sleep(_CLIPS_S)
            try:
                self.clipping.turn()
                self.seals.turn()
                if self.document is not None:
                    self.clipping.people(self.document)
            except Exception:
                _LOG.exception("looking after the clips failed")

    async def _look_after(self) -> None:
        """The outbox as the pages show it, and the daily test."""
        while True:
            await asyncio.sleep(_OUTBOX_S)
            try:
                self.judging.outbox = await asyncio.to_thread(self._outbox)
                awake_s = self._clock.monotonic() - self._began
                now = self._clock.utc().isoformat()
                if awake_s >= _SELFTEST_AFTER_S and due(self.judging.selftest, now, _seconds):
                    await self._selftest()
            except StoreError as error:
                _LOG.warning("%s", error)
            except Exception:
                _LOG.exception("looking after the outbox failed")

    async def _look_after_report(self) -> None:
        """In the morning the night's report goes out."""
        while True:
            await asyncio.sleep(_REPORT_S)
            try:
                self.commands.reporting.link = self.judging.link
                if await asyncio.to_thread(self.commands.reporting.turn, self._settings.notify.report_h):
                    self._couriers.wake()
            except StoreError as error:
                _LOG.warning("%s", error)
            except Exception:
                _LOG.exception("the report of the night failed")

    def _outbox(self) -> dict[str, Any]:
        found = self._store.outbox(self._clock.utc() - _FAILED_SHOWN)
        names = {contact.id: contact.name for contact in self._store.contacts()}
        failed = [
            f"{names.get(d.contact_id, 'A contact')}: {d.last_error or 'no answer'}"
            + ("" if d in found.failed else " (it is tried again)")
            for d in (*found.failed, *found.retrying)
            # Whoever asked for a test was told; it must not be taken for a call that was missed.
            if d.kind != "test"
        ]
        unwritten = len(self._recorder.unwritten())
        return {"waiting": found.waiting + unwritten, "failed": list(dict.fromkeys(failed))}

    async def _selftest(self) -> Mapping[str, Any]:
        """One at a time: whoever asks meanwhile gets the same result."""
        if self._testing is None or self._testing.done():
            self._testing = asyncio.create_task(self._tested(), name="selftest")
        return await asyncio.shield(self._testing)

    async def _tested(self) -> Mapping[str, Any]:
        result = await self._test.run()
        self.judging.selftested(result)
        return result

    def _states(self) -> list[tuple[str, str, str]]:
        if self._watch is None:
            return []
        found = self._watch.described()
        return [(c["name"], c["state"], c["reason"]) for c in found if c["state"] != CameraState.STOPPED]


def _kept_selftest(memory: Mapping[str, tuple[str, datetime]]) -> Mapping[str, Any] | None:
    """The last result; None where there is none that can be read: then it is done anew."""
    try:
        found = json.loads(memory["selftest"][0]) if "selftest" in memory else None
    except ValueError:
        return None
    fits = isinstance(found, dict) and isinstance(found.get("lines"), list)
    return found if fits else None


def _unwaited(loop: asyncio.AbstractEventLoop, do: Callable[[ClipRow, Path], None], *args: Any) -> None:
    """In a thread that nobody waits for: the disk takes its time."""
    loop.run_in_executor(None, do, *args)


def _in_loop(loop: asyncio.AbstractEventLoop, what: Callable[[], None]) -> None:
    with contextlib.suppress(RuntimeError):  # The loop has ended: nobody is left to be told.
        loop.call_soon_threadsafe(what)


def _missing_models() -> list[str]:
    return [name for name in ("mediapipe-pose",) if installed(name) is None]


def _seconds(text: str) -> float:
    return datetime.fromisoformat(text).timestamp()
