"""The UI's side of the monitor: send commands, look at cameras, hand over a browser's frames.

One background thread with its own event loop keeps the connection and comes back by itself when the
monitor was away. Everything public may be called from any thread; `wait_newer` from any event loop.
`ensure_monitor` in `dashboard.monitor.owner` starts the monitor itself.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from concurrent.futures import Future
from concurrent.futures import TimeoutError as FutureTimeoutError
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from dashboard.clock import Clock
from dashboard.monitor.folder import socket_path
from dashboard.monitor.link import Link
from dashboard.monitor.viewbook import ViewBook
from dashboard.monitor.wire import PROTOCOL_VERSION, Message, WireError

REDACTED = "redacted"
CAMERA = "camera"

# cameras.test may take 10 s in its own process, and that process has to start.
REQUEST_TIMEOUT_S = 20.0
# A call in the second in which the monitor restarts should not fail.
_CONNECT_GRACE_S = 1.0
# Interest lasts 3 s in the monitor; renewing it each second survives two lost renewals.
_TOUCH_EVERY_S = 1.0
# What nobody looked at for twice as long as interest lasts is old: it is not shown to the next who looks.
_LAPSED_S = 6.0
# The monitor tells its state every second; one that says nothing for so long does not watch either.
_SILENT_S = 5.0
_RETRY_S = 0.25
_SITE = ("site", "")
_STRANGER = "The monitor that runs is of another version than this program: restart it."


class MonitorError(Exception):
    """The monitor refused, failed or is not there: one plain sentence, free of credentials."""


@dataclass(frozen=True)
class Reply:
    """The answer to a command: `result` is JSON-ready, `payload` raw bytes (a JPEG for cameras.test)."""

    result: Mapping[str, Any] = field(default_factory=dict)
    payload: bytes = b""


@dataclass(frozen=True)
class CameraView:
    """What one camera shows and saw.

    `seq` grows with every new observation or change of state, over restarts of the monitor too.
    `t` is the capture time of the newest picture, seconds on the monotonic clock.
    `view` is "redacted" (the learnt empty picture) or "camera" (the real one, when that is allowed).
    `jpeg` is None while there is none; `picture` changes when `jpeg` does.
    `observation`: {people: [{id, box, keypoints [[x, y, score] x 17] or None, score, state, first_t,
    seen_t}] or None while blind, foreground, searched, things, size, blind_reason}, pixels of the source.
    `stats`: {fps, latency_ms_p50, latency_ms_p95, dropped, cpu, rss_mb, state, reason}; None is unknown.
    """

    camera: str
    seq: int
    t: float
    view: str
    jpeg: bytes | None
    picture: int
    observation: Mapping[str, Any]
    stats: Mapping[str, Any]


@dataclass(frozen=True)
class _Site:
    seq: int
    document: Mapping[str, Any]


class MonitorHandle:
    """A connection to the monitor of one data folder."""

    def __init__(self, data: Path, clock: Clock) -> None:
        self._socket = socket_path(data)
        self._clock = clock
        self._book: ViewBook[CameraView] = ViewBook()
        self._site: ViewBook[_Site] = ViewBook()
        self._lock = threading.Lock()
        self._touched: dict[tuple[str, str], float] = {}
        self._pending: dict[int, Future[Reply]] = {}
        self._last_id = 0
        self._state: Mapping[str, Any] = {}
        self._lost_since: float | None = None
        self._up = threading.Event()
        self._heard_at = float("-inf")
        self._stranger = False
        self._link = Link(self._socket, _RETRY_S, self._on_down, self._on_message)

    def start(self) -> None:
        """Begins to connect, and to reconnect, until `stop`."""
        self._lost_since = self._clock.monotonic()
        self._link.start()

    def stop(self) -> None:
        """Ends the connection and its thread; the monitor goes on."""
        self._link.stop()

    @property
    def connected(self) -> bool:
        """Whether the monitor answers: one that hangs keeps its connection, and is not there all the same."""
        return self._up.is_set() and self._clock.monotonic() - self._heard_at < _SILENT_S

    def wait_connected(self, timeout_s: float) -> bool:
        """True as soon as it is connected, False when it is not after `timeout_s`."""
        return self._up.wait(timeout_s)

    @property
    def lost_since(self) -> float | None:
        """When the monitor was last lost (monotonic seconds), None while connected."""
        return self._lost_since

    def request(self, command: str, payload: bytes = b"", **args: Any) -> Reply:
        """Runs one command in the monitor and waits for its reply; MonitorError says why it was refused."""
        if not self._up.wait(_CONNECT_GRACE_S):
            raise MonitorError(_STRANGER if self._stranger else "The monitor is not running.")
        future: Future[Reply] = Future()
        with self._lock:
            self._last_id += 1
            number = self._last_id
            self._pending[number] = future
        try:
            # Lost just now: `_on_down` fails what is pending, but only what it finds there.
            if not self._up.is_set():
                raise MonitorError("The monitor went away before it answered.")
            self._link.send({"type": "request", "id": number, "command": command, "args": args}, payload)
            return future.result(REQUEST_TIMEOUT_S)
        except FutureTimeoutError:
            raise MonitorError(
                f"The monitor did not answer {command} in {REQUEST_TIMEOUT_S:.0f} s."
            ) from None
        except (WireError, TypeError, ValueError) as error:
            raise MonitorError(f"The command {command} cannot be sent: {error}.") from None
        finally:
            with self._lock:
                self._pending.pop(number, None)

    def cameras(self) -> tuple[Mapping[str, Any], ...]:
        """Every camera in its order, as `cameras.list` gives it, at most about a second old."""
        return tuple(self._state.get("cameras", ()))

    def opened(self) -> Mapping[str, Mapping[str, Any]]:
        """The cameras whose real picture the owner has opened: camera -> {who, until_utc, left_s}. None
        while the monitor does not answer; each ends here by itself, even if the word of it is lost."""
        return self._opened() if self.connected else {}

    def zones(self) -> Mapping[str, Sequence[Mapping[str, Any]]]:
        """Every camera's zones, [{name, kind, polygon [[x, y], ...] in 0 to 1}], at once after a change."""
        found: Mapping[str, Sequence[Mapping[str, Any]]] = self._state.get("zones", {})
        return found

    def released(self) -> frozenset[str]:
        """The cameras whose real picture the monitor releases now; none while it does not answer."""
        site = self.site() if self.connected else None
        return frozenset((site or {}).get("pictures", ()))

    def site(self) -> Mapping[str, Any] | None:
        """The newest word of the judge (mode, people, prompts, alarms; see `monitor/document.py`), None
        before the first. While the monitor is away it stays as it was: ask `connected` too."""
        found = self._site.latest(_SITE)
        return None if found is None else found.document

    async def wait_site(self, after_seq: int, timeout_s: float) -> Mapping[str, Any] | None:
        """The newest document as soon as its `seq` is over `after_seq`, None after `timeout_s`."""
        found = await self._site.wait_newer(_SITE, after_seq, timeout_s)
        return None if found is None else found.document

    def subscribe(self, camera: str, view: str = REDACTED) -> None:
        """Tells the monitor that somebody looks; like `touch`, it lasts 3 s."""
        self.touch(camera, view)

    def touch(self, camera: str, view: str = REDACTED) -> None:
        """Renews the interest in a camera. Cheap: call it as often as you like. Where nobody looked for a
        while, what is kept is forgotten: it is old."""
        now = self._clock.monotonic()
        with self._lock:
            before = self._touched.get((camera, view), float("-inf"))
            if now - before < _TOUCH_EVERY_S:
                return
            self._touched[camera, view] = now
        if now - before > _LAPSED_S:
            self._book.forget((camera, view))
        self._link.send_newest(f"touch {view} {camera}", {"type": "touch", "camera": camera, "view": view})

    def latest(self, camera: str, view: str = REDACTED) -> CameraView | None:
        """The newest that came; None when nothing did (nobody touches it, or there is no such camera)."""
        return self._book.latest((camera, view))

    async def wait_newer(
        self, camera: str, seq: int, timeout_s: float, view: str = REDACTED
    ) -> CameraView | None:
        """The newest view as soon as there is one after `seq`, None after `timeout_s`; keeps the interest."""
        deadline = self._clock.monotonic() + timeout_s
        while True:
            self.touch(camera, view)
            left = deadline - self._clock.monotonic()
            found = await self._book.wait_newer((camera, view), seq, min(max(left, 0.0), _TOUCH_EVERY_S))
            if found is not None or left <= _TOUCH_EVERY_S:
                return found

    def push_frame(self, camera: str, t: float, jpeg: bytes) -> None:
        """Hands a browser camera's frame over; the newest wins when the monitor is slow."""
        self._link.send_newest(f"push {camera}", {"type": "push", "camera": camera, "t": t}, jpeg)

    def _on_hello(self, header: Mapping[str, Any]) -> None:
        self._stranger = header["version"] != PROTOCOL_VERSION
        if self._stranger:
            return
        with self._lock:
            self._touched.clear()
        self._lost_since = None
        self._up.set()

    def _on_down(self) -> None:
        self._up.clear()
        # Nobody can say any more that real pictures may be shown.
        self._book.keep(lambda key: key[1] != CAMERA)
        if self._lost_since is None:
            self._lost_since = self._clock.monotonic()
        with self._lock:
            pending, self._pending = self._pending, {}
        for future in pending.values():
            future.set_exception(MonitorError("The monitor went away before it answered."))

    def _on_message(self, message: Message) -> None:
        self._heard_at = self._clock.monotonic()
        kind = message.header.get("type")
        if kind == "hello":
            self._on_hello(message.header)
        elif kind == "view":
            self._keep_view(message)
        elif kind == "reply":
            self._keep_reply(message)
        elif kind == "state":
            self._keep_state(message.header)
        elif kind == "site":
            document = message.header["document"]
            self._site.put(_SITE, _Site(document["seq"], document))
            self._seal()

    def _keep_view(self, message: Message) -> None:
        header = message.header
        key = (header["camera"], header["view"])
        jpeg: bytes | None = message.payload or None
        before = self._book.latest(key)
        if not self._may_keep(key):
            # It was on its way when the release ended.
            jpeg, before = None, None
        if jpeg is None and before is not None and before.picture == header["picture"]:
            jpeg = before.jpeg
        view = CameraView(
            camera=key[0],
            seq=header["seq"],
            t=header["t"],
            view=key[1],
            jpeg=jpeg,
            picture=header["picture"],
            observation=header["observation"],
            stats=header["stats"],
        )
        self._book.put(key, view)

    def _keep_reply(self, message: Message) -> None:
        with self._lock:
            future = self._pending.pop(message.header["id"], None)
        if future is None:
            return
        if message.header["ok"]:
            future.set_result(Reply(message.header["result"], message.payload))
        else:
            future.set_exception(MonitorError(message.header["error"]))

    def _keep_state(self, header: Mapping[str, Any]) -> None:
        self._state = header
        self._seal()

    def _seal(self) -> None:
        """Forgets cameras that are gone and real pictures that nobody may see any more."""
        self._book.keep(self._may_keep)

    def _may_keep(self, key: tuple[str, str]) -> bool:
        camera, view = key
        if self._state and all(there["id"] != camera for there in self._state["cameras"]):
            return False
        if view != CAMERA:
            return True
        return camera in self._opened() or camera in (self.site() or {}).get("pictures", ())

    def _opened(self) -> dict[str, Mapping[str, Any]]:
        """The monitor's monotonic clock is this one: both run on one machine."""
        now = self._clock.monotonic()
        told: Mapping[str, Mapping[str, Any]] = self._state.get("opened", {})
        return {
            camera: {"who": one["who"], "until_utc": one["until_utc"], "left_s": one["until_t"] - now}
            for camera, one in told.items()
            if one["until_t"] > now
        }
