"""How people move on the deck: the posture at a moment of each action, as pure functions."""

from __future__ import annotations

from math import cos, pi, sin

from dashboard.source.simulated.moment import Moment, heading_of, keyed
from dashboard.source.simulated.site import nearest_rim
from dashboard.source.simulated.skeleton import Posture, grounded


def walk(m: Moment) -> Posture:
    """Arms and legs swing in opposition; one cycle is 0.8 of the height long, more when fast."""
    stride = m.height_m * (0.55 + 0.24 * m.speed_m_s)
    phase = 2 * pi * m.gone_m / stride + m.seed
    swing = min(0.20 + 0.20 * m.speed_m_s, 0.62)
    s, c = sin(phase), cos(phase)
    posture = Posture(
        m.x,
        m.y,
        yaw=m.yaw,
        pitch=0.04,
        l_hip=swing * s,
        r_hip=-swing * s,
        l_knee=0.10 + 0.75 * swing * 2 * max(0.0, c) ** 2,
        r_knee=0.10 + 0.75 * swing * 2 * max(0.0, -c) ** 2,
        l_flex=-0.85 * swing * s,
        r_flex=0.85 * swing * s,
        l_elbow=0.35,
        r_elbow=0.35,
        l_out=0.13,
        r_out=0.13,
    )
    return grounded(_holding(posture) if m.hold else posture, m.kind, m.height_m)


def stand(m: Moment) -> Posture:
    """Standing with a slow sway; `gesture` is idle, wave, phone, watch (hands on hips) or point."""
    sway = sin(0.9 * m.tau + m.seed)
    posture = Posture(
        m.x,
        m.y,
        yaw=m.yaw + 0.06 * sin(0.37 * m.tau + m.seed),
        bend=0.02 + 0.012 * sway,
        turn=0.35 * sin(0.31 * m.tau + 1.7 * m.seed),
        nod=-0.22,
        l_flex=0.06 + 0.03 * sway,
        r_flex=0.06 - 0.03 * sway,
        l_leg_out=0.08,
        r_leg_out=0.08,
        l_hip=0.03,
        l_knee=0.06,
    )
    return grounded(_gesture(posture, m), m.kind, m.height_m)


def _gesture(posture: Posture, m: Moment) -> Posture:
    if m.hold:
        return _holding(posture)
    if m.gesture == "wave":
        return posture._replace(
            r_flex=0.2, r_out=2.5 + 0.22 * sin(6.5 * m.tau), r_twist=0.0, r_elbow=0.5, turn=0.0
        )
    if m.gesture == "phone":
        return posture._replace(r_flex=0.75, r_out=0.1, r_twist=0.45, r_elbow=1.7, nod=0.5, turn=0.1)
    if m.gesture == "watch":
        return posture._replace(
            l_flex=-0.35,
            r_flex=-0.35,
            l_out=0.62,
            r_out=0.62,
            l_twist=-1.2,
            r_twist=-1.2,
            l_elbow=1.55,
            r_elbow=1.55,
        )
    if m.gesture == "point":
        return posture._replace(r_flex=1.35, r_out=0.25, r_twist=0.0, r_elbow=0.1, turn=0.0)
    return posture


def _holding(posture: Posture) -> Posture:
    return posture._replace(
        l_flex=0.55,
        r_flex=0.55,
        l_out=0.22,
        r_out=0.22,
        l_twist=-0.45,
        r_twist=-0.45,
        l_elbow=1.1,
        r_elbow=1.1,
    )


def crouch(m: Moment) -> Posture:
    """Squatting, arms forward over the knees."""
    posture = Posture(
        m.x,
        m.y,
        yaw=m.yaw,
        pitch=0.0,
        bend=0.55,
        nod=-0.25,
        l_hip=1.75,
        r_hip=1.75,
        l_knee=2.15,
        r_knee=2.15,
        l_leg_out=0.2,
        r_leg_out=0.2,
        ankle=-0.3,
        l_flex=1.2,
        r_flex=1.2 + 0.1 * sin(1.3 * m.tau + m.seed),
        l_elbow=0.5,
        r_elbow=0.5,
    )
    return grounded(posture, m.kind, m.height_m)


def sit_edge(m: Moment) -> Posture:
    """On the rim with the legs in the water, facing it, kicking slowly."""
    rim_x, rim_y, away_x, away_y = nearest_rim(m.x, m.y)
    kick = 0.22 * sin(1.6 * m.tau + m.seed)
    return Posture(
        rim_x + 0.14 * away_x,
        rim_y + 0.14 * away_y,
        0.085 * m.height_m / 1.5 + 0.02,
        yaw=heading_of(-away_x, -away_y),
        bend=0.12 + 0.03 * sin(0.6 * m.tau),
        turn=0.3 * sin(0.4 * m.tau + m.seed),
        nod=0.15,
        l_hip=1.45,
        r_hip=1.45,
        l_leg_out=0.12,
        r_leg_out=0.12,
        l_knee=1.25 + kick,
        r_knee=1.25 - kick,
        l_flex=-0.15,
        r_flex=-0.15,
        l_out=0.3,
        r_out=0.3,
        l_elbow=0.15,
        r_elbow=0.15,
    )


def sit(m: Moment) -> Posture:
    """On the side of a sunbed (seat at 0.36 m)."""
    return Posture(
        m.x,
        m.y,
        0.36 + 0.06 * m.height_m,
        yaw=m.yaw,
        bend=0.18,
        nod=0.1,
        turn=0.35 * sin(0.33 * m.tau + m.seed),
        l_hip=1.5,
        r_hip=1.5,
        l_knee=1.45,
        r_knee=1.45,
        l_leg_out=0.1,
        r_leg_out=0.14,
        l_flex=0.45,
        r_flex=0.45,
        l_elbow=0.8,
        r_elbow=0.8,
    )


def lie(m: Moment) -> Posture:
    """On the back on the ground (or on a sunbed when the place is one)."""
    return _lying(m)._replace(z=0.07 * m.height_m)


def _lying(m: Moment) -> Posture:
    return Posture(
        m.x,
        m.y,
        0.1,
        yaw=m.yaw,
        pitch=-1.52,
        roll=0.25,
        l_out=0.7,
        r_out=0.4,
        l_elbow=0.6,
        l_hip=0.12,
        l_knee=0.35,
        r_leg_out=0.18,
        turn=0.5,
    )


def fall(m: Moment) -> Posture:
    """Stumbles, tips forward and lies on the ground, face down and half on the side."""
    up = stand(m)._replace(turn=0.0)
    trip = grounded(
        up._replace(
            pitch=0.45, l_hip=0.9, l_knee=0.9, r_hip=-0.2, l_flex=1.3, r_flex=1.0, l_out=0.5, r_out=0.6
        ),
        m.kind,
        m.height_m,
    )
    ahead_x, ahead_y = 0.45 * cos(m.yaw), 0.45 * sin(m.yaw)
    hit = up._replace(
        x=m.x + ahead_x,
        y=m.y + ahead_y,
        z=0.085 * m.height_m,
        pitch=1.5,
        roll=0.35,
        l_flex=2.3,
        r_flex=1.7,
        l_out=0.6,
        r_out=0.9,
        l_elbow=0.9,
        r_elbow=1.1,
        l_hip=0.35,
        l_knee=0.7,
        turn=0.7,
        nod=-0.2,
    )
    return keyed(m.tau, ((0.0, up), (0.35, trip), (0.85, hit)))
