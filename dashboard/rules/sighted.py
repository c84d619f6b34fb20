"""What one more sighting says of a known person: whether it counts, where they are, who they are."""

from __future__ import annotations

from dataclasses import replace

from dashboard.rules.age import gather
from dashboard.rules.clear import learnt
from dashboard.rules.people import How, Leaving, Person, Return, Sight, Turn
from dashboard.rules.sights import EPSILON_S, LONGEST_LOOK_S, Look, height_m, long_enough
from dashboard.rules.zones import Where

_WET_VIEW_S = 1.0


def seen(person: Person, sight: Sight, look: Look) -> Person:
    """A known person's track was seen. After an absence one sighting is not enough."""
    settings = look.settings
    same_camera = person.camera == sight.camera
    absent_s = sight.watched_s - person.sight.watched_s if same_camera else sight.t - person.seen_t
    if absent_s <= settings.run_gap_s + EPSILON_S:
        return accept(person, sight, look)
    back = person.returning
    if back is None or sight.watched_s - back.sight.watched_s > settings.look_gap_s + EPSILON_S:
        back = Return(sight.t, 0, sight)
    back = Return(back.since, back.count + 1, sight)
    if long_enough(back.since, back.count, sight.t, settings):
        return accept(person, sight, look)
    return replace(person, returning=back)


def accept(person: Person, sight: Sight, look: Look) -> Person:
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
    return visiting(identified(person, look))


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


def visiting(person: Person) -> Person:
    """Begin or end the visit by where the person is known to be."""
    if person.where is Where.OUTSIDE:
        left = Leaving(person.seen_t, How.OUTSIDE, person.sight.presence.portal)
        return replace(person, left=left) if person.inside else person
    if person.inside_t is None or person.left is not None:
        return replace(person, inside_t=person.seen_t, left=None)
    return person


def identified(person: Person, look: Look) -> Person:
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
