"""Find the monitor of a data folder, or start one that ends with this process; as long as this process
lives there is one."""

from __future__ import annotations

import logging
import subprocess
import threading
from pathlib import Path

from dashboard.clock import Clock
from dashboard.monitor.backoff import Backoff
from dashboard.monitor.folder import lock_path, make_private
from dashboard.monitor.handle import MonitorError
from dashboard.monitor.launch import Launched, launch, wait_for_answer
from dashboard.monitor.lock import is_held

_STOP_S = 5.0
_RESTART_S, _RESTART_MOST_S, _STEADY_S = 0.5, 30.0, 60.0
# A service that is being restarted, or another UI's monitor, is given this long to be back.
_ABSENT_S = 10.0
_LOOK_S = 1.0
_LOG = logging.getLogger(__name__)


class MonitorOwner:
    """A monitor of ours (`child`) to look after and to stop, or somebody else's to leave alone. One of ours
    that dies is started again; somebody else's that stays away is replaced by one of ours."""

    def __init__(self, data: Path, clock: Clock, child: Launched | None) -> None:
        self._data = data
        self._clock = clock
        self._child = child
        self._lock = threading.Lock()
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._look_after, name="monitor-owner", daemon=True)
        self._thread.start()

    @property
    def started(self) -> bool:
        """True while a monitor is ours and `stop` will end it."""
        return self._child is not None

    @property
    def pid(self) -> int | None:
        child = self._child
        return child.process.pid if child is not None else None

    def stop(self) -> None:
        """Stops the monitor if it is ours, within 5 s; otherwise leaves it running."""
        self._stopping.set()
        with self._lock:
            child = self._child
            if child is not None:
                end(child)
        self._thread.join()

    def _look_after(self) -> None:
        backoff = Backoff(_RESTART_S, _RESTART_MOST_S, _STEADY_S)
        while not self._stopping.is_set():
            child = self._child
            if child is None:
                self._wait_while_watched()
                self._launch()
            else:
                self._outlive(child, backoff)

    def _outlive(self, child: Launched, backoff: Backoff) -> None:
        """Waits for the end of our monitor and starts another."""
        began = self._clock.monotonic()
        code = child.process.wait()
        child.close()
        self._child = None
        if self._stopping.is_set():
            return
        _LOG.error("the monitor ended (code %s); it is started again. %s", code, child.last_lines())
        self._stopping.wait(backoff.after(self._clock.monotonic() - began))
        self._launch()

    def _wait_while_watched(self) -> None:
        """Until nobody has watched for a while, or we are to stop."""
        since = self._clock.monotonic()
        while self._clock.monotonic() - since < _ABSENT_S and not self._stopping.wait(_LOOK_S):
            if self._is_watched():
                since = self._clock.monotonic()

    def _launch(self) -> None:
        """Starts a monitor unless somebody else's took over, or we are to stop."""
        with self._lock:
            if self._stopping.is_set() or self._is_watched():
                return
            try:
                self._child = launch(self._data)
            except MonitorError as error:
                _LOG.error("%s", error)

    def _is_watched(self) -> bool:
        try:
            return is_held(lock_path(self._data))
        except OSError:
            return False


def ensure_monitor(data: Path, clock: Clock) -> MonitorOwner:
    """The monitor of this data folder, answering: the one that runs, or else a new child of ours.

    The child is out of reach of this process's signals (Ctrl-C in the terminal), and ends by itself when
    this process is gone, however it went. MonitorError tells why none could be started."""
    try:
        make_private(data)
        held = is_held(lock_path(data))
    except OSError as error:
        raise MonitorError(f"The data folder {data} cannot be used: {error.strerror or error}.") from None
    if held:
        wait_for_answer(data, clock, lambda: None)
        return MonitorOwner(data, clock, None)
    child = launch(data)
    try:
        wait_for_answer(data, clock, child.process.poll)
    except MonitorError as error:
        end(child)
        child.close()
        raise MonitorError(f"{error} {child.last_lines()}".strip()) from None
    if child.process.poll() is None:
        return MonitorOwner(data, clock, child)
    # Another starter was faster; our child saw its lock and left.
    child.close()
    return MonitorOwner(data, clock, None)


def end(child: Launched) -> None:
    """Ends it, by force when it takes longer than 5 s."""
    child.process.terminate()
    try:
        child.process.wait(_STOP_S)
    except subprocess.TimeoutExpired:
        child.process.kill()
        child.process.wait()
