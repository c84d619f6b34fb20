"""What stands around the pool: sunbeds, a parasol, a ladder, pots, a towel rail."""

from __future__ import annotations

from itertools import pairwise
from math import cos, pi, sin

import numpy as np

from dashboard.source.simulated.site import POOL_X
from dashboard.source.simulated.solids import Colour, Solid

WOOD: Colour = (92, 132, 172)
STEEL: Colour = (206, 204, 198)


def furniture() -> list[Solid]:
    """All pieces."""
    return [
        _sunbed(9.15, 0.9, (196, 168, 84)),
        _sunbed(9.15, 2.5, (92, 120, 226)),
        _parasol(9.75, 4.5),
        _ladder(POOL_X[1], 3.0),
        _pot(-2.5, 5.7, 0.24),
        _pot(10.2, 6.0, 0.28),
        _pot(7.6, 6.0, 0.2),
    ]


def _bar(
    solid: Solid, group: str, colour: Colour, a: tuple[float, ...], b: tuple[float, ...], r: float
) -> None:
    solid.hull(group, colour, solid.ball(np.array(a), r), solid.ball(np.array(b), r))


def _sunbed(x: float, y: float, cushion: Colour) -> Solid:
    """1.9 m along x, the backrest raised at the far (right) end."""
    solid = Solid()
    for dx in (0.15, 1.2):
        for dy in (-0.28, 0.28):
            _bar(solid, "legs", WOOD, (x + dx, y + dy, 0.02), (x + dx, y + dy, 0.28), 0.025)
    for group, colour, z, r in (("frame", WOOD, 0.28, 0.03), ("cushion", cushion, 0.35, 0.045)):
        corners = [(x + dx, y + dy, z) for dx in (0.04, 1.25) for dy in (-0.27, 0.27)]
        solid.hull(group, colour, *[solid.ball(np.array(c), r) for c in corners])
    back = [(x + dx, y + dy, z) for dx, z in ((1.25, 0.36), (1.72, 0.82)) for dy in (-0.27, 0.27)]
    solid.hull("back", cushion, *[solid.ball(np.array(c), 0.045) for c in back])
    solid.groups["cushion"].closer_m = 0.2
    return solid


def _parasol(x: float, y: float) -> Solid:
    solid = Solid()
    _bar(solid, "pole", (226, 226, 224), (x, y, 0.05), (x, y, 2.35), 0.022)
    _bar(solid, "foot", (120, 120, 118), (x, y, 0.04), (x, y, 0.1), 0.2)
    top = np.array((x, y, 2.45))
    for n in range(8):
        edge = [
            solid.ball(np.array((x + 1.25 * cos(a), y + 1.25 * sin(a), 2.05)), 0.012)
            for a in (2 * pi * n / 8, 2 * pi * (n + 1) / 8)
        ]
        colour: Colour = (232, 236, 240) if n % 2 else (120, 96, 206)
        solid.hull(f"cloth{n}", colour, solid.ball(top, 0.012), *edge)
    return solid


def _ladder(x: float, y: float) -> Solid:
    solid = Solid()
    for dy in (-0.24, 0.24):
        rail = [
            (x - 0.12, y + dy, -0.5),
            (x - 0.12, y + dy, 0.62),
            (x, y + dy, 0.80),
            (x + 0.22, y + dy, 0.72),
        ]
        rail.append((x + 0.30, y + dy, 0.0))
        for a, b in pairwise(rail):
            _bar(solid, f"rail{dy}", STEEL, a, b, 0.024)
    for z in (-0.05, -0.3):
        _bar(solid, "steps", STEEL, (x - 0.12, y - 0.24, z), (x - 0.12, y + 0.24, z), 0.03)
    return solid


def _pot(x: float, y: float, radius: float) -> Solid:
    solid = Solid()
    low = solid.ball(np.array((x, y, radius * 0.7)), radius * 0.75)
    high = solid.ball(np.array((x, y, radius * 1.6)), radius)
    solid.hull("pot", (70, 104, 176), low, high)
    rng = np.random.default_rng(int(x * 10) + 50)
    for n in range(9):
        turn, up = rng.uniform(0, 2 * pi), rng.uniform(1.6, 3.6)
        tip = np.array((x + radius * 1.5 * cos(turn), y + radius * 1.5 * sin(turn), radius * (1.2 + up)))
        mid = np.array((x, y, radius * 2.0))
        green: Colour = (52 + 6 * n, 110 + 7 * n, 62 + 5 * n)
        solid.hull(f"leaf{n}", green, solid.ball(mid, radius * 0.3), solid.ball(tip, radius * 0.28))
    return solid
