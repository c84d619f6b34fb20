"""What everything that moves is made of: balls, hulls of balls, and globes with a picture on them."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from dashboard.source.simulated.camera import Reals

Colour = tuple[int, int, int]
Facing = tuple[float, float, float]


@dataclass(frozen=True)
class Hull:
    """The convex hull of some balls, of one BGR colour.

    `level` orders the hulls of a group (0 skin, 1 clothes, 2 what lies on them); with `facing`, a
    direction in the world, the hull is painted only when that side is turned to the camera.
    """

    balls: tuple[int, ...]
    colour: Colour
    level: int = 0
    facing: Facing | None = None


@dataclass(frozen=True, eq=False)
class Globe:
    """An ellipsoid with a picture on it (a head, a ball). `centre` (3,), `axes` (3, 3): columns are
    the half axes in metres along forward, left and up; `texture` names it among the globe textures."""

    centre: Reals
    axes: Reals
    texture: str


@dataclass
class Group:
    """Hulls that melt into each other (an arm), or one globe; far groups are painted first.
    `closer_m` pulls the group towards the camera."""

    hulls: list[Hull] = field(default_factory=list)
    globe: Globe | None = None
    closer_m: float = 0.0


@dataclass
class Solid:
    """Ball centres (N, 3) and radii (N,) in metres, and groups of hulls over them."""

    centres: list[Reals] = field(default_factory=list)
    radii: list[float] = field(default_factory=list)
    groups: dict[str, Group] = field(default_factory=dict)
    _packed: tuple[Reals, Reals] | None = None

    def packed(self) -> tuple[Reals, Reals]:
        """All centres (N, 3) and radii (N,). Not to be written on: they are kept until a ball comes."""
        if self._packed is None or len(self._packed[1]) != len(self.radii):
            self._packed = np.array(self.centres), np.array(self.radii)
        return self._packed

    def ball(self, centre: Reals, radius_m: float) -> int:
        """Adds a ball and returns its number."""
        self.centres.append(centre)
        self.radii.append(radius_m)
        return len(self.radii) - 1

    def hull(
        self, group: str, colour: Colour, *balls: int, level: int = 0, facing: Reals | None = None
    ) -> None:
        """Adds the hull of balls to a group."""
        side = None if facing is None else (float(facing[0]), float(facing[1]), float(facing[2]))
        self.groups.setdefault(group, Group()).hulls.append(Hull(balls, colour, level, side))

    def globe(self, group: str, centre: Reals, axes: Reals, texture: str) -> None:
        """Makes a globe of its own group."""
        self.groups[group] = Group(globe=Globe(centre, axes, texture))
