"""What became of a command, on every page in the same way."""

from __future__ import annotations

import streamlit as st

from dashboard.web.commands import Outcome
from dashboard.web.service import Handle
from dashboard.web.text import as_markdown

_LONGEST = 600


def show_error(outcome: Outcome) -> bool:
    """True when it was done; else says why not."""
    if outcome.error:
        st.error(as_markdown(outcome.error, limit=_LONGEST))
    return outcome.done


def done(outcome: Outcome) -> None:
    """The page anew when it was done; else why not."""
    if show_error(outcome):
        st.rerun()


def asked(handle: Handle, yes: str, no: str) -> dict[str, str] | None:
    """In a dialog about something that takes the watch away: once more, with the PIN where one is set. What
    goes with the command once it is wanted; None until then."""
    has_pin = bool((handle.site() or {}).get("pin"))
    with st.form("asked", border=False):
        pin = (
            st.text_input("PIN", type="password", autocomplete="off", max_chars=12, key="asked.pin")
            if has_pin
            else ""
        )
        first, second = st.columns(2)
        go = first.form_submit_button(yes, type="primary", width="stretch")
        leave = second.form_submit_button(no, width="stretch")
    if leave:
        st.rerun()
    if not go:
        return None
    return {"pin": pin} if has_pin else {}
