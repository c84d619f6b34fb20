"""A stage for the judge: scripted people before a synthetic camera, without pixels.

The picture is 1000 x 600. Within the boundary (a margin of 100 and 50 pixels around it is outside) lies a
pool in the middle; a gate is at the left. 100 pixels are about a metre for people of full height 170.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from dashboard.rules.body import Box
from dashboard.rules.context import NO_HOOKS, Hooks
from dashboard.rules.judge import JudgeState, Site, judge_start, judge_step, judge_time
from dashboard.rules.people import Identity, TrackKey
from dashboard.rules.world import World
from dashboard.settings import RuleSettings
from dashboard.values import (
    Event,
    Floats,
    Level,
    Mode,
    Observation,
    Patch,
    Pose,
    Track,
    TrackState,
    Zone,
    ZoneKind,
)

SIZE = (1000, 600)
CAMERA = "pool"
BOUNDARY = Zone(CAMERA, "garden", ZoneKind.BOUNDARY, ((0.1, 0.08), (0.9, 0.08), (0.9, 0.92), (0.1, 0.92)))
WATER = Zone(CAMERA, "pool", ZoneKind.WATER, ((0.3, 0.4), (0.7, 0.4), (0.7, 0.8), (0.3, 0.8)))
GATE = Zone(CAMERA, "gate", ZoneKind.PORTAL, ((0.1, 0.45), (0.14, 0.45), (0.14, 0.6), (0.1, 0.6)))
GARDEN = (BOUNDARY, WATER, GATE)
ALL_WATER = (Zone(CAMERA, "pool", ZoneKind.WATER, ((0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0))),)
RATES = (2.0, 5.0, 30.0)

ADULT_PX, CHILD_PX = 170.0, 100.0
_KEPT_S, _LOST_S = 5.0, 0.5


def adult_pose(x: float, y: float, height: float = ADULT_PX) -> Floats:
    """A standing adult with feet at (x, y): the proportions that the landmarks of adults have."""
    return _standing(x, y, height, head_share=0.155, legs_per_trunk=1.30)


def child_pose(x: float, y: float, height: float = CHILD_PX) -> Floats:
    """A standing small child."""
    return _standing(x, y, height, head_share=0.205, legs_per_trunk=1.05)


def _standing(x: float, y: float, height: float, head_share: float, legs_per_trunk: float) -> Floats:
    # Head top to face is about half of the face-to-shoulder way.
    below = height * 0.97 / (1 + 1.5 * head_share)
    trunk = below / (1 + legs_per_trunk)
    hips, shoulders = y - legs_per_trunk * trunk, y - below
    face = shoulders - head_share * below
    width = 0.11 * height
    rows = [(x, face)] * 5
    rows += [(x - width, shoulders), (x + width, shoulders)]
    rows += [(x - 1.2 * width, shoulders + 0.5 * trunk), (x + 1.2 * width, shoulders + 0.5 * trunk)]
    rows += [(x - 1.2 * width, hips), (x + 1.2 * width, hips)]
    rows += [(x - 0.7 * width, hips), (x + 0.7 * width, hips)]
    rows += [(x - 0.7 * width, (hips + y) / 2), (x + 0.7 * width, (hips + y) / 2)]
    rows += [(x - 0.7 * width, y), (x + 0.7 * width, y)]
    return np.array([(a, b, 0.9) for a, b in rows], np.float32)


def swimmer_pose(x: float, y: float, t: float, moving: bool = True) -> Floats:
    """Head and shoulders over the water at (x, y); the arms beat when `moving`; the rest is not seen."""
    beat = 12.0 * np.sin(2 * np.pi * 0.7 * t) if moving else 0.0
    points = np.zeros((17, 3), np.float32)
    points[:5] = (x, y - 8, 0.9)
    points[5:7] = [(x - 18, y + 8, 0.9), (x + 18, y + 8, 0.9)]
    points[7:9] = [(x - 32, y + 12 + beat, 0.8), (x + 32, y + 12 - beat, 0.8)]
    points[9:11] = [(x - 42, y + 12 + 2 * beat, 0.8), (x + 42, y + 12 - 2 * beat, 0.8)]
    return points


@dataclass(frozen=True)
class Actor:
    """Somebody on the stage. `path`: (t, x, y) of the feet (of the head when `swims`), straight between;
    seen from the first to the last time but for `hidden` spans, standing out by `clear`. `looks` gives
    the skeleton (None: none is found); `headed`: it is told where a swimmer's head is, `head_at` so far to
    the right of the middle, `face`: what the face detector says of it. `tracks`: (from t, number), the
    track's number as time goes on."""

    path: tuple[tuple[float, float, float], ...]
    tracks: tuple[tuple[float, int], ...]
    height: float = ADULT_PX
    looks: Callable[[float, float], Floats] | None = None
    swims: Callable[[float], bool] = field(default=lambda t: False)
    moves: bool = True
    headed: bool = False
    head_at: float = 0.0
    face: float | None = None
    lies: Callable[[float], bool] = field(default=lambda t: False)
    hidden: tuple[tuple[float, float], ...] = ()
    clear: Callable[[float], float | None] = field(default=lambda t: None)

    def at(self, t: float) -> tuple[float, float] | None:
        """Where they are seen at `t`, None when they are not."""
        first, last = self.path[0][0], self.path[-1][0]
        if not first - 1e-9 <= t <= last + 1e-9 or any(a <= t < b for a, b in self.hidden):
            return None
        times = [p[0] for p in self.path]
        x = float(np.interp(t, times, [p[1] for p in self.path]))
        return x, float(np.interp(t, times, [p[2] for p in self.path]))

    def number(self, t: float) -> int:
        return max((since, number) for since, number in self.tracks if since <= t + 1e-9)[1]


def adult(track: int, *path: tuple[float, float, float], **more: object) -> Actor:
    """An adult on deck."""
    return _actor(track, path, {"looks": adult_pose, **more})


def child(track: int, *path: tuple[float, float, float], **more: object) -> Actor:
    """A small child on deck."""
    return _actor(track, path, {"looks": child_pose, "height": CHILD_PX, **more})


def somebody(track: int, *path: tuple[float, float, float], **more: object) -> Actor:
    """Somebody whose skeleton is not found: a box alone."""
    return _actor(track, path, dict(more))


def swimmer(track: int, *path: tuple[float, float, float], **more: object) -> Actor:
    """A head and shoulders in the water."""
    return _actor(track, path, {"swims": lambda t: True, **more})


def _actor(track: int, path: tuple[tuple[float, float, float], ...], more: dict[str, object]) -> Actor:
    tracks = more.pop("tracks", ((float("-inf"), track),))
    return replace(Actor(path, ((0.0, track),)), tracks=tracks, **more)  # type: ignore[arg-type]


def film(
    actors: Sequence[Actor],
    fps: float,
    until: float,
    camera: str = CAMERA,
    blind: tuple[tuple[float, float, str], ...] = (),
    gaps: tuple[tuple[float, float], ...] = (),
    patches: Callable[[float], tuple[Patch, ...]] = lambda t: (),
) -> Iterator[Observation]:
    """What the camera tells: tracks with the memory that a tracker has. In `blind` spans it tells that it
    does not see, in `gaps` it tells nothing."""
    memory: dict[int, Track] = {}
    before: dict[int, tuple[float, float, float]] = {}
    for index in range(int(until * fps) + 1):
        t = round(index / fps, 6)
        if any(a <= t < b for a, b in gaps):
            continue
        reason = next((why for a, b, why in blind if a <= t < b), None)
        if reason is not None:
            yield Observation(camera, t, index, SIZE, None, blind_reason=reason)
            continue
        for actor in actors:
            spot = actor.at(t)
            if spot is not None:
                number = actor.number(t)
                memory[number] = _track(actor, number, t, spot, memory.get(number), before.get(number))
                before[number] = (t, *spot)
        memory = {n: track for n, track in memory.items() if t - track.seen_t <= _KEPT_S}
        people = tuple(_aged(memory[n], t) for n in sorted(memory))
        yield Observation(camera, t, index, SIZE, people, patches=patches(t))


def _track(
    actor: Actor,
    number: int,
    t: float,
    spot: tuple[float, float],
    known: Track | None,
    before: tuple[float, float, float] | None,
) -> Track:
    box, points = _shown(actor, t, spot)
    velocity = (0.0, 0.0)
    if before is not None and 0 < t - before[0] <= 1.0:
        # As tracking does it, of the boxes' centres: of a box that the edge cuts only the inner side moves.
        was, _ = _shown(actor, t, before[1:])
        (x, y), (old_x, old_y) = _centre(_clipped(box)), _centre(_clipped(was))
        velocity = ((x - old_x) / (t - before[0]), (y - old_y) / (t - before[0]))
    pose = None if points is None else Pose(points, 0.9)
    first_t = t if known is None else known.first_t
    pose_t = t if pose else None
    confirmed = TrackState.CONFIRMED
    whole = _clipped(box)
    track = Track(number, whole, velocity, 0.9, confirmed, first_t, t, pose, pose_t, actor.clear(t))
    x, y = spot[0] + actor.head_at, spot[1]
    head = (x - 10, y - 18, x + 10, y + 2)
    return replace(track, head=head, face=actor.face) if actor.headed else track


def _shown(actor: Actor, t: float, spot: tuple[float, float]) -> tuple[Box, Floats | None]:
    """The whole box and the skeleton of somebody at `spot`."""
    x, y = spot
    if actor.swims(t):
        return (x - 45, y - 20, x + 45, y + 25), swimmer_pose(x, y, t, actor.moves)
    if actor.lies(t):
        return (x - actor.height / 2, y - 40, x + actor.height / 2, y), None
    box = (x - 0.15 * actor.height, y - actor.height, x + 0.15 * actor.height, y)
    return box, actor.looks(x, y) if actor.looks is not None else None


def _clipped(box: Box) -> Box:
    left, top, right, bottom = box
    return max(left, 0.0), max(top, 0.0), min(right, SIZE[0]), min(bottom, SIZE[1])


def _centre(box: Box) -> tuple[float, float]:
    return (box[0] + box[2]) / 2, (box[1] + box[3]) / 2


def _aged(track: Track, t: float) -> Track:
    return replace(track, state=TrackState.LOST) if t - track.seen_t > _LOST_S else track


@dataclass
class Played:
    """What the judge said, and what they know at the end."""

    events: list[Event]
    state: JudgeState

    def of(self, kind: str, level: Level | None = None) -> list[Event]:
        return [e for e in self.events if e.kind == kind and level in (None, e.level)]

    def kinds(self) -> set[str]:
        return {e.kind for e in self.events}

    def emergencies(self) -> list[Event]:
        return [e for e in self.events if e.level is Level.EMERGENCY]


def play(
    observations: Iterator[Observation] | Sequence[Observation],
    mode: Mode = Mode.WATCH,
    zones: tuple[Zone, ...] = GARDEN,
    settings: RuleSettings | None = None,
    identities: dict[TrackKey, Identity] | None = None,
    hooks: Callable[[float], Hooks] = lambda t: NO_HOOKS,
    ticking_s: float | None = None,
) -> Played:
    """Judge a film. `ticking_s`: the judge is told the time that often where the film has gaps."""
    world = World(zones, settings=settings or RuleSettings(), identities=identities or {})
    state = judge_start(Site(world), mode, 0.0)
    events: list[Event] = []
    for seen in observations:
        while ticking_s is not None and state.t + ticking_s < seen.t:
            state, new = judge_time(state, state.t + ticking_s)
            events += new
        state, new = judge_step(state, seen, hooks(seen.t))
        events += new
    return Played(events, state)
