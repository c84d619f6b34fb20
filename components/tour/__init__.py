"""The first steps on every page that matters: one quiet line that says what is still missing and goes away
when nothing is; and the sound of this device, which only the device knows."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from dashboard.web import service
from dashboard.web.commands import send
from dashboard.web.history import zone_of
from dashboard.web.tour import LINE_PAGES, WIDE_PAGES, Step, line, steps

_HERE = Path(__file__).parent
_AGAIN_S = 4


def _text(*names: str) -> str:
    return "\n".join((_HERE / name).read_text(encoding="utf-8") for name in names)


_line = st.components.v2.component(
    "poolwatch_setup_line", html=_text("line.html"), css=_text("tour.css"), js=_text("known.js", "line.js")
)
_sound = st.components.v2.component(
    "poolwatch_setup_sound", html=_text("sound.html"), css=_text("tour.css"), js=_text("known.js", "sound.js")
)


def steps_now() -> tuple[Step, ...] | None:
    """How the five steps stand, None while the monitor does not answer, and for whom it is none of theirs."""
    found = service.current()
    if not found.handle.connected:
        return None
    there = send(found.handle, "setup.get")
    if not there.done:
        return None
    return steps(found.handle.cameras(), there.reply.result, zone_of(st.context.timezone))


def setup_line(page: str) -> None:
    """The line above the page `page`; looked at again while something is missing."""
    if page not in LINE_PAGES:
        return
    found = steps_now()
    if found is None or not found[0].says or (page == "live.py" and _no_camera()):
        return  # The first visit of Live is the first step itself.
    missing = any(step.done is False for step in found)
    with st.container(key=f"pw-setup-line-{'wide' if page in WIDE_PAGES else 'words'}"):
        st.fragment(_line_now, run_every=_AGAIN_S if missing else None)(page)


def _no_camera() -> bool:
    return not service.current().handle.cameras()


def _line_now(page: str) -> None:
    found = steps_now()
    if found is not None:
        _line(key="setup-line", data={"heard": line(found, True, page), "unheard": line(found, False, page)})


def sound_step() -> bool:
    """Plays the sound on this device; whether it was played here, as far as the device has said so."""
    told = _sound(key="setup-sound", default={"heard": False}, on_heard_change=lambda: None)
    return bool(told.heard)
