"""The editor of zones over the learnt empty picture. It speaks with the server's routes under `/api/zones` by
itself, so that a rerun of the page never costs somebody's drawing; Python only places it."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

_HERE = Path(__file__).parent
# One module in the browser: each file declares what the following ones use.
_SCRIPTS = ("shapes.js", "memory.js", "stage.js", "panel.js", "zones.js")


def _text(*names: str) -> str:
    return "\n".join((_HERE / name).read_text(encoding="utf-8") for name in names)


_component = st.components.v2.component(
    "poolwatch_zones", html=_text("zones.html"), css=_text("zones.css"), js=_text(*_SCRIPTS)
)


def zones_editor() -> None:
    """Mounts the editor."""
    _component(key="zones")
