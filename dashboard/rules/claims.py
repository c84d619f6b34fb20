"""Whose a new track is: somebody's who was not seen since, or a newcomer's.

People are conserved. A track that begins where somebody unseen may have come to, at the speed at which
people swim or run, is that person; each track explains one person only. Where it may be several people, it
is the one seen last: nobody knows, and so the longest countdown goes on. Who comes in over an edge or
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

# What may well be: no sprint in the water, a walk on deck (m/s).
_EASY_SWIM_M_S = 1.2
_WALK_M_S = 1.5
# People last seen within this time of each other are told apart by the way.
_AT_ONCE_S = 1.0
# Who climbs out is seen on the way; who stands on deck and is found only now has stood there before.
_CLIMB_S, _STILL_M = 6.0, 0.15
# Before another camera without common metres: after everybody who is known to be near.
_FAR_M = 100.0


@dataclass(frozen=True)
class Claim:
    """A track may be this person's, `far_m` from where they were seen last; `easy`: at no great speed; `dry`:
    neither is in the water."""

    key: TrackKey
    person: int
    far_m: float
    easy: bool
    dry: bool


@dataclass(frozen=True)
class Way:
    """How somebody may have come to where a track begins: how far in metres, at how many metres a second
    beyond the slack of a finding."""

    far_m: float
    speed_m_s: float
    easy_m_s: float

    @property
    def easy(self) -> bool:
        return self.speed_m_s <= self.easy_m_s


def claims(
    confirmed: Mapping[TrackKey, Candidate],
    people: Sequence[Person],
    world: World,
    sizes: Mapping[str, tuple[int, int]],
) -> dict[TrackKey, int]:
    """Which of the newly confirmed tracks are which person's. Pure; each track and person once at most."""
    possible = [
        Claim(key, person.id, way.far_m, way.easy, _both_dry(candidate, person))
        for key, candidate in confirmed.items()
        for person in people
        if (way := claim_way(key, candidate, person, world, sizes)) is not None
    ]
    seen = {person.id: person.seen_t for person in people}
    settled: dict[TrackKey, int] = {}
    while possible:
        claim = _next(possible, seen)
        settled[claim.key] = claim.person
        possible = [c for c in possible if c.key != claim.key and c.person != claim.person]
    return settled


def claim_way(
    key: TrackKey, candidate: Candidate, person: Person, world: World, sizes: Mapping[str, tuple[int, int]]
) -> Way | None:
    """How the person may have come to where the track begins; None when the track cannot be theirs, or is
    their body under water."""
    if under(person.usual, candidate.last, world.settings) or _stood_there(candidate, person):
        return None
    return possible_way(key, candidate, person, world, sizes)


def possible_way(
    key: TrackKey, candidate: Candidate, person: Person, world: World, sizes: Mapping[str, tuple[int, int]]
) -> Way | None:
    """As `claim_way`, whether their head is over the water or not. Of who was not recognised lately both
    the place where they were, and the one where they may be, count."""
    ways = [_way(key, candidate, person, world, sizes)]
    if person.firm is not None:
        ways.append(_way(key, candidate, replace(person, sight=person.firm), world, sizes))
    return min((way for way in ways if way is not None), key=lambda w: w.far_m, default=None)


def _way(
    key: TrackKey, candidate: Candidate, person: Person, world: World, sizes: Mapping[str, tuple[int, int]]
) -> Way | None:
    identity = world.identities.get(key)
    if identity is not None and identity.name is not None and person.name is not None:
        return Way(0.0, 0.0, 0.0) if identity.name == person.name else None
    if key[0] != person.camera:
        return _across(candidate, person, world, sizes)
    if person.left is not None or candidate.first_t - person.seen_t < -world.settings.overlap_s:
        return None
    # Tracking may have known the track before, elsewhere: the way ends where it was when it was taken in.
    gap_s = candidate.first.t - person.seen_t
    far_m = metres_between(person.sight, candidate.first, world, sizes)
    if _arrives(candidate.first) and not _was_at_edge(person):
        if person.in_water or gap_s > world.settings.left_after_s:
            return None
        return _walked(far_m, gap_s, _WALK_M_S, world)
    speed = world.settings.swim_m_s if person.in_water else world.settings.run_m_s
    return _walked(far_m, gap_s, speed, world, _EASY_SWIM_M_S if person.in_water else _WALK_M_S)


def _stood_there(candidate: Candidate, person: Person) -> bool:
    """Whether a track is of somebody who stands on deck, while the person was in the water some time ago."""
    first, last = candidate.first, candidate.last
    if not person.in_water or first.t - person.seen_t <= _CLIMB_S:
        return False
    if any(sight.presence.where is not Where.DECK for sight in (first, last)):
        return False
    return distance(first.body, last.body) < _STILL_M * last.body.pixels_per_m


def _walked(
    far_m: float, gap_s: float, most_m_s: float, world: World, easy_m_s: float = _WALK_M_S
) -> Way | None:
    """The way of so many metres in so many seconds, None where nobody is that fast."""
    beyond_m = max(far_m - world.settings.reach_slack_m, 0.0)
    if beyond_m > most_m_s * max(gap_s, 0.0):
        return None
    return Way(far_m, beyond_m / gap_s if beyond_m > 0 else 0.0, easy_m_s)


def metres_between(a: Sight, b: Sight, world: World, sizes: Mapping[str, tuple[int, int]]) -> float:
    """How far apart two sightings of one camera are: on the ground where it has a scale, else by the size
    of the bodies; the shorter of the two, since either may err."""
    by_size = distance(a.body, b.body) / max(a.body.pixels_per_m, b.body.pixels_per_m)
    ground = _ground_distance(a, b, world, sizes)
    return by_size if ground is None else min(by_size, ground)


def _next(possible: Sequence[Claim], seen: Mapping[int, float]) -> Claim:
    """The track with the fewest choices first. On deck it is the nearest of those who were on deck. Else,
    among those who need not hurry, it is the one last seen: so the longest countdown goes on. Between those
    last seen at about the same time the way decides."""
    options = {key: [c for c in possible if c.key == key] for key in {c.key for c in possible}}
    choices = min(options.values(), key=lambda found: (len(found), min(c.far_m for c in found), found[0].key))
    easy = [c for c in choices if c.easy] or choices
    dry = [c for c in easy if c.dry]
    newest = max(seen[c.person] for c in easy)
    likely = dry or [c for c in easy if seen[c.person] >= newest - _AT_ONCE_S]
    return min(likely, key=lambda c: (c.far_m, c.person))


def _both_dry(candidate: Candidate, person: Person) -> bool:
    return candidate.last.presence.where is not Where.WATER and not person.in_water


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
) -> Way | None:
    """Another camera's person: one place seen by both, or a portal that leads from one to the other."""
    here, there = candidate.first, person.sight
    if person.left is not None:
        return Way(0.0, 0.0, 0.0) if _linked(person, here) else None
    apart_m = _ground_distance(there, here, world, sizes)
    settings = world.settings
    if apart_m is not None:
        speed = settings.swim_m_s if person.in_water else settings.run_m_s
        easy = _EASY_SWIM_M_S if person.in_water else _WALK_M_S
        return _walked(apart_m, here.t - there.t, speed, world, easy)
    # Without common metres only somebody who vanished first can have come up before the other camera.
    same_place = person.place is not None and person.place == here.presence.zone
    unseen = candidate.first_t - person.seen_t
    far = Way(_FAR_M, settings.swim_m_s, _EASY_SWIM_M_S)
    return far if same_place and unseen > settings.overlap_s and not _arrives(here) else None


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
