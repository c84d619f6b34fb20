"""Health: whether everything works, what is wrong first, and the figures behind it."""

from pathlib import Path

import streamlit as st

from dashboard.web import service
from dashboard.web.commands import send
from dashboard.web.condition import condition
from dashboard.web.history import zone_of
from dashboard.web.text import as_markdown
from dashboard.web.vitals import (
    cameras_html,
    headline_html,
    machine_html,
    messages_html,
    selftest_html,
    tested_words,
)

EVERY_S = 2
CSS = Path(__file__).parents[1] / "dashboard" / "records.css"


def headline() -> None:
    """What is wrong, said first."""
    handle = found.handle
    vitals = send(handle, "health.get") if handle.connected else None
    known = vitals.reply.result if vitals is not None and vitals.done else None
    st.html(headline_html(condition(handle.connected, handle.site(), handle.cameras(), known)))


def test_result() -> None:
    """The last self-test, line by line."""
    test = (found.handle.site() or {}).get("selftest")
    if not test:
        st.markdown("It has not run yet. It runs by itself five minutes after the start, then once a day.")
        return
    st.caption(tested_words(test, zone))
    st.html(selftest_html(test))


def run_test() -> None:
    with st.spinner("Looking at cameras, models, disk and sound, and sending one message; 15 s at most"):
        outcome = send(found.handle, "selftest.run")
    if outcome.error:
        st.error(as_markdown(outcome.error, limit=400))


def cameras() -> None:
    there = found.handle.cameras()
    if there:
        st.html(cameras_html(there))
    else:
        st.markdown("There is no camera yet: add one on the page Cameras.")


def messages() -> None:
    st.html(messages_html((found.handle.site() or {}).get("outbox") or {}))


def machine() -> None:
    outcome = send(found.handle, "health.get")
    if outcome.error:
        st.error(as_markdown(outcome.error, limit=400))
    else:
        st.html(machine_html(outcome.reply.result))


def live_card(key: str, title: str, draw: object) -> None:
    """A card whose inside is drawn anew every other second; the card itself stays."""
    with st.container(border=True, key=f"pw-card-{key}"):
        st.subheader(title, anchor=False)
        st.fragment(draw, run_every=EVERY_S)()


def page() -> None:
    st.title("Health", anchor=False)
    st.fragment(headline, run_every=EVERY_S)()
    with st.container(border=True, key="pw-card-selftest"):
        with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
            st.subheader("Self-test", anchor=False, width="content")
            pressed = st.button("Run it now", icon=":material/play_arrow:")
        if pressed:
            run_test()
        st.fragment(test_result, run_every=EVERY_S)()
    live_card("cameras", "Cameras", cameras)
    live_card("messages", "Messages", messages)
    live_card("machine", "This machine", machine)


found = service.current()
zone = zone_of(st.context.timezone)
st.html(CSS)
with st.container(key="pw-page"):
    page()
