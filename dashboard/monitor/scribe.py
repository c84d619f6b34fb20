"""What of alarms is written down: rows of the archive and messages to contacts. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Protocol

from dashboard.alarm.machine import Alarm
from dashboard.alarm.orders import Message, Notify, ReleasePicture
from dashboard.monitor.wording import place_of, title
from dashboard.rules.templates import Template
from dashboard.store import Acknowledged, AlarmRow, AuditRow, EventRow
from dashboard.values import Contact, Delivery, Observation


class Words(Protocol):
    """Title and text of a message."""

    def __call__(
        self,
        kind: str,
        *,
        title: str,
        place: str,
        camera: str,
        since: str,
        who: str,
        drill: bool,
        round: int,
        link: str,
    ) -> tuple[str, str]: ...


@dataclass(frozen=True)
class Scribe:
    """`utc` turns the judge's time into the wall clock's; `cameras` are names by id; `link` leads to the
    pages; `templates` are the kinds of places by name."""

    words: Words
    utc: Callable[[float], datetime]
    now: datetime
    cameras: Mapping[str, str]
    link: str = ""
    templates: Mapping[str, Template] = field(default_factory=dict)

    def deliveries(
        self, orders: Sequence[object], alarms: Mapping[int, Alarm], contacts: Sequence[Contact]
    ) -> tuple[Delivery, ...]:
        """A message to each address of each contact that the orders name."""
        notes = [order for order in orders if isinstance(order, Notify) and order.contact < len(contacts)]
        return tuple(
            delivery
            for order in notes
            for delivery in self._messages(order, alarms[order.alarm], contacts[order.contact])
        )

    def release_rows(self, orders: Sequence[object], before: frozenset[str]) -> tuple[AuditRow, ...]:
        """There is an order for each cause that joins an alarm, but a row only for a camera that was sealed
        `before`."""
        opened = {
            order.camera: order.alarm
            for order in orders
            if isinstance(order, ReleasePicture) and order.camera and order.camera not in before
        }
        return tuple(
            AuditRow(self.now, "picture_released", "timer", "alarm", {"alarm": alarm, "camera": camera})
            for camera, alarm in opened.items()
        )

    def test_messages(self, contact: Contact, who: str, mark: str) -> list[Delivery]:
        """A message to each address of a contact that says that it is a test."""
        head, text = self.words(
            "test",
            title="This is a test message",
            place="",
            camera="",
            since=_clock_time(self.now),
            who=who,
            drill=True,
            round=0,
            link=self.link,
        )
        return [
            Delivery(f"test-{mark}-{i}", None, contact.id, i, "test", head, text, True, self.now, self.now)
            for i in range(len(contact.urls))
        ]

    def alarm_row(self, alarm: Alarm, t: float) -> AlarmRow:
        """The alarm as the archive keeps it, at judge time `t`."""
        seen = (alarm.acknowledged_by, *alarm.also_seen_by) if alarm.acknowledged_by else alarm.also_seen_by
        at = self.utc(alarm.acknowledged_t if alarm.acknowledged_t is not None else t)
        return AlarmRow(
            id=alarm.id,
            since=self.utc(alarm.since_t),
            level=alarm.level.value,
            state=alarm.state.value,
            subject=alarm.subject,
            title=title(alarm, self.cameras, self.templates),
            drill=alarm.drill,
            causes=tuple(EventRow(self.utc(cause.t), cause) for cause in alarm.causes),
            acknowledged=tuple(Acknowledged(who, at) for who in seen if who),
            resolved_at=self.utc(alarm.resolved_t) if alarm.resolved_t is not None else None,
            resolved_by=alarm.resolved_by,
            reason=None if alarm.reason is None else alarm.reason.value,
            note=alarm.note,
        )

    def _messages(self, order: Notify, alarm: Alarm, contact: Contact) -> list[Delivery]:
        who = alarm.resolved_by if order.message is Message.ALL_CLEAR else alarm.acknowledged_by
        camera = alarm.causes[0].camera
        head, text = self.words(
            order.message.value,
            title=title(alarm, self.cameras, self.templates),
            place=place_of(alarm.causes[0], self.cameras),
            camera=self.cameras.get(camera, camera),
            since=_clock_time(self.utc(alarm.since_t)),
            who=who or "",
            drill=alarm.drill,
            round=order.round,
            link=self.link,
        )
        name = f"{alarm.id}-{order.message.value}-{order.round}-{contact.id}"
        return [
            Delivery(
                id=f"{name}-{index}",
                alarm_id=alarm.id,
                contact_id=contact.id,
                address_index=index,
                kind=order.message.value,
                title=head,
                text=text,
                drill=alarm.drill,
                due_utc=self.now,
                created_utc=self.now,
            )
            for index in range(len(contact.urls))
        ]


def _clock_time(at: datetime) -> str:
    return at.astimezone().strftime("%H:%M:%S")


def shifted(observation: Observation, by_s: float) -> Observation:
    """The observation in the judge's time."""
    if by_s == 0.0:
        return observation
    people = observation.people
    moved = None
    if people is not None:
        moved = tuple(
            replace(
                track,
                first_t=track.first_t + by_s,
                seen_t=track.seen_t + by_s,
                pose_t=None if track.pose_t is None else track.pose_t + by_s,
            )
            for track in people
        )
    fault = observation.fault
    if fault is not None:
        fault = replace(fault, since_t=fault.since_t + by_s)
    return replace(observation, t=observation.t + by_s, people=moved, fault=fault)
