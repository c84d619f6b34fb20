"""Why a message was not sent, in a plain sentence without anything secret. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from http import HTTPStatus
from urllib.parse import unquote

HIDDEN = "***"
_LONGEST = 200
_PART = re.compile(r"[^\s:/?#@&=,;+]{3,}")
_ANY_ADDRESS = re.compile(r"[A-Za-z][A-Za-z0-9+.\-]*://\S+")
_CODE = re.compile(r"\berror=(\d{3})\b")
# The first that fits says what happened; what the libraries' own words are, in small letters.
_KNOWN: tuple[tuple[str, str], ...] = (
    (r"timed out|timeout=", "{service} did not answer in time"),
    (
        r"name or service not known|nameresolution|getaddrinfo|temporary failure in name|nodename",
        "the address of {service} was not found: is the internet there?",
    ),
    (r"certificate|sslerror|ssl:", "the certificate of {service} is not accepted"),
    (r"connection refused", "{service} refuses connections"),
    (r"unreachable|no route to host", "{service} cannot be reached: is the network there?"),
    (
        r"connection aborted|reset by peer|remotedisconnected|broken pipe",
        "{service} broke off the connection",
    ),
    (r"authentication|unauthori[sz]ed|login", "{service} does not accept the password or key"),
    (r"connection error", "{service} could not be reached"),
)
_REFUSED = (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN)


def reason_of(log: Sequence[str], service: str, address: str) -> str:
    """What happened, by what Apprise and its libraries wrote down during one attempt; `service` is the name
    people know. Nothing of the address is in it."""
    told = "\n".join(log)
    code = _CODE.search(told)
    if code is not None:
        return _answered(service, int(code.group(1)))
    small = told.lower()
    for pattern, sentence in _KNOWN:
        if re.search(pattern, small):
            return sentence.format(service=service)
    said = redacted(log[0], address) if log else ""
    return f"{service} says: {said}" if said else f"{service} did not take the message and gives no reason"


def redacted(text: str, address: str) -> str:
    """`text` on one line, without any part of the address, and without any other address."""
    text = _ANY_ADDRESS.sub(HIDDEN, text)
    rest = address.partition("://")[2]
    parts = {*_PART.findall(rest), *_PART.findall(unquote(rest))}
    for part in sorted(parts, key=len, reverse=True):
        text = re.sub(re.escape(part), HIDDEN, text, flags=re.IGNORECASE)
    return " ".join(text.split())[:_LONGEST]


def _answered(service: str, code: int) -> str:
    if code in _REFUSED:
        return f"{service} does not accept the password or key ({code})"
    try:
        return f"{service} answered {code} ({HTTPStatus(code).phrase})"
    except ValueError:
        return f"{service} answered {code}"
