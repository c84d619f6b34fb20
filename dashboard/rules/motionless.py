"""Motionless: in the water without moving, or lying on the deck (a fall): alert, then emergency.

Moving is going somewhere faster than a floating body drifts, or moving two limbs or more against the
trunk. Lengths are in body lengths and trunk lengths, times in seconds.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from dashboard.geometry import Point
from dashboard.rules.body import HIPS, SHOULDERS, TRUNK_SHARE, Body
from dashboard.rules.context import Context
from dashboard.rules.people import Person
from dashboard.rules.raising import NOTHING_RAISED, Raised, raised
from dashboard.rules.zones import Where
from dashboard.settings import RuleSettings
from dashboard.values import Level, Observation, Verdict

_LIMBS = (7, 8, 9, 10, 13, 14, 15, 16)
_SPACING_S = 0.4
_MEMORY_S = 2.5
_MOVING_LIMBS = 2
_UP_S = 1.0
_FALL_S = 3.0


@dataclass(frozen=True, eq=False)
class Sample:
    """A body at one time."""

    t: float
    body: Body


@dataclass(frozen=True, eq=False)
class Rest:
    """How somebody moves, as of `t`: bodies of the last seconds, when they last moved, since when they
    lie, since when they seem to be up again, when they last were upright; `fell` when they lay down
    within moments."""

    t: float
    samples: tuple[Sample, ...]
    moved_t: float
    lying_since: float | None = None
    rising_since: float | None = None
    upright_t: float | None = None
    fell: bool = False


@dataclass(frozen=True)
class MotionlessState:
    """Everybody's rest, and what was told."""

    rests: Mapping[int, Rest] = field(default_factory=dict)
    raised: Raised = NOTHING_RAISED


def step(
    state: MotionlessState, observation: Observation | None, context: Context
) -> tuple[MotionlessState, tuple[Verdict, ...]]:
    """motionless, in the water and on deck."""
    rests = {p.id: _rest(state.rests.get(p.id), p, context.settings) for p in context.here()}
    present = [
        verdict
        for p in context.here()
        if context.seen_now(p) and (verdict := _verdict(p, rests[p.id], context)) is not None
    ]
    told, new = raised(state.raised, present, context.t, context.settings.rearm_s)
    return MotionlessState(rests, told), new


def moved(before: Sample, now: Sample, settings: RuleSettings) -> bool:
    """Whether the body moved between two samples."""
    age_s = min(max(now.t - before.t, 1.0), _MEMORY_S)
    length = max(before.body.height_px, now.body.height_px)
    if _apart(_centre(before.body), _centre(now.body)) > settings.still_speed * age_s * length:
        return True
    return _limbs_moved(before.body, now.body, settings) >= _MOVING_LIMBS


def _rest(before: Rest | None, person: Person, settings: RuleSettings) -> Rest:
    if before is not None and person.sight.faint:
        return before
    sample = Sample(person.seen_t, person.sight.body)
    lying = False if person.where is Where.WATER else sample.body.lying
    if before is None:
        return _posture(Rest(sample.t, (sample,), sample.t), sample.t, lying)
    if sample.t <= before.t:
        return before
    moving = any(moved(old, sample, settings) for old in before.samples)
    samples = before.samples
    if sample.t - samples[-1].t >= _SPACING_S:
        recent = tuple(s for s in samples if sample.t - s.t <= _MEMORY_S)
        samples = (*recent, sample)
    rest = replace(before, t=sample.t, samples=samples, moved_t=sample.t if moving else before.moved_t)
    return _posture(rest, sample.t, lying)


def _posture(rest: Rest, t: float, lying: bool | None) -> Rest:
    """Takes in whether the body lies (None: it does not show). One upright frame between lying ones is a
    wrong skeleton; only a while of them is getting up."""
    if lying is None:
        return rest
    if rest.lying_since is None:
        if not lying:
            return replace(rest, upright_t=t)
        fell = rest.upright_t is not None and t - rest.upright_t <= _FALL_S
        return replace(rest, lying_since=t, rising_since=None, fell=fell)
    if lying:
        return replace(rest, rising_since=None)
    since = t if rest.rising_since is None else rest.rising_since
    if t - since < _UP_S:
        return replace(rest, rising_since=since)
    return replace(rest, lying_since=None, rising_since=None, upright_t=t, fell=False)


def _verdict(person: Person, rest: Rest, context: Context) -> Verdict | None:
    settings = context.settings
    still_s = rest.t - rest.moved_t
    if person.where is Where.WATER:
        if still_s < settings.still_s - 1e-6:
            return None
        grave = still_s >= settings.still_emergency_s - 1e-6
        detail: dict[str, object] = {"still_s": round(still_s, 2), "where": "water"}
    else:
        lying_s = 0.0 if rest.lying_since is None else person.seen_t - rest.lying_since
        if lying_s < settings.lying_s - 1e-6:
            return None
        unmoved = still_s >= settings.lying_s - 1e-6
        grave = lying_s >= settings.lying_emergency_s - 1e-6 and (rest.fell or unmoved)
        detail = {
            "lying_s": round(lying_s, 2),
            "still_s": round(still_s, 2),
            "fell": rest.fell,
            "where": "deck",
        }
    level = Level.EMERGENCY if grave else Level.ALERT
    return Verdict("motionless", level, person.camera, person.id, person.place, detail)


def _limbs_moved(a: Body, b: Body, settings: RuleSettings) -> int:
    """How many limb points moved against the trunk."""
    if a.points is None or b.points is None:
        return 0
    pairs = list(zip(a.points, b.points, strict=True))
    both = [min(p[2], q[2]) >= settings.ankle_score for p, q in pairs]
    trunk = [pairs[i] for i in (*SHOULDERS, *HIPS) if both[i]]
    if not trunk:
        return 0
    least = settings.still_limb * max(TRUNK_SHARE * max(a.height_px, b.height_px), 1.0)
    dx = sum(q[0] - p[0] for p, q in trunk) / len(trunk)
    dy = sum(q[1] - p[1] for p, q in trunk) / len(trunk)
    limbs = [pairs[i] for i in _LIMBS if both[i]]
    return sum(math.hypot(q[0] - p[0] - dx, q[1] - p[1] - dy) > least for p, q in limbs)


def _centre(body: Body) -> Point:
    left, top, right, bottom = body.xyxy
    return (left + right) / 2, (top + bottom) / 2


def _apart(a: Point, b: Point) -> float:
    return math.hypot(a[0] - b[0], a[1] - b[1])
