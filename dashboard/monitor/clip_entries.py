"""Clips as the pages get them, and what may be asked of them: checked, in words. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from dashboard.monitor import entries
from dashboard.monitor.handle import MonitorError
from dashboard.monitor.history_commands import event_entry, read_time, read_words
from dashboard.rules.templates import Template
from dashboard.store import ClipFilter, ClipMark, ClipRow
from dashboard.values import Level

FILTERS = ("kinds", "levels", "camera", "person", "labels", "since", "until", "text", "kept")
LABELS = ("false_alarm", "pet", "wildlife", "person", "toy", "drill")
_ID = re.compile(r"[0-9a-f]{32}")


def clip_id(args: Mapping[str, Any]) -> str:
    """The clip that is meant: 32 hexadecimal digits, before anything else is done with it."""
    value = args["id"]
    if not isinstance(value, str) or not _ID.fullmatch(value):
        raise MonitorError("There is no such clip (any more).")
    return value


def asked_for(args: Mapping[str, Any]) -> ClipFilter:
    """The filters; MonitorError names the one that cannot be."""
    levels = read_words(args, "levels")
    if any(level not in list(Level) for level in levels):
        raise MonitorError(f"The levels are {', '.join(Level)}.")
    labels = read_words(args, "labels")
    if any(label not in LABELS for label in labels):
        raise MonitorError(f"The labels are {', '.join(LABELS)}.")
    return ClipFilter(
        kinds=read_words(args, "kinds"),
        levels=levels,
        camera=_short(args, "camera"),
        person=_short(args, "person"),
        labels=labels,
        since=read_time(args, "since"),
        until=read_time(args, "until"),
        text=_short(args, "text"),
        kept=None if args.get("kept") is None else entries.flag(args, "kept", False),
    )


def mark_of(cursor: object) -> ClipMark | None:
    """The place that an earlier answer gave."""
    if cursor is None:
        return None
    began, _, clip = str(cursor)[:80].partition("~")
    if not _ID.fullmatch(clip):
        raise MonitorError("The field 'before' must be what an earlier answer gave.")
    at = read_time({"before": began}, "before")
    assert at is not None
    return ClipMark(at, clip)


def cursor_of(row: ClipRow) -> str:
    """Where the next page goes on."""
    return f"{row.began.isoformat()}~{row.id}"


def clip_entry(
    row: ClipRow,
    names: Mapping[str, str],
    templates: Mapping[str, Template],
    opened_until: datetime | None = None,
) -> dict[str, Any]:
    """One clip for the pages."""
    return {
        "id": row.id,
        "camera": row.camera,
        "camera_name": names.get(row.camera, row.camera),
        "began_utc": row.began.isoformat(),
        "ended_utc": row.ended.isoformat(),
        "kind": row.kind,
        "level": row.level,
        "people": list(row.people),
        "events": [
            {
                **event_entry(one.row, names, templates),
                "at_s": round((one.row.at - row.began).total_seconds(), 1),
                "alarm": one.alarm,
            }
            for one in row.events
        ],
        "drill": row.drill,
        "label": row.label,
        "note": row.note,
        "kept": row.kept,
        "state": row.state,
        "bytes": row.bytes,
        "width": row.width,
        "height": row.height,
        "sealed": row.sealed,
        "open": row.open,
        "opened_until_utc": None if opened_until is None else opened_until.isoformat(),
    }


def _short(args: Mapping[str, Any], field: str) -> str:
    return entries.text(args, field, 100) if args.get(field) is not None else ""
