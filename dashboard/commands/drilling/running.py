"""One drill: the story's pictures through the live pipeline and the judge, in the story's own time."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from dashboard.commands.drilling.stories import Drill
from dashboard.monitor.pipeline import CameraPipeline
from dashboard.rules.context import SEEN_NOW_S
from dashboard.rules.judge import JudgeState, Site, judge_start, judge_step, judge_time
from dashboard.rules.people import Person
from dashboard.rules.scale import Scale
from dashboard.rules.world import World as Places
from dashboard.settings import Settings
from dashboard.source.simulated import TruePerson, World
from dashboard.source.simulated.zones import story_ground, story_zones
from dashboard.values import Event, Frame, Level, Mode, Observation, ZoneKind

CAMERA, VIEW = "drill", "overview"
# Who is not found this long after the limit is not found.
_GIVE_UP_S = 20.0
_STEP_S = 0.1


@dataclass(frozen=True)
class Outcome:
    """What came of one drill. `delay_s`: from the limit after the head went under to the emergency about
    that person, None when there was none. `false_kinds`: emergencies about nobody in danger. `safe_s`:
    seconds of video in which nobody was in danger."""

    number: int
    victim: bool
    delay_s: float | None = None
    false_kinds: tuple[str, ...] = ()
    safe_s: float = 0.0
    video_s: float = 0.0


@dataclass
class _Tally:
    false_kinds: list[str] = field(default_factory=list)
    found_t: float | None = None


def run_drill(
    drill: Drill, make: Callable[[], CameraPipeline], fps: float, settings: Settings, size_wh: tuple[int, int]
) -> Outcome:
    """Judges in supervised mode. Deterministic."""
    world = World(drill.story)
    under_t = _under_t(world, drill, size_wh)
    limit_s = settings.rules.submersion_limit_s
    until = drill.story.duration_s if under_t is None else under_t + limit_s + _GIVE_UP_S
    zones = story_zones(CAMERA, f"story:{VIEW}")
    ground = story_ground(f"story:{VIEW}")
    scales = () if ground is None else (Scale(CAMERA, tuple(ground[0]), tuple(ground[1])),)
    state = judge_start(Site(Places(zones, scales, settings.rules)), Mode.SUPERVISED, 0.0)
    pipeline = make()
    # As live: a camera's worker is told where its water is.
    pipeline.water = tuple(zone for zone in zones if zone.kind is ZoneKind.WATER)
    tally, t = _Tally(), 0.0
    for observation in _observed(world, pipeline, fps, min(until, drill.story.duration_s), size_wh):
        t = observation.t
        state, events = _judged(state, observation)
        for event in events:
            _count(event, state, world, drill, under_t, tally, size_wh)
        if tally.found_t is not None:
            break
    found = under_t is not None and tally.found_t is not None
    delay_s = tally.found_t - under_t - limit_s if found and tally.found_t and under_t is not None else None
    safe_s = t if under_t is None else min(t, under_t)
    return Outcome(drill.number, drill.victim is not None, delay_s, tuple(tally.false_kinds), safe_s, t)


def _judged(state: JudgeState, observation: Observation) -> tuple[JudgeState, tuple[Event, ...]]:
    """Time goes on between pictures as it does live, and then comes the picture."""
    told: tuple[Event, ...] = ()
    while state.t + _STEP_S < observation.t - 1e-9:
        state, events = judge_time(state, state.t + _STEP_S)
        told += events
    state, events = judge_step(state, observation)
    return state, told + events


def _observed(
    world: World, pipeline: CameraPipeline, fps: float, until: float, size_wh: tuple[int, int]
) -> Iterator[Observation]:
    for n in range(int(until * fps)):
        t = n / fps
        yield pipeline.process(Frame(CAMERA, t, world.render(VIEW, t, size_wh), n + 1))


def _under_t(world: World, drill: Drill, size_wh: tuple[int, int]) -> float | None:
    """When the victim's head goes under for good."""
    if drill.victim is None:
        return None
    last = 0.0
    for n in range(int(drill.story.duration_s / _STEP_S)):
        t = n * _STEP_S
        if any(p.name == drill.victim and p.head_visible for p in world.truth(t, VIEW, size_wh).persons):
            last = t
    return last + _STEP_S


def _count(
    event: Event,
    state: JudgeState,
    world: World,
    drill: Drill,
    under_t: float | None,
    tally: _Tally,
    size_wh: tuple[int, int],
) -> None:
    if event.level is not Level.EMERGENCY:
        return
    about = _about(event, state, world, drill, size_wh)
    if under_t is not None and event.t >= under_t and about == drill.victim:
        tally.found_t = event.t
    else:
        tally.false_kinds.append(event.kind)


def _about(
    event: Event, state: JudgeState, world: World, drill: Drill, size_wh: tuple[int, int]
) -> str | None:
    """Whom this event is about: who was truly there where the judge last saw that person. When two were
    under at once and one came up, the judge counts heads and may mix up names: where whoever was there is
    seen now as somebody else, and the victim is not, it is the victim who is missing."""
    person = None if event.person is None else state.ledger.people.get(event.person)
    if person is None:
        return None
    named = _true_name(person, world, size_wh)
    others = [p for p in state.ledger.people.values() if p.id != person.id]
    seen = {_true_name(p, world, size_wh) for p in others if event.t - p.seen_t <= SEEN_NOW_S}
    return drill.victim if named in seen and drill.victim not in seen else named


def _true_name(person: Person, world: World, size_wh: tuple[int, int]) -> str | None:
    left, top, right, bottom = person.sight.body.xyxy
    x, y = (left + right) / 2, (top + bottom) / 2
    there = world.truth(person.seen_t, VIEW, size_wh).persons
    nearest = min(there, key=lambda p: _apart(p, x, y), default=None)
    return None if nearest is None else nearest.name


def _apart(person: TruePerson, x: float, y: float) -> float:
    left, top, right, bottom = person.xyxy
    return float(((left + right) / 2 - x) ** 2 + ((top + bottom) / 2 - y) ** 2)
