"""The camera form's logic, without the form: what each kind is called, which address it takes, and what
is wrong with an entry. Messages never repeat an address, which may hold a password."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field, replace
from urllib.parse import urlsplit

from dashboard.backends import DEFAULT
from dashboard.values import SourceKind
from dashboard.web.text import one_line

NAME_LIMIT = 60
ADDRESS_LIMIT = 2000


@dataclass(frozen=True)
class KindWords:
    """How the form speaks of one kind of camera; `placeholder` is an example address."""

    label: str
    address: str
    help: str
    placeholder: str = ""


KINDS: dict[SourceKind, KindWords] = {
    SourceKind.RTSP: KindWords(
        "Network camera (RTSP)",
        "Address",
        "Look for RTSP in the camera's app or manual. User and password go before the @. "
        "They are stored on this machine and not shown again.",
        "rtsp://user:password@192.168.1.20:554/stream1",
    ),
    SourceKind.USB: KindWords(
        "USB camera on this machine",
        "Device",
        "The number of the camera, 0 for the first, or its path such as /dev/video0.",
        "0",
    ),
    SourceKind.FILE: KindWords(
        "Video file on this machine",
        "Path",
        "The whole path of the file on the machine that runs Poolwatch.",
        "/home/me/pool.mp4",
    ),
    SourceKind.BROWSER: KindWords(
        "Phone or laptop (its browser)",
        "",
        "No address is needed: open “This device” on the phone or laptop and press Start.",
    ),
    SourceKind.SIMULATED: KindWords(
        "Simulated pool",
        "Scene",
        "A pool drawn by Poolwatch itself, to try everything without a camera.",
        "garden_pool:overview",
    ),
}


@dataclass(frozen=True)
class CameraEntry:
    """What was typed. `keeps_address` is true when a camera is edited and its address, shown without
    user and password, was left as it is: the stored address stays."""

    name: str
    kind: SourceKind
    address: str = ""
    loop: bool = True
    max_fps: float | None = None
    keeps_address: bool = False
    backend: str = DEFAULT


@dataclass(frozen=True)
class CheckedEntry:
    """The entry, cleaned, and what is wrong with it by field; no errors means it may be sent."""

    entry: CameraEntry
    errors: dict[str, str] = field(default_factory=dict)


def check(entry: CameraEntry, taken_names: Collection[str]) -> CheckedEntry:
    """Cleans an entry and finds its errors; `taken_names` are the other cameras' names."""
    name = one_line(entry.name, limit=10_000)
    address = entry.address.strip()
    errors = {
        key: problem
        for key, problem in (
            ("name", _name_problem(name, taken_names)),
            ("address", "" if entry.keeps_address else address_problem(entry.kind, address)),
            ("max_fps", _fps_problem(entry.max_fps)),
        )
        if problem
    }
    cleaned = replace(entry, name=name, address=address)
    return CheckedEntry(cleaned, errors)


def _name_problem(name: str, taken: Collection[str]) -> str:
    if not name:
        return "Give the camera a name, such as Pool or Entrance."
    if len(name) > NAME_LIMIT:
        return f"The name has {len(name)} characters; at most {NAME_LIMIT} fit."
    if name.casefold() in {other.casefold() for other in taken}:
        return "Another camera has this name already."
    return ""


def _fps_problem(max_fps: float | None) -> str:
    return "" if max_fps is None or 0.5 <= max_fps <= 60 else "Frames a second: 0.5 to 60, or empty for all."


def address_problem(kind: SourceKind, address: str) -> str:
    """What is wrong with an address of this kind, "" when nothing is."""
    if kind is SourceKind.BROWSER:
        return ""
    if not address:
        return f"The {KINDS[kind].address.lower()} is missing."
    if len(address) > ADDRESS_LIMIT:
        return f"This has {len(address)} characters; at most {ADDRESS_LIMIT} fit."
    if any(ord(c) < 32 or ord(c) == 127 for c in address):
        return "There is a line break or another control character in it."
    return {
        SourceKind.RTSP: _rtsp_problem,
        SourceKind.USB: _usb_problem,
        SourceKind.FILE: _file_problem,
        SourceKind.SIMULATED: _scene_problem,
    }[kind](address)


_ESCAPES = "This cannot be read. In a password, write @ / : # as %40 %2F %3A %23."


def _rtsp_problem(address: str) -> str:
    try:
        parts = urlsplit(address)
        port_fits = parts.port is None or parts.port > 0
    except ValueError:
        return _ESCAPES
    if "@" in parts.path:
        return _ESCAPES
    if parts.scheme not in ("rtsp", "rtsps"):
        return "An RTSP address starts with rtsp:// or rtsps://."
    if not parts.hostname or not port_fits or " " in address:
        return "The host is missing: rtsp://HOST/path or rtsp://USER:PASSWORD@HOST/path, without blanks."
    return ""


def _usb_problem(address: str) -> str:
    if address.isascii() and address.isdigit() and len(address) <= 3:
        return ""
    return "" if address.startswith("/dev/") else "A number such as 0, or a path that starts with /dev/."


def _file_problem(address: str) -> str:
    if "://" in address:
        return "This is a web address; a file's path starts with /."
    return ""


def _scene_problem(address: str) -> str:
    story, colon, view = address.partition(":")
    return "" if story and colon and view else "A scene is written story:view, such as garden_pool:overview."
