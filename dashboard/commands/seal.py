"""`python -m dashboard seal reset`: a new passphrase for sealed video where the old one is forgotten, for
whoever is at the machine itself. What was sealed until then stays shut for ever."""

from __future__ import annotations

import argparse
import getpass
import sys
from contextlib import closing
from pathlib import Path

from dashboard.clock import Clock, SystemClock
from dashboard.monitor.folder import lock_path
from dashboard.monitor.handle import MonitorError, MonitorHandle
from dashboard.monitor.lock import FolderLock
from dashboard.monitor.seal_commands import begin_anew
from dashboard.settings import data_folder
from dashboard.store import Store, StoreError, database_url

_ANSWER_S = 5.0
_LOST = (
    "Real pictures that were sealed until now can never be opened again, by anybody; clips with skeletons "
    "stay as they are. New ones are sealed to the new passphrase."
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("deed", choices=("reset",), help="set a new passphrase without the old one")
    parser.add_argument("--data", type=Path, default=None, help="data folder")


def run(options: argparse.Namespace) -> int:
    """Asks for the passphrase, or reads it as the first line where nobody sits at a keyboard."""
    data, clock = options.data or data_folder(), SystemClock()
    print(_LOST)
    try:
        with closing(Store(database_url(data))) as store:
            begin_anew(store, _asked(), clock)
        if _watched(data):
            _tell(data, clock)
    except (MonitorError, StoreError) as error:
        print(error, file=sys.stderr)
        return 1
    print("The new passphrase holds from now on.")
    return 0


def _asked() -> str:
    if not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\n")
    first = getpass.getpass("New passphrase: ")
    if getpass.getpass("The same again: ") != first:
        raise MonitorError("The two passphrases are not the same. Nothing was changed.")
    return first


def _watched(data: Path) -> bool:
    """Whether a monitor runs on this folder; one that starts later takes up the new seal by itself."""
    lock = FolderLock(lock_path(data))
    if not lock.acquire():
        return True
    lock.release()
    return False


def _tell(data: Path, clock: Clock) -> None:
    """The watch that runs seals to the new key from now on. MonitorError."""
    handle = MonitorHandle(data, clock)
    handle.start()
    try:
        if not handle.wait_connected(_ANSWER_S):
            raise MonitorError(
                "The new passphrase is kept, but the watch does not answer: start Poolwatch anew, or it goes "
                "on sealing to the old one."
            )
        handle.request("seal.renew")
    finally:
        handle.stop()
