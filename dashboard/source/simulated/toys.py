"""Balls, rings, ducks and mattresses, at rest, afloat, in the air or in somebody's hands."""

from __future__ import annotations

from math import cos, pi, sin

import numpy as np

from dashboard.source.simulated.body import darker
from dashboard.source.simulated.camera import Reals
from dashboard.source.simulated.solids import Colour, Solid

RADIUS_M = {"ball": 0.17, "ring": 0.42, "duck": 0.16, "mattress": 0.5}


def toy_solid(kind: str, colour: Colour, texture: str, at: Reals, turn: float) -> Solid:
    """A toy whose lowest point rests at `at` (3,), turned by `turn`."""
    solid = Solid()
    if kind == "ball":
        radius = RADIUS_M["ball"]
        spin = np.array([[cos(turn), -sin(turn), 0], [sin(turn), cos(turn), 0], [0, 0, 1.0]])
        tilt = np.array([[cos(0.7), 0, sin(0.7)], [0, 1.0, 0], [-sin(0.7), 0, cos(0.7)]])
        centre = at + np.array([0, 0, radius])
        solid.globe("ball", centre, spin @ tilt * radius, texture)
        solid.hull("under", darker(colour, 0.5), solid.ball(centre, radius * 0.9))
        solid.groups["under"].closer_m = -0.3
    elif kind == "ring":
        _ring(solid, colour, at, turn)
    elif kind == "duck":
        _duck(solid, at, turn)
    else:
        _mattress(solid, colour, at, turn)
    return solid


def _ring(solid: Solid, colour: Colour, at: Reals, turn: float) -> None:
    tube, wide, parts = 0.085, RADIUS_M["ring"] - 0.085, 14
    turns = [turn + 2 * pi * n / parts for n in range(parts)]
    balls = [solid.ball(at + np.array([wide * cos(a), wide * sin(a), tube]), tube) for a in turns]
    for n in range(parts):
        shade: Colour = (238, 240, 242) if (n // 2) % 2 else colour
        solid.hull(f"part{n}", shade, balls[n], balls[(n + 1) % parts])


def _duck(solid: Solid, at: Reals, turn: float) -> None:
    yellow: Colour = (40, 204, 246)

    def spot(forward: float, left: float, up: float, radius: float) -> int:
        offset = np.array(
            [forward * cos(turn) - left * sin(turn), forward * sin(turn) + left * cos(turn), up]
        )
        return solid.ball(at + offset, radius)

    solid.hull("body", yellow, spot(-0.06, 0, 0.10, 0.10), spot(0.06, 0, 0.10, 0.11))
    solid.hull("body", yellow, spot(-0.10, 0, 0.12, 0.07), spot(-0.19, 0, 0.20, 0.02))
    solid.hull("head", yellow, spot(0.10, 0, 0.27, 0.085))
    solid.hull(
        "beak",
        (30, 110, 240),
        spot(0.19, 0.02, 0.26, 0.02),
        spot(0.19, -0.02, 0.26, 0.02),
        spot(0.22, 0, 0.25, 0.015),
    )
    for side in (1, -1):
        solid.hull("eyes", (20, 20, 20), spot(0.165, side * 0.045, 0.30, 0.014))


def _mattress(solid: Solid, colour: Colour, at: Reals, turn: float) -> None:
    for n in range(5):
        left = (n - 2) * 0.15
        ends = []
        for forward in (-0.85, 0.85):
            offset = np.array(
                [forward * cos(turn) - left * sin(turn), forward * sin(turn) + left * cos(turn), 0.07]
            )
            ends.append(solid.ball(at + offset, 0.078))
        shade: Colour = (236, 238, 240) if n % 2 else colour
        solid.hull("mattress", shade, *ends, level=n % 2)
