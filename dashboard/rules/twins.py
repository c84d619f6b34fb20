"""Nobody comes into being in mid-water: who seems to may be somebody who was there, found twice for a moment.

A newcomer among swimmers is on probation until they and each swimmer near them were seen side by side. When
one of these is missed before that, it was one person all the time.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from dashboard.rules.age import merged
from dashboard.rules.claims import metres_between
from dashboard.rules.people import Ledger, Person, Sight, Twin
from dashboard.rules.sights import LONGEST_LOOK_S, Look, touching
from dashboard.rules.zones import Where

# So long both must be seen, and not on one another.
_PROVEN_S = 1.0
# A second track that outlives the first one does so at once; later it is somebody else who is missed.
_PROBATION_S = 3.0
_MISSED_S = 1.0
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
    """Takes in who is seen apart, and makes one of two who were one."""
    doubtful = [p for p in ledger.people.values() if p.twins and p.camera == look.camera]
    for person in sorted(doubtful, key=lambda p: p.id):
        if person.id not in ledger.people:
            continue
        missed = next((t for t in person.twins if _was_one(person, ledger.people.get(t.person), look)), None)
        if missed is not None:
            ledger = _one(ledger, ledger.people[missed.person], person)
            continue
        twins = tuple(t for twin in person.twins if (t := _seen(twin, person, ledger, look)) is not None)
        ledger = replace(ledger, people={**ledger.people, person.id: replace(person, twins=twins)})
    return ledger


def _was_one(person: Person, other: Person | None, look: Look) -> bool:
    if other is None or other.camera != person.camera or other.left is not None or not other.in_water:
        return False
    seen_now = look.observation.t - person.seen_t <= _MISSED_S and not person.sight.faint
    missed = look.observation.t - other.seen_t > _MISSED_S
    return seen_now and missed and other.seen_t - person.first_t <= _PROBATION_S


def _seen(twin: Twin, person: Person, ledger: Ledger, look: Look) -> Twin | None:
    """The twin with what this look says, None once the two are two."""
    other = ledger.people.get(twin.person)
    if other is None:
        return None
    step_s = min(look.observation.t - twin.t, LONGEST_LOOK_S)
    apart = _both_seen(person, other) and not touching(person.sight, [other])
    apart_s = twin.apart_s + (step_s if apart else 0.0)
    return None if apart_s >= _PROVEN_S else Twin(twin.person, apart_s, look.observation.t)


def _both_seen(person: Person, other: Person) -> bool:
    firm = not person.sight.faint and not other.sight.faint
    return firm and person.camera == other.camera and abs(person.seen_t - other.seen_t) <= _TOGETHER_S


def _one(ledger: Ledger, known: Person, double: Person) -> Ledger:
    """The known person with what was seen as the double."""
    known = replace(
        known,
        sight=double.sight,
        where=double.where,
        turn=double.turn,
        returning=None,
        seen_s=known.seen_s + double.seen_s,
        age=merged(known.age, double.age),
        wet_view=double.wet_view or known.wet_view,
        usual=known.usual or double.usual,
        firm=None,
    )
    people = {number: p for number, p in ledger.people.items() if number != double.id}
    tracks = {k: known.id if n == double.id else n for k, n in ledger.tracks.items()}
    return replace(ledger, people={**people, known.id: known}, tracks=tracks)
