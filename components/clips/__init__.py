"""The gallery of clips and its player. It speaks with the server's routes under `/api/clips` and `/clips` by
itself, so that nothing jumps or starts anew when the page runs again; Python only places it."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from components import live

_HERE = Path(__file__).parent
# One module in the browser: each file declares what the following ones use. Skeletons, names and rings are
# drawn as on the live page.
_DRAWING = ("ages.js", "people.js", "zones.js", "draw.js")
_SCRIPTS = ("ask.js", "words.js", "track.js", "cards.js", "filters.js", "gallery.js", "deeds.js", "film.js")
_MAIN = ("player.js", "clips.js")


def _text(*names: str) -> str:
    return "\n".join((_HERE / name).read_text(encoding="utf-8") for name in names)


_component = st.components.v2.component(
    "poolwatch_clips",
    html=_text("clips.html"),
    css=_text("clips.css", "player.css"),
    js=live.text(*_DRAWING) + "\n" + _text(*_SCRIPTS, *_MAIN),
)


def clips_view() -> None:
    """Mounts it."""
    _component(key="clips")
