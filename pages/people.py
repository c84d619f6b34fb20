"""People and contacts: who is called when nobody answers an alarm, the PIN, the passphrase of clips."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import streamlit as st

from components.outcomes import done, show_error
from dashboard.web import service
from dashboard.web.commands import moved, send
from dashboard.web.condition import span_words
from dashboard.web.contacts import (
    SERVICES,
    Field,
    FieldError,
    address_of,
    called,
    name_problem,
    outcome_words,
    reached_by,
)
from dashboard.web.text import as_markdown, one_line

ADDING, EDITING, TESTS = "people.adding", "people.editing", "people.tests"
CSS = Path(__file__).parents[1] / "dashboard" / "records.css"
WHO = "the page People"
Contact = Mapping[str, Any]


# The form


def form(prefix: str, contact: Contact | None, taken: list[str]) -> None:
    """A new contact, or the one that is edited."""
    st.session_state.setdefault(f"{prefix}.urls", _addresses(contact))
    wrong: dict[str, str] = st.session_state.get(f"{prefix}.wrong", {})
    # What follows keeps its place while fields come and go, so that the buttons are never drawn twice.
    with st.container():
        name = st.text_input(
            "Name",
            value=str(contact["name"]) if contact else "",
            key=f"{prefix}.name",
            placeholder="Anna",
            autocomplete="off",
        )
        mark(wrong, "name")
        listed(prefix)
        service, typed = builder(prefix, wrong)
        mark(wrong, "address")
    with st.container(horizontal=True):
        save = st.button("Save" if contact else "Add contact", type="primary", key=f"{prefix}.save")
        more = st.button("Add another address", key=f"{prefix}.more")
        if st.button("Cancel", key=f"{prefix}.cancel"):
            close_form(prefix)
    if more:
        take_address(prefix, service, typed)
        st.rerun()
    if save:
        save_form(prefix, contact, name, taken, service, typed)


def _addresses(contact: Contact | None) -> list[dict[str, str]]:
    if contact is None:
        return []
    return [
        {"value": url, "service": service, "hidden": url}
        for url, service in zip(contact["urls"], contact["services"], strict=True)
    ]


def mark(wrong: Mapping[str, str], key: str) -> None:
    """What is wrong with a field, below it."""
    if key in wrong:
        st.markdown(f":red[{as_markdown(wrong[key], limit=400)}]")


def listed(prefix: str) -> None:
    """The addresses so far: their service and a mark that tells two of one service apart."""
    addresses = st.session_state[f"{prefix}.urls"]
    if addresses:
        st.markdown("**Addresses**")
    for number, one in enumerate(addresses):
        with st.container(horizontal=True, vertical_alignment="center", key=f"pw-address-{prefix}-{number}"):
            st.markdown(address_words(one["service"], one["hidden"]), width="stretch")
            label = f"Remove the {one_line(one['service'])} address"
            if st.button("Remove", key=f"{prefix}.drop.{one['hidden']}", help=label):
                addresses.pop(number)
                st.rerun()


def address_words(service: str, hidden: str) -> str:
    return (
        f"{as_markdown(service)}, kept and not shown again (mark {as_markdown(hidden.rpartition('***')[2])})"
    )


def builder(prefix: str, wrong: Mapping[str, str]) -> tuple[str, dict[str, str]]:
    """Which service, and what it needs. The fields are new ones after each address that was taken."""
    turn = st.session_state.get(f"{prefix}.turn", 0)
    service = st.selectbox(
        "Reach them by",
        list(SERVICES),
        format_func=lambda key: SERVICES[key].label,
        key=f"{prefix}.service",
    )
    st.caption(as_markdown(SERVICES[service].how, limit=400))
    typed = {}
    for one in SERVICES[service].fields:
        typed[one.key] = field(f"{prefix}.{turn}.{service}.{one.key}", one)
        mark(wrong, f"{service}.{one.key}")
    return service, typed


def field(key: str, one: Field) -> str:
    label = one.label if one.needed else f"{one.label} (not always needed)"
    typed = st.text_input(
        label,
        key=key,
        type="password" if one.secret else "default",
        placeholder=one.example,
        autocomplete="new-password" if one.secret else "off",
    )
    if one.help:
        st.caption(one.help)
    return str(typed)


def take_address(prefix: str, service: str, typed: Mapping[str, str]) -> bool:
    """Puts what was typed among the addresses; says what is wrong with it in the next run."""
    wrong = st.session_state.setdefault(f"{prefix}.wrong", {})
    wrong.clear()
    try:
        url = address_of(service, typed)
    except FieldError as error:
        wrong[f"{service}.{error.key}"] = str(error)
        return False
    outcome = send(found.handle, "contacts.check", url=url)
    if outcome.error:
        wrong["address"] = outcome.error
        return False
    kept = {"value": url, **{key: str(outcome.reply.result[key]) for key in ("service", "hidden")}}
    addresses = st.session_state[f"{prefix}.urls"]
    if kept["hidden"] not in [one["hidden"] for one in addresses]:
        addresses.append(kept)
    st.session_state[f"{prefix}.turn"] = st.session_state.get(f"{prefix}.turn", 0) + 1
    return True


def save_form(
    prefix: str, contact: Contact | None, name: str, taken: list[str], service: str, typed: Mapping[str, str]
) -> None:
    addresses = st.session_state[f"{prefix}.urls"]
    # Who fills in the fields and saves means this address, too.
    if (any(typed.values()) or not addresses) and not take_address(prefix, service, typed):
        problem = name_problem(name, taken)
        if problem:
            st.session_state[f"{prefix}.wrong"]["name"] = problem
        st.rerun()
    problem = name_problem(name, taken)
    if problem:
        st.session_state[f"{prefix}.wrong"] = {"name": problem}
        st.rerun()
    values = {"name": one_line(name), "urls": [one["value"] for one in addresses]}
    if contact is None:
        outcome = send(found.handle, "contacts.add", **values)
    else:
        outcome = send(found.handle, "contacts.edit", id=contact["id"], **values)
    if show_error(outcome):
        close_form(prefix)


def close_form(prefix: str) -> None:
    """Forgets what was typed, tokens and passwords first of all."""
    for key in [k for k in st.session_state if str(k).startswith(f"{prefix}.")]:
        del st.session_state[key]
    st.session_state[ADDING], st.session_state[EDITING] = False, None
    st.rerun()


# The list


def card(contact: Contact, contacts: tuple[Contact, ...]) -> None:
    identity, name = str(contact["id"]), as_markdown(str(contact["name"]))
    with st.container(border=True, key=f"pw-card-{identity}"):
        if st.session_state.get(EDITING) == identity:
            st.subheader(f"Edit {name}", anchor=False)
            taken = [str(one["name"]) for one in contacts if one["id"] != identity]
            form(f"edit.{identity}", contact, taken)
            return
        place = [str(one["id"]) for one in contacts].index(identity)
        st.subheader(f"{place + 1}\\. {name}", anchor=False)
        if not contact["enabled"]:
            st.markdown(":orange[◐ switched off: gets no messages]")
        st.caption(f"Reached by {as_markdown(reached_by(contact['services']), limit=300)}")
        actions(contact, [str(one["id"]) for one in contacts])
        each_morning(contact)
        if identity in st.session_state.setdefault(TESTS, {}):
            tested(identity, contact)


def actions(contact: Contact, ids: list[str]) -> None:
    identity = str(contact["id"])
    place = ids.index(identity)
    with st.container(horizontal=True, gap="small"):
        test = st.button("Send a test message", key=f"test.{identity}")
        if st.button("Edit", key=f"edit-open.{identity}"):
            st.session_state[EDITING], st.session_state[ADDING] = identity, False
            st.rerun()
        if contact["enabled"] and st.button("Switch off", key=f"enable.{identity}"):
            ask_to_switch_off(contact)
        if not contact["enabled"] and st.button("Switch on", key=f"enable.{identity}"):
            done(send(found.handle, "contacts.edit", id=identity, enabled=True))
        if st.button("Up", key=f"up.{identity}", disabled=place == 0):
            done(send(found.handle, "contacts.order", ids=moved(ids, identity, -1)))
        if st.button("Down", key=f"down.{identity}", disabled=place == len(ids) - 1):
            done(send(found.handle, "contacts.order", ids=moved(ids, identity, 1)))
        if st.button("Remove", key=f"remove.{identity}"):
            ask_to_remove(contact)
    if test:
        outcome = send(found.handle, "contacts.test", id=identity, who=WHO)
        if show_error(outcome):
            st.session_state[TESTS][identity] = {
                "ids": list(outcome.reply.result["sent"]),
                "messages": {},
                "over": False,
            }


def each_morning(contact: Contact) -> None:
    """The value now is part of the key: the switch never shows what was true before a change."""
    identity, now = str(contact["id"]), bool(contact["report"])
    wanted = st.toggle(
        "Message about the night, each morning",
        value=now,
        key=f"report.{identity}.{now}",
        help="What came by, near misses and outages, as on the page Last night. It names people.",
        disabled=not contact["enabled"],
    )
    if wanted != now:
        done(send(found.handle, "contacts.edit", id=identity, report=wanted))


def tested(identity: str, contact: Contact) -> None:
    """What became of the test message, address by address; asked again until it is known."""
    over = bool(st.session_state[TESTS][identity]["over"])
    st.fragment(outcome_lines, run_every=None if over else 1)(identity, list(contact["services"]))


def outcome_lines(identity: str, services: list[str]) -> None:
    test = st.session_state[TESTS].get(identity)
    if test is None:
        return
    if not test["over"] and not ask_outcome(test):
        return
    for number, sent in enumerate(test["ids"]):
        service = as_markdown(services[number]) if number < len(services) else "Address"
        show_outcome(service, test["messages"].get(sent))


def ask_outcome(test: dict[str, Any]) -> bool:
    """Asks the monitor once more. The page is not drawn anew when it is over: a question that is open would
    be closed by that."""
    outcome = send(found.handle, "contacts.outcome", ids=test["ids"])
    if not show_error(outcome):
        return False
    test["messages"] = {str(one["id"]): one for one in outcome.reply.result["messages"]}
    states = [str(one["state"]) for one in test["messages"].values()]
    test["over"] = len(states) == len(test["ids"]) and "waiting" not in states
    return True


def show_outcome(service: str, message: Mapping[str, Any] | None) -> None:
    words = "on its way" if message is None else outcome_words(message)
    line = f"{service}: {as_markdown(words, limit=400)}"
    if words == "sent":
        st.success(f"{line}. Did it arrive?", icon=":material/check_circle:")
    elif words == "on its way":
        st.info(line, icon=":material/hourglass_empty:")
    else:
        st.error(line, icon=":material/error:")


@st.dialog("Switch this contact off?")
def ask_to_switch_off(contact: Contact) -> None:
    st.markdown(
        f"**{as_markdown(str(contact['name']))}** gets no messages until somebody switches it on again."
    )
    off, keep = st.columns(2)
    if off.button("Switch it off", type="primary", width="stretch"):
        done(send(found.handle, "contacts.edit", id=contact["id"], enabled=False))
    if keep.button("Keep it on", width="stretch"):
        st.rerun()


@st.dialog("Remove this contact?")
def ask_to_remove(contact: Contact) -> None:
    st.markdown(
        f"**{as_markdown(str(contact['name']))}** gets no messages any more, and the addresses are forgotten."
    )
    remove, keep = st.columns(2)
    if remove.button("Remove it", type="primary", width="stretch"):
        done(send(found.handle, "contacts.remove", id=contact["id"]))
    if keep.button("Keep it", width="stretch"):
        st.rerun()


def what_happens(contacts: tuple[Contact, ...], times: Mapping[str, float]) -> None:
    """Who is called, when, how often: the one thing to know of this page."""
    wait, again = span_words(times["escalate_s"]), span_words(times["repeat_s"])
    names = called(contacts)
    if not names:
        st.warning(
            "**Nobody is called now.** An emergency sounds on every open page and on this machine, and "
            "nowhere else: whoever is out of earshot does not hear of it. Add somebody who can help.",
            icon=":material/notifications_off:",
        )
        return
    step = times["contact_step_s"]
    order = f"one after the other, {span_words(step)} apart" if step else "all at the same time"
    several = sum(1 for one in contacts if one["enabled"]) > 1
    whom = as_markdown(names, limit=2000) + (f", {order}" if several else "")
    st.markdown(
        f"When nobody answers an emergency within **{wait}**, a message goes to {whom}, and again every "
        f"{again} until somebody presses “I see it”."
    )


# The PIN


def pin() -> None:
    known = bool((found.handle.site() or {}).get("pin"))
    st.subheader("PIN", anchor=False)
    st.markdown(
        "Whoever wants to pause the watch needs this PIN, so that a child with an unlocked phone cannot "
        "switch it off. It is 4 to 12 digits. "
        + ("One is set." if known else "**None is set: the watch cannot be paused.**")
    )
    with st.form("pin", clear_on_submit=True, border=False):
        old = (
            st.text_input("PIN until now", type="password", autocomplete="off", max_chars=12) if known else ""
        )
        new = st.text_input("New PIN", type="password", autocomplete="off", max_chars=12)
        again = st.text_input("New PIN once more", type="password", autocomplete="off", max_chars=12)
        pressed = st.form_submit_button("Change the PIN" if known else "Set the PIN")
    if pressed:
        set_pin(old, new, again)


def set_pin(old: str, new: str, again: str) -> None:
    if new != again:
        st.error("The two new PINs are not the same. Nothing was changed.")
        return
    if show_error(send(found.handle, "pin.set", old=old, new=new, who=WHO, where="page")):
        st.success("The new PIN holds from now on.")


# The passphrase of sealed video


def seal(known: bool, least: int) -> None:
    st.subheader("Sealed video", anchor=False)
    st.markdown(
        "Clips show skeletons. The real picture lies beside them, encrypted: only who knows this passphrase "
        "can open it, one clip at a time, for ten minutes, and that is written down. Who forgets it "
        "can begin anew at the machine itself (`python -m dashboard seal reset`): what was sealed until then "
        "stays shut for ever. " + ("One is set." if known else "**None is set: no real picture is kept.**")
    )
    with st.form("seal", clear_on_submit=True, border=False):
        old = st.text_input("Passphrase until now", type="password", autocomplete="off") if known else ""
        new = st.text_input(f"New passphrase, {least} letters or more", type="password", autocomplete="off")
        again = st.text_input("New passphrase once more", type="password", autocomplete="off")
        pressed = st.form_submit_button("Change the passphrase" if known else "Set the passphrase")
    if pressed:
        set_seal(known, old, new, again)


def set_seal(known: bool, old: str, new: str, again: str) -> None:
    if new != again:
        st.error("The two new passphrases are not the same. Nothing was changed.")
        return
    said = {"old": old, "new": new} if known else {"passphrase": new}
    if show_error(send(found.handle, f"seal.{'change' if known else 'set'}", who=WHO, where="page", **said)):
        st.success("The new passphrase holds from now on.")


def page() -> None:
    outcome = send(found.handle, "contacts.list")
    contacts: tuple[Contact, ...] = tuple(outcome.reply.result.get("contacts", ()))
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
        st.title("People and contacts", anchor=False, width="content")
        adding = bool(st.session_state.get(ADDING))
        if outcome.done and not adding and st.button("Add a contact", type="primary", icon=":material/add:"):
            st.session_state[ADDING], st.session_state[EDITING] = True, None
            st.rerun()
    if not show_error(outcome):
        return
    what_happens(contacts, outcome.reply.result["times"])
    if adding:
        with st.container(border=True, key="pw-card-new"):
            st.subheader("A new contact", anchor=False)
            form("add", None, [str(one["name"]) for one in contacts])
    for one in contacts:
        card(one, contacts)
    with st.container(border=True, key="pw-card-pin"):
        pin()
    sealed = send(found.handle, "seal.state")
    if sealed.done:
        with st.container(border=True, key="pw-card-seal"):
            seal(bool(sealed.reply.result["set"]), int(sealed.reply.result["least_letters"]))


found = service.current()
st.html(CSS)
with st.container(key="pw-page"):
    page()
