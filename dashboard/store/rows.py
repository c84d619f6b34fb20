"""What is written and read beside cameras: judged events, alarms, and who did what. Times are UTC, aware."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from dashboard.values import Delivery, Event, Zone


@dataclass(frozen=True)
class EventRow:
    """An event and when it was; `event.t` itself is not kept. `id` is 0 until it is written."""

    at: datetime
    event: Event
    drill: bool = False
    id: int = 0


@dataclass(frozen=True)
class Acknowledged:
    """Who said "I see it", and when."""

    who: str
    at: datetime


@dataclass(frozen=True)
class AlarmRow:
    """An alarm as it stands; writing it again brings what was written up to date. `causes` in order."""

    id: int
    since: datetime
    level: str
    state: str
    subject: str
    title: str
    drill: bool = False
    causes: tuple[EventRow, ...] = ()
    acknowledged: tuple[Acknowledged, ...] = ()
    resolved_at: datetime | None = None
    resolved_by: str | None = None
    reason: str | None = None
    note: str = ""


@dataclass(frozen=True)
class AuditRow:
    """Who did what, when and from where. `id` is 0 until it is written."""

    at: datetime
    what: str
    who: str
    origin: str
    detail: Mapping[str, object] = field(default_factory=dict)
    id: int = 0


@dataclass(frozen=True)
class LookRow:
    """How an animal looked in a clip: a vector of unit length; `said` is what the owner says that it is, a
    label of clips, `label` the detector's word."""

    clip: str
    said: str
    label: str
    look: tuple[float, ...]


@dataclass(frozen=True)
class AuditFilter:
    """Which entries of the audit are asked for; empty means all. `since` (in it) and `until` (not in it)
    are aware; `who` is a whole name."""

    what: tuple[str, ...] = ()
    who: str = ""
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True)
class OccupancyRow:
    """How many people were in the water and on deck within a minute, at least and at most. None: nobody could
    see; a minute without a row is one in which the monitor did not run."""

    minute: datetime
    water: tuple[int, int] | None = None
    deck: tuple[int, int] | None = None

    def with_other(self, other: OccupancyRow) -> OccupancyRow:
        """Both in one row."""
        return OccupancyRow(self.minute, _widest(self.water, other.water), _widest(self.deck, other.deck))


def _widest(a: tuple[int, int] | None, b: tuple[int, int] | None) -> tuple[int, int] | None:
    if a is None or b is None:
        return a or b
    return min(a[0], b[0]), max(a[1], b[1])


@dataclass(frozen=True)
class ZonesRow:
    """One camera's zones with the revision of the last change."""

    camera: str
    revision: int
    zones: tuple[Zone, ...]


@dataclass(frozen=True)
class ClipEvent:
    """An event in a clip; `alarm` is the number of the alarm that it belongs to, where there is one."""

    row: EventRow
    alarm: int | None = None


@dataclass(frozen=True)
class ClipRow:
    """A recorded clip. `kind` and `level` are those of the most serious event in it, `people` names;
    `state` is `recording`, `ready` or `damaged`; `sealed`: a real picture lies encrypted beside the redacted
    one; `open`: only animals are in it, and it shows the real picture. `search` are small letters. `label`,
    `note` and `kept` are people's: writing the row again leaves them as they are."""

    id: str
    camera: str
    began: datetime
    ended: datetime
    kind: str
    level: str
    people: tuple[str, ...] = ()
    events: tuple[ClipEvent, ...] = ()
    drill: bool = False
    label: str | None = None
    note: str = ""
    kept: bool = False
    state: str = "recording"
    bytes: int = 0
    width: int = 0
    height: int = 0
    sealed: bool = False
    open: bool = False
    search: str = ""


@dataclass(frozen=True)
class ClipFilter:
    """Which clips are asked for; empty means all. `since` (in it) and `until` (not in it) are aware and about
    the beginning; `person` is a whole name; `text` is looked for in `search` and the note."""

    kinds: tuple[str, ...] = ()
    levels: tuple[str, ...] = ()
    camera: str = ""
    person: str = ""
    labels: tuple[str, ...] = ()
    since: datetime | None = None
    until: datetime | None = None
    text: str = ""
    kept: bool | None = None


@dataclass(frozen=True)
class ClipMark:
    """A place in the order of clips: what begins later comes first."""

    began: datetime
    id: str


@dataclass(frozen=True)
class Record:
    """What belongs together and is written whole or not at all. `answered` are alarms whose waiting
    messages of the kind `alarm` are not needed any more. `memory` by key, as JSON text."""

    events: tuple[EventRow, ...] = ()
    alarms: tuple[AlarmRow, ...] = ()
    deliveries: tuple[Delivery, ...] = ()
    answered: tuple[int, ...] = ()
    audit: tuple[AuditRow, ...] = ()
    memory: Mapping[str, str] = field(default_factory=dict)
    minutes: tuple[OccupancyRow, ...] = ()
    clips: tuple[ClipRow, ...] = ()

    def __bool__(self) -> bool:
        parts = (self.events, self.alarms, self.deliveries, self.answered, self.audit, self.memory)
        return any(bool(part) for part in (*parts, self.minutes, self.clips))


@dataclass(frozen=True)
class OutboxRow:
    """How far the outbox is: messages that wait, and those that were given up, the newest first."""

    waiting: int = 0
    retrying: tuple[Delivery, ...] = ()
    failed: tuple[Delivery, ...] = ()
