"""A live judge over a real database, with a clock that the story turns."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from dashboard.monitor.judging import Judging
from dashboard.monitor.notifying import words
from dashboard.monitor.recorder import Keeps, Outbox, Recorder
from dashboard.settings import Settings
from dashboard.store import Store
from dashboard.values import Contact, Mode, Observation
from tests.unit.fake_monitor import HandClock
from tests.unit.rules_stage import CAMERA, GARDEN

ANNA = Contact("anna", "Anna", ("json://one", "json://two"))
TOM = Contact("tom", "Tom", ("json://three",))
_SETTLED_S = 5.0


class Life:
    """One life of the monitor's judge. `t` is the machine's clock."""

    def __init__(
        self, data: Path, clock: HandClock, keeps: Keeps | None = None, database: str | None = None
    ) -> None:
        self.clock = clock
        self._store = Store(database or f"sqlite:///{data / 'poolwatch.db'}")
        self.recorder = Recorder(keeps or self._store, clock, retry_s=0.02)
        self._outbox = Outbox(keeps or self._store, self.recorder)
        self.judging = Judging(self.recorder, words, clock, Settings())
        self.sounds: list[bool] = []
        self.calls = 0
        self.judging.sound = self.sounds.append
        self.judging.call = self._called
        self.recorder.start()
        self.judging.use_zones(GARDEN)
        self.judging.use_contacts((ANNA, TOM))

    def begin(self, simulated: bool = False) -> Life:
        store = self.store
        rows, last = store.alarms(100, unresolved=True), store.last_alarm()
        self.judging.begin(store.memory(), rows, last, simulated)
        self.judging.use_cameras({CAMERA: "Pool camera"})
        return self

    def watch(self, film: Iterable[Observation], start: float = 0.0) -> Life:
        """Lets the camera say all this, `start` seconds of the machine's clock later."""
        for seen in film:
            self.clock.t = start + seen.t
            self.judging.observed(seen)
            self.judging.tick()
        return self

    def wait(self, seconds: float, step_s: float = 0.2) -> Life:
        """Time passes and no camera says anything."""
        for _ in range(round(seconds / step_s)):
            self.clock.t += step_s
            self.judging.tick()
        return self

    def end(self) -> None:
        """A clean end; everything is written."""
        self.judging.keep()
        self.recorder.stop()
        self._store.close()

    def killed(self) -> None:
        """What was handed over is written, and nothing is kept on purpose."""
        self.recorder.stop()
        self._store.close()

    @property
    def store(self) -> Store:
        """The database, with what was handed over until now in it where it takes anything."""
        self.recorder.settled(_SETTLED_S)
        return self._store

    @property
    def outbox(self) -> Outbox:
        """The queue of messages, as of now."""
        self.recorder.settled(_SETTLED_S)
        return self._outbox

    @property
    def site(self) -> dict[str, Any]:
        return self.judging.document()

    def alarms(self) -> list[tuple[int, str, str]]:
        return [(a["id"], a["level"], a["state"]) for a in self.site["alarms"]]

    def supervised(self) -> Life:
        self.judging.set_mode(Mode.SUPERVISED, "Anna", "kitchen")
        return self

    def _called(self) -> None:
        self.calls += 1
