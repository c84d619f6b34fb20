"""Objects that appear or go away: in watch a notice, an alert when large or in the water; in supervised
they are let be. What seeing finds comes through `Hooks.objects`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from dashboard.rules.body import standing_point
from dashboard.rules.context import Change, Context, ObjectSeen
from dashboard.rules.zones import masked, water_depth, within_any
from dashboard.values import Level, Observation, Verdict

_FORGET_S = 60.0


@dataclass(frozen=True)
class ObjectsState:
    """The objects that were told of, by key, and when they were last there."""

    told: Mapping[str, float] = field(default_factory=dict)


def step(
    state: ObjectsState, observation: Observation | None, context: Context
) -> tuple[ObjectsState, tuple[Verdict, ...]]:
    """object_appeared and object_removed, once for each object. What was let be in supervised is not new
    when watch comes back."""
    told = {key: t for key, t in state.told.items() if context.t - t <= _FORGET_S}
    verdicts = []
    for seen in context.hooks.objects:
        if seen.key not in told and context.t - seen.since_t < context.settings.object_s - 1e-6:
            continue
        verdict = None if seen.key in told else _verdict(seen, context)
        told[seen.key] = context.t
        if verdict is not None and context.watching():
            verdicts.append(verdict)
    return ObjectsState(told), tuple(verdicts)


def _verdict(seen: ObjectSeen, context: Context) -> Verdict | None:
    zones = context.world.camera(seen.camera, seen.size_wh)
    left, top, right, bottom = seen.xyxy
    centre = ((left + right) / 2, (top + bottom) / 2)
    in_water = water_depth(zones, centre) > 0
    in_boundary = in_water or within_any(zones.boundary, standing_point(seen.xyxy))
    if masked(zones, seen.xyxy) or not in_boundary:
        return None
    share = (right - left) * (bottom - top) / (seen.size_wh[0] * seen.size_wh[1])
    # In the water counts more: whatever floats there draws a child.
    loud = share >= context.settings.object_large or in_water
    kind = "object_appeared" if seen.change is Change.APPEARED else "object_removed"
    zone = next(
        (z.name for z, outline in (*zones.water, *zones.boundary) if within_any(((z, outline),), centre)),
        None,
    )
    detail = {"share": round(share, 4), "in_water": in_water, "box": [round(v, 1) for v in seen.xyxy]}
    return Verdict(kind, Level.ALERT if loud else Level.NOTICE, seen.camera, None, zone, detail)
