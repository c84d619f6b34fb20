"""Nobody comes into being in mid-water: who seems to may be somebody who was there, found twice for a moment.

A newcomer among swimmers is on probation until they and each swimmer near them were seen side by side. That
one of them is missed before proves nothing: the other may be under, and the countdown runs.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from dashboard.rules.claims import metres_between
from dashboard.rules.people import Ledger, Person, Sight, Twin
from dashboard.rules.sights import LONGEST_LOOK_S, Look, overlapping
from dashboard.rules.zones import Where

# So long both must be seen, and not on one another.
_PROVEN_S = 1.0
_TOGETHER_S = 0.5
_NEAR_M = 2.0


def twins_of(first: Sight, others: Iterable[Person], look: Look) -> tuple[Twin, ...]:
    """Whose second track one may be that began in mid-water with `first`; `others` are as they were then."""
    sizes = {look.camera: look.zones.size_wh}
    return tuple(
        Twin(p.id, 0.0, look.observation.t)
        for p in others
        if p.camera == look.camera
        and p.sight.presence.where is Where.WATER
        and metres_between(p.sight, first, look.world, sizes) <= _NEAR_M
    )


def told_apart(ledger: Ledger, look: Look) -> Ledger:
    """Takes in who is seen side by side."""
    people = dict(ledger.people)
    for person in ledger.people.values():
        if person.twins and person.camera == look.camera:
            seen = (_seen(twin, person, ledger, look) for twin in person.twins)
            people[person.id] = replace(person, twins=tuple(twin for twin in seen if twin is not None))
    return replace(ledger, people=people)


def _seen(twin: Twin, person: Person, ledger: Ledger, look: Look) -> Twin | None:
    """The twin with what this look says, None once the two are two."""
    other = ledger.people.get(twin.person)
    if other is None:
        return None
    step_s = min(look.observation.t - twin.t, LONGEST_LOOK_S)
    apart = _both_seen(person, other) and not overlapping(person.sight, other)
    apart_s = twin.apart_s + (step_s if apart else 0.0)
    return None if apart_s >= _PROVEN_S else Twin(twin.person, apart_s, look.observation.t)


def _both_seen(person: Person, other: Person) -> bool:
    firm = not person.sight.faint and not other.sight.faint
    return firm and person.camera == other.camera and abs(person.seen_t - other.seen_t) <= _TOGETHER_S
