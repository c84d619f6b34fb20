"""What an alarm asks others to do. The book gives orders; delivering them is for `notify` and the pages."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias


class Message(StrEnum):
    """What a message to a contact says."""

    ALARM = "alarm"
    ACKNOWLEDGED = "acknowledged"
    ALL_CLEAR = "all_clear"


@dataclass(frozen=True)
class ShowAlarm:
    """Every open page shows the alarm (again, when it changed)."""

    alarm: int


@dataclass(frozen=True)
class HideAlarm:
    """The pages take it down."""

    alarm: int


@dataclass(frozen=True)
class Siren:
    """Sound the siren, or stop it when no emergency is left unacknowledged."""

    on: bool


@dataclass(frozen=True)
class ReleasePicture:
    """The real picture of this camera is released to signed-in pages because of this alarm."""

    alarm: int
    camera: str


@dataclass(frozen=True)
class HidePicture:
    """The alarm is over: its cameras' real picture is private again."""

    alarm: int


@dataclass(frozen=True)
class Notify:
    """Send a message to the contact in place `contact` of the list. `round` counts the repeats from 0.
    The three together with the alarm name one delivery: sending it again is a repeat of the same."""

    alarm: int
    contact: int
    message: Message
    round: int
    drill: bool = False


Order: TypeAlias = ShowAlarm | HideAlarm | Siren | ReleasePicture | HidePicture | Notify
