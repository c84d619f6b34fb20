"""What Streamlit runs for every visitor: the frame around the pages and the way between them."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from components.alarm import alarm_everywhere, drill_button
from components.frame import ICON, brand, more_switch, theme_switch
from components.mode import mode_switch, pause_band
from components.prompts import prompt_cards
from components.tour import setup_line
from dashboard.accounts.roles import REFUSED, Right, right_of_page
from dashboard.web import service

_CSS = Path(__file__).with_name("main.css")

# One line a page, in the order of the bar: file, title, icon, address, and whether it stands in the bar
# or under More. On a phone the bar has room for four; the fifth is under More there.
PLACES = (
    ("live.py", "Live", "visibility", "", "bar"),
    ("clips.py", "Clips", "movie", "clips", "bar"),
    ("timeline.py", "Timeline", "timeline", "timeline", "bar"),
    ("zones.py", "Zones", "pentagon", "zones", "bar"),
    ("alarms.py", "Alarms", "notifications", "alarms", "bar"),
    ("setup.py", "Set up", "checklist", "setup", "more"),
    ("cameras.py", "Cameras", "videocam", "cameras", "more"),
    ("device_camera.py", "This device", "smartphone", "device", "more"),
    ("people.py", "People", "group", "people", "more"),
    ("report.py", "Last night", "bedtime", "report", "more"),
    ("replay.py", "Replay", "replay", "replay", "more"),
    ("pose.py", "Pose", "accessibility_new", "pose", "more"),
    ("settings.py", "Settings", "tune", "settings", "more"),
    ("health.py", "Health", "monitor_heart", "health", "more"),
    ("audit.py", "Audit", "policy", "audit", "more"),
    ("members.py", "Members", "badge", "members", "more"),
)
_ON_A_PHONE = 4


def place_link(place: tuple[str, str, str, str, str], container: str) -> None:
    """One way to a page; bold where one is."""
    shown, title, icon = pages[place[0]], place[1], f":material/{place[2]}:"
    with st.container(key=container):
        st.page_link(shown, label=f"**{title}**" if shown is page else title, icon=icon)


def frame() -> None:
    """The bar: name, mode, and the ways to the pages."""
    with st.container(key="pw-top", horizontal=True, vertical_alignment="center", gap="medium"):
        brand()
        mode_switch()
        with st.container(key="pw-places", horizontal=True, gap="small"):
            for number, place in enumerate(in_bar):
                room = "wide" if number >= _ON_A_PHONE else "bar"
                place_link(place, f"pw-place-{room}-{place[3] or 'live'}")
            more_switch(any(pages[place[0]] is page for place in in_more))
        with st.container(key="pw-more"):
            for place in in_bar[_ON_A_PHONE:]:
                place_link(place, f"pw-place-narrow-{place[3]}")
            for place in in_more:
                place_link(place, f"pw-place-more-{place[3]}")
            if account.may(Right.ANSWER):
                drill_button()
            theme_switch([f"/{place[3]}" for place in PLACES])


# A page's own icon would become the tab's, and the browser fetch it from the internet.
pages = {
    file: st.Page(f"../pages/{file}", title=title, url_path=address or None, default=not address)
    for file, title, _, address, _ in PLACES
}
page = st.navigation(list(pages.values()), position="hidden")
st.set_page_config(page_title=f"{page.title} · Poolwatch", page_icon=str(ICON), layout="wide")
account = service.account()
mine = [place for place in PLACES if account.may(right_of_page(place[0]))]
in_bar = [place for place in mine if place[4] == "bar"]
in_more = [place for place in mine if place[4] == "more"]

st.html(_CSS)
alarm_everywhere()
with st.container(key="pw-head"):
    frame()
    pause_band()
prompt_cards()

if service.current_or_none() is None:
    st.error("Poolwatch was not started by its own door. Start it with: streamlit run dashboard/app.py")
    st.stop()

if page is not pages["device_camera.py"]:
    # The browser ended the device's stream when its page was left: coming back begins with Start.
    st.session_state.pop("device.sending", None)
file = next(file for file, one in pages.items() if one is page)
if not account.may(right_of_page(file)):
    st.title(page.title, anchor=False)
    st.info(REFUSED[right_of_page(file)], icon=":material/lock:")
    st.stop()
if page is not pages["setup.py"] and account.may(Right.OWN):
    setup_line(file)
page.run()
