"""The measured back ends as points, as Plotly takes them: how right against what it costs. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from html import escape
from typing import Any

from dashboard.backends import ENTRIES
from dashboard.web.timeline_figure import palette

HEIGHT_PX = 320
Numbers = Mapping[str, Mapping[str, float]]


@dataclass(frozen=True)
class Question:
    """What one plot asks: the share `right` (0 to 1) against the seconds `cost`, both columns of a report."""

    title: str
    right: str
    cost: str
    axis: str


QUESTIONS = (
    Question("AP on labelled pictures", "ap", "still_cpu_s", "CPU seconds a picture"),
    Question("Share of people found in the clip", "recall", "cpu_s", "CPU seconds a frame"),
)


def asked(numbers: Numbers) -> list[Question]:
    """The questions that at least one back end has an answer to."""
    return [q for q in QUESTIONS if any(q.right in row and q.cost in row for row in numbers.values())]


def figure(numbers: Numbers, question: Question, dark: bool) -> dict[str, Any]:
    """What `st.plotly_chart` takes: a point a back end that has both numbers, its name beside it."""
    colours = palette(dark)
    points = [
        (_label(name), row[question.cost], row[question.right])
        for name, row in numbers.items()
        if question.cost in row and question.right in row
    ]
    widest = max((cost for _, cost, _ in points), default=0.0) * 1.12 or 1.0
    trace = {
        "type": "scatter",
        "mode": "markers+text",
        "x": [cost for _, cost, _ in points],
        "y": [right for _, _, right in points],
        "text": [escape(label, quote=False) for label, _, _ in points],
        "textposition": [_beside(cost / widest) for _, cost, _ in points],
        "textfont": {"size": 14, "color": colours["ink"]},
        "marker": {"size": 13, "color": colours["water"]},
        "hoverinfo": "text",
        "hovertext": [
            f"{escape(label, quote=False)}<br>{right:.2f} at {cost:.3f} {question.axis}"
            for label, cost, right in points
        ],
        "cliponaxis": False,
    }
    return {"data": [trace], "layout": _layout(question, widest, colours)}


def _layout(question: Question, widest: float, colours: Mapping[str, str]) -> dict[str, Any]:
    axis = {
        "fixedrange": True,
        "zeroline": False,
        "gridcolor": colours["line"],
        "tickfont": {"size": 14, "color": colours["muted"]},
    }
    return {
        "height": HEIGHT_PX,
        "margin": {"l": 40, "r": 16, "t": 40, "b": 56, "pad": 4},
        "paper_bgcolor": colours["panel"],
        "plot_bgcolor": colours["panel"],
        "font": {"family": '"Source Sans", sans-serif', "size": 14, "color": colours["ink"]},
        "title": {"text": question.title, "x": 0, "xanchor": "left", "font": {"size": 16}},
        "showlegend": False,
        "dragmode": False,
        "hoverlabel": {"align": "left", "font": {"size": 15}, "namelength": 0},
        "xaxis": {**axis, "range": [0, widest], "title": {"text": question.axis}},
        "yaxis": {**axis, "range": [0, 1.08], "dtick": 0.2, "tickformat": ".1f"},
    }


def _beside(place: float) -> str:
    """Where a name has room, for a point so far (0 to 1) to the right."""
    return "top right" if place < 0.4 else "top center" if place < 0.65 else "top left"


def _label(name: str) -> str:
    return ENTRIES[name].label if name in ENTRIES else name
