"""The judge of a site: every rule over every camera's observations. Pure: state in, state and events out.

`judge_step` takes an observation, `judge_time` the passing of time without one, `judge_mode` somebody's
wish for another mode, `judge_forget` somebody's word that a person is safe. Times of all cameras are of
one clock and never go back here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Protocol

from dashboard.rules import (
    adult_arrives,
    animals,
    danger_pose,
    entry,
    head_count,
    last_adult,
    ledger,
    modes,
    motionless,
    objects,
    responsible,
    submersion,
    visibility,
)
from dashboard.rules.context import NO_HOOKS, Context, Hooks
from dashboard.rules.modes import ModeState, SetMode
from dashboard.rules.on_all_fours import NO_STANCES, Stances, sorted_out
from dashboard.rules.people import Ledger
from dashboard.rules.templates import CUSTOM, WATER_RULES, Template
from dashboard.rules.world import World
from dashboard.values import Event, Mode, Observation, Verdict, ZoneKind

# A clip's file keeps a thousandth of a second.
_JUST_NOW_S = 0.0006


class _Step(Protocol):
    def __call__(
        self, state: Any, observation: Observation | None, context: Context, /
    ) -> tuple[Any, tuple[Verdict, ...]]: ...


@dataclass(frozen=True)
class Rule:
    """One rule: its name, its first state, its step; whether it goes on while paused."""

    name: str
    first: object
    step: _Step
    while_paused: bool = False


RULES: tuple[Rule, ...] = (
    Rule("entry", entry.EntryState(), entry.step, while_paused=True),
    Rule("adult_arrives", adult_arrives.ArrivalState(), adult_arrives.step),
    Rule("last_adult", last_adult.LeavingState(), last_adult.step),
    Rule("submersion", submersion.SubmersionState(), submersion.step),
    Rule("head_count", head_count.HeadCountState(), head_count.step),
    Rule("danger_pose", danger_pose.DangerState(), danger_pose.step),
    Rule("motionless", motionless.MotionlessState(), motionless.step),
    Rule("responsible", responsible.ResponsibleState(), responsible.step),
    Rule("visibility", visibility.VisibilityState(), visibility.step, while_paused=True),
    Rule("objects", objects.ObjectsState(), objects.step, while_paused=True),
    Rule("animals", animals.AnimalsState(), animals.step),
)


@dataclass(frozen=True)
class Site:
    """What is judged. `templates` by zone name; a zone without one has every rule."""

    world: World = field(default_factory=World)
    templates: Mapping[str, Template] = field(default_factory=dict)

    def template(self, zone: str | None) -> Template:
        """The template of a place."""
        return CUSTOM if zone is None else self.templates.get(zone, CUSTOM)

    def runs(self, rule: str, verdict: Verdict) -> bool:
        """Whether a rule's verdict counts at its place. Where a camera sees water, what is looked for
        there counts whatever the ground beside it is: somebody's last place may be the deck."""
        if rule in self.template(verdict.zone).rules:
            return True
        zones = self.world.zones
        return rule in WATER_RULES and any(
            zone.kind is ZoneKind.WATER and zone.camera == verdict.camera for zone in zones
        )


@dataclass(frozen=True)
class JudgeState:
    """All that the judge knows at `t`."""

    site: Site
    t: float
    mode: ModeState
    ledger: Ledger = field(default_factory=Ledger)
    stances: Stances = NO_STANCES
    rules: Mapping[str, object] = field(default_factory=lambda: {rule.name: rule.first for rule in RULES})


def judge_start(site: Site, mode: Mode, t: float) -> JudgeState:
    """The judge who knows nothing yet."""
    return JudgeState(site, t, ModeState(mode, t, modes.TIMER, "start"))


def judge_step(
    state: JudgeState, observation: Observation, hooks: Hooks = NO_HOOKS
) -> tuple[JudgeState, tuple[Event, ...]]:
    """Take in one camera's observation. A late one (older than that camera's newest) only lets time pass."""
    t = max(state.t, observation.t)
    known = state.ledger.cameras.get(observation.camera)
    if known is not None and observation.t <= known.t:
        return _judged(state, t, None, hooks)
    stances, people = sorted_out(state.stances, observation, state.site.world)
    return _judged(replace(state, stances=stances), t, people, _with_poses(hooks, people))


def judge_time(state: JudgeState, t: float) -> tuple[JudgeState, tuple[Event, ...]]:
    """Time passes without an observation: what is due becomes due, also when every camera is silent."""
    return _judged(state, max(state.t, t), None, NO_HOOKS)


def judge_mode(state: JudgeState, command: SetMode, t: float) -> tuple[JudgeState, tuple[Event, ...]]:
    """Change the mode. ModeError, and nothing changed, when that is not allowed."""
    t = max(state.t, t)
    mode, told = modes.change(state.mode, command, t, state.site.world.settings)
    events = () if told is None else (_event(told, t),)
    return replace(state, mode=mode, t=t), events


def judge_forget(state: JudgeState, person: int) -> JudgeState:
    """Somebody looked: this person is safe, or never was there. Ends their countdown; no alarm."""
    return replace(state, ledger=ledger.forget(state.ledger, person))


def context_of(state: JudgeState, hooks: Hooks = NO_HOOKS) -> Context:
    """What the rules would see now; for pages that show countdowns and people."""
    return Context(state.t, state.mode, state.ledger, state.site.world, hooks)


def _with_poses(hooks: Hooks, observation: Observation) -> Hooks:
    """With what seeing has just said of the poses; an older word was heard before."""
    said = {
        (observation.camera, track.id): track.danger
        for track in observation.people or ()
        if track.danger is not None and track.danger.age_s <= _JUST_NOW_S
    }
    return replace(hooks, danger={**said, **hooks.danger}) if said else hooks


def _judged(
    state: JudgeState, t: float, observation: Observation | None, hooks: Hooks
) -> tuple[JudgeState, tuple[Event, ...]]:
    mode, told = modes.tick(state.mode, t)
    events = [] if told is None else [_event(told, t)]
    book = state.ledger
    if observation is not None:
        book = ledger.step(book, observation, state.site.world, _hidden_gone(mode, state.site))
    state = replace(state, t=t, mode=mode, ledger=book)
    state, verdicts = _ruled(state, observation, hooks)
    for verdict in verdicts:
        if verdict.kind == last_adult.MODE_RETURN:
            state, changed = _returned(state)
            events += changed
        else:
            events.append(_event(verdict, t))
    return state, tuple(events)


def _ruled(
    state: JudgeState, observation: Observation | None, hooks: Hooks
) -> tuple[JudgeState, list[Verdict]]:
    context = context_of(state, hooks)
    rules = dict(state.rules)
    verdicts: list[Verdict] = []
    for rule in RULES:
        if state.mode.mode is Mode.PAUSED and not rule.while_paused:
            continue
        rules[rule.name], found = rule.step(rules[rule.name], observation, context)
        verdicts += [v for v in found if state.site.runs(rule.name, v)]
    return replace(state, rules=rules), verdicts


def _returned(state: JudgeState) -> tuple[JudgeState, list[Event]]:
    command = SetMode(Mode.WATCH, modes.TIMER, "nobody was left")
    mode, told = modes.change(state.mode, command, state.t, state.site.world.settings)
    return replace(state, mode=mode), [] if told is None else [_event(told, state.t)]


def _hidden_gone(mode: ModeState, site: Site) -> bool:
    """Somebody hidden on deck is missing only where heads are counted."""
    return not (mode.mode is Mode.SUPERVISED and site.world.has_water())


def _event(verdict: Verdict, t: float) -> Event:
    return Event(t, verdict.camera, verdict.kind, verdict.level, verdict.person, verdict.zone, verdict.detail)
