"""A service on loopback that answers, stalls, refuses and dies as a test wishes; an outbox in memory; a
sender that sends nowhere."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from dashboard.clock import SystemClock
from dashboard.notify.letters import Letter, Outcome
from dashboard.values import Contact, Delivery, DeliveryState
from tests.unit.fake_monitor import HandClock
from tests.waiting import until

ANSWER, STALL, REFUSE, DIE = "answer", "stall", "refuse", "die"
NOW = HandClock().utc()
LONG = 30.0


@dataclass(frozen=True)
class Arrival:
    """One message as the service got it."""

    path: str
    title: str
    text: str
    t: float


class Service:
    """`modes` says by path what is done with a request; the default is to answer."""

    def __init__(self) -> None:
        self.modes: dict[str, str] = {}
        self.arrivals: list[Arrival] = []
        self.asked: list[str] = []
        self.release = threading.Event()
        self._server: _Server | None = None
        self.port = 0

    def open(self) -> Service:
        """Serves, at the same port as before."""
        self._server = _Server(("127.0.0.1", self.port), self._handler())
        self.port = int(self._server.server_address[1])
        threading.Thread(target=self._server.serve_forever, args=(0.02,), name="service", daemon=True).start()
        return self

    def close(self) -> None:
        """Nobody is at home; whoever is held up is let go."""
        self.release.set()
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()
            self._server = None

    def url(self, path: str, more: str = "") -> str:
        """An address as Apprise reads it, with a password in it."""
        return f"json://nanny:s3cr3t-pass@127.0.0.1:{self.port}/{path}{more}"

    def got(self, path: str) -> list[Arrival]:
        return [one for one in list(self.arrivals) if one.path == f"/{path}"]

    def wait(self, path: str, count: int) -> None:
        until(lambda: len(self.told(path)) == count, LONG, f"message {count} at {path}")

    def told(self, path: str) -> list[str]:
        """Title and text of each message, once: a busy machine may send one again whose answer was late."""
        return list(dict.fromkeys(f"{one.title}\n{one.text}" for one in self.got(path)))

    def tried(self, path: str) -> int:
        return list(self.asked).count(f"/{path}")

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        service, clock = self, SystemClock()

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                path = self.path.partition("?")[0]
                service.asked.append(path)
                mode = service.modes.get(path.strip("/"), ANSWER)
                if mode == DIE:
                    self.rfile.read(10)
                    self.connection.shutdown(socket.SHUT_RDWR)
                    self.close_connection = True
                    return
                said: dict[str, Any] = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                if mode == STALL:
                    service.release.wait(60)
                if mode == ANSWER:
                    service.arrivals.append(Arrival(path, said["title"], said["message"], clock.monotonic()))
                self.send_response(500 if mode == REFUSE else 200)
                self.end_headers()

            def log_message(self, format: str, *args: object) -> None:
                return

        return Handler


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 50

    def handle_error(self, request: object, client_address: object) -> None:
        """Whoever was cut off is no news here."""


class MemoryQueue:
    """An outbox that forgets with the process."""

    def __init__(self, contacts: tuple[Contact, ...], rows: tuple[Delivery, ...] = ()) -> None:
        self.people = contacts
        self.rows = {row.id: row for row in rows}
        self.tries: list[tuple[str, bool, str, datetime | None]] = []
        self.reads = 0
        self._lock = threading.Lock()

    def contacts(self) -> tuple[Contact, ...]:
        return self.people

    def add(self, *rows: Delivery) -> None:
        with self._lock:
            self.rows |= {row.id: row for row in rows}

    def drop(self, *ids: str) -> None:
        """Somebody has answered."""
        with self._lock:
            for name in ids:
                self.rows[name] = replace(self.rows[name], state=DeliveryState.DROPPED)

    def deliveries_due(self, now: datetime) -> tuple[Delivery, ...]:
        with self._lock:
            self.reads += 1
            waiting = [r for r in self.rows.values() if r.state is DeliveryState.WAITING]
        return tuple(row for row in waiting if row.due_utc <= now)

    def delivery_tried(self, delivery: str, ok: bool, error: str, next_due: datetime | None) -> None:
        with self._lock:
            self.tries.append((delivery, ok, error, next_due))
            row = self.rows[delivery]
            if row.state is DeliveryState.DROPPED:
                return
            state = DeliveryState.DONE if ok else DeliveryState.FAILED
            row = replace(row, attempts=row.attempts + 1, state=state, last_error=error)
            if not ok and next_due is not None:
                row = replace(row, state=DeliveryState.WAITING, due_utc=next_due)
            self.rows[delivery] = row

    def wait(self, name: str, state: str) -> None:
        until(lambda: self.state(name) == state, LONG, f"message {name} is {state}")

    def wait_tries(self, count: int) -> None:
        until(lambda: len(self.tries) == count, LONG, f"attempt {count}")

    def state(self, name: str) -> str:
        return self.rows[name].state.value


class FakeSender:
    """Notes what it was given. `answers` says what comes of a letter; the default is that it arrives."""

    def __init__(self, answers: Callable[[Letter], Outcome] | None = None) -> None:
        self.sent: list[Letter] = []
        self.started = 0
        self.stopped = threading.Event()
        self._answers = answers or (lambda letter: Outcome(True))

    def start(self) -> None:
        self.started += 1

    def send(self, letter: Letter) -> Outcome:
        self.sent.append(letter)
        return self._answers(letter)

    def stop(self) -> None:
        self.stopped.set()

    @property
    def titles(self) -> list[str]:
        return [letter.title for letter in list(self.sent)]


def delivery(name: str, contact: str = "anna", index: int = 0, kind: str = "alarm", **more: Any) -> Delivery:
    alarm = None if kind == "test" else 1
    made = Delivery(name, alarm, contact, index, kind, f"title {name}", f"text {name}", False, NOW, NOW)
    return replace(made, **more)
