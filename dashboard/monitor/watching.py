"""The loop of one camera: take the newest frame, see, track, report; over and over."""

from __future__ import annotations

import gc
import logging
import os
import resource
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Protocol, runtime_checkable

from dashboard.clock import Clock
from dashboard.monitor.blackout import without_masked_places
from dashboard.monitor.codec import observation_to_json
from dashboard.monitor.folder import forget_learnt
from dashboard.monitor.handle import CAMERA, REDACTED
from dashboard.monitor.kept_objects import KeptObjects
from dashboard.monitor.load import LoadControl, Punctuality, eased_budget
from dashboard.monitor.orders import MonitorGoneError, MonitorLink, Orders
from dashboard.monitor.pipeline import CameraPipeline
from dashboard.monitor.preview import Preview
from dashboard.settings import MonitorSettings
from dashboard.source.health import Counts
from dashboard.values import Blind, Frame, Image, Tick, Zone, ZoneKind
from dashboard.vision import SeeBudget

# The longest time between two signs of life, and how long an order to stop may wait.
_TURN_S = 0.25
_HEALTH_S = 0.5
# So many failures in a row, and a fresh process is the better bet.
_MOST_FAILURES = 20
_LOG = logging.getLogger(__name__)


class Reads(Protocol):
    """What gives ticks: the Reader."""

    def next(self, timeout_s: float) -> Tick | None: ...

    @property
    def counts(self) -> Counts: ...


@runtime_checkable
class Learns(Protocol):
    """A seer that keeps a learnt background and has a budget."""

    budget: SeeBudget

    def save(self, path: Path) -> None:
        """Atomically; nothing while nothing is learnt. OSError."""
        ...

    def load(self, path: Path) -> None: ...


class Films(Protocol):
    """What records: waits for nothing, and keeps nothing up."""

    def offer(
        self,
        image: Image,
        t: float,
        observation: Mapping[str, Any],
        empty: Image | None,
        masks: tuple[Zone, ...],
    ) -> None: ...


class Watching:
    """One camera's loop. `kept` is the file of the learnt background; what is normal for its objects lies
    beside it."""

    def __init__(
        self,
        camera: str,
        reader: Reads,
        pipeline: CameraPipeline,
        orders: Orders,
        link: MonitorLink,
        kept: Path,
        clock: Clock,
        settings: MonitorSettings,
        filming: Films | None = None,
    ) -> None:
        self._camera = camera
        self._filming = filming
        self._reader = reader
        self._pipeline = pipeline
        self._orders = orders
        self._link = link
        self._kept = kept
        self._objects = KeptObjects(kept, camera)
        self._trouble = self._told_trouble = ""
        self._clock = clock
        self._settings = settings
        self._preview = Preview(settings)
        self._load = LoadControl()
        self._full = pipeline.seer.budget if isinstance(pipeline.seer, Learns) else None
        self._health_at = float("-inf")
        self._saved_at = clock.monotonic()
        self._rate = _Rate()
        self._interval_s = 0.0
        self._punctuality = Punctuality(settings.late_s)
        self._left_out = 0
        self._failures = 0

    def run(self) -> None:
        """Works until it is told to stop or the monitor is gone; saves what was learnt at the end."""
        try:
            while not self._orders.stopping.is_set():
                self._survive_turn()
        except MonitorGoneError:
            _LOG.info("the monitor is gone")
        finally:
            self.save()

    def save(self) -> None:
        """Keeps the learnt background and what is normal for objects; a full disk costs only what does not
        fit."""
        self._saved_at = self._clock.monotonic()
        seer = self._pipeline.seer
        if isinstance(seer, Learns):
            self._trouble = self._saved("the learnt background", lambda: seer.save(self._kept))
            hidden = [zone.polygon for zone in self._pipeline.zones if zone.kind is ZoneKind.MASK]
            now_s = self._clock.utc().timestamp()
            why = self._saved("what is normal", lambda: self._objects.save(seer, now_s, hidden))
            self._trouble = self._trouble or why

    def _saved(self, what: str, save: Callable[[], None]) -> str:
        """Why it cannot be saved; "" when it is."""
        try:
            self._kept.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            save()
        except OSError as error:
            why = str(error.strerror or error)
            _LOG.warning("%s cannot be saved: %s", what, why)
            return why
        return ""

    def _survive_turn(self) -> None:
        """One turn; a failure of seeing costs that frame and is said, a row of them ends the process."""
        tick: Tick | None = None
        try:
            tick = self._reader.next(_TURN_S)
            self._turn(tick)
            self._failures = 0 if isinstance(tick, Frame) else self._failures
        except MonitorGoneError:
            raise
        except Exception as error:
            _LOG.exception("a frame could not be judged")
            self._failures += 1
            if self._failures >= _MOST_FAILURES:
                raise
            reason = f"the picture could not be judged ({type(error).__name__})"
            self._report(Blind(self._camera, self._clock.monotonic(), reason, 0.0))

    def _turn(self, tick: Tick | None) -> None:
        # One set of masks for a whole turn: they may change at any moment.
        self._pipeline.zones = self._orders.masks
        self._pipeline.water = self._orders.water
        self._preview.mask(self._pipeline.zones)
        if self._orders.renewing.is_set():
            self._orders.renewing.clear()
            self._renew()
        if tick is not None and self._in_time(tick):
            self._report(tick)
        now = self._clock.monotonic()
        self._show_empty(now)
        if now - self._health_at >= _HEALTH_S:
            self._health_at = now
            self._tell_health()
            self._objects.look(self._pipeline.seer)
            # A decoder's frames can hang in cycles, a megabyte each, which Python would find only much later.
            gc.collect()
        if now - self._saved_at >= self._settings.save_background_s:
            self.save()

    def _renew(self) -> None:
        """Somebody says that this is the new view: what was kept of the old one goes too."""
        self._pipeline.forget()
        self._preview.forget()
        forget_learnt(self._kept)
        _LOG.info("the view is learnt anew")

    def _report(self, tick: Tick) -> None:
        began = self._clock.monotonic()
        observation = without_masked_places(self._pipeline.process(tick), self._pipeline.zones)
        now = self._clock.monotonic()
        jpeg = None
        if isinstance(tick, Frame):
            self._ease(now, now - began)
            jpeg = self._preview.real(tick.image, now) if CAMERA in self._orders.views else None
        told = observation_to_json(observation)
        self._link.send({"type": "observation", "observation": told}, jpeg or b"")
        if self._filming is not None and isinstance(tick, Frame):
            empty = self._pipeline.seer.empty_picture()
            self._filming.offer(tick.image, tick.t, told, empty, self._pipeline.zones)

    def _in_time(self, tick: Tick) -> bool:
        if isinstance(tick, Blind):
            return True
        now = self._clock.monotonic()
        self._interval_s = self._rate.interval_s(now, self._reader.counts.read)
        wanted = self._punctuality.wanted(now - tick.t, self._interval_s)
        self._left_out += not wanted
        return wanted

    def _ease(self, now: float, took_s: float) -> None:
        self._punctuality.took(took_s)
        if not self._load.done(now, took_s, self._interval_s) or self._full is None:
            return
        self._pipeline.seer.budget = eased_budget(self._full, self._load.eased)  # type: ignore[attr-defined]
        _LOG.info("work per frame is now at step %d of easing", self._load.eased)

    def _show_empty(self, now: float) -> None:
        if REDACTED not in self._orders.views:
            self._preview.forget()
        elif self._preview.empty_due(now):
            jpeg = self._preview.empty(self._pipeline.seer.empty_picture(), now)
            if jpeg is not None:
                self._link.send({"type": "picture"}, jpeg)

    def _tell_health(self) -> None:
        used = resource.getrusage(resource.RUSAGE_SELF)
        counts = self._reader.counts
        if self._trouble != self._told_trouble:
            self._told_trouble = self._trouble
            self._link.send({"type": "kept", "trouble": self._trouble})
        self._link.send(
            {
                "type": "health",
                "cpu_s": used.ru_utime + used.ru_stime,
                "rss_mb": _rss_mb(),
                "read": counts.read,
                "dropped": counts.dropped + counts.late + self._left_out,
                "corrupt": counts.corrupt,
                "reconnects": counts.reconnects,
                "eased": self._load.eased,
            }
        )


class _Rate:
    """How far apart the source's frames are, from the count of those read."""

    def __init__(self) -> None:
        self._since = 0.0
        self._read = 0
        self._interval_s = 0.0

    def interval_s(self, now: float, read: int) -> float:
        """Seconds between frames, over the last two seconds or so; 0 while unknown."""
        if read < self._read or self._read == 0:
            self._since, self._read = now, read
        elif now - self._since >= 2.0 and read > self._read:
            self._interval_s = (now - self._since) / (read - self._read)
            self._since, self._read = now, read
        return self._interval_s


def _rss_mb() -> float | None:
    try:
        pages = int(Path("/proc/self/statm").read_text().split()[1])
    except (OSError, ValueError, IndexError):
        return None
    return round(pages * os.sysconf("SC_PAGE_SIZE") / 1e6, 1)
