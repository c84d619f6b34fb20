"""The recordings' site: a pipeline per camera, and one judge over all of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from dashboard.commands.replaying.recordings import Ended, Happening
from dashboard.monitor.pipeline import CameraPipeline
from dashboard.rules.judge import JudgeState, judge_step, judge_time
from dashboard.rules.visibility import OFFLINE
from dashboard.values import Blind, Event, Frame, Level, Observation

# The judge is told the time at least this often, as a live one is, also where recordings have gaps.
_TIME_STEP_S = 0.25


@dataclass
class Camera:
    """One camera of the site and how far its recording has come."""

    pipeline: CameraPipeline
    frames: int = 0
    last_t: float = 0.0
    step_s: float = 0.0


@dataclass(frozen=True, eq=False)
class Moment:
    """What one happening led to; `frame` and `observation` are None for an end."""

    frame: Frame | None
    observation: Observation | None
    events: tuple[Event, ...]


@dataclass
class Site:
    """All cameras. `moments` drives them; afterwards the counts tell how much was seen."""

    cameras: Mapping[str, Camera]
    judge: JudgeState
    warnings: list[str] = field(default_factory=list)
    _ended: list[Event] = field(default_factory=list)
    _over: set[str] = field(default_factory=set)

    def moments(self, happenings: Iterator[Happening]) -> Iterator[Moment]:
        """Take in what happens, one by one, in the order of time."""
        for happening in happenings:
            if isinstance(happening, Ended):
                yield Moment(None, None, self._end(happening))
                continue
            late = tuple(self._ended)
            self._ended.clear()
            moment = self._take(happening)
            yield Moment(moment.frame, moment.observation, late + moment.events)

    @property
    def frames(self) -> int:
        """Frames of all cameras."""
        return sum(camera.frames for camera in self.cameras.values())

    @property
    def video_s(self) -> float:
        """The length of the longest recording."""
        return max((c.last_t + c.step_s for c in self.cameras.values()), default=0.0)

    def _take(self, tick: Frame | Blind) -> Moment:
        camera = self.cameras[tick.camera]
        observation = camera.pipeline.process(tick)
        events = [*self._pass_time(tick.t), *self._judged(observation)]
        if isinstance(tick, Blind):
            return Moment(None, observation, tuple(events))
        camera.step_s = tick.t - camera.last_t if camera.frames else 0.0
        camera.frames, camera.last_t = camera.frames + 1, tick.t
        return Moment(tick, observation, tuple(events))

    def _pass_time(self, until_t: float) -> list[Event]:
        events: list[Event] = []
        while self.judge.t + _TIME_STEP_S < until_t:
            self.judge, new = judge_time(self.judge, self.judge.t + _TIME_STEP_S)
            events += self._wanted(new)
        return events

    def _judged(self, observation: Observation) -> list[Event]:
        self.judge, events = judge_step(self.judge, observation)
        return self._wanted(events)

    def _wanted(self, events: Sequence[Event]) -> list[Event]:
        """That a recording's end is a camera gone was said when it ended."""
        return [e for e in events if e.kind != OFFLINE or e.camera not in self._over]

    def _end(self, end: Ended) -> tuple[Event, ...]:
        """A recording that is cut short is a camera gone; a whole one is that only while others go on."""
        reason = end.why or "the recording has ended"
        event = Event(end.t, end.camera, OFFLINE, Level.ALERT, detail={"reason": reason})
        self._over.add(end.camera)
        if end.why:
            self.warnings.append(f"{end.camera}: {end.why}; what there is was watched")
            return (event,)
        self._ended.append(event)
        return ()
