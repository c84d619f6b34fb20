"""What may be asked of clips: a page of them, one with its neighbours, last night, how full the disk is; and
what people say of them: labels, notes, pins, and that one is to go."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from dashboard.clock import Clock
from dashboard.monitor import entries
from dashboard.monitor.clip_entries import (
    FILTERS,
    LABELS,
    asked_for,
    clip_entry,
    clip_id,
    cursor_of,
    mark_of,
)
from dashboard.monitor.handle import MonitorError, Reply
from dashboard.monitor.history_commands import read_number
from dashboard.monitor.judging import Judging, named
from dashboard.monitor.places import Places
from dashboard.record.folder import clip_day, remove_files
from dashboard.report.times import day_of_night, night_of_day
from dashboard.store import ClipFilter, ClipMark, ClipRow, Store

Command = Callable[[Mapping[str, Any]], Awaitable[Reply]]
_USUAL, _MOST, _MOST_OF_NIGHT = 60, 200, 24
_LONGEST_NOTE = 1000
_NEWEST = 5000
_MOST_NAMES = 200
_GONE = "There is no such clip (any more)."


class ClipCommands:
    """`changes` run one at a time, `questions` at any time; see `Commands`. `disk` says how full it is,
    `opened` until when the real picture of a clip is open, `learn` takes note of what the animals in a clip
    are said to be, and says of how many."""

    def __init__(self, data: Path, store: Store, judging: Judging, places: Places, clock: Clock) -> None:
        self._data = data
        self._store = store
        self._judging = judging
        self._places = places
        self._clock = clock
        self.disk: Callable[[], Mapping[str, Any]] = dict
        self.opened: Callable[[str], datetime | None] = lambda clip: None
        self.forgotten: Callable[[str], None] = lambda clip: None
        self.learn: Callable[[ClipRow, str | None], int] = lambda row, label: 0
        self.questions: dict[str, Command] = {
            "clips.list": self._list,
            "clips.one": self._one,
            "clips.night": self._night,
            "clips.disk": self._disk,
            "clips.occurring": self._occurring,
            "clips.exported": self._exported,
            "clips.watched": self._watched,
        }
        self.changes: dict[str, Command] = {
            "clips.label": self._label,
            "clips.keep": self._keep,
            "clips.note": self._note,
            "clips.delete": self._delete,
        }

    async def _list(self, args: Mapping[str, Any]) -> Reply:
        entries.check_fields(args, ("limit", "before", *FILTERS))
        limit = min(max(read_number(args, "limit", _USUAL) or 1, 1), _MOST)
        asked, before = asked_for(args), mark_of(args.get("before"))
        found = await asyncio.to_thread(self._store.clips_found, asked, limit + 1, before)
        shown, more = found[:limit], len(found) > limit
        return Reply({"clips": self._entries(shown), "before": cursor_of(shown[-1]) if more else None})

    async def _one(self, args: Mapping[str, Any]) -> Reply:
        entries.check_fields(args, ("id", *FILTERS), ("id",))
        asked, row = asked_for(args), await self._known(args)
        mark = ClipMark(row.began, row.id)
        newer, older = await asyncio.to_thread(self._store.clip_neighbours, mark, asked)
        return Reply({"clip": self._entries([row])[0], "newer": newer, "older": older})

    async def _night(self, args: Mapping[str, Any]) -> Reply:
        """What was last night, by the clock of this machine."""
        entries.check_fields(args, ())
        now = self._clock.utc()
        since, until = night_of_day(day_of_night(now, None), now, None)
        asked = ClipFilter(since=since, until=until)
        found = await asyncio.to_thread(self._store.clips_found, asked, _MOST_OF_NIGHT + 1)
        counts = await asyncio.to_thread(self._store.clip_counts, asked)
        night = {"since": since.isoformat(), "until": until.isoformat(), "counts": counts}
        shown = self._entries(found[:_MOST_OF_NIGHT])
        return Reply({**night, "clips": shown, "more": len(found) > _MOST_OF_NIGHT})

    async def _disk(self, args: Mapping[str, Any]) -> Reply:
        entries.check_fields(args, ())
        count, size = await asyncio.to_thread(self._store.clip_bytes)
        return Reply({"count": count, "bytes": size, **await asyncio.to_thread(self.disk)})

    async def _occurring(self, args: Mapping[str, Any]) -> Reply:
        entries.check_fields(args, ())
        kinds, cameras, people = await asyncio.to_thread(self._store.clips_occurring, _NEWEST)
        names = self._places.names()
        known = [{"id": camera, "name": names.get(camera, camera)} for camera in cameras]
        return Reply({"kinds": list(kinds), "cameras": known, "people": list(people[:_MOST_NAMES])})

    async def _label(self, args: Mapping[str, Any]) -> Reply:
        entries.check_fields(args, ("id", "label", "who", "where"), ("id", "label", "who"))
        label = args["label"]
        if label is not None and label not in LABELS:
            raise MonitorError(f"The label must be one of {', '.join(LABELS)}, or none.")
        reply = await self._marked(args, "clip_labelled", {"label": label}, label=label or "")
        row = await self._known(args)
        learnt = await asyncio.to_thread(self.learn, row, label) if row.state == "ready" else 0
        return Reply({**reply.result, "learnt": learnt})

    async def _keep(self, args: Mapping[str, Any]) -> Reply:
        entries.check_fields(args, ("id", "kept", "who", "where"), ("id", "kept", "who"))
        kept = entries.flag(args, "kept", False)
        return await self._marked(args, "clip_pinned", {"kept": kept}, kept=kept)

    async def _note(self, args: Mapping[str, Any]) -> Reply:
        entries.check_fields(args, ("id", "note", "who", "where"), ("id", "note", "who"))
        note = entries.text(args, "note", _LONGEST_NOTE)
        return await self._marked(args, "clip_noted", {"note": note}, note=note)

    async def _marked(self, args: Mapping[str, Any], what: str, detail: dict[str, Any], **said: Any) -> Reply:
        row = await self._known(args)
        if not await asyncio.to_thread(lambda: self._store.mark_clip(row.id, **said)):
            raise MonitorError(_GONE)
        self._noted(args, what, row, detail)
        return Reply({"clip": self._entries([await self._known(args)])[0]})

    async def _delete(self, args: Mapping[str, Any]) -> Reply:
        """Files and row. What cannot be removed from the disk keeps its row: it can be tried again."""
        entries.check_fields(args, ("id", "who", "where"), ("id", "who"))
        row = await self._known(args)
        if row.state == "recording":
            raise MonitorError("This clip is still being recorded.")
        self.forgotten(row.id)
        try:
            await asyncio.to_thread(remove_files, clip_day(self._data, row.began), row.id)
        except OSError as error:
            raise MonitorError(f"The clip cannot be deleted: {error.strerror or error}.") from None
        await asyncio.to_thread(self._store.forget_clips, [row.id])
        self._noted(args, "clip_deleted", row, {"began": row.began.isoformat(), "kind": row.kind})
        return Reply()

    async def _exported(self, args: Mapping[str, Any]) -> Reply:
        """Somebody takes the redacted video away."""
        entries.check_fields(args, ("id", "who", "where"), ("id", "who"))
        self._noted(args, "clip_exported", await self._known(args), {})
        return Reply()

    async def _watched(self, args: Mapping[str, Any]) -> Reply:
        """Somebody is shown the real picture."""
        entries.check_fields(args, ("id", "who", "where"), ("id",))
        self._noted(args, "clip_watched", await self._known(args), {})
        return Reply()

    async def _known(self, args: Mapping[str, Any]) -> ClipRow:
        row = await asyncio.to_thread(self._store.clip, clip_id(args))
        if row is None:
            raise MonitorError(_GONE)
        return row

    def _entries(self, rows: Sequence[ClipRow]) -> list[dict[str, Any]]:
        names, templates = self._places.names(), self._places.templates()
        return [clip_entry(row, names, templates, self.opened(row.id)) for row in rows]

    def _noted(self, args: Mapping[str, Any], what: str, row: ClipRow, detail: Mapping[str, object]) -> None:
        who = named(entries.text(args, "who", 100)) if args.get("who") else "a page"
        where = entries.text(args, "where", 100) if args.get("where") is not None else ""
        self._judging.note(what, who, where, {"clip": row.id, "camera": row.camera, **detail})
