"""The alarm on every page, and the line to the judge that it hears."""

from __future__ import annotations

import streamlit as st

from components.site import site_line


def alarm_everywhere() -> None:
    """Mounts both, once a page, before the page runs. They show themselves: nothing is laid out here."""
    with st.container(key="pw-alarm"):
        site_line()
