"""`python -m dashboard report [--day YYYY-MM-DD] [--send]`: the report of the last night, or of the one that
ended in the morning of a day, as it goes to contacts; with --send it goes to them."""

from __future__ import annotations

import argparse
import sys
from contextlib import closing
from datetime import date
from pathlib import Path

from dashboard.clock import Clock, SystemClock
from dashboard.monitor.notifying import page_link
from dashboard.monitor.places import Places
from dashboard.monitor.reporting import Reporting
from dashboard.settings import data_folder
from dashboard.store import Store, StoreError, database_url

_SQLITE = "sqlite:///"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--day", type=_day, default=None, metavar="YYYY-MM-DD", help="its morning")
    parser.add_argument("--send", action="store_true", help="to every contact who gets the report")
    parser.add_argument("--data", type=Path, default=None, help="data folder")


def run(options: argparse.Namespace) -> int:
    """0, or 1 with one line that says what is wrong."""
    return reported(options.data or data_folder(), options.day, options.send, SystemClock())


def reported(data: Path, day: date | None, send: bool, clock: Clock) -> int:
    """Prints the report, and puts it into the outbox where it is to be sent."""
    address = database_url(data)
    if address.startswith(_SQLITE) and not Path(address.removeprefix(_SQLITE)).exists():
        print(f"report: there is no database in {data}: nothing was watched yet", file=sys.stderr)
        return 1
    try:
        with closing(Store(address)) as store:
            return _told(_reporting(store, clock), day, send)
    except StoreError as error:
        print(f"report: {error}", file=sys.stderr)
        return 1


def _reporting(store: Store, clock: Clock) -> Reporting:
    places = Places()
    places.use_cameras(store.cameras())
    for row in store.zones():
        places.put(row)
    return Reporting(store, places, clock, page_link())


def _told(reporting: Reporting, day: date | None, send: bool) -> int:
    written = reporting.written(day)
    print(f"{written.title}\n\n{written.text}")
    if not send:
        return 0
    people = reporting.send_now(written.day)
    if not people:
        print("report: nobody gets it: switch it on for a contact under People", file=sys.stderr)
        return 1
    names = ", ".join(one.name for one in people)
    print(f"\nIt goes to {names} as soon as the monitor runs.")
    return 0


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is no day such as 2026-07-01") from None
