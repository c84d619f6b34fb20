"""Live: every camera, who is here; on the first visit, three ways to begin."""

from collections.abc import Mapping
from typing import Any

import streamlit as st

from components.device import device_note
from components.live import live_view
from components.outcomes import show_error
from dashboard.accounts.roles import Right
from dashboard.web import service
from dashboard.web.commands import add_simulated_pool, camera_list, send
from dashboard.web.text import as_markdown, one_line

# The account's own name is written down in its place.
WHO, WHERE = "owner", "page"


def first_visit() -> None:
    """No camera yet: what to do is the page."""
    with st.container(key="pw-first"):
        st.title("Which pool shall Poolwatch watch?", anchor=False)
        st.markdown("There is no camera yet. Begin with one of these; all can be changed later.")
        with st.container(key="pw-choices", horizontal=True, gap="medium"):
            choice_simulated()
            choice_device()
            choice_add()
        st.page_link(
            "../pages/setup.py",
            label="Step 1 of 5. What comes after it: Set up",
            icon=":material/checklist:",
        )
    st.fragment(go_on_when_added, run_every=2)()


def choice_simulated() -> None:
    with st.container(border=True, key="pw-choice-simulated"):
        st.markdown(":material/pool:")
        st.subheader("Try the simulated pool", anchor=False)
        st.markdown(
            "A garden pool with people and pets, drawn by Poolwatch. Nothing to connect, nothing to lose."
        )
        if st.button("Try the simulated pool", type="primary", width="stretch"):
            outcome = add_simulated_pool(found.handle)
            if outcome.done:
                st.rerun()
            st.error(outcome.error)


def choice_device() -> None:
    with st.container(border=True, key="pw-choice-device"):
        st.markdown(":material/smartphone:")
        st.subheader("Use this device’s camera", anchor=False)
        st.markdown("This phone or laptop becomes a camera for as long as its page stays open.")
        device_note("device-note-live")
        if st.button("Use this device’s camera", width="stretch"):
            st.switch_page("../pages/device_camera.py")


def choice_add() -> None:
    with st.container(border=True, key="pw-choice-add"):
        st.markdown(":material/videocam:")
        st.subheader("Add a camera", anchor=False)
        st.markdown("A network camera (RTSP), a USB camera, or a video file on this machine.")
        if st.button("Add a camera", width="stretch"):
            st.session_state["cameras.adding"] = True
            st.switch_page("../pages/cameras.py")


def go_on_when_added() -> None:
    """Another tab may have added one meanwhile."""
    if camera_list(found.handle)[0]:
        st.rerun()


@st.dialog("Show the real picture?")
def ask_to_open(camera: Mapping[str, Any]) -> None:
    st.markdown(
        f"You see the people at **{as_markdown(one_line(str(camera['name']), 60))}** as the camera sees "
        "them, for ten minutes; then it is sealed again. Who opened it, when and why stays in the audit log."
    )
    with st.form("live.open", border=False):
        pin = st.text_input("PIN", type="password", max_chars=12, autocomplete="off")
        reason = st.text_input("Why", max_chars=200, placeholder="For example: the dog barks at the pool")
        yes, no = st.columns(2)
        opened = yes.form_submit_button("Show it", type="primary", width="stretch")
        kept = no.form_submit_button("Keep it sealed", width="stretch")
    if opened:
        asked = {"camera": camera["id"], "pin": pin, "reason": reason}
        if show_error(send(found.handle, "picture.open", who=WHO, where=WHERE, **asked)):
            st.rerun()
    if kept:
        st.rerun()


def close(camera: str) -> None:
    outcome = send(found.handle, "picture.close", camera=camera, who=WHO, where=WHERE)
    if not outcome.done:
        st.toast(outcome.error, icon=":material/error:")


found = service.current()
cameras, error = camera_list(found.handle)
if not error and not cameras:
    if service.account().may(Right.OWN):
        first_visit()
    else:
        st.title("Nothing is watched yet", anchor=False)
        st.info("There is no camera yet. The owner adds one.", icon=":material/visibility_off:")
        st.fragment(go_on_when_added, run_every=2)()
    st.stop()

wish, _, wished = live_view().partition(" ")
if wish == "seal":
    close(wished)
elif wish == "show":
    for one in cameras:
        if one["id"] == wished:
            ask_to_open(one)
