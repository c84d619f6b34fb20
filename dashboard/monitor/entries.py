"""What comes with a command, checked field by field. Every refusal names the field and the reason."""

from __future__ import annotations

import unicodedata
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from dashboard.backends import ENTRIES
from dashboard.monitor.handle import MonitorError
from dashboard.values import CameraSpec, SourceKind
from dashboard.weights import WeightsError, installed

LONGEST_NAME = 100
_LEAST_FPS, _MOST_FPS = 0.1, 120.0
# Characters that turn the reading direction around can make one name look like another.
_TURNING = frozenset("\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_CONTROL_CATEGORIES = frozenset(("Cc", "Cs", "Zl", "Zp"))


def check_fields(args: Mapping[str, Any], allowed: Collection[str], needed: Collection[str] = ()) -> None:
    """No field too many, none missing."""
    for name in args:
        if name not in allowed:
            raise MonitorError(f"There is no field {name[:40]!r} in this command.")
    for name in needed:
        if name not in args:
            raise MonitorError(f"The field {name!r} is missing.")


def text(args: Mapping[str, Any], field: str, longest: int) -> str:
    """A field's text without the space around it: printable, not too long."""
    value = args[field]
    if not isinstance(value, str):
        raise MonitorError(f"The {field} must be text.")
    value = value.strip()
    if len(value) > longest:
        raise MonitorError(f"The {field} is longer than {longest} characters.")
    if any(unicodedata.category(c) in _CONTROL_CATEGORIES or c in _TURNING for c in value):
        raise MonitorError(f"The {field} holds a control character.")
    return value


def name(args: Mapping[str, Any], others: Sequence[CameraSpec]) -> str:
    """A camera's name: there, and not another camera's."""
    value = unicodedata.normalize("NFC", text(args, "name", LONGEST_NAME))
    if not value:
        raise MonitorError("The name is empty.")
    if any(_folded(other.name) == _folded(value) for other in others):
        raise MonitorError(f"There is a camera named {value!r} already.")
    return value


def kind(args: Mapping[str, Any]) -> SourceKind:
    value = args["kind"]
    if not isinstance(value, str) or value not in list(SourceKind):
        raise MonitorError(f"The kind must be one of {', '.join(SourceKind)}.")
    return SourceKind(value)


def flag(args: Mapping[str, Any], field: str, otherwise: bool) -> bool:
    value = args.get(field, otherwise)
    if not isinstance(value, bool):
        raise MonitorError(f"The field {field!r} must be true or false.")
    return value


def backend(args: Mapping[str, Any], otherwise: str) -> str:
    """A pose back end whose weights are installed: a camera must not go blind by a choice."""
    value = args.get("backend", otherwise)
    if not isinstance(value, str) or value not in ENTRIES:
        raise MonitorError(f"The back end must be one of {', '.join(ENTRIES)}.")
    if value != otherwise:
        try:
            missing = [name for name in ENTRIES[value].weights if installed(name) is None]
        except WeightsError as error:
            raise MonitorError(f"{error}.") from error
        if missing:
            how = f"python -m dashboard models install {missing[0]}"
            raise MonitorError(f"The weights {missing[0]} of this back end are not installed ({how}).")
    return value


def max_fps(args: Mapping[str, Any], otherwise: float | None) -> float | None:
    """Frames a second; None takes all that come."""
    value = args.get("max_fps", otherwise)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, (int, float)) or value != value:  # not a number
        raise MonitorError("The frames a second must be a number.")
    if not _LEAST_FPS <= value <= _MOST_FPS:
        raise MonitorError(f"The frames a second must be between {_LEAST_FPS:g} and {_MOST_FPS:g}.")
    return float(value)


def ids(args: Mapping[str, Any], there: Sequence[CameraSpec]) -> list[str]:
    """All the cameras, each once, in a new order."""
    value = args["ids"]
    if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
        raise MonitorError("The field 'ids' must be a list of cameras.")
    if sorted(value) != sorted(spec.id for spec in there):
        raise MonitorError("The order must name every camera once.")
    return value


def camera(args: Mapping[str, Any], there: Sequence[CameraSpec]) -> CameraSpec:
    """The camera that `id` names."""
    for spec in there:
        if spec.id == args["id"]:
            return spec
    raise MonitorError("There is no such camera (any more).")


def _folded(name: str) -> str:
    return unicodedata.normalize("NFKC", name).casefold()
