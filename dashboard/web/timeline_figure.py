"""The picture of a timeline, as Plotly takes it: rows under one axis of time, in the visitor's local time.
Nothing is told by colour alone: marks differ by shape, bands by pattern and words. Pure."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from html import escape
from typing import Any

from dashboard.report.timeline import MINUTE, Dive, Minute, Row, Span, Timeline, crowds, length_words
from dashboard.web.history import level_words
from dashboard.web.text import one_line

ALARM_TRACE = "alarms"
_LIGHT = {
    "ink": "#10262c",
    "muted": "#4d656d",
    "line": "#d7e2e4",
    "panel": "#ffffff",
    "water": "#0b7d93",
    "deck": "#8f5600",
    "emergency": "#b31824",
    "alert": "#8f5600",
    "prompt": "#0b7d93",
    "watch": "#0c7454",
    "supervised": "#0b7d93",
    "paused": "#8f5600",
    "absent": "#577078",
    "outage": "#b31824",
}
_DARK = {
    **_LIGHT,
    "ink": "#e8f1f2",
    "muted": "#93a7ad",
    "line": "#26363d",
    "panel": "#151f24",
    "water": "#2bb3c9",
    "deck": "#f2b134",
    "emergency": "#ff7d7e",
    "alert": "#f2b134",
    "prompt": "#2bb3c9",
    "watch": "#43c59e",
    "supervised": "#2bb3c9",
    "paused": "#f2b134",
    "absent": "#93a7ad",
    "outage": "#ff7d7e",
}
_SHAPES = {"emergency": "square", "alert": "triangle-up", "prompt": "circle"}
_HEIGHTS = {"emergency": 3, "alert": 2, "prompt": 1}
_PATTERNS = {"watch": "", "supervised": "/", "paused": "x", "absent": "."}
MODE_WORDS = {"watch": "Watch", "supervised": "Supervised", "paused": "Paused", "absent": "Did not run"}
_WEEK_STEP, _GAP_PX, _TOP_PX, _BOTTOM_PX = 60 * MINUTE, 34, 0, 46
_MOST_LANES = 8
# The share of the width in which a word fits on a phone.
_ROOM = 0.2
Local = Callable[[datetime], str]


@dataclass(frozen=True)
class _Lane:
    """One row: its title, its height, what is drawn and how its axis looks."""

    title: str
    px: int
    traces: Sequence[dict[str, Any]]
    axis: dict[str, Any]


@dataclass(frozen=True)
class _Band:
    """A span as it is drawn."""

    span: Span
    word: str
    colour: str
    pattern: str


def palette(dark: bool) -> dict[str, str]:
    """The colours of every plot, by what they stand for."""
    return _DARK if dark else _LIGHT


def figure(shown: Timeline, zone: tzinfo | None, dark: bool) -> dict[str, Any]:
    """What `st.plotly_chart` takes."""
    colours = palette(dark)
    lanes = list(_lanes(shown, zone, colours))
    plot_px = sum(lane.px + _GAP_PX for lane in lanes)
    layout: dict[str, Any] = {
        "height": plot_px + _TOP_PX + _BOTTOM_PX,
        "margin": {"l": 36, "r": 12, "t": _TOP_PX, "b": _BOTTOM_PX, "pad": 0},
        "paper_bgcolor": colours["panel"],
        "plot_bgcolor": colours["panel"],
        "font": {"family": '"Source Sans", sans-serif', "size": 14, "color": colours["ink"]},
        "showlegend": False,
        "hovermode": "closest",
        "hoverlabel": {"align": "left", "font": {"size": 15}, "namelength": 0},
        "barmode": "overlay",
        "dragmode": False,
        "xaxis": _time_axis(shown, zone, colours, len(lanes)),
        "annotations": [],
    }
    data: list[dict[str, Any]] = []
    top = 1.0
    for number, lane in enumerate(lanes, 1):
        name = "" if number == 1 else str(number)
        top -= _GAP_PX / plot_px
        layout[f"yaxis{name}"] = {
            "fixedrange": True,
            "zeroline": False,
            "gridcolor": colours["line"],
            "anchor": "x",
            **lane.axis,
            "domain": [max(top - lane.px / plot_px, 0.0), top],
        }
        layout["annotations"].append(_title(lane.title, top, colours))
        data += [{**trace, "xaxis": "x", "yaxis": f"y{name}"} for trace in lane.traces]
        top -= lane.px / plot_px
    return {"data": data, "layout": layout}


def _title(text: str, top: float, colours: dict[str, str]) -> dict[str, Any]:
    place = {"x": 0, "xref": "paper", "xanchor": "left", "y": top, "yref": "paper", "yanchor": "bottom"}
    return {
        **place,
        "text": text,
        "showarrow": False,
        "xshift": -30,
        "align": "left",
        "font": {"size": 14, "color": colours["ink"]},
    }


def _time_axis(shown: Timeline, zone: tzinfo | None, colours: dict[str, str], lanes: int) -> dict[str, Any]:
    week = shown.until - shown.since > timedelta(days=2)
    return {
        "type": "date",
        "range": [_local(shown.since, zone), _local(shown.until, zone)],
        "fixedrange": True,
        "showgrid": True,
        "gridcolor": colours["line"],
        "anchor": "y" if lanes <= 1 else f"y{lanes}",
        "tickformat": "%a<br>%-d %b" if week else "%H:%M",
        "dtick": 86_400_000 if week else 4 * 3_600_000,
        "tickfont": {"size": 14, "color": colours["muted"]},
        "ticklabelmode": "period" if week else "instant",
    }


def _lanes(shown: Timeline, zone: tzinfo | None, colours: dict[str, str]) -> Sequence[_Lane]:
    def local(at: datetime) -> str:
        return _local(at, zone)

    found = [_people(shown, local, colours), _alarms(shown.alarms, local, colours)]
    if shown.dives:
        found.append(_dives(shown.dives, local, colours))
    room = (shown.until - shown.since) * _ROOM
    spans = [*shown.modes, *shown.absent]
    bands = [
        _Band(span, MODE_WORDS[span.what], colours[span.what], _PATTERNS[span.what])
        for span in spans
        if span.what in MODE_WORDS
    ]
    title = "Mode: □ watch  / supervised  × paused  · did not run"
    found.append(_Lane(title, 40, [_bands(bands, local, colours["ink"], room)], _BAND))
    for name, outages in list(shown.outages.items())[:_MOST_LANES]:
        bands = [_Band(span, "did not see", colours["outage"], "x") for span in outages]
        found.append(
            _Lane(
                f"Camera {_shown(name)}: did not see", 24, [_bands(bands, local, colours["ink"], room)], _BAND
            )
        )
    return found


_BAND = {"range": [-0.5, 0.5], "showticklabels": False, "showgrid": False}


def _people(shown: Timeline, local: Local, colours: dict[str, str]) -> _Lane:
    week = shown.until - shown.since > timedelta(days=2)
    step = _WEEK_STEP if week else MINUTE
    counted = list(crowds(shown.minutes, step))
    water = [None if one.water is None else one.water[1] for one in counted]
    deck = [None if one.deck is None else one.deck[1] for one in counted]
    most = max([count for count in (*water, *deck) if count is not None], default=0)
    words = [_people_words(one, local, step) for one in counted]
    whole = [
        _area(counted, water, local, step, colours["water"]),
        _line(counted, water, words, local, step, colours["water"], "solid"),
        _line(counted, deck, words, local, step, colours["deck"], "dash"),
    ]
    ways = f"<span style='color:{colours['water']}'>━ in the water</span>"
    ways += f"   <span style='color:{colours['deck']}'>╌ on deck</span>"
    axis = {"range": [0, max(most, 3) + 0.5], "dtick": max(1, -(-most // 4)), "tickformat": "d"}
    return _Lane(f"People: {ways}", 150, whole, axis)


def _line(
    counted: Sequence[Minute],
    counts: Sequence[int | None],
    words: Sequence[str],
    local: Local,
    step: timedelta,
    colour: str,
    dash: str,
) -> dict[str, Any]:
    """Steps, with a gap wherever there is no count: a count holds for its own minutes alone."""
    x: list[str] = []
    y: list[int | None] = []
    text: list[str] = []
    for number, (one, count, said) in enumerate(zip(counted, counts, words, strict=True)):
        x.append(local(one.at))
        y.append(count)
        text.append(said)
        ends = one.at + step
        follows = counted[number + 1] if number + 1 < len(counted) else None
        if count is not None and (follows is None or follows.at > ends or counts[number + 1] is None):
            x += [local(ends), local(ends)]
            y += [count, None]
            text += [said, ""]
    line = {"shape": "hv", "color": colour, "width": 2, "dash": dash}
    more = {"hoverinfo": "text", "hovertext": text, "connectgaps": False, **_steady()}
    return {"type": "scatter", "mode": "lines", "x": x, "y": y, "line": line, **more}


def _area(
    counted: Sequence[Minute], counts: Sequence[int | None], local: Local, step: timedelta, colour: str
) -> dict[str, Any]:
    """What is under the line. Plotly fills across gaps: there it is nothing high."""
    points: list[tuple[str, int]] = []
    ended: datetime | None = None
    for one, count in zip(counted, counts, strict=True):
        if not count:
            continue
        if ended != one.at:
            points += [] if ended is None else [(local(ended), 0)]
            points.append((local(one.at), 0))
        ended = one.at + step
        points += [(local(one.at), count), (local(ended), count)]
    points += [] if ended is None else [(local(ended), 0)]
    x, y = [at for at, _ in points], [height for _, height in points]
    more = {"fill": "tozeroy", "fillcolor": colour + "40", "hoverinfo": "skip", **_steady()}
    return {"type": "scatter", "mode": "lines", "x": x, "y": y, "line": {"width": 0}, **more}


def _steady() -> dict[str, Any]:
    """A click on one mark leaves the others as they are."""
    return {"selected": {"marker": {"opacity": 1}}, "unselected": {"marker": {"opacity": 1}}}


def _people_words(one: Minute, local: Local, step: timedelta) -> str:
    if one.water is None or one.deck is None:
        return f"{_clock(local(one.at))}: nobody could see"
    length = "" if step == MINUTE else f" to {local(one.at + step)[11:16]}"
    return (
        f"{_clock(local(one.at))}{length}<br>in the water: {_range(one.water)}<br>on deck: {_range(one.deck)}"
    )


def _range(count: tuple[int, int]) -> str:
    low, high = count
    return f"{low}" if low == high else f"{low} to {high}"


def _alarms(alarms: Sequence[Row], local: Local, colours: dict[str, str]) -> _Lane:
    shown = [one for one in alarms if one["level"] in _SHAPES]
    shapes = [_SHAPES[one["level"]] + ("-open" if one["drill"] else "") for one in shown]
    trace = {
        "type": "scatter",
        "mode": "markers",
        "name": ALARM_TRACE,
        "x": [local(datetime.fromisoformat(one["utc"])) for one in shown],
        "y": [_HEIGHTS[one["level"]] for one in shown],
        "customdata": [[int(one["id"])] for one in shown],
        "marker": {
            "symbol": shapes,
            "size": 15,
            "color": [colours[one["level"]] for one in shown],
            "line": {"width": 2, "color": [colours[one["level"]] for one in shown]},
        },
        "hoverinfo": "text",
        "hovertext": [_alarm_words(one, local) for one in shown],
        "cliponaxis": False,
        **_steady(),
    }
    title = "Alarms: ■ emergency  ▲ alert  ● question  □ drill"
    return _Lane(title, 84, [trace], {"range": [0.4, 3.6], "showticklabels": False, "dtick": 1})


def _alarm_words(one: Row, local: Local) -> str:
    begins = datetime.fromisoformat(one["utc"])
    ends = None if one["resolved_utc"] is None else datetime.fromisoformat(one["resolved_utc"])
    lasted = "still open" if ends is None else f"over after {length_words((ends - begins).total_seconds())}"
    drill = "Drill. " if one["drill"] else ""
    title = _shown(str(one["title"]).removeprefix("Drill: "), 90)
    return (
        f"{_clock(local(begins))}, {level_words(one['level'])}<br>{drill}{title}<br>{lasted}; press for more"
    )


def _dives(dives: Sequence[Dive], local: Local, colours: dict[str, str]) -> _Lane:
    longest = max(dive.seconds for dive in dives)
    stems: dict[str, Any] = {"x": [], "y": []}
    for dive in dives:
        stems["x"] += [local(dive.begins)] * 3
        stems["y"] += [0, dive.seconds, None]
    line = {"color": colours["water"], "width": 3}
    stem = {"type": "scatter", "mode": "lines", **stems, "line": line, "hoverinfo": "skip", **_steady()}
    marks = {
        "type": "scatter",
        "mode": "markers",
        "x": [local(dive.begins) for dive in dives],
        "y": [dive.seconds for dive in dives],
        "marker": {
            "symbol": [_SHAPES.get(dive.level, "circle") if dive.end else "x" for dive in dives],
            "size": 11,
            "color": [colours.get(dive.level, colours["water"]) for dive in dives],
        },
        "hoverinfo": "text",
        "hovertext": [f"{_clock(local(dive.begins), True)}<br>{dive_words(dive)}" for dive in dives],
        "cliponaxis": False,
        **_steady(),
    }
    axis = {"range": [0, longest * 1.3 or 1], "nticks": 4}
    return _Lane("Seconds under water, when it was told", 90, [stem, marks], axis)


def dive_words(dive: Dive) -> str:
    """A dive as a sentence; as HTML."""
    length = f"{dive.seconds:.0f} s" if dive.end in ("came up", "left") else f"at least {dive.seconds:.0f} s"
    end = f", {dive.end}" if dive.end else ", its end was not seen"
    return f"{_shown(dive.who)} under water in {_shown(dive.place)} for {length}{end}"


def _bands(bands: Sequence[_Band], local: Local, ink: str, room: timedelta) -> dict[str, Any]:
    begins = [local(band.span.begins) for band in bands]
    ends = [local(band.span.ends) for band in bands]
    lengths = [
        datetime.fromisoformat(b) - datetime.fromisoformat(a) for a, b in zip(begins, ends, strict=True)
    ]
    colours = [band.colour for band in bands]
    pattern = {"shape": [band.pattern for band in bands], "fgcolor": [colour + "70" for colour in colours]}
    return {
        "type": "bar",
        "orientation": "h",
        "base": begins,
        "x": [max(length.total_seconds(), 0) * 1000 for length in lengths],
        "y": [0] * len(bands),
        "width": 0.8,
        "marker": {
            "color": [colour + "38" for colour in colours],
            "line": {"color": colours, "width": 1.5},
            "pattern": {**pattern, "size": 7, "solidity": 0.25},
        },
        # Words that have no room would be turned or shrunk.
        "text": [band.word if length >= room else "" for band, length in zip(bands, lengths, strict=True)],
        "textangle": 0,
        "textposition": "inside",
        "insidetextanchor": "middle",
        "textfont": {"color": ink, "size": 14},
        "hoverinfo": "text",
        "hovertext": [_band_words(*one) for one in zip(bands, begins, ends, strict=True)],
        **_steady(),
    }


def _band_words(band: _Band, begins: str, ends: str) -> str:
    until = "until now" if band.span.on else f"to {_clock(ends)}"
    return "<br>".join(filter(None, [band.word, _shown(band.span.words, 90), f"{_clock(begins)} {until}"]))


def _local(at: datetime, zone: tzinfo | None) -> str:
    """Plotly knows no zones: the hands of the local clock."""
    return at.astimezone(zone).replace(tzinfo=None).isoformat(timespec="seconds")


def _clock(local: str, exact: bool = False) -> str:
    at = datetime.fromisoformat(local)
    return f"{at:%a} {at.day} {at:%b}, {at:%H:%M:%S}" if exact else f"{at:%a} {at.day} {at:%b}, {at:%H:%M}"


def _shown(text: str, limit: int = 40) -> str:
    return escape(one_line(text, limit))
