"""The watch as a whole: every camera has a keeper, what is seen goes to the judge, what is new to the
viewers."""

from __future__ import annotations

import asyncio
import logging
import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from dashboard.clock import Clock
from dashboard.monitor.blackout import masks_of, water_of
from dashboard.monitor.folder import background_path, forget_learnt
from dashboard.monitor.handle import CAMERA
from dashboard.monitor.host import HostMaker
from dashboard.monitor.judge import Judge
from dashboard.monitor.keeper import Keeper
from dashboard.monitor.owned import value_of
from dashboard.settings import Settings
from dashboard.source import redact
from dashboard.values import CameraSpec, Zone

# A frame has no more runs of models than these to do side by side (5 crops, 2 tiles, the detector).
_MOST_THREADS = 8
_LOG = logging.getLogger(__name__)


class Watch:
    """All cameras of one installation. `told` and `stated` are called when a camera, or the list of
    cameras, has news for viewers; `zoned` when the zones are others."""

    def __init__(
        self, data: Path, make_host: HostMaker, judge: Judge, clock: Clock, settings: Settings
    ) -> None:
        self._data = data
        self._make_host = make_host
        self._judge = judge
        self._clock = clock
        self._settings = settings
        self._keepers: dict[str, Keeper] = {}
        self._began_with: dict[str, Settings] = {}
        self._opened: frozenset[str] = frozenset()
        self._released: frozenset[str] = frozenset()
        self._zones: tuple[Zone, ...] = ()
        self._began = clock.monotonic()
        self.told: Callable[[str], None] = lambda camera: None
        self.stated: Callable[[], None] = lambda: None
        self.zoned: Callable[[], None] = lambda: None
        self.filmed: Callable[[str, Mapping[str, Any]], None] = lambda camera, report: None
        self.film_lost: Callable[[str], None] = lambda camera: None
        self._seal = b""

    def cameras(self) -> tuple[CameraSpec, ...]:
        """In their order."""
        return tuple(sorted(self._judge.cameras(), key=lambda spec: spec.position))

    def begin(self, cameras: Iterable[CameraSpec]) -> None:
        """Starts what the database holds; every picture is sealed."""
        cameras = tuple(cameras)
        # All are known before the first starts, so that they share the cores from the beginning.
        for spec in cameras:
            self._judge.camera_there(spec, self._clock.monotonic())
        for spec in cameras:
            self._keep(spec)

    def add(self, spec: CameraSpec) -> None:
        _LOG.info("camera %s (%s) is new", spec.name, spec.kind)
        self._judge.camera_there(spec, self._clock.monotonic())
        self._keep(spec)
        self.stated()

    async def change(self, spec: CameraSpec) -> None:
        """Its worker starts anew only when what it reads is another thing."""
        before = next(c for c in self.cameras() if c.id == spec.id)
        if replace(before, name=spec.name, position=spec.position) == spec:
            self._judge.camera_described(spec)
        else:
            _LOG.info("camera %s was changed", spec.name)
            await self._let_go(spec.id)
            self._judge.camera_there(spec, self._clock.monotonic())
            self._keep(spec)
        self.stated()
        self.told(spec.id)

    def use_settings(self, settings: Settings) -> None:
        """For cameras that start from now on."""
        self._settings = settings

    def behind(self, keys: Iterable[str]) -> list[str]:
        """Which of these settings a running camera does not have yet."""
        running = [self._began_with[camera] for camera in self._keepers]
        return [
            key for key in keys if any(value_of(s, key) != value_of(self._settings, key) for s in running)
        ]

    async def restart(self) -> None:
        """Starts every camera again, one after the other; each is blind until its models are read."""
        for spec in self.cameras():
            if spec.id in self._keepers:
                await self._let_go(spec.id)
                self._judge.camera_there(spec, self._clock.monotonic())
                self._keep(spec)
                self.told(spec.id)
        self.stated()

    async def remove(self, camera: str) -> None:
        """Stops it and forgets what it learnt."""
        await self._let_go(camera)
        self._judge.camera_gone(camera)
        self.stated()
        try:
            forget_learnt(background_path(self._data, camera))
        except OSError as error:
            _LOG.warning("what was learnt of a removed camera stays: %s", error)

    def order(self, ids: Sequence[str]) -> None:
        places = {camera: place for place, camera in enumerate(ids)}
        for spec in self.cameras():
            self._judge.camera_described(replace(spec, position=places[spec.id]))
        self.stated()

    def use_opened(self, cameras: frozenset[str]) -> None:
        """The real pictures of these cameras may leave the workers because the owner has opened them; no
        others' may, but for what an alarm releases."""
        if cameras != self._opened:
            _LOG.info(
                "the owner has opened the real picture of: %s", ", ".join(sorted(cameras)) or "no camera"
            )
            self._opened = cameras
            self._hide_unshown()
        self.stated()

    def release(self, cameras: frozenset[str]) -> None:
        """The real pictures of these cameras may leave the workers because of an alarm; no others' may,
        but for what the owner has opened."""
        if cameras == self._released:
            return
        _LOG.warning("the real picture is released of: %s", ", ".join(sorted(cameras)) or "no camera")
        self._released = cameras
        self._hide_unshown()

    def use_zones(self, zones: tuple[Zone, ...]) -> None:
        """These are the zones of all cameras: their masks are never looked at, at once, and viewers get
        them all to draw."""
        if zones == self._zones:
            return
        self._zones = zones
        for camera, keeper in self._keepers.items():
            if keeper.mask(masks_of(zones, camera)):
                self._judge.unpicture(camera)
                self.told(camera)
            keeper.water(water_of(zones, camera))
        self.zoned()

    def renew(self, camera: str) -> bool:
        """What a camera shows from now on is its view; whether there is a worker that hears it."""
        keeper = self._keepers.get(camera)
        if keeper is None or not keeper.renew():
            return False
        _LOG.info("camera %s: what it shows now is its new view", camera)
        self._judge.unpicture(camera)
        self.told(camera)
        return True

    def masks(self, camera: str) -> tuple[Zone, ...]:
        """What is never looked at."""
        return masks_of(self._zones, camera)

    def why_open(self, camera: str) -> str:
        """Why real pictures of a camera may leave its worker now; "" when they may not."""
        if camera in self._released:
            return "alarm"
        return "opened by the owner" if camera in self._opened else ""

    def _hide_unshown(self) -> None:
        for camera, keeper in self._keepers.items():
            if not self.why_open(camera):
                keeper.look(keeper.views - {CAMERA})
                self._judge.hide(camera)

    def seal(self, public: bytes) -> None:
        """From now on real pictures of clips are sealed to this key."""
        self._seal = public
        for keeper in self._keepers.values():
            keeper.seal(public)

    def record(self, camera: str, order: Mapping[str, object]) -> bool:
        """An order for a camera's recorder; whether there is one that hears it."""
        keeper = self._keepers.get(camera)
        return keeper is not None and keeper.record(order)

    def push(self, camera: str, t: float, jpeg: bytes) -> None:
        """A browser's frame for its camera; nobody's when there is none."""
        keeper = self._keepers.get(camera)
        if keeper is not None:
            keeper.push(t, jpeg)

    def look(self, pairs: Iterable[tuple[str, str]]) -> None:
        """Tells every worker which views somebody looks at, as far as they may."""
        pairs = frozenset(pairs)
        for camera, keeper in self._keepers.items():
            views = {view for where, view in pairs if where == camera}
            if not self.why_open(camera):
                views.discard(CAMERA)
            keeper.look(views)
            if CAMERA not in views:
                self._judge.hide(camera)

    def turn(self) -> None:
        """Now and then: says which cameras have changed their state by mere silence."""
        turned = self._judge.turned(self._clock.monotonic())
        for camera in turned:
            self.told(camera)
        if turned:
            self.stated()

    async def stop(self) -> None:
        """Ends all workers side by side."""
        await asyncio.gather(*(keeper.stop() for keeper in self._keepers.values()))
        self._keepers.clear()

    def zones(self) -> dict[str, list[dict[str, Any]]]:
        """Every camera's zones for the pages."""
        found: dict[str, list[dict[str, Any]]] = {}
        for zone in self._zones:
            polygon = [[round(x, 4), round(y, 4)] for x, y in zone.polygon]
            drawn = {"name": zone.name, "kind": zone.kind.value, "polygon": polygon}
            found.setdefault(zone.camera, []).append(drawn)
        return found

    def described(self) -> list[dict[str, Any]]:
        """Every camera for the pages: no credentials."""
        return [self._described(spec) for spec in self.cameras()]

    def status(self) -> dict[str, Any]:
        """The monitor itself and all cameras."""
        uptime_s = self._clock.monotonic() - self._began
        return {
            "pid": os.getpid(),
            "uptime_s": round(uptime_s, 1),
            "cameras": self.described(),
        }

    def _described(self, spec: CameraSpec) -> dict[str, Any]:
        return {
            "id": spec.id,
            "name": spec.name,
            "kind": spec.kind.value,
            "address": redact(spec.address),
            "loop": spec.loop,
            "max_fps": spec.max_fps,
            "backend": spec.backend,
            "enabled": spec.enabled,
            "position": spec.position,
            "restarts": self._judge.restarts(spec.id),
            **self._judge.stats(spec.id, self._clock.monotonic()),
        }

    def _keep(self, spec: CameraSpec) -> None:
        if not spec.enabled:
            return
        keeper = Keeper(
            spec,
            background_path(self._data, spec.id),
            self._threads,
            self._make_host,
            self._judge,
            lambda camera: self.told(camera),
            self._clock,
            self._settings,
            self.masks(spec.id),
            self._seal,
        )
        keeper.filmed = lambda camera, report: self.filmed(camera, report)
        keeper.film_lost = lambda camera: self.film_lost(camera)
        keeper.water(water_of(self._zones, spec.id))
        self._keepers[spec.id] = keeper
        self._began_with[spec.id] = self._settings
        keeper.start()

    async def _let_go(self, camera: str) -> None:
        keeper = self._keepers.pop(camera, None)
        if keeper is not None:
            await keeper.stop()

    def _threads(self) -> int:
        """For one worker's models: the cores, shared among the cameras.

        A worker keeps what it got until it starts again: a camera that is added later must not blind the
        others for seconds, and processes with a thread too many still get their fair share each."""
        cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
        watched = sum(spec.enabled for spec in self._judge.cameras())
        return min(_MOST_THREADS, max(1, cores // max(1, watched)))
