"""Reading one observation: where each track's body is, and whether it can be who it is said to be."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from dashboard.rules.age import NO_EVIDENCE, gather
from dashboard.rules.body import Body, Box, body_of, covered_share, distance, one_head, overlap, two_heads
from dashboard.rules.claims import metres_between
from dashboard.rules.exits import ahead
from dashboard.rules.people import CameraWatch, Candidate, Person, Sight, Turn
from dashboard.rules.world import World
from dashboard.rules.zones import CameraZones, Presence, Where, presence, water_depth
from dashboard.settings import RuleSettings
from dashboard.values import Observation, Track

# A pause between two looks counts as watching up to this long; what happens in longer ones is unseen.
LONGEST_LOOK_S = 1.0
EPSILON_S = 1e-6
_GOING_IN_S = 0.5
_GOING_IN_SPEED = 0.5
_DOUBLE_FRESH_S = 0.5
_PART_COVERED = 0.8
_TOUCHING = 0.1
_APART_M = 0.8
_ONE_BOX = 0.7
_PART_ABOVE_FEET = 0.25
# Tracking confirms a track some time after its first finding; a longer past is not of this track's making.
_TRACKING_LAG_S = 3.0


@dataclass(frozen=True, eq=False)
class Look:
    """One observation with people, and what is needed to read it."""

    observation: Observation
    zones: CameraZones
    world: World
    watch: CameraWatch

    @property
    def camera(self) -> str:
        return self.observation.camera

    @property
    def settings(self) -> RuleSettings:
        return self.world.settings


def sight_of(look: Look, track: Track, before: Presence | None) -> Sight:
    """What the newest finding of `track` says; `before` is where the same person was."""
    body = body_of(track, look.settings)
    age_s = max(look.observation.t - track.seen_t, 0.0)
    sight = Sight(
        camera=look.camera,
        track=track.id,
        t=track.seen_t,
        watched_s=look.watch.watched_s - min(age_s, LONGEST_LOOK_S),
        velocity=track.velocity,
        body=body,
        presence=presence(look.zones, body, before, look.settings),
        clear=track.clear,
        face=track.face,
    )
    return replace(sight, going_in=_going_in(sight, look.zones))


def plausible(before: Sight, sight: Sight, look: Look) -> bool:
    """Whether one body can have come from there to here; if not, the track has changed bodies."""
    if before.camera != sight.camera:
        return True
    swims = before.presence.where is Where.WATER and sight.presence.where is Where.WATER
    speed_m_s = look.settings.swim_m_s if swims else look.settings.run_m_s
    reach_m = look.settings.reach_slack_m + speed_m_s * max(sight.t - before.t, 0.0)
    return metres_between(before, sight, look.world, {look.camera: look.zones.size_wh}) <= reach_m


def double(sight: Sight, people: Iterable[Person], look: Look) -> bool:
    """Whether a finding is a second one of somebody who is seen right now: of the same body, or of a part
    of it (a head, a trunk, a skeleton put in upside down). A child before an adult stands upright and
    has its feet where the adult's are."""
    return doubled_by(sight, people, look) is not None


def doubled_by(sight: Sight, people: Iterable[Person], look: Look) -> Person | None:
    """Whose second finding this is, None where it is nobody's."""
    seen = (p for p in people if p.camera == sight.camera and abs(sight.t - p.seen_t) <= _DOUBLE_FRESH_S)
    return next((p for p in seen if _same_body(p.sight.body, sight.body, look.settings)), None)


def side_by_side(a: Box, b: Box, share: float) -> bool:
    """Whether the gap between two boxes is less than a share of the larger one's longer side."""
    gap = max(a[0] - b[2], b[0] - a[2], a[1] - b[3], b[1] - a[3], 0.0)
    longer = max(max(box[2] - box[0], box[3] - box[1]) for box in (a, b))
    return gap < share * longer


def clearly_apart(sight: Sight, person: Person, look: Look) -> bool:
    """Whether a finding and somebody who is seen right now are two bodies."""
    if person.camera != sight.camera or abs(sight.t - person.seen_t) > _DOUBLE_FRESH_S:
        return False
    if person.sight.faint:
        return False
    share = overlap(person.sight.body.xyxy, sight.body.xyxy)
    if share < look.settings.double_overlap and two_heads(person.sight.body, sight.body):
        return True
    if share >= _TOUCHING:
        return False
    return distance(person.sight.body, sight.body) > _APART_M * sight.body.pixels_per_m


def touching(sight: Sight, people: Iterable[Person]) -> bool:
    """Whether a finding overlaps somebody who is seen right now and has no head of its own: not clearly
    another body."""
    return any(
        overlapping(sight, person) and not two_heads(sight.body, person.sight.body) for person in people
    )


def on_a_swimmer(first: Sight, sight: Sight, people: Iterable[Person], look: Look) -> bool:
    """Whether a track that began in mid-water (with `first`) is on the body of a swimmer who is seen right
    now: nobody comes into being there, so until the two are apart it is that swimmer, found twice. Where
    somebody is missing in the water, a head of its own may be theirs."""
    if not afloat(first) or sight.presence.where is not Where.WATER:
        return False
    wet = [p for p in people if p.in_water and p.left is None]
    missing = any(look.observation.t - p.seen_t > _DOUBLE_FRESH_S for p in wet)
    return any(overlapping(sight, p) and not (missing and two_heads(sight.body, p.sight.body)) for p in wet)


def afloat(sight: Sight) -> bool:
    """Whether a track that begins so begins in mid-water."""
    presence = sight.presence
    return presence.where is Where.WATER and not presence.at_border and presence.portal is None


def overlapping(sight: Sight, person: Person) -> bool:
    """Whether the boxes of a finding and of somebody who is seen right now share more than their edges."""
    return (
        person.camera == sight.camera
        and abs(sight.t - person.seen_t) <= _DOUBLE_FRESH_S
        and overlap(person.sight.body.xyxy, sight.body.xyxy) >= _TOUCHING
    )


def _same_body(a: Body, b: Body, settings: RuleSettings) -> bool:
    if one_head(a, b):
        return True
    share = overlap(a.xyxy, b.xyxy)
    # Of one who floats on the back the head may be taken for the feet: then the boxes are the same.
    if share < _ONE_BOX and two_heads(a, b):
        return False
    if share >= settings.double_overlap:
        return True
    inner, outer = sorted((a, b), key=lambda body: _area(body.xyxy))
    above = outer.xyxy[3] - inner.xyxy[3] > _PART_ABOVE_FEET * (outer.xyxy[3] - outer.xyxy[1])
    return (above or inner.upside_down) and covered_share(inner.xyxy, outer.xyxy) >= _PART_COVERED


def _area(box: Box) -> float:
    return (box[2] - box[0]) * (box[3] - box[1])


def begin(sight: Sight, first_t: float | None, look: Look) -> Candidate:
    """A track that is nobody yet. `first_t` is when tracking first found it, None for a track that
    changed bodies just now: its past is another's."""
    since, count = sight.t, 1
    if first_t is not None and EPSILON_S < sight.t - first_t <= _TRACKING_LAG_S:
        since, count = first_t, 2
    age = gather(NO_EVIDENCE, sight.t, sight.body, height_m(sight, look), look.settings)
    return Candidate(since, count, sight, sight, Turn(sight.presence.where, since, count), age)


def doubled(sight: Sight) -> Candidate:
    """A track that is another's double for now: nothing counts yet."""
    return Candidate(sight.t, 0, sight, sight, Turn(sight.presence.where, sight.t, 0))


def again(known: Candidate, sight: Sight, look: Look) -> Candidate:
    """One more sighting of a track that is nobody yet."""
    if known.count == 0:
        return begin(sight, None, look)
    turn = known.turn
    if turn.where is not sight.presence.where:
        turn = Turn(sight.presence.where, sight.t, 0)
    return replace(
        known,
        count=known.count + 1,
        last=sight,
        turn=Turn(turn.where, turn.since, turn.count + 1),
        age=gather(known.age, sight.t, sight.body, height_m(sight, look), look.settings),
    )


def long_enough(since: float, count: int, t: float, settings: RuleSettings) -> bool:
    """Whether something was seen often and long enough to be so."""
    return count >= settings.confirm_sightings and t - since >= settings.confirm_s - EPSILON_S


def height_m(sight: Sight, look: Look) -> float | None:
    """How tall the body is, None where that cannot be told: without a scale, cut off, or in the water."""
    ground = look.world.ground(sight.camera, look.zones.size_wh)
    if ground is None or sight.presence.at_border or sight.presence.where is Where.WATER:
        return None
    return ground.height_m(sight.body.feet, (sight.body.feet[0], sight.body.xyxy[1]))


def _going_in(sight: Sight, zones: CameraZones) -> bool:
    """Whether somebody on deck is about to be in the water: running, jumping or falling in."""
    speed = max(map(abs, sight.velocity))
    if sight.presence.where is not Where.DECK or speed < _GOING_IN_SPEED * sight.body.height_px:
        return False
    return water_depth(zones, ahead(sight, _GOING_IN_S)) > 0
