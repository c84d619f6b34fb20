"""This device: the phone or laptop that shows this page becomes a camera."""

from collections.abc import Mapping
from typing import Any

import av
import streamlit as st
from streamlit_webrtc import WebRtcMode, webrtc_streamer

from components.device import device_note
from dashboard.web import service
from dashboard.web.commands import camera_list, free_name, send
from dashboard.web.device import MAX_FPS, FramePusher
from dashboard.web.text import as_markdown

CHOSEN, SENDING = "device.camera", "device.sending"
# No server in the internet is asked for the way: the devices stand in the same house.
RTC = {"iceServers": []}
VIDEO = {
    "width": {"ideal": 1280},
    "height": {"ideal": 720},
    "frameRate": {"ideal": MAX_FPS},
}
OWN_PICTURE = {
    "autoPlay": True,
    "controls": False,
    "muted": True,
    "playsInline": True,
    "style": {"width": "100%", "maxHeight": "420px"},
}
FACING = {"Back": "environment", "Front": "user"}


def add_device(cameras: tuple[Mapping[str, Any], ...]) -> None:
    """Makes a camera for this device and chooses it."""
    name = free_name("This device", {str(camera["name"]) for camera in cameras})
    outcome = send(found.handle, "cameras.add", name=name, kind="browser", address="")
    if not outcome.done:
        st.error(outcome.error)
        return
    st.session_state[CHOSEN] = outcome.reply.result["id"]
    st.rerun()


def choose(devices: dict[str, str]) -> str:
    """Which of the browser cameras this device is."""
    if st.session_state.get(CHOSEN) not in devices:
        st.session_state[CHOSEN] = next(iter(devices))
    if len(devices) == 1:
        return str(st.session_state[CHOSEN])
    return str(
        st.radio("This device is", list(devices), format_func=lambda i: as_markdown(devices[i]), key=CHOSEN)
    )


def stream(camera: str) -> None:
    """The browser's stream, and what of it reaches the monitor."""
    on = bool(st.session_state.get(SENDING))
    facing = st.radio("Camera", list(FACING), horizontal=True, disabled=on, key="device.facing")
    if st.button("Stop" if on else "Start", type="secondary" if on else "primary", width="stretch"):
        st.session_state[SENDING] = not on
        st.rerun()
    line = st.container()
    pusher = st.session_state.setdefault(
        f"device.pusher.{camera}", FramePusher(found.handle, found.clock, camera)
    )

    def forward(frame: av.VideoFrame) -> av.VideoFrame:
        pusher.push(frame.to_ndarray(format="bgr24"))
        return frame

    context = webrtc_streamer(
        key=f"device-{camera}",
        mode=WebRtcMode.SENDRECV,
        rtc_configuration=RTC,
        media_stream_constraints={
            "video": {**VIDEO, "facingMode": {"ideal": FACING[facing]}},
            "audio": False,
        },
        video_frame_callback=forward,
        video_html_attrs=OWN_PICTURE,
        desired_playing_state=on,
        media_toggle_controls=False,
    )
    with line:
        st.fragment(arriving, run_every=1)(camera, on, context.state.playing, pusher)


def arriving(camera: str, on: bool, playing: bool, pusher: FramePusher) -> None:
    """One line, always there, so that nothing moves when it changes."""
    found.handle.touch(camera)
    view = found.handle.latest(camera)
    is_live = view is not None and view.stats.get("state") == "live"
    fps = view.stats.get("fps") if view is not None and is_live else None
    if not on and is_live and not pusher.is_pushing():
        st.warning(
            "Not sending. Another page sends for this camera now: two pictures in one camera would be mixed "
            "up. Add another device below.",
            icon=":material/warning:",
        )
    elif not on:
        st.info("Not sending. Press Start and allow the camera.", icon=":material/videocam_off:")
    elif not playing:
        st.info("Asking this browser for its camera.", icon=":material/hourglass_empty:")
    elif not fps:
        st.info("Sending. The monitor waits for the first frames.", icon=":material/hourglass_empty:")
    else:
        st.success(
            f"The monitor gets {fps:.1f} frames a second from this device.", icon=":material/check_circle:"
        )


def page() -> None:
    st.title("This device as a camera", anchor=False)
    st.markdown("Put the device where it sees the whole pool, plug it in, and keep this page open.")
    device_note("device-note-page")
    cameras, error = camera_list(found.handle)
    if error:
        st.error(error)
        return
    devices = {str(c["id"]): str(c["name"]) for c in cameras if c["kind"] == "browser"}
    if not devices:
        if st.button("Make this device a camera", type="primary"):
            add_device(cameras)
        return
    # The stream below keeps its place when another device comes.
    with st.container():
        camera = choose(devices)
    stream(camera)
    st.caption(
        "Leaving this page, or locking the screen, ends the stream: the camera then counts as not answering."
    )
    if st.button("Add another device"):
        add_device(cameras)


found = service.current()
with st.container(key="pw-page"):
    page()
