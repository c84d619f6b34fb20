"""Forgets what was kept long enough: now and then, a little at a time, and never while an alarm is open."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Protocol

from dashboard.clock import Clock
from dashboard.settings import KeepSettings
from dashboard.store import StoreError

_LOOK_S = 60.0
_PAUSE_S = 0.2
_LOG = logging.getLogger(__name__)


class Forgets(Protocol):
    """What is needed of the database: each answers how many rows it has removed."""

    def forget_events(self, before: datetime, most: int) -> int: ...

    def forget_events_over(self, kept: int, most: int) -> int: ...

    def forget_audit(self, before: datetime, most: int) -> int: ...

    def forget_deliveries(self, before: datetime, most: int) -> int: ...

    def forget_memory(self, before: datetime, most: int) -> int: ...

    def forget_alarms(self, before: datetime, most: int) -> int: ...


class Retention:
    """`busy` says whether there is something more important to be written."""

    def __init__(
        self, store: Forgets, clock: Clock, settings: KeepSettings, busy: Callable[[], bool]
    ) -> None:
        self._store = store
        self._clock = clock
        self._settings = settings
        self._busy = busy
        self._looked_at = clock.monotonic()
        self._began_at = clock.utc() - timedelta(seconds=clock.monotonic())

    async def run(self) -> None:
        """For ever; the disk is touched in a thread."""
        while True:
            await asyncio.sleep(_LOOK_S)
            if self._clock.monotonic() - self._looked_at < self._settings.every_s or self._busy():
                continue
            self._looked_at = self._clock.monotonic()
            try:
                for _ in range(self._settings.batches):
                    if self._busy() or not await asyncio.to_thread(self.step):
                        break
                    await asyncio.sleep(_PAUSE_S)
            except StoreError as error:
                _LOG.warning("nothing old is forgotten: %s", error)
            except Exception:
                _LOG.exception("forgetting failed")

    def step(self) -> bool:
        """Removes one batch of each kind; whether there may be more. Nothing after the wall clock was put to
        another day: a wrong date must not cost what is to be kept. StoreError."""
        now, most = self._clock.utc(), self._settings.batch
        drift = now - timedelta(seconds=self._clock.monotonic()) - self._began_at
        if abs(drift) > timedelta(days=1):
            _LOG.warning("the wall clock was put by %s: nothing is forgotten until the next start", drift)
            return False

        def ago(days: float) -> datetime:
            return now - timedelta(days=days)

        keep = self._settings
        removed = (
            self._store.forget_events(ago(keep.events_days), most),
            self._store.forget_events_over(keep.events_most, most),
            self._store.forget_deliveries(ago(keep.deliveries_days), most),
            self._store.forget_audit(ago(keep.audit_days), most),
            self._store.forget_memory(ago(keep.memory_days), most),
            self._store.forget_alarms(ago(keep.alarms_days), max(most // 10, 1)),
        )
        if any(removed):
            _LOG.info("forgotten: %d rows that were kept long enough", sum(removed))
        return any(count >= most for count in removed[:5]) or removed[5] >= max(most // 10, 1)
