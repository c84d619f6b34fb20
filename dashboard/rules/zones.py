"""The zones of one camera, and where a body is among them.

On deck a person is where their feet are; in water, where their head and shoulders are. Near an edge a
person stays where they were until the edge is passed by a margin, so that a jittering box does not
come and go.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

from dashboard.geometry import Point, Polygon, depth_inside, inside
from dashboard.rules.body import Body, Box, standing_point
from dashboard.settings import RuleSettings
from dashboard.values import Detection, Thing, Zone, ZoneKind

WHOLE_PICTURE = "whole picture"
_ASHORE = 0.15
_CORNERS: Polygon = ((0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0))


class Where(StrEnum):
    """Outside of every boundary, on the ground within one, or in the water."""

    OUTSIDE = "outside"
    DECK = "deck"
    WATER = "water"


@dataclass(frozen=True)
class CameraZones:
    """One camera's zones in pixels of its picture. There is always a boundary; water is within it."""

    camera: str
    size_wh: tuple[int, int]
    boundary: tuple[tuple[Zone, Polygon], ...]
    water: tuple[tuple[Zone, Polygon], ...]
    portals: tuple[tuple[Zone, Polygon], ...]
    masks: tuple[tuple[Zone, Polygon], ...]


@dataclass(frozen=True)
class Presence:
    """Where one finding of a person is. `zone` names the water or the boundary; `portal` the portal at
    their feet; `at_border` is whether the picture cuts their box; `margin` is how many body heights
    they are within the edge of what they are in (boundary or water)."""

    where: Where
    zone: str | None
    portal: Zone | None
    at_border: bool
    margin: float


@lru_cache(maxsize=1024)
def camera_zones(zones: tuple[Zone, ...], camera: str, size_wh: tuple[int, int]) -> CameraZones:
    """The zones of `camera` in pixels of a picture of `size_wh`."""
    own = zones_of(zones, (camera,), WHOLE_PICTURE)
    by_kind = {
        kind: tuple((zone, _pixels(zone, size_wh)) for zone in own if zone.kind is kind) for kind in ZoneKind
    }
    return CameraZones(
        camera,
        size_wh,
        by_kind[ZoneKind.BOUNDARY],
        by_kind[ZoneKind.WATER],
        by_kind[ZoneKind.PORTAL],
        by_kind[ZoneKind.MASK],
    )


def zones_of(zones: Sequence[Zone], cameras: Sequence[str], whole: str) -> tuple[Zone, ...]:
    """The zones of one camera, known by any of the names `cameras`. A camera without a boundary is
    watched whole: its boundary is the whole picture, named `whole`."""
    own = tuple(z for z in zones if z.camera in cameras)
    if any(z.kind is ZoneKind.BOUNDARY for z in own):
        return own
    return (*own, Zone(cameras[0], whole, ZoneKind.BOUNDARY, _CORNERS))


def presence(zones: CameraZones, body: Body, before: Presence | None, settings: RuleSettings) -> Presence:
    """Where `body` is, given where the same person was `before` (None for somebody new)."""
    at_border = touches_border(body.xyxy, zones.size_wh, settings.border_margin)
    portal = next((zone for zone, outline in zones.portals if _holds(zones, outline, body.feet)), None)
    water = _wet(zones, body, before, settings)
    if water is not None:
        return Presence(Where.WATER, water[0].name, portal, at_border, water[1])
    zone, margin = _ground(zones, body)
    slack = settings.edge_margin if before is not None and before.where is not Where.OUTSIDE else 0.0
    where = Where.DECK if margin > -slack else Where.OUTSIDE
    return Presence(where, zone.name if where is Where.DECK else None, portal, at_border, margin)


def masked(zones: CameraZones, xyxy: Box) -> bool:
    """Whether a box is in a mask: its standing point or its centre is."""
    centre = ((xyxy[0] + xyxy[2]) / 2, (xyxy[1] + xyxy[3]) / 2)
    points = (standing_point(xyxy), centre)
    return any(_holds(zones, outline, point) for _, outline in zones.masks for point in points)


def on_dry_ground(zones: CameraZones, xyxy: Box) -> bool:
    """Whether what is in a box stands within a boundary and in no water."""
    feet = ((xyxy[0] + xyxy[2]) / 2, xyxy[3])
    wet = any(_holds(zones, outline, feet) for _, outline in zones.water)
    return not wet and any(_holds(zones, outline, feet) for _, outline in zones.boundary)


def in_water(zones: CameraZones, xyxy: Box) -> bool:
    """Whether the lower end of what is in a box is in the water, or a quarter up from there."""
    left, top, right, bottom = xyxy
    points = [((left + right) / 2, bottom - part * (bottom - top)) for part in (0.0, 0.25)]
    return any(_holds(zones, outline, point) for _, outline in zones.water for point in points)


def unmasked(
    found: Sequence[Detection], zones: Sequence[Zone], size_wh: tuple[int, int]
) -> tuple[Detection, ...]:
    """The detections that are in none of the masks among one camera's `zones`."""
    if not found or not any(zone.kind is ZoneKind.MASK for zone in zones):
        return tuple(found)
    own = camera_zones(tuple(zones), zones[0].camera, size_wh)
    return tuple(d for d in found if not masked(own, d.xyxy))


def unmasked_objects(
    found: Sequence[Thing], zones: Sequence[Zone], size_wh: tuple[int, int]
) -> tuple[Thing, ...]:
    """The objects that are in none of the masks among one camera's `zones`."""
    if not found or not any(zone.kind is ZoneKind.MASK for zone in zones):
        return tuple(found)
    own = camera_zones(tuple(zones), zones[0].camera, size_wh)
    return tuple(thing for thing in found if not masked(own, thing.xyxy))


def water_reaches_border(zones: CameraZones, name: str | None, margin: float) -> bool:
    """Whether the water named `name` goes up to the edge of the picture: it may go on behind it."""
    return any(
        touches_border((x, y, x, y), zones.size_wh, margin)
        for zone, outline in zones.water
        if zone.name == name
        for x, y in outline
    )


def touches_border(xyxy: Box, size_wh: tuple[int, int], margin: float) -> bool:
    """Whether a box reaches into the outer `margin` (a share of the picture) on any side."""
    (left, top, right, bottom), (width, height) = xyxy, size_wh
    across, down = margin * width, margin * height
    return left <= across or top <= down or right >= width - across or bottom >= height - down


def within_any(outlines: Sequence[tuple[Zone, Polygon]], point: Point) -> bool:
    """Whether a point in pixels is in any of the outlines."""
    return any(depth_inside(outline, point) >= 0 for _, outline in outlines)


def water_depth(zones: CameraZones, point: Point) -> float:
    """How many pixels a point is within the nearest water; negative outside, -inf where there is none."""
    return max((depth_inside(outline, point) for _, outline in zones.water), default=float("-inf"))


def _wet(
    zones: CameraZones, body: Body, before: Presence | None, settings: RuleSettings
) -> tuple[Zone, float] | None:
    """The water that the body is in, and how deep within its edge in body heights."""
    found = [(zone, _wetness(outline, body, before, settings)) for zone, outline in zones.water]
    wet = [(zone, depth) for zone, depth in found if depth is not None]
    return max(wet, key=lambda pair: pair[1], default=None)


def _wetness(outline: Polygon, body: Body, before: Presence | None, settings: RuleSettings) -> float | None:
    feet = depth_inside(outline, body.feet) / body.height_px
    head = depth_inside(outline, body.head) / body.height_px
    was_wet = before is not None and before.where is Where.WATER
    margin = -settings.edge_margin if was_wet else settings.edge_margin
    if body.feet_sure:
        # Feet that are seen decide: who stands before the pool has only their head over it. A swimmer's
        # feet are guessed at times, so somebody in the water has to put them well ashore.
        return feet if feet > (margin if head <= margin or not was_wet else -_ASHORE) else None
    if feet > margin:
        return max(feet, head)
    # The lower body is not seen. Head over the water: either in it, with a box that reaches over the edge,
    # or standing before it, cut off by something. Where they were decides; somebody new is in it.
    unseen_below = not body.hips_sure and (before is None or was_wet)
    return head if head > margin and unseen_below else None


def _ground(zones: CameraZones, body: Body) -> tuple[Zone, float]:
    """The boundary that the feet are in or nearest to, and how far within, in body heights."""
    feet = _within_picture(zones, body.feet)
    depths = [(zone, depth_inside(outline, feet) / body.height_px) for zone, outline in zones.boundary]
    # Water that reaches over the boundary's edge is watched all the same.
    return max(depths, key=lambda pair: pair[1])


def _holds(zones: CameraZones, outline: Polygon, point: Point) -> bool:
    return inside(outline, _within_picture(zones, point))


def _within_picture(zones: CameraZones, point: Point) -> Point:
    """Feet that the picture cuts off are at its edge."""
    width, height = zones.size_wh
    inset = 1e-3
    return min(max(point[0], inset), width - inset), min(max(point[1], inset), height - inset)


def _pixels(zone: Zone, size_wh: tuple[int, int]) -> Polygon:
    return tuple((x * size_wh[0], y * size_wh[1]) for x, y in zone.polygon)
