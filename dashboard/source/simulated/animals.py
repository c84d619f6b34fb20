"""Cats, dogs, foxes, hedgehogs and birds: simple bodies on four or two legs that walk."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from math import cos, pi, sin

import numpy as np

from dashboard.source.simulated.camera import Reals
from dashboard.source.simulated.solids import Colour, Solid
from dashboard.source.simulated.story import Coat

# Puts a ball at (forward, left, up) of an animal, with a radius, in metres; its number.
Spot = Callable[[float, float, float, float], int]


@dataclass(frozen=True)
class Build:
    """Measures in metres. `leg` is the height of the belly's middle line."""

    length: float
    leg: float
    girth: float
    head: float
    tail: float
    tail_up: float
    coat: Colour
    belly: Colour
    ears: float


BUILDS: dict[str, Build] = {
    "cat": Build(0.32, 0.22, 0.075, 0.062, 0.28, 0.9, (64, 92, 128), (150, 178, 206), 0.055),
    "dog": Build(0.52, 0.42, 0.120, 0.100, 0.26, 0.6, (48, 86, 140), (140, 176, 212), 0.070),
    "fox": Build(0.46, 0.32, 0.095, 0.080, 0.40, -0.2, (40, 96, 190), (206, 214, 222), 0.075),
    "hedgehog": Build(0.15, 0.075, 0.075, 0.045, 0.0, 0.0, (54, 66, 84), (132, 158, 184), 0.015),
}


def build_of(species: str, coat: Coat | None) -> Build:
    """A species' measures, in the size and colours of one of them."""
    build = BUILDS[species]
    if coat is None:
        return build
    parts = ("length", "leg", "girth", "head", "tail", "ears")
    sizes = {name: getattr(build, name) * coat.size for name in parts}
    return replace(build, coat=coat.coat, belly=coat.belly, **sizes)


def animal_solid(
    species: str, x: float, y: float, yaw: float, gone_m: float, moving: bool, t: float,
    coat: Coat | None = None,
) -> Solid:  # fmt: skip
    """An animal at a place, heading `yaw`, after walking `gone_m` metres. Birds are black."""
    if species == "bird":
        return _bird(x, y, yaw, gone_m, moving, t)
    build = build_of(species, coat)
    solid = Solid()
    turn = _turn(yaw)

    def spot(forward: float, left: float, up: float, radius: float) -> int:
        return solid.ball(np.array([x, y, 0.0]) + turn @ np.array([forward, left, up]), radius)

    half, back = build.length / 2, build.leg + 0.01 * sin(2 * pi * gone_m / max(build.length, 0.1))
    rump = spot(-half, 0, back, build.girth)
    chest = spot(half, 0, back + 0.02, build.girth * 1.02)
    solid.hull("body", build.coat, rump, chest)
    solid.hull(
        "body",
        build.belly,
        spot(-half * 0.6, 0, back - build.girth * 0.5, build.girth * 0.6),
        spot(half * 0.8, 0, back - build.girth * 0.5, build.girth * 0.62),
    )
    _legs(solid, spot, build, gone_m, moving)
    _head(solid, spot, build, half, back, t)
    if build.tail:
        wag = 0.25 * sin((5.0 if species == "dog" else 1.5) * t)
        root = spot(-half - build.girth * 0.6, 0, back + 0.03, build.girth * 0.34)
        back_m, up_m = build.tail * cos(build.tail_up), build.tail * sin(build.tail_up)
        bushy = build.girth * (0.6 if species == "fox" else 0.2)
        tip = spot(-half - back_m, wag * build.tail, back + up_m + 0.03, bushy)
        solid.hull("tail", build.coat, root, tip)
    return solid


def _legs(solid: Solid, spot: Spot, build: Build, gone_m: float, moving: bool) -> None:
    stride = max(build.leg * 2.2, 0.12)
    for name, forward, left, shift in (
        ("fl", 0.5, 0.6, 0.0),
        ("fr", 0.5, -0.6, pi),
        ("bl", -0.5, 0.6, pi),
        ("br", -0.5, -0.6, 0.0),
    ):
        swing = 0.45 * sin(2 * pi * gone_m / stride + shift) if moving else 0.0
        hip = spot(forward * build.length, left * build.girth, build.leg, build.girth * 0.42)
        reach = build.leg * 0.9
        foot = spot(
            forward * build.length + reach * sin(swing),
            left * build.girth,
            build.leg - reach * cos(swing) + 0.015,
            build.girth * 0.24,
        )
        solid.hull(f"leg_{name}", build.coat, hip, foot)


def _head(solid: Solid, spot: Spot, build: Build, half: float, back: float, t: float) -> None:
    up = back + build.girth * 1.0 + build.head * (0.8 if build.leg > 0.1 else -0.9)
    ahead = half + build.girth * 0.9 + build.head * 0.4
    look = 0.3 * build.head * sin(0.7 * t)
    skull = spot(ahead, look, up, build.head)
    solid.hull("neck", build.coat, spot(half * 0.9, 0, back + build.girth * 0.4, build.girth * 0.7), skull)
    nose = spot(ahead + build.head * 1.35, look * 1.5, up - build.head * 0.35, build.head * 0.38)
    solid.hull("head", build.coat, skull, nose)
    solid.hull(
        "snout",
        build.belly,
        nose,
        spot(ahead + build.head * 0.9, look * 1.3, up - build.head * 0.5, build.head * 0.4),
    )
    solid.hull(
        "nose",
        (24, 24, 26),
        spot(ahead + build.head * 1.7, look * 1.6, up - build.head * 0.28, build.head * 0.16),
    )
    for left in (0.62, -0.62):
        root = spot(
            ahead - build.head * 0.2, left * build.head + look, up + build.head * 0.5, build.head * 0.36
        )
        tip = spot(
            ahead - build.head * 0.3,
            left * build.head * 1.2 + look,
            up + build.head * 0.6 + build.ears,
            build.head * 0.10,
        )
        solid.hull("ears", build.coat, root, tip)
        eye = spot(
            ahead + build.head * 0.75,
            left * build.head * 0.6 + look,
            up + build.head * 0.25,
            build.head * 0.16,
        )
        solid.hull("eyes", (16, 16, 16), eye)


def _bird(x: float, y: float, yaw: float, gone_m: float, flying: bool, t: float) -> Solid:
    """A blackbird; flies at 2 m, hops and stands on the ground."""
    solid, turn = Solid(), _turn(yaw)
    height = (2.0 + 0.2 * sin(gone_m)) if flying else 0.10 + 0.03 * max(0.0, sin(7 * t))
    black: Colour = (38, 34, 34)

    def spot(forward: float, left: float, up: float, radius: float) -> int:
        return solid.ball(np.array([x, y, height]) + turn @ np.array([forward, left, up]), radius)

    solid.hull("body", black, spot(-0.05, 0, 0, 0.045), spot(0.05, 0, 0.015, 0.05))
    solid.hull("tail", black, spot(-0.08, 0, 0, 0.02), spot(-0.19, 0, 0.0, 0.018))
    solid.hull("head", black, spot(0.09, 0, 0.06, 0.036))
    solid.hull("beak", (30, 150, 240), spot(0.12, 0, 0.055, 0.012), spot(0.155, 0, 0.05, 0.006))
    if flying:
        flap = 0.9 * sin(22 * t)
        for side in (1, -1):
            tip = spot(-0.03, side * 0.20 * cos(flap), 0.20 * sin(flap), 0.012)
            solid.hull(
                f"wing{side}",
                black,
                spot(0.04, side * 0.03, 0.02, 0.025),
                spot(-0.04, side * 0.04, 0.02, 0.02),
                tip,
            )
    else:
        for side in (1, -1):
            solid.hull(
                "legs",
                (40, 100, 160),
                spot(0, side * 0.02, -0.04, 0.006),
                spot(0.01, side * 0.02, -0.09, 0.006),
            )
    return solid


def _turn(yaw: float) -> Reals:
    return np.array([[cos(yaw), -sin(yaw), 0], [sin(yaw), cos(yaw), 0], [0, 0, 1.0]])
