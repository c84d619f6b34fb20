"""The whole monitor is killed while an alarm escalates, and started again; what must not be lost is counted.

A drill is an emergency in everything but its mark: it latches, sounds, calls the contacts, and stays until
somebody answers. Every round: drill, kill at a random moment, start, see what is there, answer, end."""

from __future__ import annotations

import contextlib
import os
import random
import signal
import subprocess
import sys
import threading
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from dashboard.clock import SystemClock
from dashboard.monitor.folder import log_path
from dashboard.monitor.handle import MonitorError, MonitorHandle
from dashboard.store import Store
from dashboard.values import Contact, Delivery, DeliveryState
from tests.unit.notify_stage import Service
from tests.waiting import until

# A monitor is killed so long after the drill was asked for, at most: five rounds of messages.
LATEST_S = 2.0
LONG = 60.0
_NEVER = threading.Event()
_ROOT = Path(__file__).resolve().parents[2]


@dataclass
class Counted:
    """What was seen over all rounds."""

    kills: int = 0
    alarms: int = 0
    lost_alarms: int = 0
    unlatched: int = 0
    owed: int = 0
    lost: int = 0
    twice: int = 0
    back_s: list[float] = field(default_factory=list)


class Killed:
    """A data folder with two contacts at three addresses, and its monitor's lives."""

    def __init__(self, data: Path, service: Service) -> None:
        data.mkdir(parents=True)
        self._address = f"sqlite:///{data / 'poolwatch.db'}"
        self._service = service
        self._data = data
        self._clock = SystemClock()
        self._maker = subprocess.Popen(
            [sys.executable, "-m", "tests.unit.killed_monitor", str(data)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            cwd=_ROOT,
            text=True,
        )
        self.store = Store(self._address)
        self.people = (
            Contact("anna", "Anna", (service.url("anna1"), service.url("anna2"))),
            Contact("tom", "Tom", (service.url("tom"),)),
        )
        for contact in self.people:
            self.store.add_contact(contact)
        self._handle = MonitorHandle(data, self._clock)
        self._handle.start()
        self._pid = 0
        self.counted = Counted()

    def start(self) -> None:
        """Another life; returns when it answers."""
        assert self._maker.stdin is not None and self._maker.stdout is not None
        before = self._seq()
        self._maker.stdin.write("start\n")
        self._maker.stdin.flush()
        self._pid = int(self._maker.stdout.readline())
        until(lambda: self._answers(before) or self._gone(), LONG, "the monitor answers")
        assert not self._gone(), f"the monitor did not stay: {self._last_words()}"

    def kill(self) -> None:
        os.kill(self._pid, signal.SIGKILL)
        until(lambda: not self._handle.wait_connected(0), LONG, "the monitor is gone")

    def round(self, chance: random.Random) -> None:
        """One alarm, with a kill somewhere in it."""
        counted, known = self.counted, self.store.last_alarm()
        asking = _Asking(self._handle)
        asking.start()
        # A third of them in the middle of its beginning, the others later.
        _NEVER.wait(chance.uniform(0.0, chance.choice((0.3, LATEST_S, LATEST_S))))
        told = asking.answered
        self.kill()
        asking.join()
        counted.kills += 1
        began = self._clock.monotonic()
        self.start()
        counted.back_s.append(self._clock.monotonic() - began)
        number = self.store.last_alarm()
        if number == known:
            # It was killed before it had said that there is an alarm.
            counted.lost_alarms += told
            return
        counted.alarms += 1
        site = self._site()
        there = {alarm["id"]: alarm for alarm in site["alarms"]}
        counted.unlatched += not (
            site["siren"]
            and there.get(number, {}).get("state") == "unacknowledged"
            and there[number]["drill"]
        )
        until(lambda: self._called(number), LONG, "everybody is called")
        self._handle.request("alarm.acknowledge", id=number, who="Tom")
        self._handle.request("alarm.resolve", id=number, who="Tom", reason="drill")
        until(lambda: self._settled(number), LONG, "all messages are sent or not needed any more")
        self._count(number)

    def close(self) -> None:
        """Ends everything; the last monitor cleanly."""
        self._handle.stop()
        assert self._maker.stdin is not None and self._maker.stdout is not None
        with self._maker:
            self._maker.stdin.close()
        self.store.close()

    def _answers(self, before: int) -> bool:
        return self._handle.connected and self._seq() > before

    def _gone(self) -> bool:
        return not Path(f"/proc/{self._pid}").exists()

    def _last_words(self) -> str:
        return " | ".join(log_path(self._data).read_text().splitlines()[-5:])

    def _called(self, number: int) -> bool:
        """Each address was sent the first message, and one more after it."""
        done = Counter((d.contact_id, d.address_index) for d in self._rows(number, "alarm") if _done(d))
        return len(done) == 3 and min(done.values()) >= 2

    def _settled(self, number: int) -> bool:
        rows = self.store.deliveries_of(number)
        words = [d for d in rows if d.kind != "alarm"]
        return len(words) == 6 and all(d.state is not DeliveryState.WAITING for d in rows)

    def _count(self, number: int) -> None:
        """Every message that was not called off must have arrived with its own words, where it was owed."""
        owed: Counter[tuple[str, str, str]] = Counter()
        for row in self.store.deliveries_of(number):
            if row.state is not DeliveryState.DROPPED:
                owed[self._path(row), row.title, row.text] += 1
        came = Counter((one.path.strip("/"), one.title, one.text) for one in list(self._service.arrivals))
        self.counted.owed += owed.total()
        self.counted.lost += (owed - came).total()
        self.counted.twice += sum(came[what] - count for what, count in owed.items() if came[what] > count)

    def _path(self, row: Delivery) -> str:
        contact = next(c for c in self.people if c.id == row.contact_id)
        return contact.urls[row.address_index].rpartition("/")[2]

    def _rows(self, number: int, kind: str) -> list[Delivery]:
        return [d for d in self.store.deliveries_of(number) if d.kind == kind]

    def _site(self) -> dict[str, Any]:
        return dict(self._handle.site() or {})

    def _seq(self) -> int:
        return int((self._handle.site() or {}).get("seq", 0))


class _Asking(threading.Thread):
    """Asks for a drill; `answered` once the monitor has said that it takes place."""

    def __init__(self, handle: MonitorHandle) -> None:
        super().__init__(name="asking")
        self._handle = handle
        self.answered = False

    def run(self) -> None:
        with contextlib.suppress(MonitorError):
            self._handle.request("alarm.drill", who="Anna")
            self.answered = True


def _done(row: Delivery) -> bool:
    return row.state is DeliveryState.DONE
