"""Replay: a stored clip or a video judged again, with the settings of now and with others, side by side."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import streamlit as st

from components.outcomes import show_error
from dashboard.monitor.owned import OWNED, spec_of, value_of, worded
from dashboard.report.times import local
from dashboard.settings import Settings, data_folder
from dashboard.source import SourceError
from dashboard.source.file import readable_file
from dashboard.values import Mode, Zone
from dashboard.web import service
from dashboard.web.commands import send
from dashboard.web.history import zone_of
from dashboard.web.replays import (
    FIRST_KEY,
    Clip,
    asked_change,
    change_problem,
    changed_since,
    clip_track,
    clips_of,
    doubts,
    drawn,
    limits,
    present,
    suggestion,
    tried_keys,
)
from dashboard.web.text import as_markdown, one_line
from dashboard.web.videos import MOST_MB, MOST_S, Job, VideoError, Watched, videos_of
from dashboard.whatif.comparing import rows
from dashboard.whatif.judging import Judged, Variant, judged
from dashboard.whatif.telling import headline, name_of, picture_html, table_html
from dashboard.whatif.track import Recorded, TrackError, read_track

CHANGES, ASKED, WHAT, TRIED, UPLOAD = (
    "replay.changes",
    "replay.asked",
    "replay.what",
    "replay.tried",
    "replay.upload",
)
CLIPS, VIDEOS = "A stored clip", "A video"
CSS = Path(__file__).parents[1] / "dashboard" / "records.css"
ENDINGS = ["mp4", "mov", "m4v", "avi", "mkv", "webm", "mpg", "mpeg", "ts", "3gp"]
WHOLE = ""
MOST_CLIPS = 100


# What is judged


def choose_clip(clips: Sequence[Clip]) -> Clip | None:
    """One of the newest, or the one that the address names."""
    if not clips:
        st.markdown(
            "No clip is stored yet. Poolwatch keeps one of everything that it notices, 10 s before to 10 s "
            "after. Until then, try a video."
        )
        return None
    asked = str(st.query_params.get("clip", ""))
    ids = [clip.id for clip in clips]
    found: Clip | None = st.selectbox(
        "Clip", clips, index=ids.index(asked) if asked in ids else 0, format_func=lambda clip: clip.words
    )
    return found


def stored_clips() -> list[Clip]:
    outcome = send(found.handle, "clips.list", limit=MOST_CLIPS)
    if not outcome.done:
        return []
    return clips_of(outcome.reply.result["clips"], zone)


def choose_video() -> Watched | None:
    """One that was watched; below it the way to another one."""
    job = desk.job
    if job is not None and job.state == "running":
        st.fragment(progress, run_every=1)()
        return None
    told(job)
    watched = desk.watched()
    chosen: Watched | None = None
    if watched:
        left, right = st.columns([4, 1], vertical_alignment="bottom")
        chosen = left.selectbox("Video", watched, format_func=video_words)
        if right.button("Forget it", width="stretch", help="Deletes what was seen in this video") and chosen:
            desk.forget(chosen.id)
            st.rerun()
    with st.expander("Watch another video" if watched else "Watch a video", expanded=not watched):
        bring()
    return chosen


def video_words(video: Watched) -> str:
    at = local(video.at.isoformat(), zone)
    return one_line(f"{video.name} · watched {at:%a} {at.day} {at:%b}, {at:%H:%M}", 120)


def progress() -> None:
    """How far it is; the page is drawn anew when it is over."""
    job = desk.job
    if job is None or job.state != "running":
        st.rerun()
        return
    far = f"{job.done_s:.0f} s" + (f" of {job.of_s:.0f} s" if job.of_s else "")
    far = far if job.done_s else "the models are loading"
    st.progress(job.share, text=f"Watching “{as_markdown(job.name)}”: {far}")
    st.caption(
        "The watch of the pool comes first: this takes what is left. You may leave this page meanwhile."
    )
    if job.of_s > MOST_S:
        st.caption(f"It is {job.of_s / 60:.0f} minutes long: the first {MOST_S / 60:.0f} are watched.")
    if st.button("Cancel", key="replay.cancel"):
        desk.cancel()
        st.rerun()


def told(job: Job | None) -> None:
    """How the newest one ended."""
    if job is None:
        return
    if job.state == "failed":
        st.error(f"“{as_markdown(job.name)}”: {as_markdown(job.why, 400)}")
    elif job.state == "done" and job.why:
        st.warning(f"“{as_markdown(job.name)}”: {as_markdown(job.why, 400)}")


def bring() -> None:
    """A video from this device, or one that lies on the machine that watches."""
    cameras = {str(camera["id"]): str(camera["name"]) for camera in found.handle.cameras()}
    number = st.session_state.setdefault(UPLOAD, 0)
    with st.form(f"replay.bring.{number}", border=False):
        upload = st.file_uploader(
            f"From this device, up to {MOST_MB} MB",
            type=ENDINGS,
            max_upload_size=MOST_MB,
            key=f"replay.upload.{number}",
            help="It is deleted as soon as it was watched; what stays are skeletons and boxes.",
        )
        path = st.text_input(
            "Or a file on the machine that watches", placeholder="/home/anna/pool.mp4", max_chars=500
        )
        camera = st.selectbox(
            "Zones",
            [WHOLE, *cameras],
            format_func=lambda key: (
                f"as drawn for {one_line(cameras[key])}" if key else "none: the whole picture"
            ),
        )
        pressed = st.form_submit_button("Watch it", type="primary")
    if not pressed:
        return
    if upload is not None:
        begin(upload.name, upload.size, lambda to: to.write_bytes(upload.getbuffer()), str(camera))
    elif path.strip():
        begin_file(path.strip(), str(camera))
    else:
        st.error("Choose a video first.")


def begin_file(address: str, camera: str) -> None:
    try:
        file = readable_file(address)
    except SourceError as error:
        st.error(as_markdown(f"{error.reason[:1].upper()}{error.reason[1:]}.", 400))
        return
    begin(file.name, 0, lambda to: to.symlink_to(file), camera)


def begin(name: str, size: int, put: Any, camera: str) -> None:
    zones = zones_now().get(camera, {}).get("zones", []) if camera else []
    try:
        desk.start(name, size, put, camera, zones, state["values"])
    except VideoError as error:
        st.error(as_markdown(str(error), 400))
        return
    # The upload is let go: it was in memory until now.
    st.session_state[UPLOAD] += 1
    st.rerun()


def zones_now() -> Mapping[str, Any]:
    outcome = send(found.handle, "zones.list")
    zones: Mapping[str, Any] = outcome.reply.result.get("zones", {})
    return zones


# What is compared


def choose_changes(now: Settings) -> list[dict[str, Any]]:
    """The sets of changed settings, one a column."""
    changes: list[dict[str, Any]] = st.session_state.setdefault(CHANGES, [])
    query = (st.query_params.get("set"), st.query_params.get("to"))
    if query != st.session_state.get(ASKED):
        st.session_state[ASKED] = query
        asked = asked_change(st.query_params, now)
        if asked is not None and asked not in changes:
            changes[:] = [asked]
    for number, values in enumerate(list(changes)):
        with st.container(horizontal=True, vertical_alignment="center", key=f"pw-change-{number}"):
            st.markdown(f"**{as_markdown(name_of(values), 120)}**", width="stretch")
            if st.button("Leave out", key=f"replay.out.{number}.{values}"):
                changes.remove(values)
                st.rerun()
    add_change(now, changes)
    return changes


def add_change(now: Settings, changes: list[dict[str, Any]]) -> None:
    keys = tried_keys()
    left, middle, right = st.columns([5, 3, 2], vertical_alignment="bottom")
    key = left.selectbox(
        "Setting", keys, index=keys.index(FIRST_KEY), format_func=lambda one: OWNED[one].label
    )
    spec, value_now = spec_of(key), value_of(now, key)
    whole = isinstance(spec.default, int)
    start = suggestion(key, value_now)
    typed = middle.number_input(
        f"Instead of {worded(key, value_now)}",
        value=int(start) if whole else float(start),
        step=1 if whole else (1.0 if spec.default >= 5 else 0.1),
        format=None if whole else "%.12g",
        key=f"replay.value.{key}.{value_now}",
    )
    if right.button("Compare", type="primary" if not changes else "secondary", width="stretch"):
        problem = change_problem(key, typed, now, changes)
        if problem:
            st.error(as_markdown(problem, 300))
        else:
            changes.append({key: typed})
            st.rerun()


def choose_frame(track: Recorded, camera: str) -> tuple[Mode | None, tuple[Zone, ...] | None]:
    """Mode and zones where they are to be others than the recording's own."""
    with st.expander("Mode and zones"):
        own = track.about.mode.value.capitalize()
        modes: list[Mode | None] = [None, Mode.WATCH, Mode.SUPERVISED]
        mode: Mode | None = st.selectbox(
            "Mode", modes, format_func=lambda one: one.value.capitalize() if one else f"as recorded ({own})"
        )
        zones = drawn(zones_now(), camera)
        others = zones is not None and st.checkbox("With the zones as they are drawn now")
    return mode, zones if others else None


# The comparison


def compare(key: str, path: Path, told_then: str, camera: str, name: str) -> None:
    """`key` names the recording, `told_then` the level that it had, "" when nobody knows."""
    try:
        track = read_track(path)
    except TrackError as error:
        st.error(as_markdown(str(error), 300))
        return
    now = present(state["values"])
    with st.container(border=True, key="pw-card-changes"):
        st.subheader("Compare with", anchor=False)
        changes = choose_changes(now)
        mode, zones = choose_frame(track, camera)
    variants = [Variant("Now", {}, mode, zones)]
    then = changed_since(track, now)
    if then:
        variants.append(Variant("As it was then", then, mode, zones))
    variants += [Variant(f"With {name_of(one)}", one, mode, zones) for one in changes]
    with st.spinner("Judging again"):
        judgements = [tried(key, path, track, now, variant) for variant in variants]
    with st.container(border=True, key="pw-card-result"):
        result(track, judgements, {track.about.camera: name}, told_then)


def tried(key: str, path: Path, track: Recorded, now: Settings, variant: Variant) -> Judged:
    """Judged once a visit: the same again gives the same."""
    kept: dict[Any, Judged] = st.session_state.setdefault(TRIED, {})
    name = (key, path.stat().st_mtime_ns, repr(now.rules), repr(variant))
    if name not in kept:
        while len(kept) >= 24:
            kept.pop(next(iter(kept)))
        kept[name] = judged(track, now, variant)
    return kept[name]


def result(track: Recorded, judgements: Sequence[Judged], names: Mapping[str, str], told_then: str) -> None:
    found_rows = rows(judgements)
    st.subheader("What would have alarmed", anchor=False)
    for number in range(1, len(judgements)):
        st.markdown(f"**{as_markdown(headline(found_rows, number, judgements), 400)}**")
    if not found_rows:
        st.markdown(f"Nothing on these {track.length_s:.0f} s would have alarmed.")
    else:
        st.html(picture_html(judgements) + table_html(found_rows, judgements, names))
    for doubt in doubts(track, judgements, told_then):
        st.warning(doubt, icon=":material/help:")
    st.caption(limits(bool(told_then)))
    st.page_link("../pages/settings.py", label="Change it in Settings", icon=":material/tune:")


def page() -> None:
    st.title("Replay", anchor=False)
    st.markdown(
        "What would have alarmed with another setting? A recording is judged again, as often as you like. "
        "Nothing is changed by it, and nobody is called."
    )
    with st.container(border=True, key="pw-card-recording"):
        clips = stored_clips()
        # Without a clip there is only one way; the address may name a clip.
        st.session_state.setdefault(WHAT, CLIPS if clips else VIDEOS)
        what = st.segmented_control("Recording", (CLIPS, VIDEOS), key=WHAT, required=True)
        clip = choose_clip(clips) if what == CLIPS else None
        video = choose_video() if what == VIDEOS else None
    if clip is not None:
        path = clip_track(data_folder(), clip.id)
        if path is None:
            st.error("There is no track of this clip (any more): it cannot be judged again.")
        else:
            compare(clip.id, path, clip.level, clip.camera, camera_name(clip.camera))
    elif video is not None:
        compare(video.id, video.track, "", video.camera, "place")


def camera_name(camera: str) -> str:
    names = {str(one["id"]): str(one["name"]) for one in found.handle.cameras()}
    return one_line(names.get(camera, camera))


found = service.current()
zone = zone_of(st.context.timezone)
desk = videos_of(data_folder(), found.clock)
st.html(CSS)
outcome = send(found.handle, "settings.list")
state = outcome.reply.result
with st.container(key="pw-page"):
    if show_error(outcome):
        page()
    else:
        st.stop()
