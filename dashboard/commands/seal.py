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
    "Real pictures that were sealed until now can never be opened again, by anybody, nor that of a clip that "
    "is being recorded at this moment; clips with skeletons stay as they are. New ones are sealed to the new "
    "passphrase."
)
_SILENT = (
    "The watch runs on this folder and does not answer: it would go on sealing to the old passphrase. Stop "
    "Poolwatch, or start it anew, and try again. Nothing was changed."
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("deed", choices=("reset",), help="set a new passphrase without the old one")
    parser.add_argument("--data", type=Path, default=None, help="data folder")


def run(options: argparse.Namespace) -> int:
    """Asks for the passphrase, or reads it as the first line where nobody sits at a keyboard."""
    data, clock = options.data or data_folder(), SystemClock()
    print(_LOST)
    try:
        _begin_anew(data, _asked(), clock)
    except (MonitorError, StoreError) as error:
        print(error, file=sys.stderr)
        return 1
    print("The new passphrase holds from now on.")
    return 0


def _begin_anew(data: Path, passphrase: str, clock: Clock) -> None:
    """By the monitor where one runs, so that it seals to the new key from the same moment on; else here,
    and no monitor starts meanwhile. MonitorError, StoreError: nothing was changed."""
    data.mkdir(mode=0o700, parents=True, exist_ok=True)
    lock = FolderLock(lock_path(data))
    if not lock.acquire():
        _ask_monitor(data, passphrase, clock)
        return
    try:
        with closing(Store(database_url(data))) as store:
            begin_anew(store, passphrase, clock)
    finally:
        lock.release()


def _asked() -> str:
    if not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\n")
    first = getpass.getpass("New passphrase: ")
    if getpass.getpass("The same again: ") != first:
        raise MonitorError("The two passphrases are not the same. Nothing was changed.")
    return first


def _ask_monitor(data: Path, passphrase: str, clock: Clock) -> None:
    handle = MonitorHandle(data, clock)
    handle.start()
    try:
        if not handle.wait_connected(_ANSWER_S):
            raise MonitorError(_SILENT)
        handle.request("seal.begin_anew", passphrase=passphrase)
    finally:
        handle.stop()
