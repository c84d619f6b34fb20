"""What the live page and the server say to each other, as pure functions.

The page pulls: it sends which cameras it shows and the last picture number it has of each; the server
answers with one text message per camera (followed by one binary JPEG where the picture changed) and
one `end` message. Nothing is sent that was not asked for, so a slow phone gets fewer pictures, never
old ones.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

MAX_PULL_BYTES = 16_384
MAX_CAMERAS = 128
MAX_ID_LENGTH = 64
VIEWS = ("redacted", "camera")


class ProtocolError(ValueError):
    """A message from the page that is not a pull; the text says what is wrong with it."""


@dataclass(frozen=True)
class Pull:
    """What one tab asks for: `cameras` maps camera id to the last picture number the tab has,
    `view` is `redacted` or `camera`, `roster` the revision of the camera list it knows."""

    cameras: Mapping[str, int]
    view: str = "redacted"
    roster: str = ""


@dataclass(frozen=True)
class RosterCamera:
    """A camera as the page needs it; no address. `zones`: {name, kind, polygon}, points 0 to 1."""

    id: str
    name: str
    kind: str
    enabled: bool
    zones: Sequence[Mapping[str, Any]] = ()

    def as_json(self) -> dict[str, Any]:
        return {
            "id": self.id,
            "name": self.name,
            "kind": self.kind,
            "enabled": self.enabled,
            "zones": list(self.zones),
        }


def parse_pull(text: str) -> Pull:
    """Reads a pull; ProtocolError for anything else."""
    if len(text) > MAX_PULL_BYTES:
        raise ProtocolError(f"a pull has at most {MAX_PULL_BYTES} characters, this has {len(text)}")
    try:
        message = json.loads(text)
    except (json.JSONDecodeError, RecursionError):
        raise ProtocolError("a pull is JSON") from None
    if not isinstance(message, dict):
        raise ProtocolError("a pull is a JSON object")
    view = message.get("view", "redacted")
    if view not in VIEWS:
        raise ProtocolError("view is redacted or camera")
    roster = message.get("roster", "")
    if not isinstance(roster, str):
        raise ProtocolError("roster is a string")
    return Pull(_cameras(message.get("cameras", {})), view, roster)


def _cameras(value: object) -> dict[str, int]:
    if not isinstance(value, dict) or len(value) > MAX_CAMERAS:
        raise ProtocolError(f"cameras is an object of at most {MAX_CAMERAS} entries")
    for camera, seq in value.items():
        if not camera or len(camera) > MAX_ID_LENGTH:
            raise ProtocolError(f"a camera id has 1 to {MAX_ID_LENGTH} characters")
        if type(seq) is not int:
            raise ProtocolError("a picture number is a whole number")
    return value


def camera_body(observation: Mapping[str, Any], stats: Mapping[str, Any]) -> str:
    """The part of a camera's message that is the same for every viewer: encoded once per picture."""
    return f'"observation":{_dumps(observation)},"stats":{_dumps(stats)}'


def camera_message(
    camera: str, seq: int, age_s: float, view: str, picture: bool, body: str, released: bool = False
) -> str:
    """One camera's message. `age_s` is how old the picture is at sending; `picture` says that a
    binary JPEG follows; `body` comes from `camera_body`; `released` that the real picture is shown
    because of an alarm."""
    head = _dumps(
        {
            "kind": "camera",
            "id": camera,
            "seq": seq,
            "age_s": round(max(0.0, age_s), 3),
            "view": view,
            "released": released,
            "picture": picture,
        }
    )
    return f"{head[:-1]},{body}}}"


def waiting_message(camera: str, state: str, reason: str) -> str:
    """For a camera of which there is no picture yet: its state and, where known, why."""
    return _dumps({"kind": "waiting", "id": camera, "state": state, "reason": reason})


def roster_message(
    revision: str,
    cameras: Iterable[RosterCamera],
    may_open: bool,
    opened: Mapping[str, Mapping[str, Any]],
) -> str:
    """The cameras in the owner's order with their zones; whether this viewer may open real pictures, and
    those that are open to them: camera -> {who, until_utc, left_s}, seconds from now."""
    rows = [camera.as_json() for camera in cameras]
    open_now = {camera: {**one, "left_s": round(one["left_s"], 1)} for camera, one in opened.items()}
    return _dumps(
        {"kind": "roster", "revision": revision, "cameras": rows, "may_open": may_open, "opened": open_now}
    )


def end_message(monitor: bool, sentence: str, detail: str, tone: str) -> str:
    """Closes an answer: whether the monitor answers, and the page's one sentence."""
    summary = {"sentence": sentence, "detail": detail, "tone": tone}
    return _dumps({"kind": "end", "monitor": monitor, "summary": summary})


def _dumps(value: object) -> str:
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
