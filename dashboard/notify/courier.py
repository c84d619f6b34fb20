"""Carries what is in the outbox: one worker for each address of a contact, so that a slow or failing service
never delays another.

What is to be sent is in the outbox before anything is sent, and it is marked only afterwards: a process
that is killed in between sends again at its next start (at least once, never less). What is due is read
again right before each message: what somebody has answered meanwhile is not sent any more.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol, TypeAlias

from dashboard.clock import Clock
from dashboard.notify.letters import Letter, Outcome, Sender
from dashboard.settings import NotifySettings
from dashboard.values import Contact, Delivery

TEST, REPORT = "test", "report"
# Their failures say nothing to what calls for help, and nothing of it waits behind them.
_APART = (TEST, REPORT)
_LOG = logging.getLogger(__name__)
_Address: TypeAlias = tuple[str, int]


class Queue(Protocol):
    """The outbox. Threads ask at the same time."""

    def contacts(self) -> tuple[Contact, ...]: ...

    def deliveries_due(self, now: datetime) -> tuple[Delivery, ...]: ...

    def delivery_tried(self, delivery: str, ok: bool, error: str, next_due: datetime | None) -> None: ...


@dataclass
class _Service:
    """How an address does: failures in a row, and until when (monotonic) it is left alone."""

    url: str = field(repr=False)
    failures: int = 0
    rests_until: float = float("-inf")
    last_failed: str = ""


class Courier:
    """Sends what is due, at once after `wake` and every `look_s` seconds."""

    def __init__(
        self, queue: Queue, clock: Clock, settings: NotifySettings, sender: Sender, look_s: float = 0.5
    ) -> None:
        self._queue = queue
        self._clock = clock
        self._settings = settings
        self._sender = sender
        self._look_s = look_s
        self._news = threading.Event()
        self._stopping = threading.Event()
        self._lock = threading.Lock()
        self._working: dict[_Address, threading.Thread] = {}
        self._services: dict[_Address, _Service] = {}
        self._latest: datetime | None = None
        self._warm = False
        self._thread = threading.Thread(target=self._run, name="courier", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def wake(self) -> None:
        """There may be something new."""
        self._news.set()

    def stop(self, patience_s: float = 1.0) -> None:
        """Sends nothing more. What is on its way stays in the outbox, unless it ends right now."""
        self._stopping.set()
        self._news.set()
        self._sender.stop()
        with self._lock:
            working = list(self._working.values())
        for thread in (self._thread, *working):
            if thread.is_alive():
                thread.join(patience_s)

    def _run(self) -> None:
        while not self._stopping.is_set():
            self._news.clear()
            try:
                self._hand_out()
            except Exception:
                _LOG.exception("the courier failed")
            self._news.wait(self._look_s)

    def _hand_out(self) -> None:
        """A worker for each address that has something due and no worker."""
        if not self._warm and any(c.enabled and c.urls for c in self._queue.contacts()):
            # The first message of an alarm does not wait for a program to start.
            self._warm = True
            self._sender.start()
        due: dict[_Address, list[Delivery]] = {}
        for delivery in self._due():
            due.setdefault((delivery.contact_id, delivery.address_index), []).append(delivery)
        for address, deliveries in due.items():
            with self._lock:
                if address in self._working or self._stopping.is_set():
                    continue
                if not any(self._may_go(address, d) for d in deliveries):
                    continue
                worker = threading.Thread(
                    target=self._work, args=(address,), name="courier-worker", daemon=True
                )
                self._working[address] = worker
            worker.start()

    def _work(self, address: _Address) -> None:
        try:
            while not self._stopping.is_set() and self._carried_one(address):
                pass
            # What came while this one was going home is looked for at once; after a failure of our own not.
            self._news.set()
        except Exception:
            _LOG.exception("a courier failed")
        finally:
            with self._lock:
                self._working.pop(address, None)

    def _carried_one(self, address: _Address) -> bool:
        """Sends the next message of this address; False when there is none now."""
        contact = next((c for c in self._queue.contacts() if c.id == address[0]), None)
        mine = [d for d in self._due() if (d.contact_id, d.address_index) == address]
        if contact is None or address[1] >= len(contact.urls):
            for delivery in mine:
                self._queue.delivery_tried(delivery.id, False, "this address is no longer there", None)
            return False
        url = contact.urls[address[1]]
        with self._lock:
            service = self._service(address, url)
            ready = [d for d in mine if self._may_go(address, d)]
        if not ready:
            return False
        # After a failure another one first: it may be the message that is not liked, not the sender.
        chosen = min(ready, key=lambda d: (_rank(d), d.id == service.last_failed, d.created_utc, d.id))
        outcome = self._sender.send(Letter(url, chosen.kind, chosen.title, chosen.text))
        return self._told(service, contact, chosen, mine, outcome)

    def _told(
        self,
        service: _Service,
        contact: Contact,
        chosen: Delivery,
        mine: Sequence[Delivery],
        outcome: Outcome,
    ) -> bool:
        """Writes down what came of it; whether there may be more to do."""
        if outcome.cut:
            return False
        if outcome.ok:
            self._queue.delivery_tried(chosen.id, True, "", None)
            with self._lock:
                service.failures, service.rests_until, service.last_failed = 0, float("-inf"), ""
            _LOG.info("%s: message %s was sent", contact.name, chosen.id)
            return True
        if chosen.kind in _APART:
            most, pause_s = self._patience(chosen)
            self._failed(chosen, outcome.error, most, pause_s)
            return True
        with self._lock:
            service.last_failed = chosen.id
            pause_s = self._rest(service, self._clock.monotonic())
        _LOG.warning("%s: message %s was not sent: %s", contact.name, chosen.id, outcome.error)
        # One failure is that of all who wait at this door: a service that is down does not have to be asked
        # once for each of them.
        for delivery in mine:
            if delivery.kind not in _APART:
                self._failed(delivery, outcome.error, self._settings.attempts, pause_s)
        return True

    def _patience(self, delivery: Delivery) -> tuple[int, float]:
        """How often what stands apart is tried, and the pause in between."""
        settings = self._settings
        if delivery.kind == TEST:
            return settings.test_attempts, settings.retry_first_s
        return settings.attempts, settings.report_retry_s

    def _failed(self, delivery: Delivery, error: str, most: int, pause_s: float) -> None:
        again = self._clock.utc() + timedelta(seconds=pause_s)
        given_up = delivery.attempts + 1 >= most
        self._queue.delivery_tried(delivery.id, False, error, None if given_up else again)

    def _rest(self, service: _Service, now: float) -> float:
        """One more failure; how long the address is left alone now. The lock is held."""
        pause_s = self._settings.retry_first_s * 2.0 ** min(service.failures, 30)
        pause_s = min(pause_s, self._settings.retry_most_s)
        service.failures += 1
        service.rests_until = now + pause_s
        return pause_s

    def _may_go(self, address: _Address, delivery: Delivery) -> bool:
        """The lock is held."""
        service = self._services.get(address)
        return delivery.kind in _APART or service is None or self._clock.monotonic() >= service.rests_until

    def _service(self, address: _Address, url: str) -> _Service:
        """What is known of this address; nothing once it is another one. The lock is held."""
        found = self._services.get(address)
        if found is None or found.url != url:
            found = self._services[address] = _Service(url)
        return found

    def _due(self) -> tuple[Delivery, ...]:
        """What is due. A wall clock that is set back must not put off what was due already."""
        now = self._clock.utc()
        with self._lock:
            self._latest = now if self._latest is None else max(self._latest, now)
            latest = self._latest
        return self._queue.deliveries_due(latest)


def _rank(delivery: Delivery) -> int:
    """A person waits for a test; a report waits for everything."""
    return {TEST: 0, REPORT: 2}.get(delivery.kind, 1)
