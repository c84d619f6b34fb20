"""From a story's steps to what an actor does at a moment."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from itertools import pairwise
from math import atan2, hypot, radians

from dashboard.source.simulated.checked import Place
from dashboard.source.simulated.moment import Moment
from dashboard.source.simulated.motions import MOTIONS
from dashboard.source.simulated.skeleton import Posture, mixed
from dashboard.source.simulated.steps import ACTIONS, PATH
from dashboard.source.simulated.story import Actor, Step

BLEND_S = 0.6


@dataclass(frozen=True)
class Segment:
    """One step placed in time (seconds of the timeline) and space."""

    step: Step
    start: float
    end: float
    places: tuple[Place, ...]
    marks_m: tuple[float, ...]
    yaw: float

    @property
    def length_m(self) -> float:
        return self.marks_m[-1]

    def along(self, gone_m: float) -> Place:
        """The place after `gone_m` metres of the way."""
        n = min(max(bisect_right(self.marks_m, gone_m) - 1, 0), len(self.places) - 2)
        if len(self.places) < 2:
            return self.places[0]
        a, b = self.places[n], self.places[n + 1]
        length = self.marks_m[n + 1] - self.marks_m[n]
        part = (gone_m - self.marks_m[n]) / length if length > 0 else 1.0
        part = min(max(part, 0.0), 1.0)
        return a[0] + (b[0] - a[0]) * part, a[1] + (b[1] - a[1]) * part


@dataclass(frozen=True)
class Timeline:
    """All segments of an actor. Story time t maps to timeline time by `local`."""

    actor: Actor
    segments: tuple[Segment, ...]
    story_s: float

    def local(self, t: float) -> float | None:
        """Timeline seconds at story time t; None when the actor is not there."""
        since = t - self.actor.start_s
        total = self.segments[-1].end
        if self.actor.repeat:
            return since % total
        return since if 0 <= since < total else None

    def segment(self, tau: float) -> Segment:
        """What is going on at timeline time tau."""
        starts = [s.start for s in self.segments]
        return self.segments[max(0, bisect_right(starts, tau) - 1)]

    def before(self, segment: Segment) -> Segment | None:
        """The segment before one; the last one for the first of a repeated actor."""
        n = self.segments.index(segment)
        if n:
            return self.segments[n - 1]
        return self.segments[-1] if self.actor.repeat else None

    def place(self, segment: Segment, tau: float) -> tuple[Place, float, float]:
        """Place, heading and metres gone at timeline time tau of a segment."""
        span = segment.end - segment.start
        if segment.length_m <= 0 or ACTIONS.get(segment.step.action, ("", ""))[0] == "either":
            return segment.places[0], segment.yaw, 0.0
        gone = segment.length_m * min(max((tau - segment.start) / span, 0.0), 1.0)
        here = segment.along(gone)
        back, ahead = segment.along(gone - 0.22), segment.along(gone + 0.22)
        return here, atan2(ahead[1] - back[1], ahead[0] - back[0]), gone


def build_timeline(actor: Actor, story_s: float) -> Timeline:
    """Places an actor's steps one after the other."""
    segments: list[Segment] = []
    here, tau, yaw = actor.at, 0.0, radians(actor.face_deg)
    for step in actor.steps:
        places = (here, *step.path)
        marks = [0.0]
        for a, b in pairwise(places):
            marks.append(marks[-1] + hypot(b[0] - a[0], b[1] - a[1]))
        if step.face_deg is not None:
            yaw = radians(step.face_deg)
        length = marks[-1] / step.speed_m_s if step.path and step.for_s == 0.0 else step.for_s
        end = (
            tau + max(length, 0.05) if length is not None else max(tau + 0.05, story_s + 1.0 - actor.start_s)
        )
        segments.append(Segment(step, tau, end, places, tuple(marks), yaw))
        if step.path:
            last = next((a for a in reversed(places[:-1]) if a != places[-1]), places[0])
            yaw = atan2(places[-1][1] - last[1], places[-1][0] - last[0])
            here = places[-1]
        tau = end
    return Timeline(actor, tuple(segments), story_s)


def posture_at(timeline: Timeline, t: float, seed: float) -> tuple[Posture, Segment, float] | None:
    """A person's posture at story time t with the segment and the timeline time; None when not there."""
    tau = timeline.local(t)
    if tau is None:
        return None
    segment = timeline.segment(tau)
    posture = _posture(timeline, segment, tau, seed)
    before = timeline.before(segment)
    since = tau - segment.start
    if before is not None and since < BLEND_S:
        last = _posture(timeline, before, before.end, seed)
        share = since / BLEND_S
        share = share * share * (3 - 2 * share)
        blended = mixed(last, posture, share)
        if ACTIONS[segment.step.action][0] == PATH:
            # Whoever starts to walk or swim is where the way says from the first moment on.
            blended = blended._replace(x=posture.x, y=posture.y)
        posture = blended
    return posture, segment, tau


def _posture(timeline: Timeline, segment: Segment, tau: float, seed: float) -> Posture:
    actor, step = timeline.actor, segment.step
    (x, y), yaw, gone = timeline.place(segment, tau)
    moment = Moment(
        kind=actor.kind,
        height_m=actor.height_m,
        seed=seed,
        tau=tau - segment.start,
        length_s=segment.end - segment.start,
        x=x,
        y=y,
        yaw=yaw,
        gone_m=gone,
        speed_m_s=step.speed_m_s,
        to=step.path[-1] if step.path else None,
        stroke=step.stroke,
        gesture=step.gesture,
        depth_m=step.depth_m,
        struggle_s=step.struggle_s,
        hold=step.hold,
    )
    return MOTIONS[step.action](moment)
