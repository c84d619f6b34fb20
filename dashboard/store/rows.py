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
class AuditFilter:
    """Which entries of the audit are asked for; empty means all. `since` (in it) and `until` (not in it)
    are aware; `who` is a whole name."""

    what: tuple[str, ...] = ()
    who: str = ""
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True)
class ZonesRow:
    """One camera's zones with the revision of the last change."""

    camera: str
    revision: int
    zones: tuple[Zone, ...]


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

    def __bool__(self) -> bool:
        parts = (self.events, self.alarms, self.deliveries, self.answered, self.audit, self.memory)
        return any(bool(part) for part in parts)


@dataclass(frozen=True)
class OutboxRow:
    """How far the outbox is: messages that wait, and those that were given up, the newest first."""

    waiting: int = 0
    retrying: tuple[Delivery, ...] = ()
    failed: tuple[Delivery, ...] = ()
