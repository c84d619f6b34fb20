"""Frozen dataclasses as JSON text and back, by their type hints: what the judge takes up after a restart."""

from __future__ import annotations

import json
import types
from collections.abc import Callable, Mapping
from dataclasses import fields, is_dataclass
from enum import Enum
from functools import cache
from typing import Any, TypeVar, Union, get_args, get_origin, get_type_hints

T = TypeVar("T")
_AS_THEY_ARE = frozenset((float, int, str, bool, type(None)))


class RecallError(ValueError):
    """The text is not of this type: written by another version, or damaged."""


def remembered(value: object) -> str:
    """The value as text."""
    return json.dumps(_plain(value), separators=(",", ":"), ensure_ascii=False)


def recalled(kind: type[T], text: str) -> T:
    """The value of type `kind` that `remembered` wrote; RecallError when it is something else."""
    try:
        found: T = _value(kind, json.loads(text))
    except (LookupError, TypeError, ValueError, AttributeError) as error:
        raise RecallError(f"{kind.__name__} cannot be read: {type(error).__name__} {error}") from None
    return found


def _plain(value: object) -> Any:
    # Nearly all that a judge knows are numbers and words, and it is written down every second.
    if type(value) in _AS_THEY_ARE:
        return value
    if is_dataclass(value) and not isinstance(value, type):
        return {name: _plain(getattr(value, name)) for name in _names(type(value))}
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, Mapping):
        # Keys may be numbers or pairs, which JSON's objects cannot have.
        return [[_plain(k), _plain(v)] for k, v in value.items()]
    if isinstance(value, tuple | list):
        return [_plain(v) for v in value]
    if isinstance(value, set | frozenset):
        return sorted(_plain(v) for v in value)
    if value is None or isinstance(value, bool | int | float | str):
        return value
    raise TypeError(f"{type(value).__name__} cannot be remembered")


def _value(hint: Any, plain: Any) -> Any:
    origin = get_origin(hint)
    if origin is Union or origin is types.UnionType:
        return _either(get_args(hint), plain)
    if origin is not None and not isinstance(plain, list):
        # A text or an object would be taken apart as if it were a list.
        raise TypeError(f"{plain!r:.40} is no list")
    if origin is tuple:
        return _tuple(get_args(hint), plain)
    if origin is frozenset:
        return frozenset(_value(get_args(hint)[0], v) for v in plain)
    if origin is not None and issubclass(origin, Mapping):
        key, value = get_args(hint)
        return {_value(key, k): _value(value, v) for k, v in plain}
    return _single(hint, plain)


def _single(hint: Any, plain: Any) -> Any:
    if hint is object or hint is Any:
        return _loose(plain)
    if isinstance(hint, type) and is_dataclass(hint):
        made: Callable[..., Any] = hint
        return made(**{name: _value(kind, plain[name]) for name, kind in _hints(hint).items()})
    if isinstance(hint, type) and issubclass(hint, Enum):
        return hint(plain)
    if hint is type(None):
        return _same(plain is None, None)
    if hint is float:
        return _same(isinstance(plain, int | float) and not isinstance(plain, bool), plain)
    return _same(isinstance(plain, hint) and isinstance(plain, bool) == (hint is bool), plain)


def _loose(plain: Any) -> Any:
    """What may be anything: it was a number, a text, a list of them, or None."""
    return [_loose(v) for v in plain] if isinstance(plain, list) else plain


def _same(fits: bool, plain: Any) -> Any:
    if not fits:
        raise TypeError(f"{plain!r:.40} does not fit")
    return plain


def _either(hints: tuple[Any, ...], plain: Any) -> Any:
    if plain is None and type(None) in hints:
        return None
    rest = [hint for hint in hints if hint is not type(None)]
    for hint in rest[:-1]:
        try:
            return _value(hint, plain)
        except (LookupError, TypeError, ValueError):
            continue
    return _value(rest[-1], plain)


def _tuple(hints: tuple[Any, ...], plain: Any) -> tuple[Any, ...]:
    if len(hints) == 2 and hints[1] is Ellipsis:
        return tuple(_value(hints[0], v) for v in plain)
    return tuple(_value(hint, v) for hint, v in zip(hints, plain, strict=True))


@cache
def _names(kind: type[Any]) -> tuple[str, ...]:
    return tuple(f.name for f in fields(kind))


@cache
def _hints(kind: type) -> dict[str, Any]:
    hints = get_type_hints(kind)
    return {f.name: hints[f.name] for f in fields(kind)}
