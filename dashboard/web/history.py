"""What was, as the pages show it: words for kinds and levels, local times, rows as HTML, a file to keep.
Everything that people or cameras have named is escaped."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta, tzinfo
from html import escape
from itertools import groupby
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from dashboard.report.times import local
from dashboard.values import Level
from dashboard.web.text import one_line

Row = Mapping[str, Any]
LEVELS = {
    Level.EMERGENCY: ("■", "Emergency"),
    Level.ALERT: ("▲", "Alert"),
    Level.PROMPT: ("?", "Question"),
    Level.NOTICE: ("·", "Notice"),
}
KINDS = {
    "adult_left_child": "Adult left a child",
    "animal": "Animal",
    "camera_back": "Camera sees again",
    "camera_blind": "Camera cannot see",
    "camera_moved": "Camera was moved",
    "camera_offline": "Camera sends no picture",
    "child_alone": "Child alone",
    "danger_pose": "Pose of danger",
    "drill": "Test of the alarm",
    "mode_changed": "Mode changed",
    "mode_prompt": "Question about the mode",
    "motionless": "Motionless",
    "no_responsible_adult": "No responsible adult",
    "object_appeared": "New object",
    "object_removed": "Object gone",
    "objects_left": "Left behind",
    "person_entered": "Somebody came",
    "person_in_water": "Somebody in the water",
    "person_left": "Somebody left",
    "person_missing": "Somebody missing",
    "selftest_failed": "Self-test failed",
    "submersion": "Under water",
    "surfaced": "Came up again",
}
REASONS = {"real": "It was real", "drill": "It was a drill", "false": "It was a false alarm"}
_MESSAGES = {"alarm": "call for help", "acknowledged": "“seen”", "all_clear": "all clear", "test": "test"}
_STATES = {"done": "sent", "waiting": "waits", "failed": "not sent", "dropped": "not needed any more"}
# A clip may have begun so long before what is looked for, and begins no later than that.
_CLIP_BEFORE, _CLIP_AFTER = timedelta(seconds=150), timedelta(seconds=60)
_COLUMNS = ("date", "time", "utc", "level", "kind", "what", "camera", "place", "who", "drill", "detail")


def zone_of(name: str | None) -> tzinfo | None:
    """The visitor's time zone, None (this machine's) where it is not known."""
    try:
        return ZoneInfo(name) if name else None
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None


def day_words(day: date) -> str:
    return f"{day:%A}, {day.day} {day:%B} {day.year}"


def when(utc: str | None, zone: tzinfo | None) -> str:
    """Date and time; "" for never."""
    if not utc:
        return ""
    at = local(utc, zone)
    return f"{at:%a} {at.day} {at:%b} {at.year}, {at:%H:%M:%S}"


def kind_words(kind: str) -> str:
    return KINDS.get(kind, kind.replace("_", " ").capitalize())


def level_words(level: str) -> str:
    mark, word = LEVELS[Level(level)]
    return f"{mark} {word}"


def events_html(events: Sequence[Row], zone: tzinfo | None) -> str:
    """The rows, the newest first, under the day on which they were."""
    days = groupby(events, key=lambda event: local(event["utc"], zone).date())
    return "".join(
        f'<section class="pwr-day"><h3>{day_words(day)}</h3><ol>{"".join(_items(rows, zone))}</ol></section>'
        for day, rows in days
    )


def _items(rows: Iterable[Row], zone: tzinfo | None) -> Iterator[str]:
    for row in rows:
        at = local(row["utc"], zone)
        drill = '<b class="pwr-drill">Drill</b> ' if row["drill"] else ""
        yield (
            f'<li class="pwr-{Level(row["level"]).value}"><time datetime="{escape(row["utc"])}">{at:%H:%M:%S}'
            f'</time><span class="pwr-level">{level_words(row["level"])}</span>'
            f'<span class="pwr-what">{drill}{_shown(row["text"], 300)}</span>'
            f'<span class="pwr-where">{_shown(row["camera_name"])}</span></li>'
        )


def clips_path(at: datetime) -> str:
    """The address of the clips in which that moment (aware) is."""
    bounds = {"since": at - _CLIP_BEFORE, "until": at + _CLIP_AFTER}
    return f"/clips?{urlencode({key: one.astimezone(UTC).isoformat() for key, one in bounds.items()})}"


def alarm_html(alarm: Row, zone: tzinfo | None) -> str:
    """What led to an alarm, who has seen it, why it was over, and what became of the messages."""
    parts = [_part("What led to it", _causes(alarm, zone))]
    seen = [f"{_shown(one['who'])}, {when(one['utc'], zone)}" for one in alarm["acknowledged"]]
    parts.append(_part("Who has seen it", seen or ["Nobody said so."]))
    parts.append(_part("How it ended", _end(alarm, zone)))
    parts.append(_part("Messages", _messages(alarm, zone)))
    path = escape(clips_path(datetime.fromisoformat(alarm["utc"])))
    parts.append(f'<p><a href="{path}" target="_self">Clips of that time</a></p>')
    return f'<div class="pwr-alarm">{"".join(parts)}</div>'


def _part(title: str, lines: Sequence[str]) -> str:
    return f"<h4>{title}</h4><ul>{''.join(f'<li>{line}</li>' for line in lines)}</ul>"


def _causes(alarm: Row, zone: tzinfo | None) -> list[str]:
    shown = [f"{local(one['utc'], zone):%H:%M:%S} {_shown(one['text'], 300)}" for one in alarm["causes"]]
    more = alarm["cause_count"] - len(shown)
    return [*shown, f"… and {more} more"] if more > 0 else shown


def _end(alarm: Row, zone: tzinfo | None) -> list[str]:
    if not alarm["resolved_utc"]:
        return ["It is still open."]
    if not alarm["reason"]:
        return [f"The trouble was over, {when(alarm['resolved_utc'], zone)}."]
    who, reason = (
        _shown(alarm["resolved_by"] or "somebody"),
        REASONS.get(alarm["reason"], str(alarm["reason"])),
    )
    end = [f"{escape(reason)}, says {who}, {when(alarm['resolved_utc'], zone)}."]
    return [*end, f"Note: {_shown(alarm['note'], 1000)}"] if alarm["note"] else end


def _messages(alarm: Row, zone: tzinfo | None) -> list[str]:
    shown = [_message(one, zone) for one in alarm["messages"]]
    earlier = alarm["message_count"] - len(shown)
    first = [f"{earlier} earlier ones"] if earlier > 0 else []
    return [*first, *shown] or ["None was sent."]


def _message(one: Row, zone: tzinfo | None) -> str:
    kind, state = _MESSAGES.get(one["kind"], "message"), _STATES.get(one["state"], str(one["state"]))
    why = f" ({_shown(one['error'], 200)})" if one["error"] and one["state"] != "done" else ""
    return f"{local(one['utc'], zone):%H:%M:%S} to {_shown(one['contact'])}, {kind}: {state}{why}"


def end_words(alarm: Row) -> str:
    """How an alarm of the archive stands, in a few words."""
    if alarm["reason"]:
        return REASONS.get(alarm["reason"], str(alarm["reason"])).removeprefix("It was ").removeprefix("a ")
    if alarm["resolved_utc"]:
        return "over by itself"
    return "seen, still open" if alarm["acknowledged"] else "open"


def as_csv(events: Iterable[Row], zone: tzinfo | None) -> str:
    """A table for a spreadsheet, with a mark at its start that tells Excel the letters' code."""
    page = io.StringIO()
    table = csv.writer(page)
    table.writerow(_COLUMNS)
    for event in events:
        at = local(event["utc"], zone)
        cells = (
            f"{at:%Y-%m-%d}",
            f"{at:%H:%M:%S}",
            event["utc"],
            event["level"],
            event["kind"],
            event["text"],
            event["camera_name"],
            event["zone"] or "",
            str(event["detail"].get("name") or ""),
            "yes" if event["drill"] else "",
            json.dumps(event["detail"], ensure_ascii=False),
        )
        table.writerow([as_cell(str(cell)) for cell in cells])
    return "\ufeff" + page.getvalue()


def as_cell(cell: str) -> str:
    """A spreadsheet must not take what somebody typed for a formula."""
    return f"'{cell}" if cell[:1] in ("=", "+", "-", "@", "\t", "\r") else cell


def _shown(text: object, limit: int = 80) -> str:
    return escape(one_line(str(text), limit))


def events_from(lines: bytes) -> Iterator[Row]:
    """The rows of an export, as the monitor hands them over."""
    for line in filter(None, lines.decode().split("\n")):
        yield json.loads(line)
