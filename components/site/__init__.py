"""The browser's one line to the judge: `window.poolwatch`, on every page, over every page change."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

_HERE = Path(__file__).parent
# One module in the browser: each file declares what the following ones use.
_SCRIPTS = ("name.js", "client.js")

_component = st.components.v2.component(
    "poolwatch_site", js="\n".join((_HERE / name).read_text(encoding="utf-8") for name in _SCRIPTS)
)


def site_line() -> None:
    """Mounts it, once a page, before the page runs."""
    _component(key="site")
