"""What is the same on every page: the way past the bar, the name with its state lamp, the button that opens
the list of the other pages, the choice of theme in that list. The lamp hears the site and asks `/healthz` by
itself."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import streamlit as st

_HERE = Path(__file__).parent
ICON = _HERE / "icon.png"


def _text(name: str) -> str:
    return (_HERE / name).read_text(encoding="utf-8")


# What every component in the frame that hears the site begins with: the scripts of one are one module.
LINK_SCRIPT = _text("link.js")

_brand = st.components.v2.component(
    "poolwatch_brand",
    html=_text("brand.html"),
    css=_text("frame.css"),
    js=LINK_SCRIPT + _text("skip.js") + _text("brand.js"),
)
_more = st.components.v2.component(
    "poolwatch_more", html=_text("more.html"), css=_text("frame.css"), js=_text("more.js")
)
_theme = st.components.v2.component(
    "poolwatch_theme", html=_text("theme.html"), css=_text("frame.css"), js=_text("theme.js")
)


def brand() -> None:
    """The name and the lamp."""
    _brand(key="brand", width="content")


def more_switch(here: bool) -> None:
    """Opens the list of the pages that have no room in the bar; `here`: the shown page is one of them."""
    _more(key="more", data={"here": here}, width="content")


def theme_switch(paths: Sequence[str]) -> None:
    """Night, Sun or Auto, remembered in the browser; `paths` are the places of all pages, because
    Streamlit keeps the choice for each of them."""
    _theme(key="theme", data={"paths": list(paths)})
