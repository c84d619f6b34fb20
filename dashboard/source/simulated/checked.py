"""Reading YAML with care: every error names the file, the key and why."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import isfinite

Place = tuple[float, float]


class StoryError(ValueError):
    """A story cannot be used; the message names file, key and why."""


@dataclass(frozen=True)
class Node:
    """One value of a story's file and where it is (`people[0].steps[2].walk.to`)."""

    value: object
    file: str
    key: str = ""

    def fail(self, why: str) -> StoryError:
        """The error to raise about this value."""
        return StoryError(f"{self.file}: {self.key or 'the story'}: {why}")

    def table(self, keys: Sequence[str], needed: Sequence[str] = ()) -> dict[str, Node]:
        """A mapping's entries; only `keys` may be there and `needed` must be."""
        if not isinstance(self.value, dict):
            raise self.fail(f"expected keys and values, got {_said(self.value)}")
        for key in self.value:
            if key not in keys:
                raise self.child(str(key)).fail(f"is not known here; known are {', '.join(keys)}")
        for key in needed:
            if key not in self.value:
                raise self.child(key).fail("is missing")
        return {str(key): self.child(str(key), value) for key, value in self.value.items()}

    def child(self, key: str, value: object = None) -> Node:
        """The entry `key` of this mapping."""
        return Node(value, self.file, f"{self.key}.{key}" if self.key else key)

    def items(self) -> Iterator[Node]:
        """A list's entries."""
        if not isinstance(self.value, list):
            raise self.fail(f"expected a list, got {_said(self.value)}")
        for n, value in enumerate(self.value):
            yield Node(value, self.file, f"{self.key}[{n}]")

    def number(self, low: float, high: float) -> float:
        """A number within a range."""
        if isinstance(self.value, bool) or not isinstance(self.value, (int, float)):
            raise self.fail(f"expected a number, got {_said(self.value)}")
        if not isfinite(self.value) or not low <= self.value <= high:
            raise self.fail(f"{self.value} is not between {low:g} and {high:g}")
        return float(self.value)

    def text(self) -> str:
        """A text that is not empty."""
        if not isinstance(self.value, str) or not self.value.strip():
            raise self.fail(f"expected a text, got {_said(self.value)}")
        return self.value.strip()

    def flag(self) -> bool:
        """true or false."""
        if not isinstance(self.value, bool):
            raise self.fail(f"expected true or false, got {_said(self.value)}")
        return self.value

    def choice(self, among: Sequence[str]) -> str:
        """One of some words."""
        if self.value not in among:
            raise self.fail(f"{_said(self.value)} is not one of {', '.join(among)}")
        return str(self.value)

    def place(self) -> Place:
        """Two numbers, metres."""
        if not isinstance(self.value, list) or len(self.value) != 2:
            raise self.fail(f"expected a place [x, y] in metres, got {_said(self.value)}")
        x, y = (Node(v, self.file, self.key).number(-12, 20) for v in self.value)
        return x, y

    def colour(self) -> tuple[int, int, int]:
        """A colour's name or "#rrggbb", as BGR."""
        text = str(self.value).lower()
        if text in COLOURS:
            return COLOURS[text]
        if len(text) == 7 and text[0] == "#":
            try:
                red, green, blue = (int(text[n : n + 2], 16) for n in (1, 3, 5))
            except ValueError:
                pass
            else:
                return blue, green, red
        raise self.fail(f"{_said(self.value)} is no colour: write '#rrggbb' or one of {', '.join(COLOURS)}")


COLOURS: dict[str, tuple[int, int, int]] = {
    "white": (238, 240, 242),
    "black": (34, 32, 32),
    "grey": (130, 130, 128),
    "navy": (96, 58, 30),
    "blue": (196, 112, 44),
    "sky": (222, 178, 110),
    "teal": (140, 138, 30),
    "green": (84, 140, 62),
    "lime": (70, 200, 160),
    "yellow": (66, 206, 244),
    "orange": (24, 124, 246),
    "red": (52, 48, 204),
    "pink": (158, 108, 232),
    "purple": (150, 66, 110),
    "brown": (48, 76, 118),
    "beige": (168, 196, 214),
    "pale_skin": (172, 198, 236),
    "light_skin": (146, 176, 226),
    "tan_skin": (104, 144, 200),
    "brown_skin": (70, 102, 152),
    "dark_skin": (48, 68, 104),
    "blond": (92, 160, 204),
    "auburn": (42, 66, 128),
    "dark_hair": (30, 36, 48),
}


def _said(value: object) -> str:
    return "nothing" if value is None else repr(value)
