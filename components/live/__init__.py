"""The live view: a grid of cameras on canvases, the summary, who is here. It draws by itself from one
WebSocket per tab (`/ws/live`); Python only places it and hears the viewer's wishes."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

_HERE = Path(__file__).parent
# One module in the browser: each file declares what the following ones use.
_SCRIPTS = ("ages.js", "draw.js", "socket.js", "cards.js", "live.js")


def _text(*names: str) -> str:
    return "\n".join((_HERE / name).read_text(encoding="utf-8") for name in names)


_component = st.components.v2.component(
    "poolwatch_live", html=_text("live.html"), css=_text("live.css"), js=_text(*_SCRIPTS)
)


def live_view() -> str:
    """Mounts the live view; it needs no rerun afterwards. Returns what the viewer just wished: `show` or
    `seal` the real picture, `empty` when the last camera went, "" for nothing."""
    result = _component(key="live", on_wish_change=_nothing)
    return str(getattr(result, "wish", None) or "")


def _nothing() -> None:
    """A wish is a trigger: it is read from the result of the run that it causes."""
