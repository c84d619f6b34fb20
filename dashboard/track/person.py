"""One person as the tracker remembers them, and the evidence that they are one."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from dashboard.settings import TrackSettings
from dashboard.track import motion
from dashboard.track.motion import Motion, Reals
from dashboard.values import Detection, Floats, Pose, Track, TrackState

_APPEARANCE_MEMORY = 0.9


@dataclass(eq=False)
class Person:
    """Mutable, owned by one Tracker. `id` is negative until the person is confirmed.

    `evidence` is in seconds of full score; `looks` counts findings; `missed_t` is the first look after
    `seen_t` that did not find them, None while they are seen.
    """

    id: int
    motion: Motion
    seen_place: Reals
    first_t: float
    seen_t: float
    score: float
    evidence: float = 0.0
    looks: int = 1
    missed_t: float | None = None
    confirmed: bool = False
    pose: Pose | None = None
    pose_t: float | None = None
    appearance: Floats | None = None

    def state(self, t: float, settings: TrackSettings) -> TrackState:
        """Tentative, confirmed (seen, or bridged over a short gap) or lost, as of `t`."""
        if not self.confirmed:
            return TrackState.TENTATIVE
        bridged = self.missed_t is None or t - self.seen_t <= settings.lost_after_s
        return TrackState.CONFIRMED if bridged else TrackState.LOST

    def as_track(self, t: float, settings: TrackSettings, place: Reals, speed: Reals) -> Track:
        """The value that leaves the room, with the box `place` (4,) as of `t`."""
        left, top, right, bottom = (float(v) for v in motion.to_xyxy(place))
        faded = self.score * math.exp(-max(t - self.seen_t, 0.0) / settings.lost_keep_s)
        return Track(
            id=self.id,
            xyxy=(left, top, right, bottom),
            velocity=(float(speed[0]), float(speed[1])),
            score=faded,
            state=self.state(t, settings),
            first_t=self.first_t,
            seen_t=self.seen_t,
            pose=self.pose,
            pose_t=self.pose_t,
        )


def newcomer(identity: int, found: Detection, t: float, interval_s: float, settings: TrackSettings) -> Person:
    """A person seen for the first time; `interval_s` is the time since the look before."""
    place = motion.to_place(found.xyxy)
    person = Person(
        id=identity,
        motion=motion.begin(place, t, settings, found.score),
        seen_place=place,
        first_t=t,
        seen_t=t,
        score=found.score,
        evidence=_gain(found.score, interval_s, settings),
    )
    _remember(person, found, t)
    return person


def see(person: Person, found: Detection, t: float, settings: TrackSettings, alone: float = 1.0) -> None:
    """Take a finding into the person's memory. `alone` (0 to 1): how little it could be another's double."""
    place = motion.to_place(found.xyxy)
    elapsed = t - person.seen_t
    if person.missed_t is None:
        person.motion = motion.update(person.motion, place, t, settings, found.score)
    else:
        person.motion = motion.update_after_gap(
            person.motion, person.seen_place, place, t, settings, found.score
        )
    keep = math.exp(-elapsed / settings.score_memory_s)
    person.score = keep * person.score + (1 - keep) * found.score
    person.evidence += alone * _gain(found.score, elapsed, settings)
    person.looks += 1
    person.seen_place, person.seen_t, person.missed_t = place, t, None
    _remember(person, found, t)


def miss(person: Person, t: float, interval_s: float, settings: TrackSettings) -> None:
    """A look at `t` did not find the person."""
    if person.missed_t is None:
        person.missed_t = t
    if not person.confirmed:
        person.evidence -= settings.fade * min(interval_s, settings.look_s)


def convinced(person: Person, settings: TrackSettings) -> bool:
    """Whether the evidence is enough to call this a person; one look never is."""
    return person.looks >= 2 and person.evidence >= settings.confirm_s - 1e-9


def _gain(score: float, interval_s: float, settings: TrackSettings) -> float:
    strength = (score - settings.neutral_score) / (1 - settings.neutral_score)
    return max(strength, 0.0) * min(max(interval_s, 0.0), settings.look_s)


def _remember(person: Person, found: Detection, t: float) -> None:
    if found.pose is not None:
        person.pose, person.pose_t = found.pose, t
    if found.appearance is None:
        return
    if person.appearance is None or person.appearance.shape != found.appearance.shape:
        person.appearance = found.appearance
        return
    mixed = _APPEARANCE_MEMORY * person.appearance + (1 - _APPEARANCE_MEMORY) * found.appearance
    person.appearance = (mixed / max(float(np.linalg.norm(mixed)), 1e-9)).astype(np.float32)
