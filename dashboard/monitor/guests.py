"""What people are called whom nobody knows by name: Guest 1, Guest 2, ... Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

Guests: TypeAlias = Mapping[int, int]


@dataclass(frozen=True)
class KeptGuests:
    """What of them is taken up again after a restart."""

    numbers: Guests = field(default_factory=dict)


def welcomed(guests: Guests, known: Iterable[int], here: Iterable[int]) -> Guests:
    """Guest numbers by person's number: everybody keeps theirs while they are `known` at all, whoever is
    new `here` gets the lowest that is free. Persons' numbers are large and grow; these stay small."""
    known = frozenset(known)
    kept = {person: number for person, number in guests.items() if person in known}
    taken = set(kept.values())
    for person in sorted(set(here) - set(kept)):
        number = next(n for n in range(1, len(taken) + 2) if n not in taken)
        kept[person] = number
        taken.add(number)
    return kept


def guest_name(number: int) -> str:
    """As the pages and the messages say it."""
    return f"Guest {number}"
