"""A recorded track judged again, as the live judge would: pure and deterministic."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from dashboard.rules import judge
from dashboard.rules.judge import JudgeState, context_of, judge_start, judge_step, judge_time
from dashboard.rules.submersion import Countdown, SubmersionState, countdowns
from dashboard.rules.templates import templates_of
from dashboard.rules.world import World
from dashboard.settings import Settings
from dashboard.values import Event, Level, Mode, Zone
from dashboard.whatif.track import Recorded, places, scales

# The judge is told the time at least this often, as a live one is.
_TIME_STEP_S = 0.2
# A mode that is paused judges nothing; what would it have alarmed?
_JUDGED_MODES = (Mode.WATCH, Mode.SUPERVISED)


@dataclass(frozen=True)
class Variant:
    """One way to judge: a name for people, the changed settings by key, and mode and zones where they are
    others than the track's own (None)."""

    name: str
    values: Mapping[str, Any]
    mode: Mode | None = None
    zones: tuple[Zone, ...] | None = None


@dataclass(frozen=True)
class Judged:
    """What a variant told, in order of time, and the countdowns that ran when the recording ended."""

    variant: Variant
    events: tuple[Event, ...]
    running: tuple[Countdown, ...]
    length_s: float

    @property
    def alarms(self) -> tuple[Event, ...]:
        """Without what is only written down."""
        return tuple(event for event in self.events if event.level is not Level.NOTICE)


def judged(track: Recorded, settings: Settings, variant: Variant) -> Judged:
    """The track under `settings` with the variant's values over them. SettingError names a value that
    cannot be."""
    state = _begun(track, settings.with_values(variant.values), variant)
    events: list[Event] = []
    for observation in track.observations:
        while state.t + _TIME_STEP_S < observation.t:
            state, new = judge_time(state, state.t + _TIME_STEP_S)
            events += new
        state, new = judge_step(state, observation)
        events += new
    return Judged(variant, tuple(events), _running(state), track.length_s)


def compared(track: Recorded, settings: Settings, variants: Sequence[Variant]) -> tuple[Judged, ...]:
    """Every variant's word on the same track."""
    return tuple(judged(track, settings, variant) for variant in variants)


def _begun(track: Recorded, settings: Settings, variant: Variant) -> JudgeState:
    zones = track.about.zones if variant.zones is None else variant.zones
    zones = tuple(replace(zone, camera=track.about.camera) for zone in zones)
    mode = track.about.mode if variant.mode is None else variant.mode
    # A pause judges nothing, and nothing is to be learnt from it.
    mode = mode if mode in _JUDGED_MODES else Mode.WATCH
    world = World(places(zones), scales(zones), settings.rules)
    return judge_start(judge.Site(world, templates_of(world.zones)), mode, 0.0)


def _running(state: JudgeState) -> tuple[Countdown, ...]:
    under = state.rules["submersion"]
    assert isinstance(under, SubmersionState)
    return tuple(c for c in countdowns(under, context_of(state)) if c.emergency_t > state.t)
