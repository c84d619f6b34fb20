"""Find the monitor of a data folder, or start one that ends with this process."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

from dashboard.clock import Clock
from dashboard.monitor.folder import lock_path, make_private, socket_path, start_log_path
from dashboard.monitor.handle import MonitorError
from dashboard.monitor.lock import is_held

# A slow machine reads SQLAlchemy, numpy and the migrations from a cold disk in this time.
_START_S = 30.0
_STOP_S = 5.0
_POLL_S = 0.05
_LOG_LINES = 8


class MonitorOwner:
    """What `ensure_monitor` found: a monitor of ours to stop, or somebody else's to leave alone."""

    def __init__(self, process: subprocess.Popen[bytes] | None, lifeline: int | None) -> None:
        self._process = process
        self._lifeline = lifeline

    @property
    def started(self) -> bool:
        """True when this process started the monitor and `stop` will end it."""
        return self._process is not None

    @property
    def pid(self) -> int | None:
        return self._process.pid if self._process is not None else None

    def stop(self) -> None:
        """Stops the monitor if we started it, within 5 s; otherwise leaves it running."""
        process, self._process = self._process, None
        if process is None:
            return
        process.terminate()
        try:
            process.wait(_STOP_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        if self._lifeline is not None:
            os.close(self._lifeline)
            self._lifeline = None


def ensure_monitor(data: Path, clock: Clock) -> MonitorOwner:
    """The monitor of this data folder, answering: the one that runs, or else a new child of ours.

    The child is out of reach of this process's signals (Ctrl-C in the terminal), and ends by itself when
    this process is gone, however it went. MonitorError tells why none could be started."""
    try:
        make_private(data)
    except OSError as error:
        raise MonitorError(f"The data folder {data} cannot be used: {error.strerror or error}.") from None
    if is_held(lock_path(data)):
        _wait_for_answer(data, clock, lambda: None)
        return MonitorOwner(None, None)
    return _started(data, clock)


def answers(data: Path) -> bool:
    """Whether a monitor accepts connections on this folder's socket."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        probe.settimeout(1.0)
        try:
            probe.connect(str(socket_path(data)))
        except OSError:
            return False
        return True


def _started(data: Path, clock: Clock) -> MonitorOwner:
    process, lifeline = _spawn(data)
    owner = MonitorOwner(process, lifeline)
    try:
        _wait_for_answer(data, clock, process.poll)
    except MonitorError as error:
        owner.stop()
        raise MonitorError(f"{error} {_last_lines(start_log_path(data))}".strip()) from None
    if process.poll() is None:
        return owner
    # Another starter was faster; our child saw its lock and left.
    os.close(lifeline)
    return MonitorOwner(None, None)


def _spawn(data: Path) -> tuple[subprocess.Popen[bytes], int]:
    """The child, and the end of a pipe that closes when this process is gone."""
    log = start_log_path(data)
    try:
        make_private(log.parent)
        output = log.open("wb")
    except OSError as error:
        raise MonitorError(f"{log} cannot be written: {error.strerror or error}.") from None
    child_end, our_end = os.pipe()
    command = [sys.executable, "-m", "dashboard", "monitor", "--data", str(data.resolve())]
    with output:
        process = subprocess.Popen(
            [*command, "--lifeline", str(child_end), "--quiet"],
            cwd=_checkout(),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            pass_fds=(child_end,),
            start_new_session=True,
        )
    os.close(child_end)
    return process, our_end


def _wait_for_answer(data: Path, clock: Clock, exited: Callable[[], int | None]) -> None:
    deadline = clock.monotonic() + _START_S
    pause = threading.Event()
    while not answers(data):
        code = exited()
        if code is not None and code != 0:
            raise MonitorError("The monitor could not start.")
        if clock.monotonic() > deadline:
            raise MonitorError(f"The monitor did not answer within {_START_S:.0f} s.")
        pause.wait(_POLL_S)


def _last_lines(log: Path) -> str:
    try:
        lines = log.read_text(errors="replace").splitlines()
    except OSError:
        return ""
    return " ".join(line.strip() for line in lines[-_LOG_LINES:] if line.strip())


def _checkout() -> Path:
    return Path(__file__).resolve().parents[2]
