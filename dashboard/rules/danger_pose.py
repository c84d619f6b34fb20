"""Danger pose: a classifier's word over time for each person, with hysteresis; never one look.

It is learnt from acted drowning and is wrong now and then, so alone it asks for a look (alert). The siren
follows where it goes on in the water and either nobody is responsible (the mode is Watch) or it is sure.
Whoever makes way does not drown: nothing is said of somebody who has come along since it began.
Somebody who drowns bobs: sinks, comes up, presses down with the arms, hangs still for a moment (Pia 1974).
A second of hanging still looks harmless, so a short pause stops the count of the seconds and does not begin
it anew.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from dashboard.rules.context import Context
from dashboard.rules.people import Person
from dashboard.rules.raising import NOTHING_RAISED, Raised, raised
from dashboard.values import Level, Mode, Observation, PoseDanger, Verdict, ZoneKind

# Scores further apart do not speak of the same time.
_GAP_S = 1.0


@dataclass(frozen=True)
class Danger:
    """High since when, the time of the last high score, for how many seconds it was high, whether a lower
    score came after it; how many scores there were and their sum; what was last said; where on the picture
    it began."""

    since: float
    t: float
    lasted_s: float
    paused: bool
    count: int
    total: float
    said: PoseDanger
    began_at: tuple[float, float]


@dataclass(frozen=True)
class Word:
    """The newest word on somebody's pose and when it was said."""

    t: float
    said: PoseDanger


@dataclass(frozen=True)
class DangerState:
    """The people whose scores are high, and the newest word on everybody."""

    high: Mapping[int, Danger] = field(default_factory=dict)
    words: Mapping[int, Word] = field(default_factory=dict)
    raised: Raised = NOTHING_RAISED


def step(
    state: DangerState, observation: Observation | None, context: Context
) -> tuple[DangerState, tuple[Verdict, ...]]:
    """danger_pose: alert, and emergency when it goes on in the water and is sure or nobody watches."""
    here = [p for p in context.here() if _counts(p, context)]
    words = {p.id: word for p in here if (word := _word(state.words.get(p.id), p, context)) is not None}
    high = {
        p.id: danger
        for p in here
        if (danger := _danger(state.high.get(p.id), words.get(p.id), p, context)) is not None
    }
    settings = context.settings
    people = context.ledger.people
    lasting = {n: d for n, d in high.items() if d.count > 2 and d.lasted_s >= settings.danger_s - 1e-6}
    present = [
        _verdict(people[n], d, context)
        for n, d in lasting.items()
        if _way_s(people[n], d) < settings.danger_way
    ]
    told, new = raised(state.raised, present, context.t, settings.rearm_s)
    return DangerState(high, words, told), new


def _counts(person: Person, context: Context) -> bool:
    """Whether a pose can mean drowning: in the water, or where nobody has said where the water is."""
    zones = context.world.zones
    return person.in_water or not any(z.kind is ZoneKind.WATER and z.camera == person.camera for z in zones)


def _word(before: Word | None, person: Person, context: Context) -> Word | None:
    said = context.hooks.danger.get((person.camera, person.sight.track))
    if said is not None:
        return Word(context.t, said)
    return before if before is not None and context.t - before.t <= _GAP_S + 1e-6 else None


def _danger(before: Danger | None, word: Word | None, person: Person, context: Context) -> Danger | None:
    settings, t = context.settings, context.t
    if before is not None and t - before.t > settings.danger_pause_s + 1e-6:
        before = None
    if word is None or word.t < t or word.said.score is None:
        return before
    score = word.said.score
    if before is None:
        begins = score >= settings.danger_on
        return Danger(t, t, 0.0, False, 1, score, word.said, _middle(person)) if begins else None
    after = replace(before, count=before.count + 1, total=before.total + score)
    if score < settings.danger_off:
        return replace(after, paused=True)
    gap_s = t - before.t
    more_s = 0.0 if before.paused or gap_s > _GAP_S + 1e-6 else gap_s
    return replace(after, t=t, lasted_s=before.lasted_s + more_s, paused=False, said=word.said)


def _middle(person: Person) -> tuple[float, float]:
    left, top, right, bottom = person.sight.body.xyxy
    return (left + right) / 2, (top + bottom) / 2


def _way_s(person: Person, danger: Danger) -> float:
    """The way made since it began, in lengths of the body a second. Bobbing up and down is no way."""
    left, top, right, bottom = person.sight.body.xyxy
    size = max(right - left, bottom - top, 1.0)
    return math.dist(_middle(person), danger.began_at) / size / max(danger.t - danger.since, 1e-6)


def _verdict(person: Person, danger: Danger, context: Context) -> Verdict:
    settings, lasted_s = context.settings, danger.lasted_s
    usual = danger.total / danger.count
    unwatched = context.mode.mode is Mode.WATCH
    going_on = lasted_s >= settings.danger_emergency_s - 1e-6
    grave = person.in_water and going_on and (unwatched or usual >= settings.danger_sure)
    detail = {
        "score": round(usual, 3),
        "lasted_s": round(lasted_s, 2),
        "why": list(danger.said.why),
    }
    level = Level.EMERGENCY if grave else Level.ALERT
    return Verdict("danger_pose", level, person.camera, person.id, person.place, detail)
