"""Starts real monitors quickly, to be killed: `python -m tests.unit.killed_monitor DATA` reads a line for
each one that is to be started, and prints its process number.

Everything is imported once and each monitor is forked from there, so that twenty starts take seconds. What
runs in it is the command `monitor` itself, with a shorter escalation. It ends when the test does."""

from __future__ import annotations

import argparse
import os
import signal
import sys
from pathlib import Path
from unittest.mock import patch

# Read here, once for all monitors.
import dashboard.monitor.service
import dashboard.store
import dashboard.weights  # noqa: F401
from dashboard.commands import monitor
from dashboard.settings import AlarmSettings, NotifySettings, Settings

SHORT = Settings(
    alarm=AlarmSettings(escalate_s=0.3, repeat_s=0.4),
    notify=NotifySettings(retry_first_s=0.1, retry_most_s=0.5, attempts=1000),
)


def main(data: Path) -> int:
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    # When we end, so do they.
    lifeline, ours = os.pipe()
    for _ in sys.stdin:
        child = os.fork()
        if child == 0:
            os.close(ours)
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            os._exit(_monitor(data, lifeline))
        print(child, flush=True)
    return 0


def _monitor(data: Path, lifeline: int) -> int:
    """One monitor's life, until it is killed or we end."""
    with patch.object(monitor, "Settings", lambda: SHORT):
        return monitor.run(argparse.Namespace(data=data, quiet=True, lifeline=lifeline))


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
