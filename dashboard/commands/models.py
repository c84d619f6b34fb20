"""`python -m dashboard models list | install [NAME] [--from DIR]`."""

from __future__ import annotations

import argparse
import sys
from functools import partial
from pathlib import Path

from dashboard.vision import VisionError
from dashboard.vision.backends import try_network
from dashboard.weights import (
    ProgressLine,
    WeightsError,
    first_start,
    install,
    install_own,
    models_folder,
)
from dashboard.weights.folder import installed_export
from dashboard.weights.registry import Entry, load_registry


def add_arguments(parser: argparse.ArgumentParser) -> None:
    actions = parser.add_subparsers(dest="action", required=True)
    actions.add_parser("list", help="every set of weights: installed or not, licence, size, address")
    adding = actions.add_parser("install", help="install one set, or the default and the recommended ones")
    adding.add_argument("name", nargs="?", metavar="NAME", help="without: the default and the recommended")
    adding.add_argument(
        "--from",
        dest="source",
        metavar="DIR",
        help="take the files from a folder; weights of your own from a file, a zip or an https address too",
    )
    adding.add_argument("--sha256", default="", metavar="HASH", help="of the file that you bring")
    adding.add_argument("--first-start", action="store_true", help="go on without a network, saying so once")


def run(args: argparse.Namespace) -> int:
    try:
        return _list() if args.action == "list" else _install(args)
    except WeightsError as error:
        print(f"{error}.", file=sys.stderr)
        return 1


def _list() -> int:
    folder = models_folder()
    for entry in load_registry().values():
        export = installed_export(entry, folder)
        state = f"installed ({export.name})" if export else f"not installed ({entry.role})"
        known = export or next(iter(entry.exports), None)
        size = f"{sum(file.size for file in known.files) / 1e6:.1f} MB, " if known else ""
        print(f"{entry.name}: {state}")
        print(f"    {entry.what}\n    {entry.licence}, {size}{entry.home}")
        if entry.own and export is None:
            print(f"    {entry.how}")
    print(f"folder: {folder}")
    return 0


def _install(args: argparse.Namespace) -> int:
    progress = ProgressLine()
    if args.first_start:
        first_start(progress)
        return 0
    names = [args.name] if args.name else _usual(load_registry())
    failed = [name for name in names if not _installed_one(name, args, progress)]
    return 1 if failed else 0


def _installed_one(name: str, args: argparse.Namespace, progress: ProgressLine) -> bool:
    entry = load_registry().get(name)
    try:
        if entry is not None and entry.own and args.source:
            install_own(entry, args.source, args.sha256, partial(_try, name), progress)
        else:
            install(name, Path(args.source) if args.source else None, progress)
    except WeightsError as error:
        progress.say(f"{name} was not installed: {error}.")
        return False
    return True


def _try(name: str, files: dict[str, Path]) -> None:
    """Loads what somebody brought. WeightsError: it is not what the back end can use."""
    try:
        try_network(name, files)
    except VisionError as error:
        raise WeightsError(f"{name} is refused: {error}") from error


def _usual(registry: dict[str, Entry]) -> list[str]:
    return [entry.name for entry in registry.values() if entry.role in ("default", "recommended")]
