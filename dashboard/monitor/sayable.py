"""Events as they can be written down, sent and shown everywhere: a rule's slip in a detail must not keep an
alarm from the database, nor the page from its document. Pure."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from dashboard.values import Event

_LONGEST_TEXT = 2000
_MOST_PARTS = 500
_DEEPEST = 6


def sayable(event: Event) -> Event:
    """The event with a detail of plain numbers, texts and lists, and no number that is none."""
    return replace(event, detail=plain_detail(event.detail))


def plain_detail(detail: Mapping[str, Any]) -> dict[str, Any]:
    """Plain JSON; what is none is a text."""
    return {plain_text(key): _plain(value, _DEEPEST) for key, value in list(detail.items())[:_MOST_PARTS]}


def plain_text(value: object, longest: int = _LONGEST_TEXT) -> str:
    """A text that every database and page takes: no zeros, no halves of letters, not endless."""
    return str(value)[:longest].replace("\0", "").encode("utf-8", "replace").decode()


def _plain(value: Any, depth: int) -> Any:
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, int) and type(value) is int:
        return value
    if isinstance(value, float):
        return float(value) if math.isfinite(value) else None
    if isinstance(value, Mapping) and depth:
        return {plain_text(k): _plain(v, depth - 1) for k, v in list(value.items())[:_MOST_PARTS]}
    if isinstance(value, list | tuple | set | frozenset) and depth:
        return [_plain(v, depth - 1) for v in list(value)[:_MOST_PARTS]]
    number = getattr(value, "item", None)
    if callable(number) and depth and getattr(value, "size", 0) == 1:
        return _plain(number(), depth - 1)
    return plain_text(getattr(value, "value", value))
