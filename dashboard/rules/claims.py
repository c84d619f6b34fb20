"""Whose a new track is: somebody's who was not seen since, or a newcomer's.

People are conserved. A track that begins where somebody unseen may have come to, at the speed at which
people swim or run, is that person; each track explains one person only. Who comes in over an edge or
through a portal explains nobody in the water, and on deck only somebody who was just there.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from dashboard.rules.body import distance
from dashboard.rules.clear import under
from dashboard.rules.people import Candidate, Person, Sight, TrackKey
from dashboard.rules.world import World
from dashboard.rules.zones import Where

_CLEARLY_NEARER = 0.5
_WALK_M_S = 1.5


@dataclass(frozen=True)
class Claim:
    """A track may be this person's; `cost` is the way as a share of how far they can have come."""

    key: TrackKey
    person: int
    cost: float


def claims(
    confirmed: Mapping[TrackKey, Candidate],
    people: Sequence[Person],
    world: World,
    sizes: Mapping[str, tuple[int, int]],
) -> dict[TrackKey, int]:
    """Which of the newly confirmed tracks are which person's. Pure; each track and person once at most."""
    possible = [
        Claim(key, person.id, cost)
        for key, candidate in confirmed.items()
        for person in people
        if (cost := claim_cost(key, candidate, person, world, sizes)) is not None
    ]
    seen = {person.id: person.seen_t for person in people}
    settled: dict[TrackKey, int] = {}
    while possible:
        claim = _next(possible, seen)
        settled[claim.key] = claim.person
        possible = [c for c in possible if c.key != claim.key and c.person != claim.person]
    return settled


def claim_cost(
    key: TrackKey, candidate: Candidate, person: Person, world: World, sizes: Mapping[str, tuple[int, int]]
) -> float | None:
    """0 (same spot) to 1 (as far as they can have come), or None when the track cannot be that person's, or
    is their body under water."""
    if under(person.usual, candidate.last, world.settings):
        return None
    return way_cost(key, candidate, person, world, sizes)


def way_cost(
    key: TrackKey, candidate: Candidate, person: Person, world: World, sizes: Mapping[str, tuple[int, int]]
) -> float | None:
    """As `claim_cost`, whether their head is over the water or not. Of who was not recognised lately both
    the place where they were, and the one where they may be, count."""
    costs = [_way_cost(key, candidate, person, world, sizes)]
    if person.firm is not None:
        costs.append(_way_cost(key, candidate, replace(person, sight=person.firm), world, sizes))
    return min((cost for cost in costs if cost is not None), default=None)


def _way_cost(
    key: TrackKey, candidate: Candidate, person: Person, world: World, sizes: Mapping[str, tuple[int, int]]
) -> float | None:
    identity = world.identities.get(key)
    if identity is not None and identity.name is not None and person.name is not None:
        return 0.0 if identity.name == person.name else None
    if key[0] != person.camera:
        return _across(candidate, person, world, sizes)
    gap_s = candidate.first_t - person.seen_t
    if person.left is not None or gap_s < -world.settings.overlap_s:
        return None
    if _arrives(candidate.first) and not _was_at_edge(person):
        if person.in_water or gap_s > world.settings.left_after_s:
            return None
        apart_m = metres_between(person.sight, candidate.first, world, sizes)
        near_m = world.settings.reach_slack_m + _WALK_M_S * max(gap_s, 0.0)
        return apart_m / near_m if apart_m <= near_m else None
    speed = world.settings.swim_m_s if person.in_water else world.settings.run_m_s
    reach_m = world.settings.reach_slack_m + speed * max(gap_s, 0.0)
    cost = metres_between(person.sight, candidate.first, world, sizes) / reach_m
    return cost if cost <= 1.0 else None


def metres_between(a: Sight, b: Sight, world: World, sizes: Mapping[str, tuple[int, int]]) -> float:
    """How far apart two sightings of one camera are: on the ground where it has a scale, else by the size
    of the bodies; the shorter of the two, since either may err."""
    by_size = distance(a.body, b.body) / max(a.body.pixels_per_m, b.body.pixels_per_m)
    ground = _ground_distance(a, b, world, sizes)
    return by_size if ground is None else min(by_size, ground)


def _next(possible: Sequence[Claim], seen: Mapping[int, float]) -> Claim:
    """The track with the fewest choices first. Among its choices the clearly nearest; when several are as
    near, the one last seen: so the longest countdown goes on."""
    options = {key: [c for c in possible if c.key == key] for key in {c.key for c in possible}}
    choices = min(options.values(), key=lambda found: (len(found), min(c.cost for c in found), found[0].key))
    nearest = min(choices, key=lambda c: (c.cost, c.person))
    alike = [c for c in choices if c.cost * _CLEARLY_NEARER <= nearest.cost]
    return max(alike, key=lambda c: (seen[c.person], -c.cost, -c.person))


def _arrives(first: Sight) -> bool:
    """Whether somebody comes in from elsewhere: over the picture's or the boundary's edge, by a portal."""
    presence = first.presence
    if presence.where is Where.WATER:
        return False
    return presence.at_border or presence.portal is not None or presence.where is Where.OUTSIDE


def _was_at_edge(person: Person) -> bool:
    presence = person.sight.presence
    if person.in_water:
        return False
    return presence.at_border or presence.portal is not None or presence.where is Where.OUTSIDE


def _across(
    candidate: Candidate, person: Person, world: World, sizes: Mapping[str, tuple[int, int]]
) -> float | None:
    """Another camera's person: one place seen by both, or a portal that leads from one to the other."""
    here, there = candidate.first, person.sight
    if person.left is not None:
        return 0.5 if _linked(person, here) else None
    apart_m = _ground_distance(there, here, world, sizes)
    settings = world.settings
    gap_s = here.t - there.t
    speed = settings.swim_m_s if person.in_water else settings.run_m_s
    reach_m = settings.reach_slack_m + speed * max(gap_s, 0.0)
    if apart_m is not None:
        return apart_m / reach_m if apart_m <= reach_m else None
    # Without common metres only somebody who vanished first can have come up before the other camera.
    same_place = person.place is not None and person.place == here.presence.zone
    unseen = candidate.first_t - person.seen_t
    return 0.9 if same_place and unseen > settings.overlap_s and not _arrives(here) else None


def _linked(person: Person, here: Sight) -> bool:
    portal = None if person.left is None else person.left.portal
    return portal is not None and here.presence.portal is not None and portal.to == here.presence.portal.name


def _ground_distance(a: Sight, b: Sight, world: World, sizes: Mapping[str, tuple[int, int]]) -> float | None:
    if not world.one_ground(a.camera, b.camera):
        return None
    places = [
        world.metres(
            s.camera, sizes[s.camera], s.body.head if s.presence.where is Where.WATER else s.body.feet
        )
        for s in (a, b)
    ]
    if places[0] is None or places[1] is None:
        return None
    (ax, ay), (bx, by) = places[0], places[1]
    return float(((ax - bx) ** 2 + (ay - by) ** 2) ** 0.5)
