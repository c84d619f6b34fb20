"""Who is inside a boundary: a visit begins when a confirmed person stands in it and ends when they are
seen outside it, walk out of the picture, or are not found again.

`step(state, observation) -> state, events`; while the camera is blind nobody comes or goes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np

from dashboard.geometry import contains
from dashboard.settings import RuleSettings
from dashboard.values import Event, Level, Observation, Track, TrackState, Zone


@dataclass(frozen=True)
class Visit:
    """One person and one boundary. `since` is when they were last seen to change sides, None while the
    side that they are seen on is the side that is known. `seen_t` is their last sight."""

    inside: bool
    since: float | None
    seen_t: float


@dataclass(frozen=True)
class Presence:
    """The visits at one boundary by person."""

    zone: Zone
    visits: Mapping[int, Visit] = field(default_factory=dict)


def step(
    state: Presence, observation: Observation, settings: RuleSettings
) -> tuple[Presence, tuple[Event, ...]]:
    """Take in one observation; the new state, and person_entered and person_left as they become known."""
    if observation.people is None:
        return state, ()
    visits: dict[int, Visit] = {}
    events: list[Event] = []
    for track in observation.people:
        visit, event = _follow(state.zone, state.visits.get(track.id), track, observation, settings)
        visits[track.id] = visit
        events += [event] if event is not None else []
    gone = sorted(set(state.visits) - set(visits))
    for person in gone:
        if state.visits[person].inside:
            detail = {"how": "not found again", "seen_t": round(state.visits[person].seen_t, 3)}
            events.append(_event(state.zone, "person_left", person, observation, detail))
    return replace(state, visits=visits), tuple(events)


def _follow(
    zone: Zone, visit: Visit | None, track: Track, observation: Observation, settings: RuleSettings
) -> tuple[Visit, Event | None]:
    # A person who has just been confirmed has been there since they were first seen.
    begun = track.first_t if visit is None else observation.t
    visit = visit if visit is not None else Visit(inside=False, since=None, seen_t=track.seen_t)
    if track.state is not TrackState.CONFIRMED:
        return visit, None
    inside = stands_in(zone, track, observation.size_wh)
    visit = replace(visit, seen_t=track.seen_t)
    if inside == visit.inside:
        return replace(visit, since=None), None
    since = visit.since if visit.since is not None else begun
    hold_s = settings.enter_hold_s if inside else settings.leave_hold_s
    if observation.t - since < hold_s - 1e-9:
        return replace(visit, since=since), None
    kind, detail = ("person_entered", {}) if inside else ("person_left", {"how": "seen outside"})
    return Visit(inside, None, track.seen_t), _event(zone, kind, track.id, observation, detail)


def stands_in(zone: Zone, track: Track, size_wh: tuple[int, int]) -> bool:
    """Whether a track's feet (of a lying box: its centre) are in the zone. Feet that the picture's edge
    cuts off are at the edge."""
    left, top, right, bottom = track.xyxy
    down = (top + bottom) / 2 if right - left > bottom - top else bottom
    share = np.array([[(left + right) / 2 / size_wh[0], down / size_wh[1]]], dtype=np.float32)
    return bool(contains(np.array(zone.polygon, dtype=np.float32), np.clip(share, 1e-4, 1 - 1e-4))[0])


def _event(
    zone: Zone, kind: str, person: int, observation: Observation, detail: Mapping[str, object]
) -> Event:
    return Event(observation.t, observation.camera, kind, Level.NOTICE, person, zone.name, detail)
