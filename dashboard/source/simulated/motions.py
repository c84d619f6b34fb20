"""The actions of people: into the water and out of it, and the table of all."""

from __future__ import annotations

from collections.abc import Callable

from dashboard.source.simulated.in_water import dive, float_back, float_face_down, sink, swim, tread
from dashboard.source.simulated.moment import Moment, heading_of, keyed
from dashboard.source.simulated.on_deck import crouch, fall, lie, sit, sit_edge, stand, walk
from dashboard.source.simulated.site import WATER_Z, floor_z, nearest_rim
from dashboard.source.simulated.skeleton import Posture, grounded


def climb_in(m: Moment) -> Posture:
    """Sits down on the rim, then slides into the water."""
    rim_x, rim_y, away_x, away_y = nearest_rim(m.x, m.y)
    end = m.to or (rim_x - 0.7 * away_x, rim_y - 0.7 * away_y)
    start = grounded(Posture(m.x, m.y, yaw=heading_of(-away_x, -away_y)), m.kind, m.height_m)
    seat = sit_edge(m)
    slide = tread(m)._replace(
        x=rim_x - 0.35 * away_x, y=rim_y - 0.35 * away_y, yaw=seat.yaw, l_out=1.6, r_out=1.6
    )
    last = tread(m)._replace(x=end[0], y=end[1], yaw=seat.yaw)
    n = m.length_s
    return keyed(m.tau, ((0.0, start), (0.45 * n, seat), (0.6 * n, seat), (0.85 * n, slide), (n, last)))


def jump_in(m: Moment) -> Posture:
    """Bends the knees, leaps over the rim, goes under and comes up."""
    rim_x, rim_y, away_x, away_y = nearest_rim(m.x, m.y)
    end = m.to or (rim_x - 1.2 * away_x, rim_y - 1.2 * away_y)
    yaw = heading_of(end[0] - m.x, end[1] - m.y)
    up = grounded(Posture(m.x, m.y, yaw=yaw), m.kind, m.height_m)
    squat = crouch(m)._replace(yaw=yaw, l_flex=-0.6, r_flex=-0.6)
    high = up._replace(
        x=(m.x + end[0]) / 2,
        y=(m.y + end[1]) / 2,
        z=up.z + 0.35,
        l_flex=2.2,
        r_flex=2.2,
        l_hip=1.1,
        r_hip=0.9,
        l_knee=1.4,
        r_knee=1.2,
        l_out=0.5,
        r_out=0.5,
    )
    last = tread(m)._replace(x=end[0], y=end[1], yaw=yaw)
    under = last._replace(
        z=max(WATER_Z - 0.75 * m.height_m, floor_z(end[0]) + 0.3 * m.height_m), l_out=2.4, r_out=2.4
    )
    n = m.length_s
    return keyed(
        m.tau,
        ((0.0, up), (0.18 * n, squat), (0.36 * n, high), (0.56 * n, under), (0.72 * n, under), (n, last)),
    )


def climb_out(m: Moment) -> Posture:
    """Holds the rim, pushes up, kneels on the coping and stands."""
    rim_x, rim_y, away_x, away_y = nearest_rim(m.x, m.y)
    end = m.to or (rim_x + 0.6 * away_x, rim_y + 0.6 * away_y)
    yaw = heading_of(away_x, away_y)
    hold = tread(m)._replace(
        x=rim_x - 0.28 * away_x,
        y=rim_y - 0.28 * away_y,
        yaw=yaw,
        turn=0.0,
        l_flex=1.75,
        r_flex=1.75,
        l_out=0.25,
        r_out=0.25,
        l_hip=0.2,
        r_hip=0.2,
        l_knee=0.3,
        r_knee=0.3,
    )
    push = hold._replace(z=-0.08, pitch=0.4, l_flex=0.5, r_flex=0.5, l_elbow=0.3, r_elbow=0.3, l_hip=0.7)
    kneel = crouch(m)._replace(x=rim_x + 0.3 * away_x, y=rim_y + 0.3 * away_y, yaw=yaw)
    last = grounded(Posture(end[0], end[1], yaw=yaw), m.kind, m.height_m)
    n = m.length_s
    return keyed(m.tau, ((0.0, hold), (0.25 * n, hold), (0.5 * n, push), (0.75 * n, kneel), (n, last)))


MOTIONS: dict[str, Callable[[Moment], Posture]] = {
    "walk": walk,
    "stand": stand,
    "crouch": crouch,
    "sit_edge": sit_edge,
    "sit": sit,
    "lie": lie,
    "fall": fall,
    "swim": swim,
    "tread": tread,
    "float_back": float_back,
    "float_face_down": float_face_down,
    "dive": dive,
    "sink": sink,
    "climb_in": climb_in,
    "jump_in": jump_in,
    "climb_out": climb_out,
}
