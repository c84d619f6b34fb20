"""The judge's memory as text, so that timers go on after a restart.

Plain values only: numbers, texts, lists, objects by field name. What does not fit (another version wrote it,
it is damaged) is refused as a whole: a judge who starts afresh is safe, half a memory is not.

The judge's time must go on: after a restart the judge is told `saved.t` plus the seconds that passed, also
where the machine's own clock began anew.
"""

from __future__ import annotations

import json
import types
from collections.abc import Mapping
from dataclasses import fields, is_dataclass, replace
from enum import Enum
from typing import Any, Union, get_args, get_origin, get_type_hints

from dashboard.rules.judge import RULES, JudgeState, Site
from dashboard.rules.modes import ModeState, restored
from dashboard.rules.people import Ledger

VERSION = 1


class SavedError(ValueError):
    """The text is no memory of this judge; the message says what does not fit."""


def to_text(state: JudgeState) -> str:
    """All that the judge knows, but for the site, which is configuration."""
    return json.dumps(
        {
            "version": VERSION,
            "t": state.t,
            "mode": _plain(state.mode),
            "ledger": _plain(state.ledger),
            "rules": {name: _plain(rule) for name, rule in state.rules.items()},
        }
    )


def from_text(text: str, site: Site, down_s: float) -> JudgeState:
    """The judge as they were, `down_s` seconds later: the safer mode, all countdowns running. Tracks begin
    anew, so nobody's track is known; whoever is still there is recognised by where they are.

    SavedError when the text does not fit.
    """
    try:
        saved = json.loads(text)
        if saved["version"] != VERSION:
            raise SavedError(f"version {saved['version']!r} instead of {VERSION}")
        now = float(saved["t"]) + down_s
        mode = _valued(ModeState, saved["mode"])
        ledger: Ledger = _valued(Ledger, saved["ledger"])
        rules = {rule.name: _valued(type(rule.first), saved["rules"][rule.name]) for rule in RULES}
    except SavedError:
        raise
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise SavedError(f"not a judge's memory: {error}") from None
    ledger = replace(ledger, tracks={}, candidates={})
    return JudgeState(site, now, restored(mode, now, down_s, site.world.settings), ledger, rules)


def _plain(value: Any) -> Any:
    if isinstance(value, Enum):
        return value.value
    if is_dataclass(value):
        return {f.name: _plain(getattr(value, f.name)) for f in fields(value)}
    if isinstance(value, Mapping):
        return [[_plain(key), _plain(item)] for key, item in value.items()]
    if isinstance(value, (tuple, list, frozenset)):
        return [_plain(item) for item in (sorted(value) if isinstance(value, frozenset) else value)]
    return value


def _valued(kind: Any, plain: Any) -> Any:
    """`plain` as a value of the type `kind`; raises what the types of the parts raise."""
    origin, inner = get_origin(kind), get_args(kind)
    if origin in (Union, types.UnionType):
        return None if plain is None else _valued(next(a for a in inner if a is not type(None)), plain)
    if origin is tuple:
        if inner[-1] is ...:
            return tuple(_valued(inner[0], item) for item in plain)
        return tuple(_valued(a, item) for a, item in zip(inner, plain, strict=True))
    if origin is frozenset:
        return frozenset(_valued(inner[0], item) for item in plain)
    if origin is not None and issubclass(origin, Mapping):
        return {_valued(inner[0], key): _valued(inner[1], item) for key, item in plain}
    if is_dataclass(kind):
        hints = get_type_hints(kind)
        return kind(**{f.name: _valued(hints[f.name], plain[f.name]) for f in fields(kind)})  # type: ignore[operator]
    if isinstance(kind, type) and issubclass(kind, Enum):
        return kind(plain)
    if kind is float:
        return float(plain)
    if not isinstance(plain, kind):
        raise SavedError(f"{plain!r} is not of type {kind.__name__}")
    return plain
