"""A timeline in words: a table for those who do not see the picture, and a file. Pure."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from html import escape, unescape

from dashboard.report.timeline import MINUTE, Minute, Timeline, crowds, length_words
from dashboard.web.history import as_cell, clips_path, level_words
from dashboard.web.text import one_line
from dashboard.web.timeline_figure import MODE_WORDS, dive_words

_COLUMNS = (
    "from",
    "to",
    "what",
    "description",
    "seconds",
    "water least",
    "water most",
    "deck least",
    "deck most",
)
_OUTAGES = {
    "camera_offline": "no picture",
    "camera_blind": "could not see",
    "camera_moved": "was moved",
}
MOST_ROWS = 400
_TAGS = re.compile("<[^>]*>")


@dataclass(frozen=True)
class Line:
    """One line; `html` says what it was, `filmed` whether there should be a clip of its beginning."""

    begins: datetime
    ends: datetime | None
    what: str
    html: str
    on: bool = False
    seconds: float | None = None
    filmed: bool = False


def lines(shown: Timeline) -> list[Line]:
    """Everything but the counts, in its order."""
    found = [*_alarm_lines(shown), *_span_lines(shown)]
    for dive in shown.dives:
        ends = dive.begins + timedelta(seconds=dive.seconds)
        words = dive_words(dive)
        found.append(Line(dive.begins, ends, "Under water", words, seconds=dive.seconds, filmed=True))
    return sorted(found, key=lambda line: line.begins)


def _alarm_lines(shown: Timeline) -> Iterator[Line]:
    for one in shown.alarms:
        begins = datetime.fromisoformat(one["utc"])
        ends = None if one["resolved_utc"] is None else datetime.fromisoformat(one["resolved_utc"])
        title = escape(one_line(str(one["title"]).removeprefix("Drill: "), 200))
        drill = '<b class="pwr-drill">Drill</b> ' if one["drill"] else ""
        link = f'<a href="/alarms?alarm={int(one["id"])}" target="_self">{title}</a>'
        length = None if ends is None else (ends - begins).total_seconds()
        words = f"{level_words(one['level'])}: {drill}{link}"
        yield Line(begins, ends, "Alarm", words, ends is None, length, filmed=True)


def _span_lines(shown: Timeline) -> Iterator[Line]:
    for span in (*shown.modes, *shown.absent):
        what = "Mode" if span.what != "absent" else "Poolwatch"
        by = f", {escape(one_line(span.words))}" if span.words and what == "Mode" else ""
        words = f"{MODE_WORDS.get(span.what, escape(one_line(span.what)))}{by}"
        yield Line(span.begins, span.ends, what, words, span.on, (span.ends - span.begins).total_seconds())
    for name, spans in shown.outages.items():
        for span in spans:
            words = f"{escape(one_line(name))}: {_OUTAGES.get(span.what, 'did not see')}"
            length = (span.ends - span.begins).total_seconds()
            yield Line(span.begins, span.ends, "Camera", words, span.on, length)


def happenings_html(shown: Timeline, zone: tzinfo | None) -> str:
    """What happened, the newest of very many."""
    found = lines(shown)
    rows = "".join(
        _row(
            ("When", _when(line, zone)),
            ("What", f"{line.what}: {line.html}"),
            ("Length", "" if line.seconds is None else length_words(line.seconds)),
        )
        for line in found[-MOST_ROWS:]
    )
    if not rows:
        return ""
    more = (
        f"<p>The newest {MOST_ROWS} of {len(found)}; the file has all.</p>" if len(found) > MOST_ROWS else ""
    )
    return more + _table("What happened", ("When", "What", "Length"), rows)


def people_html(shown: Timeline, zone: tzinfo | None) -> str:
    """How many people there were: by the hour, in a week by the day; hours without anybody are left out."""
    groups: dict[datetime, list[Minute]] = {}
    week = shown.until - shown.since > timedelta(days=2)
    for one in shown.minutes:
        local = one.at.astimezone(zone)
        groups.setdefault(local.replace(minute=0, hour=0 if week else local.hour), []).append(one)
    rows = []
    for begins, group in groups.items():
        (whole,) = crowds(group, timedelta(days=2))
        seen = sum(one.water is not None for one in group)
        if whole.water is None or whole.deck is None or not (whole.water[1] or whole.deck[1]):
            continue
        when = f"{begins:%A}, {begins.day} {begins:%B}" if week else f"{begins:%H:%M}"
        rows.append(
            _row(
                ("Day" if week else "Hour", when),
                ("In the water, at most", str(whole.water[1])),
                ("On deck, at most", str(whole.deck[1])),
                ("Counted for", length_words(seen * MINUTE.total_seconds())),
            )
        )
    if not rows:
        return ""
    titles = ("Day" if week else "Hour", "In the water, at most", "On deck, at most", "Counted for")
    return _table("How many people", titles, "".join(rows))


def _row(*cells: tuple[str, str]) -> str:
    """`cells`: title and content; a phone shows each title beside its content."""
    found = "".join(f'<td data-label="{title}"><span>{content}</span></td>' for title, content in cells)
    return f"<tr>{found}</tr>"


def _table(name: str, titles: Sequence[str], rows: str) -> str:
    head = "".join(f'<th scope="col">{title}</th>' for title in titles)
    table = f"<table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>"
    return f'<div class="pwr-table" tabindex="0" role="region" aria-label="{name}">{table}</div>'


def _when(line: Line, zone: tzinfo | None) -> str:
    """With the way to the clips of that moment, where there should be one."""
    if not line.filmed:
        return _times(line, zone)
    path = escape(clips_path(line.begins))
    return f'{_times(line, zone)} <a href="{path}" target="_self" aria-label="Clips of that time">Clips</a>'


def _times(line: Line, zone: tzinfo | None) -> str:
    begins = line.begins.astimezone(zone)
    shown = f"{begins:%a} {begins.day} {begins:%b}, {begins:%H:%M:%S}"
    if line.on or line.ends is None:
        return f"{shown}, goes on"
    ends = line.ends.astimezone(zone)
    if ends.date() == begins.date():
        return f"{shown} to {ends:%H:%M:%S}"
    return f"{shown} to {ends:%a} {ends.day} {ends:%b}, {ends:%H:%M:%S}"


def timeline_csv(shown: Timeline, zone: tzinfo | None) -> str:
    """A table for a spreadsheet: what happened, then the people of every minute that was counted."""
    page = io.StringIO()
    table = csv.writer(page)
    table.writerow(_COLUMNS)
    for line in lines(shown):
        ends = "" if line.on or line.ends is None else _stamp(line.ends, zone)
        length = "" if line.seconds is None else f"{line.seconds:.1f}"
        table.writerow(
            [
                _stamp(line.begins, zone),
                ends,
                line.what,
                as_cell(unescape(_TAGS.sub("", line.html))),
                length,
                *[""] * 4,
            ]
        )
    for one in shown.minutes:
        counts = (*(one.water or ("", "")), *(one.deck or ("", "")))
        said = "" if one.water is not None else "nobody could see"
        table.writerow([_stamp(one.at, zone), _stamp(one.at + MINUTE, zone), "People", said, 60, *counts])
    return "\ufeff" + page.getvalue()


def _stamp(at: datetime, zone: tzinfo | None) -> str:
    return at.astimezone(zone).isoformat(timespec="seconds")
