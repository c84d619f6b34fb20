"""The live judge: what the cameras say goes through the rules, what the rules say becomes alarms, and what
the alarms ask for is written down and done. One thread: the monitor's loop. No clock is read but the one
that is passed in, and nothing here waits for a disk."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from dashboard.alarm import book as alarm_book
from dashboard.alarm.book import Book, Turned
from dashboard.alarm.machine import Acknowledge, Alarm, AlarmError, Reason, Resolve
from dashboard.alarm.orders import Siren
from dashboard.clock import Clock
from dashboard.monitor import kept
from dashboard.monitor.document import Facts, document
from dashboard.monitor.guests import Guests, KeptGuests, guest_name, welcomed
from dashboard.monitor.handle import MonitorError
from dashboard.monitor.kept import KeptClock, KeptJudge, Prompt
from dashboard.monitor.memory import remembered
from dashboard.monitor.recorder import Recorder
from dashboard.monitor.sayable import named, one_name, plain_detail, plain_text, sayable
from dashboard.monitor.scribe import Scribe, Words, shifted
from dashboard.monitor.unseeing import Unseeing, with_word
from dashboard.monitor.wording import DRILL, JUDGE_FAILED, MACHINE_SLEPT, MEMORY_LOST, SELFTEST
from dashboard.rules import judge as rules
from dashboard.rules.context import NO_HOOKS, Hooks
from dashboard.rules.judge import JudgeState, Site, judge_start
from dashboard.rules.modes import ModeError, SetMode
from dashboard.rules.scale import Scale
from dashboard.rules.templates import templates_of
from dashboard.rules.world import World
from dashboard.settings import Settings
from dashboard.store import AlarmRow, AuditRow, EventRow, Record
from dashboard.values import Contact, Delivery, Event, Level, Mode, Observation, Zone

_KEEP_BUSY_S, _KEEP_IDLE_S = 1.0, 15.0
_RESOLVED_SHOWN_S = 10.0
_RELEASED_AFTER_ACK_S = 900.0
_MOST_PROMPTS = 5
# Rules that fail for longer than a hiccup watch nobody: that is told as loudly as it is dangerous.
_FAILING_S = 2.0
_SLEPT_S = 2.0
_LOG = logging.getLogger(__name__)

__all__ = ["Judging", "named"]


class Judging:
    """See the module's text. `changed` is called when the document has news, `placed` when the zones are
    others, `sound` with whether the siren is to sound, `call` when there are messages to send."""

    def __init__(self, recorder: Recorder, words: Words, clock: Clock, settings: Settings) -> None:
        self._recorder = recorder
        self._words = words
        self._clock = clock
        self.settings = settings
        self._offset_s = 0.0
        self._state = judge_start(Site(World(settings=settings.rules)), Mode.WATCH, clock.monotonic())
        self._book = Book()
        self._prompts: tuple[Prompt, ...] = ()
        self._next_prompt = 1
        self._resolved: tuple[Alarm, ...] = ()
        self._contacts: tuple[Contact, ...] = ()
        self._cameras: dict[str, str] = {}
        self._guests: Guests = {}
        self._blind: dict[str, Unseeing] = {}
        self._kept_at = float("-inf")
        self._failed = ""
        self._failing_since: float | None = None
        self._slept_s = 0.0
        self._seq = int(clock.monotonic() * 1_000_000)
        self.boot = ""
        self.slept: Callable[[], float] = lambda: 0.0
        self.pin = False
        self.link = ""
        self.outbox: Mapping[str, Any] = {"waiting": 0, "failed": []}
        self.selftest: Mapping[str, Any] | None = None
        self.changed: Callable[[], None] = lambda: None
        self.placed: Callable[[tuple[Zone, ...]], None] = lambda zones: None
        self.sound: Callable[[bool], None] = lambda on: None
        self.call: Callable[[], None] = lambda: None
        self.recognise: Callable[[Observation], Hooks] = lambda observation: NO_HOOKS

    # What is set up

    def begin(
        self,
        memory: Mapping[str, tuple[str, datetime]],
        open_alarms: Sequence[AlarmRow],
        last_alarm: int,
        all_simulated: bool,
    ) -> None:
        """Takes up what was kept: the safer mode, everybody, countdowns, open alarms."""
        self._slept_s = self.slept()
        saved, clock_of_book = kept.saved_judge(memory), kept.saved_clock(memory)
        if clock_of_book is not None:
            away_s = kept.away_s(*clock_of_book, self._clock.monotonic(), self.boot, self._clock.utc())
            self._offset_s = clock_of_book[0].t + away_s - self._clock.monotonic()
        if saved is not None:
            self._guests = kept.saved_guests(memory)
            self._take_up(saved, all_simulated)
        else:
            self._state = replace(self._state, t=self.t, mode=replace(self._state.mode, since_t=self.t))
        # Times in the book are the judge's: without that clock they say nothing.
        text = memory["book"][0] if "book" in memory and clock_of_book is not None else None
        self._book = kept.book_of(text, tuple(open_alarms), last_alarm, self.t)
        if saved is None and "judge" in memory:
            self._take((Event(self.t, "", MEMORY_LOST, Level.ALERT),))
        if self._book.alarms:
            _LOG.warning("%d alarms are still open", len(self._book.alarms))
        self.sound(self._book.siren)
        self.keep()

    def use_zones(self, zones: Iterable[Zone], scales: Iterable[Scale] = ()) -> None:
        """From now on these are the places, and this is what is known of their metres."""
        world = replace(self._state.site.world, zones=tuple(zones), scales=tuple(scales))
        site = replace(self._state.site, world=world, templates=templates_of(world.zones))
        self._state = replace(self._state, site=site)
        self.placed(world.zones)
        self.changed()

    def use_settings(self, settings: Settings) -> None:
        """From now on these count, also for countdowns that run: a shorter one ends earlier at once."""
        self.settings = settings
        world = replace(self._state.site.world, settings=settings.rules)
        self._state = replace(self._state, site=replace(self._state.site, world=world))
        self.changed()

    def use_contacts(self, contacts: Iterable[Contact]) -> None:
        """From now on these are called, as far as they are switched on."""
        self._contacts = tuple(c for c in contacts if c.enabled and c.urls)

    def use_cameras(self, names: Mapping[str, str]) -> None:
        """The cameras that watch, with their names. Who was last seen by one that is gone is not looked
        for any more."""
        for camera in sorted(set(self._state.ledger.cameras) - set(names)):
            self._state = kept.without_camera(self._state, camera)
            self._blind.pop(camera, None)
            for alarm in list(self._book.alarms.values()):
                if all(e.camera == camera and e.person is None for e in alarm.causes):
                    self._done(alarm_book.clear(self._book, alarm.subject, self.t))
        new = [camera for camera in names if camera not in self._cameras]
        self._cameras = dict(names)
        for camera in new:
            # Until it says something itself nobody sees there.
            now = self._clock.monotonic()
            self.observed(Observation(camera, now, 0, (0, 0), None, blind_reason="it is starting"))
        self.changed()

    # What comes in

    @property
    def t(self) -> float:
        """The judge's time now: it goes on over restarts, also over those of the machine."""
        return self._clock.monotonic() + self._offset_s

    def observed(self, observation: Observation) -> None:
        """A camera's word. An error of the rules is told and costs this word only."""
        if observation.camera not in self._cameras:
            return
        self._blind = with_word(self._blind, observation, self._offset_s)
        moved = shifted(observation, self._offset_s)
        self._survive(lambda: rules.judge_step(self._state, moved, self.recognise(moved)))

    def worker_new(self, camera: str) -> None:
        """A camera's worker begins, or begins again."""
        self._state = kept.with_new_tracks(self._state, camera)

    def tick(self) -> None:
        """Time passes; at least five times a second, whether or not cameras say anything."""
        self._wake_up()
        now = self._clock.monotonic()
        if self._survive(lambda: rules.judge_time(self._state, self.t)):
            self._failing_since = None
        elif self._failing_since is None:
            self._failing_since = now
        elif now - self._failing_since >= _FAILING_S:
            self._failing_since = None
            self._start_anew()
        turned = alarm_book.pass_time(self._book, self.t, len(self._contacts), self.settings.alarm)
        if turned.orders or turned.over:
            self._done(turned)
        self._resolved = tuple(
            a for a in self._resolved if self.t - (a.resolved_t or 0.0) < _RESOLVED_SHOWN_S
        )
        busy = self._state.ledger.people or self._book.alarms or self._state.mode.mode is not Mode.WATCH
        if self._clock.monotonic() - self._kept_at >= (_KEEP_BUSY_S if busy else _KEEP_IDLE_S):
            self.keep()

    # What people wish

    def set_mode(self, mode: Mode, who: str, origin: str, pause_s: float | None = None) -> None:
        """MonitorError says why not."""
        command = SetMode(mode, named(who), origin, pause_s)
        try:
            self._state, events = rules.judge_mode(self._state, command, self.t)
        except ModeError as error:
            raise MonitorError(f"{str(error).capitalize()}.") from None
        self._take(events)

    def answer(self, prompt: str, choice: str, who: str, origin: str) -> None:
        """Somebody answers a question."""
        who = named(who)
        kind, _, digits = prompt.partition("-")
        number = int(digits) if digits.isdecimal() else -1
        asked = next((p for p in self._prompts if kind == "mode" and p.id == number), None)
        if asked is not None:
            self._answer_mode(asked, choice, who, origin)
        elif kind == "alarm" and number in self._book.alarms and choice == "seen":
            self.acknowledge(number, who, origin)
        else:
            raise MonitorError("This question is answered already, or has no such answer.")

    def acknowledge(self, number: int, who: str, origin: str = "") -> None:
        """Somebody sees the alarm: siren and messages stop."""
        what = Acknowledge(self.t, named(who), origin)
        # In one piece with the alarm: the pages hear of it after one write, not two.
        audit = self._audit_row("alarm_acknowledged", who, origin, {"alarm": number})
        self._moved(lambda: alarm_book.acknowledge(self._book, number, what), (audit,))

    def resolve(self, number: int, who: str, reason: Reason, note: str, origin: str = "") -> None:
        """Somebody says why it is over. Whom it was about is not looked for any more."""
        alarm = self._book.alarms.get(number)
        what = Resolve(self.t, named(who), reason, note)
        self._moved(lambda: alarm_book.resolve(self._book, number, what))
        people = {event.person for event in alarm.causes if event.person is not None} if alarm else set()
        if alarm is not None and not alarm.drill:
            for person in people:
                self._forget(person)
        detail = {"alarm": number, "reason": reason.value, "note": note}
        self._audit("alarm_resolved", who, origin, detail)

    def drill(self, who: str, origin: str = "") -> int:
        """Plays the whole path of an emergency that is none; the alarm's number."""
        event = Event(self.t, "", DRILL, Level.EMERGENCY, detail={"who": named(who)})
        self._take((event,), drill=True, audit=(self._audit_row("drill", who, origin, {}),))
        return max(n for n, a in self._book.alarms.items() if a.drill)

    def test_messages(self, contact: Contact, who: str, mark: str) -> list[Delivery]:
        """A message to each address of a contact that says that it is a test."""
        return self._scribe().test_messages(contact, who, mark)

    def selftested(self, result: Mapping[str, Any]) -> None:
        """A self-test is over: what failed is an alert until one succeeds."""
        self.selftest = result
        failed = [str(line["text"]) for line in result["lines"] if not line["ok"]]
        event = Event(self.t, "", SELFTEST, Level.ALERT, detail={"failed": failed})
        if failed:
            self._take((event,))
        else:
            self._done(alarm_book.clear(self._book, alarm_book.subject_of(event), self.t))
        self._recorder.put(Record(memory={"selftest": json.dumps(dict(result))}))
        self.changed()

    def note(self, what: str, who: str, origin: str, detail: Mapping[str, object]) -> None:
        """Writes down who did, saw, changed or took away something; waits for no disk."""
        self._recorder.put(Record(audit=(self._audit_row(what, who, origin, detail),)))

    # What can be asked

    @property
    def mode(self) -> Mode:
        return self._state.mode.mode

    @property
    def book(self) -> Book:
        return self._book

    @property
    def state(self) -> JudgeState:
        return self._state

    def released(self) -> frozenset[str]:
        """The cameras whose real picture is shown because an emergency was not acknowledged in time: until
        it is resolved, or for a while after somebody has acknowledged it."""
        return self._released_by(self._book)

    def _released_by(self, book: Book) -> frozenset[str]:
        return frozenset(
            event.camera
            for alarm in book.alarms.values()
            if alarm.escalated_t is not None
            and self.t - (alarm.acknowledged_t or self.t) < _RELEASED_AFTER_ACK_S
            for event in alarm.causes
            if event.camera
        )

    def document(self) -> dict[str, Any]:
        """The site document, with a number over every earlier one."""
        self._seq += 1
        self._welcome_guests()
        facts = Facts(
            t=self.t,
            monotonic=self._clock.monotonic(),
            utc=self._utc,
            state=self._state,
            book=self._book,
            prompts=self._prompts,
            cameras=self._cameras,
            contacts=len(self._contacts),
            settings=self.settings.alarm,
            resolved=self._resolved,
            released=self.released(),
            blind=self._blind,
            trouble=self._recorder.why or self._failed,
            pin=self.pin,
            outbox=self.outbox,
            selftest=self.selftest,
            guests=self._guests,
        )
        return document(facts, self._seq)

    def keep(self) -> None:
        """Writes down what is taken up after a restart."""
        self._kept_at = self._clock.monotonic()
        self._recorder.put(Record(memory=self._memory()))

    # How it is done

    def _take_up(self, saved: KeptJudge, all_simulated: bool) -> None:
        down_s = max(self.t - saved.t, 0.0)
        self._state = kept.restored(saved, self._state.site, down_s, self.settings.rules)
        self._prompts = saved.prompts if self._state.mode.mode is saved.mode.mode else ()
        self._next_prompt = max((p.id for p in saved.prompts), default=0) + 1
        if kept.keeps_supervised(saved, all_simulated):
            self._state = replace(self._state, mode=saved.mode)
        if self._state.mode.mode is not saved.mode.mode:
            detail = {"from": saved.mode.mode.value, "to": self._state.mode.mode.value, "origin": "restart"}
            self._take((Event(self.t, "", "mode_changed", Level.NOTICE, detail={**detail, "who": "timer"}),))

    def _survive(self, step: Callable[[], tuple[JudgeState, tuple[Event, ...]]]) -> bool:
        """Whether it went well. An error of the rules, or of telling, is not the camera's."""
        try:
            self._state, events = step()
            self._failed = ""
            if events:
                self._take(events)
        except Exception as error:
            _LOG.exception("the rules failed")
            self._failed = f"The rules failed at this ({type(error).__name__}); the log says more."
            return False
        return True

    def _start_anew(self) -> None:
        """The rules fail again and again at what is known: they begin anew, and people are told to look."""
        in_water = any(person.in_water for person in self._state.ledger.people.values())
        mode = self._state.mode
        self._state = replace(judge_start(self._state.site, mode.mode, self.t), mode=mode)
        level = Level.EMERGENCY if in_water else Level.ALERT
        self._take((Event(self.t, "", JUDGE_FAILED, level),))

    def _wake_up(self) -> None:
        """While the machine slept nobody watched and its clock stood still; countdowns went on."""
        slept_s, before_s = self.slept(), self._slept_s
        if slept_s - before_s < _SLEPT_S:
            return
        self._slept_s = slept_s
        self._offset_s += slept_s - before_s
        _LOG.warning("the machine slept for %.0f s", slept_s - before_s)
        detail = {"s": round(slept_s - before_s)}
        self._take((Event(self.t, "", MACHINE_SLEPT, Level.ALERT, detail=detail),))

    def _take(self, events: Sequence[Event], drill: bool = False, audit: tuple[AuditRow, ...] = ()) -> None:
        events = self._named(events)
        asked = [e for e in events if e.kind == "mode_prompt"]
        self._ask(asked, events)
        turned = alarm_book.raise_events(self._book, [e for e in events if e not in asked], drill)
        rows = tuple(EventRow(self._utc(e.t), e, drill) for e in events)
        modes = tuple(self._mode_row(e) for e in events if e.kind == "mode_changed")
        self._done(turned, rows, (*modes, *audit))
        if modes and self._state.mode.mode is Mode.SUPERVISED:
            self._welcome()

    def _named(self, events: Sequence[Event]) -> tuple[Event, ...]:
        """With the names that the pages show, so that page, message and archive speak of the same person."""
        self._welcome_guests()
        return tuple(sayable(self._with_name(event)) for event in events)

    def _with_name(self, event: Event) -> Event:
        guest = None if event.person is None else self._guests.get(event.person)
        if guest is None or "name" in event.detail:
            return event
        known = self._state.ledger.people.get(event.person or 0)
        name = known.name if known is not None and known.name else guest_name(guest)
        return replace(event, detail={**event.detail, "name": name})

    def _welcome_guests(self) -> None:
        here = (person.id for person in rules.context_of(self._state).here())
        # An open alarm's guest is no other meanwhile.
        told = {event.person or 0 for alarm in self._book.alarms.values() for event in alarm.causes}
        self._guests = welcomed(self._guests, {*self._state.ledger.people, *told}, here)

    def _welcome(self) -> None:
        """In supervised it is nothing that somebody came: the alerts that say only that are over."""
        for alarm in list(self._book.alarms.values()):
            loud = alarm.level is Level.EMERGENCY
            if not loud and all(event.kind == "person_entered" for event in alarm.causes):
                self._done(alarm_book.clear(self._book, alarm.subject, self.t))

    def _ask(self, asked: Sequence[Event], events: Sequence[Event]) -> None:
        """New questions; a change of mode answers all, and who left need not be asked about."""
        if any(event.kind == "mode_changed" for event in events):
            self._prompts = ()
        left = {event.person for event in events if event.kind == "person_left"}
        still = [p for p in self._prompts if p.event.person is None or p.event.person not in left]
        for event in asked:
            still = [p for p in still if p.event.detail.get("to") != event.detail.get("to")]
            still.append(Prompt(self._next_prompt, event))
            self._next_prompt += 1
        self._prompts = tuple(still[-_MOST_PROMPTS:])

    def _answer_mode(self, asked: Prompt, choice: str, who: str, origin: str) -> None:
        to = str(asked.event.detail.get("to", ""))
        if choice == to:
            self.set_mode(Mode(to), who, origin)
        elif choice != "stay":
            raise MonitorError("This question has no such answer.")
        self._prompts = tuple(p for p in self._prompts if p.id != asked.id)
        self._audit("prompt_answered", who, origin, {"to": to, "choice": choice})

    def _forget(self, person: int) -> None:
        known = self._state.ledger.people.get(person)
        if known is not None and not rules.context_of(self._state).seen_now(known):
            self._state = rules.judge_forget(self._state, person)

    def _moved(self, move: Callable[[], Turned], audit: tuple[AuditRow, ...] = ()) -> None:
        try:
            turned = move()
        except AlarmError as error:
            raise MonitorError(f"{str(error).capitalize()}.") from None
        self._done(turned, audit=audit)

    def _done(
        self, turned: Turned, events: tuple[EventRow, ...] = (), audit: tuple[AuditRow, ...] = ()
    ) -> None:
        """Writes down what a move of the book brought, in one piece, and then does it."""
        before, self._book = self._book, turned.book
        # Nothing that may fail, or takes its time, comes before the siren.
        for order in turned.orders:
            if isinstance(order, Siren):
                self.sound(order.on)
        touched = [a for n, a in turned.book.alarms.items() if before.alarms.get(n) != a]
        scribe = self._scribe()
        rows = tuple(scribe.alarm_row(a, self.t) for a in (*touched, *turned.over))
        known = {a.id: a for a in (*before.alarms.values(), *touched, *turned.over)}
        calls = scribe.deliveries(turned.orders, known, self._contacts)
        answered = tuple(a.id for a in touched if not a.latched and before.alarms.get(a.id, a).latched)
        audit += scribe.release_rows(turned.orders, self._released_by(before))
        memory = self._memory() if rows or audit else {}
        record = Record(events, rows, calls, answered, audit, memory)
        # Not waited for: pages hear of it now; messages go out only from what is written.
        self._recorder.put(record)
        self._resolved += tuple(a for a in turned.over if a.level is not Level.PROMPT)
        if calls:
            self.call()
        if record:
            self.changed()

    def _scribe(self) -> Scribe:
        now, templates = self._clock.utc(), self._state.site.templates
        return Scribe(self._words, self._utc, now, self._cameras, self.link, templates)

    def _mode_row(self, event: Event) -> AuditRow:
        who, origin = str(event.detail.get("who", "")), str(event.detail.get("origin", ""))
        return AuditRow(self._utc(event.t), "mode_changed", who, origin, event.detail)

    def _audit(self, what: str, who: str, origin: str, detail: Mapping[str, object]) -> None:
        row = self._audit_row(what, who, origin, detail)
        self._recorder.put(Record(audit=(row,), memory=self._memory()))
        self.changed()

    def _audit_row(self, what: str, who: str, origin: str, detail: Mapping[str, object]) -> AuditRow:
        who = one_name(who) or "somebody"
        return AuditRow(self._clock.utc(), what, who, plain_text(origin, 100), plain_detail(detail))

    def _memory(self) -> dict[str, str]:
        """As far as it can be written down: what cannot must not keep an alarm from the database."""
        try:
            return {
                "clock": remembered(KeptClock(self.t, self._clock.monotonic(), self.boot)),
                "judge": kept.kept(self._state, self._state.t - self._offset_s, self._prompts),
                "book": remembered(self._book),
                "guests": remembered(KeptGuests(self._guests)),
            }
        except Exception as error:
            _LOG.exception("what the judge knows cannot be written down")
            self._failed = f"What the judge knows cannot be kept ({type(error).__name__})."
            return {}

    def _utc(self, t: float) -> datetime:
        return self._clock.utc() - timedelta(seconds=self.t - t)
