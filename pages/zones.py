"""Zones: what is watched, drawn on the learnt empty picture."""

import streamlit as st

from components.zones import zones_editor
from dashboard.web import service
from dashboard.web.commands import camera_list

st.title("Zones", anchor=False)
cameras, error = camera_list(service.current().handle)
if not cameras and not error:
    st.markdown("There is no camera yet. Zones are drawn on a camera's picture: add a camera first.")
    st.page_link("../pages/cameras.py", label="Add a camera", icon=":material/videocam:")
    st.stop()
zones_editor()
