"""The tracker of one camera: everything that changes who is who is in this file."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from dashboard.geometry import covered, iou
from dashboard.settings import TrackSettings
from dashboard.track import likeness, motion
from dashboard.track.motion import Motion
from dashboard.track.person import Person, convinced, miss, newcomer, see
from dashboard.values import Detection, Sighting, Track, TrackState

_NOMINAL_LOOK_S = 0.1
_FOREGROUND_SHARE = 0.3


class Tracker:
    """Identities over time inside one camera. Deterministic: the same sightings give the same tracks."""

    def __init__(self, settings: TrackSettings) -> None:
        self._settings = settings
        self._people: list[Person] = []
        self._t: float | None = None
        self._named = 0
        self._born = 0

    def predict(self, t: float) -> tuple[Track, ...]:
        """Everybody known, tentative ones too (their id is negative), where they should be at `t`."""
        if not self._people:
            return ()
        ahead = motion.predict(motion.stack([p.motion for p in self._people]), t, self._settings)
        return tuple(
            person.as_track(t, self._settings, ahead.place[i], ahead.speed[i])
            for i, person in enumerate(self._people)
        )

    def step(self, sighting: Sighting) -> tuple[Track, ...]:
        """Take in one sighting; all confirmed and lost-but-kept tracks, by id.

        A confirmed track that was missed for a moment has its predicted box, a lost one stays where it
        was last seen. A time before the last one counts as the last one.
        """
        t = sighting.t if self._t is None else max(sighting.t, self._t)
        interval_s = _NOMINAL_LOOK_S if self._t is None else t - self._t
        self._t = t
        found = sighting.people
        pairs = self._associate(found, t, sighting.size_wh)
        lively = self._lively(sighting)
        self._take_in(pairs, found, lively, t, interval_s)
        self._begin(found, {j for _, j in pairs}, lively, t, interval_s)
        self._confirm()
        self._people = [p for p in self._people if self._kept(p, t, sighting.size_wh)]
        return self._tracks(t)

    def _associate(
        self, found: Sequence[Detection], t: float, size_wh: tuple[int, int]
    ) -> list[tuple[int, int]]:
        """Pairs (person, finding): the strong findings choose first, then the weak ones (ByteTrack)."""
        if not self._people or not found:
            return []
        ahead = motion.predict(motion.stack([p.motion for p in self._people]), t, self._settings)
        nats = self._nats(ahead, found, size_wh)
        strong = [j for j, d in enumerate(found) if d.score >= self._settings.high_score]
        weak = [j for j, d in enumerate(found) if d.score < self._settings.high_score]
        pairs: list[tuple[int, int]] = []
        for group in (strong, weak):
            rows = [i for i in range(len(self._people)) if i not in {p for p, _ in pairs}]
            if rows and group:
                matched = likeness.assign(nats[np.ix_(rows, group)])
                pairs += [(rows[r], group[c]) for r, c in matched]
        return pairs

    def _nats(self, ahead: Motion, found: Sequence[Detection], size_wh: tuple[int, int]) -> motion.Reals:
        settings = self._settings
        places = motion.to_place(np.array([d.xyxy for d in found], dtype=np.float64))
        scores = np.array([d.score for d in found], dtype=np.float64)
        nats = likeness.place_nats(ahead, places, scores, size_wh, settings)
        nats += likeness.overlap_nats(ahead, places, settings)
        nats += likeness.appearance_nats(
            [p.appearance for p in self._people], [d.appearance for d in found], settings
        )
        return nats + self._pose_nats(ahead, found, nats)

    def _pose_nats(self, ahead: Motion, found: Sequence[Detection], so_far: motion.Reals) -> motion.Reals:
        nats = np.zeros_like(so_far)
        for i, j in np.argwhere(so_far > -self._settings.pose_nats):
            person, finding = self._people[i], found[j]
            if person.pose is None or finding.pose is None:
                continue
            shift = ahead.place[i, :2] - person.seen_place[:2]
            alike = likeness.pose_likeness(person.pose, finding.pose, float(ahead.size[i]), shift)
            if alike is not None:
                nats[i, j] = self._settings.pose_nats * (2 * alike - 1)
        return nats

    def _take_in(
        self,
        pairs: Sequence[tuple[int, int]],
        found: Sequence[Detection],
        lively: Sequence[bool],
        t: float,
        interval_s: float,
    ) -> None:
        matched = dict(pairs)
        alone = self._alone(pairs, found)
        crowded = self._crowded(found)
        for i, person in enumerate(self._people):
            if i in matched:
                see(
                    person,
                    found[matched[i]],
                    t,
                    lively[matched[i]],
                    alone[i],
                    crowded[matched[i]],
                    self._settings,
                )
            else:
                miss(person, t, interval_s, self._settings)

    def _lively(self, sighting: Sighting) -> list[bool]:
        """Whether each finding is foreground: the learnt background does not explain a good part of it."""
        boxes = np.array([d.xyxy for d in sighting.people], dtype=np.float32).reshape(-1, 4)
        unexplained = np.array(sighting.foreground, dtype=np.float32).reshape(-1, 4)
        shares = covered(boxes, unexplained)
        return [bool(share >= _FOREGROUND_SHARE) for share in shares.max(axis=1, initial=0.0)]

    def _crowded(self, found: Sequence[Detection]) -> list[bool]:
        """Whether each finding's box is deep in another's."""
        boxes = np.array([d.xyxy for d in found], dtype=np.float32).reshape(-1, 4)
        overlaps = iou(boxes, boxes)
        np.fill_diagonal(overlaps, 0.0)
        return [bool(v >= self._settings.crowded_overlap) for v in overlaps.max(axis=1, initial=0.0)]

    def _alone(self, pairs: Sequence[tuple[int, int]], found: Sequence[Detection]) -> dict[int, float]:
        """How far each person's finding counts when it overlaps that of somebody confirmed: 1 to 0.

        A double of a person must not gather evidence of its own.
        """
        boxes = np.array([found[j].xyxy for _, j in pairs], dtype=np.float32).reshape(-1, 4)
        elders = np.array([self._people[i].confirmed for i, _ in pairs], dtype=bool)
        overlaps = iou(boxes, boxes) * elders[None, :]
        np.fill_diagonal(overlaps, 0.0)
        deepest = overlaps.max(axis=1, initial=0.0) / self._settings.duplicate_overlap
        return {i: float(max(0.0, 1.0 - deepest[k])) for k, (i, _) in enumerate(pairs)}

    def _begin(
        self,
        found: Sequence[Detection],
        taken: set[int],
        lively: Sequence[bool],
        t: float,
        interval_s: float,
    ) -> None:
        claimed = np.array([found[j].xyxy for j in sorted(taken)], dtype=np.float32).reshape(-1, 4)
        for j, finding in enumerate(found):
            if j in taken or finding.score < self._settings.birth_score:
                continue
            box = np.array([finding.xyxy], dtype=np.float32)
            if iou(box, claimed).max(initial=0.0) >= self._settings.duplicate_overlap:
                continue
            self._born += 1
            look_s = min(interval_s, _NOMINAL_LOOK_S)
            self._people.append(newcomer(-self._born, finding, t, look_s, lively[j], self._settings))

    def _confirm(self) -> None:
        for person in self._people:
            if not person.confirmed and convinced(person, self._settings):
                self._named += 1
                person.id, person.confirmed = self._named, True

    def _kept(self, person: Person, t: float, size_wh: tuple[int, int]) -> bool:
        if person.missed_t is None:
            return True
        settings = self._settings
        # What counts is how long looks have missed them: while nobody looked, nobody went.
        missed_s, unseen_s = t - person.missed_t, t - person.seen_t
        if not person.confirmed:
            return person.evidence > 0 and unseen_s <= settings.tentative_keep_s
        if self._walked_out(person, t, size_wh):
            return missed_s <= settings.exit_keep_s
        return missed_s <= settings.lost_keep_s and unseen_s <= settings.lost_keep_s + settings.blind_keep_s

    def _walked_out(self, person: Person, t: float, size_wh: tuple[int, int]) -> bool:
        """Whether the person should be beyond the picture's edge by now."""
        x, y = motion.predict(person.motion, t, self._settings).place[:2]
        return not (0 <= x <= size_wh[0] and 0 <= y <= size_wh[1])

    def _tracks(self, t: float) -> tuple[Track, ...]:
        known = sorted((p for p in self._people if p.confirmed), key=lambda p: p.id)
        return tuple(self._shown(p, t) for p in known)

    def _shown(self, person: Person, t: float) -> Track:
        if person.state(t, self._settings) is TrackState.LOST:
            return person.as_track(t, self._settings, person.seen_place, np.zeros(4))
        ahead = motion.predict(person.motion, t, self._settings)
        return person.as_track(t, self._settings, ahead.place, ahead.speed)
