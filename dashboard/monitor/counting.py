"""How many people are in the water and on deck, gathered minute by minute for those who look back."""

from __future__ import annotations

from datetime import datetime

from dashboard.rules.judge import JudgeState, context_of
from dashboard.store import OccupancyRow

_EVERY_S = 0.5


def counted(state: JudgeState) -> tuple[int, int] | None:
    """How many are in the water and on deck by the judge's word; None while no camera sees anything. Whoever
    is under water is in the water."""
    context = context_of(state)
    if all(context.blind(camera) is not None for camera in context.ledger.cameras):
        return None
    here = context.here()
    in_water = sum(person.in_water for person in here)
    on_deck = sum(not person.in_water and context.seen_now(person) for person in here)
    return in_water, on_deck


class Counting:
    """Looks twice a second; `look` answers with a minute when it is over, `end` with what is left."""

    def __init__(self) -> None:
        self._row: OccupancyRow | None = None
        self._looked_at = float("-inf")

    def look(self, state: JudgeState, monotonic: float, utc: datetime) -> tuple[OccupancyRow, ...]:
        """The minute that has ended with this look, if one has."""
        if monotonic - self._looked_at < _EVERY_S:
            return ()
        self._looked_at = monotonic
        found, minute = counted(state), utc.replace(second=0, microsecond=0)
        water, deck = (None, None) if found is None else tuple((count, count) for count in found)
        row = OccupancyRow(minute, water, deck)
        before, self._row = self._row, row
        if before is None:
            return ()
        if before.minute == minute:
            self._row = row.with_other(before)
            return ()
        return (before,)

    def end(self) -> tuple[OccupancyRow, ...]:
        """The minute that has begun."""
        row, self._row = self._row, None
        return () if row is None else (row,)
