"""Answers one tab's pulls: waits until a picture is newer than what the tab has, sends the newest ones.

Everything is encoded once per picture and not once per viewer: `BodyCache` is shared by all tabs. The real
picture of a camera is sent only while the monitor says that it may be seen: because an alarm released it,
or, to the owner alone, because the owner has opened it for ten minutes.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections import OrderedDict
from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any

from dashboard.clock import Clock
from dashboard.monitor.handle import CAMERA, REDACTED, CameraView
from dashboard.web import protocol
from dashboard.web.commands import send
from dashboard.web.protocol import Pull, RosterCamera
from dashboard.web.service import Handle, Service
from dashboard.web.summary import CameraReport, Summary, people_in_view, summarise

# With nothing new a pull is answered after this, so that the page learns that the camera is silent.
WAIT_S = 0.9
# Several cameras rarely finish in the same instant: those that follow this soon share the answer.
GATHER_S = 0.01
_CACHE_SIZE = 256


class BodyCache:
    """The encoded observation and stats of the newest pictures, shared by all viewers."""

    def __init__(self) -> None:
        self._bodies: OrderedDict[tuple[str, str, int], str] = OrderedDict()

    def body(self, view: CameraView) -> str:
        key = (view.camera, view.view, view.seq)
        found = self._bodies.get(key)
        if found is None:
            observation = {"t": view.t, **view.observation}
            found = self._bodies[key] = protocol.camera_body(observation, view.stats)
            if len(self._bodies) > _CACHE_SIZE:
                self._bodies.popitem(last=False)
        return found


class TabFeed:
    """One tab at the address `viewer`: remembers which picture it was sent of each camera, so that an
    unchanged one (the learnt empty picture) is not sent again."""

    def __init__(self, service: Service, bodies: BodyCache, viewer: str = "", may_open: bool = False) -> None:
        """`may_open`: whether this account opens real pictures, and sees those that are open."""
        self._may_open = may_open
        self._handle: Handle = service.handle
        self._clock: Clock = service.clock
        self._bodies = bodies
        self._viewer = viewer.removeprefix("::ffff:")  # An IPv4 address as a server for both kinds writes it.
        self._sent: dict[str, tuple[str, int]] = {}
        self._watched: set[str] = set()
        self._telling: set[asyncio.Task[Any]] = set()

    async def answer(self, pull: Pull) -> AsyncIterator[str | bytes]:
        """The messages that answer one pull, text and binary, in order."""
        cameras = self._roster()
        revision = self._revision(cameras)
        asked = {c.id: pull.cameras[c.id] for c in cameras if c.enabled and c.id in pull.cameras}
        if pull.roster != revision:
            # So that their pictures are on the way when this tab asks for them.
            for one in (c for c in cameras if c.enabled):
                self._touch(one.id, pull)
            yield protocol.roster_message(revision, cameras, self._may_open, self._opened())
        else:
            await self._until_newer(asked, pull)
        for camera, seq in asked.items():
            for message in self._about(camera, seq, pull):
                yield message
        yield self._end(cameras)

    async def _until_newer(self, asked: Mapping[str, int], pull: Pull) -> None:
        for camera in asked:
            self._touch(camera, pull)
        views = {camera: self._view(camera, pull) for camera in asked}
        if any(self._has_news(camera, seq, views[camera]) for camera, seq in asked.items()):
            return
        if not asked or not self._handle.connected:
            await asyncio.sleep(WAIT_S)
            return
        waits = [
            asyncio.ensure_future(self._handle.wait_newer(c, seq, WAIT_S, views[c]))
            for c, seq in asked.items()
        ]
        try:
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
            if len(waits) > 1:
                await asyncio.sleep(GATHER_S)
        finally:
            for wait in waits:
                wait.cancel()

    def _has_news(self, camera: str, seq: int, view: str) -> bool:
        """Also whoever has the other view must get this one at once."""
        found = self._newest(camera, view)
        if found is None:
            return False
        sent = self._sent.get(camera)
        return found.seq > seq or (sent is not None and found.jpeg is not None and sent[0] != found.view)

    def _touch(self, camera: str, pull: Pull) -> None:
        """Also the redacted view of what is released: it is there at once when that ends."""
        self._handle.touch(camera, REDACTED)
        if self._view(camera, pull) == CAMERA:
            self._handle.touch(camera, CAMERA)

    def _view(self, camera: str, pull: Pull) -> str:
        """What this tab may see of a camera now; asked anew for every message."""
        wished = pull.view == CAMERA and camera in self._opened()
        return CAMERA if wished or camera in self._handle.released() else REDACTED

    def _about(self, camera: str, seq: int, pull: Pull) -> list[str | bytes]:
        found = self._newest(camera, self._view(camera, pull))
        if found is None:
            return [protocol.waiting_message(camera, "starting", "")]
        picture = (found.view, found.picture)
        is_new = found.jpeg is not None and (seq <= 0 or self._sent.get(camera) != picture)
        age_s = self._clock.monotonic() - found.t
        released = found.view == CAMERA and camera in self._handle.released()
        body = self._bodies.body(found)
        text = protocol.camera_message(camera, found.seq, age_s, found.view, is_new, body, released)
        if not is_new or found.jpeg is None:
            return [text]
        self._sent[camera] = picture
        self._witness(camera, found.view)
        return [text, found.jpeg]

    def _newest(self, camera: str, view: str) -> CameraView | None:
        """Until the first real picture is there the redacted view goes on."""
        found = self._handle.latest(camera, view)
        if view == CAMERA and (found is None or found.jpeg is None):
            return self._handle.latest(camera, REDACTED) or found
        return found

    def _witness(self, camera: str, view: str) -> None:
        """The monitor is told who sees a real picture: once, until it is sealed again."""
        if view != CAMERA:
            self._watched.discard(camera)
        elif camera not in self._watched:
            self._watched.add(camera)
            telling = asyncio.ensure_future(
                asyncio.to_thread(send, self._handle, "picture.watched", camera=camera, where=self._viewer)
            )
            self._telling.add(telling)
            telling.add_done_callback(self._telling.discard)

    def _end(self, cameras: Sequence[RosterCamera]) -> str:
        reports = [self._report(c) for c in cameras if c.enabled]
        said: Summary = summarise(reports, self._handle.connected)
        return protocol.end_message(self._handle.connected, said.sentence, said.detail, said.tone)

    def _report(self, camera: RosterCamera) -> CameraReport:
        found = self._handle.latest(camera.id, REDACTED)
        if found is None:
            return CameraReport(camera.name, "starting")
        seen, unseen = people_in_view(found.observation.get("people"), found.t)
        state = str(found.stats.get("state") or "starting")
        return CameraReport(camera.name, state, seen, unseen, self._clock.monotonic() - found.t)

    def _opened(self) -> Mapping[str, Mapping[str, Any]]:
        """The real pictures that are open to this tab."""
        return self._handle.opened() if self._may_open else {}

    def _roster(self) -> tuple[RosterCamera, ...]:
        return roster_of(self._handle.cameras(), self._handle.zones())

    def _revision(self, cameras: Sequence[RosterCamera]) -> str:
        opened = [(camera, one["until_utc"], one["who"]) for camera, one in self._opened().items()]
        text = json.dumps([*(camera.as_json() for camera in cameras), sorted(opened)])
        return hashlib.sha256(text.encode()).hexdigest()[:16]


def roster_of(
    cameras: Sequence[Mapping[str, Any]], zones: Mapping[str, Sequence[Mapping[str, Any]]]
) -> tuple[RosterCamera, ...]:
    """The page's part of what the monitor says of its cameras and their zones."""
    return tuple(
        RosterCamera(
            str(camera["id"]),
            str(camera["name"]),
            str(camera["kind"]),
            bool(camera.get("enabled", True)),
            zones.get(str(camera["id"]), ()),
        )
        for camera in cameras
    )
