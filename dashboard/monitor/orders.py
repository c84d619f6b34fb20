"""A camera worker's side of its link to the monitor: orders come in, reports go out."""

from __future__ import annotations

import os
import socket
import threading
from collections.abc import Callable, Mapping
from typing import Any

from dashboard.monitor.codec import zones_from_json
from dashboard.monitor.wire import Message, Unpacker, WireError, pack
from dashboard.source.browser import BrowserInbox
from dashboard.values import Zone

_READ_BYTES = 1 << 16
# For the loop to finish its frame and save what was learnt, when the monitor is gone.
_LAST_WILL_S = 2.0


class MonitorGoneError(Exception):
    """The other end of the link is closed: there is nobody left to work for."""


class Orders:
    """What the monitor wants. The link's thread writes it, the loop reads it."""

    def __init__(self) -> None:
        self.stopping = threading.Event()
        self.inbox = BrowserInbox()
        self.views: frozenset[str] = frozenset()
        self.masks: tuple[Zone, ...] = ()
        self.water: tuple[Zone, ...] = ()
        self.renewing = threading.Event()
        self.recorded: Callable[[Mapping[str, Any]], None] = lambda order: None


class MonitorLink:
    """The socket to the monitor. `send` may be called from any thread."""

    def __init__(self, sock: socket.socket) -> None:
        self._socket = sock
        self._sending = threading.Lock()
        self._unpacker = Unpacker()
        self._waiting: list[Message] = []

    def send(self, header: Mapping[str, Any], payload: bytes = b"") -> None:
        """Sends one report; MonitorGoneError when nobody is there to read it."""
        data = pack(header, payload)
        try:
            with self._sending:
                self._socket.sendall(data)
        except OSError as error:
            raise MonitorGoneError from error

    def receive(self) -> Message:
        """The next order, waited for; MonitorGoneError at the end."""
        while not self._waiting:
            try:
                data = self._socket.recv(_READ_BYTES)
                self._waiting = self._unpacker.feed(data)
            except (OSError, WireError) as error:
                raise MonitorGoneError from error
            if not data:
                raise MonitorGoneError
        return self._waiting.pop(0)

    def follow(self, orders: Orders) -> None:
        """Takes in orders in a thread of its own until the monitor is gone, and then ends the process:
        a worker without a monitor serves nobody, even if its loop is stuck."""
        threading.Thread(target=self._follow, args=(orders,), name="worker-orders", daemon=True).start()

    def _follow(self, orders: Orders) -> None:
        try:
            while True:
                _obey(orders, self.receive())
        except MonitorGoneError:
            orders.stopping.set()
            threading.Event().wait(_LAST_WILL_S)
            os._exit(1)


def _obey(orders: Orders, message: Message) -> None:
    match message.header.get("type"):
        case "stop":
            orders.stopping.set()
        case "look":
            orders.views = frozenset(message.header["views"])
        case "mask":
            orders.masks = zones_from_json(message.header["masks"])
        case "water":
            orders.water = zones_from_json(message.header["zones"])
        case "renew":
            orders.renewing.set()
        case "film" | "seal" | "people":
            orders.recorded(message.header)
        case "push":
            orders.inbox.put(message.header["t"], message.payload)
