"""All alarms of a site: what joins what, what is due when, who must be told.

A cause about somebody who has an alarm joins it; about somebody else it is a new alarm. At once: every
page and the siren. Unacknowledged for `escalate_s`: the contacts in order and the real picture; messages
repeat every `repeat_s` until somebody acknowledges. Afterwards everybody who was called gets an all clear.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from dashboard.alarm import machine
from dashboard.alarm.machine import (
    Acknowledge,
    Alarm,
    AlarmError,
    AlarmState,
    Cause,
    Cleared,
    Escalate,
    Resolve,
)
from dashboard.alarm.orders import (
    HideAlarm,
    HidePicture,
    Message,
    Notify,
    Order,
    ReleasePicture,
    ShowAlarm,
    Siren,
)
from dashboard.settings import AlarmSettings
from dashboard.values import Event, Level


@dataclass(frozen=True)
class Book:
    """The alarms that are not over, by number; how many messages each contact was sent for each of them
    (`rounds`, by alarm and contact); whether the siren sounds."""

    alarms: Mapping[int, Alarm] = field(default_factory=dict)
    rounds: Mapping[tuple[int, int], int] = field(default_factory=dict)
    siren: bool = False
    next_id: int = 1


@dataclass(frozen=True)
class Turned:
    """The book after a move, what is to be done now, and the alarms that are over (for the archive)."""

    book: Book
    orders: tuple[Order, ...] = ()
    over: tuple[Alarm, ...] = ()


def raise_events(book: Book, events: Iterable[Event], drill: bool = False) -> Turned:
    """Take in the judge's events. Notices raise nothing; some of them say that a trouble is over, which
    ends alerts and prompts and never an emergency."""
    orders: list[Order] = []
    over: list[Alarm] = []
    for event in events:
        if event.level is not Level.NOTICE:
            book, told = _take_in(book, event, drill)
            orders += told
            continue
        for number in _ended_by(book, event):
            turned = _moved(book, number, Cleared(event.t))
            book, orders, over = turned.book, [*orders, *turned.orders], [*over, *turned.over]
    return _siren(Turned(book, tuple(orders), tuple(over)))


def pass_time(book: Book, t: float, contacts: int, settings: AlarmSettings) -> Turned:
    """What is due at `t` for a list of `contacts` people. Missed repeats are not caught up: one is sent."""
    orders: list[Order] = []
    for number, alarm in sorted(book.alarms.items()):
        if not alarm.latched or alarm.sounding_t is None:
            continue
        waited_s = t - alarm.sounding_t
        if waited_s < settings.escalate_s - 1e-6:
            continue
        if alarm.state is AlarmState.SOUNDING:
            book = _with(book, machine.move(alarm, Escalate(t)))
            orders += [ReleasePicture(number, camera) for camera in _cameras(alarm)]
            orders.append(ShowAlarm(number))
        book, calls = _calls(book, number, waited_s, contacts, settings)
        orders += calls
    return Turned(book, tuple(orders))


def clear(book: Book, subject: str, t: float) -> Turned:
    """What was seen says that the trouble with `subject` is over. Ends an alert; never an emergency."""
    number = _of_subject(book, subject)
    return Turned(book) if number is None else _moved(book, number, Cleared(t))


def acknowledge(book: Book, number: int, what: Acknowledge) -> Turned:
    """Somebody sees the alarm: siren and messages stop. AlarmError without a name, or when it is over."""
    before = _known(book, number)
    turned = _moved(book, number, what)
    fresh = before.state is not AlarmState.ACKNOWLEDGED
    return _tell(turned, number, Message.ACKNOWLEDGED, before.drill) if fresh else turned


def resolve(book: Book, number: int, what: Resolve) -> Turned:
    """Somebody says why it is over. AlarmError when nobody has acknowledged it yet."""
    before = _known(book, number)
    turned = _tell(_moved(book, number, what), number, Message.ALL_CLEAR, before.drill)
    rounds = {key: count for key, count in turned.book.rounds.items() if key[0] != number}
    return replace(turned, book=replace(turned.book, rounds=rounds))


def subject_of(event: Event) -> str:
    """Whom an event is about: a person, or the camera or place with the trouble itself."""
    if event.person is not None:
        return f"person {event.person}"
    return f"{event.kind} {event.zone or event.camera}"


def _take_in(book: Book, event: Event, drill: bool) -> tuple[Book, list[Order]]:
    subject, cause = subject_of(event), Cause(event.t, event)
    number = _of_subject(book, subject, drill)
    if number is None:
        number = book.next_id
        book = replace(_with(book, machine.begin(number, subject, cause, drill)), next_id=number + 1)
    else:
        book = _with(book, machine.move(book.alarms[number], cause))
    alarm = book.alarms[number]
    orders: list[Order] = [ShowAlarm(number)]
    if alarm.state is AlarmState.ESCALATED:
        # The picture of a camera that joins late is released as the others were.
        orders += [ReleasePicture(number, event.camera)]
    return book, orders


def _ended_by(book: Book, event: Event) -> list[int]:
    """The alarms whose trouble a notice says to be over."""
    if event.kind == "mode_changed":
        return [n for n, a in book.alarms.items() if all(c.kind == "mode_prompt" for c in a.causes)]
    subjects: tuple[str, ...] = ()
    if event.kind in ("person_left", "surfaced"):
        subjects = (f"person {event.person}",)
    elif event.kind == "camera_back":
        also = event.detail.get("also")
        was = (event.detail.get("was"), *(also if isinstance(also, list | tuple) else ()))
        subjects = tuple(f"{kind} {event.zone or event.camera}" for kind in was)
    return [n for n, alarm in sorted(book.alarms.items()) if alarm.subject in subjects]


def _of_subject(book: Book, subject: str, drill: bool | None = None) -> int | None:
    """The alarm about `subject`. A drill never joins what is real, nor the other way round."""
    return next(
        (
            number
            for number, alarm in sorted(book.alarms.items())
            if alarm.subject == subject and (drill is None or alarm.drill == drill)
        ),
        None,
    )


def _calls(
    book: Book, number: int, waited_s: float, contacts: int, settings: AlarmSettings
) -> tuple[Book, list[Order]]:
    rounds, orders, drill = dict(book.rounds), [], book.alarms[number].drill
    for contact in range(contacts):
        since_s = waited_s - settings.escalate_s - contact * settings.contact_step_s
        if since_s < -1e-6:
            continue
        due = int((since_s + 1e-6) // settings.repeat_s) + 1
        if rounds.get((number, contact), 0) < due:
            rounds[number, contact] = due
            orders.append(Notify(number, contact, Message.ALARM, due - 1, drill))
    return replace(book, rounds=rounds), list(orders)


def _moved(book: Book, number: int, what: Cleared | Acknowledge | Resolve) -> Turned:
    before = _known(book, number)
    after = machine.move(before, what)
    if not after.over:
        orders: tuple[Order, ...] = () if after == before else (ShowAlarm(number),)
        return _siren(Turned(_with(book, after), orders))
    alarms = {n: alarm for n, alarm in book.alarms.items() if n != number}
    hidden: list[Order] = [HideAlarm(number)]
    if before.escalated_t is not None:
        hidden.append(HidePicture(number))
    return _siren(Turned(replace(book, alarms=alarms), tuple(hidden), (after,)))


def _tell(turned: Turned, number: int, message: Message, drill: bool) -> Turned:
    """Tell everybody who was called."""
    called = sorted(contact for alarm, contact in turned.book.rounds if alarm == number)
    told = tuple(Notify(number, contact, message, 0, drill) for contact in called)
    return replace(turned, orders=(*turned.orders, *told))


def _siren(turned: Turned) -> Turned:
    wanted = any(alarm.latched for alarm in turned.book.alarms.values())
    if wanted == turned.book.siren:
        return turned
    book = replace(turned.book, siren=wanted)
    return replace(turned, book=book, orders=(*turned.orders, Siren(wanted)))


def _known(book: Book, number: int) -> Alarm:
    if number not in book.alarms:
        raise AlarmError(f"there is no alarm {number}, or it is over")
    return book.alarms[number]


def _with(book: Book, alarm: Alarm) -> Book:
    return replace(book, alarms={**book.alarms, alarm.id: alarm})


def _cameras(alarm: Alarm) -> list[str]:
    return list(dict.fromkeys(event.camera for event in alarm.causes if event.camera))
