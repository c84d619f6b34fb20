"""One person as the tracker remembers them, and the evidence that they are one."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from dashboard.settings import TrackSettings
from dashboard.track import motion
from dashboard.track.motion import Motion, Reals
from dashboard.values import Detection, Floats, Pose, Track, TrackState

FOLLOWED = "follow"


@dataclass(eq=False)
class Person:
    """Mutable, owned by one Tracker. `id` is negative until the person is confirmed.

    `evidence` is in seconds of full score, `found_t` the last time that a searcher (not the following of
    the person's own skeleton) found them; `lively` once they moved or were foreground. `missed_t` is the
    first look after `seen_t` that did not find them, None while they are seen.
    """

    id: int
    motion: Motion
    seen_place: Reals
    first_t: float
    seen_t: float
    score: float
    first_place: Reals
    found_t: float
    evidence: float = 0.0
    looks: int = 1
    lively: bool = False
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


def newcomer(
    identity: int, found: Detection, t: float, interval_s: float, lively: bool, settings: TrackSettings
) -> Person:
    """A person seen for the first time; `interval_s` is the time since the look before."""
    place = motion.to_place(found.xyxy)
    person = Person(
        id=identity,
        motion=motion.begin(place, t, settings, found.score),
        seen_place=place,
        first_t=t,
        seen_t=t,
        score=found.score,
        first_place=place,
        found_t=t - interval_s,
        lively=lively,
    )
    _weigh(person, found, t, 1.0, settings)
    _remember(person, found, t, interval_s, settings)
    return person


def see(
    person: Person,
    found: Detection,
    t: float,
    lively: bool,
    alone: float,
    crowded: bool,
    settings: TrackSettings,
) -> None:
    """Take a finding into the person's memory. `lively`: it is foreground; `alone` (0 to 1): how little it
    could be another's double; `crowded`: another's colours are mixed in."""
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
    moved = np.hypot(*(place[:2] - person.first_place[:2])) / motion.size_of(place)
    person.lively = person.lively or lively or bool(moved >= settings.moved_sizes)
    _weigh(person, found, t, alone, settings)
    person.looks += 1
    person.seen_place, person.seen_t, person.missed_t = place, t, None
    _remember(person, found, t, elapsed if not crowded else 0.0, settings)


def miss(person: Person, t: float, interval_s: float, settings: TrackSettings) -> None:
    """A look at `t` did not find the person."""
    if person.missed_t is None:
        person.missed_t = t
    if not person.confirmed:
        _fade(person, interval_s, settings)
        person.evidence -= settings.fade * min(interval_s, settings.look_s)


def convinced(person: Person, settings: TrackSettings) -> bool:
    """Whether the evidence is enough to call this a person; one look never is."""
    return person.looks >= 2 and person.evidence >= settings.confirm_s - 1e-9


def _weigh(person: Person, found: Detection, t: float, alone: float, settings: TrackSettings) -> None:
    """Count a finding as evidence. Following looks only where it is told to: it says where a person is,
    never that there is one."""
    if person.confirmed:
        return
    _fade(person, t - person.seen_t, settings)
    if found.finder == FOLLOWED:
        return
    neutral = settings.neutral_score if person.lively else settings.still_score
    strength = (found.score - neutral) / (1 - neutral)
    worth_s = min(max(t - person.found_t, 0.0), settings.look_s)
    person.evidence = max(0.0, person.evidence + min(strength, strength * alone) * worth_s)
    person.found_t = t


def _fade(person: Person, interval_s: float, settings: TrackSettings) -> None:
    person.evidence *= math.exp(-max(interval_s, 0.0) / settings.evidence_s)


def _remember(person: Person, found: Detection, t: float, interval_s: float, settings: TrackSettings) -> None:
    if found.pose is not None:
        person.pose, person.pose_t = found.pose, t
    if found.appearance is None:
        return
    if person.appearance is None or person.appearance.shape != found.appearance.shape:
        person.appearance = found.appearance
        return
    keep = math.exp(-interval_s / settings.appearance_s)
    mixed = keep * person.appearance + (1 - keep) * found.appearance
    person.appearance = (mixed / max(float(np.linalg.norm(mixed)), 1e-9)).astype(np.float32)
