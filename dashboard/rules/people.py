"""The people of a site as the judge remembers them. What moves them is in `ledger.py` and `settling.py`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TypeAlias

from dashboard.rules.age import NO_EVIDENCE, AgeEvidence
from dashboard.rules.body import Body
from dashboard.rules.zones import Presence, Where
from dashboard.values import Age, FaultKind, Zone

# Numbers of people whose track's own number is another's already.
SPARE_IDS = 900_000_001

TrackKey: TypeAlias = tuple[str, int]


@dataclass(frozen=True, eq=False)
class Sight:
    """One finding of one person: by which camera and track, when, and where they were.
    `velocity` is pixels a second; `watched_s` is how long the camera had watched by then; `clear` is how
    clearly they stood out; `faint`: nobody was recognised, but something as clear as they were was still
    where they can be; `face`: how like a head their head is (`Track.face`)."""

    camera: str
    track: int
    t: float
    watched_s: float
    velocity: tuple[float, float]
    body: Body
    presence: Presence
    going_in: bool = False
    clear: float | None = None
    faint: bool = False
    face: float | None = None


@dataclass(frozen=True)
class Usual:
    """How clearly somebody stands out with their head over the water, and for how long that was seen."""

    clear: float
    known_s: float


@dataclass(frozen=True)
class Turn:
    """Somebody seems to be elsewhere than known: where, since when, in how many sightings."""

    where: Where
    since: float
    count: int


@dataclass(frozen=True)
class Return:
    """Somebody who had not been seen may be there again: since when, how often seen."""

    since: float
    count: int
    sight: Sight


@dataclass(frozen=True)
class Twin:
    """Somebody who may be the same person as one who came into being beside them: until `t` both were seen
    side by side for `apart_s`."""

    person: int
    apart_s: float
    t: float


class How(StrEnum):
    """How somebody left."""

    OUTSIDE = "seen outside"
    PORTAL = "portal"
    BORDER = "edge of the picture"
    EDGE = "edge of the boundary"
    UNSEEN = "not found again"


@dataclass(frozen=True)
class Leaving:
    """When somebody was last here, how they left, and through which portal."""

    t: float
    how: How
    portal: Zone | None = None


@dataclass(frozen=True, eq=False)
class Person:
    """One person. `sight` is the last sighting that counts; `seen_s` the time for which they were seen;
    `where` is known over several sightings, `turn` a change of it that is not known yet. `inside_t` is
    when this visit to the boundary began (None: not inside), `left` the end of the last visit.
    `apart` is the last sighting that was not also somebody else's, while two people's tracks are on one
    body: one of the two is really elsewhere. `firm` is the last sighting that was not faint, while `sight`
    is. `twins` are those whose second track this may have been, as long as nobody saw them apart.
    `name` is a known identity's."""

    id: int
    first_t: float
    sight: Sight
    where: Where
    seen_s: float = 0.0
    turn: Turn | None = None
    returning: Return | None = None
    inside_t: float | None = None
    left: Leaving | None = None
    age: AgeEvidence = NO_EVIDENCE
    name: str | None = None
    lanyard: bool = False
    limit_s: float | None = None
    wet_view: tuple[str, float] | None = None
    apart: Sight | None = None
    usual: Usual | None = None
    firm: Sight | None = None
    twins: tuple[Twin, ...] = ()

    @property
    def seen_t(self) -> float:
        return self.sight.t

    @property
    def camera(self) -> str:
        return self.sight.camera

    @property
    def place(self) -> str | None:
        """The zone in which they were last seen."""
        return self.sight.presence.zone

    @property
    def in_water(self) -> bool:
        """In doubt, yes: known to be, seen there last, or going in when last seen."""
        wet = self.where is Where.WATER or self.sight.presence.where is Where.WATER
        return wet or self.sight.going_in

    @property
    def inside(self) -> bool:
        """On a visit: seen to come in and not known to have left."""
        return self.inside_t is not None and self.left is None


@dataclass(frozen=True)
class Beside:
    """A head beside others': since when and until when both were seen, how often, and the lesser of the two's
    likeness to a head (log odds), averaged over the last ones."""

    since: float
    t: float
    count: int
    like: float


@dataclass(frozen=True, eq=False)
class Candidate:
    """A track that is nobody yet. `count` sightings since `first_t` that were not another's double;
    `turn` the ones of them since when it is where it is; `beside`: its head beside others' in the water."""

    first_t: float
    count: int
    first: Sight
    last: Sight
    turn: Turn
    age: AgeEvidence = NO_EVIDENCE
    beside: Beside | None = None


@dataclass(frozen=True)
class CameraWatch:
    """How far one camera has watched: `t` of its newest observation, `watched_s` seconds of sight in all,
    `blind_since` while it does not see (well), with `reason`; the `fault` of its view where it is that."""

    t: float
    watched_s: float = 0.0
    size_wh: tuple[int, int] = (0, 0)
    blind_since: float | None = None
    reason: str = ""
    fault: FaultKind | None = None


@dataclass(frozen=True)
class Ledger:
    """Everybody known, by person's number; the tracks that are theirs; tracks that are nobody yet. A
    person's number is never given twice: `numbers` are the lately given track numbers of each camera, from
    `spare_id` on come those of people whose track's number was given before."""

    people: Mapping[int, Person] = field(default_factory=dict)
    tracks: Mapping[TrackKey, int] = field(default_factory=dict)
    candidates: Mapping[TrackKey, Candidate] = field(default_factory=dict)
    cameras: Mapping[str, CameraWatch] = field(default_factory=dict)
    numbers: Mapping[str, frozenset[int]] = field(default_factory=dict)
    spare_id: int = SPARE_IDS


@dataclass(frozen=True)
class Identity:
    """What is known of a track from elsewhere (faces, tags, hand-over between cameras). `person` is the
    number of the person that another camera's track has, where a hand-over says so."""

    name: str | None = None
    age: Age | None = None
    limit_s: float | None = None
    lanyard: bool | None = None
    same_as: TrackKey | None = None
