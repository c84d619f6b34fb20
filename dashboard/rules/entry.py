"""Entry: who comes in and goes; in watch, a child alone.

Watch: a person in the boundary is an alert; a child, or somebody of unknown age, with no adult there is
an emergency within 3 s of being visible. Supervised: comings and goings are kept, quietly.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from dashboard.rules.context import Context
from dashboard.rules.people import Person
from dashboard.rules.raising import NOTHING_RAISED, Raised, raised
from dashboard.values import Age, Level, Observation, Verdict

# Somebody of unknown age must have been looked at for that long, so that a flicker is no emergency.
_LOOKED_AT_S = 1.0


@dataclass(frozen=True)
class Visit:
    """A visit that was told of: when it began, where the person was."""

    began_t: float
    camera: str
    zone: str | None


@dataclass(frozen=True)
class EntryState:
    """The open visits by person, and the troubles told."""

    visits: Mapping[int, Visit] = field(default_factory=dict)
    raised: Raised = NOTHING_RAISED


def step(
    state: EntryState, observation: Observation | None, context: Context
) -> tuple[EntryState, tuple[Verdict, ...]]:
    """person_entered, person_left, child_alone."""
    visits, comings = _comings(state.visits, context)
    visits, goings = _goings(visits, context)
    alone = _alone(context) if context.watching() else ()
    told, new = raised(state.raised, alone, context.t, context.settings.rearm_s)
    return EntryState(visits, told), (*goings, *comings, *new)


def _comings(visits: Mapping[int, Visit], context: Context) -> tuple[dict[int, Visit], list[Verdict]]:
    open_visits, verdicts = dict(visits), []
    level = Level.ALERT if context.watching() else Level.NOTICE
    for person in context.ledger.people.values():
        if not person.inside or person.inside_t is None or person.id in open_visits:
            continue
        open_visits[person.id] = Visit(person.inside_t, person.camera, person.place)
        verdicts.append(_verdict("person_entered", level, person, {"age": context.age(person).value}))
    return open_visits, verdicts


def _goings(visits: Mapping[int, Visit], context: Context) -> tuple[dict[int, Visit], list[Verdict]]:
    open_visits, verdicts = dict(visits), []
    for number, visit in visits.items():
        person = context.ledger.people.get(number)
        if person is None:
            del open_visits[number]
            detail: dict[str, object] = {"how": "taken out"}
            verdicts.append(Verdict("person_left", Level.NOTICE, visit.camera, number, visit.zone, detail))
        elif person.left is not None:
            del open_visits[number]
            detail = {"how": person.left.how.value, "seen_t": round(person.left.t, 3)}
            zone = person.place or visit.zone
            verdicts.append(Verdict("person_left", Level.NOTICE, person.camera, number, zone, detail))
        elif person.inside_t is not None and person.inside_t > visit.began_t:
            open_visits[number] = Visit(person.inside_t, person.camera, person.place)
    return open_visits, verdicts


def _alone(context: Context) -> tuple[Verdict, ...]:
    adults = [p for p in context.here() if context.is_adult(p)]
    fresh_s = context.settings.adult_fresh_s
    if any(context.t - adult.seen_t <= fresh_s for adult in adults):
        return ()
    return tuple(
        _verdict("child_alone", Level.EMERGENCY, p, {"age": context.age(p).value, **p.age.detail()})
        for p in context.here()
        if context.seen_now(p) and _is_alone(p, context)
    )


def _is_alone(person: Person, context: Context) -> bool:
    age = context.age(person)
    if age is Age.ADULT or person.inside_t is None:
        return False
    if age is Age.CHILD:
        return True
    # A newcomer is visible from their first finding on, before they count as somebody.
    new = person.inside_t - person.first_t <= context.settings.child_alone_s
    since = person.first_t if new else person.inside_t
    waited_s = context.t - since
    return waited_s >= context.settings.child_alone_s - 1e-6 and person.seen_s >= _LOOKED_AT_S - 1e-6


def _verdict(kind: str, level: Level, person: Person, detail: Mapping[str, object]) -> Verdict:
    extra = {} if person.name is None else {"name": person.name}
    return Verdict(kind, level, person.camera, person.id, person.place, {**detail, **extra})
