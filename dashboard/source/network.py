"""Network cameras: RTSP over TCP, plain or encrypted, and pictures streamed over HTTP."""

from __future__ import annotations

import errno
import socket
import threading
from collections.abc import Iterator

import av
from av.container import InputContainer
from av.error import EOFError as EndOfFile
from av.error import ExitError, FFmpegError, HTTPClientError, InvalidDataError
from av.packet import Packet
from av.video.stream import VideoStream

from dashboard.clock import Clock
from dashboard.settings import SourceSettings
from dashboard.source.address import NetworkAddress, network_address
from dashboard.source.base import Progress, SourceError
from dashboard.source.decoding import decoded, open_container, video_stream
from dashboard.source.pictures import Converter
from dashboard.source.timing import Arrivals, Thinner
from dashboard.values import CameraSpec, Frame

# What may be spoken after the first address, whatever a camera's answer or a redirection asks for.
PROTOCOLS = {"rtsp": "tcp,rtp", "rtsps": "tls,tcp,rtp,srtp", "http": "http,https,tls,tcp"}
# Streams without an end. HLS is left out: its pictures are many seconds old when they can be fetched.
HTTP_STREAMS = "mpjpeg,mjpeg,mpegts,flv,h264,hevc,matroska,webm"
# Of these, FFmpeg makes the timestamps up; they say nothing of when a picture was taken.
UNSTAMPED = frozenset({"mpjpeg", "mjpeg", "h264", "hevc"})
# Here FFmpeg gives a packet when the next one begins, so a packet began to arrive when the one before was
# given. (Measured: a camera that is stopped owes one picture.)
PARSED = frozenset({"rtsp", "mpegts", "h264", "hevc"})
# Opening takes 0.4 s with these and 2.0 s without (measured).
PROBE = {"analyzeduration": "200000", "probesize": "200000"}


class NetworkSource:
    """Frames of a network camera; t is the monotonic time at which the frame's data had arrived."""

    def __init__(self, spec: CameraSpec, clock: Clock, settings: SourceSettings) -> None:
        self._spec = spec
        self._clock = clock
        self._settings = settings
        self._closed = threading.Event()
        self.progress = Progress()

    def frames(self) -> Iterator[Frame]:
        target = network_address(self._spec.address)
        self.progress.silence = f"connecting to {target.place}"
        try:
            with self._opened(target) as container:
                yield from self._frames_of(container)
        except FFmpegError as error:
            raise SourceError(why_not_read(error)) from None

    def close(self) -> None:
        self._closed.set()

    def _opened(self, target: NetworkAddress) -> InputContainer:
        check_host(target)
        settings, start = self._settings, self._clock.monotonic()
        try:
            options = open_options(target, settings)
            return open_container(target.url, options, settings.open_s, settings.read_s)
        except FFmpegError as error:
            # FFmpeg's RTSP gives its own error for an answer that did not come in time.
            in_time = self._clock.monotonic() - start < settings.open_s
            raise why_not_opened(error, target, in_time) from None

    def _frames_of(self, container: InputContainer) -> Iterator[Frame]:
        try:
            stream = video_stream(container)
        except SourceError as error:
            # Not hopeless: a description of the stream that was damaged on its way looks the same.
            raise SourceError(error.reason.replace("it has", "the camera sends")) from None
        self.progress.silence = "waiting for the first picture"
        converter = Converter()
        gate = _Gate(stream, self._settings, self._clock, Thinner(self._spec.max_fps), self.progress)
        index = 0
        for frame in decoded(container, stream, self.progress, gate.decode):
            if self._closed.is_set():
                return
            t = gate.arrival(frame)
            if gate.stalled:
                raise SourceError("the camera stopped sending pictures")
            if t is not None and gate.wanted(t):
                index += 1
                self.progress.silence = "the camera stopped sending pictures"
                yield Frame(self._spec.id, t, converter.picture(frame), index)


class _Gate:
    """Decides, packet by packet and frame by frame, what is worth decoding and converting."""

    def __init__(
        self,
        stream: VideoStream,
        settings: SourceSettings,
        clock: Clock,
        thinner: Thinner,
        progress: Progress,
    ) -> None:
        form = stream.container.format.name
        base = stream.time_base
        self._time_base = float(base) if base is not None and form not in UNSTAMPED else None
        self._intra_only = bool(stream.codec_context.codec.intra_only)
        self._parsed = form in PARSED and not self._intra_only
        self._read_s = settings.read_s
        self._arrivals = Arrivals(settings.late_after_s)
        self._thinner = thinner
        self._progress = progress
        self._clock = clock
        self._last_packet_at: float | None = None
        self.stalled = False

    def decode(self, packet: Packet[VideoStream]) -> bool:
        """Notes the packet's arrival. Where every picture stands for itself, those that nobody wants
        are not even decoded; behind by far, packets are left out up to the next key frame."""
        now = self._clock.monotonic()
        before = now if self._last_packet_at is None else self._last_packet_at
        self._last_packet_at = now
        # FFmpeg answers a time-out first with the last packet that it held back, and only then says so.
        self.stalled = now - before >= self._read_s
        stamp_s = self._stamp_s(packet.pts if packet.pts is not None else packet.dts)
        self._arrivals.came(stamp_s, before if self._parsed else now)
        if self._intra_only:
            return self._thinner.wanted(now)
        worth = self._arrivals.worth_decoding(packet.is_keyframe)
        self._progress.late += not worth
        return worth

    def arrival(self, frame: av.VideoFrame) -> float | None:
        """When the frame's data came; None when it is too old to be served."""
        t = self._arrivals.fresh_time(self._stamp_s(frame.pts), self._clock.monotonic())
        self._progress.late += t is None
        return t

    def wanted(self, t: float) -> bool:
        return self._intra_only or self._thinner.wanted(t)

    def _stamp_s(self, pts: int | None) -> float | None:
        return None if pts is None or self._time_base is None else pts * self._time_base


def open_options(target: NetworkAddress, settings: SourceSettings) -> dict[str, str]:
    """FFmpeg's options: TCP only, quick opening, nothing but the expected protocols and formats."""
    # Only a second net behind PyAV's own time-outs, which are told apart from other errors.
    timeout_us = str(round((max(settings.open_s, settings.read_s) + 2) * 1e6))
    if target.scheme.startswith("rtsp"):
        return PROBE | {
            "rtsp_transport": "tcp",
            "allowed_media_types": "video",
            "timeout": timeout_us,
            "protocol_whitelist": PROTOCOLS[target.scheme],
            "format_whitelist": "rtsp",
        }
    return PROBE | {
        "rw_timeout": timeout_us,
        # A camera of the house is never behind the machine's web proxy.
        "http_proxy": "",
        "protocol_whitelist": PROTOCOLS["http"],
        "format_whitelist": HTTP_STREAMS,
    }


def check_host(target: NetworkAddress) -> None:
    """SourceError when the host's name is unknown; FFmpeg says no more than "input/output error"."""
    try:
        socket.getaddrinfo(target.host, target.port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise SourceError(f"there is no host named {target.host} on this network") from None


def why_not_opened(error: FFmpegError, target: NetworkAddress, in_time: bool = True) -> SourceError:
    """FFmpeg's error in plain words. FFmpeg's own text is not used: it holds the address."""
    place = target.place
    if isinstance(error, HTTPClientError):
        return _refused(error, target)
    if isinstance(error, (ExitError, TimeoutError)) or not in_time:
        return SourceError(f"nothing answers at {place} (timed out)")
    if isinstance(error, ConnectionRefusedError):
        return SourceError(f"nothing answers at {place} (connection refused)")
    if error.errno in (errno.EHOSTUNREACH, errno.ENETUNREACH, errno.EHOSTDOWN):
        return SourceError(f"there is no way to {place} (no route)")
    if isinstance(error, (EndOfFile, ConnectionResetError, BrokenPipeError)):
        return SourceError(f"{place} closed the connection at once")
    if isinstance(error, InvalidDataError):
        return SourceError(f"what answers at {place} does not stream pictures that can be read")
    return SourceError(f"the stream at {place} cannot be opened ({error.strerror})")


def _refused(error: HTTPClientError, target: NetworkAddress) -> SourceError:
    if isinstance(error, (av.error.HTTPUnauthorizedError, av.error.HTTPForbiddenError)):
        return SourceError(
            "the camera refused the user name or password"
            if target.has_credentials
            else "the camera asks for a user name and a password",
            hopeless=True,
        )
    if isinstance(error, av.error.HTTPNotFoundError):
        return SourceError(f"the camera at {target.place} has no stream of this name (path not found)")
    return SourceError(f"the camera at {target.place} refused the request ({error.strerror})")


def why_not_read(error: FFmpegError) -> str:
    """Why a stream that had been opened broke off, in plain words."""
    if isinstance(error, (ExitError, TimeoutError)):
        return "the camera stopped sending pictures"
    cut = (ConnectionResetError, BrokenPipeError, ConnectionAbortedError)
    if isinstance(error, cut) or error.errno == errno.EIO:
        return "the connection to the camera was cut"
    if isinstance(error, InvalidDataError):
        return "the pictures arrive damaged"
    return f"the stream broke off ({error.strerror})"
