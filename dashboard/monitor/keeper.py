"""Keeps one camera's worker alive: starts it, takes in its reports, ends it when it stalls, starts it
again after a pause that grows while it keeps dying."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Callable, Collection, Mapping, Sequence
from pathlib import Path
from typing import Any

from dashboard.clock import Clock
from dashboard.monitor.backoff import Backoff
from dashboard.monitor.codec import zones_to_json
from dashboard.monitor.handle import CAMERA
from dashboard.monitor.host import CameraHost, HostMaker, WorkOrder
from dashboard.monitor.judge import Judge
from dashboard.monitor.statistics import Health
from dashboard.monitor.wire import Message
from dashboard.settings import Settings
from dashboard.values import CameraSpec, Zone

_LOOK_S = 0.25
# When our own loop was stopped for longer (a suspended machine, SIGSTOP), silence proves nothing.
_OWN_GAP_S = 1.5
_LOG = logging.getLogger(__name__)


class Keeper:
    """One camera. `changed` is called when viewers should get something new."""

    def __init__(
        self,
        spec: CameraSpec,
        background: Path,
        threads: Callable[[], int],
        make_host: HostMaker,
        judge: Judge,
        changed: Callable[[str], None],
        clock: Clock,
        settings: Settings,
        masks: Sequence[Zone] = (),
        seal: bytes = b"",
    ) -> None:
        self._spec = spec
        self._background = background
        self._threads = threads
        self._make_host = make_host
        self._judge = judge
        self._changed = changed
        self._clock = clock
        self._settings = settings
        self._host: CameraHost | None = None
        self._views: frozenset[str] = frozenset()
        self._masks = tuple(masks)
        self._seal = seal
        self._water: tuple[Zone, ...] = ()
        self.filmed: Callable[[str, Mapping[str, Any]], None] = lambda camera, report: None
        self.film_lost: Callable[[str], None] = lambda camera: None
        self._ready = False
        self._failure = ""
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        self._task = asyncio.create_task(self._keep(), name=f"keeper-{self._spec.id}")

    async def stop(self) -> None:
        """Ends the worker, letting it save what it learnt, and stops keeping it."""
        task, self._task = self._task, None
        if task is None:
            return
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task
        if self._host is not None:
            await self._host.stop(self._settings.monitor.stop_s)
            await self._host.ending()
            self._host = None
        self.film_lost(self._spec.id)

    @property
    def views(self) -> frozenset[str]:
        return self._views

    def look(self, views: Collection[str]) -> None:
        """Which previews somebody looks at now."""
        if frozenset(views) == self._views:
            return
        self._views = frozenset(views)
        if self._host is not None:
            self._host.look(self._views)

    def mask(self, masks: Sequence[Zone]) -> bool:
        """From now on its worker never looks at these places; whether they are others than before."""
        if tuple(masks) == self._masks:
            return False
        self._masks = tuple(masks)
        if self._host is not None:
            self._host.mask(self._masks)
        return True

    def water(self, zones: Sequence[Zone]) -> None:
        """Here is the water: its worker says when glare hides it."""
        if tuple(zones) == self._water:
            return
        self._water = tuple(zones)
        if self._host is not None:
            self._host.tell(_water_order(self._water))

    def renew(self) -> bool:
        """What its worker sees from now on is the view; whether there is one that hears it."""
        if self._host is None or not self._ready:
            return False
        self._host.tell({"type": "renew"})
        return True

    def seal(self, public: bytes) -> None:
        """From now on real pictures are sealed to this key."""
        self._seal = public
        if self._host is not None:
            self._host.record({"type": "seal", "public": public.hex()})

    def record(self, order: Mapping[str, object]) -> bool:
        """Tells its recorder; whether there is one."""
        if self._host is None or not self._ready:
            return False
        self._host.record(order)
        return True

    def push(self, t: float, jpeg: bytes) -> None:
        """A browser's frame."""
        if self._host is not None:
            self._host.push(t, jpeg)

    async def _keep(self) -> None:
        monitor = self._settings.monitor
        backoff = Backoff(monitor.restart_s, monitor.restart_max_s, monitor.steady_s)
        while True:
            began = self._clock.monotonic()
            reason = await self._survive()
            pause_s = backoff.after(self._clock.monotonic() - began)
            said = f"{reason}; it starts again" + (f" after {pause_s:.0f} s" if pause_s >= 1 else "")
            _LOG.warning("camera %s: %s", self._spec.name, said)
            self._judge.worker_down(self._spec.id, self._clock.monotonic(), said)
            self.film_lost(self._spec.id)
            self._changed(self._spec.id)
            await asyncio.sleep(pause_s)

    async def _survive(self) -> str:
        """`_live`, whose own errors must not end the watch of this camera."""
        try:
            return await self._live()
        except Exception:
            _LOG.exception("camera %s: keeping its process failed", self._spec.name)
            host, self._host = self._host, None
            if host is not None:
                host.kill()
                await host.ending()
            return "keeping its process failed"

    async def _live(self) -> str:
        """One life of a worker, to its end; why it ended."""
        order = WorkOrder(
            self._spec, self._settings, self._threads(), self._background, self._masks, self._seal
        )
        host = self._make_host(order)
        self._ready, self._failure, self._host = False, "", host
        try:
            await host.start()
        except OSError as error:
            return f"its process could not be started ({error.strerror or error})"
        host.look(self._views)
        if self._masks != order.masks:
            host.mask(self._masks)
        if self._water:
            host.tell(_water_order(self._water))
        if self._seal != order.seal:
            host.record({"type": "seal", "public": self._seal.hex()})
        watchdog = asyncio.create_task(self._watch(host), name=f"watchdog-{self._spec.id}")
        try:
            async for report in host.reports():
                self._take(report)
        except (LookupError, TypeError, ValueError) as error:
            self._failure = f"its process reported what cannot be read ({type(error).__name__})"
        finally:
            watchdog.cancel()
        host.kill()
        how = await host.ending()
        self._host = None
        return self._failure or how

    def _take(self, report: Message) -> None:
        camera, now = self._spec.id, self._clock.monotonic()
        match report.header["type"]:
            case "ready":
                self._ready = True
                self._judge.worker_up(camera)
            case "observation":
                # A picture that was on its way when the look ended, or was forbidden, goes no further.
                jpeg = report.payload if CAMERA in self._views else b""
                self._judge.observed(camera, now, report.header["observation"], jpeg or None)
                self._changed(camera)
            case "picture":
                self._judge.pictured(camera, report.payload)
                self._changed(camera)
            case "clip":
                self.filmed(camera, report.header)
            case "health":
                self._judge.told(camera, now, _health(report))
            case "kept":
                self._judge.kept(camera, str(report.header["trouble"]))
            case "failed":
                self._failure = str(report.header["reason"])

    async def _watch(self, host: CameraHost) -> None:
        """Ends a worker that gives no sign of life."""
        seen_at = since = self._clock.monotonic()
        while True:
            await asyncio.sleep(_LOOK_S)
            now = self._clock.monotonic()
            if now - seen_at > _OWN_GAP_S:
                since = now
            seen_at = now
            monitor = self._settings.monitor
            limit_s = monitor.stall_s if self._ready else monitor.worker_start_s
            silent_s = now - max(since, host.heartbeat)
            if silent_s > limit_s:
                self._failure = f"its process gave no sign of life for {silent_s:.0f} s"
                host.kill()
                return


def _water_order(zones: Sequence[Zone]) -> dict[str, object]:
    return {"type": "water", "zones": zones_to_json(zones)}


def _health(report: Message) -> Health:
    header = report.header
    for key, value in header.items():
        if key not in ("type", "bytes") and not isinstance(value, int | float | None):
            raise TypeError(f"{key} is no number")
    return Health(
        cpu_s=header["cpu_s"],
        rss_mb=header["rss_mb"],
        read=header["read"],
        dropped=header["dropped"],
        corrupt=header["corrupt"],
        reconnects=header["reconnects"],
        eased=header["eased"],
    )
