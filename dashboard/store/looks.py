"""How animals looked of which the owner has said what they are: a short row of numbers each, no picture."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import delete, insert, select

from dashboard.store.base import Base, naive, text
from dashboard.store.rows import LookRow
from dashboard.store.schema import animal_looks

MOST = 2000


class Looked(Base):
    """See the module's line. The clip of a look may be gone long since."""

    def looks(self) -> tuple[LookRow, ...]:
        """The newest `MOST`, the newest first."""
        query = select(animal_looks).order_by(animal_looks.c.at.desc(), animal_looks.c.id.desc()).limit(MOST)
        with self._reading() as connection:
            rows = connection.execute(query)
            return tuple(LookRow(r.clip, r.said, r.label, tuple(json.loads(r.look))) for r in rows)

    def remember_looks(self, clip: str, rows: Sequence[LookRow], at: datetime) -> None:
        """What was seen in a clip, instead of what was kept of it before: no rows forget it."""
        with self._writing() as connection:
            connection.execute(delete(animal_looks).where(animal_looks.c.clip == clip))
            for row in rows:
                values = {"clip": text(clip, 32), "said": row.said, "label": text(row.label, 20)}
                look = json.dumps([round(float(part), 4) for part in row.look])
                connection.execute(insert(animal_looks).values({**values, "look": look, "at": naive(at)}))
