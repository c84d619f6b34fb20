"""The night's report on its page: lines as HTML, and who gets it by itself. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape

from dashboard.report.night import Line
from dashboard.web.text import one_line

# Shape and word say what the colour says.
_MARKS = {"good": ("✓", "fine"), "care": ("▲", "worth a look"), "bad": ("■", "needs a look")}


def section_html(lines: Iterable[Line]) -> str:
    """Lines as a list, each with the mark of its mood."""
    items = "".join(
        f'<li class="pwr-{mood}"><b role="img" aria-label="{_MARKS[mood][1]}">{_MARKS[mood][0]}</b>'
        f"<span>{escape(words)}</span></li>"
        for mood, words in lines
    )
    return f'<ul class="pwr-lines pwr-marks">{items}</ul>'


def clock_words(hours: float) -> str:
    """A time of day: 7.5 is 07:30."""
    minutes = round(hours * 60)
    return f"{minutes // 60:02d}:{minutes % 60:02d}"


def sent_to(names: Sequence[str], from_h: float) -> str:
    """Who gets the report by itself, in a sentence."""
    if not names:
        return "Nobody gets this as a message yet: that is switched on for each contact under People."
    plain = [one_line(name, 60) for name in names]
    whom = " and ".join(filter(None, (", ".join(plain[:-1]), plain[-1])))
    return f"Sent each morning at {clock_words(from_h)} to {whom}."
