"""Head count in supervised: entered minus left against seen. Whoever is missing for long is named."""

from __future__ import annotations

from dataclasses import dataclass

from dashboard.rules.context import Context
from dashboard.rules.people import Person
from dashboard.rules.raising import NOTHING_RAISED, Raised, raised
from dashboard.rules.zones import water_depth
from dashboard.values import Level, Observation, Verdict


@dataclass(frozen=True)
class HeadCountState:
    """What was told."""

    raised: Raised = NOTHING_RAISED


def step(
    state: HeadCountState, observation: Observation | None, context: Context
) -> tuple[HeadCountState, tuple[Verdict, ...]]:
    """person_missing: alert; emergency for a child who was last seen at the water and stays missing."""
    if not context.supervised():
        return HeadCountState(), ()
    present = [_verdict(p, context) for p in context.here() if _missing(p, context)]
    told, new = raised(state.raised, present, context.t, context.settings.rearm_s)
    return HeadCountState(told), new


def _missing(person: Person, context: Context) -> bool:
    unseen_s = _unseen_s(person, context)
    enough = person.seen_s >= context.settings.head_count_seen_s - 1e-6
    return enough and unseen_s >= context.settings.head_count_s - 1e-6


def _unseen_s(person: Person, context: Context) -> float:
    """In the water all time counts; on deck the time in which somebody looked."""
    return context.t - person.seen_t if person.in_water else context.unwatched_s(person)


def _verdict(person: Person, context: Context) -> Verdict:
    settings = context.settings
    grave = not context.is_adult(person) and (person.in_water or _at_water(person, context))
    long = _unseen_s(person, context) >= 2 * settings.head_count_s - 1e-6
    here = context.here()
    detail: dict[str, object] = {
        "name": person.name,
        "last_seen_t": round(person.seen_t, 3),
        "last_spot": context.spot(person),
        "here": len(here),
        "seen": sum(context.t - p.seen_t <= settings.adult_fresh_s for p in here),
    }
    level = Level.EMERGENCY if grave and long else Level.ALERT
    return Verdict("person_missing", level, person.camera, person.id, person.place, detail)


def _at_water(person: Person, context: Context) -> bool:
    zones = context.world.camera(person.camera, context.ledger.cameras[person.camera].size_wh)
    body = person.sight.body
    return water_depth(zones, body.feet) > -context.settings.exit_reach * body.height_px
