"""Everything that moves who is known to be where is in this file.

`step(ledger, observation, world, ...)`: tracks become people once they have lived long enough, people are
followed over changes of track, and whoever leaves is seen to leave. Being unseen is not being gone.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from dashboard.rules.afloat import buoyed
from dashboard.rules.age import gather, merged
from dashboard.rules.body import distance
from dashboard.rules.claims import claim_way, claims, possible_way
from dashboard.rules.clear import learnt, under
from dashboard.rules.exits import leaving
from dashboard.rules.people import (
    CameraWatch,
    Candidate,
    How,
    Leaving,
    Ledger,
    Person,
    Return,
    Sight,
    TrackKey,
    Turn,
)
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
    height_m,
    long_enough,
    plausible,
    sight_of,
    touching,
)
from dashboard.rules.twins import told_apart, twins_of
from dashboard.rules.world import World
from dashboard.rules.zones import Where, masked
from dashboard.values import Observation, Track, TrackState

_WET_VIEW_S = 1.0
_AFLOAT_SIGHTINGS = 3
_CAMERA_BLOCK = 1_000_000
_REMEMBERED = 1000
_SECOND_S = 0.3
# Tracking drops a second track of one body after this long.
_TWICE_S = 2.0


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
    ledger = told_apart(_settle(_take_in(ledger, look), look), look)
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
        if ledger.tracks.get((look.camera, track.id)) in ledger.people:
            ledger = _take_in_known(ledger, track, look)
        else:
            strangers.append(track)
    candidates = dict(ledger.candidates)
    for track in strangers:
        key = (look.camera, track.id)
        known = candidates.get(key)
        # What was found earlier was taken in then; a track that lost its person begins anew.
        if look.observation.t - track.seen_t > EPSILON_S:
            continue
        sight = sight_of(look, track, known.last.presence if known is not None else None)
        if double(sight, ledger.people.values(), look):
            candidates[key] = doubled(sight)
        else:
            candidates[key] = again(known, sight, look) if known else begin(sight, track.first_t, look)
    alive = {key: c for key, c in candidates.items() if _alive(key, c, look)}
    return replace(ledger, candidates=alive)


def _take_in_known(ledger: Ledger, track: Track, look: Look) -> Ledger:
    # What was found earlier was taken in then; meanwhile another camera may have seen them later.
    if look.observation.t - track.seen_t > EPSILON_S:
        return ledger
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
        if host is not None and sight.presence.where is Where.WATER:
            return _yielded(ledger, key, person, host)
        on_one_body = host is not None or (person.apart is not None and touching(sight, others))
        person = replace(person, apart=(person.apart or person.sight) if on_one_body else None)
        people = {**ledger.people, person.id: _seen(person, sight, look)}
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
    return any(claim_way(key, comes_up, p, look.world, _sizes(ledger)) is not None for p in others)


def _alive(key: TrackKey, candidate: Candidate, look: Look) -> bool:
    if key[0] != look.camera:
        return True
    return look.watch.watched_s - candidate.last.watched_s <= look.settings.look_gap_s + EPSILON_S


def _seen(person: Person, sight: Sight, look: Look) -> Person:
    """A known person's track was seen. After an absence one sighting is not enough."""
    settings = look.settings
    same_camera = person.camera == sight.camera
    absent_s = sight.watched_s - person.sight.watched_s if same_camera else sight.t - person.seen_t
    if absent_s <= settings.run_gap_s + EPSILON_S:
        return _accept(person, sight, look)
    back = person.returning
    if back is None or sight.watched_s - back.sight.watched_s > settings.look_gap_s + EPSILON_S:
        back = Return(sight.t, 0, sight)
    back = Return(back.since, back.count + 1, sight)
    if long_enough(back.since, back.count, sight.t, settings):
        return _accept(person, sight, look)
    return replace(person, returning=back)


def _accept(person: Person, sight: Sight, look: Look) -> Person:
    step_s = min(max(sight.t - person.seen_t, 0.0), LONGEST_LOOK_S)
    where, turn = _turned(person, sight, look)
    person = replace(
        person,
        sight=sight,
        where=where,
        turn=turn,
        returning=None,
        seen_s=person.seen_s + step_s,
        age=gather(person.age, sight.t, sight.body, height_m(sight, look), look.settings),
        wet_view=(sight.camera, sight.t) if sight.presence.where is Where.WATER else person.wet_view,
        usual=learnt(person.usual, sight, sight.t - person.seen_t),
        firm=None,
    )
    return _visiting(_identified(person, look))


def _turned(person: Person, sight: Sight, look: Look) -> tuple[Where, Turn | None]:
    """Where the person is known to be now, and the change that is not known yet."""
    raw = _raw_where(person, sight)
    if raw is person.where:
        return raw, None
    turn = person.turn
    if turn is None or turn.where is not raw:
        turn = Turn(raw, sight.t, 0)
    turn = Turn(raw, turn.since, turn.count + 1)
    if long_enough(turn.since, turn.count, sight.t, look.settings):
        return raw, None
    return person.where, turn


def _raw_where(person: Person, sight: Sight) -> Where:
    """Where this sighting says they are. Another camera that saw them in the water a moment ago knows
    better than one that does not watch the water."""
    view = person.wet_view
    if view is not None and view[0] != sight.camera and sight.t - view[1] <= _WET_VIEW_S:
        return Where.WATER
    return sight.presence.where


def _visiting(person: Person) -> Person:
    """Begin or end the visit by where the person is known to be."""
    if person.where is Where.OUTSIDE:
        left = Leaving(person.seen_t, How.OUTSIDE, person.sight.presence.portal)
        return replace(person, left=left) if person.inside else person
    if person.inside_t is None or person.left is not None:
        return replace(person, inside_t=person.seen_t, left=None)
    return person


def _identified(person: Person, look: Look) -> Person:
    known = look.world.identities.get((person.camera, person.sight.track))
    if known is None:
        return person
    return replace(
        person,
        name=known.name if known.name is not None else person.name,
        limit_s=known.limit_s if known.limit_s is not None else person.limit_s,
        lanyard=known.lanyard if known.lanyard is not None else person.lanyard,
        age=person.age if known.age is None else replace(person.age, known=known.age),
    )


def _settle(ledger: Ledger, look: Look) -> Ledger:
    """Tracks that have lived long enough are somebody: somebody unseen, or a newcomer."""
    ready = {
        key: c
        for key, c in ledger.candidates.items()
        if key[0] == look.camera and long_enough(c.first_t, c.count, c.last.t, look.settings)
    }
    if not ready:
        return ledger
    now_t = look.observation.t
    unseen = [p for p in ledger.people.values() if p.camera != look.camera or p.seen_t < now_t - EPSILON_S]
    # Two tracks on one body: the other body is where one of them was last seen apart, or has come from there.
    seen = [p for p in ledger.people.values() if p not in unseen]
    unseen += [replace(p, sight=p.apart) for p in seen if p.apart is not None]
    sizes = _sizes(ledger)
    settled = {**_handed_over(ledger, ready, look), **claims(ready, unseen, look.world, sizes)}
    for key in sorted(ready):
        if key in settled and _comes_up_at_anothers(ledger.people[settled[key]], ready[key], ledger, look):
            continue
        if key in settled:
            ledger = _adopt(ledger, key, ready[key], settled[key], look)
        elif _submerged(key, ready[key], unseen, sizes, look):
            continue
        elif key in ledger.tracks or not _afloat(ready[key]) or _sure_afloat(ready[key], look):
            ledger = _newcomer(ledger, key, ready[key], look)
    return ledger


def _comes_up_at_anothers(person: Person, candidate: Candidate, ledger: Ledger, look: Look) -> bool:
    """Whether the head of somebody long unseen would come up on the body of somebody who is seen: more likely
    it is theirs, found twice. Until the two are apart nobody has come up."""
    if not person.in_water or look.observation.t - person.seen_t <= look.settings.run_gap_s:
        return False
    if candidate.last.t - candidate.first_t > _TWICE_S:
        return False
    return touching(candidate.last, (p for p in ledger.people.values() if p.id != person.id))


def _sizes(ledger: Ledger) -> dict[str, tuple[int, int]]:
    return {camera: watch.size_wh for camera, watch in ledger.cameras.items()}


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


def _afloat(candidate: Candidate) -> bool:
    """Whether somebody would have come into being in mid-water."""
    presence = candidate.first.presence
    return presence.where is Where.WATER and not presence.at_border and presence.portal is None


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
    person = _accept(person, candidate.last, look)
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
    person = Person(
        id=number,
        first_t=candidate.first_t,
        sight=last,
        where=turn.where if known else Where.OUTSIDE,
        seen_s=last.t - candidate.first_t,
        turn=None if known else turn,
        age=candidate.age,
        wet_view=(last.camera, last.t) if last.presence.where is Where.WATER else None,
        twins=twins_of(candidate.first, others, look) if _afloat(candidate) else (),
    )
    person = _visiting(_identified(person, look))
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
