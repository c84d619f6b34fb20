"""`python -m dashboard models list | install [NAME] [--from DIR]`."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from dashboard.weights import ProgressLine, WeightsError, first_start, install, models_folder
from dashboard.weights.folder import installed_export
from dashboard.weights.registry import Entry, load_registry


def add_arguments(parser: argparse.ArgumentParser) -> None:
    actions = parser.add_subparsers(dest="action", required=True)
    actions.add_parser("list", help="every set of weights: installed or not, licence, size, address")
    adding = actions.add_parser("install", help="install one set, or the default and the recommended ones")
    adding.add_argument("name", nargs="?", metavar="NAME", help="without: the default and the recommended")
    adding.add_argument(
        "--from", dest="from_dir", type=Path, metavar="DIR", help="take the files from a folder"
    )
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
        size = sum(file.size for file in (export or entry.exports[0]).files)
        print(f"{entry.name}: {state}")
        print(f"    {entry.what}\n    {entry.licence}, {size / 1e6:.1f} MB, {entry.home}")
    print(f"folder: {folder}")
    return 0


def _install(args: argparse.Namespace) -> int:
    progress = ProgressLine()
    if args.first_start:
        first_start(progress)
        return 0
    names = [args.name] if args.name else _usual(load_registry())
    failed = [name for name in names if not _installed_one(name, args.from_dir, progress)]
    return 1 if failed else 0


def _installed_one(name: str, from_dir: Path | None, progress: ProgressLine) -> bool:
    try:
        install(name, from_dir, progress)
    except WeightsError as error:
        progress.say(f"{name} was not installed: {error}.")
        return False
    return True


def _usual(registry: dict[str, Entry]) -> list[str]:
    return [entry.name for entry in registry.values() if entry.role in ("default", "recommended")]
