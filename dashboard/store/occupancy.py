"""How many people were in the water and on deck: one row a minute in which the monitor ran."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, func, insert, select, update

from dashboard.store.base import Base, aware, naive
from dashboard.store.rows import OccupancyRow
from dashboard.store.schema import occupancy


class Occupied(Base):
    """See the module's line. Rows are written with everything else, by `record`."""

    def occupancy(self, since: datetime, until: datetime) -> tuple[OccupancyRow, ...]:
        """The minutes from `since` (in it) to `until` (not in it), in their order."""
        within = (occupancy.c.minute >= naive(since), occupancy.c.minute < naive(until))
        query = select(occupancy).where(*within).order_by(occupancy.c.minute)
        with self._reading() as connection:
            return tuple(_read(row) for row in connection.execute(query))

    def occupancy_began(self) -> datetime | None:
        """The first minute that is kept, None without any."""
        with self._reading() as connection:
            first = connection.execute(select(func.min(occupancy.c.minute))).scalar()
        return None if first is None else aware(first)


def put_minutes(connection: Connection, rows: Iterable[OccupancyRow]) -> None:
    """Writes minutes; one that is there (the monitor was started anew within it) takes in the other."""
    for row in rows:
        known = connection.execute(select(occupancy).where(occupancy.c.minute == naive(row.minute))).first()
        if known is None:
            connection.execute(insert(occupancy).values(_values(row)))
        else:
            both = _values(row.with_other(_read(known)))
            connection.execute(update(occupancy).where(occupancy.c.minute == naive(row.minute)).values(both))


def _values(row: OccupancyRow) -> dict[str, Any]:
    water, deck = row.water or (None, None), row.deck or (None, None)
    counts = {"water_min": water[0], "water_max": water[1], "deck_min": deck[0], "deck_max": deck[1]}
    return {"minute": naive(row.minute), **counts}


def _read(row: Row[Any]) -> OccupancyRow:
    water = None if row.water_max is None else (row.water_min, row.water_max)
    deck = None if row.deck_max is None else (row.deck_min, row.deck_max)
    return OccupancyRow(aware(row.minute), water, deck)
