"""Judgements of one recording side by side: which alarm is which, earlier, later or never. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import product

from dashboard.values import Event
from dashboard.whatif.judging import Judged

# The same alarm under another setting comes so much earlier or later at most; further apart it is another.
_SAME_S = 120.0
# Somebody else, or another place, is likelier another alarm, but numbers of people may differ by a setting.
_OTHER_PERSON_S, _OTHER_ZONE_S = 10.0, 30.0
# Frames are further apart than this.
LIKE_S = 0.05


@dataclass
class Row:
    """One alarm and what each variant made of it: its event, None where it did not come."""

    events: list[Event | None] = field(default_factory=list)

    @property
    def some(self) -> Event:
        """The first variant's that has it."""
        return next(event for event in self.events if event is not None)

    @property
    def first_t(self) -> float:
        """When it came first under any of them."""
        return min(event.t for event in self.events if event is not None)

    def shift_s(self, variant: int, base: int = 0) -> float | None:
        """How much later than under `base` it came, less than 0 for earlier; None when one has it not."""
        one, other = self.events[variant], self.events[base]
        return None if one is None or other is None else one.t - other.t


def rows(judgements: Sequence[Judged]) -> list[Row]:
    """The alarms of all of them, each one once, by time."""
    found: list[Row] = []
    for number, one in enumerate(judgements):
        for row in found:
            row.events.append(None)
        _place(found, number, one.alarms)
    return sorted(found, key=lambda row: row.first_t)


def _place(found: list[Row], number: int, alarms: Sequence[Event]) -> None:
    """Puts each alarm of one variant to the one that it is under the others, or in a row of its own."""
    there = list(found)
    pairs = [
        (cost, i, j)
        for (i, alarm), (j, row) in product(enumerate(alarms), enumerate(there))
        if (cost := _cost(alarm, row)) is not None
    ]
    placed: set[int] = set()
    for _, i, j in sorted(pairs):
        if i not in placed and there[j].events[number] is None:
            there[j].events[number] = alarms[i]
            placed.add(i)
    for i, alarm in enumerate(alarms):
        if i not in placed:
            found.append(Row([None] * number + [alarm]))


def _cost(alarm: Event, row: Row) -> float | None:
    """How unlike they are, in seconds; None when they cannot be one and the same."""
    other = row.some
    if (alarm.kind, alarm.level, alarm.camera) != (other.kind, other.level, other.camera):
        return None
    apart_s = abs(alarm.t - other.t)
    if apart_s > _SAME_S:
        return None
    person = _OTHER_PERSON_S if alarm.person != other.person else 0.0
    return apart_s + person + (_OTHER_ZONE_S if alarm.zone != other.zone else 0.0)
