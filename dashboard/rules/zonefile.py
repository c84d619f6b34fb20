"""`zones.json`: text to zones, with what is wrong in words that lead to the place."""

from __future__ import annotations

import json

from dashboard.rules.outline import why_unfit
from dashboard.rules.scale import Scale, ScaleError, ground_of, rectangle
from dashboard.values import Zone, ZoneKind

_ANY_SIZE = (1000, 1000)
_LONGEST_M = 1000.0
_KEYS = ("camera", "name", "kind", "polygon")


class ZoneError(ValueError):
    """A zone file says something that cannot be meant; the message names the zone, the key and why."""


def parse_zones(text: str) -> tuple[Zone, ...]:
    """The zones of a `zones.json`: a list of objects with camera, name, kind and polygon (points 0 to 1).

    A portal may carry `to`, the name of another camera's portal that it leads to. Keys beyond these
    are let be, so that other tools may keep notes of their own.
    """
    zones = tuple(_zone(index, entry) for index, entry in enumerate(_entries(text)))
    _check_links(zones)
    return zones


def parse_scales(text: str) -> tuple[Scale, ...]:
    """The scales in a `zones.json`: a zone of four corners that is a rectangle in the world may carry
    `size_m`, the lengths in metres of its first side (point 0 to 1) and of its second (1 to 2)."""
    found = []
    for index, (entry, zone) in enumerate(zip(_entries(text), parse_zones(text), strict=True)):
        size = entry.get("size_m") if isinstance(entry, dict) else None
        if size is not None:
            found.append(_scale(index, size, zone))
    return tuple(found)


def _scale(index: int, size: object, zone: Zone) -> Scale:
    where = f"zone {index}: 'size_m'"
    if len(zone.polygon) != 4:
        raise ZoneError(f"{where}: only a zone of four points has one, not of {len(zone.polygon)}")
    if not isinstance(size, list) or len(size) != 2 or not all(_length(side) for side in size):
        raise ZoneError(f"{where}: two lengths in metres are expected, not {size!r}")
    scale = rectangle(zone.camera, zone.polygon, float(size[0]), float(size[1]))
    try:
        ground_of(scale, _ANY_SIZE)
    except ScaleError as error:
        raise ZoneError(f"{where}: {error}") from None
    return scale


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


def _zone(index: int, entry: object) -> Zone:
    if not isinstance(entry, dict):
        raise ZoneError(f"zone {index}: an object is expected, not {_kind_of(entry)}")
    for key in _KEYS:
        if key not in entry:
            raise ZoneError(f"zone {index}: {key!r} is missing")
    for key in ("camera", "name", *(["to"] if entry.get("to") is not None else [])):
        if not isinstance(entry[key], str) or not entry[key].strip():
            raise ZoneError(f"zone {index}: {key!r}: a text is expected, not {entry[key]!r}")
    kinds = [kind.value for kind in ZoneKind]
    if entry["kind"] not in kinds:
        raise ZoneError(f"zone {index}: 'kind': {entry['kind']!r} is none of {', '.join(kinds)}")
    polygon = _polygon(index, entry["polygon"])
    return Zone(entry["camera"], entry["name"], ZoneKind(entry["kind"]), polygon, entry.get("to"))


def _polygon(index: int, points: object) -> tuple[tuple[float, float], ...]:
    where = f"zone {index}: 'polygon'"
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
        if zone.kind is not ZoneKind.PORTAL:
            raise ZoneError(f"zone {index}: 'to': only a portal leads somewhere")
        if zone.to not in portals:
            raise ZoneError(f"zone {index}: 'to': there is no portal named {zone.to!r}")


def _kind_of(value: object) -> str:
    names = {dict: "an object", list: "a list", str: "a text", bool: "true or false", type(None): "null"}
    return names.get(type(value), "a number")
