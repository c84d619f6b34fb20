"""Everybody and everything of a story at one moment, as solids in the world."""

from __future__ import annotations

from dataclasses import dataclass
from math import atan2, pi, sin

import numpy as np

from dashboard.source.simulated.animals import animal_solid
from dashboard.source.simulated.body import Look, person_solid
from dashboard.source.simulated.camera import Reals
from dashboard.source.simulated.globes import ball_texture, head_texture
from dashboard.source.simulated.site import WATER_Z, in_pool
from dashboard.source.simulated.skeleton import Joints, pose_joints
from dashboard.source.simulated.solids import Solid
from dashboard.source.simulated.story import Actor, Story
from dashboard.source.simulated.timeline import Segment, Timeline, build_timeline, posture_at
from dashboard.source.simulated.toys import toy_solid
from dashboard.values import Image

HAND_SHARE = 0.55
STRENGTH = {"swim": 0.030, "tread": 0.016, "sink": 0.030, "jump_in": 0.060, "climb_in": 0.020, "dive": 0.02}


@dataclass(frozen=True, eq=False)
class Being:
    """One actor at one moment. `wet` says that some of it is below the water's surface; `doing` is the
    action, `since_s` how long; `joints` are a person's."""

    id: int
    actor: Actor
    solid: Solid
    place: Reals
    wet: bool
    doing: str
    since_s: float
    joints: Joints | None = None

    @property
    def stirs(self) -> float:
        """How strongly it moves the water's surface."""
        depth = WATER_Z - float(self.place[2]) if self.joints is None else 0.0
        near = self.wet and depth < 0.5
        return STRENGTH.get(self.doing, 0.006) if near else 0.0


class Cast:
    """A story's actors with their timelines."""

    def __init__(self, story: Story, seed: int) -> None:
        self._people = [build_timeline(a, story.duration_s) for a in story.people]
        self._animals = [build_timeline(a, story.duration_s) for a in story.animals]
        self._objects = [build_timeline(a, story.duration_s) for a in story.objects]
        self._phase = np.random.default_rng(seed).uniform(0, 2 * pi, 64)
        self._loop_s = story.duration_s

    def textures(self) -> dict[str, Image]:
        """The pictures on heads and balls, by name."""
        found = {f"head:{line.actor.name}": head_texture(line.actor.look) for line in self._people}
        for line in self._objects:
            if line.actor.kind == "ball":
                white = (240, 242, 244)
                colours = (line.actor.colour, white, (60, 190, 240), white, (190, 110, 50), white)
                found[f"ball:{line.actor.name}"] = ball_texture(colours)
        return found

    def at(self, t: float) -> tuple[list[Being], list[Being], list[Being]]:
        """People, animals and objects that are there at story time t. Ids count in the file's order:
        people from 1, animals from 101, objects from 201."""
        people = [b for n, line in enumerate(self._people) if (b := self._person(n, line, t))]
        animals = [b for n, line in enumerate(self._animals) if (b := self._animal(n, line, t))]
        objects = [b for n, line in enumerate(self._objects) if (b := self._object(n, line, t, people))]
        return people, animals, objects

    def _person(self, n: int, line: Timeline, t: float) -> Being | None:
        found = posture_at(line, t, float(self._phase[n]))
        if found is None:
            return None
        posture, segment, tau = found
        actor = line.actor
        joints = pose_joints(posture, actor.kind, actor.height_m)
        solid = person_solid(joints, actor.look, f"head:{actor.name}")
        hips = joints.points["hips"]
        low = float(solid.packed()[0][:, 2].min())
        feet = joints.points["left_ankle"] * 0.5 + joints.points["right_ankle"] * 0.5
        wet = low < WATER_Z and (in_pool(hips[0], hips[1]) or in_pool(feet[0], feet[1]))
        return Being(n + 1, actor, solid, hips, wet, segment.step.action, tau - segment.start, joints)

    def _animal(self, n: int, line: Timeline, t: float) -> Being | None:
        tau = line.local(t)
        if tau is None:
            return None
        segment = line.segment(tau)
        (x, y), yaw, gone = line.place(segment, tau)
        moving = segment.step.action != "stay"
        flying = segment.step.action == "fly"
        walks = flying if line.actor.kind == "bird" else moving
        solid = animal_solid(line.actor.kind, x, y, yaw, gone, walks, t, line.actor.coat)
        wet = in_pool(x, y) and not flying
        since = tau - segment.start
        return Being(101 + n, line.actor, solid, np.array([x, y, 0.2]), wet, segment.step.action, since)

    def _object(self, n: int, line: Timeline, t: float, people: list[Being]) -> Being | None:
        tau = line.local(t)
        if tau is None:
            return None
        segment = line.segment(tau)
        at = self._toy_place(line, segment, tau, people)
        if at is None:
            return None
        actor = line.actor
        whole = max(1, round(self._loop_s / 40)) * 2 * pi / self._loop_s
        # Water turns what floats; on the ground it lies as it came to rest.
        lies = segment.step.action == "rest" and not in_pool(float(at[0]), float(at[1]))
        turn = whole * (t - (tau - segment.start) * lies) + n
        solid = toy_solid(actor.kind, actor.colour, f"ball:{actor.name}", at, turn)
        wet = in_pool(float(at[0]), float(at[1])) and float(at[2]) < WATER_Z + 0.05
        return Being(201 + n, actor, solid, at, wet, segment.step.action, tau - segment.start)

    def _toy_place(self, line: Timeline, segment: Segment, tau: float, people: list[Being]) -> Reals | None:
        """Where a toy's lowest point is; None while who should carry it is not there."""
        if segment.step.action == "carried":
            carrier = next((p for p in people if p.actor.name == segment.step.by), None)
            return None if carrier is None or carrier.joints is None else _in_hands(carrier.joints)
        (x, y), _, _ = line.place(segment, tau)
        since = tau - segment.start
        rest = self._resting_z(x, y, tau)
        if segment.step.action == "thrown":
            share = since / max(segment.end - segment.start, 1e-6)
            return np.array([x, y, rest * share + 1.1 * (1 - share) + 4 * 1.1 * share * (1 - share)])
        if segment.step.action == "drop":
            return np.array([x, y, max(rest, 1.0 - 4.9 * since * since)])
        return np.array([x, y, rest])

    def _resting_z(self, x: float, y: float, tau: float) -> float:
        if not in_pool(x, y):
            return 0.0
        return WATER_Z - 0.045 + 0.012 * sin(2 * pi * tau / 2.2)


def _in_hands(joints: Joints) -> Reals:
    hands = (joints.points["left_hand"] + joints.points["right_hand"]) / 2
    at: Reals = hands + joints.trunk[:, 0] * 0.12 - np.array([0, 0, 0.1])
    return at


def heading(joints: Joints) -> float:
    """The direction a person's trunk faces, radians from +x to +y."""
    return atan2(float(joints.trunk[1, 0]), float(joints.trunk[0, 0]))


__all__ = ["Being", "Cast", "Look", "heading"]
