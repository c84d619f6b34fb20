"""Report: the last night on one screen: what came by, near misses, cameras, the self-test."""

from pathlib import Path

import streamlit as st

from components.outcomes import show_error
from dashboard.accounts.roles import Right
from dashboard.report.night import KINDS, Line, night_of
from dashboard.report.timeline import timeline_of
from dashboard.report.times import local
from dashboard.web import service
from dashboard.web.commands import send
from dashboard.web.history import zone_of
from dashboard.web.report import section_html, sent_to
from dashboard.web.text import as_markdown

CSS = Path(__file__).parents[1] / "dashboard" / "records.css"
MOST = 500
WHO = "the page Last night"


def part(title: str, key: str, lines: tuple[Line, ...]) -> None:
    with st.container(border=True, key=f"pw-card-{key}"):
        st.subheader(title, anchor=False)
        st.html(section_html(lines))


def message() -> None:
    """The report as a message: who gets it by itself, and once more for them now."""
    asked = send(found.handle, "report.night")
    if not show_error(asked):
        return
    people, from_h = asked.reply.result["people"], float(asked.reply.result["from_h"])
    with st.container(horizontal=True, vertical_alignment="center", key="pw-report-message"):
        st.caption(as_markdown(sent_to(people, from_h), limit=2000), width="stretch")
        pressed = people and st.button("Send it now", icon=":material/send:")
    if pressed and show_error(sent := send(found.handle, "report.send", who=WHO)):
        names = as_markdown(", ".join(sent.reply.result["people"]), limit=2000)
        st.success(f"It is on its way to {names}.", icon=":material/check_circle:")


def page() -> None:
    st.title("Last night", anchor=False)
    night = send(found.handle, "clips.night")
    if not night.done:
        st.error(as_markdown(night.error, limit=400))
        return
    since, until = night.reply.result["since"], night.reply.result["until"]
    line = send(found.handle, "timeline.get", since=since, until=until)
    told = send(found.handle, "events.list", kinds=list(KINDS), since=since, until=until, limit=MOST)
    if not (line.done and told.done):
        st.error(as_markdown(line.error or told.error, limit=400))
        return
    test = (found.handle.site() or {}).get("selftest")
    events, clips = told.reply.result["events"], night.reply.result["counts"]
    shown = night_of(timeline_of(line.reply.payload), events, clips, test, zone, bool(found.handle.cameras()))
    begins, ends = local(since, zone), local(until, zone)
    mood, words = shown.headline
    st.html(f'<p class="pwr-headline pwr-{mood}">{words}</p>')
    st.caption(f"From {begins:%A %H:%M} to {ends:%A %H:%M}.")
    left, right = st.columns(2)
    with left:
        part("What came by", "report-came", shown.came_by)
        part("Cameras", "report-cameras", shown.cameras)
    with right:
        part("Near misses", "report-near", shown.near_misses)
        part("Self-test", "report-test", shown.selftest)
    st.page_link("../pages/clips.py", label="Look at the clips of the night", icon=":material/movie:")
    if service.account().may(Right.ANSWER):
        message()
    if told.reply.result["more"]:
        st.caption(f"More than {MOST} events: the oldest are left out here. The Timeline has them all.")


found = service.current()
zone = zone_of(st.context.timezone)
st.html(CSS)
with st.container(key="pw-page"):
    page()
