"""How people move: for each action the posture at a moment, as pure functions.

The drowning motions follow the instinctive drowning response (Pia): upright, no kick, head back,
arms pressing down sideways, mouth sinking below and rising above the surface.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import atan2, cos, exp, pi, sin

from dashboard.source.simulated.site import WATER_Z, floor_z, nearest_rim
from dashboard.source.simulated.skeleton import (
    PROPORTIONS,
    Posture,
    grounded,
    mixed,
)


@dataclass(frozen=True)
class Moment:
    """What a motion is asked for: the person, `tau` seconds into an action of `length_s`, the place
    and heading there, metres `gone` on its path, and the step's own parameters."""

    kind: str
    height_m: float
    seed: float
    tau: float
    length_s: float
    x: float
    y: float
    yaw: float
    gone_m: float = 0.0
    speed_m_s: float = 0.0
    to: tuple[float, float] | None = None
    stroke: str = "crawl"
    gesture: str = "idle"
    depth_m: float = 0.8
    struggle_s: float = 15.0
    hold: bool = False

    @property
    def share(self) -> float:
        """How much of the action is over, 0 to 1."""
        return min(max(self.tau / self.length_s, 0.0), 1.0) if self.length_s > 0 else 1.0

    @property
    def torso_m(self) -> float:
        return PROPORTIONS[self.kind].torso * self.height_m


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
        yaw=_heading(-away_x, -away_y),
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
    return _keyed(m.tau, ((0.0, up), (0.35, trip), (0.85, hit)))


def swim(m: Moment) -> Posture:
    """Along the surface by crawl or breaststroke."""
    return _breaststroke(m) if m.stroke == "breast" else _crawl(m)


def _crawl(m: Moment) -> Posture:
    phase = 2 * pi * m.tau / 1.5 + m.seed
    breath = max(0.0, sin(phase / 1.5)) ** 4
    kick = 0.22 * sin(3 * phase)
    left, right = _windmill(phase), _windmill(phase + pi)
    return Posture(
        m.x,
        m.y,
        WATER_Z - 0.035 * m.height_m,
        yaw=m.yaw,
        pitch=1.46,
        roll=0.28 * sin(phase),
        nod=-0.45,
        turn=1.0 * breath,
        l_flex=left,
        r_flex=right,
        l_out=0.28,
        r_out=0.28,
        l_elbow=0.2 + 0.9 * max(0.0, -sin(left)),
        r_elbow=0.2 + 0.9 * max(0.0, -sin(right)),
        l_hip=kick,
        r_hip=-kick,
        l_knee=0.15 + max(0.0, kick),
        r_knee=0.15 + max(0.0, -kick),
        ankle=0.9,
    )


def _windmill(phase: float) -> float:
    """Shoulder flex of a crawl arm: forward over the water, then down and back through it."""
    turn = (phase % (2 * pi)) / (2 * pi)
    return pi - 2 * pi * turn


def _breaststroke(m: Moment) -> Posture:
    phase = 2 * pi * m.tau / 1.9 + m.seed
    pull = max(0.0, sin(phase))
    kick = max(0.0, sin(phase - 1.1))
    pitch = 1.02 - 0.16 * pull
    rise = WATER_Z + 0.038 * m.height_m + 0.025 * pull
    return Posture(
        m.x,
        m.y,
        rise - m.torso_m * cos(pitch),
        yaw=m.yaw,
        pitch=pitch,
        nod=-1.0 + 0.12 * pull,
        l_flex=2.45 - 0.9 * pull,
        r_flex=2.45 - 0.9 * pull,
        l_out=0.16 + 0.75 * pull,
        r_out=0.16 + 0.75 * pull,
        l_twist=-0.5,
        r_twist=-0.5,
        l_elbow=0.12 + 0.75 * pull,
        r_elbow=0.12 + 0.75 * pull,
        l_hip=-0.15 + 0.8 * kick,
        r_hip=-0.15 + 0.8 * kick,
        l_knee=0.15 + 1.5 * kick,
        r_knee=0.15 + 1.5 * kick,
        l_leg_out=0.12 + 0.35 * kick,
        r_leg_out=0.12 + 0.35 * kick,
        ankle=0.5,
    )


def tread(m: Moment) -> Posture:
    """Upright at the surface, head and shoulders out, hands sculling."""
    phase = 2 * pi * m.tau / 1.3 + m.seed
    s, c = sin(phase), cos(phase)
    return Posture(
        m.x + 0.05 * sin(0.7 * m.tau + m.seed),
        m.y + 0.05 * cos(0.6 * m.tau + m.seed),
        WATER_Z + 0.06 * m.height_m + 0.015 * s - m.torso_m,
        yaw=m.yaw + 0.25 * sin(0.3 * m.tau + m.seed),
        pitch=0.08,
        nod=0.02,
        turn=0.45 * sin(0.5 * m.tau + m.seed),
        l_flex=0.75 + 0.15 * c,
        r_flex=0.75 - 0.15 * c,
        l_out=0.95 + 0.28 * s,
        r_out=0.95 - 0.28 * s,
        l_twist=-0.3,
        r_twist=-0.3,
        l_elbow=0.7,
        r_elbow=0.7,
        l_hip=0.7 + 0.3 * s,
        r_hip=0.7 - 0.3 * s,
        l_knee=1.1 - 0.4 * s,
        r_knee=1.1 + 0.4 * s,
        l_leg_out=0.2,
        r_leg_out=0.2,
    )


def float_back(m: Moment) -> Posture:
    """On the back at the surface, face up, arms wide."""
    breath = sin(1.5 * m.tau + m.seed)
    return Posture(
        m.x,
        m.y,
        WATER_Z - 0.028 * m.height_m + 0.012 * breath,
        yaw=m.yaw + 0.12 * sin(0.2 * m.tau + m.seed),
        pitch=-1.50,
        nod=0.18,
        l_out=1.15 + 0.12 * breath,
        r_out=1.15 - 0.12 * breath,
        l_elbow=0.25,
        r_elbow=0.25,
        l_leg_out=0.2,
        r_leg_out=0.2,
        l_hip=0.08 + 0.05 * breath,
        r_hip=0.08 - 0.05 * breath,
        ankle=0.7,
    )


def float_face_down(m: Moment) -> Posture:
    """Motionless, face in the water, back at the surface, limbs hanging."""
    drift = sin(0.8 * m.tau + m.seed)
    return Posture(
        m.x + 0.02 * m.tau * cos(m.seed) / (1 + 0.05 * m.tau),
        m.y + 0.02 * m.tau * sin(m.seed) / (1 + 0.05 * m.tau),
        WATER_Z - 0.018 * m.height_m + 0.01 * drift,
        yaw=m.yaw + 0.10 * sin(0.17 * m.tau),
        pitch=1.55,
        bend=0.05,
        nod=0.1,
        l_flex=1.0,
        r_flex=0.9,
        l_out=0.85,
        r_out=0.9,
        l_elbow=0.5,
        r_elbow=0.5,
        l_hip=0.45,
        r_hip=0.4,
        l_knee=0.35,
        r_knee=0.3,
        l_leg_out=0.2,
        r_leg_out=0.22,
        ankle=0.6,
    )


def dive(m: Moment) -> Posture:
    """Goes under head first, swims below along the path, comes up again."""
    under = sin(pi * m.share)
    z = WATER_Z - 0.06 - m.depth_m * min(1.0, 1.5 * under)
    steep = 0.75 * cos(pi * m.share)
    kick = 0.3 * sin(9 * m.tau)
    return Posture(
        m.x,
        m.y,
        max(z, floor_z(m.x) + 0.25),
        yaw=m.yaw,
        pitch=1.52 + steep,
        nod=-0.4,
        l_flex=2.9,
        r_flex=2.9,
        l_out=0.1,
        r_out=0.1,
        l_elbow=0.1,
        r_elbow=0.1,
        l_hip=kick,
        r_hip=-kick,
        l_knee=0.25,
        r_knee=0.25,
        ankle=0.9,
    )


def sink(m: Moment) -> Posture:
    """Struggles silently for `struggle_s`, then goes down and lies over the floor."""
    struggle = _struggling(m)
    down_s = max(m.tau - m.struggle_s, 0.0)
    if down_s <= 0:
        return struggle
    bottom = floor_z(m.x) + 0.16 * m.height_m
    fallen = 1 - exp(-((down_s / 5.0) ** 1.6))
    limp = float_face_down(m)
    posture = mixed(struggle, limp._replace(pitch=1.25, x=m.x, y=m.y), min(1.0, down_s / 4.0))
    return posture._replace(z=struggle.z + (bottom - struggle.z) * fallen)


def _struggling(m: Moment) -> Posture:
    phase = 2 * pi * m.tau / 1.15 + m.seed
    press = 0.5 + 0.5 * sin(phase)
    tired = min(1.0, m.tau / max(m.struggle_s, 0.1))
    bob = 0.05 * sin(phase + 0.6) - 0.10 * tired - 0.05 * sin(2 * pi * m.tau / 4.6)
    return Posture(
        m.x,
        m.y,
        WATER_Z - 0.005 * m.height_m + bob * m.height_m / 1.24 - m.torso_m,
        yaw=m.yaw + 0.15 * sin(0.9 * m.tau),
        pitch=-0.08,
        nod=-0.6,
        turn=0.2 * sin(1.7 * m.tau),
        l_flex=0.35,
        r_flex=0.35,
        l_out=1.5 - 0.75 * press,
        r_out=1.5 - 0.75 * press,
        l_elbow=0.35,
        r_elbow=0.35,
        l_hip=0.12,
        r_hip=0.18,
        l_knee=0.3,
        r_knee=0.4,
        ankle=0.5,
    )


def climb_in(m: Moment) -> Posture:
    """Sits down on the rim, then slides into the water."""
    rim_x, rim_y, away_x, away_y = nearest_rim(m.x, m.y)
    end = m.to or (rim_x - 0.7 * away_x, rim_y - 0.7 * away_y)
    start = grounded(Posture(m.x, m.y, yaw=_heading(-away_x, -away_y)), m.kind, m.height_m)
    seat = sit_edge(m)
    slide = tread(m)._replace(
        x=rim_x - 0.35 * away_x, y=rim_y - 0.35 * away_y, yaw=seat.yaw, l_out=1.6, r_out=1.6
    )
    last = tread(m)._replace(x=end[0], y=end[1], yaw=seat.yaw)
    n = m.length_s
    return _keyed(m.tau, ((0.0, start), (0.45 * n, seat), (0.6 * n, seat), (0.85 * n, slide), (n, last)))


def jump_in(m: Moment) -> Posture:
    """Bends the knees, leaps over the rim, goes under and comes up."""
    rim_x, rim_y, away_x, away_y = nearest_rim(m.x, m.y)
    end = m.to or (rim_x - 1.2 * away_x, rim_y - 1.2 * away_y)
    yaw = _heading(end[0] - m.x, end[1] - m.y)
    up = grounded(Posture(m.x, m.y, yaw=yaw), m.kind, m.height_m)
    squat = crouch(m)._replace(yaw=yaw, l_flex=-0.6, r_flex=-0.6)
    high = up._replace(
        x=(m.x + end[0]) / 2, y=(m.y + end[1]) / 2, z=up.z + 0.35, l_flex=2.2, r_flex=2.2, l_hip=1.1, r_hip=0.9,
        l_knee=1.4, r_knee=1.2, l_out=0.5, r_out=0.5,
    )  # fmt: skip
    last = tread(m)._replace(x=end[0], y=end[1], yaw=yaw)
    under = last._replace(
        z=max(WATER_Z - 0.75 * m.height_m, floor_z(end[0]) + 0.3 * m.height_m), l_out=2.4, r_out=2.4
    )
    n = m.length_s
    return _keyed(
        m.tau,
        ((0.0, up), (0.18 * n, squat), (0.36 * n, high), (0.56 * n, under), (0.72 * n, under), (n, last)),
    )


def climb_out(m: Moment) -> Posture:
    """Holds the rim, pushes up, kneels on the coping and stands."""
    rim_x, rim_y, away_x, away_y = nearest_rim(m.x, m.y)
    end = m.to or (rim_x + 0.6 * away_x, rim_y + 0.6 * away_y)
    yaw = _heading(away_x, away_y)
    hold = tread(m)._replace(
        x=rim_x - 0.28 * away_x, y=rim_y - 0.28 * away_y, yaw=yaw, turn=0.0, l_flex=1.75, r_flex=1.75, l_out=0.25,
        r_out=0.25, l_hip=0.2, r_hip=0.2, l_knee=0.3, r_knee=0.3,
    )  # fmt: skip
    push = hold._replace(z=-0.08, pitch=0.4, l_flex=0.5, r_flex=0.5, l_elbow=0.3, r_elbow=0.3, l_hip=0.7)
    kneel = crouch(m)._replace(x=rim_x + 0.3 * away_x, y=rim_y + 0.3 * away_y, yaw=yaw)
    last = grounded(Posture(end[0], end[1], yaw=yaw), m.kind, m.height_m)
    n = m.length_s
    return _keyed(m.tau, ((0.0, hold), (0.25 * n, hold), (0.5 * n, push), (0.75 * n, kneel), (n, last)))


def _keyed(tau: float, keys: tuple[tuple[float, Posture], ...]) -> Posture:
    """Between timed postures, easing in and out of each."""
    before = keys[0]
    for key in keys[1:]:
        if tau < key[0]:
            part = (tau - before[0]) / max(key[0] - before[0], 1e-6)
            return mixed(before[1], key[1], part * part * (3 - 2 * part))
        before = key
    return before[1]


def _heading(dx: float, dy: float) -> float:
    return atan2(dy, dx)


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
