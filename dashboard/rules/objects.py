"""Objects that come or go: in watch a notice, an alert when large or in the water. In the other modes they
are let be; when watch comes back, what changed meanwhile is said once. Seeing tells of them in the
observation, or other parts through `Hooks.objects`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from dashboard.geometry import Point, depth_inside
from dashboard.rules.body import Box, overlap, standing_point
from dashboard.rules.context import Context, ObjectSeen
from dashboard.rules.zones import CameraZones, masked, water_depth, within_any
from dashboard.values import ANIMALS, Change, Detection, Label, Level, Observation, Verdict

# Longer than anything is hidden by somebody who stands before it.
_FORGET_S = 300.0
# Seeing has settled by then, and the list is there within 10 s of the return.
_LIST_S = 4.0
_HERE_S = 10.0
_WORDS = {Label.BALL: "ball", Label.CHAIR: "chair"}
_SAME = 0.3
# From here on it could be somebody: a head and shoulders, in metres or as a share of the picture.
_BODY_M, _BODY_SHARE = 0.4, 0.001
_EDGE_M, _EDGE_SHARE = 0.4, 0.02
_PLACES = {
    "water": ("in the water", "from the water"),
    "edge": ("at the water's edge", "from the water's edge"),
    "deck": ("on the ground", "from the ground"),
}
_NUMBERS = {1: "one", 2: "two", 3: "three", 4: "four", 5: "five"}


@dataclass(frozen=True)
class ObjectsState:
    """The objects that were told of, by key, and when they were last there; those that wait; those of which
    nothing was said because it was not watch."""

    told: Mapping[str, float] = field(default_factory=dict)
    waiting: Mapping[str, float] = field(default_factory=dict)
    meanwhile: Mapping[str, ObjectSeen] = field(default_factory=dict)


def step(
    state: ObjectsState, observation: Observation | None, context: Context
) -> tuple[ObjectsState, tuple[Verdict, ...]]:
    """object_appeared and object_removed, once for each object; objects_left once after each return."""
    told = {key: t for key, t in state.told.items() if context.t - t <= _FORGET_S}
    waiting = {key: t for key, t in state.waiting.items() if context.t - t <= _FORGET_S}
    meanwhile = dict(state.meanwhile)
    verdicts = []
    for seen in (*_of(observation), *context.hooks.objects):
        if seen.change is Change.REMOVED and seen.key not in told and seen.key in waiting:
            # It came and went before anybody was told.
            meanwhile.pop(seen.key, None)
            continue
        key = seen.key if seen.change is Change.APPEARED else f"{seen.key}:removed"
        if key in told:
            told[key] = context.t
        elif seen.change is Change.APPEARED and not _due(seen, context):
            waiting[key] = context.t
        elif (seen.key in told or _due(seen, context)) and not _quiet(seen, context):
            told[key] = context.t
            verdicts += _said(seen, context, meanwhile)
    if context.watching() and meanwhile and context.t - context.mode.since_t >= _LIST_S - 1e-6:
        verdicts += _lists(meanwhile.values(), context)
        meanwhile = {}
    return ObjectsState(told, waiting, meanwhile), tuple(verdicts)


def _said(seen: ObjectSeen, context: Context, meanwhile: dict[str, ObjectSeen]) -> list[Verdict]:
    """What to say now; what is not for now is kept for the return."""
    if seen.known:
        return []
    first_t = seen.since_t if seen.first_t is None else seen.first_t
    before = first_t < context.mode.since_t and context.t - context.mode.since_t < _LIST_S
    if context.watching() and not before:
        verdict = _verdict(seen, context)
        return [] if verdict is None else [verdict]
    if seen.change is Change.REMOVED and meanwhile.pop(seen.key, None) is not None:
        return []
    meanwhile[f"{seen.key}:{seen.change.value}" if seen.change is Change.REMOVED else seen.key] = seen
    return []


def _of(observation: Observation | None) -> list[ObjectSeen]:
    """The observation's objects, with a word for each; not what the detector knows for an animal."""
    if observation is None:
        return []
    camera, size_wh = observation.camera, observation.size_wh
    found = []
    for thing in observation.objects:
        labels = {d.label for d in observation.things if _alike(d, thing.xyxy)}
        if labels & ANIMALS:
            continue
        what = next((word for label, word in _WORDS.items() if label in labels), "thing")
        key, since_t = f"{camera}:{thing.id}", thing.rest_t
        seen = ObjectSeen(
            key, camera, thing.change, since_t, thing.xyxy, size_wh, thing.first_t, thing.seen_t
        )
        found.append(replace(seen, known=thing.known, what=what))
    return found


def _alike(found: Detection, box: Box) -> bool:
    return overlap(found.xyxy, box) > _SAME


def _due(seen: ObjectSeen, context: Context) -> bool:
    """Whether it has rested for long enough, as far as it was seen."""
    until = context.t if seen.seen_t is None or seen.change is Change.REMOVED else seen.seen_t
    return until - seen.since_t >= context.settings.object_s - 1e-6


def _quiet(seen: ObjectSeen, context: Context) -> bool:
    """Whether it may be somebody: as large as that, in the water, and not everybody who went in is seen."""
    zones = context.world.camera(seen.camera, seen.size_wh)
    if seen.change is Change.REMOVED or water_depth(zones, _centre(seen.xyxy)) <= 0:
        return False
    size_m = size_of(seen, context)
    large = _share(seen) >= _BODY_SHARE if size_m is None else size_m >= _BODY_M
    missing = [p for p in context.here() if p.in_water and not context.seen_now(p)]
    return large and bool(missing)


def size_of(seen: ObjectSeen, context: Context) -> float | None:
    """The longer of an object's width and height in metres, None where the camera has no scale."""
    ground = context.world.ground(seen.camera, seen.size_wh)
    if ground is None:
        return None
    left, top, right, bottom = seen.xyxy
    a, b = ground.metres((left, bottom)), ground.metres((right, bottom))
    wide = float(((a[0] - b[0]) ** 2 + (a[1] - b[1]) ** 2) ** 0.5)
    tall = ground.height_m(((left + right) / 2, bottom), ((left + right) / 2, top))
    return max(wide, tall or 0.0)


def _verdict(seen: ObjectSeen, context: Context) -> Verdict | None:
    zones = context.world.camera(seen.camera, seen.size_wh)
    place = _place(seen, zones, context)
    if place is None:
        return None
    in_water = place == "water"
    # In the water counts more: whatever floats there draws a child.
    loud = _share(seen) >= context.settings.object_large or (in_water and seen.change is Change.APPEARED)
    kind = "object_appeared" if seen.change is Change.APPEARED else "object_removed"
    size_m = size_of(seen, context)
    detail = {
        "what": seen.what,
        "place": place,
        "share": round(_share(seen), 4),
        "in_water": in_water,
        "box": [round(v, 1) for v in seen.xyxy],
        "size_m": None if size_m is None else round(size_m, 2),
        "first_t": round(seen.since_t if seen.first_t is None else seen.first_t, 2),
        "seen_t": round(context.t if seen.seen_t is None else seen.seen_t, 2),
    }
    level = Level.ALERT if loud else Level.NOTICE
    return Verdict(kind, level, seen.camera, None, _zone(seen, zones), detail)


def _lists(changed: Iterable[ObjectSeen], context: Context) -> list[Verdict]:
    """One notice a camera of what was left or taken while nobody was told."""
    verdicts = []
    all_ = [seen for seen in changed if _still(seen, context)]
    for camera in sorted({seen.camera for seen in all_}):
        mine = [s for s in all_ if s.camera == camera]
        places = [(s, _place(s, context.world.camera(camera, s.size_wh), context)) for s in mine]
        parts = []
        for change, word in ((Change.APPEARED, "left"), (Change.REMOVED, "gone")):
            named = [(s.what, place) for s, place in places if place is not None and s.change is change]
            parts += _phrases(named, word)
        if parts:
            words = "; ".join(parts)
            zone = _zone(mine[0], context.world.camera(camera, mine[0].size_wh))
            detail = {"words": words[:1].upper() + words[1:], "count": len(mine)}
            verdicts.append(Verdict("objects_left", Level.NOTICE, camera, None, zone, detail))
    return verdicts


def _phrases(named: list[tuple[str, str]], word: str) -> list[str]:
    """For each place one phrase: "left in the water: one ball, two things"."""
    phrases = []
    for place, (left, gone) in _PLACES.items():
        counts = Counter(what for what, there in named if there == place)
        things = [f"{_NUMBERS.get(n, n)} {what}{'s' if n > 1 else ''}" for what, n in sorted(counts.items())]
        if things:
            phrases.append(f"{word} {left if word == 'left' else gone}: {', '.join(things)}")
    return phrases


def _still(seen: ObjectSeen, context: Context) -> bool:
    return seen.change is Change.REMOVED or seen.seen_t is None or context.t - seen.seen_t < _FORGET_S


def _place(seen: ObjectSeen, zones: CameraZones, context: Context) -> str | None:
    """`water`, `edge` (on the ground next to it) or `deck`; None outside all that is watched."""
    centre, foot = _centre(seen.xyxy), standing_point(seen.xyxy)
    if masked(zones, seen.xyxy):
        return None
    if water_depth(zones, centre) > 0:
        return "water"
    if not within_any(zones.boundary, foot):
        return None
    ground = context.world.ground(seen.camera, seen.size_wh)
    reach = _EDGE_SHARE * seen.size_wh[0]
    if ground is not None:
        a, b = ground.metres(foot), ground.metres((foot[0] + 10.0, foot[1]))
        metre_px = 10.0 / max(float(((a[0] - b[0]) ** 2 + (a[1] - b[1]) ** 2) ** 0.5), 1e-6)
        reach = _EDGE_M * metre_px
    return "edge" if water_depth(zones, foot) > -reach else "deck"


def _zone(seen: ObjectSeen, zones: CameraZones) -> str | None:
    outlines = (*zones.water, *zones.boundary)
    points = (_centre(seen.xyxy), standing_point(seen.xyxy))
    return next((z.name for z, o in outlines if any(depth_inside(o, p) >= 0 for p in points)), None)


def _centre(box: Box) -> Point:
    return (box[0] + box[2]) / 2, (box[1] + box[3]) / 2


def _share(seen: ObjectSeen) -> float:
    left, top, right, bottom = seen.xyxy
    return (right - left) * (bottom - top) / max(seen.size_wh[0] * seen.size_wh[1], 1)
