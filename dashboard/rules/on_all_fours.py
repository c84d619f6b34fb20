"""Who goes on all fours. The models that find people find cats, dogs and raccoons too, as somebody who
crawls: trunk level, arms and legs hanging from it. Such a finding is told as an animal and as nobody.

Only where no one is in doubt: never in the water; not where somebody upright was about lately, who may have
fallen or bent down; not once it was seen upright, and it is somebody again as soon as it stands up. Until
that is clear, for some seconds at most, a finding that is not upright is nobody yet. A finding within what
has been known as an animal for a while is a part of that, until it is taller: a child that stood up. Where
a baby crawls an owner says so (`crawling_babies`), and everything counts as somebody.

Of 1,350 looks at 12 people who walk, stand and fall, 1 % are on all fours, all of them of somebody who has
fallen; of 190 looks at a cat on a porch 90 %. Pure.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np

from dashboard.rules.body import HIPS, KNEES, SHOULDERS, overlap
from dashboard.rules.world import World
from dashboard.rules.zones import CameraZones, in_water
from dashboard.values import Detection, Floats, Label, Observation, Track

FINDER = "posture"
# The trunk against the vertical, legs against the trunk, in degrees; height of the skeleton for its width.
_UPRIGHT_DEG, _LEVEL_DEG, _BENT_DEG, _LOW = 45.0, 50.0, 40.0, 1.4
_LATELY_S = 2.0
_DOUBT_S = 4.0  # the skeleton settles on an animal within that
_ENOUGH, _SHARE, _SURE_SHARE = 5, 0.5, 0.7
_SURE_S = 1.5
_SEEN = 0.1  # the score of a point that is there at all
_STOOD = 3  # looks
_JUST_COME_S = 0.3
_ABOUT_S = 60.0
_KNOWN_S, _KNOWN_GAP_S = 1.5, 3.0
_SAME, _WIDER, _TALLER = 0.2, 0.15, 1.3
_FORGET_S = 30.0

_DOWN: Floats = np.array((0.0, 1.0), np.float32)

Key = tuple[str, int]
Box = tuple[float, float, float, float]


@dataclass(frozen=True)
class Look:
    """One skeleton: upright, on all fours, or neither."""

    t: float
    upright: bool
    fours: bool


@dataclass(frozen=True)
class Stance:
    """How a track has held itself since `first_t`. `person`: it is somebody for good; `animal`: it is none,
    for now; `part_px`: the height of the animal that it was found in."""

    first_t: float
    t: float
    looks: tuple[Look, ...] = ()
    upright: int = 0
    count: int = 0
    person: bool = False
    animal: bool = False
    part_px: float | None = None


@dataclass(frozen=True)
class Known:
    """What has moved like an animal from `since` to `t`."""

    xyxy: Box
    since: float
    t: float


@dataclass(frozen=True)
class Stances:
    """The tracks by camera and number; when somebody upright was last seen before each camera, and which
    animals."""

    tracks: Mapping[Key, Stance] = field(default_factory=dict)
    upright_t: Mapping[str, float] = field(default_factory=dict)
    animals: Mapping[str, tuple[Known, ...]] = field(default_factory=dict)


NO_STANCES = Stances()


def sorted_out(state: Stances, observation: Observation, world: World) -> tuple[Stances, Observation]:
    """The observation without those who are animals, or may be and are looked at still. Both are among its
    things, found by `FINDER`: as an animal, and as a person of whom nobody is sure."""
    if observation.people is None or world.settings.crawling_babies or observation.size_wh[0] <= 0:
        return state, observation
    zones = world.camera(observation.camera, observation.size_wh)
    t, camera = observation.t, observation.camera
    tracks = {key: s for key, s in state.tracks.items() if t - s.t <= _FORGET_S}
    about_t = state.upright_t.get(camera, float("-inf"))
    known = _known(state.animals.get(camera, ()), observation)
    people: list[Track] = []
    aside: list[Detection] = []
    for track in observation.people:
        before = tracks.get((camera, track.id)) or Stance(track.first_t, t)
        if not before.person:
            before = replace(before, part_px=_part_of(track, known) or before.part_px)
        stance = _stance(before, track, t, zones, t - about_t <= _ABOUT_S)
        tracks[camera, track.id] = stance
        if stance.animal:
            aside.append(Detection(track.xyxy, track.score, Label.ANIMAL, FINDER))
        elif stance.person or not _doubtful(stance):
            people.append(track)
        else:
            aside.append(Detection(track.xyxy, track.score, Label.PERSON, FINDER))
        if stance.person and stance.looks and stance.looks[-1].upright:
            about_t = t
    state = Stances(tracks, {**state.upright_t, camera: about_t}, {**state.animals, camera: known})
    if len(people) == len(observation.people):
        return state, observation
    return state, replace(observation, people=tuple(people), things=(*observation.things, *aside))


def _stance(before: Stance, track: Track, t: float, zones: CameraZones, about: bool) -> Stance:
    stance = replace(before, t=t)
    look = _look(track, t)
    if look is not None:
        looks = (*(one for one in stance.looks if t - one.t <= _LATELY_S), look)
        stance = replace(stance, looks=looks, upright=stance.upright + look.upright, count=stance.count + 1)
    if stance.person:
        return stance
    if stance.part_px is not None and track.xyxy[3] - track.xyxy[1] > _TALLER * stance.part_px:
        stance = replace(stance, part_px=None, looks=(), upright=0, count=0, animal=False)
    if in_water(zones, track.xyxy) or (about and not stance.animal):
        return replace(stance, person=True, animal=False)
    if stance.part_px is not None:
        return replace(stance, animal=True)
    if _stands(stance):
        return replace(stance, person=True, animal=False)
    if stance.animal or _four_legged(stance, t):
        return replace(stance, animal=True)
    return replace(stance, person=t - stance.first_t >= _DOUBT_S)


def _known(before: tuple[Known, ...], observation: Observation) -> tuple[Known, ...]:
    """What moved like an animal lately, and what does now. What a detector calls a cat may be somebody who
    lies there."""
    t = observation.t
    kept = [one for one in before if t - one.t <= _KNOWN_GAP_S]
    for thing in observation.things:
        if thing.label is not Label.ANIMAL:
            continue
        same = next((one for one in kept if overlap(one.xyxy, thing.xyxy) > _SAME), None)
        kept = [one for one in kept if one is not same]
        kept.append(Known(thing.xyxy, t if same is None else same.since, t))
    return tuple(kept)


def _part_of(track: Track, known: tuple[Known, ...]) -> float | None:
    """The height of the animal that a finding lies within, None where it is of none."""
    for one in known:
        left, top, right, bottom = one.xyxy
        across, down = _WIDER * (right - left), _WIDER * (bottom - top)
        within = track.xyxy[0] >= left - across and track.xyxy[2] <= right + across
        within = within and track.xyxy[1] >= top - down and track.xyxy[3] <= bottom + down
        if within and one.t - one.since >= _KNOWN_S:
            return bottom - top
    return None


def _stands(stance: Stance) -> bool:
    """Whether it holds itself upright: all along, or for the last looks where it was taken for an animal."""
    if stance.animal:
        lately = [one.upright for one in stance.looks]
        return len(lately) >= _ENOUGH and sum(lately) > _SURE_SHARE * len(lately)
    return stance.upright >= _STOOD and stance.upright > _SHARE * stance.count


def _four_legged(stance: Stance, t: float) -> bool:
    fours, looks = sum(one.fours for one in stance.looks), len(stance.looks)
    if looks < _ENOUGH or t - stance.first_t < _SURE_S:
        return False
    share = _SHARE if t - stance.first_t >= _DOUBT_S else _SURE_SHARE
    return fours >= share * looks


def _doubtful(stance: Stance) -> bool:
    """Whether it may turn out to be an animal: it was not mostly upright. One look is enough only for
    somebody who has just come: they are nobody yet at the first look."""
    if stance.count == 1:
        return not (stance.upright and stance.t - stance.first_t <= _JUST_COME_S)
    return stance.count > 1 and stance.upright <= _SHARE * stance.count


def _look(track: Track, t: float) -> Look | None:
    """What the skeleton of this very moment shows; None where there is none, or too little of it."""
    if track.pose is None or track.pose_t is None or abs(t - track.pose_t) > 1e-3:
        return None
    points = track.pose.keypoints
    shoulders, hips, knees = (_middle(points, part) for part in (SHOULDERS, HIPS, KNEES))
    if shoulders is None or hips is None or knees is None:
        return None
    seen = points[points[:, 2] >= _SEEN, :2]
    width, height = (float(side) for side in seen.max(axis=0) - seen.min(axis=0))
    tilt, bent = _angle(hips - shoulders, _DOWN), _angle(knees - hips, hips - shoulders)
    low = height < _LOW * max(width, 1.0)
    return Look(t, tilt < _UPRIGHT_DEG or not low, low and tilt >= _LEVEL_DEG and bent >= _BENT_DEG)


def _middle(points: Floats, indices: tuple[int, ...]) -> Floats | None:
    part = points[list(indices)]
    part = part[part[:, 2] >= _SEEN]
    return np.asarray(part[:, :2].mean(axis=0), np.float32) if len(part) else None


def _angle(a: Floats, b: Floats) -> float:
    """Between two directions (2,), degrees; 0 where one of them is none."""
    lengths = float(np.hypot(*a)) * float(np.hypot(*b))
    return math.degrees(math.acos(min(1.0, max(-1.0, float(a @ b) / lengths)))) if lengths > 0 else 0.0
