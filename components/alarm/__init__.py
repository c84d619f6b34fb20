"""The alarm on every page: the band at the top, its siren, and "Test the alarm". It hears the judge through
`window.poolwatch` and draws by itself; Python only places it."""

from __future__ import annotations

import json
from pathlib import Path

import streamlit as st

from components.site import site_line

_HERE = Path(__file__).parent
_LIVE = _HERE.parent / "live"
# One module in the browser: each file declares what the following ones use. The pictures are drawn as the
# live page draws them.
_SCRIPTS = (
    _LIVE / "ages.js",
    _LIVE / "people.js",
    _LIVE / "zones.js",
    _LIVE / "draw.js",
    _LIVE / "socket.js",
    _HERE / "sound.js",
    _HERE / "attention.js",
    _HERE / "words.js",
    _HERE / "picture.js",
    _HERE / "card.js",
    _HERE / "band.js",
)


def _text(*files: Path) -> str:
    return "\n".join(file.read_text(encoding="utf-8") for file in files)


# The band hangs on the body, where a component's own style does not reach.
_style = f"const BAND_CSS = {json.dumps(_text(_HERE / 'alarm.css'))};\n"
_band = st.components.v2.component("poolwatch_alarm", js=_style + _text(*_SCRIPTS))
_drill = st.components.v2.component(
    "poolwatch_drill",
    html=_text(_HERE / "drill.html"),
    css=_text(_HERE / "drill.css"),
    js=_text(_HERE / "drill.js"),
)


def alarm_everywhere() -> None:
    """Mounts the line to the judge and the band, once a page, before the page runs. They show themselves:
    nothing is laid out here."""
    with st.container(key="pw-alarm"):
        site_line()
        _band(key="alarm")


def drill_button() -> None:
    """ "Test the alarm", in two taps; for the list of pages that is on every page."""
    _drill(key="drill")
