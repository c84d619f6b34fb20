"""How people move in the water: the posture at a moment of each action, as pure functions.

The drowning motions follow the instinctive drowning response (Pia): upright, no kick, head back,
arms pressing down sideways, mouth sinking below and rising above the surface.
"""

from __future__ import annotations

from math import cos, exp, pi, sin

from dashboard.source.simulated.moment import Moment
from dashboard.source.simulated.site import WATER_Z, floor_z
from dashboard.source.simulated.skeleton import Posture, mixed


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
