"""Alarms: what is open and what is to be done, what was, and a test of the whole path."""

from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import streamlit as st

from components.outcomes import done, show_error
from dashboard.accounts.roles import Right
from dashboard.report.times import day_bounds
from dashboard.web import service
from dashboard.web.commands import send
from dashboard.web.contacts import called
from dashboard.web.guarded import for_later
from dashboard.web.history import (
    LEVELS,
    REASONS,
    alarm_html,
    as_csv,
    end_words,
    events_from,
    events_html,
    kind_words,
    level_words,
    when,
    zone_of,
)
from dashboard.web.text import as_markdown, one_line

PAGES, ALARM_PAGES, SEEN = "alarms.pages", "alarms.alarm_pages", "alarms.seen"
WANTED = "alarms.wanted"
EVENTS_A_PAGE, ALARMS_A_PAGE = 100, 20
CSS = Path(__file__).parents[1] / "dashboard" / "records.css"
Alarm = Mapping[str, Any]


# What is open


def open_alarms() -> list[Alarm]:
    site = found.handle.site() or {}
    return [alarm for alarm in site.get("alarms", ()) if alarm["state"] != "resolved"]


def signature() -> list[tuple[int, str]]:
    """What of the open alarms changes what stands on this page."""
    return [(int(alarm["id"]), str(alarm["state"])) for alarm in open_alarms()]


def watch_open() -> None:
    """Nothing to see: draws the page anew when an alarm begins, is seen or is over."""
    if signature() != st.session_state.get(SEEN):
        st.rerun()


def what_is_open() -> None:
    alarms = open_alarms()
    st.session_state[SEEN] = signature()
    if not found.handle.connected:
        st.error("The monitor does not answer: what is open now is not known.")
    elif not alarms:
        st.success("No alarm is open.", icon=":material/check_circle:")
    for alarm in alarms:
        open_card(alarm)
    st.fragment(watch_open, run_every=2)()


def open_card(alarm: Alarm) -> None:
    number = int(alarm["id"])
    with st.container(border=True, key=f"pw-card-open-{number}"):
        drill = ":gray-badge[Drill] " if alarm["drill"] else ""
        title = as_markdown(str(alarm["title"]).removeprefix("Drill: "), limit=300)
        st.subheader(f"{coloured(str(alarm['level']))} {drill}{title}", anchor=False)
        place = as_markdown(str(alarm["camera_name"] or alarm["place"]))
        since = when(alarm["since_utc"], zone)
        st.caption(f"Since {since}" + (f" · {place}" if place else ""))
        if not may_answer:
            st.markdown(looked_at(alarm))
        elif alarm["state"] == "acknowledged":
            resolve_form(alarm)
        elif alarm["level"] == "emergency":
            st.markdown(
                "**Look now.** Then press “I see it” at the top: the siren and the messages stop. After that "
                "say here why it is over."
            )
        else:
            st.markdown(
                "Have a look. It ends by itself when the trouble is over; “I see it” at the top keeps it "
                "quiet until then."
            )


def looked_at(alarm: Alarm) -> str:
    """For who may only look."""
    if alarm["state"] == "acknowledged":
        by = as_markdown(str(alarm["by"] or "Somebody"))
        return f"**{by}** has seen it. A guardian or the owner says when it is over."
    return "**Look now** and tell an adult. A guardian or the owner says that it is seen."


def coloured(level: str) -> str:
    colour = {"emergency": "red", "alert": "orange"}.get(level, "blue")
    return f":{colour}[{level_words(level)}]"


def resolve_form(alarm: Alarm) -> None:
    number, by = int(alarm["id"]), as_markdown(str(alarm["by"] or "Somebody"))
    st.markdown(f"**{by}** has seen it. When it is over, say why: Poolwatch learns from it.")
    with st.form(f"resolve.{number}", border=False):
        reasons = list(REASONS)
        reason = st.radio(
            "Why is it over?",
            reasons,
            index=reasons.index("drill") if alarm["drill"] else None,
            format_func=lambda key: REASONS[key],
            horizontal=True,
            key=f"resolve.{number}.reason",
        )
        note = st.text_area("Note (if you like)", key=f"resolve.{number}.note", max_chars=1000, height=80)
        pressed = st.form_submit_button("It is over", type="primary")
    if not pressed:
        return
    if reason is None:
        st.error("Choose why it is over.")
        return
    # A note is one paragraph in the archive.
    text = one_line(str(note), limit=1000)
    done(
        send(
            found.handle, "alarm.resolve", id=number, who=account.name, reason=reason, note=text, where="page"
        )
    )


# The test


@st.dialog("Test the alarm")
def ask_to_drill() -> None:
    outcome = send(found.handle, "contacts.list")
    names = called(outcome.reply.result.get("contacts", ()))
    times = outcome.reply.result.get("times", {})
    wait = f"{times.get('escalate_s', 30):.0f} s"
    st.markdown(
        "This plays the whole path of an emergency, marked as a drill everywhere:\n\n"
        "1. The siren sounds at once on every open page, and on this machine where it can.\n"
        f"2. If nobody presses “I see it” within {wait}, "
        + (
            f"**{as_markdown(names, limit=1000)}** get{'s' if ' and ' not in names else ''} messages that "
            "begin with DRILL. Tell them before.\n"
            if names
            else "nobody is called: there are no contacts yet.\n"
        )
        + "3. It goes on until somebody presses “I see it” and then says that it was a drill.\n\n"
        "The watch goes on meanwhile: a real emergency is an alarm of its own."
    )
    start, leave = st.columns(2)
    if start.button("Start the test", type="primary", width="stretch"):
        done(send(found.handle, "alarm.drill", who=account.name))
    if leave.button("Not now", width="stretch"):
        st.rerun()


# What was


def pager(key: str, before: int | None, last: int | None, more: bool) -> None:
    """Older and newer; `before` is where the shown ones begin, `last` the oldest of them."""
    pages: list[int] = st.session_state.setdefault(key, [])
    if not (pages or more):
        return
    with st.container(horizontal=True):
        if st.button("Newer", key=f"{key}.newer", disabled=not pages):
            pages.pop()
            st.rerun()
        if st.button("Older", key=f"{key}.older", disabled=not more):
            pages.append(int(last or 0))
            st.rerun()


def wanted() -> int | None:
    """The alarm that the address asks for (another page leads to it); the archive is turned to it once."""
    asked = str(st.query_params.get("alarm", ""))
    number = int(asked) if asked.isascii() and asked.isdecimal() and len(asked) < 12 else None
    if number is not None and st.session_state.get(WANTED) != number:
        st.session_state[ALARM_PAGES] = [number + 1]
    st.session_state[WANTED] = number
    return number


def earlier() -> None:
    """The alarms of the archive, the newest first."""
    asked_for = wanted()
    before = next(reversed(st.session_state.setdefault(ALARM_PAGES, [])), None)
    outcome = send(found.handle, "alarms.list", limit=ALARMS_A_PAGE, **({"before": before} if before else {}))
    if not show_error(outcome):
        return
    alarms = outcome.reply.result["alarms"]
    if not alarms:
        st.markdown("There was no alarm yet. Whatever comes is kept here, with who answered and when.")
    for alarm in alarms:
        drill = "Drill · " if alarm["drill"] else ""
        title = as_markdown(str(alarm["title"]).removeprefix("Drill: "), limit=200)
        label = f"{coloured(str(alarm['level']))} {when(alarm['utc'], zone)} · {drill}{title}"
        shown_open = alarm["id"] == asked_for
        with st.expander(f"{label} · {as_markdown(end_words(alarm))}", expanded=shown_open):
            st.html(alarm_html(alarm, zone))
    pager(ALARM_PAGES, before, alarms[-1]["id"] if alarms else None, bool(outcome.reply.result["more"]))


def filters() -> dict[str, Any]:
    """What is asked for, as the monitor takes it."""
    outcome = send(found.handle, "events.occurring")
    there = outcome.reply.result
    cameras = {str(one["id"]): str(one["name"]) for one in there.get("cameras", ())}
    with st.expander("Search and filter"):
        text = st.text_input("Words", key="filter.text", max_chars=100, placeholder="pool, Ben, …")
        left, right = st.columns(2)
        day = left.date_input("Day", value=None, format="YYYY-MM-DD", key="filter.day")
        name = right.selectbox(
            "Who", there.get("names", ()), index=None, format_func=one_line, key="filter.name"
        )
        camera = left.selectbox(
            "Camera",
            list(cameras),
            index=None,
            format_func=lambda key: one_line(cameras[key]),
            key="filter.camera",
        )
        drills = right.selectbox("Drills", ["no drills", "drills only"], index=None, key="filter.drill")
        levels = st.multiselect(
            "Level", [level.value for level in LEVELS], format_func=level_words, key="filter.levels"
        )
        kinds = st.multiselect("Kind", there.get("kinds", ()), format_func=kind_words, key="filter.kinds")
    asked: dict[str, Any] = {"text": text.strip(), "name": name, "camera": camera}
    asked |= {"levels": levels, "kinds": kinds}
    if drills:
        asked["drill"] = drills == "drills only"
    if isinstance(day, date):
        asked["since"], asked["until"] = day_bounds(day, zone)
    return {key: value for key, value in asked.items() if value or value is False}


def everything() -> None:
    """All that was noticed, asked for as people like."""
    asked = filters()
    if st.session_state.get("alarms.asked") != asked:
        st.session_state["alarms.asked"], st.session_state[PAGES] = asked, []
    before = next(reversed(st.session_state.setdefault(PAGES, [])), None)
    found_here = send(
        found.handle, "events.list", limit=EVENTS_A_PAGE, **asked, **({"before": before} if before else {})
    )
    if not show_error(found_here):
        return
    events: Sequence[Mapping[str, Any]] = found_here.reply.result["events"]
    if not events:
        st.markdown(
            "Nothing like that was noticed." if asked else "Nothing was noticed yet. It begins with a camera."
        )
        return
    st.html(events_html(events, zone))
    with st.container(horizontal=True, horizontal_alignment="distribute"):
        pager(PAGES, before, events[-1]["id"], bool(found_here.reply.result["more"]))
        export(asked)


def export(asked: dict[str, Any]) -> None:
    """The file is made when somebody asks for it, and that is written down."""
    handle, who = for_later(found.handle), account.name

    def made() -> bytes:
        reply = handle.request("events.export", who=who, **asked)
        return as_csv(events_from(reply.payload), zone).encode()

    st.download_button(
        "Save as a table (CSV)",
        made,
        file_name="poolwatch-events.csv",
        mime="text/csv",
        on_click="ignore",
        key="alarms.export",
        help="The newest 20,000 of what is asked for. That it was saved is kept in the audit log.",
    )


def page() -> None:
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
        st.title("Alarms", anchor=False, width="content")
        if may_answer and st.button("Test the alarm", icon=":material/campaign:"):
            ask_to_drill()
    if st.query_params.get("test") == "1":
        # The set-up leads here.
        del st.query_params["test"]
        if may_answer:
            ask_to_drill()
    what_is_open()
    alarms, events = st.tabs(["All alarms", "Everything noticed"])
    with alarms:
        earlier()
    with events:
        everything()


found = service.current()
account = service.account()
may_answer = account.may(Right.ANSWER)
zone = zone_of(st.context.timezone)
st.html(CSS)
with st.container(key="pw-page"):
    page()
