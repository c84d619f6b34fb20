"""What of the set-up is there: who would be called and was ever reached, when a drill was last seen, which
cameras have places drawn. Told by what is there, not by what somebody ticked."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from dashboard.monitor import entries
from dashboard.monitor.handle import Reply
from dashboard.monitor.places import Places
from dashboard.store import Store
from dashboard.values import ZoneKind

Command = Callable[[Mapping[str, Any]], Awaitable[Reply]]
_WATCHED = (ZoneKind.WATER, ZoneKind.BOUNDARY)


class SetupCommands:
    """`questions` run at any time; see `Commands`."""

    def __init__(self, store: Store, places: Places) -> None:
        self._store = store
        self._places = places
        self.questions: dict[str, Command] = {"setup.get": self._get}

    async def _get(self, args: Mapping[str, Any]) -> Reply:
        entries.check_fields(args, ())
        contacts = [c for c in await asyncio.to_thread(self._store.contacts) if c.enabled and c.urls]
        reached = await asyncio.to_thread(self._store.reached)
        drill = await asyncio.to_thread(self._store.drill_seen)
        drawn = {zone.camera for zone in self._places.zones() if zone.kind in _WATCHED}
        return Reply(
            {
                "called": [contact.name for contact in contacts],
                "unreached": [contact.name for contact in contacts if contact.id not in reached],
                "drill_utc": None if drill is None else drill.isoformat(),
                "drawn": sorted(drawn),
            }
        )
