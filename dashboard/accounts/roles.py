"""What each role may. The one table: pages, routes, WebSockets and commands all ask here. What it does not
name is the owner's alone. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class Role(StrEnum):
    """From the most to the least."""

    OWNER = "owner"
    GUARDIAN = "guardian"
    VIEWER = "viewer"
    NOBODY = ""


class Right(StrEnum):
    """What can be allowed."""

    LOOK = "look"
    """The redacted view, who is here, alarms and their history, the timeline, recordings without faces."""
    ANSWER = "answer"
    """Acknowledge and resolve alarms, answer questions, test the alarm."""
    MODES = "modes"
    """Watch, Supervised, and with the PIN Pause."""
    LABEL = "label"
    """Say what a recording shows, keep it, write a note."""
    ZONES = "zones"
    """Look at the zones in their editor, without changing them."""
    OWN = "own"
    """Everything else: cameras, zones, people who are called, settings, PIN, members, audit, real picture."""


RIGHTS: Mapping[Role, frozenset[Right]] = {
    Role.OWNER: frozenset(Right),
    Role.GUARDIAN: frozenset({Right.LOOK, Right.ANSWER, Right.MODES, Right.LABEL, Right.ZONES}),
    Role.VIEWER: frozenset({Right.LOOK}),
    Role.NOBODY: frozenset(),
}

# Commands to the monitor.
COMMANDS: Mapping[str, Right] = {
    **dict.fromkeys(
        (
            *("cameras.list", "zones.list", "status", "health.get", "picture.watched"),
            *("events.list", "events.occurring", "alarms.list", "timeline.get", "contacts.outcome"),
            *("clips.list", "clips.one", "clips.night", "clips.disk", "clips.occurring"),
            *("clips.exported", "clips.watched"),
        ),
        Right.LOOK,
    ),
    **dict.fromkeys(
        (
            "alarm.acknowledge",
            "alarm.resolve",
            "alarm.drill",
            "prompt.answer",
            "selftest.run",
            "report.night",
            "report.send",
        ),
        Right.ANSWER,
    ),
    "mode.set": Right.MODES,
    **dict.fromkeys(("clips.label", "clips.keep", "clips.note"), Right.LABEL),
}

# Pages, by their file.
PAGES: Mapping[str, Right] = {
    **dict.fromkeys(
        ("live.py", "timeline.py", "alarms.py", "clips.py", "report.py", "health.py", "members.py"),
        Right.LOOK,
    ),
    "zones.py": Right.ZONES,
}

# Addresses of the server, by how they begin; the longest that fits counts. Method "" is any.
_PATHS: tuple[tuple[str, str, Right], ...] = (
    ("", "/_stcore/", Right.LOOK),
    ("", "/media/", Right.LOOK),
    ("", "/component/", Right.LOOK),
    ("", "/ws/", Right.LOOK),
    ("GET", "/", Right.LOOK),
    ("POST", "/account", Right.LOOK),
    ("POST", "/signout", Right.LOOK),
    ("GET", "/api/zones", Right.ZONES),
    ("POST", "/api/zones", Right.OWN),
    ("PUT", "/api/zones", Right.OWN),
)
_REAL = "/real"
_LABELLING = ("/label", "/keep", "/note")

REFUSED = {
    Right.LOOK: "Sign in first.",
    Right.ANSWER: "Only a guardian or the owner may do this.",
    Right.MODES: "Only a guardian or the owner may change the mode.",
    Right.LABEL: "Only a guardian or the owner may do this.",
    Right.ZONES: "Only a guardian or the owner may see this.",
    Right.OWN: "Only the owner may do this.",
}


@dataclass(frozen=True)
class Account:
    """Somebody who is signed in. `session` is the device's, "" where there is none."""

    id: str
    name: str
    role: Role
    email: str = ""
    session: str = ""

    def may(self, right: Right) -> bool:
        return right in RIGHTS[self.role]


NOBODY = Account("", "", Role.NOBODY)


def right_of_command(command: str) -> Right:
    return COMMANDS.get(command, Right.OWN)


def right_of_page(file: str) -> Right:
    return PAGES.get(file, Right.OWN)


def right_of_path(method: str, path: str) -> Right:
    """`method` as HTTP has it; a WebSocket asks with GET."""
    if path.endswith(_REAL):
        return Right.OWN
    if method == "POST" and path.startswith("/api/clips/") and path.endswith(_LABELLING):
        return Right.LABEL
    asked = "GET" if method == "HEAD" else method
    fitting = [row for row in _PATHS if row[0] in ("", asked) and path.startswith(row[1])]
    return max(fitting, key=lambda row: len(row[1]))[2] if fitting else Right.OWN
