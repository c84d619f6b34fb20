"""Swimmers whom nobody recognises for a while: something is still in the water that stands out as clearly as
they did, where they can have swum to.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from dashboard.rules.body import Box, body_at, covered_share
from dashboard.rules.people import Person, Sight
from dashboard.rules.sights import EPSILON_S, Look, side_by_side
from dashboard.rules.zones import Where, masked, presence
from dashboard.values import Patch

_SLACK_M = 0.5
# Not a sprint: who sprints is found by their splashing arms.
_SWIM_M_S = 1.2
_REACH_M = 1.5
# How far legs and wake reach beyond the box of who is found, in that box's longer side.
_REMAINS = 0.25
_NOW_S = 0.25
_COVERED, _TWICE = 0.6, 1.6
_LEAST_M, _MOST_M = 0.15, 3.0


@dataclass(frozen=True)
class _Tie:
    """A patch may be this person; `far_m` is the way."""

    person: int
    patch: int
    far_m: float
    sight: Sight


def buoyed(people: Iterable[Person], look: Look) -> dict[int, Person]:
    """Those of the missing who are still there though nobody recognises them: each is the nearest patch that
    stands out as they did. A patch is one person at most."""
    known = list(people)
    missing = [p for p in known if _missing(p, look)]
    found_now = [p.sight.body.xyxy for p in known if _found_now(p, look)]
    patches = [p for p in look.observation.patches if _nobodys(p, found_now, look)]
    ties = [
        t for p in missing for n, patch in enumerate(patches) if (t := _tie(p, n, patch, look)) is not None
    ]
    found: dict[int, Person] = {}
    by_number, used = {p.id: p for p in missing}, set()
    for tie in sorted(ties, key=lambda t: (t.far_m, t.person)):
        if tie.person not in found and tie.patch not in used:
            person = by_number[tie.person]
            found[tie.person] = replace(person, sight=tie.sight, firm=person.firm or person.sight)
            used.add(tie.patch)
    for person in missing:
        if person.id not in found and _just_found(person, look) and _in_one_box(person, known, look):
            found[person.id] = _faintly(person, replace(person.sight, velocity=(0.0, 0.0)), look)
    return found


def _just_found(person: Person, look: Look) -> bool:
    return look.observation.t - (person.firm or person.sight).t <= look.settings.clear_gap_s


def _in_one_box(person: Person, known: Iterable[Person], look: Look) -> bool:
    """Whether somebody's box has grown over this person's place too: two bodies found as one."""
    own = person.sight.body.xyxy
    boxes = [p.sight.body.xyxy for p in known if p.id != person.id and _found_now(p, look)]
    return any(
        covered_share(own, box) >= _COVERED
        and _area(box) >= _TWICE * _area((person.firm or person.sight).body.xyxy)
        for box in boxes
    )


def _faintly(person: Person, sight: Sight, look: Look) -> Person:
    sight = replace(sight, t=look.observation.t, watched_s=look.watch.watched_s, faint=True)
    return replace(person, sight=sight, firm=person.firm or person.sight)


def _area(box: Box) -> float:
    return (box[2] - box[0]) * (box[3] - box[1])


def _found_now(person: Person, look: Look) -> bool:
    return (
        person.camera == look.camera
        and look.observation.t - person.seen_t <= _NOW_S
        and not person.sight.faint
    )


def _nobodys(patch: Patch, found_now: Iterable[Box], look: Look) -> bool:
    """Whether a patch is not masked, nor what is left of somebody's legs or wake."""
    return not masked(look.zones, patch.xyxy) and not any(
        side_by_side(patch.xyxy, box, _REMAINS) for box in found_now
    )


def _missing(person: Person, look: Look) -> bool:
    firm_t = (person.firm or person.sight).t
    return (
        person.camera == look.camera
        and person.left is None
        and person.sight.presence.where is Where.WATER
        and not person.sight.presence.at_border
        and person.usual is not None
        and look.observation.t > person.seen_t + EPSILON_S
        and look.observation.t - person.seen_t <= look.settings.clear_gap_s
        and look.observation.t - firm_t <= look.settings.clear_alone_s
    )


def _tie(person: Person, number: int, patch: Patch, look: Look) -> _Tie | None:
    usual, settings, before = person.usual, look.settings, person.sight
    if usual is None or patch.clear is None or patch.clear < settings.clear_share * usual.clear:
        return None
    long_m = max(_sides(patch.xyxy)) / before.body.pixels_per_m
    if not _LEAST_M <= long_m <= _MOST_M:
        return None
    body = body_at(before.body, patch.xyxy)
    where = presence(look.zones, body, before.presence, settings)
    if where.where is not Where.WATER:
        return None
    firm = person.firm or before
    swum_m = _apart(firm.body.xyxy, body.xyxy) / firm.body.pixels_per_m
    if swum_m > _SLACK_M + _SWIM_M_S * (look.observation.t - firm.t):
        return None
    far_m = _apart(before.body.xyxy, body.xyxy) / before.body.pixels_per_m
    if far_m > min(_REACH_M, _SLACK_M + _SWIM_M_S * (look.observation.t - before.t)):
        return None
    sight = replace(
        before,
        t=look.observation.t,
        watched_s=look.watch.watched_s,
        velocity=(0.0, 0.0),
        body=body,
        presence=where,
        clear=patch.clear,
        faint=True,
    )
    return _Tie(person.id, number, far_m, sight)


def _sides(box: Box) -> tuple[float, float]:
    return box[2] - box[0], box[3] - box[1]


def _apart(a: Box, b: Box) -> float:
    return float((((a[0] + a[2] - b[0] - b[2]) / 2) ** 2 + ((a[1] + a[3] - b[1] - b[3]) / 2) ** 2) ** 0.5)
