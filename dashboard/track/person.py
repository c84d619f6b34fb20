"""One person as the tracker remembers them, and the evidence that they are one."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from dashboard.geometry import Box
from dashboard.settings import TrackSettings
from dashboard.track import motion
from dashboard.track.looks import FOLLOWED
from dashboard.track.motion import Motion, Reals
from dashboard.values import Detection, Floats, Pose, Track, TrackState


@dataclass(frozen=True, eq=False)
class Look:
    """One finding for one person: its `place` (4,), whether it is foreground, whether another's box is
    mixed in, and how little (0 to 1) it could be an older person's double."""

    found: Detection
    place: Reals
    lively: bool
    crowded: bool = False
    alone: float = 1.0


@dataclass(eq=False)
class Person:
    """Mutable, owned by one Tracker. `id` is negative until the person is confirmed.

    `evidence` is in seconds of full score, as of `weighed_t`; `found_t` is the last time that a searcher
    (not the following of the person's own skeleton) found them; `lively` once they moved or were
    foreground. `missed_t` is the first look after `seen_t` that did not find them, None while seen.
    `doubled_s`: for how long they have looked like an older person's double. `head` (4,): the head's box when
    the person was seen last, `face` what the face detector said of it.
    """

    id: int
    motion: Motion
    first_place: Reals
    seen_place: Reals
    first_t: float
    seen_t: float
    found_t: float
    weighed_t: float
    score: float
    evidence: float = 0.0
    looks: int = 0
    lively: bool = False
    missed_t: float | None = None
    confirmed: bool = False
    doubled_s: float = 0.0
    pose: Pose | None = None
    pose_t: float | None = None
    appearance: Floats | None = None
    clear: float | None = None
    head: Reals | None = None
    face: float | None = None

    def state(self, t: float, settings: TrackSettings) -> TrackState:
        """Tentative, confirmed (seen, or bridged over a short gap) or lost, as of `t`."""
        if not self.confirmed:
            return TrackState.TENTATIVE
        bridged = self.missed_t is None or t - self.seen_t <= settings.lost_after_s
        return TrackState.CONFIRMED if bridged else TrackState.LOST

    def as_track(self, t: float, settings: TrackSettings, place: Reals, speed: Reals) -> Track:
        """The value that leaves the room, with the box `place` (4,) as of `t`."""
        left, top, right, bottom = motion.to_xyxy(place).tolist()
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
            clear=self.clear,
            head=self._head(place),
            face=self.face,
        )

    def _head(self, place: Reals) -> Box | None:
        if self.head is None:
            return None
        left, top, right, bottom = (self.head + np.tile(place[:2] - self.motion.place[:2], 2)).tolist()
        return left, top, right, bottom


def newcomer(identity: int, look: Look, t: float, interval_s: float, settings: TrackSettings) -> Person:
    """A person seen for the first time; `interval_s` is what this one look is worth at most."""
    person = Person(
        id=identity,
        motion=motion.begin(look.place, t, settings, look.found.score),
        first_place=look.place,
        seen_place=look.place,
        first_t=t,
        seen_t=t,
        found_t=t - interval_s,
        weighed_t=t,
        score=look.found.score,
    )
    see(person, look, t, settings)
    return person


def see(person: Person, look: Look, t: float, settings: TrackSettings) -> None:
    """Take a look into the person's memory; their motion is brought up to date by the caller."""
    elapsed_s = t - person.seen_t
    keep = math.exp(-elapsed_s / settings.score_memory_s)
    person.score = keep * person.score + (1 - keep) * look.found.score
    if not person.lively:
        across, down = look.place[:2] - person.first_place[:2]
        moved_sizes = math.hypot(across, down) / float(motion.size_of(look.place))
        person.lively = look.lively or moved_sizes >= settings.moved_sizes
    _weigh(person, look, t, settings)
    person.doubled_s = max(0.0, person.doubled_s + (elapsed_s if look.alone <= 0 else -elapsed_s))
    person.looks += 1
    person.seen_place, person.seen_t, person.missed_t = look.place, t, None
    person.clear = look.found.clear
    person.head = None if look.found.head is None else np.array(look.found.head)
    person.face = look.found.face
    if look.found.pose is not None:
        person.pose, person.pose_t = look.found.pose, t
    if look.found.appearance is not None:
        _dress(person, look.found.appearance, 0.0 if look.crowded else elapsed_s, settings)


def miss(person: Person, t: float, interval_s: float, settings: TrackSettings) -> None:
    """A look at `t` did not find the person."""
    if person.missed_t is None:
        person.missed_t = t
    if not person.confirmed:
        _fade(person, t, settings)
        person.evidence -= settings.fade * min(interval_s, settings.look_s)


def convinced(person: Person, settings: TrackSettings) -> bool:
    """Whether the evidence is enough to call this a person; one look never is."""
    return person.looks >= 2 and person.evidence >= settings.confirm_s - 1e-9


def _weigh(person: Person, look: Look, t: float, settings: TrackSettings) -> None:
    """Count a finding as evidence. Following looks only where it is told to: of something that never moved
    it says where it is, not that it is a person; a skeleton that moves along counts in part."""
    if person.confirmed:
        return
    _fade(person, t, settings)
    # Who treads water since the camera began to watch is part of the learnt background, but never still.
    lively = person.lively or look.found.stirring
    trust = 1.0 if look.found.finder != FOLLOWED else settings.follow_trust if lively else 0.0
    if trust == 0:
        return
    neutral = settings.neutral_score if lively else settings.still_score
    strength = (look.found.score - neutral) / (1 - neutral)
    worth_s = min(max(t - person.found_t, 0.0), settings.look_s)
    person.evidence = max(0.0, person.evidence + min(strength, strength * look.alone) * trust * worth_s)
    person.found_t = t


def _fade(person: Person, t: float, settings: TrackSettings) -> None:
    person.evidence *= math.exp(-max(t - person.weighed_t, 0.0) / settings.evidence_s)
    person.weighed_t = t


def _dress(person: Person, colours: Floats, elapsed_s: float, settings: TrackSettings) -> None:
    """Mix the appearance in; what is mixed with somebody else's is only better than nothing."""
    known = person.appearance
    if known is None or known.shape != colours.shape:
        person.appearance = colours
        return
    keep = math.exp(-elapsed_s / settings.appearance_s)
    if keep < 1:
        mixed = keep * known + (1 - keep) * colours
        person.appearance = (mixed / max(float(np.linalg.norm(mixed)), 1e-9)).astype(np.float32)
