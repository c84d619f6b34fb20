"""What moves who is known to be where, from one observation to the next.

`step(ledger, observation, world, ...)`: tracks become people once they have lived long enough, people are
followed over changes of track, and whoever leaves is seen to leave. Being unseen is not being gone.
"""

from __future__ import annotations

from dataclasses import replace

from dashboard.rules.afloat import buoyed
from dashboard.rules.beside import another, beside
from dashboard.rules.body import distance
from dashboard.rules.claims import claim_way
from dashboard.rules.clear import under
from dashboard.rules.exits import leaving
from dashboard.rules.people import (
    CameraWatch,
    Candidate,
    Ledger,
    Person,
    Sight,
    TrackKey,
)
from dashboard.rules.settling import settle, sizes_of
from dashboard.rules.sighted import seen
from dashboard.rules.sights import (
    EPSILON_S,
    LONGEST_LOOK_S,
    Look,
    again,
    begin,
    clearly_apart,
    double,
    doubled,
    doubled_by,
    on_a_swimmer,
    plausible,
    sight_of,
    touching,
)
from dashboard.rules.twins import told_apart
from dashboard.rules.world import World
from dashboard.rules.zones import Where, masked
from dashboard.values import Observation, Track, TrackState

_SECOND_S = 0.3


def step(ledger: Ledger, observation: Observation, world: World, hidden_gone: bool) -> Ledger:
    """Take in one observation. A late one (not after the camera's newest) changes nothing.

    `hidden_gone`: whether whoever hides on deck for long counts as gone rather than missing.
    """
    before = ledger.cameras.get(observation.camera)
    if before is not None and observation.t <= before.t:
        return ledger
    watch = _watched(before, observation)
    ledger = replace(ledger, cameras={**ledger.cameras, observation.camera: watch})
    if observation.people is None or observation.size_wh[0] <= 0:
        return ledger
    zones = world.camera(observation.camera, observation.size_wh)
    look = Look(observation, zones, world, watch)
    ledger = told_apart(settle(_take_in(ledger, look), look), look)
    ledger = replace(ledger, people={**ledger.people, **buoyed(ledger.people.values(), look)})
    return _let_go(ledger, look, hidden_gone)


def forget(ledger: Ledger, person: int) -> Ledger:
    """Take a person out: somebody looked, and they are safe or never were."""
    people = {number: p for number, p in ledger.people.items() if number != person}
    tracks = {key: number for key, number in ledger.tracks.items() if number != person}
    return replace(ledger, people=people, tracks=tracks)


def _watched(before: CameraWatch | None, observation: Observation) -> CameraWatch:
    t, reason, blind = observation.t, observation.blind_reason, observation.people is None
    fault = observation.fault
    began_t = t if fault is None else min(fault.since_t, t)
    kind = None if fault is None else fault.kind
    if before is None:
        since = began_t if blind or reason else None
        return CameraWatch(t, 0.0, observation.size_wh, since, reason, kind)
    seeing_s = 0.0 if blind else min(t - before.t, LONGEST_LOOK_S)
    size_wh = observation.size_wh if observation.size_wh[0] > 0 else before.size_wh
    if not blind and not reason:
        return CameraWatch(t, before.watched_s + seeing_s, size_wh)
    since = before.blind_since if before.blind_since is not None else began_t
    return CameraWatch(t, before.watched_s + seeing_s, size_wh, since, reason or "no picture", kind)


def _take_in(ledger: Ledger, look: Look) -> Ledger:
    """Sightings of known people, then of tracks that are nobody yet."""
    strangers: list[Track] = []
    for track in look.observation.people or ():
        if track.state is TrackState.TENTATIVE or masked(look.zones, track.xyxy):
            continue
        # What was found earlier was taken in then: meanwhile another camera may have seen them later, and a
        # track that lost its person begins anew.
        if look.observation.t - track.seen_t > EPSILON_S:
            continue
        if ledger.tracks.get((look.camera, track.id)) in ledger.people:
            ledger = _take_in_known(ledger, track, look)
        else:
            strangers.append(track)
    candidates = dict(ledger.candidates)
    people = ledger.people.values()
    for track in strangers:
        key = (look.camera, track.id)
        known = candidates.get(key)
        sight = sight_of(look, track, known.last.presence if known is not None else None)
        first = known.first if known is not None else sight
        near = beside(known.beside if known is not None else None, sight, people)
        twice, own = double(sight, people, look), another(near)
        if twice and own and known is not None:
            candidate = replace(known, last=sight)
        elif twice or (on_a_swimmer(first, sight, people, look) and not own):
            candidate = doubled(sight)
        else:
            candidate = again(known, sight, look) if known else begin(sight, track.first_t, look)
        candidates[key] = replace(candidate, beside=near)
    alive = {key: c for key, c in candidates.items() if _alive(key, c, look)}
    return replace(ledger, candidates=alive)


def _take_in_known(ledger: Ledger, track: Track, look: Look) -> Ledger:
    key = (look.camera, track.id)
    person, candidate = ledger.people[ledger.tracks[key]], ledger.candidates.get(key)
    before = person.sight.presence if person.camera == look.camera else None
    sight = sight_of(look, track, before)
    if under(person.usual, sight, look.settings):
        return ledger
    if _second_track(person, sight):
        return _split_off(ledger, key, sight, look) if clearly_apart(sight, person, look) else ledger
    theirs = plausible(person.firm or person.sight, sight, look) and not _elsewhere(person, candidate, sight)
    if theirs and not _may_be_others(ledger, person, key, candidate, sight, look):
        candidates = {k: c for k, c in ledger.candidates.items() if k != key}
        others = [p for p in ledger.people.values() if p.id != person.id]
        host = doubled_by(sight, others, look)
        if host is not None and not host.sight.faint and sight.presence.where is Where.WATER:
            return _yielded(ledger, key, person, host)
        on_one_body = host is not None or (person.apart is not None and touching(sight, others))
        person = replace(person, apart=(person.apart or person.sight) if on_one_body else None)
        people = {**ledger.people, person.id: seen(person, sight, look)}
        return replace(ledger, people=people, candidates=candidates)
    others = [p for p in ledger.people.values() if p.id != person.id]
    if double(sight, others, look):
        jumped = doubled(sight)
    else:
        jumped = again(candidate, sight, look) if candidate is not None else begin(sight, None, look)
    return replace(ledger, candidates={**ledger.candidates, key: jumped})


def _second_track(person: Person, sight: Sight) -> bool:
    """Whether somebody is seen just now by another track of theirs."""
    firm = not person.sight.faint and person.camera == sight.camera
    return firm and person.sight.track != sight.track and sight.t - person.seen_t <= _SECOND_S


def _split_off(ledger: Ledger, key: TrackKey, sight: Sight, look: Look) -> Ledger:
    """A second track of somebody is seen apart from them: it is another's. No glint is followed for so long
    as a person: in the water it is at once whoever is missing there."""
    ledger = replace(ledger, tracks={k: number for k, number in ledger.tracks.items() if k != key})
    if sight.presence.where is not Where.WATER:
        return ledger
    since, count = sight.t - look.settings.confirm_s, look.settings.confirm_sightings
    sure = replace(begin(sight, None, look), first_t=since, count=count)
    return replace(ledger, candidates={**ledger.candidates, key: sure})


def _yielded(ledger: Ledger, key: TrackKey, person: Person, host: Person) -> Ledger:
    """A track in the water that comes to where somebody else is seen already is theirs from now on: one body
    is one person. Whose track it was is not seen any more; who began at their side in mid-water and was never
    seen apart from them never was another."""
    people = dict(ledger.people)
    if any(twin.person == host.id for twin in person.twins):
        del people[person.id]
    tracks = {k: n for k, n in ledger.tracks.items() if n in people} | {key: host.id}
    candidates = {k: c for k, c in ledger.candidates.items() if k != key}
    return replace(ledger, people=people, tracks=tracks, candidates=candidates)


def _elsewhere(person: Person, candidate: Candidate | None, sight: Sight) -> bool:
    """Whether a track that changed bodies goes on with the other body, though by now the way there
    would be possible."""
    if candidate is None or candidate.last.camera != sight.camera or person.camera != sight.camera:
        return False
    return distance(candidate.last.body, sight.body) < distance(person.sight.body, sight.body)


def _may_be_others(
    ledger: Ledger, person: Person, key: TrackKey, candidate: Candidate | None, sight: Sight, look: Look
) -> bool:
    """Whether a head that comes up under the number of somebody long unseen may as well be somebody's who
    was seen later: a number says little after so long. Then it is settled as a new track is."""
    wet = person.in_water and sight.presence.where is Where.WATER
    absent_s = sight.watched_s - person.sight.watched_s
    if not wet or person.camera != sight.camera or absent_s <= look.settings.run_gap_s + EPSILON_S:
        return False
    if candidate is not None:
        return True
    comes_up, now_t = begin(sight, None, look), look.observation.t
    others = [
        p for p in ledger.people.values() if p.in_water and person.seen_t < p.seen_t < now_t - EPSILON_S
    ]
    return any(claim_way(key, comes_up, p, look.world, sizes_of(ledger)) is not None for p in others)


def _alive(key: TrackKey, candidate: Candidate, look: Look) -> bool:
    if key[0] != look.camera:
        return True
    return look.watch.watched_s - candidate.last.watched_s <= look.settings.look_gap_s + EPSILON_S


def _let_go(ledger: Ledger, look: Look, hidden_gone: bool) -> Ledger:
    """Whoever this camera saw last and does not see any more may have left; who left is forgotten."""
    people = {}
    for number, person in ledger.people.items():
        kept = person if person.camera != look.camera else _parting(person, look, hidden_gone)
        if kept is not None:
            people[number] = kept
    tracks = {key: number for key, number in ledger.tracks.items() if number in people}
    return replace(ledger, people=people, tracks=tracks)


def _parting(person: Person, look: Look, hidden_gone: bool) -> Person | None:
    absent_s = look.watch.watched_s - person.sight.watched_s
    if person.left is not None:
        gone_s = look.observation.t - person.seen_t
        return None if gone_s > look.settings.forget_s and absent_s > look.settings.left_after_s else person
    if not person.inside and not person.in_water:
        return None if absent_s > look.settings.hidden_s else person
    left = leaving(person, look.zones, absent_s, hidden_gone, look.settings)
    if left is not None and not person.inside:
        return None
    return person if left is None else replace(person, left=left)
