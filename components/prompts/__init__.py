"""Questions that wait for a person ("An adult has arrived. Switch to Supervised?"), on every page as cards
with two buttons. They hear the site by themselves (`window.poolwatch`); Python only places them."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from components.frame import LINK_SCRIPT

_HERE = Path(__file__).parent


def _text(name: str) -> str:
    return (_HERE / name).read_text(encoding="utf-8")


_component = st.components.v2.component(
    "poolwatch_prompts",
    html=_text("prompts.html"),
    css=_text("prompts.css"),
    js=LINK_SCRIPT + _text("prompts.js"),
)


def prompt_cards() -> None:
    """Mounts them, once a page. They float: nothing moves when one comes."""
    _component(key="prompts")
