"""Every threshold of the program, with its unit and source, loaded and checked once.

A setting is named `section.field` (`vision.person_score`). `Settings.with_values` takes what the
command line or the database gives and fails naming key and value.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import Field, dataclass, field, fields, replace
from typing import Any


class SettingError(ValueError):
    """A setting's key does not exist or its value is out of range; the message names both."""


def setting(default: Any, unit: str, source: str, low: float | None = None, high: float | None = None) -> Any:
    """A dataclass field that carries its unit, where the number comes from, and its range."""
    return field(default=default, metadata={"unit": unit, "source": source, "low": low, "high": high})


@dataclass(frozen=True)
class SourceSettings:
    """Reading cameras."""

    blind_after_s: float = setting(2.0, "s", "a stale picture is stamped within 2 s", 0.5, 30)


@dataclass(frozen=True)
class VisionSettings:
    """Finding people and their key points."""


@dataclass(frozen=True)
class TrackSettings:
    """Keeping identities."""


@dataclass(frozen=True)
class MonitorSettings:
    """Processes and watchdogs."""


@dataclass(frozen=True)
class Settings:
    """All sections. `Settings()` is the default set."""

    source: SourceSettings = SourceSettings()
    vision: VisionSettings = VisionSettings()
    track: TrackSettings = TrackSettings()
    monitor: MonitorSettings = MonitorSettings()

    def with_values(self, values: Mapping[str, object]) -> Settings:
        """A copy with `{"section.field": value}` applied; SettingError names key and value."""
        changed = self
        for key, value in values.items():
            changed = _with_value(changed, key, value)
        return changed


def _with_value(settings: Settings, key: str, value: object) -> Settings:
    section_name, _, name = key.partition(".")
    section = getattr(settings, section_name, None)
    found = [f for f in fields(section) if f.name == name] if section is not None else []
    if not found:
        raise SettingError(f"there is no setting {key!r} (a setting is named section.field)")
    checked = _checked(key, found[0], getattr(section, name), value)
    return replace(settings, **{section_name: replace(section, **{name: checked})})  # type: ignore[type-var]


def _checked(key: str, spec: Field[Any], default: object, value: object) -> object:
    converted = _converted(key, default, value)
    low, high = spec.metadata.get("low"), spec.metadata.get("high")
    if isinstance(converted, (int, float)) and not isinstance(converted, bool):
        if not (low is None or converted >= low) or not (high is None or converted <= high):
            unit = spec.metadata.get("unit", "")
            raise SettingError(f"{key} = {value!r} is out of range: {low} to {high} {unit}")
    return converted


def _converted(key: str, default: object, value: object) -> object:
    try:
        if isinstance(default, bool):
            return {"true": True, "1": True, "false": False, "0": False}[str(value).lower()]
        return type(default)(value)  # type: ignore[call-arg]
    except (KeyError, TypeError, ValueError):
        raise SettingError(f"{key} = {value!r} is not a {type(default).__name__}") from None
