"""The recordings' site: a pipeline per camera, and the events that seeing and tracking know of."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from dashboard.commands.replaying import visits
from dashboard.commands.replaying.recordings import Ended, Happening
from dashboard.commands.replaying.visits import Presence
from dashboard.monitor.pipeline import CameraPipeline
from dashboard.settings import RuleSettings
from dashboard.values import Blind, Event, Frame, Level, Observation, Zone, ZoneKind


@dataclass
class Camera:
    """One camera of the site and how far its recording has come."""

    pipeline: CameraPipeline
    boundaries: list[Presence]
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
    settings: RuleSettings
    warnings: list[str] = field(default_factory=list)
    _ended: list[Event] = field(default_factory=list)

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
        if isinstance(tick, Blind):
            detail = {"reason": tick.reason, "silent_s": round(tick.silent_s, 3)}
            return Moment(None, observation, (_camera_event("camera_blind", tick.camera, tick.t, detail),))
        camera.step_s = tick.t - camera.last_t if camera.frames else 0.0
        camera.frames, camera.last_t = camera.frames + 1, tick.t
        return Moment(tick, observation, self._judged(camera, observation))

    def _judged(self, camera: Camera, observation: Observation) -> tuple[Event, ...]:
        events: list[Event] = []
        for i, boundary in enumerate(camera.boundaries):
            camera.boundaries[i], new = visits.step(boundary, observation, self.settings)
            events += new
        return tuple(events)

    def _end(self, end: Ended) -> tuple[Event, ...]:
        """A recording that is cut short is a camera gone; a whole one is that only while others go on."""
        reason = end.why or "the recording has ended"
        event = _camera_event("camera_offline", end.camera, end.t, {"reason": reason})
        if end.why:
            self.warnings.append(f"{end.camera}: {end.why}; what there is was watched")
            return (event,)
        self._ended.append(event)
        return ()


def boundaries_of(zones: Sequence[Zone]) -> list[Presence]:
    """An empty visitors' book for each boundary."""
    return [Presence(zone) for zone in zones if zone.kind is ZoneKind.BOUNDARY]


def _camera_event(kind: str, camera: str, t: float, detail: Mapping[str, object]) -> Event:
    return Event(t, camera, kind, Level.NOTICE, detail=detail)
