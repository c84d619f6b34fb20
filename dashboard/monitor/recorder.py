"""The way of what was judged into the database: in order, whole, and out of the way of the watch.

One thread writes. While the disk refuses, everything stays in memory and is tried again each second; the
alarm path goes on from there (`Outbox` gives the messages to the couriers all the same)."""

from __future__ import annotations

import functools
import logging
import threading
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Protocol, TypeVar

from dashboard.clock import Clock, SystemClock
from dashboard.store import EventRow, Record, StoreError
from dashboard.values import Contact, Delivery, DeliveryState

_RETRY_S = 1.0
_MOST_ROWS = 5000
# A database that has not answered for so long is told to be away, though it has refused nothing yet.
_STALLED_S = 1.5
_LOG = logging.getLogger(__name__)
_Try = tuple[bool, str, datetime | None]
R = TypeVar("R")


class Keeps(Protocol):
    """What the recorder needs of the database."""

    def record(self, what: Record, at: datetime) -> None: ...

    def contacts(self) -> tuple[Contact, ...]: ...

    def deliveries_due(self, now: datetime) -> tuple[Delivery, ...]: ...

    def delivery_tried(self, delivery: str, ok: bool, error: str, next_due: datetime | None) -> bool: ...


class Recorder:
    """See the module's text. `told` is called when `why` changes, from the recorder's thread; `heard` with
    the events that are handed over, by who does so."""

    def __init__(
        self, store: Keeps, clock: Clock, retry_s: float = _RETRY_S, stopwatch: Clock | None = None
    ) -> None:
        self._store = store
        self._clock = clock
        # How long the disk takes is real also where the hands of the clock are turned by a story.
        self._stopwatch = stopwatch or SystemClock()
        self._retry_s = retry_s
        self._changed = threading.Condition()
        self._pending = self._taken = Record()
        self._put, self._written = 0, 0
        self._stopping = False
        self._why = ""
        self._began: float | None = None
        self._unkept: tuple[Delivery, ...] = ()
        self._thread = threading.Thread(target=self._run, name="recorder", daemon=True)
        self.told: Callable[[], None] = lambda: None
        self.heard: Callable[[Sequence[EventRow]], None] = lambda rows: None

    def start(self) -> None:
        self._thread.start()

    def stop(self, patience_s: float = 2.0) -> None:
        """Writes what is left, within `patience_s`."""
        with self._changed:
            self._stopping = True
            self._changed.notify_all()
        if self._thread.is_alive():
            self._thread.join(patience_s)

    @property
    def why(self) -> str:
        """Why nothing can be written at the moment, "" while it can."""
        began = self._began
        if not self._why and began is not None and self._stopwatch.monotonic() - began > _STALLED_S:
            return "The database takes long to answer."
        return self._why

    def put(self, what: Record) -> None:
        """Hands it over, and waits for nothing."""
        if not what:
            return
        if what.events:
            self._tell_heard(what.events)
        with self._changed:
            self._pending = merged(self._pending, what)
            self._put += 1
            self._changed.notify_all()

    def _tell_heard(self, rows: Sequence[EventRow]) -> None:
        """Whoever listens must not keep anything from being written."""
        try:
            self.heard(rows)
        except Exception:
            _LOG.exception("what happened could not be passed on")

    def settled(self, wait_s: float) -> bool:
        """Waits until all that was handed over by now is written, or the disk refuses; whether it is. Not for
        the watch's own thread."""
        with self._changed:
            mine = self._put
            self._changed.wait_for(lambda: self._written >= mine or bool(self._why), wait_s)
            return self._written >= mine

    def unwritten(self) -> tuple[Delivery, ...]:
        """The messages that are in memory alone because the disk refuses, or does not answer."""
        with self._changed:
            if not self.why:
                return self._unkept
            return (*self._unkept, *merged(self._taken, self._pending).deliveries)

    def answered(self) -> frozenset[int]:
        """The alarms that were answered, as far as the database does not know it yet."""
        with self._changed:
            return frozenset((*self._taken.answered, *self._pending.answered))

    def _run(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: bool(self._pending or self._taken) or self._stopping)
                self._taken, self._pending = merged(self._taken, self._pending), Record()
                upto = self._put
                if not self._taken:
                    return
                self._began = self._stopwatch.monotonic()
            why, left = self._wrote(self._taken)
            with self._changed:
                self._began, self._taken = None, left
                if not why:
                    self._written = upto
                changed, self._why = why != self._why, why
                self._changed.notify_all()
            if changed:
                _LOG.log(logging.ERROR if why else logging.INFO, "%s", why or "what was judged is kept again")
                self.told()
            with self._changed:
                if why and self._changed.wait_for(lambda: self._stopping, self._retry_s):
                    return

    def _wrote(self, what: Record) -> tuple[str, Record]:
        """Why it could not be written, and what is left to be."""
        why, refused = self._tried(what)
        if not why:
            return "", Record()
        if not refused:
            return why, what
        # One thing among many that no database would take must not keep the others from theirs.
        pieces = apart(what)
        for n, piece in enumerate(pieces):
            why, refused = self._tried(piece)
            if refused:
                _LOG.error("this can never be kept: %r", piece)
                self._unkept += tuple(d for d in piece.deliveries if d.state is DeliveryState.WAITING)
            elif why:
                return why, _together(pieces[n:])
        return "", Record()

    def _tried(self, what: Record) -> tuple[str, bool]:
        """Why it could not be written, and whether that will always be so."""
        try:
            self._store.record(what, self._clock.utc())
        except StoreError as error:
            return str(error), error.refused
        except Exception as error:
            _LOG.exception("what was judged could not be written")
            return f"The database failed ({type(error).__name__}).", False
        return "", False


class Outbox:
    """The couriers' queue: the database's messages, and those that it could not take, with what became of
    them in the meantime."""

    def __init__(self, store: Keeps, recorder: Recorder) -> None:
        self._store = store
        self._recorder = recorder
        self._lock = threading.Lock()
        self._tries: dict[str, list[_Try]] = {}
        self._contacts: tuple[Contact, ...] = ()
        self._known: tuple[Delivery, ...] = ()

    def contacts(self) -> tuple[Contact, ...]:
        """As the database has them, or as it last had them."""
        if self._recorder.why and self._contacts:
            return self._contacts
        try:
            self._contacts = self._store.contacts()
        except StoreError as error:
            _LOG.warning("%s", error)
        return self._contacts

    def deliveries_due(self, now: datetime) -> tuple[Delivery, ...]:
        """Everything that waits and is due; never an error, and no waiting for a database that is away."""
        if not self._recorder.why:
            self._flush()
            try:
                self._known = self._store.deliveries_due(now)
            except StoreError as error:
                _LOG.warning("%s", error)
        answered = self._recorder.answered()
        rows = [row for row in self._known if row.kind != "alarm" or row.alarm_id not in answered]
        there = {row.id for row in rows}
        rows += [row for row in self._recorder.unwritten() if row.id not in there]
        with self._lock:
            rows = [_after(row, self._tries.get(row.id, ())) for row in rows]
        return tuple(r for r in rows if r.state is DeliveryState.WAITING and r.due_utc <= now)

    def delivery_tried(self, delivery: str, ok: bool, error: str, next_due: datetime | None) -> None:
        """One attempt is over; kept in memory where the database cannot take it yet."""
        with self._lock:
            self._tries.setdefault(delivery, []).append((ok, error, next_due))
        if not self._recorder.why:
            self._flush()

    def _flush(self) -> None:
        with self._lock:
            try:
                for delivery, tries in list(self._tries.items()):
                    while tries and self._store.delivery_tried(delivery, *tries[0]):
                        tries.pop(0)
                    if not tries:
                        del self._tries[delivery]
            except StoreError as error:
                _LOG.warning("%s", error)


def apart(what: Record) -> list[Record]:
    """Every thing by itself, in the order in which they are written; an alarm's messages come after it."""
    pieces = [Record(events=(row,)) for row in what.events]
    pieces += [Record(alarms=(row,)) for row in what.alarms]
    pieces += [Record(answered=what.answered)] if what.answered else []
    pieces += [Record(deliveries=(row,)) for row in what.deliveries]
    pieces += [Record(audit=(row,)) for row in what.audit]
    pieces += [Record(minutes=(row,)) for row in what.minutes]
    pieces += [Record(clips=(row,)) for row in what.clips]
    return pieces + [Record(memory={key: value}) for key, value in what.memory.items()]


def _together(pieces: Sequence[Record]) -> Record:
    return functools.reduce(merged, pieces, Record())


def merged(a: Record, b: Record) -> Record:
    """Both in one, `b` after `a`. Of very many events the oldest are given up, alarms and messages never."""
    answered = frozenset(b.answered)
    kept = [d for d in a.deliveries if d.kind != "alarm" or d.alarm_id not in answered]
    return Record(
        events=(*a.events, *b.events)[-_MOST_ROWS:],
        alarms=_newest((*a.alarms, *b.alarms), lambda row: row.id),
        deliveries=_newest((*kept, *b.deliveries), lambda row: row.id),
        answered=tuple(dict.fromkeys((*a.answered, *b.answered))),
        audit=(*a.audit, *b.audit)[-_MOST_ROWS:],
        memory={**a.memory, **b.memory},
        minutes=(*a.minutes, *b.minutes)[-_MOST_ROWS:],
        clips=_newest((*a.clips, *b.clips), lambda row: row.id),
    )


def _newest(rows: Iterable[R], key: Callable[[R], object]) -> tuple[R, ...]:
    """The last of each key, where the first of it was."""
    return tuple({key(row): row for row in rows}.values())


def _after(row: Delivery, tries: Sequence[_Try]) -> Delivery:
    """The message after attempts that the database does not know of yet."""
    for ok, error, next_due in tries:
        state = DeliveryState.DONE if ok else DeliveryState.FAILED
        row = replace(row, attempts=row.attempts + 1, state=state, last_error=error)
        if not ok and next_due is not None:
            row = replace(row, state=DeliveryState.WAITING, due_utc=next_due)
    return row
