"""The last measurement of the back ends (`python -m dashboard bench pose`), as rows for the page."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Any

from dashboard.backends import ENTRIES

SHIPPED = Path(__file__).resolve().parents[2] / "assets" / "measured" / "pose.json"
NAME = "bench-pose.json"
COLUMNS = {
    "ap": ("AP", "{:.2f}"),
    "ap50": ("AP50", "{:.2f}"),
    "pckh": ("PCKh", "{:.2f}"),
    "still_ms": ("ms a picture", "{:.0f}"),
    "still_cpu_s": ("CPU s a picture", "{:.2f}"),
    "recall": ("found in the clip", "{:.2f}"),
    "precision": ("of it right", "{:.2f}"),
    "frames_per_s": ("frames/s", "{:.1f}"),
    "cpu_s": ("CPU s a frame", "{:.3f}"),
    "joules": ("J a frame", "{:.2f}"),
    "rss_mb": ("MB", "{:.0f}"),
}


@dataclass(frozen=True)
class Report:
    """`about` says on what and when; a row a back end, each of the same `columns`, words only."""

    about: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    numbers: Mapping[str, Mapping[str, float]]


def read_report(data: Path) -> Report | None:
    """The measurement of this machine, or the one that came with the program; None when neither is there
    or can be read."""
    for path in (data / NAME, SHIPPED):
        try:
            raw = json.loads(path.read_text(encoding="utf-8"))
            return _report(raw)
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            continue
    return None


def _report(raw: Mapping[str, Any]) -> Report:
    numbers = {
        str(name): {key: float(value) for key, value in row.items() if _number(value)}
        for name, row in raw["backends"].items()
    }
    used = [key for key in COLUMNS if any(key in row for row in numbers.values())]
    rows = tuple((_label(name), *(_word(row, key) for key in used)) for name, row in numbers.items())
    return Report(str(raw["about"]), ("", *(COLUMNS[key][0] for key in used)), rows, numbers)


def _number(value: object) -> bool:
    return isinstance(value, int | float) and math.isfinite(value)


def _label(name: str) -> str:
    return ENTRIES[name].label if name in ENTRIES else name


def _word(row: Mapping[str, float], key: str) -> str:
    return COLUMNS[key][1].format(row[key]) if key in row else "–"


def table_html(report: Report) -> str:
    """The rows as a table; on a phone each is a list, whose cells say what they are."""
    head = "".join(f'<th scope="col">{word}</th>' for word in report.columns)
    body = "".join(f"<tr>{_cells(row, report.columns)}</tr>" for row in report.rows)
    return (
        '<div class="pwr-table" tabindex="0" role="region" aria-label="Measured back ends">'
        f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>"
    )


def _cells(row: Sequence[str], columns: Sequence[str]) -> str:
    cells = zip(columns[1:], row[1:], strict=True)
    rest = "".join(f'<td data-label="{column}">{word}</td>' for column, word in cells)
    return f'<th scope="row">{escape(row[0])}</th>{rest}'
