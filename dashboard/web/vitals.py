"""The figures of the page Health as HTML: cameras, the machine, messages, the self-test. Everything that
people have named is escaped."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import tzinfo
from html import escape
from typing import Any

from dashboard.web.condition import LEAST_FREE_BYTES, Condition, size_words, span_words
from dashboard.web.history import when
from dashboard.web.text import one_line

_COLUMNS = ("Camera", "State", "Frames a second", "Seen after", "Slowest", "Left out", "Core", "Memory")
_WORD = {"good": "✓ Fine", "bad": "■ Wrong", "care": "◐ Soon"}
_TESTED = {
    "cameras": "Camera",
    "models": "Models",
    "disk": "Disk",
    "sound": "Sound",
    "contacts": "Contact",
}


def headline_html(found: Condition) -> str:
    """What is wrong first, in one sentence; the rest below it."""
    mood, mark = ("bad", "■") if found.wrong else ("care", "◐") if found.busy else ("good", "✓")
    first = f'<p class="pwr-headline pwr-{mood}">{mark} {escape(found.sentence)}</p>'
    rest = _items(("bad", text) for text in found.wrong[1:])
    return first + (f'<ul class="pwr-lines">{rest}</ul>' if rest else "")


def selftest_html(test: Mapping[str, Any]) -> str:
    """The lines of one self-test."""
    lines = (
        ("good" if line["ok"] else "bad", f"{_TESTED.get(line['what'], line['what'])}: {line['text']}")
        for line in test["lines"]
    )
    return f'<ul class="pwr-lines">{_items(lines)}</ul>'


def tested_words(test: Mapping[str, Any], zone: tzinfo | None) -> str:
    """When it was, and how it went."""
    lines = test["lines"]
    failed = sum(not line["ok"] for line in lines)
    went = "everything passed" if not failed else f"{failed} of {len(lines)} failed"
    return f"{when(test['at_utc'], zone)}: {went}."


def cameras_html(cameras: Sequence[Mapping[str, Any]]) -> str:
    """A row a camera; on phones each row is a list."""
    head = "".join(f'<th scope="col">{title}</th>' for title in _COLUMNS)
    rows = "".join(f"<tr>{_camera(camera)}</tr>" for camera in cameras)
    return (
        '<div class="pwr-table" tabindex="0" role="region" aria-label="Cameras">'
        f"<table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table></div>"
    )


def _camera(camera: Mapping[str, Any]) -> str:
    cells = (
        one_line(str(camera["name"])),
        state_of(camera),
        _number(camera.get("fps"), ".1f"),
        _number(camera.get("latency_ms_p50"), ".0f", " ms"),
        _number(camera.get("latency_ms_p95"), ".0f", " ms"),
        _number(camera.get("dropped"), ".0f"),
        _number(camera.get("cpu"), ".0f", " %"),
        _number(camera.get("rss_mb"), ".0f", " MB"),
    )
    labelled = zip(_COLUMNS, cells, strict=True)
    return "".join(f'<td data-label="{title}">{escape(cell)}</td>' for title, cell in labelled)


def state_of(camera: Mapping[str, Any]) -> str:
    """A camera's state in words with a mark, so that it is not told by colour."""
    if not camera.get("enabled", True):
        return "○ switched off"
    state, reason = str(camera.get("state") or "starting"), one_line(str(camera.get("reason") or ""), 200)
    word = {"live": "● live", "starting": "◐ starting"}.get(state, "■ does not see")
    if state == "live" and reason:
        return f"▲ live, but {reason}"
    return f"{word}: {reason}" if reason else word


def messages_html(outbox: Mapping[str, Any]) -> str:
    """What waits to be sent, and what failed with its reason."""
    failed = [str(text) for text in outbox.get("failed", ())]
    waiting = int(outbox.get("waiting", 0))
    waits = f"{waiting} message{'s wait' if waiting != 1 else ' waits'} to be sent." if waiting else ""
    lines = [("bad", text) for text in failed] + ([("care", waits)] if waits else [])
    return f'<ul class="pwr-lines">{_items(lines or [("good", "Nothing waits, and nothing failed.")])}</ul>'


def machine_html(vitals: Mapping[str, Any]) -> str:
    """The monitor, the disk and the database."""
    disk, database = vitals["disk"], vitals["database"]
    low = disk is not None and disk["free"] < LEAST_FREE_BYTES
    free = "not known" if disk is None else f"{size_words(disk['free'])} of {size_words(disk['total'])} free"
    kept = "writes" if database["ok"] else f"■ does not write: {one_line(database['why'], 300)}"
    size = f", {size_words(database['bytes'])}" if database["bytes"] is not None else ""
    facts = (
        ("Disk", f"■ only {free}" if low else free),
        ("Database", kept + size),
        ("Monitor’s memory", _number(vitals["rss_mb"], ".0f", " MB")),
        ("Monitor’s load", _number(vitals["cpu"], ".0f", " % of a core")),
        ("Runs for", span_words(vitals["uptime_s"])),
        ("Version", str(vitals["version"])),
    )
    rows = "".join(f"<dt>{escape(name)}</dt><dd>{escape(text)}</dd>" for name, text in facts)
    return f'<dl class="pwr-facts">{rows}</dl>'


def _items(lines: Iterable[tuple[str, str]]) -> str:
    return "".join(
        f'<li class="pwr-{mood}"><b>{_WORD[mood]}</b><span>{escape(one_line(text, 400))}</span></li>'
        for mood, text in lines
    )


def _number(value: object, form: str, unit: str = "") -> str:
    return f"{value:{form}}{unit}" if isinstance(value, int | float) else "–"
