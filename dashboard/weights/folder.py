"""The folder of installed weights: one folder a name, put in place whole or not at all."""

from __future__ import annotations

import contextlib
import errno
import fcntl
import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

from dashboard.weights.registry import Entry, Export, ModelFile, WeightsError, load_registry

BROUGHT = "brought.json"
CHECKOUT = Path(__file__).resolve().parents[2]


def models_folder() -> Path:
    """Where weights are installed: `POOLWATCH_MODELS`, or `.models` in the checkout."""
    named = os.environ.get("POOLWATCH_MODELS", "")
    return Path(named).expanduser() if named else CHECKOUT / ".models"


def installed(name: str) -> dict[str, Path] | None:
    """File name -> path of an installed set of weights, or None while it is not installed.

    Presence and sizes are looked at; the hashes were checked when it was installed (`damaged` checks
    them again). WeightsError for a name that the registry does not have.
    """
    registry = load_registry()
    if name not in registry:
        raise WeightsError(f"there are no weights named {name!r} (there are {', '.join(registry)})")
    export = installed_export(registry[name], models_folder())
    return None if export is None else {f.name: models_folder() / name / f.name for f in export.files}


def installed_export(entry: Entry, folder: Path) -> Export | None:
    """Which export of `entry` lies complete in `folder/<name>`, by presence and size."""
    brought = _brought(entry, folder) if entry.own else None
    for export in (brought,) if brought is not None else entry.exports:
        if all(_size(folder / entry.name / file.name) == file.size for file in export.files):
            return export
    return None


def record_brought(export: Export, fresh: Path) -> None:
    """Writes down, beside files that somebody brought, what they are."""
    files = [{"name": f.name, "size": f.size, "sha256": f.sha256} for f in export.files]
    text = json.dumps({"export": export.name, "files": files}, indent=1)
    write_file(text.encode(), fresh / BROUGHT)


def _brought(entry: Entry, folder: Path) -> Export | None:
    """What was written down when the files were brought; None where nothing usable is."""
    try:
        raw = json.loads((folder / entry.name / BROUGHT).read_text(encoding="utf-8"))
        files = tuple(ModelFile(**file) for file in raw["files"])
        whole = {file.name for file in files} == set(entry.own)
        return Export(str(raw["export"]), files) if whole else None
    except (OSError, ValueError, KeyError, TypeError):
        return None


def damaged(entry: Entry, folder: Path) -> list[str]:
    """A sentence for each installed file whose sha256 is not what the registry says; reads every byte."""
    export = installed_export(entry, folder)
    if export is None:
        return []
    wrong = []
    for file in export.files:
        found = sha256_of(folder / entry.name / file.name)
        if found != file.sha256:
            wrong.append(f"{file.name} of {entry.name}: sha256 expected {file.sha256}, found {found}")
    return wrong


def sha256_of(path: Path) -> str:
    """The sha256 of a file, hex."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


@contextlib.contextmanager
def only_one(folder: Path) -> Iterator[None]:
    """Make the folder and hold it: two programs that start together install once, the second waits.

    OSError inside (full disk, no permission) becomes a WeightsError that names the folder and the reason.
    """
    with _plain_errors(folder):
        folder.mkdir(parents=True, exist_ok=True)
        with (folder / ".lock").open("a") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield


@contextlib.contextmanager
def staged(name: str, folder: Path, needed_bytes: int) -> Iterator[Path]:
    """An empty folder to fill, inside `only_one`; leaving it without an error puts it in place as
    `folder/<name>` by a rename, leaving it with one removes it, so that half a set never appears.
    Its parent is scratch space that goes either way."""
    for left_over in folder.glob(f".{name}-*"):
        shutil.rmtree(left_over, ignore_errors=True)
    _check_space(folder, needed_bytes)
    temporary = Path(tempfile.mkdtemp(prefix=f".{name}-", dir=folder))
    try:
        fresh = temporary / "new"
        fresh.mkdir()
        yield fresh
        _put_in_place(fresh, folder / name, temporary / "old")
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


def copy_file(source: Path, target: Path, progress: Callable[[int], None] = lambda _: None) -> None:
    """Copy and flush to the disk; `progress` gets the bytes copied so far."""
    with source.open("rb") as read, target.open("wb") as write:
        done = 0
        while block := read.read(1 << 20):
            write.write(block)
            done += len(block)
            progress(done)
        _flush(write.fileno(), write.flush)


def write_file(content: bytes, target: Path) -> None:
    """Write and flush to the disk."""
    with target.open("wb") as write:
        write.write(content)
        _flush(write.fileno(), write.flush)


def _flush(descriptor: int, flush: Callable[[], None]) -> None:
    flush()
    os.fsync(descriptor)


def _put_in_place(fresh: Path, target: Path, old: Path) -> None:
    if target.exists():
        target.rename(old)
    fresh.rename(target)


@contextlib.contextmanager
def _plain_errors(folder: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise WeightsError(f"the disk of {folder} is full") from error
        raise WeightsError(f"cannot write the weights into {folder}: {error.strerror or error}") from error


def _check_space(folder: Path, needed_bytes: int) -> None:
    free = shutil.disk_usage(folder).free
    if free < needed_bytes:
        need_mb, free_mb = needed_bytes / 1e6, free / 1e6
        raise WeightsError(f"the disk of {folder} is full: {need_mb:.0f} MB needed, {free_mb:.0f} MB free")


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return -1
