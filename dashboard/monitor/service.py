"""The monitor process: one per data folder, from its start to a clean end."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
from collections.abc import Mapping
from pathlib import Path

from dashboard.clock import Clock
from dashboard.monitor.commands import Commands
from dashboard.monitor.folder import socket_path
from dashboard.monitor.host import LocalCameraHost, WorkOrder
from dashboard.monitor.judge import Judge
from dashboard.monitor.notifying import couriers, page_link, pinger, siren, words
from dashboard.monitor.picture_commands import PictureCommands
from dashboard.monitor.server import Server
from dashboard.monitor.setting_commands import with_kept
from dashboard.monitor.site import Site
from dashboard.monitor.watch import Watch
from dashboard.monitor.witness import Witness
from dashboard.settings import Settings
from dashboard.store import Store

_TURN_S = 0.25
_STATE_EVERY_TURNS = 4
_LOG = logging.getLogger(__name__)


class Monitor:
    """Wires the watch, the commands and the socket together. The caller holds the folder's lock."""

    def __init__(self, data: Path, store: Store, clock: Clock, settings: Settings) -> None:
        self._store = store
        self._clock = clock
        settings = with_kept(settings, store.choices())
        # In millionths of a second since the machine's start: over all numbers of an earlier monitor.
        first_seq = int(clock.monotonic() * 1_000_000)
        self._site = Site(
            data,
            store,
            clock,
            settings,
            words,
            lambda queue: couriers(queue, clock, settings.notify),
            siren(clock, settings.notify),
        )
        self._site.judging.link = page_link()
        self._watching = False
        self._pinger = pinger(lambda: self._site.document, lambda: self._watching, clock, settings.notify)
        judge = Judge(settings.source.blind_after_s, first_seq, self._site.judging)
        self._watch = Watch(data, self._host, judge, clock, settings)
        self._commands = Commands(store, self._watch, clock, settings)
        self._commands.noted = self._site.judging.note
        self._commands.may_disarm = self._site.commands.check_pin_if_set
        self._commands.serve(self._site.commands.changes, self._site.commands.questions)
        self._commands.serve({}, Witness(self._watch, self._site.judging.note).questions)
        self._pictures = PictureCommands(
            self._watch, self._site.commands.check_pin, self._site.judging.note, clock
        )
        self._commands.serve(self._pictures.changes, self._pictures.questions)
        desk = _Desk(self._watch, self._commands, self._site, self._pictures)
        self._server = Server(socket_path(data), desk, judge, clock, settings.monitor.interest_s)
        self._watch.told = self._server.changed
        self._watch.stated = self._stated
        self._watch.zoned = self._server.tell_state
        self._site.tell = self._server.tell_site
        self._over = asyncio.Event()

    async def run(self, lifeline: int | None) -> None:
        """Watches until SIGTERM, SIGINT, or the end of the pipe `lifeline`. OSError: no socket."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self._end, f"{number.name} came")
        if lifeline is not None:
            loop.add_reader(lifeline, self._lifeline_moved, lifeline)
        cameras = self._store.cameras()
        self._site.begin(self._watch, cameras)
        self._watch.begin(cameras)
        await self._server.start()
        self._pinger.start()
        _LOG.info("the monitor watches %d cameras (process %d)", len(self._watch.cameras()), os.getpid())
        turning = asyncio.create_task(self._turn(), name="turn")
        try:
            await self._over.wait()
        finally:
            self._pinger.stop()
            turning.cancel()
            await self._server.stop()
            await self._watch.stop()
            await self._site.stop()
            self._commands.close()
            _LOG.info("the monitor has stopped")

    def _stated(self) -> None:
        self._site.cameras_changed(self._watch.cameras())
        self._server.tell_state()

    def _host(self, order: WorkOrder) -> LocalCameraHost:
        return LocalCameraHost(order, self._clock)

    def _end(self, why: str) -> None:
        _LOG.info("stopping: %s", why)
        self._over.set()

    def _lifeline_moved(self, lifeline: int) -> None:
        if not os.read(lifeline, 1):
            asyncio.get_running_loop().remove_reader(lifeline)
            self._end("the program that started the monitor is gone")

    async def _turn(self) -> None:
        count = 0
        while True:
            await asyncio.sleep(_TURN_S)
            count += 1
            try:
                self._pictures.turn()
                self._watch.look(self._server.looked_at(self._clock.monotonic()))
                self._watch.turn()
                self._watching = any(spec.enabled for spec in self._watch.cameras())
                if count % _STATE_EVERY_TURNS == 0:
                    self._server.tell_state()
            except Exception:
                _LOG.exception("a turn of the monitor failed")


class _Desk:
    """What the server asks."""

    def __init__(self, watch: Watch, commands: Commands, site: Site, pictures: PictureCommands) -> None:
        self._watch = watch
        self._site = site
        self._pictures = pictures
        self.run = commands.run
        self.push = watch.push

    def state(self) -> dict[str, object]:
        return {
            "cameras": self._watch.described(),
            "opened": self._pictures.described(),
            "zones": self._watch.zones(),
            "recording": {"why": self._site.clipping.why, "now": len(self._site.clipping.recording)},
        }

    def site(self) -> Mapping[str, object] | None:
        return self._site.document
