"""The live view: one sentence, the cameras on canvases, who is here. It draws by itself from one WebSocket
per tab (`/ws/live`) and from the judge's word (`window.poolwatch`); Python only places it and hears the
viewer's wishes."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

_HERE = Path(__file__).parent
# One module in the browser: each file declares what the following ones use.
SCRIPTS = (
    "ages.js",
    "people.js",
    "headline.js",
    "zones.js",
    "draw.js",
    "socket.js",
    "cards.js",
    "live.js",
)


def text(*names: str) -> str:
    return "\n".join((_HERE / name).read_text(encoding="utf-8") for name in names)


_component = st.components.v2.component(
    "poolwatch_live", html=text("live.html"), css=text("live.css"), js=text(*SCRIPTS)
)


def live_view() -> str:
    """Mounts the live view; it needs no rerun afterwards. Returns what the viewer just wished: `show ID` or
    `seal ID` for the real picture of a camera, `empty` when the last camera went, "" for nothing."""
    result = _component(key="live", on_wish_change=_nothing)
    return str(getattr(result, "wish", None) or "")


def _nothing() -> None:
    """A wish is a trigger: it is read from the result of the run that it causes."""
