"""Camera addresses as people type them: checked before they are kept, and edited without retyping what
is hidden from them."""

from __future__ import annotations

from pathlib import Path

from dashboard.source import SourceError, redact
from dashboard.source.address import HIDDEN, network_address
from dashboard.source.file import readable_file
from dashboard.source.usb import device_path
from dashboard.values import SourceKind

LONGEST_ADDRESS = 2000
VIEWS = ("overview", "entrance")
_STORIES = Path(__file__).resolve().parents[2] / "assets" / "stories"


class AddressError(ValueError):
    """Why an address is not taken, in a plain sentence without credentials."""


def checked_address(kind: SourceKind, address: str, stories: Path = _STORIES) -> str:
    """The address as it is kept: a file's is made absolute, so that it means the same to every process.
    Looks at the disk. AddressError with the exact reason."""
    if len(address) > LONGEST_ADDRESS:
        raise AddressError(f"The address is longer than {LONGEST_ADDRESS} characters.")
    try:
        match kind:
            case SourceKind.RTSP:
                network_address(address)
            case SourceKind.USB:
                device_path(address)
            case SourceKind.FILE:
                return str(readable_file(address))
            case SourceKind.BROWSER:
                _check_empty(address)
            case SourceKind.SIMULATED:
                _check_story(address, stories)
    except SourceError as error:
        raise AddressError(sentence(error.reason)) from None
    return address


def with_kept_secret(typed: str, kept: str) -> str:
    """The address that was meant by `typed`, which may still hide the kept one's user and password.

    They are put back only where the address leads to the same host and port as before, so that an edit
    cannot send them elsewhere."""
    if typed == redact(kept):
        return kept
    if HIDDEN not in typed:
        return typed
    again = "The user and password are hidden here: type them again, because the address is another one."
    scheme, _, rest = typed.partition("://")
    if not rest.startswith(HIDDEN + "@") or HIDDEN in rest.removeprefix(HIDDEN + "@"):
        raise AddressError(again)
    userinfo = kept.partition("://")[2].partition("/")[0].rpartition("@")[0]
    meant = f"{scheme}://{userinfo}@{rest.removeprefix(HIDDEN + '@')}"
    try:
        old, new = network_address(kept), network_address(meant)
    except SourceError:
        raise AddressError(again) from None
    if (old.scheme, old.host.lower(), old.port) != (new.scheme, new.host.lower(), new.port):
        raise AddressError(again)
    return meant


def known_stories(folder: Path) -> list[str]:
    """The names of the simulated stories that there are."""
    return sorted(path.stem for path in folder.glob("*.yaml"))


def sentence(reason: str) -> str:
    """A reason as a sentence of its own."""
    return reason[:1].upper() + reason[1:] + ("" if reason.endswith((".", "!", "?")) else ".")


def _check_empty(address: str) -> None:
    if address:
        raise AddressError("The camera of a browser has no address.")


def _check_story(address: str, folder: Path) -> None:
    story, _, view = address.partition(":")
    stories = known_stories(folder)
    if story not in stories:
        there = ", ".join(stories) or "none"
        raise AddressError(f"There is no simulated story named {story!r}. There are: {there}.")
    if view not in VIEWS:
        raise AddressError(
            f"A simulated camera is named story:view, and the views are {' and '.join(VIEWS)}."
        )
