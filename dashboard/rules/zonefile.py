"""`zones.json`: text to zones, with what is wrong in words that lead to the place."""

from __future__ import annotations

import json
from dataclasses import replace

from dashboard.geometry import Polygon
from dashboard.rules.outline import why_unfit, without_repeats
from dashboard.rules.scale import Scale, ScaleError, ground_of, rectangle
from dashboard.rules.templates import TEMPLATES
from dashboard.values import Zone, ZoneKind

_ANY_SIZE = (1000, 1000)
_LONGEST_M = 1000.0
_KEYS = ("camera", "name", "kind", "polygon")


class ZoneError(ValueError):
    """A zone file says something that cannot be meant; the message names the zone, the key and why."""


def parse_zones(text: str) -> tuple[Zone, ...]:
    """The zones of a `zones.json`: a list of objects with camera, name, kind and polygon (points 0 to 1).

    A portal may carry `to`, the name of another camera's portal that it leads to; a zone of four corners
    that is a rectangle in the world `size_m` (see `scale_of`); what is watched `template`, the kind of
    place. Keys beyond these are let be, so that other tools may keep notes of their own.
    """
    zones = tuple(read_zone(entry, f"zone {index}: ") for index, entry in enumerate(_entries(text)))
    _check_links(zones)
    return zones


def parse_scales(text: str) -> tuple[Scale, ...]:
    """The scales in a `zones.json`. Cameras whose rectangles have the same size share a ground."""
    return tuple(scale for zone in parse_zones(text) if (scale := scale_of(zone)) is not None)


def scale_of(zone: Zone, ground: str = "") -> Scale | None:
    """What a zone with `size_m` tells of metres, None for one without. ZoneError when its corners cannot be
    those of a rectangle."""
    if zone.size_m is None:
        return None
    if not _turns_one_way(zone.polygon):
        raise ZoneError("'size_m': one of the four corners points inwards: no rectangle looks so")
    scale = replace(rectangle(zone.camera, zone.polygon, *zone.size_m), ground=ground)
    try:
        ground_of(scale, _ANY_SIZE)
    except ScaleError as error:
        raise ZoneError(f"'size_m': {error}") from None
    return scale


def _turns_one_way(polygon: Polygon) -> bool:
    corners = without_repeats(polygon)
    around = [(corners[i - 2], corners[i - 1], corner) for i, corner in enumerate(corners)]
    turns = [(b[0] - a[0]) * (c[1] - b[1]) - (b[1] - a[1]) * (c[0] - b[0]) for a, b, c in around]
    return min(turns) >= 0 or max(turns) <= 0


def _size_m(size: object, corners: Polygon) -> tuple[float, float] | None:
    if size is None:
        return None
    if len(corners) != 4:
        raise ZoneError(f"'size_m': only a zone of four points has one, not of {len(corners)}")
    if not isinstance(size, list) or len(size) != 2 or not all(_length(side) for side in size):
        raise ZoneError(f"'size_m': two lengths in metres are expected, not {size!r}")
    return float(size[0]), float(size[1])


def _length(side: object) -> bool:
    return isinstance(side, (int, float)) and not isinstance(side, bool) and 0 < side < _LONGEST_M


def _entries(text: str) -> list[object]:
    try:
        entries = json.loads(text)
    except json.JSONDecodeError as error:
        raise ZoneError(f"line {error.lineno}, column {error.colno}: not JSON: {error.msg}") from None
    if not isinstance(entries, list):
        raise ZoneError(f"a list of zones is expected, not {_kind_of(entries)}")
    return entries


def read_zone(entry: object, where: str = "") -> Zone:
    """One zone of a file; ZoneError says what is wrong, after `where`."""
    try:
        return _zone(entry)
    except ZoneError as error:
        raise ZoneError(f"{where}{error}") from None


def _zone(entry: object) -> Zone:
    if not isinstance(entry, dict):
        raise ZoneError(f"an object is expected, not {_kind_of(entry)}")
    for key in _KEYS:
        if key not in entry:
            raise ZoneError(f"{key!r} is missing")
    for key in ("camera", "name", *(["to"] if entry.get("to") is not None else [])):
        if not isinstance(entry[key], str) or not entry[key].strip():
            raise ZoneError(f"{key!r}: a text is expected, not {entry[key]!r}")
    kinds = [kind.value for kind in ZoneKind]
    if entry["kind"] not in kinds:
        raise ZoneError(f"'kind': {entry['kind']!r} is none of {', '.join(kinds)}")
    kind, corners = ZoneKind(entry["kind"]), _polygon(entry["polygon"])
    if entry.get("to") is not None and kind is not ZoneKind.PORTAL:
        raise ZoneError("'to': only a portal leads somewhere")
    size_m = _size_m(entry.get("size_m"), corners)
    template = _template(entry.get("template"), kind)
    zone = Zone(entry["camera"], entry["name"], kind, corners, entry.get("to"), size_m, template)
    if kind is ZoneKind.SCALE and size_m is None:
        raise ZoneError("'size_m' is missing: a scale is a rectangle of known size")
    scale_of(zone)
    return zone


def _template(name: object, kind: ZoneKind) -> str | None:
    if name is None:
        return None
    if not isinstance(name, str) or name not in TEMPLATES:
        raise ZoneError(f"'template': {name!r} is none of {', '.join(TEMPLATES)}")
    if kind not in (ZoneKind.BOUNDARY, ZoneKind.WATER):
        raise ZoneError(f"'template': a {kind.value} has none, only a boundary or water")
    if kind is ZoneKind.WATER and not TEMPLATES[name].water:
        # Its rules would not look for somebody under water.
        raise ZoneError(f"'template': water is no {TEMPLATES[name].place}")
    return name


def _polygon(points: object) -> Polygon:
    where = "'polygon'"
    if not isinstance(points, list):
        raise ZoneError(f"{where}: a list of points [x, y] is expected, not {_kind_of(points)}")
    corners = tuple(_corner(f"{where}: point {i}", point) for i, point in enumerate(points))
    reason = why_unfit(corners)
    if reason is not None:
        raise ZoneError(f"{where}: {reason}")
    return corners


def _corner(where: str, point: object) -> tuple[float, float]:
    if not isinstance(point, list) or len(point) != 2:
        raise ZoneError(f"{where}: [x, y] is expected, not {point!r}")
    for value in point:
        if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 <= value <= 1:
            raise ZoneError(f"{where}: {value!r} is not a number from 0 to 1 (a share of width or height)")
    return float(point[0]), float(point[1])


def _check_links(zones: tuple[Zone, ...]) -> None:
    portals = {zone.name for zone in zones if zone.kind is ZoneKind.PORTAL}
    for index, zone in enumerate(zones):
        if zone.to is None:
            continue
        if zone.to not in portals:
            raise ZoneError(f"zone {index}: 'to': there is no portal named {zone.to!r}")


def _kind_of(value: object) -> str:
    names = {dict: "an object", list: "a list", str: "a text", bool: "true or false", type(None): "null"}
    return names.get(type(value), "a number")
