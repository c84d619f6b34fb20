"""From a posture (angles) to joints (metres): forward kinematics of a person.

A body's own axes: x forward, y to its left, z from hips to head. Angles are radians.
Proportions: segment lengths as shares of height after Winter (Biomechanics of Human Movement) for
adults; children have larger heads and shorter legs (growth charts of 6 years, and of 18 months).
"""

from __future__ import annotations

from dataclasses import dataclass
from math import cos, sin
from typing import NamedTuple

import numpy as np

from dashboard.source.simulated.camera import Reals


@dataclass(frozen=True)
class Proportions:
    """Lengths as shares of the height; `girth` multiplies all radii."""

    head: float
    neck: float
    torso: float
    shoulder: float
    hip: float
    upper_arm: float
    forearm: float
    hand: float
    thigh: float
    shin: float
    foot: float
    girth: float


PROPORTIONS: dict[str, Proportions] = {
    "adult": Proportions(0.135, 0.038, 0.290, 0.106, 0.056, 0.172, 0.146, 0.085, 0.245, 0.246, 0.145, 1.0),
    "child": Proportions(0.170, 0.030, 0.290, 0.104, 0.057, 0.165, 0.138, 0.085, 0.222, 0.228, 0.145, 1.06),
    "toddler": Proportions(0.225, 0.016, 0.310, 0.108, 0.066, 0.155, 0.125, 0.080, 0.190, 0.195, 0.140, 1.22),
}
HEIGHT_M: dict[str, float] = {"adult": 1.74, "child": 1.24, "toddler": 0.86}


class Posture(NamedTuple):
    """Where a body is and how it is bent. `x`, `y`, `z` is the middle of the hips in metres.

    `pitch` leans the whole body forward (pi/2: prone, -pi/2: on its back), `roll` turns it about its
    long axis, `bend` bends the trunk against the hips. `flex` swings a limb forward, `out` sideways,
    `twist` turns it about itself; `elbow` and `knee` close the joint, `ankle` points the toes.
    """

    x: float = 0.0
    y: float = 0.0
    z: float = 0.0
    yaw: float = 0.0
    pitch: float = 0.0
    roll: float = 0.0
    bend: float = 0.0
    nod: float = 0.0
    turn: float = 0.0
    l_flex: float = 0.05
    l_out: float = 0.14
    l_twist: float = -0.2
    l_elbow: float = 0.25
    r_flex: float = 0.05
    r_out: float = 0.14
    r_twist: float = -0.2
    r_elbow: float = 0.25
    l_hip: float = 0.0
    l_leg_out: float = 0.05
    l_knee: float = 0.03
    r_hip: float = 0.0
    r_leg_out: float = 0.05
    r_knee: float = 0.03
    ankle: float = 0.0


def mixed(a: Posture, b: Posture, share: float) -> Posture:
    """Between two postures; the heading turns the shorter way."""
    turn = (b.yaw - a.yaw + np.pi) % (2 * np.pi) - np.pi
    blended = Posture(*(p + (q - p) * share for p, q in zip(a, b, strict=True)))
    return blended._replace(yaw=a.yaw + turn * share)


@dataclass(frozen=True, eq=False)
class Joints:
    """A posed body in the world: named points (3,) in metres; `trunk` and `head` are rotations (3, 3)
    whose columns are forward, left and up of that part; `lengths` the person's own measures."""

    points: dict[str, Reals]
    hips: Reals
    trunk: Reals
    head: Reals
    height_m: float
    proportions: Proportions


def pose_joints(posture: Posture, kind: str, height_m: float) -> Joints:
    """The joints of a person of `kind` in a posture."""
    shares = PROPORTIONS[kind]
    hips = _yaw(posture.yaw) @ _pitch(posture.pitch) @ _yaw(posture.roll)
    trunk = hips @ _pitch(posture.bend)
    head = trunk @ _yaw(posture.turn) @ _pitch(posture.nod)
    at: dict[str, Reals] = {"hips": np.array([posture.x, posture.y, posture.z])}
    at["neck"] = at["hips"] + trunk[:, 2] * shares.torso * height_m
    at["head"] = at["neck"] + head @ np.array([0.022, 0, shares.neck + shares.head * 0.5 - 0.008]) * height_m
    for side, sign in (("left", 1.0), ("right", -1.0)):
        _place_arm(at, posture, trunk, side, sign, shares, height_m)
        _place_leg(at, posture, hips, side, sign, shares, height_m)
    return Joints(at, hips, trunk, head, height_m, shares)


def _place_arm(
    at: dict[str, Reals], p: Posture, trunk: Reals, side: str, sign: float, s: Proportions, height_m: float
) -> None:
    flex, out, twist, elbow = (
        (p.l_flex, p.l_out, p.l_twist, p.l_elbow) if sign > 0 else (p.r_flex, p.r_out, p.r_twist, p.r_elbow)
    )
    lift = 0.25 * max(out, 0.0) / np.pi * s.shoulder
    shoulder = at["neck"] + trunk @ np.array([0, sign * s.shoulder, -0.028 + lift]) * height_m
    arm = trunk @ _pitch(-flex) @ _roll(sign * out) @ _yaw(sign * twist)
    lower = np.array([sin(elbow), 0, -cos(elbow)])
    at[f"{side}_shoulder"] = shoulder
    at[f"{side}_elbow"] = shoulder - arm[:, 2] * s.upper_arm * height_m
    at[f"{side}_wrist"] = at[f"{side}_elbow"] + arm @ lower * s.forearm * height_m
    at[f"{side}_hand"] = at[f"{side}_wrist"] + arm @ lower * s.hand * height_m


def _place_leg(
    at: dict[str, Reals], p: Posture, hips: Reals, side: str, sign: float, s: Proportions, height_m: float
) -> None:
    flex, out, knee = (p.l_hip, p.l_leg_out, p.l_knee) if sign > 0 else (p.r_hip, p.r_leg_out, p.r_knee)
    hip = at["hips"] + hips @ np.array([0, sign * s.hip, 0]) * height_m
    leg = hips @ _pitch(-flex) @ _roll(sign * out)
    shin = np.array([-sin(knee), 0, -cos(knee)])
    splay = 0.22 * sign
    toes = np.array([cos(knee + p.ankle) * cos(splay), sin(splay), -sin(knee + p.ankle)])
    at[f"{side}_hip"] = hip
    at[f"{side}_knee"] = hip - leg[:, 2] * s.thigh * height_m
    at[f"{side}_ankle"] = at[f"{side}_knee"] + leg @ shin * s.shin * height_m
    at[f"{side}_heel"] = at[f"{side}_ankle"] + leg @ (0.6 * shin - 0.3 * toes) * 0.048 * height_m
    at[f"{side}_toe"] = at[f"{side}_ankle"] + leg @ (shin * 0.032 + toes * (s.foot - 0.03)) * height_m


def grounded(posture: Posture, kind: str, height_m: float, ground_z: float = 0.0) -> Posture:
    """The posture raised or lowered so that its lowest foot rests on the ground."""
    s = PROPORTIONS[kind]
    tilt = posture.pitch
    drop = 0.0
    for flex, knee in ((posture.l_hip, posture.l_knee), (posture.r_hip, posture.r_knee)):
        flex -= tilt
        shin = flex - knee
        foot = 0.034 + max(0.0, sin(-shin - posture.ankle)) * (s.foot - 0.05)
        heel = max(0.0, sin(shin + posture.ankle)) * 0.03
        drop = max(drop, s.thigh * cos(flex) + s.shin * cos(shin) + foot + heel)
    return posture._replace(z=ground_z + drop * height_m)


def coco_points(joints: Joints) -> Reals:
    """The seventeen COCO key points of a body, (17, 3) metres."""
    axes = joints.head
    size = joints.proportions.head * joints.height_m
    centre = joints.points["head"]
    face = [
        centre + axes @ (np.array(offset) * size)
        for offset in (
            (0.46, 0.0, -0.10),
            (0.38, 0.155, 0.05),
            (0.38, -0.155, 0.05),
            (0.02, 0.36, -0.04),
            (0.02, -0.36, -0.04),
        )
    ]
    names = ("shoulder", "elbow", "wrist", "hip", "knee", "ankle")
    body = [joints.points[f"{side}_{name}"] for name in names for side in ("left", "right")]
    return np.stack(face + body)


def _yaw(a: float) -> Reals:
    c, s = cos(a), sin(a)
    return np.array([[c, -s, 0.0], [s, c, 0.0], [0.0, 0.0, 1.0]])


def _pitch(a: float) -> Reals:
    c, s = cos(a), sin(a)
    return np.array([[c, 0.0, s], [0.0, 1.0, 0.0], [-s, 0.0, c]])


def _roll(a: float) -> Reals:
    c, s = cos(a), sin(a)
    return np.array([[1.0, 0.0, 0.0], [0.0, c, -s], [0.0, s, c]])
