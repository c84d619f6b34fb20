"""What may be asked of the zones: list them, set one camera's, read a file of them."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from dashboard.clock import Clock
from dashboard.monitor import entries
from dashboard.monitor.handle import MonitorError, Reply
from dashboard.monitor.judging import Judging
from dashboard.monitor.places import Places, entry_of, leads
from dashboard.monitor.zone_entries import LONGEST_NAME, MOST_POINTS, MOST_ZONES, checked_zones
from dashboard.rules.outline import SMALLEST_AREA
from dashboard.rules.templates import RULE_WORDS, TEMPLATES
from dashboard.rules.zonefile import ZoneError, parse_zones
from dashboard.store import Store, ZonesRow
from dashboard.values import Zone, ZoneKind

Command = Callable[[Mapping[str, Any]], Awaitable[Reply]]
_LONGEST_FILE = 500_000
_LIMITS = {
    "zones": MOST_ZONES,
    "points": MOST_POINTS,
    "name": LONGEST_NAME,
    "smallest_area": SMALLEST_AREA,
}


class ZoneCommands:
    """`changes` run one at a time, `questions` at any time; see `Commands`. `check_pin` refuses a wrong PIN
    where one is set."""

    def __init__(
        self,
        store: Store,
        judging: Judging,
        places: Places,
        clock: Clock,
        check_pin: Callable[[Mapping[str, Any]], Awaitable[None]],
    ) -> None:
        self._store = store
        self._judging = judging
        self._places = places
        self._clock = clock
        self._check_pin = check_pin
        self.changes: dict[str, Command] = {"zones.set": self._set}
        self.questions: dict[str, Command] = {"zones.list": self._list, "zones.read": self._read}

    async def _list(self, args: Mapping[str, Any]) -> Reply:
        entries.check_fields(args, ())
        return Reply({"zones": self._places.described(), "templates": _templates(), "limits": _LIMITS})

    async def _read(self, args: Mapping[str, Any]) -> Reply:
        """The zones in a `zones.json`, without doing anything with them."""
        entries.check_fields(args, ("text",), ("text",))
        text = args["text"]
        if not isinstance(text, str):
            raise MonitorError("The file must be text.")
        if len(text) > _LONGEST_FILE:
            raise MonitorError(f"The file is longer than {_LONGEST_FILE} characters.")
        try:
            zones = await asyncio.to_thread(parse_zones, text)
        except (ZoneError, RecursionError) as error:
            raise MonitorError(f"The file cannot be read: {str(error)[:300]}.") from None
        if len(zones) > MOST_ZONES * max(len({zone.camera for zone in zones}), 1):
            raise MonitorError(f"The file has {len(zones)} zones; a camera has at most {MOST_ZONES}.")
        return Reply({"zones": [{"camera": zone.camera, **entry_of(zone)} for zone in zones]})

    async def _set(self, args: Mapping[str, Any]) -> Reply:
        """`pin` where the camera would lose its last water or boundary: somebody disarms it."""
        needed = ("camera", "zones", "revision")
        entries.check_fields(args, (*needed, "who", "pin"), needed)
        camera = entries.text(args, "camera", 100)
        if not self._places.knows(camera):
            raise MonitorError("There is no such camera (any more).")
        who = entries.text(args, "who", 100) if args.get("who") is not None else ""
        self._check_revision(camera, args["revision"])
        before = self._places.zones()
        others = [zone for zone in self._places.drawn() if zone.camera != camera]
        zones = await asyncio.to_thread(checked_zones, camera, args["zones"], others)
        if _watched(before, camera) - {zone.kind for zone in zones}:
            await self._check_pin(args)
        row = ZonesRow(camera, self._places.revision(camera) + 1, zones)
        await asyncio.to_thread(self._store.set_zones, row, self._clock.utc())
        self._places.put(row, who)
        self._judging.use_zones(self._places.zones(), self._places.scales())
        detail = {"camera": camera, "zones": len(zones), "revision": row.revision}
        self._judging.note("zones_changed", who or "owner", "page", detail)
        return Reply({"revision": row.revision, "notes": self._cut_off(camera, before)})

    def _check_revision(self, camera: str, revision: Any) -> None:
        if isinstance(revision, bool) or not isinstance(revision, int):
            raise MonitorError("The field 'revision' must be a whole number.")
        if revision != self._places.revision(camera):
            by = self._places.by(camera) or "Somebody else"
            raise MonitorError(f"{by} has changed these zones meanwhile: load them anew.")

    def _cut_off(self, camera: str, before: tuple[Zone, ...]) -> list[str]:
        """Other cameras' portals that led here and lead nowhere now, a sentence each."""
        names, drawn = self._places.names(), self._places.drawn()
        led = {(zone.camera, zone.name) for zone in before if zone.to is not None}
        return [
            f"The portal {zone.name!r} of {names[zone.camera]} led to {zone.to!r}, which is gone: it leads "
            "nowhere now."
            for zone in drawn
            if zone.camera != camera and (zone.camera, zone.name) in led and not leads(zone, drawn)
        ]


def _watched(zones: tuple[Zone, ...], camera: str) -> set[ZoneKind]:
    """What a camera looks for people in."""
    there = {zone.kind for zone in zones if zone.camera == camera}
    return there & {ZoneKind.WATER, ZoneKind.BOUNDARY}


def _templates() -> list[dict[str, Any]]:
    return [
        {
            "name": template.name,
            "title": template.title,
            "place": template.place,
            "water": template.water,
            "watches_for": [words for rule, words in RULE_WORDS.items() if rule in template.rules],
            "leaves_out": [words for rule, words in RULE_WORDS.items() if rule not in template.rules],
        }
        for template in TEMPLATES.values()
    ]
