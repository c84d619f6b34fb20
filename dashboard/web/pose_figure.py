"""The measured back ends as points, as Plotly takes them: how right against what it costs. Pure."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from dataclasses import dataclass
from html import escape
from typing import Any

from dashboard.backends import ENTRIES
from dashboard.web.timeline_figure import palette

HEIGHT_PX = 400
SHAPES = ("circle", "square", "triangle-up", "diamond", "x", "star", "cross")
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


def placed(numbers: Numbers, question: Question) -> list[tuple[str, float, float]]:
    """Label, cost and share of each back end that has both, the cheapest first."""
    found = [
        (_label(name), row[question.cost], row[question.right])
        for name, row in numbers.items()
        if question.cost in row and question.right in row
    ]
    return sorted(found, key=lambda point: point[1])


def figure(numbers: Numbers, question: Question, dark: bool) -> dict[str, Any]:
    """What `st.plotly_chart` takes: a point a back end that has both numbers, told apart by shape."""
    colours = palette(dark)
    points = placed(numbers, question)
    widest = max((cost for _, cost, _ in points), default=0.0) * 1.12 or 1.0
    shapes = dict(zip((_label(name) for name in numbers), itertools.cycle(SHAPES), strict=False))
    traces = [
        {
            "type": "scatter",
            "mode": "markers",
            "name": escape(label, quote=False),
            "x": [cost],
            "y": [right],
            "marker": {
                "size": 14,
                "symbol": shapes[label],
                "color": colours["water"],
            },
            "hoverinfo": "text",
            "hovertext": [f"{escape(label, quote=False)}<br>{right:.2f} at {cost:.3f} {question.axis}"],
            "cliponaxis": False,
        }
        for label, cost, right in points
    ]
    return {"data": traces, "layout": _layout(question, widest, colours)}


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
        "showlegend": True,
        "legend": {"orientation": "h", "x": 0, "y": -0.28, "yanchor": "top", "font": {"size": 14}},
        "dragmode": False,
        "hoverlabel": {"align": "left", "font": {"size": 15}, "namelength": 0},
        "xaxis": {**axis, "range": [0, widest], "title": {"text": question.axis, "font": {"size": 14}}},
        "yaxis": {**axis, "range": [0, 1.08], "dtick": 0.2, "tickformat": ".1f"},
    }


def _label(name: str) -> str:
    return ENTRIES[name].label if name in ENTRIES else name
