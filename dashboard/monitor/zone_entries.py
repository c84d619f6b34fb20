"""Zones as a page sends them, checked one by one. Every refusal names the zone and the reason."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from dashboard.monitor import entries
from dashboard.monitor.handle import MonitorError
from dashboard.monitor.places import leads
from dashboard.rules.zonefile import ZoneError, read_zone
from dashboard.values import Zone

MOST_ZONES, MOST_POINTS, LONGEST_NAME = 50, 100, 60
_FIELDS = ("name", "kind", "polygon", "to", "size_m", "template")
_LONGEST_REASON = 200


def checked_zones(camera: str, typed: Any, others: Sequence[Zone]) -> tuple[Zone, ...]:
    """What is to be one camera's zones; `others` are those of the other cameras. MonitorError when one of
    them cannot be."""
    if not isinstance(typed, list) or not all(isinstance(one, dict) for one in typed):
        raise MonitorError("The field 'zones' must be a list of zones.")
    if len(typed) > MOST_ZONES:
        raise MonitorError(f"A camera has at most {MOST_ZONES} zones; these are {len(typed)}.")
    zones = tuple(_zone(camera, number, entry) for number, entry in enumerate(typed, 1))
    measured = [number for number, zone in enumerate(zones, 1) if zone.size_m is not None]
    if len(measured) > 1:
        raise _refusal(zones[measured[1] - 1].name, measured[1], "only one shape of a camera has a size")
    for number, zone in enumerate(zones, 1):
        if not leads(zone, (*zones, *others)):
            raise _refusal(zone.name, number, f"no other camera has a portal named {_short(str(zone.to))!r}")
    return zones


def _zone(camera: str, number: int, entry: Mapping[str, Any]) -> Zone:
    typed = str(entry.get("name"))
    try:
        entries.check_fields(entry, _FIELDS, ("name", "kind", "polygon"))
        name = entries.text(entry, "name", LONGEST_NAME)
        if not name:
            raise MonitorError("The name is empty.")
        link = entries.text(entry, "to", LONGEST_NAME) if entry.get("to") is not None else None
        polygon = entry["polygon"]
        if isinstance(polygon, list) and len(polygon) > MOST_POINTS:
            raise MonitorError(f"An outline has at most {MOST_POINTS} points; this has {len(polygon)}.")
        return read_zone({**entry, "camera": camera, "name": name, "to": link})
    except MonitorError as error:
        raise _refusal(typed, number, str(error).rstrip(".")) from None
    except ZoneError as error:
        raise _refusal(typed, number, str(error)) from None


def _refusal(name: str, number: int, reason: str) -> MonitorError:
    reason = _short(reason)
    lower = reason[:1].lower() + reason[1:]
    return MonitorError(f"Zone {number} ({_short(name, 40)!r}): {lower}.")


def _short(text: str, longest: int = _LONGEST_REASON) -> str:
    return text if len(text) <= longest else text[: longest - 1] + "…"
