"""Clips: what was recorded, the last night at a glance, one clip to look at, label, share, keep, delete."""

import streamlit as st

from components.clips import clips_view
from dashboard.accounts.roles import Right
from dashboard.web import service
from dashboard.web.commands import camera_list

st.title("Clips", anchor=False)
cameras, error = camera_list(service.current().handle)
clips_view()
if not cameras and not error and service.account().may(Right.OWN):
    st.page_link("../pages/cameras.py", label="There is no camera yet: add one", icon=":material/videocam:")
