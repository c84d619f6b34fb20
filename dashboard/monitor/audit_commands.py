"""What may be asked of the audit: who saw, took away or changed what; and a file of it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from dashboard.monitor import entries
from dashboard.monitor.handle import Reply
from dashboard.monitor.history_commands import read_number, read_time, read_words
from dashboard.monitor.judging import Judging, named
from dashboard.monitor.places import Places
from dashboard.store import AuditFilter, AuditRow, Store

Command = Callable[[Mapping[str, Any]], Awaitable[Reply]]
_FILTERS = ("what", "by", "since", "until")
_MOST, _MOST_NAMES, _MOST_EXPORTED = 500, 200, 20_000


class AuditCommands:
    """`questions` run at any time; see `Commands`. `by`: a whole name; `who`: who asks."""

    def __init__(self, store: Store, judging: Judging, places: Places) -> None:
        self._store = store
        self._judging = judging
        self._places = places
        self.questions: dict[str, Command] = {
            "audit.list": self._list,
            "audit.occurring": self._occurring,
            "audit.export": self._export,
        }

    async def _list(self, args: Mapping[str, Any]) -> Reply:
        entries.check_fields(args, ("limit", "before", *_FILTERS))
        limit = min(max(read_number(args, "limit", 100) or 1, 1), _MOST)
        asked, before = _asked(args), read_number(args, "before", None)
        found = await asyncio.to_thread(self._store.audit, limit + 1, before, asked)
        shown = [self._entry(row) for row in found[:limit]]
        return Reply({"entries": shown, "more": len(found) > limit})

    async def _occurring(self, args: Mapping[str, Any]) -> Reply:
        entries.check_fields(args, ())
        what = await asyncio.to_thread(self._store.audited)
        return Reply(
            {"what": list(what), "who": list(await asyncio.to_thread(self._store.auditors, _MOST_NAMES))}
        )

    async def _export(self, args: Mapping[str, Any]) -> Reply:
        """Everything that is asked for, the newest first, as lines of JSON in the payload. That it is taken
        away, and by whom, is written down too."""
        entries.check_fields(args, ("who", *_FILTERS), ("who",))
        asked, who = _asked(args), named(entries.text(args, "who", 100))
        chosen = {key: args[key] for key in _FILTERS if args.get(key)}
        self._judging.note("audit_exported", who, "page", {"asked": chosen})
        found = await asyncio.to_thread(self._store.audit, _MOST_EXPORTED + 1, None, asked)
        lines = "\n".join(json.dumps(self._entry(row), ensure_ascii=False) for row in found[:_MOST_EXPORTED])
        return Reply({"more": len(found) > _MOST_EXPORTED}, lines.encode())

    def _entry(self, row: AuditRow) -> dict[str, Any]:
        camera = str(row.detail.get("camera") or "")
        # A camera that is gone is called as it was when it was written down.
        name = self._places.names().get(camera) or str(row.detail.get("name") or camera)
        return {
            "id": row.id,
            "utc": row.at.isoformat(),
            "what": row.what,
            "who": row.who,
            "origin": row.origin,
            "camera_name": name if camera else "",
            "detail": dict(row.detail),
        }


def _asked(args: Mapping[str, Any]) -> AuditFilter:
    by = entries.text(args, "by", 100) if args.get("by") is not None else ""
    return AuditFilter(read_words(args, "what"), by, read_time(args, "since"), read_time(args, "until"))
