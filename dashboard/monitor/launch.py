"""Starting the monitor as a child process, and waiting for it to answer."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from dashboard.clock import Clock
from dashboard.monitor.folder import make_private, socket_path, start_log_path
from dashboard.monitor.handle import MonitorError

# A slow machine reads SQLAlchemy, numpy and the migrations from a cold disk in this time.
START_S = 30.0
_POLL_S = 0.05
_LOG_LINES = 8
_LOG_BYTES = 200_000
_CHECKOUT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Launched:
    """A child, the end of a pipe that closes when this process is gone, and where its output begins in
    the start log."""

    process: subprocess.Popen[bytes]
    lifeline: int
    log: Path
    log_from: int

    def close(self) -> None:
        """Lets go of the pipe; once."""
        os.close(self.lifeline)

    def last_lines(self) -> str:
        """The end of what it printed, on one line."""
        try:
            text = self.log.read_bytes()[self.log_from :].decode(errors="replace")
        except OSError:
            return ""
        return " ".join(line.strip() for line in text.splitlines()[-_LOG_LINES:] if line.strip())


def launch(data: Path) -> Launched:
    """A monitor of its own session: Ctrl-C in our terminal does not reach it. MonitorError: why not."""
    log = start_log_path(data)
    child_end, our_end = os.pipe()
    try:
        make_private(log.parent)
        with log.open("ab") as output:
            if output.tell() > _LOG_BYTES:
                output.truncate(0)
            log_from = os.fstat(output.fileno()).st_size
            process = _spawn(data, child_end, output.fileno())
    except OSError as error:
        os.close(our_end)
        raise MonitorError(f"The monitor cannot be started: {error.strerror or error} ({log}).") from None
    finally:
        os.close(child_end)
    return Launched(process, our_end, log, log_from)


def wait_for_answer(data: Path, clock: Clock, exit_code: Callable[[], int | None]) -> None:
    """Until a monitor accepts connections; MonitorError when the child failed or the time is up."""
    deadline = clock.monotonic() + START_S
    pause = threading.Event()
    while not answers(data):
        code = exit_code()
        if code is not None and code != 0:
            raise MonitorError("The monitor could not start.")
        if clock.monotonic() > deadline:
            raise MonitorError(f"The monitor did not answer within {START_S:.0f} s.")
        pause.wait(_POLL_S)


def answers(data: Path) -> bool:
    """Whether a monitor accepts connections on this folder's socket."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        probe.settimeout(1.0)
        try:
            probe.connect(str(socket_path(data)))
        except OSError:
            return False
        return True


def greets(data: Path, patience_s: float) -> bool:
    """Whether a monitor says its first word to a new client: one that hangs accepts the connection (the
    system does that for it) and stays silent."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        probe.settimeout(patience_s)
        try:
            probe.connect(str(socket_path(data)))
            return bool(probe.recv(1))
        except OSError:
            return False


def _spawn(data: Path, child_end: int, output: int) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "dashboard", "monitor", "--data", str(data.resolve())]
    return subprocess.Popen(
        [*command, "--lifeline", str(child_end), "--quiet"],
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=output,
        pass_fds=(child_end,),
        env=child_environment(),
        start_new_session=True,
    )


def child_environment() -> dict[str, str]:
    """Ours, with the checkout first where Python looks for modules: a child keeps our folder, so that
    relative paths mean the same to both."""
    places = [str(_CHECKOUT), *filter(None, [os.environ.get("PYTHONPATH")])]
    return {**os.environ, "PYTHONPATH": os.pathsep.join(places)}
