"""Cameras: what is watched. Add, test, order, edit, switch off, remove."""

from collections.abc import Mapping
from typing import Any

import streamlit as st

from components.outcomes import asked, done, show_error
from dashboard.backends import DEFAULT, ENTRIES
from dashboard.values import SourceKind
from dashboard.web import service
from dashboard.web.commands import Outcome, camera_list, moved, send
from dashboard.web.forms import KINDS, CameraEntry, CheckedEntry, check
from dashboard.web.states import state_words
from dashboard.web.text import as_markdown

ADDING, EDITING, TESTED = "cameras.adding", "cameras.editing", "cameras.tested"
Camera = Mapping[str, Any]


def field(key: str, label: str, checked: CheckedEntry | None, **options: Any) -> str:
    """A text field with its error below it."""
    typed = st.text_input(label, key=key, **options)
    if checked is not None and key.rpartition(".")[2] in checked.errors:
        st.markdown(f":red[{checked.errors[key.rpartition('.')[2]]}]")
    return str(typed)


def camera_form(prefix: str, camera: Camera | None, taken: list[str]) -> None:
    """The form for a new camera, or for the one that is edited."""
    # What follows keeps its place while fields come and go, so that the buttons are never drawn twice.
    with st.container():
        kinds = list(KINDS)
        kind = st.selectbox(
            "Kind",
            kinds,
            index=kinds.index(SourceKind(camera["kind"])) if camera else 0,
            format_func=lambda k: KINDS[k].label,
            key=f"{prefix}.kind",
        )
        checked: CheckedEntry | None = st.session_state.get(f"{prefix}.checked")
        name = field(
            f"{prefix}.name", "Name", checked, value=camera["name"] if camera else "", placeholder="Pool"
        )
        same_kind = camera is not None and camera["kind"] == kind
        address = address_field(prefix, kind, checked, str(camera["address"]) if camera and same_kind else "")
        with st.expander("More"):
            loop, fps, backend = more_fields(prefix, camera, kind)
    keeps = camera is not None and same_kind and address.strip() == camera["address"]
    buttons(prefix, camera, CameraEntry(name, kind, address, loop, fps, keeps, backend), taken)


def more_fields(prefix: str, camera: Camera | None, kind: SourceKind) -> tuple[bool, float | None, str]:
    """Whether it begins again, frames a second at most, and what finds skeletons."""
    loop = True
    if kind is SourceKind.FILE:
        again = bool(camera["loop"]) if camera else True
        loop = st.checkbox("Begin again at the end", value=again, key=f"{prefix}.loop")
    fps = st.number_input(
        "Frames a second, at most",
        value=camera["max_fps"] if camera else None,
        min_value=0.5,
        max_value=60.0,
        placeholder="all that come",
        key=f"{prefix}.max_fps",
    )
    return loop, fps, backend_field(prefix, camera)


def backend_field(prefix: str, camera: Camera | None) -> str:
    """What finds skeletons in this camera's pictures."""
    names = list(ENTRIES)
    chosen = str(camera["backend"]) if camera and camera["backend"] in names else DEFAULT
    backend = st.selectbox(
        "Skeletons by",
        names,
        index=names.index(chosen),
        format_func=lambda name: ENTRIES[name].label,
        key=f"{prefix}.backend",
    )
    if backend != DEFAULT:
        st.caption(
            f"{ENTRIES[backend].way.capitalize()}. What is known of missed and false alarms was measured "
            "with Poolwatch's own: compare them under More, Pose, before you rely on another."
        )
    return str(backend)


def address_field(prefix: str, kind: SourceKind, checked: CheckedEntry | None, kept: str) -> str:
    """The address; the stored one with its password hidden, which stays while it is left as it is."""
    words = KINDS[kind]
    if kind is SourceKind.BROWSER:
        st.caption(words.help)
        return ""
    typed = field(
        f"{prefix}.address",
        words.address,
        checked,
        value=kept,
        placeholder=words.placeholder,
        autocomplete="off",
    )
    st.caption(words.help)
    return typed


def buttons(prefix: str, camera: Camera | None, entry: CameraEntry, taken: list[str]) -> None:
    with st.container(horizontal=True):
        save = st.button("Save" if camera else "Add camera", type="primary", key=f"{prefix}.save")
        test = entry.kind is not SourceKind.BROWSER and st.button("Test", key=f"{prefix}.test")
        cancel = st.button("Cancel", key=f"{prefix}.cancel")
    if cancel:
        close_form(prefix)
    if not (save or test):
        return
    checked = check(entry, taken)
    st.session_state[f"{prefix}.checked"] = checked
    if checked.errors and (save or "address" in checked.errors):
        st.rerun()
    if test:
        try_entry(camera, checked.entry)
    elif show_error(saved(camera, checked.entry)):
        close_form(prefix)


def try_entry(camera: Camera | None, entry: CameraEntry) -> None:
    with st.spinner("Asking the camera, 10 s at most"):
        if entry.keeps_address and camera is not None:
            outcome = send(found.handle, "cameras.test", id=camera["id"])
        else:
            outcome = send(found.handle, "cameras.test", kind=entry.kind.value, address=entry.address)
    show_test(outcome)


def saved(camera: Camera | None, entry: CameraEntry) -> Outcome:
    values: dict[str, Any] = {
        "name": entry.name,
        "kind": entry.kind.value,
        "loop": entry.loop,
        "max_fps": entry.max_fps,
        "backend": entry.backend,
    }
    if not entry.keeps_address:
        values["address"] = entry.address
    if camera is None:
        return send(found.handle, "cameras.add", **values)
    return send(found.handle, "cameras.edit", id=camera["id"], **values)


def close_form(prefix: str) -> None:
    """Forgets what was typed, an address with its password first of all."""
    for key in [k for k in st.session_state if str(k).startswith(f"{prefix}.")]:
        del st.session_state[key]
    st.session_state[ADDING] = False
    st.session_state[EDITING] = None
    st.rerun()


def show_test(outcome: Outcome) -> None:
    if outcome.error:
        st.error(outcome.error, icon=":material/videocam_off:")
    elif outcome.reply.payload:
        st.success("The camera answers. This is its real picture now; it is shown here only.")
        st.image(outcome.reply.payload, width=480)


def card(camera: Camera, cameras: tuple[Camera, ...]) -> None:
    identity = str(camera["id"])
    with st.container(border=True, key=f"pw-camera-{identity}"):
        if st.session_state.get(EDITING) == identity:
            st.subheader(f"Edit {as_markdown(str(camera['name']))}", anchor=False)
            taken = [str(c["name"]) for c in cameras if c["id"] != identity]
            camera_form(f"edit.{identity}", camera, taken)
            return
        st.subheader(as_markdown(str(camera["name"])), anchor=False)
        address = as_markdown(str(camera["address"]), limit=90)
        st.caption(KINDS[SourceKind(camera["kind"])].label + (f" · {address}" if address else ""))
        st.fragment(state_line, run_every=2)(identity)
        actions(camera, [str(c["id"]) for c in cameras])


def state_line(identity: str) -> None:
    """How the camera is; the only part of the page that changes by itself."""
    now = next((c for c in found.handle.cameras() if c["id"] == identity), None)
    st.markdown(state_words(now, found.handle.connected))


def actions(camera: Camera, ids: list[str]) -> None:
    identity, name = str(camera["id"]), as_markdown(str(camera["name"]))
    place = ids.index(identity)
    with st.container(horizontal=True, gap="small"):
        test = st.button(
            "Test",
            key=f"test.{identity}",
            disabled=camera["kind"] == "browser",
            help=f"Ask {name} for a picture",
        )
        if st.button("Edit", key=f"edit-open.{identity}"):
            st.session_state[EDITING], st.session_state[ADDING] = identity, False
            st.rerun()
        if camera["enabled"] and st.button("Switch off", key=f"enable.{identity}"):
            ask_to_switch_off(identity, name)
        if not camera["enabled"] and st.button("Switch on", key=f"enable.{identity}"):
            done(send(found.handle, "cameras.edit", id=identity, enabled=True))
        if st.button("Up", key=f"up.{identity}", disabled=place == 0):
            done(send(found.handle, "cameras.order", ids=moved(ids, identity, -1)))
        if st.button("Down", key=f"down.{identity}", disabled=place == len(ids) - 1):
            done(send(found.handle, "cameras.order", ids=moved(ids, identity, 1)))
        if camera["enabled"] and st.button(
            "This is the new view",
            key=f"renew.{identity}",
            help=f"What {name} shows now is learnt anew: after it was moved for good",
        ):
            ask_to_renew(identity, name)
        if st.button("Remove", key=f"remove.{identity}"):
            ask_to_remove(identity, name)
    if test:
        with st.spinner("Asking the camera, 10 s at most"):
            show_test(send(found.handle, "cameras.test", id=identity))


@st.dialog("Switch this camera off?")
def ask_to_switch_off(identity: str, name: str) -> None:
    st.markdown(f"**{name}** is not watched until somebody switches it on again.")
    pin = asked(found.handle, "Switch it off", "Keep it on")
    if pin is not None:
        done(send(found.handle, "cameras.edit", id=identity, enabled=False, who=account.name, **pin))


@st.dialog("Is this the new view?")
def ask_to_renew(identity: str, name: str) -> None:
    st.markdown(
        f"What **{name}** shows now is taken as its view, and its empty picture is learnt anew within a "
        "minute. Then draw its zones anew: the old ones lie where they lay."
    )
    take, keep = st.columns(2)
    if take.button("Yes, learn it", type="primary", width="stretch"):
        outcome = send(found.handle, "cameras.renew", id=identity)
        if show_error(outcome):
            st.switch_page("../pages/zones.py")
    if keep.button("No", width="stretch"):
        st.rerun()


@st.dialog("Remove this camera?")
def ask_to_remove(identity: str, name: str) -> None:
    st.markdown(
        f"**{name}** is no longer watched, and what Poolwatch learnt of its empty picture is forgotten."
    )
    pin = asked(found.handle, "Remove it", "Keep it")
    if pin is not None:
        done(send(found.handle, "cameras.remove", id=identity, who=account.name, **pin))


def above(cameras: tuple[Camera, ...]) -> None:
    """What stands over the cameras: the form for a new one, or how to begin."""
    if st.session_state.get(ADDING):
        with st.container(border=True, key="pw-camera-new"):
            st.subheader("A new camera", anchor=False)
            camera_form("add", None, [str(c["name"]) for c in cameras])
    elif not cameras:
        st.markdown("There is no camera yet. Add one of yours, or begin with the simulated pool.")
        st.page_link("../pages/live.py", label="Ways to begin", icon=":material/pool:")


def page() -> None:
    cameras, error = camera_list(found.handle)
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
        st.title("Cameras", anchor=False, width="content")
        if not st.session_state.get(ADDING) and st.button(
            "Add a camera", type="primary", icon=":material/add:"
        ):
            st.session_state[ADDING], st.session_state[EDITING] = True, None
            st.rerun()
    if error:
        st.error(error)
        return
    with st.container():
        above(cameras)
    for one in cameras:
        card(one, cameras)


found = service.current()
account = service.account()
with st.container(key="pw-page"):
    page()
