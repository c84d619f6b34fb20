"""Zones: read from their file's text, and who or what stands in them."""

from __future__ import annotations

import json
from collections.abc import Sequence

import numpy as np

from dashboard.geometry import contains
from dashboard.values import Detection, Floats, Track, Zone, ZoneKind

Box = tuple[float, float, float, float]
_KEYS = ("camera", "name", "kind", "polygon")


class ZoneError(ValueError):
    """A zone file says something that cannot be meant; the message names the zone, the key and why."""


def parse_zones(text: str) -> tuple[Zone, ...]:
    """The zones of a `zones.json`: a list of objects with camera, name, kind and polygon (points 0 to 1)."""
    try:
        entries = json.loads(text)
    except json.JSONDecodeError as error:
        raise ZoneError(f"line {error.lineno}, column {error.colno}: not JSON: {error.msg}") from None
    if not isinstance(entries, list):
        raise ZoneError(f"a list of zones is expected, not {_kind_of(entries)}")
    return tuple(_zone(index, entry) for index, entry in enumerate(entries))


def zones_of(zones: Sequence[Zone], cameras: Sequence[str], whole: str) -> tuple[Zone, ...]:
    """The zones of one camera, known by any of the names `cameras`. A camera without a boundary is
    watched whole: its boundary is the whole picture, named `whole`."""
    own = tuple(z for z in zones if z.camera in cameras)
    if any(z.kind is ZoneKind.BOUNDARY for z in own):
        return own
    corners = ((0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0))
    return (*own, Zone(cameras[0], whole, ZoneKind.BOUNDARY, corners))


def standing_point(xyxy: Box) -> tuple[float, float]:
    """Where a box touches the ground: the middle of the lower side; of a lying box its centre."""
    left, top, right, bottom = xyxy
    lying = right - left > bottom - top
    return (left + right) / 2, (top + bottom) / 2 if lying else bottom


def in_zone(zone: Zone, points: Floats, size_wh: tuple[int, int]) -> list[bool]:
    """Which points (N, 2) in pixels lie in the zone. Feet cut off by the picture's edge are at the edge."""
    share = points.reshape(-1, 2) / np.array(size_wh, dtype=np.float32)
    inside = np.clip(share, 1e-6, 1 - 1e-6).astype(np.float32)
    return [bool(v) for v in contains(np.array(zone.polygon, dtype=np.float32), inside)]


def unmasked(
    found: Sequence[Detection], zones: Sequence[Zone], size_wh: tuple[int, int]
) -> tuple[Detection, ...]:
    """The detections that do not stand in a mask: neither their standing point nor their centre."""
    kept = list(found)
    for zone in zones:
        if zone.kind is ZoneKind.MASK and kept:
            feet = in_zone(zone, _points([standing_point(d.xyxy) for d in kept]), size_wh)
            centres = in_zone(zone, _points([_centre(d.xyxy) for d in kept]), size_wh)
            kept = [d for d, a, b in zip(kept, feet, centres, strict=True) if not (a or b)]
    return tuple(kept)


def stands_in(zone: Zone, track: Track, size_wh: tuple[int, int]) -> bool:
    """Whether a track's standing point is in the zone."""
    return in_zone(zone, _points([standing_point(track.xyxy)]), size_wh)[0]


def _centre(xyxy: Box) -> tuple[float, float]:
    return (xyxy[0] + xyxy[2]) / 2, (xyxy[1] + xyxy[3]) / 2


def _points(points: Sequence[tuple[float, float]]) -> Floats:
    return np.array(points, dtype=np.float32).reshape(-1, 2)


def _zone(index: int, entry: object) -> Zone:
    if not isinstance(entry, dict):
        raise ZoneError(f"zone {index}: an object is expected, not {_kind_of(entry)}")
    for key in _KEYS:
        if key not in entry:
            raise ZoneError(f"zone {index}: {key!r} is missing")
    for key in ("camera", "name"):
        if not isinstance(entry[key], str) or not entry[key].strip():
            raise ZoneError(f"zone {index}: {key!r}: a text is expected, not {entry[key]!r}")
    kinds = [kind.value for kind in ZoneKind]
    if entry["kind"] not in kinds:
        raise ZoneError(f"zone {index}: 'kind': {entry['kind']!r} is none of {', '.join(kinds)}")
    return Zone(entry["camera"], entry["name"], ZoneKind(entry["kind"]), _polygon(index, entry["polygon"]))


def _polygon(index: int, points: object) -> tuple[tuple[float, float], ...]:
    where = f"zone {index}: 'polygon'"
    if not isinstance(points, list) or len(points) < 3:
        raise ZoneError(f"{where}: a list of three points [x, y] or more is expected")
    corners = tuple(_corner(f"{where}: point {i}", point) for i, point in enumerate(points))
    if len(set(corners)) < 3:
        raise ZoneError(f"{where}: its points are fewer than three different ones")
    return corners


def _corner(where: str, point: object) -> tuple[float, float]:
    if not isinstance(point, list) or len(point) != 2:
        raise ZoneError(f"{where}: [x, y] is expected, not {point!r}")
    for value in point:
        if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 <= value <= 1:
            raise ZoneError(f"{where}: {value!r} is not a number from 0 to 1 (a share of width or height)")
    return float(point[0]), float(point[1])


def _kind_of(value: object) -> str:
    names = {dict: "an object", list: "a list", str: "a text", bool: "true or false", type(None): "null"}
    return names.get(type(value), "a number")
