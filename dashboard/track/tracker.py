"""The tracker of one camera: everything that changes who is who is in this file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from dashboard.settings import TrackSettings
from dashboard.track import likeness, motion
from dashboard.track.looks import Looks, looks_of
from dashboard.track.motion import Motion
from dashboard.track.person import Look, Person, convinced, miss, newcomer, see
from dashboard.values import Sighting, Track, TrackState

_NOMINAL_LOOK_S = 0.1


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
        ahead = self._ahead(t)
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
        looks = looks_of(sighting, self._settings)
        pairs = self._associate(looks, t, sighting.size_wh)
        self._take_in(pairs, looks, t, interval_s)
        self._begin(looks, set(pairs.values()), t, interval_s)
        self._confirm()
        if not self._people:
            return ()
        self._forget(t, sighting.size_wh)
        return self._tracks(t)

    def _ahead(self, t: float) -> Motion:
        return motion.predict(motion.stack([p.motion for p in self._people]), t, self._settings)

    def _associate(self, looks: Looks, t: float, size_wh: tuple[int, int]) -> dict[int, int]:
        """Person -> finding. Those who are known choose first, strong findings before weak ones
        (ByteTrack); then the lost and the tentative; then those seen a moment ago take what is left and
        could still be theirs, before it is called a newcomer."""
        if not self._people or not looks.found:
            return {}
        nats = self._nats(self._ahead(t), looks, size_wh)
        everybody = set(range(len(self._people)))
        known = {i for i, p in enumerate(self._people) if p.state(t, self._settings) is TrackState.CONFIRMED}
        strong = {int(j) for j in np.flatnonzero(looks.scores >= self._settings.high_score)}
        weak = set(range(len(looks.found))) - strong
        pairs: dict[int, int] = {}
        for people, findings in ((known, strong), (known, weak), (everybody, strong), (everybody, weak)):
            self._pair(pairs, nats, people, findings)
        self._pair(pairs, nats + self._steadiness(t)[:, None], everybody, strong | weak)
        return pairs

    def _pair(self, pairs: dict[int, int], nats: motion.Reals, people: set[int], findings: set[int]) -> None:
        """Add the best pairs of those of `people` who have none yet with the `findings` still free."""
        rows = np.array(sorted(people - pairs.keys()), dtype=int)
        columns = np.array(sorted(findings - set(pairs.values())), dtype=int)
        if len(rows) and len(columns):
            matched = likeness.assign(nats[np.ix_(rows, columns)])
            pairs |= {int(rows[r]): int(columns[c]) for r, c in matched}

    def _nats(self, ahead: Motion, looks: Looks, size_wh: tuple[int, int]) -> motion.Reals:
        settings = self._settings
        nats = likeness.place_nats(ahead, looks.places, looks.scores, size_wh, settings)
        nats += likeness.overlap_nats(ahead, looks.boxes, settings)
        nats += likeness.head_nats(
            ahead,
            [p.head for p in self._people],
            np.array([ahead.place[i, :2] - p.motion.place[:2] for i, p in enumerate(self._people)]),
            [d.head for d in looks.found],
            settings,
        )
        nats += likeness.appearance_nats(
            [p.appearance for p in self._people], [d.appearance for d in looks.found], settings
        )
        if settings.pose_nats > 0:
            self._add_pose_nats(nats, ahead, looks)
        return nats

    def _steadiness(self, t: float) -> motion.Reals:
        """How much likelier than a newcomer everybody is, for having been seen just before: (N,)."""
        missed_s = np.array([0.0 if p.missed_t is None else t - p.missed_t for p in self._people])
        return self._settings.steady_nats * np.exp(-missed_s / max(self._settings.lost_after_s, 1e-3))

    def _add_pose_nats(self, nats: motion.Reals, ahead: Motion, looks: Looks) -> None:
        """What skeletons add, for the pairs that they could still bring together."""
        weight = self._settings.pose_nats
        for i, j in np.argwhere(nats > -weight):
            person, pose = self._people[i], looks.found[j].pose
            if person.pose is None or pose is None:
                continue
            shift = ahead.place[i, :2] - person.seen_place[:2]
            alike = likeness.pose_likeness(person.pose, pose, float(ahead.size[i]), shift)
            if alike is not None:
                nats[i, j] += weight * (2 * alike - 1)

    def _take_in(self, pairs: Mapping[int, int], looks: Looks, t: float, interval_s: float) -> None:
        self._move(pairs, looks, t)
        named = [(self._people[i].id, j) for i, j in pairs.items() if self._people[i].confirmed]
        for i, person in enumerate(self._people):
            if i in pairs:
                elders = [j for name, j in named if not person.confirmed or name < person.id]
                see(person, self._look(looks, pairs[i], elders), t, self._settings)
            else:
                miss(person, t, interval_s, self._settings)

    def _move(self, pairs: Mapping[int, int], looks: Looks, t: float) -> None:
        """Bring the motion of everybody who was found up to date, those without a gap in one go."""
        steady = [i for i in pairs if self._people[i].missed_t is None]
        if steady:
            columns = [pairs[i] for i in steady]
            before = motion.stack([self._people[i].motion for i in steady])
            after = motion.update(before, looks.places[columns], t, self._settings, looks.scores[columns])
            for i, moved in zip(steady, motion.unstack(after), strict=True):
                self._people[i].motion = moved
        for i in pairs.keys() - set(steady):
            person, score = self._people[i], looks.scores[pairs[i]]
            person.motion = motion.update_after_gap(
                person.motion, person.seen_place, looks.places[pairs[i]], t, self._settings, score
            )

    def _look(self, looks: Looks, j: int, elders: Sequence[int]) -> Look:
        """A finding for one person. A double of a confirmed person must not gather evidence of its own."""
        settings = self._settings
        double = float(looks.doubles[j, list(elders)].max(initial=0.0))
        return Look(
            found=looks.found[j],
            place=looks.places[j],
            lively=looks.lively[j],
            crowded=bool(looks.overlaps[j].max(initial=0.0) >= settings.crowded_overlap),
            alone=max(0.0, 1.0 - double),
        )

    def _begin(self, looks: Looks, taken: set[int], t: float, interval_s: float) -> None:
        """A new tentative track for each finding that is nobody's and no double of somebody's."""
        claimed = sorted(taken)
        for j, finding in enumerate(looks.found):
            if j in taken or finding.score < self._settings.birth_score:
                continue
            if looks.doubles[j, claimed].max(initial=0.0) >= 1:
                continue
            self._born += 1
            look_s = min(interval_s, _NOMINAL_LOOK_S)
            look = self._look(looks, j, claimed)
            self._people.append(newcomer(-self._born, look, t, look_s, self._settings))

    def _confirm(self) -> None:
        for person in self._people:
            if not person.confirmed and convinced(person, self._settings):
                self._named += 1
                person.id, person.confirmed = self._named, True

    def _forget(self, t: float, size_wh: tuple[int, int]) -> None:
        ahead = self._ahead(t).place[:, :2]
        beyond = np.any((ahead < 0) | (ahead > np.array(size_wh)), axis=1).tolist()
        people = zip(self._people, beyond, strict=True)
        self._people = [p for p, out in people if self._kept(p, t, out)]

    def _kept(self, person: Person, t: float, walked_out: bool) -> bool:
        """Whether a person is still waited for. What counts is how long looks have missed them: while
        nobody looked, nobody went."""
        if person.doubled_s >= self._settings.merge_s:
            return False
        if person.missed_t is None:
            return True
        settings = self._settings
        missed_s, unseen_s = t - person.missed_t, t - person.seen_t
        if not person.confirmed:
            return person.evidence > 0 and unseen_s <= settings.tentative_keep_s
        keep_s = settings.exit_keep_s if walked_out else settings.lost_keep_s
        return missed_s <= keep_s and unseen_s <= settings.lost_keep_s + settings.blind_keep_s

    def _tracks(self, t: float) -> tuple[Track, ...]:
        if not self._people:
            return ()
        ahead = self._ahead(t)
        known = sorted((p.id, i) for i, p in enumerate(self._people) if p.confirmed)
        return tuple(self._shown(self._people[i], t, ahead.place[i], ahead.speed[i]) for _, i in known)

    def _shown(self, person: Person, t: float, place: motion.Reals, speed: motion.Reals) -> Track:
        if person.state(t, self._settings) is TrackState.LOST:
            return person.as_track(t, self._settings, person.seen_place, np.zeros(4))
        return person.as_track(t, self._settings, place, speed)
