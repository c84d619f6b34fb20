"""Set up: the five first steps, each with how it stands and the way to do it. Nothing is ticked here: what is
there counts."""

from pathlib import Path

import streamlit as st

from components.tour import sound_step, steps_now
from dashboard.web.text import as_markdown
from dashboard.web.tour import Step

CSS = Path(__file__).parents[1] / "dashboard" / "records.css"
SEEN, HEARD = "setup.seen", "setup.heard"
AGAIN_S = 2


def shape(found: tuple[Step, ...] | None) -> list[tuple[str, bool | None, str]]:
    """What of the steps stands on this page."""
    return [(step.key, step.done, step.says) for step in found or ()]


def watch_steps() -> None:
    """Nothing to see: draws the page anew when a step is done, here or on another page."""
    if shape(steps_now()) != st.session_state.get(SEEN):
        st.rerun()


def card(number: int, step: Step, first: bool) -> None:
    done = bool(st.session_state.get(HEARD)) if step.key == "sound" else bool(step.done)
    mark = ":green[:material/check_circle:]" if done else f":gray[{number}]"
    with (
        st.container(border=True, key=f"pw-card-step-{step.key}"),
        st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"),
    ):
        with st.container(key=f"pw-step-words-{step.key}", gap="xsmall", width="stretch"):
            st.subheader(f"{mark} {step.title}", anchor=False)
            st.markdown(as_markdown(step.says, 300))
        with st.container(key=f"pw-step-act-{step.key}", width="content"):
            if step.key == "sound":
                sound(done)
            else:
                go(step, first and not done, done)


def sound(was: bool) -> None:
    now = sound_step()
    if now != was:
        st.session_state[HEARD] = now
        st.rerun()


def go(step: Step, primary: bool, done: bool) -> None:
    label = "Once more" if done and step.key == "drill" else "Have a look" if done else step.action
    look = "primary" if primary else "tertiary" if done else "secondary"
    if st.button(label, key=f"setup.{step.key}", type=look):
        st.switch_page(f"../pages/{step.page}", query_params=dict(step.query))


def page() -> None:
    found = steps_now()
    st.session_state[SEEN] = shape(found)
    st.title("Set up", anchor=False)
    if found is None:
        st.error("The monitor does not answer: how far the set-up is cannot be told now.")
    else:
        heard = bool(st.session_state.get(HEARD))
        missing = [s for s in found if not (heard if s.key == "sound" else s.done)]
        st.markdown(
            f"{len(found) - len(missing)} of {len(found)} steps are done. Each can be done later."
            if missing
            else "All is set up. Test the alarm again now and then: with a new phone, before the summer."
        )
        for number, step in enumerate(found, start=1):
            card(number, step, bool(missing) and step is missing[0])
    st.fragment(watch_steps, run_every=AGAIN_S)()


st.html(CSS)
with st.container(key="pw-page"):
    page()
