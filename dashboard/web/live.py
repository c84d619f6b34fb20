"""Answers one tab's pulls: waits until a picture is newer than what the tab has, sends the newest ones.

Everything is encoded once per picture and not once per viewer: `BodyCache` is shared by all tabs.
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
    """One tab: remembers which picture it was sent of each camera, so that an unchanged one (the learnt
    empty picture) is not sent again."""

    def __init__(self, service: Service, bodies: BodyCache) -> None:
        self._handle: Handle = service.handle
        self._clock: Clock = service.clock
        self._bodies = bodies
        self._sent: dict[tuple[str, str], int] = {}

    async def answer(self, pull: Pull) -> AsyncIterator[str | bytes]:
        """The messages that answer one pull, text and binary, in order."""
        cameras = roster_of(self._handle.cameras())
        revision, shown = self._revision(cameras), self._shown()
        view = CAMERA if pull.view == CAMERA and shown else REDACTED
        asked = {c.id: pull.cameras[c.id] for c in cameras if c.enabled and c.id in pull.cameras}
        if pull.roster != revision:
            # So that their pictures are on the way when this tab asks for them.
            for one in (c for c in cameras if c.enabled):
                self._handle.touch(one.id, view)
            yield protocol.roster_message(revision, cameras, shown)
        else:
            await self._until_newer(asked, view)
        for camera, seq in asked.items():
            for message in self._about(camera, seq, view):
                yield message
        yield self._end(cameras, view)

    async def _until_newer(self, asked: Mapping[str, int], view: str) -> None:
        for camera in asked:
            self._handle.touch(camera, view)
        if any(_is_newer(self._handle.latest(c, view), seq) for c, seq in asked.items()):
            return
        if not asked or not self._handle.connected:
            await asyncio.sleep(WAIT_S)
            return
        waits = [
            asyncio.ensure_future(self._handle.wait_newer(c, seq, WAIT_S, view)) for c, seq in asked.items()
        ]
        try:
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
            if len(waits) > 1:
                await asyncio.sleep(GATHER_S)
        finally:
            for wait in waits:
                wait.cancel()

    def _about(self, camera: str, seq: int, view: str) -> list[str | bytes]:
        found = self._handle.latest(camera, view)
        if found is None:
            return [protocol.waiting_message(camera, "starting", "")]
        is_new = found.jpeg is not None and (seq <= 0 or self._sent.get((camera, view)) != found.picture)
        age_s = self._clock.monotonic() - found.t
        text = protocol.camera_message(camera, found.seq, age_s, view, is_new, self._bodies.body(found))
        if not is_new or found.jpeg is None:
            return [text]
        self._sent[camera, view] = found.picture
        return [text, found.jpeg]

    def _end(self, cameras: Sequence[RosterCamera], view: str) -> str:
        reports = [self._report(c, view) for c in cameras if c.enabled]
        said: Summary = summarise(reports, self._handle.connected)
        return protocol.end_message(self._handle.connected, said.sentence, said.detail, said.tone)

    def _report(self, camera: RosterCamera, view: str) -> CameraReport:
        found = self._handle.latest(camera.id, view)
        if found is None:
            return CameraReport(camera.name, "starting")
        seen, unseen = people_in_view(found.observation.get("people"), found.t)
        state = str(found.stats.get("state") or "starting")
        return CameraReport(camera.name, state, seen, unseen, self._clock.monotonic() - found.t)

    def _shown(self) -> bool:
        return bool(self._handle.settings().get("show_camera", False))

    def _revision(self, cameras: Sequence[RosterCamera]) -> str:
        text = json.dumps([[c.id, c.name, c.kind, c.enabled] for c in cameras] + [[self._shown()]])
        return hashlib.sha256(text.encode()).hexdigest()[:16]


def roster_of(cameras: Sequence[Mapping[str, Any]]) -> tuple[RosterCamera, ...]:
    """The page's part of what the monitor says of its cameras."""
    return tuple(
        RosterCamera(str(c["id"]), str(c["name"]), str(c["kind"]), bool(c.get("enabled", True)))
        for c in cameras
    )


def _is_newer(view: CameraView | None, seq: int) -> bool:
    return view is not None and view.seq > seq
