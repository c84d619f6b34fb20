"""Settings: every threshold that an owner may change, in words, with what a change would mean."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import streamlit as st

from components.outcomes import show_error
from dashboard.monitor.handle import MonitorError
from dashboard.settings import data_folder
from dashboard.web import service
from dashboard.web.choices import GROUPS, Choice, changed, choices
from dashboard.web.commands import send
from dashboard.web.history import zone_of
from dashboard.web.replays import limits, present, tried_keys
from dashboard.web.stored_clips import Looked, judged_values, looked, said
from dashboard.web.text import as_markdown

ASKING, WRONG, SAVED = "settings.asking", "settings.wrong", "settings.saved"
CSS = Path(__file__).parents[1] / "dashboard" / "records.css"
WHERE = "the page Settings"
LONG = 600
MOST_SHOWN = 3


# One setting


def row(choice: Choice) -> Any:
    """A setting's field and all that is to be known of it; what is typed."""
    with st.container(key=f"pw-setting-{choice.key.replace('.', '-')}", gap="small"):
        typed = field(choice)
        st.markdown(as_markdown(choice.owned.says, LONG))
        wrong = st.session_state.setdefault(WRONG, {})
        with st.container():
            if choice.key in wrong:
                st.markdown(f":red[**Not saved.** {as_markdown(wrong[choice.key], LONG)}]")
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            if not choice.is_default:
                st.markdown(":orange[**● Changed**]", width="content")
            st.caption(as_markdown(choice.origin, LONG), width="stretch")
            if not choice.is_default and st.button(
                "Back to default", key=f"back.{choice.key}", help=choice.owned.label
            ):
                ask(choice.key, {choice.key: None})
        if choice.owned.restart:
            st.caption("Counts when the cameras start again.")
        asked_twice(choice.key)
    return typed


def field(choice: Choice) -> Any:
    """The value now is part of the key: a field never shows what was true before a change."""
    key = f"field.{choice.key}.{choice.now}"
    if isinstance(choice.now, bool):
        return st.checkbox(choice.label, value=choice.now, key=key)
    # The range is checked by the monitor, which says what is wrong; the browser would only turn red.
    if choice.is_whole:
        return st.number_input(choice.label, value=int(choice.now), step=int(choice.step), key=key)
    return st.number_input(choice.label, value=float(choice.now), step=choice.step, format="%.12g", key=key)


# Saving


def ask(place: str, values: Mapping[str, Any]) -> None:
    """Asks the monitor what a change would mean, and makes it when nothing stands against it. `place`, a
    group or a setting, is where to ask back."""
    forget()
    outcome = send(found.handle, "settings.check", values=dict(values))
    if not show_error(outcome):
        return
    answer = outcome.reply.result
    if answer["wrong"]:
        st.session_state[WRONG] = dict(answer["wrong"])
    elif answer["risks"]:
        st.session_state[ASKING] = {"place": place, "values": dict(values), **answer}
    else:
        change(place, values, [], "")
        return
    st.rerun()


def change(place: str, values: Mapping[str, Any], sure: Sequence[str], pin: str) -> None:
    outcome = send(
        found.handle,
        "settings.change",
        values=dict(values),
        who=account.name,
        where=WHERE,
        sure=list(sure),
        pin=pin,
    )
    if show_error(outcome):
        forget()
        st.session_state[SAVED] = place
        st.rerun()


def forget() -> None:
    st.session_state[WRONG] = {}
    st.session_state.pop(ASKING, None)


def asked_twice(place: str) -> bool:
    """What the change means, what it would have missed, and the PIN; whether that is asked."""
    asking = st.session_state.get(ASKING)
    if asking is None or asking["place"] != place:
        return False
    risks = asking["risks"]
    for risk in risks:
        st.warning(
            f"**{as_markdown(risk['label'], LONG)}.** {as_markdown(risk['means'], LONG)} "
            f"{as_markdown(risk['missed'], LONG)}",
            icon=":material/warning:",
        )
        try_it(risk["key"], asking["values"].get(risk["key"]))
    in_stored_clips(asking)
    with st.form(f"sure.{place}", border=False):
        pin = ""
        if asking["pin"]:
            pin = st.text_input("PIN", type="password", autocomplete="off", max_chars=12, key="sure.pin")
        with st.container(horizontal=True):
            go = st.form_submit_button("Change it all the same", type="primary")
            leave = st.form_submit_button("Leave it as it is")
    if leave:
        forget()
        st.rerun()
    if go:
        change(place, asking["values"], [risk["key"] for risk in risks], pin)
    return True


def in_stored_clips(asking: dict[str, Any]) -> None:
    """What all changes together would have made of the last clips; looked at once."""
    values = judged_values(asking["values"])
    if not values:
        return
    if "looked" not in asking:
        asking["looked"] = look(values)
    looked_at: Looked | None = asking["looked"]
    if looked_at is None or not (told := said(looked_at, zone_of(st.context.timezone))):
        return
    st.info(as_markdown(told, LONG), icon=":material/movie:")
    key, value = next(iter(values.items()))
    for number, clip in enumerate(looked_at.tally.losing[:MOST_SHOWN], start=1):
        st.page_link(
            "../pages/replay.py",
            label=f"Clip {number} in which something would be lost or later",
            icon=":material/replay:",
            query_params={"clip": clip, "set": key, "to": f"{value:g}"},
        )
    st.caption(limits(is_clip=True))


def look(values: Mapping[str, Any]) -> Looked | None:
    """With how far it is; None when the monitor does not say what there is."""
    bar = st.progress(0.0, text="Judging the last clips again")
    latest: Looked | None = None
    try:
        now = present(send(found.handle, "settings.list").reply.result["values"])
        for latest in looked(found.handle, data_folder(), now, values, found.clock):
            done = latest.tally.recordings + latest.unread
            bar.progress(latest.share, text=f"Judging the last clips again: {done} of {done + latest.left}")
    except MonitorError:
        latest = None
    bar.empty()
    return latest


def try_it(key: str, value: Any) -> None:
    """The way to the recordings on which a value can be tried."""
    if key in tried_keys() and value is not None:
        st.page_link(
            "../pages/replay.py",
            label="See on a recording what it would have missed",
            icon=":material/replay:",
            query_params={"set": key, "to": f"{value:g}"},
        )


# The page


def card(group: str, values: Mapping[str, Any]) -> None:
    first, more = choices(group, values)
    with st.container(border=True, key=f"pw-card-{group.replace(' ', '-').lower()}"):
        st.subheader(group, anchor=False)
        typed = {choice.key: row(choice) for choice in first}
        with st.expander(more_words(more), expanded=any(c.key in st.session_state[WRONG] for c in more)):
            typed |= {choice.key: row(choice) for choice in more}
        if not asked_twice(group) and st.button("Save", key=f"save.{group}", type="primary"):
            save(group, typed, values)
        if st.session_state.get(SAVED) in (group, *typed):
            st.session_state.pop(SAVED)
            st.success("Saved.", icon=":material/check_circle:")


def more_words(more: Sequence[Choice]) -> str:
    count = sum(1 for choice in more if not choice.is_default)
    return f"More ({len(more)}{f', {count} changed' if count else ''})"


def save(group: str, typed: Mapping[str, Any], values: Mapping[str, Any]) -> None:
    wanted = changed(typed, values)
    if wanted:
        ask(group, wanted)
    else:
        forget()
        st.info("Nothing was changed here.")


def behind(keys: Sequence[str]) -> None:
    """Some values wait for the cameras."""
    if not keys:
        return
    st.warning(
        "The cameras still run with other values. Each one is blind for some seconds while it starts again: "
        "that is refused while somebody is in the water.",
        icon=":material/restart_alt:",
    )
    if st.button("Start the cameras again"):
        with st.spinner("The cameras are starting again"):
            outcome = send(found.handle, "settings.restart_cameras", who=account.name, where=WHERE)
        if show_error(outcome):
            st.rerun()


def page() -> None:
    st.title("Settings", anchor=False)
    st.markdown(
        "What is saved here counts at once; a countdown that runs is only ever made shorter. "
        "Who changed what is written down."
    )
    st.page_link("../pages/replay.py", label="Try a value on a recording first", icon=":material/replay:")
    outcome = send(found.handle, "settings.list")
    if not show_error(outcome):
        return
    state = outcome.reply.result
    st.session_state.setdefault(WRONG, {})
    # The settings below keep their place while these come and go.
    with st.container():
        for key, why in state["ignored"].items():
            st.error(
                f"What was kept for {as_markdown(key)} is not used; the default counts. "
                f"{as_markdown(why, LONG)}"
            )
        behind(state["behind"])
    for group in GROUPS:
        card(group, state["values"])


found = service.current()
account = service.account()
st.html(CSS)
with st.container(key="pw-page"):
    page()
