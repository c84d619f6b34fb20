"""The recorder's thread in a camera's process: pictures and orders go in and wait for nothing; what it cannot
keep up with is left out of the clips, and nothing that it does holds up the watch."""

from __future__ import annotations

import logging
import queue
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from dashboard.clock import Clock
from dashboard.monitor.blackout import blacked
from dashboard.monitor.orders import MonitorGoneError
from dashboard.record.camera import CameraRecorder, Shot
from dashboard.record.clip import ClipOrder, Finished
from dashboard.settings import RecordSettings
from dashboard.values import Image, Zone

_TURN_S = 0.25
_LOG = logging.getLogger(__name__)
_Item = tuple[Image, float, Mapping[str, Any], Image | None, tuple[Zone, ...]]


class Filming:
    """`send` reports to the monitor what became of a clip."""

    def __init__(
        self, settings: RecordSettings, clock: Clock, send: Callable[[Mapping[str, Any]], None]
    ) -> None:
        self._settings = settings
        self._clock = clock
        self._send = send
        self._pictures: queue.Queue[_Item] = queue.Queue(settings.queue)
        self._orders: queue.SimpleQueue[Mapping[str, Any]] = queue.SimpleQueue()
        self._recorder = CameraRecorder(settings, self._report)
        self._stopping = threading.Event()
        self._backdrop: tuple[Image, tuple[Zone, ...], Image] | None = None
        self._thread = threading.Thread(target=self._run, name="filming", daemon=True)
        self.left_out = 0

    def start(self) -> None:
        if self._settings.on:
            self._thread.start()

    def stop(self, patience_s: float = 1.5) -> None:
        """Finishes the clips that are being written, within `patience_s`."""
        self._stopping.set()
        if self._thread.is_alive():
            self._thread.join(patience_s)

    def offer(
        self,
        image: Image,
        t: float,
        observation: Mapping[str, Any],
        empty: Image | None,
        masks: tuple[Zone, ...],
    ) -> None:
        """One more picture; left out when the recorder is behind."""
        if not self._settings.on:
            return
        try:
            self._pictures.put_nowait((image, t, observation, empty, masks))
        except queue.Full:
            self.left_out += 1

    def obey(self, order: Mapping[str, Any]) -> None:
        """An order of the monitor's: `film`, `seal` or `people`."""
        self._orders.put(order)

    def _run(self) -> None:
        while not self._stopping.is_set():
            try:
                self._turn()
            except MonitorGoneError:
                break
            except Exception:
                _LOG.exception("recording failed")
                self._stopping.wait(_TURN_S)
        try:
            self._recorder.end()
        except MonitorGoneError:
            pass
        except Exception:
            _LOG.exception("the last clips could not be finished")

    def _turn(self) -> None:
        self._take_orders()
        try:
            item = self._pictures.get(timeout=_TURN_S)
        except queue.Empty:
            item = None
        if item is not None:
            image, t, observation, empty, masks = item
            shown = None if empty is None else self._masked(empty, masks)
            self._recorder.film(Shot(blacked(image, masks), t, observation, shown))
        # Pictures that wait belong before the end.
        if self._pictures.empty():
            self._recorder.turn(self._clock.monotonic())

    def _masked(self, empty: Image, masks: tuple[Zone, ...]) -> Image:
        """The same object for the same picture: the recorder draws on it only when it is another one."""
        known = self._backdrop
        if known is None or known[0] is not empty or known[1] != masks:
            known = (empty, masks, blacked(empty, masks))
            self._backdrop = known
        return known[2]

    def _take_orders(self) -> None:
        while not self._orders.empty():
            order = self._orders.get()
            match order["type"]:
                case "seal":
                    self._recorder.seal(bytes.fromhex(order["public"]))
                case "people":
                    self._recorder.people(tuple(order["people"]))
                case "film":
                    self._recorder.order(order_of(order))

    def _report(self, what: Finished) -> None:
        self._send(report_of(what))


def order_of(message: Mapping[str, Any]) -> ClipOrder:
    """An order as the monitor sends it."""
    return ClipOrder(
        message["clip"],
        message["since_t"],
        message["until_t"],
        Path(message["day"]),
        message["head"],
        message["may_open"],
        message["longer"],
    )


def report_of(what: Finished) -> dict[str, object]:
    """What became of a clip, as the monitor hears it."""
    return {
        "type": "clip",
        "clip": what.clip,
        "began_t": what.began_t,
        "ended_t": what.ended_t,
        "size": list(what.size_wh),
        "size_bytes": what.bytes,
        "sealed": what.sealed,
        "open": what.open,
        "why": what.why,
        "cut": what.cut,
        "until_t": what.until_t,
    }
