"""Whether somebody who is not seen any more has left, by where they were and where they were going.

In the water an exit must be seen: through a portal, or out of the picture where the water goes on behind
its edge. Everything else is a countdown. On deck, whoever was not near any way out is hidden, not gone.
"""

from __future__ import annotations

from dashboard.geometry import Point
from dashboard.rules.people import How, Leaving, Person, Sight
from dashboard.rules.zones import CameraZones, Where, water_reaches_border, within_any
from dashboard.settings import RuleSettings

_MOVING = 0.1
_CUT = 0.5
_INSET = 1e-3


def leaving(
    person: Person, zones: CameraZones, absent_s: float, hidden_gone: bool, settings: RuleSettings
) -> Leaving | None:
    """How a person who was not seen for `absent_s` of watching has left; None when they have not (yet).

    `hidden_gone`: whether somebody hidden on deck for long counts as gone, rather than as missing. Who was
    only glimpsed is not missed, and nobody is missed for ever.
    """
    if absent_s < settings.left_after_s - 1e-9:
        return None
    how = _sure(person, zones, settings)
    if how is None and not person.in_water and absent_s >= settings.hidden_s - 1e-9:
        glimpsed = person.seen_s < settings.head_count_seen_s - 1e-9
        given_up = hidden_gone or glimpsed or absent_s >= settings.missing_gone_s - 1e-9
        how = _likely(person, zones, settings) or (How.UNSEEN if given_up else None)
    return None if how is None else Leaving(person.seen_t, how, person.sight.presence.portal)


def going_out(sight: Sight, zones: CameraZones, settings: RuleSettings) -> bool:
    """Whether the picture cut the box and it was moving over that edge."""
    if not sight.presence.at_border:
        return False
    left, top, right, bottom = sight.body.xyxy
    width, height = zones.size_wh
    # Of a box that the picture cuts only the inner side moves, so its centre goes half as fast as the body.
    # In the water an exit ends a countdown: there the slower speed is believed.
    share = 1.0 if sight.presence.where is Where.WATER else _CUT
    vx, vy = (speed / share for speed in sight.velocity)
    least = _MOVING * sight.body.height_px
    across, down = settings.border_margin * width, settings.border_margin * height
    sides = (
        (left <= across, -vx),
        (right >= width - across, vx),
        (top <= down, -vy),
        (bottom >= height - down, vy),
    )
    return any(touching and outward > least for touching, outward in sides)


def ahead(sight: Sight, seconds: float) -> Point:
    """Where the feet would be after `seconds` at the same speed."""
    (x, y), (vx, vy) = sight.body.feet, sight.velocity
    return x + vx * seconds, y + vy * seconds


def _sure(person: Person, zones: CameraZones, settings: RuleSettings) -> How | None:
    sight = person.sight
    if sight.presence.portal is not None:
        return How.PORTAL
    if person.in_water:
        onward = water_reaches_border(zones, sight.presence.zone, settings.border_margin)
        return How.BORDER if onward and going_out(sight, zones, settings) else None
    if going_out(sight, zones, settings):
        return How.BORDER
    return How.EDGE if _crossing(sight, zones, settings) else None


def _likely(person: Person, zones: CameraZones, settings: RuleSettings) -> How | None:
    presence = person.sight.presence
    if presence.at_border:
        return How.BORDER
    near = presence.where is Where.OUTSIDE or presence.margin <= settings.exit_reach
    return How.EDGE if near and not _whole_picture(zones) else None


def _crossing(sight: Sight, zones: CameraZones, settings: RuleSettings) -> bool:
    if sight.presence.where is Where.OUTSIDE:
        return True
    fast = max(map(abs, sight.velocity)) > _MOVING * sight.body.height_px
    x, y = ahead(sight, settings.look_ahead_s)
    width, height = zones.size_wh
    # Where the boundary is the picture's edge, crossing it is judged there, not by a glance ahead.
    point = (min(max(x, _INSET), width - _INSET), min(max(y, _INSET), height - _INSET))
    return fast and not within_any(zones.boundary, point)


def _whole_picture(zones: CameraZones) -> bool:
    width, height = zones.size_wh
    corners = ((0, 0), (width, 0), (width, height), (0, height))
    return all(within_any(zones.boundary, (float(x), float(y))) for x, y in corners)
