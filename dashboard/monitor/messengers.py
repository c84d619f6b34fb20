"""Addresses of contacts as Apprise reads them: whether it takes them, and how they are shown. They hold
credentials, so that nothing here repeats what was typed."""

from __future__ import annotations

import hashlib
import logging
import re
from collections.abc import Iterator
from typing import Any

from apprise import Apprise
from apprise.exception import AppriseException
from apprise.manager_plugins import NotificationManager

LONGEST_URL = 2000
_FORM = re.compile(r"([A-Za-z][A-Za-z0-9+.\-]*)://(\S+)")
_PART = re.compile(r"[^:/@?&=,+\s]{3,}")
_SERVICES: Any = NotificationManager()  # type: ignore[no-untyped-call]

# It says what it could not read with all that is secret in it.
logging.getLogger("apprise").addHandler(logging.NullHandler())
logging.getLogger("apprise").propagate = False


def hidden(url: str) -> str:
    """An address without what is secret in it, which may be any of its parts; the mark at its end tells
    two of one service apart."""
    mark = hashlib.sha256(url.encode()).hexdigest()[:6]
    return f"{url.partition('://')[0]}://***{mark}"


def service_of(url: str) -> str:
    """The service's name as people know it: `Telegram`; the scheme itself where nobody knows it."""
    scheme = url.partition("://")[0]
    plugin = _plugin(scheme)
    return scheme if plugin is None else str(plugin.service_name or scheme)


def problem_of(url: str) -> str:
    """Why Apprise does not take this address, in a plain sentence, "" when it does. Sends nothing."""
    if len(url) > LONGEST_URL:
        return f"This address has {len(url)} characters; at most {LONGEST_URL} fit."
    match = _FORM.fullmatch(url)
    if match is None or "://***" in url:
        return "An address must look like service://..., as Apprise reads it, without blanks."
    plugin = _plugin(match.group(1))
    if plugin is None:
        return f"Apprise knows no service named {match.group(1)[:30]!r}."
    try:
        made = Apprise.instantiate(url, suppress_exceptions=False)
    except (AppriseException, TypeError, ValueError) as error:
        return f"{service_of(url)} refuses this address: {_without(str(error), url)}"
    if made is None:
        return f"This is no whole {service_of(url)} address; one looks like {_pattern(plugin)}."
    if match.group(1).lower() in ("ntfy", "ntfys") and not getattr(made, "topics", ()):
        # Apprise takes it, and would then send to nobody.
        return "The ntfy address names no topic."
    return ""


def _plugin(scheme: str) -> Any:
    name = scheme.lower()
    if name not in _SERVICES or not _SERVICES[name].enabled:
        return None
    return _SERVICES[name]


def _pattern(plugin: Any) -> str:
    """The service's longest plain form, with words for what is to be filled in."""
    scheme = next(iter(_names(plugin)))
    forms = [form for form in plugin.templates if "{password}" not in form and "{user}" not in form]
    form = max(forms or list(plugin.templates), key=len)
    return (
        str(form)
        .replace("{schema}", scheme)
        .replace("{", "")
        .replace("}", "")
        .upper()
        .replace(scheme.upper() + "://", scheme + "://")
    )


def _names(plugin: Any) -> Iterator[str]:
    for names in (plugin.protocol, plugin.secure_protocol):
        if names:
            yield from (names,) if isinstance(names, str) else names


def _without(reason: str, url: str) -> str:
    """Apprise's own words without any part of the address."""
    for part in sorted(_PART.findall(url.partition("://")[2]), key=len, reverse=True):
        reason = reason.replace(part, "***")
    text = " ".join(reason.replace("()", "").split())[:300] or "it gives no reason"
    return text if text.endswith((".", "!", "?")) else text.rstrip(":( ") + "."
