"""Weights that somebody brings: a file, a folder, an archive, or an address with its hash.

Nobody here knows their hashes beforehand. What is installed is what was tried, and its hash is written down
beside it.
"""

from __future__ import annotations

import shutil
import zipfile
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

from dashboard.clock import Clock, SystemClock
from dashboard.weights import fetch, folder
from dashboard.weights.registry import Entry, Export, ModelFile, WeightsError

LARGEST = 2_000_000_000
Progress = Callable[[str, float], None]
Tried = Callable[[dict[str, Path]], None]


def install_own(
    entry: Entry,
    source: str,
    sha256: str,
    tried: Tried,
    progress: Progress,
    *,
    into: Path | None = None,
    clock: Clock | None = None,
) -> None:
    """Installs the files of an entry that somebody brings. `source`: a file, a folder, a zip that holds them,
    or an https address; `sha256` of that file, which an address needs. `tried` loads them and raises a
    WeightsError when they are not what they should be. WeightsError says in one sentence what is wrong."""
    target = folder.models_folder() if into is None else into
    with folder.only_one(target), folder.staged(entry.name, target, 0) as fresh:
        scratch = fresh.parent
        if urlsplit(source).scheme == "https":
            path = _fetched(source, sha256, scratch, clock or SystemClock())
        else:
            path = Path(source)
        _check_hash(path, sha256)
        for name, found in _found(entry, _unpacked(path, scratch)).items():
            progress(f"{entry.name}: {name}", 0.0)
            folder.copy_file(found, fresh / name)
        tried({name: fresh / name for name in entry.own})
        folder.record_brought(_described(entry, path.name, fresh), fresh)
    progress(f"{entry.name} is installed", 1.0)


def _fetched(address: str, sha256: str, scratch: Path, clock: Clock) -> Path:
    if not sha256:
        raise WeightsError("an address needs its hash: --sha256 with 64 digits")
    path = scratch / (Path(urlsplit(address).path).name or "download")
    fetch.fetch_file(ModelFile(path.name, LARGEST, sha256, address), path, clock, lambda _: None, exact=False)
    return path


def _check_hash(path: Path, sha256: str) -> None:
    if not path.exists():
        raise WeightsError(f"there is no {path}")
    if not sha256:
        return
    if not path.is_file():
        raise WeightsError(f"{path} is a folder; --sha256 is one file's")
    found = folder.sha256_of(path)
    if found != sha256.lower():
        raise WeightsError(f"{path.name} is refused: sha256 expected {sha256}, found {found}")


def _unpacked(path: Path, scratch: Path) -> list[Path]:
    """The files that were brought: all in a folder or archive, or the one."""
    if path.is_dir():
        return sorted(p for p in path.iterdir() if p.is_file())
    if path.suffix != ".zip":
        return [path]
    inside = scratch / "archive"
    inside.mkdir()
    try:
        with zipfile.ZipFile(path) as archive:
            members = [m for m in archive.infolist() if not m.is_dir()]
            if sum(m.file_size for m in members) > LARGEST:
                raise WeightsError(f"{path.name} is refused: it unpacks to more than 2 GB")
            for number, member in enumerate(members):
                # by its last name only: an archive cannot write elsewhere
                with archive.open(member) as read, _new(inside, number, member.filename).open("wb") as write:
                    shutil.copyfileobj(read, write)
    except (zipfile.BadZipFile, EOFError, NotImplementedError, RuntimeError) as error:
        raise WeightsError(f"{path.name} is refused: it cannot be unpacked ({error})") from error
    return sorted(p for p in inside.rglob("*") if p.is_file())


def _new(inside: Path, number: int, name: str) -> Path:
    place = inside / str(number)
    place.mkdir()
    return place / (Path(name).name or "file")


def _found(entry: Entry, files: list[Path]) -> dict[str, Path]:
    """Each of the entry's files: the one of that name, or the only one of that kind."""
    chosen: dict[str, Path] = {}
    for name in entry.own:
        kind = Path(name).suffix
        named = [p for p in files if p.name == name]
        alike = named or [p for p in files if p.suffix == kind]
        if len(alike) != 1:
            there = "none" if not alike else f"{len(alike)}: {', '.join(p.name for p in alike[:5])}"
            raise WeightsError(f"{entry.name} needs one {kind} file, and there is {there}")
        chosen[name] = alike[0]
    return chosen


def _described(entry: Entry, source: str, fresh: Path) -> Export:
    files = tuple(
        ModelFile(name, (fresh / name).stat().st_size, folder.sha256_of(fresh / name)) for name in entry.own
    )
    return Export(f"brought as {source}", files)
