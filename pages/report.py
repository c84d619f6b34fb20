"""Report: the last night on one screen: what came by, near misses, cameras, the self-test."""

from pathlib import Path

import streamlit as st

from dashboard.web import service
from dashboard.web.commands import send
from dashboard.web.history import local, zone_of
from dashboard.web.report import KINDS, Line, night_of, section_html
from dashboard.web.text import as_markdown
from dashboard.web.timeline import timeline_of

CSS = Path(__file__).parents[1] / "dashboard" / "records.css"
MOST = 500


def part(title: str, key: str, lines: tuple[Line, ...]) -> None:
    with st.container(border=True, key=f"pw-card-{key}"):
        st.subheader(title, anchor=False)
        st.html(section_html(lines))


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
    if told.reply.result["more"]:
        st.caption(f"More than {MOST} events: the oldest are left out here. The Timeline has them all.")


found = service.current()
zone = zone_of(st.context.timezone)
st.html(CSS)
with st.container(key="pw-page"):
    page()
