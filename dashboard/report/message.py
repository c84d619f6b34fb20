"""The night's report as a message: the lines of the page, short. Pure."""

from __future__ import annotations

from datetime import datetime, tzinfo

from dashboard.report.night import Line, Night

_MARKS = {"good": "·", "care": "▲", "bad": "■"}
PAGE = "report"


def message_of(
    night: Night, since: datetime, until: datetime, zone: tzinfo | None, link: str
) -> tuple[str, str]:
    """Title and text; `link` leads to the pages, "" where nobody has said it."""
    begins, ends = since.astimezone(zone), until.astimezone(zone)
    lines = [
        f"From {begins:%A %H:%M} to {ends:%A %H:%M}.",
        *_part("", night.came_by),
        *_part("Near misses", night.near_misses),
        *_part("Cameras", night.cameras),
        *_part("Self-test", night.selftest),
    ]
    if link:
        lines.append(f"Open: {link.rstrip('/')}/{PAGE}")
    return f"Last night: {night.headline[1]}", "\n".join(lines)


def _part(title: str, lines: tuple[Line, ...]) -> list[str]:
    found = [f"{_MARKS[mood]} {words}" for mood, words in lines]
    return [f"{title}:", *found] if title else found
