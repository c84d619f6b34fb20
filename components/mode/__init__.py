"""The mode, on every page: the switch in the bar, and while nobody watches a band below it that counts
down. Both hear the site by themselves (`window.poolwatch`); Python only places them."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from components.frame import LINK_SCRIPT

_HERE = Path(__file__).parent


def _text(*names: str) -> str:
    """The files of one component are one module in the browser: each declares what the following use."""
    return "\n".join((_HERE / name).read_text(encoding="utf-8") for name in names)


_switch = st.components.v2.component(
    "poolwatch_mode",
    html=_text("switch.html"),
    css=_text("mode.css"),
    js=LINK_SCRIPT + _text("words.js", "panels.js", "opening.js", "switch.js"),
)
_pause = st.components.v2.component(
    "poolwatch_pause",
    html=_text("pause.html"),
    css=_text("mode.css"),
    js=LINK_SCRIPT + _text("words.js", "pause.js"),
)


def mode_switch() -> None:
    """Watch, Supervised or Pause, since when and by whom."""
    _switch(key="mode", width="content")


def pause_band() -> None:
    """While paused: that nobody is watching, and for how long. Takes no room otherwise."""
    _pause(key="pause")
