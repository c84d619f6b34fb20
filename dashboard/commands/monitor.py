"""`python -m dashboard monitor`: the watch without the pages, in a terminal or as a service."""

from __future__ import annotations

import argparse
import asyncio
import sys
from pathlib import Path

from dashboard.clock import SystemClock
from dashboard.monitor.folder import lock_path, log_path, make_private, make_socket_folder, socket_path
from dashboard.monitor.journal import start_journal
from dashboard.monitor.lock import FolderLock
from dashboard.settings import Settings, data_folder


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--data", type=Path, default=None, help="the data folder (POOLWATCH_DATA, or ./data)")
    parser.add_argument("--quiet", action="store_true", help="write to the log file only")
    # For the UI, which starts us: we end when this pipe closes.
    parser.add_argument("--lifeline", type=int, default=None, help=argparse.SUPPRESS)


def run(args: argparse.Namespace) -> int:
    """0 after a clean stop, or when another monitor runs already; 1 when it cannot start."""
    data: Path = args.data or data_folder()
    lock = FolderLock(lock_path(data))
    try:
        make_private(data)
        make_socket_folder(data)
        if not lock.acquire():
            print(f"A monitor already watches for {data.resolve()} (process {lock.holder()}).")
            return 0
    except OSError as error:
        return _failed(f"The data folder {data} cannot be used: {error.strerror or error}.")
    try:
        start_journal(log_path(data), printing=not args.quiet)
        return _watch(data, args.lifeline)
    finally:
        lock.release()


def _watch(data: Path, lifeline: int | None) -> int:
    # Only here: a second start should say so at once.
    from dashboard.monitor.service import Monitor
    from dashboard.store import Store, StoreError, database_url
    from dashboard.weights import first_start

    # Who starts us for the pages has seen to the weights already.
    if lifeline is None:
        first_start()

    async def watching(store: Store) -> None:
        await Monitor(data, store, SystemClock(), Settings()).run(lifeline)

    try:
        store = Store(database_url(data))
    except StoreError as error:
        return _failed(str(error))
    try:
        asyncio.run(watching(store))
    except StoreError as error:
        return _failed(str(error))
    except OSError as error:
        return _failed(f"The monitor's socket {socket_path(data)} cannot be made: {error.strerror or error}.")
    finally:
        store.close()
    return 0


def _failed(reason: str) -> int:
    print(reason, file=sys.stderr)
    return 1
