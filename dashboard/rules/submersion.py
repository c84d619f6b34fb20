"""Submersion: somebody last seen in the water, not seen since, with no exit seen.

The countdown runs from the moment they were last seen: alert at half of the limit, emergency at the
limit. Being blind does not stop it: what is left of a countdown that was running is shortened. In watch
any person in the water is an emergency already.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from dashboard.rules.claims import claim_way
from dashboard.rules.context import Context
from dashboard.rules.people import Person
from dashboard.rules.raising import NOTHING_RAISED, Raised, raised
from dashboard.rules.zones import Where
from dashboard.values import Level, Observation, Verdict

# Unseen for less is the flicker of a detector, not a countdown that was running.
_RUNNING_S = 1.0
_GRACE_S = 0.1


@dataclass(frozen=True)
class SubmersionState:
    """The deadline of each running countdown by person: it may come nearer, never go farther away."""

    deadlines: Mapping[int, float] = field(default_factory=dict)
    raised: Raised = NOTHING_RAISED


@dataclass(frozen=True)
class Countdown:
    """Somebody under water: last seen when and by which camera; the alert and the emergency are due when."""

    person: int
    camera: str
    zone: str | None
    seen_t: float
    alert_t: float
    emergency_t: float


def step(
    state: SubmersionState, observation: Observation | None, context: Context
) -> tuple[SubmersionState, tuple[Verdict, ...]]:
    """submersion (alert, emergency), surfaced, and in watch person_in_water."""
    running = countdowns(state, context)
    present = [v for c in running if (v := _verdict(c, context)) is not None]
    under = {c.person for c in running}
    surfaced = [_surfaced(p) for p in context.here() if p.id not in under and _told(state, p)]
    bathing = [_bathing(p) for p in _bathers(context)] if context.watching() else []
    told, new = raised(state.raised, (*present, *bathing), context.t, rearm_s=0.0)
    # Several cameras, or the clock and a camera, may speak at one and the same time.
    over = {f"submersion:{verdict.person}" for verdict in surfaced}
    told = Raised({key: known for key, known in told.told.items() if key not in over})
    return SubmersionState({c.person: c.emergency_t for c in running}, told), (*surfaced, *new)


def countdowns(state: SubmersionState, context: Context) -> tuple[Countdown, ...]:
    """All running countdowns: for the rule, and for the page."""
    return tuple(
        _countdown(person, state.deadlines.get(person.id), context)
        for person in context.here()
        if person.in_water and context.t > person.seen_t + _RUNNING_S
    )


def _countdown(person: Person, before: float | None, context: Context) -> Countdown:
    settings = context.settings
    limit_s = settings.submersion_limit_s if person.limit_s is None else person.limit_s
    due = person.seen_t + limit_s
    blind_t = context.blind(person.camera)
    if blind_t is not None and blind_t > person.seen_t + _RUNNING_S:
        due = min(due, blind_t + max(due - blind_t, 0.0) * settings.submersion_blind_share)
    due = due if before is None else min(due, before)
    alert_t = min(person.seen_t + limit_s * settings.submersion_alert_share, due)
    return Countdown(person.id, person.camera, person.place, person.seen_t, alert_t, due)


def _verdict(countdown: Countdown, context: Context) -> Verdict | None:
    if context.t < countdown.alert_t - 1e-6:
        return None
    person = context.ledger.people[countdown.person]
    over = context.t >= countdown.emergency_t - 1e-6 and not _coming_up(person, countdown, context)
    detail: dict[str, object] = {
        "unseen_s": round(context.t - countdown.seen_t, 2),
        "limit_s": round(countdown.emergency_t - countdown.seen_t, 2),
        "last_spot": context.spot(person),
        "age": context.age(person).value,
    }
    if person.name is not None:
        detail["name"] = person.name
    if context.blind(person.camera) is not None:
        detail["blind"] = True
    level = Level.EMERGENCY if over else Level.ALERT
    return Verdict("submersion", level, person.camera, person.id, person.place, detail)


def _coming_up(person: Person, countdown: Countdown, context: Context) -> bool:
    """Whether a head that may be theirs was just seen and needs one more look. It gets no more time than
    it takes to be sure of a head, so that glints do not hold up an emergency."""
    if context.t >= countdown.emergency_t + context.settings.confirm_s + _GRACE_S:
        return False
    settings = context.settings
    back = person.returning
    if back is not None and context.t - back.sight.t <= settings.confirm_s:
        return True
    sizes = {camera: watch.size_wh for camera, watch in context.ledger.cameras.items()}
    return any(
        candidate.count > 0
        and context.t - candidate.last.t <= settings.confirm_s
        and context.t - candidate.first_t <= 2 * settings.confirm_s
        and claim_way(key, candidate, person, context.world, sizes) is not None
        for key, candidate in context.ledger.candidates.items()
    )


def _told(state: SubmersionState, person: Person) -> bool:
    return f"submersion:{person.id}" in state.raised.told


def _surfaced(person: Person) -> Verdict:
    return Verdict("surfaced", Level.NOTICE, person.camera, person.id, person.place)


def _bathers(context: Context) -> list[Person]:
    return [p for p in context.here() if p.where is Where.WATER]


def _bathing(person: Person) -> Verdict:
    return Verdict("person_in_water", Level.EMERGENCY, person.camera, person.id, person.place)
