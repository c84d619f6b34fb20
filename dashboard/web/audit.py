"""The audit in plain words: who saw, took away or changed what. What people have typed is escaped. Pure."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import tzinfo
from html import escape
from itertools import groupby
from typing import Any

from dashboard.report.times import local
from dashboard.web.history import REASONS, as_cell, day_words
from dashboard.web.text import one_line

Row = Mapping[str, Any]
WHAT = {
    "alarm_acknowledged": "Saw an alarm",
    "alarm_resolved": "Closed an alarm",
    "audit_exported": "Saved this audit log",
    "camera_added": "Added a camera",
    "camera_changed": "Changed a camera",
    "camera_removed": "Removed a camera",
    "camera_view_renewed": "Took a camera's new view",
    "cameras_ordered": "Put the cameras in another order",
    "clip_deleted": "Deleted a clip",
    "clips_cleared": "Old clips went: the disk was nearly full",
    "clip_exported": "Saved a clip as a file",
    "clip_labelled": "Labelled a clip",
    "clip_noted": "Wrote a note on a clip",
    "clip_opened": "Opened the real picture of a clip",
    "clip_refused": "Typed a wrong passphrase for a clip",
    "clip_sealed": "Closed the real picture of a clip again",
    "clip_pinned": "Pinned a clip, or let it go",
    "clip_watched": "Watched the real picture of a clip",
    "contact_added": "Added a contact",
    "contact_changed": "Changed a contact",
    "contact_removed": "Removed a contact",
    "contacts_ordered": "Put the contacts in another order",
    "drill": "Tested the alarm",
    "events_exported": "Saved the events as a file",
    "mode_changed": "Changed the mode",
    "picture_closed": "The real picture was sealed again",
    "picture_opened": "Opened the real picture",
    "picture_released": "The real picture was opened",
    "picture_watched": "Watched the real picture",
    "pin_changed": "Changed the PIN",
    "pin_refused": "Typed a wrong PIN",
    "prompt_answered": "Answered a question",
    "report_sent": "Sent the report of the night",
    "seal_begun_anew": "Set the passphrase of sealed video anew: nobody can open what was sealed before",
    "seal_changed": "Changed the passphrase of the sealed video",
    "seal_refused": "Typed a wrong passphrase for the sealed video",
    "seal_set": "Set a passphrase for sealed video",
    "settings_changed": "Changed settings",
    "timeline_exported": "Saved the timeline as a file",
    "zones_changed": "Changed zones",
}
_COLUMNS = ("date", "time", "utc", "who", "what", "description", "from", "detail")


def what_words(what: str) -> str:
    """A kind of deed; also one that this version does not know."""
    return WHAT.get(what, one_line(what.replace("_", " ").capitalize()))


def who_words(who: str) -> str:
    """`timer` is the program itself."""
    return "Poolwatch itself" if who == "timer" else one_line(who)


def words(entry: Row) -> str:
    """What was done, with what is known of it; plain text."""
    detail, what = entry["detail"], str(entry["what"])
    told = _TOLD.get(what)
    more = told(detail, str(entry["camera_name"])) if told is not None else _rest(detail, entry)
    return what_words(what) + (f": {one_line(more, 300)}" if more else "")


def _mode(detail: Row, camera: str) -> str:
    pause_s = detail.get("pause_s")
    length = f" for {float(pause_s) / 60:.0f} min" if isinstance(pause_s, int | float) else ""
    return f"from {detail.get('from', '?')} to {detail.get('to', '?')}{length}"


def _resolved(detail: Row, camera: str) -> str:
    reason = REASONS.get(str(detail.get("reason")), str(detail.get("reason", "")))
    note = f". Note: {detail['note']}" if detail.get("note") else ""
    return f"alarm {detail.get('alarm', '?')}, {reason[:1].lower()}{reason[1:]}{note}"


def _camera(detail: Row, camera: str) -> str:
    fields = [str(field) for field in detail.get("fields") or () if field != "id"]
    return camera + (f" ({', '.join(fields)})" if fields else "")


def _settings(detail: Row, camera: str) -> str:
    if "show_camera" in detail:
        return f"the real picture is {'always shown' if detail['show_camera'] else 'sealed again'}"
    return _plainly({key: value for key, value in detail.items() if key != "fields"}) or ", ".join(
        str(field) for field in detail.get("fields") or ()
    )


_TOLD: dict[str, Callable[[Row, str], str]] = {
    "mode_changed": _mode,
    "alarm_acknowledged": lambda detail, camera: f"alarm {detail.get('alarm', '?')}",
    "alarm_resolved": _resolved,
    "camera_added": lambda detail, camera: camera,
    "camera_changed": _camera,
    "camera_removed": lambda detail, camera: camera,
    "cameras_ordered": lambda detail, camera: "",
    "camera_view_renewed": lambda detail, camera: f"{camera}: what it shows is its new view",
    "picture_opened": lambda detail, camera: f"{camera}: {detail.get('reason', '')}",
    "picture_closed": lambda detail, camera: f"{camera}, {detail.get('because', '')}",
    "picture_released": lambda detail, camera: f"{camera}, nobody answered alarm {detail.get('alarm', '?')}",
    "picture_watched": lambda detail, camera: f"{camera}, {detail.get('because', '')}",
    "clip_labelled": lambda detail, camera: f"{camera}, {_value(detail.get('label'))}",
    "clip_pinned": lambda detail, camera: f"{camera}, {'pinned' if detail.get('kept') else 'not pinned'}",
    "clip_noted": lambda detail, camera: f"{camera}, {detail.get('note', '')}",
    "clips_cleared": lambda detail, camera: f"{detail.get('count', '?')} clips",
    "clip_deleted": lambda detail, camera: f"{camera}, of {str(detail.get('began', '?'))[:16]} UTC",
    "clip_exported": lambda detail, camera: camera,
    "clip_watched": lambda detail, camera: camera,
    "clip_opened": lambda detail, camera: f"{camera}: {detail.get('reason', '')}",
    "clip_refused": lambda detail, camera: camera,
    "clip_sealed": lambda detail, camera: camera,
    "settings_changed": _settings,
    "zones_changed": lambda detail, camera: f"{camera}, {detail.get('zones', '?')} zones now",
    "prompt_answered": lambda detail, camera: (
        "leave it" if detail.get("choice") == "stay" else f"switch to {detail.get('to', '?')}"
    ),
    "events_exported": lambda detail, camera: _value(detail.get("asked") or {}) or "all of them",
    "audit_exported": lambda detail, camera: _value(detail.get("asked") or {}) or "all of it",
    "timeline_exported": lambda detail, camera: f"{_day(detail, 'since')} to {_day(detail, 'until')}",
}


def _day(detail: Row, field: str) -> str:
    return str(detail.get(field, "?"))[:10]


def _rest(detail: Row, entry: Row) -> str:
    """Of what this version does not know, what it says of itself."""
    shown = {key: value for key, value in detail.items() if key != "camera"}
    parts = [str(entry["camera_name"]), _plainly(shown)]
    return ", ".join(part for part in parts if part)


def _plainly(detail: Row) -> str:
    return ", ".join(
        f"{key.replace('_', ' ')} {_value(value)}" for key, value in detail.items() if value != ""
    )


def _value(value: object) -> str:
    if isinstance(value, list):
        return " and ".join(_value(one) for one in value)
    if isinstance(value, Mapping):
        return _plainly(value)
    if value is None or isinstance(value, bool):
        return "none" if value is None else "yes" if value else "no"
    return str(value)


def audit_html(entries: Sequence[Row], zone: tzinfo | None) -> str:
    """The entries, the newest first, under the day on which they were."""
    days = groupby(entries, key=lambda entry: local(entry["utc"], zone).date())
    return "".join(
        f'<section class="pwr-day pwr-audit"><h3>{day_words(day)}</h3><ol>{"".join(_items(rows, zone))}</ol>'
        "</section>"
        for day, rows in days
    )


def _items(rows: Iterable[Row], zone: tzinfo | None) -> Iterator[str]:
    for row in rows:
        at = local(row["utc"], zone)
        origin = one_line(str(row["origin"]))
        yield (
            f'<li><time datetime="{escape(row["utc"])}">{at:%H:%M:%S}</time>'
            f'<b class="pwr-who">{escape(who_words(str(row["who"])))}</b>'
            f'<span class="pwr-what">{escape(words(row))}</span>'
            f'<span class="pwr-where">{escape(_origin(origin))}</span></li>'
        )


def _origin(origin: str) -> str:
    return (
        "" if origin in ("", "timer") else {"page": "from a page", "alarm": "by an alarm"}.get(origin, origin)
    )


def audit_csv(entries: Iterable[Row], zone: tzinfo | None) -> str:
    """A table for a spreadsheet, with a mark at its start that tells Excel the letters' code."""
    page = io.StringIO()
    table = csv.writer(page)
    table.writerow(_COLUMNS)
    for entry in entries:
        at = local(entry["utc"], zone)
        detail = json.dumps(entry["detail"], ensure_ascii=False)
        cells = (f"{at:%Y-%m-%d}", f"{at:%H:%M:%S}", entry["utc"], entry["who"], entry["what"], words(entry))
        table.writerow([as_cell(str(cell)) for cell in (*cells, entry["origin"], detail)])
    return "\ufeff" + page.getvalue()
