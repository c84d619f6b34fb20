"""What Streamlit runs for every visitor: the frame around the pages and the way between them."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from components.frame import ICON, brand, theme_switch
from dashboard.web import service

_CSS = Path(__file__).with_name("main.css")

st.set_page_config(page_title="Poolwatch", page_icon=str(ICON), layout="wide")

places = [
    st.Page("../pages/live.py", title="Live", icon=":material/visibility:", default=True),
    st.Page("../pages/cameras.py", title="Cameras", icon=":material/videocam:"),
    st.Page(
        "../pages/device_camera.py", title="This device", icon=":material/smartphone:", url_path="device"
    ),
]
page = st.navigation(places, position="hidden")

st.html(_CSS)
with st.container(key="pw-top", horizontal=True, vertical_alignment="center", gap="medium"):
    brand()
    with st.container(key="pw-places", horizontal=True, gap="small"):
        for place in places:
            st.page_link(place, label=f"**{place.title}**" if place is page else place.title)
    theme_switch(["/"] + [f"/{place.url_path}" for place in places if place.url_path])

if service.current_or_none() is None:
    st.error("Poolwatch was not started by its own door. Start it with: streamlit run dashboard/app.py")
    st.stop()

if page is not places[2]:
    # The browser ended the device's stream when its page was left: coming back begins with Start.
    st.session_state.pop("device.sending", None)
page.run()
