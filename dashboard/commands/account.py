"""`python -m dashboard account`: accounts from the command line, for whoever is at the machine itself."""

from __future__ import annotations

import argparse
import getpass
import sys
from pathlib import Path

from dashboard.accounts.book import Accounts
from dashboard.accounts.members import AccountError
from dashboard.clock import SystemClock
from dashboard.settings import data_folder
from dashboard.store import Doors, StoreError, database_url

_ORIGIN = "the machine itself"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("deed", choices=("list", "create", "reset"), help="reset: set another password")
    parser.add_argument("name", nargs="?", default="", help="whose account")
    parser.add_argument("--data", type=Path, default=None, help="data folder")


def run(options: argparse.Namespace) -> int:
    """Asks for the password, or reads it as the first line where nobody sits at a keyboard."""
    try:
        doors = Doors(database_url(options.data or data_folder()))
    except StoreError as error:
        print(error, file=sys.stderr)
        return 1
    try:
        return _done(Accounts(doors, SystemClock()), options)
    except (AccountError, StoreError) as error:
        print(error, file=sys.stderr)
        return 1
    finally:
        doors.close()


def _done(accounts: Accounts, options: argparse.Namespace) -> int:
    if options.deed == "list":
        for member in accounts.members():
            print(f"{member.name}: {member.role.value}{'' if member.joined else ', invited'}")
        return 0
    if not options.name:
        print("Say whose account: a name is missing.", file=sys.stderr)
        return 2
    password = _asked()
    if options.deed == "create":
        accounts.create_owner(options.name, password, _ORIGIN)
        print(f"{options.name} is the owner. Sign in on any device in your network.")
    else:
        accounts.reset(options.name, password, _ORIGIN)
        print(f"The password of {options.name} is set. Every device of this account is signed out.")
        print("The passphrase of the sealed video stays as it was; it is changed on the page People.")
    return 0


def _asked() -> str:
    if not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\n")
    first = getpass.getpass("New password: ")
    if getpass.getpass("The same again: ") != first:
        raise AccountError("The two passwords are not the same.")
    return first
