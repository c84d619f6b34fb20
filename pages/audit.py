"""Audit: who saw, saved or changed what, the newest first."""

from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import streamlit as st

from components.outcomes import show_error
from dashboard.report.times import day_bounds
from dashboard.web import service
from dashboard.web.audit import audit_csv, audit_html, what_words, who_words
from dashboard.web.commands import send
from dashboard.web.guarded import for_later
from dashboard.web.history import events_from, zone_of

PAGES, ASKED = "audit.pages", "audit.asked"
A_PAGE = 100
CSS = Path(__file__).parents[1] / "dashboard" / "records.css"


def filters() -> dict[str, Any]:
    """What is asked for, as the monitor takes it."""
    there = send(found.handle, "audit.occurring").reply.result
    with st.container(horizontal=True, vertical_alignment="bottom", key="pw-audit-choose"):
        what = st.multiselect(
            "What", there.get("what", ()), format_func=what_words, key="audit.what", placeholder="everything"
        )
        by = st.selectbox(
            "Who",
            there.get("who", ()),
            index=None,
            format_func=who_words,
            key="audit.by",
            placeholder="anybody",
        )
        day = st.date_input("Day", value=None, format="YYYY-MM-DD", key="audit.day")
    asked: dict[str, Any] = {"what": what, "by": by}
    if isinstance(day, date):
        asked["since"], asked["until"] = day_bounds(day, zone)
    return {key: value for key, value in asked.items() if value}


def pager(last: int, more: bool) -> None:
    pages: list[int] = st.session_state[PAGES]
    if not (pages or more):
        return
    with st.container(horizontal=True):
        if st.button("Newer", key="audit.newer", disabled=not pages):
            pages.pop()
            st.rerun()
        if st.button("Older", key="audit.older", disabled=not more):
            pages.append(last)
            st.rerun()


def export(asked: dict[str, Any]) -> None:
    """The file is made when somebody asks for it, and that is written down too."""
    handle, who = for_later(found.handle), service.account().name

    def made() -> bytes:
        return audit_csv(events_from(handle.request("audit.export", who=who, **asked).payload), zone).encode()

    st.download_button(
        "Save as a table (CSV)",
        made,
        file_name="poolwatch-audit.csv",
        mime="text/csv",
        on_click="ignore",
        key="audit.export",
        help="The newest 20,000 of what is asked for. That it was saved is kept here too.",
    )


def page() -> None:
    st.title("Audit", anchor=False)
    st.caption(
        "Who saw, saved or changed what. Poolwatch writes it down by itself; nobody can change it here."
    )
    asked = filters()
    if st.session_state.get(ASKED) != asked:
        st.session_state[ASKED], st.session_state[PAGES] = asked, []
    before = next(reversed(st.session_state.setdefault(PAGES, [])), None)
    outcome = send(
        found.handle, "audit.list", limit=A_PAGE, **asked, **({"before": before} if before else {})
    )
    if not show_error(outcome):
        return
    entries: Sequence[Mapping[str, Any]] = outcome.reply.result["entries"]
    if not entries:
        st.markdown(
            "Nobody did anything like that."
            if asked
            else "Nothing is written down yet. It begins with the first change of a mode, a camera or a zone."
        )
        return
    st.html(audit_html(entries, zone))
    with st.container(horizontal=True, horizontal_alignment="distribute"):
        pager(int(entries[-1]["id"]), bool(outcome.reply.result["more"]))
        export(asked)


found = service.current()
zone = zone_of(st.context.timezone)
st.html(CSS)
with st.container(key="pw-page"):
    page()
