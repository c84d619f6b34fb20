"""The page of settings, without the page: what stands beside each field, and what was changed. Words, units,
defaults and ranges come from the monitor's table and `settings.py`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from dashboard.monitor.owned import GROUPS, OWNED, Owned, Spec, spec_of, worded

__all__ = ["GROUPS", "Choice", "changed", "choices"]


@dataclass(frozen=True)
class Choice:
    """One setting with its value now."""

    key: str
    owned: Owned
    spec: Spec
    now: Any

    @property
    def label(self) -> str:
        """With the unit, where it has one."""
        return f"{self.owned.label} ({self.spec.unit})" if self.spec.unit else self.owned.label

    @property
    def is_default(self) -> bool:
        return bool(self.now == self.spec.default)

    @property
    def is_whole(self) -> bool:
        return isinstance(self.spec.default, int)

    @property
    def step(self) -> float:
        """What one press of plus adds: about a tenth of the default, as people count."""
        if self.is_whole or self.spec.default >= 5:
            return 1.0
        return 0.5 if self.spec.default >= 1 else 0.05

    @property
    def origin(self) -> str:
        """The default, where it comes from, and what is possible."""
        said = f"Default {worded(self.key, self.spec.default)}: {self.spec.source}."
        if self.spec.low is None or self.spec.high is None:
            return said
        unit = f" {self.spec.unit}" if self.spec.unit else ""
        return f"{said} From {_number(self.spec.low)} to {_number(self.spec.high)}{unit}."


def choices(group: str, values: Mapping[str, Any]) -> tuple[list[Choice], list[Choice]]:
    """The settings of a group: those that matter first, and the others."""
    found = [
        Choice(key, one, spec_of(key), values[key])
        for key, one in OWNED.items()
        if one.group == group and key in values
    ]
    return [c for c in found if c.owned.first], [c for c in found if not c.owned.first]


def changed(typed: Mapping[str, Any], values: Mapping[str, Any]) -> dict[str, Any]:
    """What was typed and is another value than now; None is an empty field and means the default."""
    return {key: value for key, value in typed.items() if key in values and value != values[key]}


def _number(value: float) -> str:
    return f"{value:,.0f}" if value >= 10_000 else f"{value:g}"
