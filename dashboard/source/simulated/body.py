"""The flesh and clothes of a person, as a solid."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from dashboard.source.simulated.skeleton import Joints
from dashboard.source.simulated.solids import Colour, Solid


@dataclass(frozen=True)
class Look:
    """How a person looks; colours are BGR. Styles are those of `story`'s tables."""

    skin: Colour = (140, 172, 224)
    hair: Colour = (34, 46, 66)
    hair_style: str = "short"
    top: str = "shirt"
    top_colour: Colour = (200, 120, 60)
    bottom: str = "shorts"
    bottom_colour: Colour = (110, 70, 40)
    shoes: Colour | None = None
    lanyard: Colour | None = None
    armbands: Colour | None = None


SIDES = ("left", "right")
SLEEVE = {"shirt": 0.55, "rash": 0.6, "long": 1.0}
LEG_COVER = {"shorts": 0.6, "trunks": 0.5, "trousers": 1.0, "skirt": 0.0, "brief": 0.0}


def person_solid(joints: Joints, look: Look, texture: str) -> Solid:
    """The solid of a posed person."""
    solid = Solid()
    _torso(solid, joints, look)
    for side in ("left", "right"):
        _arm(solid, joints, look, side)
        _leg(solid, joints, look, side)
    _head(solid, joints, look, texture)
    if look.lanyard is not None:
        _lanyard(solid, joints, look.lanyard)
    return solid


def _torso(solid: Solid, j: Joints, look: Look) -> None:
    size, s = j.height_m * j.proportions.girth, j.proportions
    at = j.points

    def on_trunk(forward: float, left: float, up: float, radius: float) -> int:
        offset = np.array([forward * size, left * size, up * s.torso * j.height_m])
        return solid.ball(at["hips"] + j.trunk @ offset, radius * size)

    wide = s.shoulder / s.girth
    shoulders = [on_trunk(0, side * (wide - 0.020), 0.90, 0.030) for side in (1, -1)]
    chest = [on_trunk(0.006, side * 0.050, 0.70, 0.054) for side in (1, -1)]
    waist = [on_trunk(0.004, side * 0.032, 0.34, 0.050) for side in (1, -1)]
    belt = [on_trunk(0.004, side * 0.034, 0.10, 0.050) for side in (1, -1)]
    hips = [solid.ball(at[f"{side}_hip"] + j.hips[:, 2] * 0.012 * size, 0.047 * size) for side in SIDES]
    throat = at["head"] - j.head[:, 2] * 0.36 * s.head * j.height_m
    neck = [on_trunk(0, 0, 0.97, 0.036), solid.ball(throat, 0.030 * size)]
    top, bottom = look.top_colour, look.bottom_colour
    upper = look.skin if look.top in ("none", "bikini") else top
    # The chin shades the neck; without that a face seen from above melts into the chest.
    solid.hull("torso", darker(look.skin, 0.60), *neck)
    solid.hull("torso", look.skin, *shoulders, neck[0])
    solid.hull("torso", upper, *chest, *waist)
    solid.hull("torso", upper, *waist, *belt)
    if look.top in ("swimsuit", "bikini"):
        low = 0.60 if look.top == "bikini" else 0.70
        cups = [on_trunk(0.012, side * 0.050, low + 0.06, 0.051) for side in (1, -1)]
        solid.hull("torso", top, *cups, level=0 if look.top == "swimsuit" else 1)
        _straps(solid, j, top)
    else:
        solid.hull("torso", upper, *shoulders, *chest)
    solid.hull("torso", top if look.top == "swimsuit" else bottom, *belt, *hips)
    if look.bottom == "skirt":
        knees = [0.45 * at[f"{side}_hip"] + 0.55 * at[f"{side}_knee"] for side in SIDES]
        solid.hull("torso", bottom, *hips, *[solid.ball(k, 0.075 * size) for k in knees], level=1)
    _marks(solid, j, look)


def _straps(solid: Solid, j: Joints, colour: Colour) -> None:
    size, drop = j.height_m * j.proportions.girth, j.proportions.torso * j.height_m
    for way, forward in ((1.0, 0.040), (-1.0, -0.036)):
        for side in (1, -1):
            spots = [(forward * 1.2, side * 0.045, 0.78), (forward * 0.6, side * 0.055, 0.99)]
            at = [np.array([f * size, left * size, up * drop]) for f, left, up in spots]
            balls = [solid.ball(j.points["hips"] + j.trunk @ offset, 0.0085 * size) for offset in at]
            solid.hull("torso", colour, *balls, level=2, facing=j.trunk[:, 0] * way)


def _marks(solid: Solid, j: Joints, look: Look) -> None:
    """What tells front from back: collar, chest and navel; shoulder blades and spine."""
    size, drop = j.height_m * j.proportions.girth, j.proportions.torso * j.height_m

    def mark(side: float, colour: Colour, radius: float, *spots: tuple[float, float, float]) -> None:
        at = [np.array([f * size, left * size, up * drop]) for f, left, up in spots]
        balls = [solid.ball(j.points["hips"] + j.trunk @ offset, radius * size) for offset in at]
        solid.hull("torso", colour, *balls, level=2, facing=j.trunk[:, 0] * side)

    bare = look.top in ("none", "bikini")
    shade = darker(look.skin if bare else look.top_colour, 0.84)
    if look.top in ("shirt", "rash", "long"):
        mark(1, look.skin, 0.008, (0.036, 0.026, 0.98), (0.036, -0.026, 0.98), (0.055, 0.0, 0.84))
    for side in (1, -1):
        if look.top == "none":
            mark(1, shade, 0.007, (0.058, side * 0.016, 0.60), (0.054, side * 0.066, 0.63))
            mark(1, darker(look.skin, 0.62), 0.008, (0.058, side * 0.046, 0.68))
        mark(-1, shade, 0.007, (-0.050, side * 0.04, 0.82), (-0.052, side * 0.055, 0.66))
    if bare:
        mark(1, darker(look.skin, 0.6), 0.008, (0.054, 0.0, 0.36))
    mark(-1, shade, 0.006, (-0.052, 0.0, 0.86), (-0.046, 0.0, 0.30))


def _arm(solid: Solid, j: Joints, look: Look, side: str) -> None:
    size, at = j.height_m * j.proportions.girth, j.points
    shoulder, elbow, wrist, hand = (at[f"{side}_{n}"] for n in ("shoulder", "elbow", "wrist", "hand"))
    group = f"{side}_arm"
    cover = SLEEVE.get(look.top, 0.0)
    b_shoulder = solid.ball(shoulder, 0.030 * size)
    b_elbow = solid.ball(elbow, 0.022 * size)
    b_fore = solid.ball(0.7 * elbow + 0.3 * wrist, 0.0235 * size)
    b_wrist = solid.ball(wrist, 0.0155 * size)
    b_hand = solid.ball(0.35 * wrist + 0.65 * hand, 0.019 * size)
    b_tip = solid.ball(hand, 0.010 * size)
    lower = look.top_colour if cover >= 1 else look.skin
    solid.hull(group, look.skin if cover < 1 else lower, b_shoulder, b_elbow)
    solid.hull(group, lower, b_elbow, b_fore, b_wrist)
    solid.hull(group, look.skin, b_wrist, b_hand, b_tip)
    if 0 < cover < 1:
        cloth = [
            solid.ball(shoulder + (elbow - shoulder) * part, r * size)
            for part, r in ((0, 0.0315), (cover, 0.029))
        ]
        solid.hull(group, look.top_colour, *cloth, level=1)
    if look.armbands is not None:
        band = [solid.ball(shoulder + (elbow - shoulder) * part, 0.055 * size) for part in (0.45, 0.7)]
        solid.hull(group, look.armbands, *band, level=1)


def _leg(solid: Solid, j: Joints, look: Look, side: str) -> None:
    size, at = j.height_m * j.proportions.girth, j.points
    hip, knee, ankle, heel, toe = (at[f"{side}_{n}"] for n in ("hip", "knee", "ankle", "heel", "toe"))
    group = f"{side}_leg"
    cover = LEG_COVER[look.bottom]
    b_hip = solid.ball(hip, 0.045 * size)
    b_knee = solid.ball(knee, 0.031 * size)
    b_calf = solid.ball(0.68 * knee + 0.32 * ankle - 0.006 * size * j.hips[:, 0], 0.0325 * size)
    b_ankle = solid.ball(ankle, 0.020 * size)
    shin = look.bottom_colour if cover >= 1 else look.skin
    foot = look.shoes or look.skin
    b_heel, b_toe = solid.ball(heel, 0.021 * size), solid.ball(toe, 0.016 * size)
    solid.hull(group, foot, b_heel, b_toe, b_ankle)
    solid.hull(group, shin, b_knee, b_calf, b_ankle)
    solid.hull(group, look.bottom_colour if cover >= 1 else look.skin, b_hip, b_knee)
    if 0 < cover < 1:
        hem = solid.ball(hip + (knee - hip) * cover, 0.046 * size)
        solid.hull(group, look.bottom_colour, solid.ball(hip, 0.048 * size), hem, level=1)


def _head(solid: Solid, j: Joints, look: Look, texture: str) -> None:
    size = j.proportions.head * j.height_m * 1.08
    centre, axes = j.points["head"], j.head

    def on_head(forward: float, left: float, up: float, radius: float) -> int:
        return solid.ball(centre + axes @ (np.array([forward, left, up]) * size), radius * size)

    solid.globe("head", centre, axes @ (np.diag([0.40, 0.35, 0.50]) * size), texture)
    for side in (1, -1):
        solid.hull(
            "ears",
            darker(look.skin, 0.93),
            on_head(0.0, side * 0.345, 0.02, 0.06),
            on_head(0.01, side * 0.33, -0.1, 0.045),
        )
    solid.hull("nose", look.skin, on_head(0.37, 0.0, 0.04, 0.03), on_head(0.42, 0.0, -0.09, 0.055))
    if look.hair_style == "bun":
        solid.hull("hair", look.hair, on_head(-0.16, 0, 0.06, 0.30), on_head(-0.36, 0, 0.36, 0.17))
    elif look.hair_style == "long":
        strands = [
            on_head(-0.16, 0, 0.06, 0.30),
            on_head(-0.22, 0.15, -0.62, 0.13),
            on_head(-0.22, -0.15, -0.62, 0.13),
        ]
        solid.hull("hair", look.hair, *strands)
        # Behind the neck when seen from the front, over the shoulders when seen from behind.
        solid.groups["hair"].closer_m = -0.4
        solid.hull("torso", look.hair, *strands, level=1, facing=-axes[:, 0])


def _lanyard(solid: Solid, j: Joints, colour: Colour) -> None:
    size = j.height_m * j.proportions.girth
    drop = j.proportions.torso * j.height_m

    def on_chest(forward: float, left: float, up: float, radius: float) -> int:
        offset = np.array([forward * size, left * size, up * drop])
        return solid.ball(j.points["hips"] + j.trunk @ offset, radius * size)

    left, right = on_chest(0.034, 0.036, 0.98, 0.0075), on_chest(0.034, -0.036, 0.98, 0.0075)
    middle = on_chest(0.066, 0.0, 0.60, 0.0075)
    nape = on_chest(-0.042, 0.0, 1.02, 0.0085)
    ahead = j.trunk[:, 0]
    for ends in ((left, middle), (right, middle)):
        solid.hull("torso", colour, *ends, level=2, facing=ahead)
    for ends in ((left, nape), (right, nape)):
        solid.hull("torso", colour, *ends, level=2)
    card = [on_chest(0.068, y, up, 0.006) for y in (0.020, -0.020) for up in (0.58, 0.44)]
    solid.hull("torso", (245, 245, 245), *card, level=2, facing=ahead)


def darker(colour: Colour, factor: float) -> Colour:
    """The colour times a factor."""
    return (int(colour[0] * factor), int(colour[1] * factor), int(colour[2] * factor))
