"""Danger pose: a classifier's score over time for each person, with hysteresis; never one frame."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from dashboard.rules.context import Context
from dashboard.rules.people import Person
from dashboard.rules.raising import NOTHING_RAISED, Raised, raised
from dashboard.values import Level, Observation, Verdict

# Scores further apart do not speak of the same time.
_GAP_S = 1.0


@dataclass(frozen=True)
class Danger:
    """High since when, the time of the last score, how many scores, the last one."""

    since: float
    t: float
    count: int
    score: float


@dataclass(frozen=True)
class DangerState:
    """The people whose scores are high."""

    high: Mapping[int, Danger] = field(default_factory=dict)
    raised: Raised = NOTHING_RAISED


def step(
    state: DangerState, observation: Observation | None, context: Context
) -> tuple[DangerState, tuple[Verdict, ...]]:
    """danger_pose: alert, and emergency when it goes on in the water."""
    high = {
        p.id: danger
        for p in context.here()
        if (danger := _danger(state.high.get(p.id), p, context)) is not None
    }
    settings = context.settings
    lasting = {n: d for n, d in high.items() if d.count > 2 and d.t - d.since >= settings.danger_s - 1e-6}
    present = [_verdict(context.ledger.people[n], d, context) for n, d in lasting.items()]
    told, new = raised(state.raised, present, context.t, settings.rearm_s)
    return DangerState(high, told), new


def _danger(before: Danger | None, person: Person, context: Context) -> Danger | None:
    settings, t = context.settings, context.t
    score = context.hooks.danger.get((person.camera, person.sight.track))
    if score is None:
        return before if before is not None and t - before.t <= _GAP_S else None
    going_on = before is not None and t - before.t <= _GAP_S + 1e-6
    if before is None or not going_on:
        return Danger(t, t, 1, score) if score >= settings.danger_on else None
    if score < settings.danger_off:
        return None
    return Danger(before.since, t, before.count + 1, score)


def _verdict(person: Person, danger: Danger, context: Context) -> Verdict:
    lasted_s = danger.t - danger.since
    grave = person.in_water and lasted_s >= context.settings.danger_emergency_s - 1e-6
    detail = {"score": round(danger.score, 3), "lasted_s": round(lasted_s, 2)}
    level = Level.EMERGENCY if grave else Level.ALERT
    return Verdict("danger_pose", level, person.camera, person.id, person.place, detail)
