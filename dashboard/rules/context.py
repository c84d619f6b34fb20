"""What every rule gets beside its own state: the time, the mode, the people, the places, the hooks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from dashboard.rules.body import Box
from dashboard.rules.modes import ModeState
from dashboard.rules.people import Ledger, Person, TrackKey
from dashboard.rules.world import World
from dashboard.settings import RuleSettings
from dashboard.values import Age, Change, Mode, PoseDanger

SEEN_NOW_S = 1.0


@dataclass(frozen=True)
class ObjectSeen:
    """A new or missing object as seeing tells it at every look: `key` stays while it is the same one,
    `since_t` is since when it rests or is missing, `first_t` when the change was first seen, `seen_t` when
    it was seen last; `known`: it was here before; `what`: a word for it."""

    key: str
    camera: str
    change: Change
    since_t: float
    xyxy: Box
    size_wh: tuple[int, int]
    first_t: float | None = None
    seen_t: float | None = None
    known: bool = False
    what: str = "thing"


class Wild(StrEnum):
    """What kind of animal: one of the house, a wild one, or nobody knows."""

    PET = "pet"
    WILDLIFE = "wildlife"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class AnimalSeen:
    """An animal as recognised elsewhere; `name` of a known pet."""

    camera: str
    label: str
    wild: Wild
    xyxy: Box
    name: str | None = None


@dataclass(frozen=True)
class Hooks:
    """What other parts find beside people: what is newly said of the poses of this observation's tracks,
    objects, animals. `animals` of None: nobody recognises animals, the detector's labels are all there is."""

    danger: Mapping[TrackKey, PoseDanger] = field(default_factory=dict)
    objects: tuple[ObjectSeen, ...] = ()
    animals: tuple[AnimalSeen, ...] | None = None


NO_HOOKS = Hooks()


@dataclass(frozen=True)
class Context:
    """The site at `t`, as far as it is known."""

    t: float
    mode: ModeState
    ledger: Ledger
    world: World
    hooks: Hooks = NO_HOOKS

    @property
    def settings(self) -> RuleSettings:
        return self.world.settings

    def watching(self) -> bool:
        """Whether the mode is watch."""
        return self.mode.mode is Mode.WATCH

    def supervised(self) -> bool:
        """Whether the mode is supervised."""
        return self.mode.mode is Mode.SUPERVISED

    def here(self) -> tuple[Person, ...]:
        """Everybody on a visit or in the water who is not known to have left, seen or not."""
        people = self.ledger.people.values()
        return tuple(p for p in people if p.inside or (p.in_water and p.left is None))

    def seen_now(self, person: Person) -> bool:
        """Whether somebody was seen within the last second."""
        return self.t - person.seen_t <= SEEN_NOW_S + 1e-9

    def age(self, person: Person) -> Age:
        """Adult, child or unknown by the evidence so far."""
        return person.age.age(self.settings)

    def is_adult(self, person: Person) -> bool:
        """Whether somebody is known to be an adult. Unknown is not."""
        return self.age(person) is Age.ADULT

    def responsible(self) -> tuple[Person, ...]:
        """The adults who watch: here, seen lately, with the lanyard where one is required."""
        fresh_s = self.settings.adult_fresh_s
        return tuple(
            p
            for p in self.here()
            if self.is_adult(p)
            and self.t - p.seen_t <= fresh_s
            and (p.lanyard or not self.settings.lanyard_required)
        )

    def blind(self, camera: str) -> float | None:
        """Since when a camera does not see (or says nothing at all), None while it does."""
        watch = self.ledger.cameras.get(camera)
        if watch is None:
            return None
        if watch.blind_since is not None:
            return watch.blind_since
        return watch.t if self.t - watch.t > self.settings.silent_s else None

    def unwatched_s(self, person: Person) -> float:
        """How long somebody was not seen though their camera watched."""
        watch = self.ledger.cameras[person.camera]
        return watch.watched_s - person.sight.watched_s

    def spot(self, person: Person) -> list[float]:
        """Where somebody was last seen, 0 to 1 of width and height."""
        width, height = self.ledger.cameras[person.camera].size_wh
        x, y = person.sight.body.head if person.in_water else person.sight.body.feet
        return [round(x / max(width, 1), 3), round(y / max(height, 1), 3)]
