"""Words that people typed, made fit to be shown. Names are shown as text, whatever they hold."""

from __future__ import annotations

import re
import unicodedata

_MARKDOWN = re.compile(r"([!-/:-@\[-`{-~])")
# Controls, and marks that turn the reading direction of what follows.
_HIDDEN_CATEGORIES = ("Cc", "Cf", "Cs", "Co", "Zl", "Zp")
_JOINER = "\u200d"


def one_line(text: str, limit: int = 60) -> str:
    """`text` without controls and line breaks, blanks collapsed, at most `limit` characters."""
    kept = "".join(" " if _is_hidden(c) else c for c in text[: limit * 20])
    short = " ".join(kept.split())
    return short if len(short) <= limit else short[: limit - 1].rstrip() + "…"


def _is_hidden(character: str) -> bool:
    return character != _JOINER and unicodedata.category(character) in _HIDDEN_CATEGORIES


def as_markdown(text: str, limit: int = 60) -> str:
    """`text` as Markdown that shows exactly these characters: no HTML, links, pictures or formulas."""
    return _MARKDOWN.sub(r"\\\1", one_line(text, limit))
