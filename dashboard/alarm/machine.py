"""One alarm's life. Everything that changes an alarm's state is in this file.

| state        | a cause            | time: escalation | the trouble ends | acknowledge  | resolve  |
|--------------|--------------------|------------------|------------------|--------------|----------|
| open         | open, or sounding  | -                | resolved         | acknowledged | illegal  |
| sounding     | joins              | escalated        | stays            | acknowledged | illegal  |
| escalated    | joins              | stays            | stays            | acknowledged | illegal  |
| acknowledged | joins, or sounding | -                | see below        | stays, noted | resolved |
| resolved     | illegal            | -                | illegal          | illegal      | illegal  |

`open` is an alert or a prompt; `sounding` an emergency. An emergency ends by people alone: somebody
acknowledges it with their name, then resolves it with a reason. An alert that was acknowledged sounds when
it becomes an emergency, and is resolved when its trouble ends. Illegal moves raise and change nothing.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TypeAlias

from dashboard.values import Event, Level

# So many causes are kept one by one; a trouble that flickers for days is the same cause again.
CAUSES_MOST = 100


class AlarmError(ValueError):
    """That cannot be done to this alarm now; the message says why. Nothing was changed."""


class AlarmState(StrEnum):
    """Where an alarm is in its life."""

    OPEN = "open"
    SOUNDING = "sounding"
    ESCALATED = "escalated"
    ACKNOWLEDGED = "acknowledged"
    RESOLVED = "resolved"


class Reason(StrEnum):
    """Why an alarm is over; kept for learning."""

    REAL = "real"
    DRILL = "drill"
    FALSE = "false"


@dataclass(frozen=True)
class Cause:
    """A verdict of the judge at `level` speaks for this alarm."""

    t: float
    event: Event


@dataclass(frozen=True)
class Escalate:
    """Nobody has acknowledged in time."""

    t: float


@dataclass(frozen=True)
class Cleared:
    """What was seen since says that the trouble is over."""

    t: float


@dataclass(frozen=True)
class Acknowledge:
    """Somebody says "I see it"; `who` is their name, `origin` the page or phone."""

    t: float
    who: str
    origin: str = ""


@dataclass(frozen=True)
class Resolve:
    """Somebody says that it is over and why; a `note` for later."""

    t: float
    who: str
    reason: Reason
    note: str = ""


Move: TypeAlias = Cause | Escalate | Cleared | Acknowledge | Resolve


@dataclass(frozen=True)
class Alarm:
    """One alarm: about whom (`subject`), since when, how loud it was at its loudest, why (the events that
    joined, the first one first; of more than `CAUSES_MOST` only what is new). Times of what has not happened
    are None. `drill`: nobody is in danger."""

    id: int
    subject: str
    state: AlarmState
    level: Level
    since_t: float
    causes: tuple[Event, ...]
    sounding_t: float | None = None
    escalated_t: float | None = None
    cleared_t: float | None = None
    acknowledged_t: float | None = None
    acknowledged_by: str | None = None
    also_seen_by: tuple[str, ...] = ()
    resolved_t: float | None = None
    resolved_by: str | None = None
    reason: Reason | None = None
    note: str = ""
    drill: bool = False

    @property
    def latched(self) -> bool:
        """An emergency that nobody has acknowledged."""
        return self.state in (AlarmState.SOUNDING, AlarmState.ESCALATED)

    @property
    def over(self) -> bool:
        return self.state is AlarmState.RESOLVED


def begin(number: int, subject: str, cause: Cause, drill: bool = False) -> Alarm:
    """A new alarm. AlarmError for a notice: that is kept, not raised."""
    level, t = cause.event.level, cause.t
    if level is Level.NOTICE:
        raise AlarmError("a notice is no alarm")
    loud = level is Level.EMERGENCY
    state = AlarmState.SOUNDING if loud else AlarmState.OPEN
    return Alarm(number, subject, state, level, t, (cause.event,), t if loud else None, drill=drill)


def move(alarm: Alarm, what: Move) -> Alarm:
    """The alarm after `what`. AlarmError when that is illegal; see the table above."""
    if alarm.state is AlarmState.RESOLVED and not isinstance(what, Escalate):
        raise AlarmError(f"alarm {alarm.id} is resolved")
    if isinstance(what, Cause):
        return _joined(alarm, what)
    if isinstance(what, Escalate):
        return _escalated(alarm, what)
    if isinstance(what, Cleared):
        return _cleared(alarm, what)
    if isinstance(what, Acknowledge):
        return _acknowledged(alarm, what)
    return _resolved(alarm, what)


def _joined(alarm: Alarm, cause: Cause) -> Alarm:
    if cause.event.level is Level.NOTICE:
        raise AlarmError("a notice is no cause")
    alarm = replace(alarm, causes=_with_cause(alarm.causes, cause.event), cleared_t=None)
    if cause.event.level is not Level.EMERGENCY:
        return alarm if alarm.level is not Level.PROMPT else replace(alarm, level=cause.event.level)
    alarm = replace(alarm, level=Level.EMERGENCY)
    if alarm.state is AlarmState.OPEN:
        return replace(alarm, state=AlarmState.SOUNDING, sounding_t=cause.t)
    if alarm.state is AlarmState.ACKNOWLEDGED and alarm.sounding_t is None:
        # What somebody has seen was an alert; that it is an emergency now they have not seen.
        return replace(
            alarm,
            state=AlarmState.SOUNDING,
            sounding_t=cause.t,
            acknowledged_t=None,
            acknowledged_by=None,
            also_seen_by=(*alarm.also_seen_by, *([alarm.acknowledged_by] if alarm.acknowledged_by else [])),
        )
    return alarm


def _with_cause(causes: tuple[Event, ...], event: Event) -> tuple[Event, ...]:
    """Causes are only ever added at the end: each has been written down at its place."""
    if len(causes) >= CAUSES_MOST and any(_same(event, known) for known in causes):
        return causes
    return (*causes, event)


def _same(a: Event, b: Event) -> bool:
    return (a.kind, a.level, a.camera, a.zone) == (b.kind, b.level, b.camera, b.zone)


def _escalated(alarm: Alarm, what: Escalate) -> Alarm:
    if alarm.state is not AlarmState.SOUNDING:
        return alarm
    return replace(alarm, state=AlarmState.ESCALATED, escalated_t=what.t)


def _cleared(alarm: Alarm, what: Cleared) -> Alarm:
    if alarm.level is not Level.EMERGENCY:
        return replace(alarm, state=AlarmState.RESOLVED, cleared_t=what.t, resolved_t=what.t)
    # An emergency stays: that somebody came up again does not say that they are well.
    return replace(alarm, cleared_t=what.t)


def _acknowledged(alarm: Alarm, what: Acknowledge) -> Alarm:
    who = what.who.strip()
    if not who:
        raise AlarmError("an acknowledgement needs a name")
    if alarm.state is AlarmState.ACKNOWLEDGED:
        known = (alarm.acknowledged_by, *alarm.also_seen_by)
        return alarm if who in known else replace(alarm, also_seen_by=(*alarm.also_seen_by, who))
    return replace(alarm, state=AlarmState.ACKNOWLEDGED, acknowledged_t=what.t, acknowledged_by=who)


def _resolved(alarm: Alarm, what: Resolve) -> Alarm:
    who = what.who.strip()
    if not who:
        raise AlarmError("resolving needs a name")
    if alarm.state is not AlarmState.ACKNOWLEDGED:
        raise AlarmError(f"alarm {alarm.id} must be acknowledged before it is resolved")
    if not isinstance(what.reason, Reason):
        raise AlarmError(f"{what.reason!r} is no reason: real, drill or false")
    return replace(
        alarm,
        state=AlarmState.RESOLVED,
        resolved_t=what.t,
        resolved_by=who,
        reason=what.reason,
        note=what.note,
    )
