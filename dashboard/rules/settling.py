"""Tracks that have lived long enough become somebody: somebody unseen, or a newcomer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from dashboard.rules.age import merged
from dashboard.rules.beside import another
from dashboard.rules.claims import claims, possible_way
from dashboard.rules.clear import under
from dashboard.rules.people import Candidate, Ledger, Person, TrackKey
from dashboard.rules.sighted import accept, identified, visiting
from dashboard.rules.sights import EPSILON_S, Look, afloat, long_enough, overlapping
from dashboard.rules.twins import twins_of
from dashboard.rules.zones import Where

_AFLOAT_SIGHTINGS = 3
_CAMERA_BLOCK = 1_000_000
_REMEMBERED = 1000
# Second tracks of one body seldom live longer.
_TWICE_S = 4.0


def settle(ledger: Ledger, look: Look) -> Ledger:
    """Tracks that have lived long enough are somebody: somebody unseen, or a newcomer."""
    now_t = look.observation.t
    # Only who is seen now: where somebody was earlier cannot be held against where the others are.
    ready = {
        key: c
        for key, c in ledger.candidates.items()
        if key[0] == look.camera
        and c.last.t >= now_t - EPSILON_S
        and long_enough(c.first_t, c.count, c.last.t, look.settings)
    }
    if not ready:
        return ledger
    unseen = [p for p in ledger.people.values() if p.camera != look.camera or p.seen_t < now_t - EPSILON_S]
    # Two tracks on one body: the other body is where one of them was last seen apart, or has come from there.
    seen = [p for p in ledger.people.values() if p not in unseen]
    unseen += [replace(p, sight=p.apart) for p in seen if p.apart is not None]
    sizes = sizes_of(ledger)
    settled = {**_handed_over(ledger, ready, look), **claims(ready, unseen, look.world, sizes)}
    for key in sorted(ready):
        if key in settled and _comes_up_at_anothers(ledger.people[settled[key]], ready[key], ledger, look):
            continue
        if key in settled:
            ledger = _adopt(ledger, key, ready[key], settled[key], look)
        elif _submerged(key, ready[key], unseen, sizes, look):
            continue
        elif key in ledger.tracks or not afloat(ready[key].first) or _sure_afloat(ready[key], look):
            ledger = _newcomer(ledger, key, ready[key], look)
    return ledger


def _comes_up_at_anothers(person: Person, candidate: Candidate, ledger: Ledger, look: Look) -> bool:
    """Whether the head of somebody long unseen would come up on the body of somebody who is seen: more likely
    it is theirs, found twice. Until the two are apart, or that has lasted, nobody has come up; nor do two
    heads say so at once, as an arm is taken for a head now and then."""
    if not person.in_water or look.observation.t - person.seen_t <= look.settings.run_gap_s:
        return False
    if candidate.last.t - candidate.first_t > _TWICE_S:
        return False
    return any(overlapping(candidate.last, p) for p in ledger.people.values() if p.id != person.id)


def _submerged(
    key: TrackKey,
    candidate: Candidate,
    unseen: Sequence[Person],
    sizes: Mapping[str, tuple[int, int]],
    look: Look,
) -> bool:
    """Whether a track is the body, under water, of somebody whose head is not seen: no newcomer."""
    return any(
        under(person.usual, candidate.last, look.settings)
        and possible_way(key, candidate, person, look.world, sizes) is not None
        for person in unseen
    )


def _handed_over(ledger: Ledger, ready: dict[TrackKey, Candidate], look: Look) -> dict[TrackKey, int]:
    """Tracks that another camera's hand-over names."""
    found = {}
    for key in ready:
        identity = look.world.identities.get(key)
        elsewhere = None if identity is None else identity.same_as
        if elsewhere is not None and elsewhere in ledger.tracks:
            found[key] = ledger.tracks[elsewhere]
    return found


def _sure_afloat(candidate: Candidate, look: Look) -> bool:
    lived_s = candidate.last.t - candidate.first_t
    return lived_s >= look.settings.afloat_confirm_s - EPSILON_S and candidate.count >= _AFLOAT_SIGHTINGS


def _adopt(ledger: Ledger, key: TrackKey, candidate: Candidate, number: int, look: Look) -> Ledger:
    """A track turns out to be a known person's; their earlier track of this camera is nobody's then."""
    person = ledger.people[number]
    person = replace(
        person,
        age=merged(person.age, candidate.age),
        seen_s=person.seen_s + candidate.last.t - candidate.first_t,
        turn=candidate.turn if candidate.turn.where is not person.where else None,
        apart=None,
    )
    person = accept(person, candidate.last, look)
    tracks = {k: n for k, n in ledger.tracks.items() if n != number or k[0] != look.camera}
    return _linked(ledger, key, person, {**tracks, key: number})


def _numbered(ledger: Ledger, key: TrackKey) -> tuple[Ledger, int]:
    """A new person's number: the track's own for the site's first camera, with the camera's place in front
    of it for the others (2000007: track 7 of the third camera); a spare one when it was given before, as
    when a camera's tracking began anew."""
    camera, track = key
    given = ledger.numbers.get(camera, frozenset())
    highest = max(given, default=0)
    if track in given or track <= highest - _REMEMBERED:
        return replace(ledger, spare_id=ledger.spare_id + 1), ledger.spare_id
    kept = frozenset(n for n in (*given, track) if n > max(highest, track) - _REMEMBERED)
    number = list(ledger.cameras).index(camera) * _CAMERA_BLOCK + track
    return replace(ledger, numbers={**ledger.numbers, camera: kept}), number


def _newcomer(ledger: Ledger, key: TrackKey, candidate: Candidate, look: Look) -> Ledger:
    ledger, number = _numbered(ledger, key)
    turn, last = candidate.turn, candidate.last
    others = _others_then(ledger, candidate)
    known = long_enough(turn.since, turn.count, last.t, look.settings)
    probation = afloat(candidate.first) and not another(candidate.beside)
    person = Person(
        id=number,
        first_t=candidate.first_t,
        sight=last,
        where=turn.where if known else Where.OUTSIDE,
        seen_s=last.t - candidate.first_t,
        turn=None if known else turn,
        age=candidate.age,
        wet_view=(last.camera, last.t) if last.presence.where is Where.WATER else None,
        twins=twins_of(candidate.first, others, look) if probation else (),
    )
    person = visiting(identified(person, look))
    return _linked(ledger, key, person, {**ledger.tracks, key: number})


def _others_then(ledger: Ledger, candidate: Candidate) -> list[Person]:
    """Who has been seen since a candidate was first: where they are now is near where they were then."""
    return [
        replace(p, sight=replace(p.sight, t=candidate.first.t))
        for p in ledger.people.values()
        if p.seen_t >= candidate.first.t - 0.5
    ]


def _linked(ledger: Ledger, key: TrackKey, person: Person, tracks: dict[TrackKey, int]) -> Ledger:
    people = {**ledger.people, person.id: person}
    candidates = {k: c for k, c in ledger.candidates.items() if k != key}
    return replace(ledger, people=people, tracks=tracks, candidates=candidates)


def sizes_of(ledger: Ledger) -> dict[str, tuple[int, int]]:
    return {camera: watch.size_wh for camera, watch in ledger.cameras.items()}
