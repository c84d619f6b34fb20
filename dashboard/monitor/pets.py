"""Pets told from wildlife, by what the owner has said of clips: how the animals in them looked is remembered,
and the next visit is compared with that. Only the short vectors that a camera's worker makes come here; no
picture does."""

from __future__ import annotations

import gzip
import json
import logging
import zlib
from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from dashboard.monitor.codec import things_from_json
from dashboard.record.folder import TRACK, clip_day, clip_path
from dashboard.rules.acquaintance import NOBODY, Acquaintance, acquaintance
from dashboard.rules.context import AnimalSeen, Hooks, Wild
from dashboard.store import ClipRow, LookRow, Store
from dashboard.track.visits import Visit, Visits
from dashboard.values import ANIMALS, Label, Observation

_ANIMALS = ANIMALS | {Label.ANIMAL}
SAID = {"pet": Wild.PET, "wildlife": Wild.WILDLIFE}
# So many looks, or so long, before anything is said of an animal: the first ones are of half of it.
ENOUGH, PATIENCE_S = 3, 2.0
# Of a clip those animals are remembered that were seen longest.
_MOST_VISITS = 3
_LONGEST_LINE = 1 << 20
# What the detector calls so is wild where nobody has said anything.
_WILD = frozenset((Label.BIRD.value, Label.BEAR.value))
_LOG = logging.getLogger(__name__)


class Pets:
    """`hooks` is for the judge's thread; `begin`, `learn` and `forget` touch the disk: not there."""

    def __init__(self, data: Path, store: Store) -> None:
        self._data = data
        self._store = store
        self._visits: dict[str, Visits] = {}
        self._known: Acquaintance = NOBODY

    def begin(self) -> None:
        """Takes up what is remembered. StoreError."""
        rows = self._store.looks()
        self._known = acquaintance([(row.look, SAID[row.said]) for row in rows if row.said in SAID])

    def hooks(self, observation: Observation) -> Hooks:
        """Who the animals of an observation are; one whose look is not known well enough yet is not named."""
        animals = [one for one in observation.things if one.label in _ANIMALS]
        visits = self._visits.setdefault(observation.camera, Visits())
        seen = visits.step(observation.t, animals)
        visits.ended()
        return Hooks(animals=tuple(self._named(observation.camera, one) for one in seen if _enough(one)))

    def learn(self, row: ClipRow, label: str | None, at: datetime) -> int:
        """What somebody says of a clip: how many animals are known by it from now on, or 0 where it is none
        or its track tells nothing of one. Another label, or none, forgets. StoreError."""
        if label not in SAID:
            self._store.remember_looks(row.id, (), at)
            self.begin()
            return 0
        visits = sorted(self._seen_in(row), key=lambda visit: -visit.looked)[:_MOST_VISITS]
        looks = [(visit.label, visit.look) for visit in visits]
        rows = [
            LookRow(row.id, label, word, tuple(map(float, look))) for word, look in looks if look is not None
        ]
        self._store.remember_looks(row.id, rows, at)
        self.begin()
        return len(rows)

    def _named(self, camera: str, visit: Visit) -> AnimalSeen:
        wild = Wild.UNKNOWN if visit.look is None else self._known.told(visit.look)
        if wild is Wild.UNKNOWN and visit.label in _WILD:
            wild = Wild.WILDLIFE
        return AnimalSeen(camera, visit.label, wild, visit.xyxy)

    def _seen_in(self, row: ClipRow) -> tuple[Visit, ...]:
        visits = Visits()
        path = clip_path(clip_day(self._data, row.began), row.id, TRACK)
        for line in _lines(path):
            animals = [one for one in things_from_json(line["things"]) if one.label in _ANIMALS]
            visits.step(float(line["t"]), animals)
        return tuple(visit for visit in visits.all() if visit.looked >= ENOUGH)


def _enough(visit: Visit) -> bool:
    """One that is too small to have a look is told as a stranger after a while."""
    return visit.looked >= ENOUGH or visit.t - visit.since >= PATIENCE_S


def _plain(visit: Visit) -> tuple[float, ...]:
    return () if visit.look is None else tuple(float(part) for part in visit.look)


def _lines(path: Path) -> Iterator[Mapping[str, Any]]:
    """The frames of a track, as far as they can be read."""
    try:
        with gzip.open(path, "rb") as file:
            file.readline(_LONGEST_LINE)  # what was so while it was recorded
            while line := file.readline(_LONGEST_LINE):
                yield json.loads(line)
    except (OSError, EOFError, ValueError, KeyError, TypeError, zlib.error) as error:
        _LOG.info("a clip's track tells nothing more of its animals: %r", error)
