"""Pose: what finds skeletons, at work on a picture, a clip or a camera; two back ends side by side."""

import asyncio
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import streamlit as st

from components.outcomes import show_error
from dashboard.backends import DEFAULT, ENTRIES
from dashboard.settings import data_folder
from dashboard.values import Image
from dashboard.web import service
from dashboard.web.commands import camera_list, send
from dashboard.web.pose_figure import asked, figure
from dashboard.web.pose_pictures import (
    affinity,
    as_jpeg,
    boxes,
    confidence,
    cut_out,
    plain,
    skeletons,
)
from dashboard.web.pose_report import read_report, table_html
from dashboard.web.posing import (
    CLIPS,
    MOST_MB,
    PICTURES,
    Looked,
    PoseError,
    coco_json,
    draw_clip,
    empty_picture,
    look_at,
    missing,
    there,
)
from dashboard.web.text import as_markdown, one_line
from dashboard.weights.registry import WeightsError, load_registry

PICTURE, CLIP, CAMERA = "A picture", "A clip", "A camera"
LOOKED, FROM, DRAWN = "pose.looked", "pose.from", "pose.drawn"
NOBODY_BESIDE = "nothing"
SECONDS = 10
CSS = Path(__file__).parents[1] / "dashboard" / "records.css"


# What is looked at


def uploaded(kind: str) -> tuple[bytes, str] | None:
    """What somebody brought, None while there is nothing usable."""
    endings = PICTURES if kind == PICTURE else CLIPS
    file = st.file_uploader(kind, type=endings, key=f"pose.file.{kind}", label_visibility="collapsed")
    if file is None:
        st.caption(f"It stays on this machine, is looked at and forgotten. At most {MOST_MB} MB.")
        return None
    if file.size > MOST_MB * 1_000_000:
        st.error(f"The file has {file.size / 1e6:.0f} MB; at most {MOST_MB} are looked at.")
        return None
    return file.getvalue(), file.name


def chosen_camera() -> Mapping[str, Any] | None:
    cameras, error = camera_list(found.handle)
    if error:
        st.error(as_markdown(error, limit=400))
        return None
    if not cameras:
        st.markdown("There is no camera yet: add one on the page Cameras.")
        return None
    able = [one for one in cameras if one["enabled"] and one["kind"] != "browser"]
    if not able:
        st.markdown("No camera can be asked for a picture: those of browsers cannot, nor one that is off.")
        return None
    camera: Mapping[str, Any] | None = st.selectbox(
        "Camera", able, format_func=lambda c: one_line(str(c["name"]), 60)
    )
    return camera


def snapshot(camera: Mapping[str, Any]) -> tuple[bytes, str] | None:
    """A picture of the camera as it is now; the page shows it only where it may."""
    with st.spinner("Asking the camera, 10 s at most"):
        outcome = send(found.handle, "cameras.test", id=camera["id"])
    if not show_error(outcome) or not outcome.reply.payload:
        return None
    return outcome.reply.payload, f"{one_line(str(camera['name']), 40)}.jpg"


def looked(content: tuple[bytes, str], chosen: list[str], camera: str, at_s: float | None) -> None:
    """Runs the back ends, one after the other, and keeps what they found."""
    kept: list[Looked] = []
    for name in chosen:
        try:
            with st.spinner(f"{ENTRIES[name].label} looks; the watch comes first"):
                kept.append(look_at(*content, name, at_s))
        except PoseError as error:
            st.error(f"{ENTRIES[name].label}: {as_markdown(str(error), limit=400)}")
    st.session_state[LOOKED], st.session_state[FROM] = kept, (camera, content[1])


# What is shown


def may_be_seen(camera: str) -> bool:
    """Whether the camera's real picture may be shown now."""
    handle = found.handle
    return not camera or camera in handle.opened() or camera in handle.released()


def ground(one: Looked, camera: str) -> Image:
    """What is drawn over: the picture itself where it may be seen, else the learnt empty one, else grey."""
    if may_be_seen(camera):
        return one.picture
    empty = asyncio.run(empty_picture(found.handle, camera))
    return plain(one) if empty is None else empty


def show(one: Looked, camera: str, number: int) -> None:
    """One back end's column."""
    entry, under = ENTRIES[one.backend], ground(one, camera)
    st.subheader(entry.label, anchor=False)
    people = {0: "nobody", 1: "1 person"}.get(len(one.scores), f"{len(one.scores)} people")
    st.markdown(f"**{people}** · {one.took_ms:.0f} ms on one core, with what the watch leaves")
    st.caption(f"{entry.way[0].upper()}{entry.way[1:]}.")
    ways = {"Skeletons": "skeletons", "Boxes": "boxes"}
    ways |= {"Confidence": "maps"} if len(one.maps) else {}
    ways |= {"Affinity": "fields"} if len(one.fields) else {}
    way = st.segmented_control("Show", list(ways), default="Skeletons", key=f"pose.way.{number}")
    picture = view_of(one, way or "Skeletons", under, number)
    st.image(as_jpeg(picture), width="stretch")
    if len(one.crops) and way == "Boxes":
        st.caption("White: the boxes of the person detector. Yellow: the crops that were looked at.")
    crops(one, camera)
    st.download_button(
        "Save as COCO JSON",
        coco_json(one, st.session_state[FROM][1]),
        f"{one.backend}.json",
        "application/json",
        key=f"pose.save.{number}",
        icon=":material/download:",
    )


def view_of(one: Looked, way: str, under: Image, number: int) -> Image:
    """The picture of the chosen kind, with the choice of point or limb above it."""
    if way == "Boxes":
        return boxes(one, under)
    if way == "Confidence":
        return confidence(one, which("Key point", one.points, number), under)
    if way == "Affinity":
        return affinity(one, which("Limb", one.limbs, number), under)
    return skeletons(one, under)


def which(label: str, names: Sequence[str], number: int) -> int:
    """The place of the chosen name."""
    words = [name.replace("_", " ") for name in names]
    chosen = st.selectbox(
        label, range(len(words)), format_func=words.__getitem__, key=f"pose.{label}.{number}"
    )
    return int(chosen or 0)


def crops(one: Looked, camera: str) -> None:
    if not may_be_seen(camera):
        st.caption(
            "The real picture is sealed: skeletons stand over the empty view, and crops are not shown. An "
            "alarm that nobody answers opens it, or the owner on Live."
        )
        return
    pieces = cut_out(one)
    if pieces:
        with st.expander(f"{len(pieces)} {'crops' if len(one.crops) else 'people cut out'}"):
            st.image([as_jpeg(piece) for piece in pieces], width=120)


def clip_video(content: tuple[bytes, str], backend: str) -> None:
    """Skeletons over the first seconds of a clip, as the watch would see them."""
    if st.button(f"Draw the first {SECONDS} s", help="As a camera with this back end is watched"):
        try:
            with st.spinner("Watching the clip; this takes a while, since the watch comes first"):
                st.session_state[DRAWN] = draw_clip(*content, backend, SECONDS), ENTRIES[backend].label
        except PoseError as error:
            st.error(as_markdown(str(error), limit=400))
    drawn = st.session_state.get(DRAWN)
    if drawn:
        st.caption(f"Drawn by {drawn[1]}")
        st.video(drawn[0], muted=True)


def weights_that_are_missing() -> None:
    """Which back ends cannot be chosen yet, and what to do about it."""
    absent = {name: missing(entry) for name, entry in ENTRIES.items() if missing(entry)}
    if not absent:
        return
    try:
        registry = load_registry()
    except WeightsError as error:
        st.error(str(error))
        return
    with st.expander(f"{len(absent)} more, whose weights are not installed"):
        for name, needs in absent.items():
            st.markdown(f"**{ENTRIES[name].label}**: {ENTRIES[name].way}.")
            for need in needs:
                about = registry[need]
                how = about.how or f"python -m dashboard models install {need}"
                st.caption(f"{about.what}. Licence: {about.licence}. {about.home}")
                st.code(how, language=None, wrap_lines=True)


def measured() -> None:
    report = read_report(data_folder())
    st.subheader("Measured", anchor=False)
    if report is None:
        st.markdown("Nothing is measured yet: `python -m dashboard bench pose` compares what is installed.")
        return
    st.caption(report.about)
    questions = asked(report.numbers)
    dark = st.context.theme.type == "dark"
    for place, question in zip(st.columns(max(1, len(questions))), questions, strict=False):
        place.plotly_chart(
            figure(report.numbers, question, dark),
            theme=None,
            key=f"pose.plot.{question.right}",
            config={"displayModeBar": False},
            alt=f"{question.title} against {question.axis}. The same stands in the table below.",
        )
    st.html(table_html(report))


def choose_backends() -> list[str]:
    names = there()
    if not names:
        st.error("No weights are installed: python -m dashboard models install")
        return []
    left, right = st.columns(2)
    start = names.index(DEFAULT) if DEFAULT in names else 0
    first = left.selectbox("Back end", names, index=start, format_func=lambda n: ENTRIES[n].label)
    others = [NOBODY_BESIDE, *(n for n in names if n != first)]
    second = right.selectbox(
        "Beside it", others, format_func=lambda n: ENTRIES[n].label if n in ENTRIES else "Nothing"
    )
    return [str(first), *([str(second)] if second != NOBODY_BESIDE else [])]


def ask() -> None:
    """What is looked at, by what."""
    asked = st.segmented_control("Look at", [PICTURE, CLIP, CAMERA], default=PICTURE, key="pose.kind")
    kind = asked or PICTURE
    camera = chosen_camera() if kind == CAMERA else None
    content = uploaded(kind) if kind != CAMERA else None
    at_s = None
    if kind == CLIP and content is not None:
        at_s = float(st.number_input("Moment, seconds from the start", 0.0, 3600.0, 0.0, 0.5))
    chosen = choose_backends()
    if st.button("Look", type="primary", disabled=not chosen or not (camera or content)):
        st.session_state[LOOKED] = []
        content = snapshot(camera) if camera is not None else content
        if content is not None:
            looked(content, chosen, str(camera["id"]) if camera is not None else "", at_s)
    if kind == CLIP and content is not None and chosen:
        clip_video(content, chosen[0])


def page() -> None:
    st.title("Pose", anchor=False)
    st.markdown("What finds skeletons, at work. Which one watches a camera is chosen on the page Cameras.")
    with st.container(key="pw-card-pose-ask"):
        ask()
    kept: list[Looked] = st.session_state.get(LOOKED) or []
    if kept:
        camera = st.session_state[FROM][0]
        for number, (column, one) in enumerate(zip(st.columns(len(kept)), kept, strict=True)):
            with column, st.container(key=f"pw-card-pose-{number}"):
                show(one, camera, number)
    with st.container(key="pw-card-pose-rest"):
        measured()
        weights_that_are_missing()


found = service.current()
st.html(CSS)
with st.container(key="pw-page"):
    page()
