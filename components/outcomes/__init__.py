"""What became of a command, on every page in the same way."""

from __future__ import annotations

import streamlit as st

from dashboard.web.commands import Outcome
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
