"""Addresses of cameras: what may be opened, and how one is shown without its secrets."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from urllib.parse import quote, unquote

from dashboard.source.base import SourceError

SCHEMES = {"rtsp": 554, "rtsps": 322, "http": 80, "https": 443}
LONGEST_ADDRESS = 2048
LONGEST_SHOWN = 200
HIDDEN = "***"

_HOST = re.compile(r"\[[0-9A-Fa-f:.]+(%25[\w.-]+)?\]|[A-Za-z0-9_]([A-Za-z0-9_.-]*[A-Za-z0-9_])?\.?")
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]{0,15}")
_NOT_IN_PATH = re.compile(r"[^A-Za-z0-9\-._~:/?#\[\]@!$&'()*+,;=%]")
_SECRET_KEY = re.compile(
    r"(?i)(user|usr|usn|login|account|passw?|passwd|password|pwd|psw|pw|token|key|secret|auth|sig|session|sid)"
    r"[a-z]*[=:]"
)
# Query keys that say which picture is wanted, not who asks.
_OPEN_KEYS = {"channel", "subtype", "stream", "profile", "resolution", "fps", "camera", "unicast", "proto"}
_OPEN_VALUE = re.compile(r"[A-Za-z0-9_.]{1,12}")


@dataclass(frozen=True)
class NetworkAddress:
    """A network camera's address, taken apart. `url` holds the credentials and is for FFmpeg alone."""

    url: str = field(repr=False)
    scheme: str
    host: str
    port: int

    @property
    def has_credentials(self) -> bool:
        """Whether a user name was given."""
        return "@" in self.url.partition("://")[2].partition("/")[0]

    @property
    def place(self) -> str:
        """Host and port for people."""
        return f"{self.host} port {self.port}"


def network_address(address: str) -> NetworkAddress:
    """The address checked, with odd characters of the user name and password percent-encoded.

    SourceError, without a secret in it, for any other scheme and for anything malformed.
    """
    if len(address) > LONGEST_ADDRESS:
        raise SourceError(f"the address is longer than {LONGEST_ADDRESS} characters", hopeless=True)
    if any(c.isspace() or not c.isprintable() for c in address):
        raise SourceError("the address holds a space or an invisible character", hopeless=True)
    scheme, separator, rest = address.partition("://")
    if not separator or scheme.lower() not in SCHEMES:
        raise SourceError(
            "a camera's address starts with rtsp://, rtsps://, http:// or https://", hopeless=True
        )
    authority, tail = _cut(rest, "/?#")
    userinfo, at, place = authority.rpartition("@")
    host, port = _host_and_port(place, SCHEMES[scheme.lower()], "@" in tail)
    found = _NOT_IN_PATH.search(tail)
    if found:
        raise SourceError(f"the address holds {found[0]!r}, which must be written %XX", hopeless=True)
    url = f"{scheme.lower()}://{_encoded(userinfo)}{at}{_bracketed(host)}:{port}{tail}"
    return NetworkAddress(url, scheme.lower(), host, port)


def _cut(text: str, marks: str) -> tuple[str, str]:
    """The text before and from the first of the marks."""
    end = next((i for i, c in enumerate(text) if c in marks), len(text))
    return text[:end], text[end:]


def _host_and_port(place: str, usual_port: int, at_later: bool) -> tuple[str, int]:
    match = re.fullmatch(rf"({_HOST.pattern})?(?::([^:]*))?", place)
    hint = "; / ? and # in a password must be written %2F, %3F and %23" if at_later else ""
    if match is None:
        raise SourceError(f"the address names no valid host{hint}", hopeless=True)
    host, port_text = match[1], match[4]
    if not host:
        raise SourceError(f"the address names no host{hint}", hopeless=True)
    if port_text is None or port_text == "":
        return host.strip("[]"), usual_port
    if not re.fullmatch(r"[0-9]{1,5}", port_text) or not 1 <= int(port_text) <= 65535:
        raise SourceError(f"the address's port is not a number from 1 to 65535{hint}", hopeless=True)
    return host.strip("[]"), int(port_text)


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host else host


def _encoded(userinfo: str) -> str:
    user, colon, password = userinfo.partition(":")
    return quote(unquote(user), safe="") + colon + quote(unquote(password), safe="")


def redact(address: str) -> str:
    """The address for a page or a log: no user, password, token, nor any query value but harmless ones.

    Where it is not certain which part is the password, everything but the scheme is hidden.
    """
    shown = "".join(c if c.isprintable() else "?" for c in _redacted(address))
    return shown if len(shown) <= LONGEST_SHOWN else shown[:LONGEST_SHOWN] + "..."


def _redacted(address: str) -> str:
    scheme, separator, rest = address.partition("://")
    if not separator:
        return _redacted_plain(address)
    if not _SCHEME.fullmatch(scheme):
        return HIDDEN
    authority, tail = _cut(rest, "/?#")
    _, at, place = authority.rpartition("@")
    if "@" in unquote(tail) or not _shown_place(place):
        return f"{scheme}://{HIDDEN}"
    return f"{scheme}://{HIDDEN + '@' if at else ''}{place}{_redacted_tail(tail)}"


def _redacted_plain(address: str) -> str:
    """An address without a scheme: a path, a device, a story, or a URL that somebody mistyped."""
    if "@" in unquote(address):
        return HIDDEN
    path, query = _cut(address, "?")
    return _redacted_tail(address) if query or _SECRET_KEY.search(unquote(path)) else address


def _shown_place(place: str) -> bool:
    host, colon, port = place.rpartition(":") if not place.endswith("]") else (place, "", "")
    host = host if colon else place
    return bool(_HOST.fullmatch(host)) and (not colon or re.fullmatch(r"[0-9]{0,5}", port) is not None)


def _redacted_tail(tail: str) -> str:
    before, fragment = _cut(tail, "#")
    path, query = _cut(before, "?")
    shown = _redacted_path(path)
    if query:
        shown += "?" + "&".join(_redacted_item(item) for item in query[1:].split("&"))
    return shown + ("#" + HIDDEN if fragment else "")


def _redacted_path(path: str) -> str:
    secret = _SECRET_KEY.search(path)
    if secret:
        return path[: secret.start()] + HIDDEN
    if _SECRET_KEY.search(unquote(path)):
        return "/" + HIDDEN
    return "/".join(HIDDEN if _like_a_token(part) else part for part in path.split("/"))


def _like_a_token(part: str) -> bool:
    """Long, of letters in both cases and digits: what recorders put into a path instead of a password."""
    kinds = (str.isdigit, str.isupper, str.islower)
    return len(part) >= 16 and part.isalnum() and all(any(kind(c) for c in part) for kind in kinds)


def _redacted_item(item: str) -> str:
    key, equals, value = item.partition("=")
    if not equals or not re.fullmatch(r"[A-Za-z0-9_.-]{1,20}", key):
        return HIDDEN
    return item if key.lower() in _OPEN_KEYS and _OPEN_VALUE.fullmatch(value) else f"{key}={HIDDEN}"


def scrub(text: str, address: str) -> str:
    """`text` (a traceback, FFmpeg's words) with the address and its credentials blotted out."""
    authority, _ = _cut(address.partition("://")[2], "/?#")
    userinfo = authority.rpartition("@")[0]
    user, _, password = userinfo.partition(":")
    pieces = {address, userinfo, *(p for p in (user, password) if len(p) >= 3)}
    forms = pieces | {unquote(p) for p in pieces} | {quote(unquote(p), safe="") for p in pieces}
    for piece in sorted(forms - {""}, key=len, reverse=True):
        text = text.replace(piece, redact(address) if piece == address else HIDDEN)
    return text
