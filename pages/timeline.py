"""Timeline: a day or a week at a glance: people, alarms, dives, modes, outages; with a table and a file."""

from datetime import date, timedelta
from functools import partial
from pathlib import Path

import streamlit as st

from dashboard.report.timeline import Timeline, bounds, days_of, timeline_of
from dashboard.report.times import local
from dashboard.web import service
from dashboard.web.commands import send
from dashboard.web.guarded import for_later
from dashboard.web.history import day_words, zone_of
from dashboard.web.text import as_markdown
from dashboard.web.timeline_figure import figure
from dashboard.web.timeline_table import happenings_html, people_html, timeline_csv

DAY, SPAN, PRESSED = "timeline.day", "timeline.span", "timeline.pressed"
SPANS = ("Day", "Week")
CSS = Path(__file__).parents[1] / "dashboard" / "records.css"
# No button of the chart works by keyboard; moving about is done by the buttons above it.
CONFIG = {"displayModeBar": False, "scrollZoom": False, "doubleClick": False, "showAxisDragHandles": False}


def move(steps: int) -> None:
    """One day or week back or on, not beyond today."""
    length = 7 if st.session_state[SPAN] == "Week" else 1
    st.session_state[DAY] = min(st.session_state[DAY] + timedelta(days=steps * length), today)


def go_today() -> None:
    st.session_state[DAY] = today


def choose() -> tuple[date, bool]:
    """Which day, and whether its whole week."""
    st.session_state.setdefault(DAY, today)
    st.session_state.setdefault(SPAN, SPANS[0])
    with st.container(horizontal=True, vertical_alignment="bottom", key="pw-timeline-choose"):
        st.segmented_control("Show", SPANS, key=SPAN, required=True)
        st.date_input("Day", key=DAY, format="YYYY-MM-DD", max_value=today, width=160)
        week = st.session_state[SPAN] == "Week"
        _, last = days_of(st.session_state[DAY], week)
        what = "week" if week else "day"
        st.button(
            "Previous", on_click=move, args=(-1,), icon=":material/chevron_left:", help=f"One {what} back"
        )
        st.button("Next", on_click=move, args=(1,), icon=":material/chevron_right:", disabled=last >= today)
        st.button("Today", on_click=go_today, disabled=st.session_state[DAY] == today)
    return st.session_state[DAY], week


def press(chart: str) -> None:
    """Keeps which alarm was pressed. Only a callback hears it for certain: the picture is named by what is in
    it, and when a minute more is in it on the next run, it is another picture with nothing pressed."""
    for point in st.session_state[chart].selection.points:
        number = point.get("customdata")
        if number:
            st.session_state[PRESSED] = str(number[0])


def picture(shown: Timeline, name: str) -> None:
    dark = st.context.theme.type == "dark"
    chart = f"timeline.chart.{shown.since.isoformat()}.{shown.until.isoformat()}"
    st.plotly_chart(
        figure(shown, zone, dark),
        theme=None,
        key=chart,
        on_select=partial(press, chart),
        selection_mode="points",
        config=CONFIG,
        alt=f"{name}: people, alarms, modes and cameras over time. The same stands in the tables below.",
    )


def caveats(shown: Timeline) -> None:
    """What cannot be seen here, and why."""
    if shown.counted_since is None:
        st.caption("People are counted minute by minute while Poolwatch runs; nothing was counted yet.")
    elif shown.counted_since > shown.since:
        at = local(shown.counted_since.isoformat(), zone)
        st.caption(f"People are counted from {at:%a} {at.day} {at:%b} {at.year}, {at:%H:%M}, on.")
    if shown.dives:
        st.caption("Under water: only what lasted long enough to be told, half of the limit, is kept.")


def export(since: str, until: str) -> None:
    """The file is made when somebody asks for it, and that is written down."""
    handle, who = for_later(found.handle), service.account().name

    def made() -> bytes:
        reply = handle.request("timeline.export", since=since, until=until, who=who)
        return timeline_csv(timeline_of(reply.payload), zone).encode()

    st.download_button(
        "Save as a table (CSV)",
        made,
        file_name=f"poolwatch-timeline-{since[:10]}.csv",
        mime="text/csv",
        on_click="ignore",
        key="timeline.export",
        help="What is shown, with the people of every minute. That it was saved is kept in the audit log.",
    )


def tables(shown: Timeline, week: bool) -> None:
    people, happened = people_html(shown, zone), happenings_html(shown, zone)
    with st.expander("What happened, as a table", expanded=not week):
        st.html(happened or "<p>Nothing happened that is kept.</p>")
    with st.expander("How many people, as a table"):
        st.html(people or "<p>Nobody was seen.</p>")


def page() -> None:
    st.title("Timeline", anchor=False)
    day, week = choose()
    first, last = days_of(day, week)
    name = f"{day_words(first)} to {day_words(last)}" if week else day_words(day)
    since, until = bounds(day, week, zone)
    outcome = send(found.handle, "timeline.get", since=since, until=until)
    if not outcome.done:
        st.error(as_markdown(outcome.error, limit=400))
        return
    shown = timeline_of(outcome.reply.payload)
    st.subheader(name, anchor=False)
    if shown.empty:
        st.markdown(
            "Nothing is kept of this time. Poolwatch keeps what happens while it runs with a camera: "
            "people in the water and on deck, modes, alarms."
        )
        return
    with st.container(key="pw-card-timeline"):
        picture(shown, name)
    caveats(shown)
    tables(shown, week)
    export(since, until)


if PRESSED in st.session_state:
    st.switch_page("../pages/alarms.py", query_params={"alarm": st.session_state.pop(PRESSED)})
found = service.current()
zone = zone_of(st.context.timezone)
today = local(found.clock.utc().isoformat(), zone).date()
st.html(CSS)
with st.container(key="pw-page"):
    page()
