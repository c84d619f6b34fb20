"""Who carries messages, makes noise and gives signs of life for the monitor of this machine."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from typing import Any

from dashboard.clock import Clock
from dashboard.monitor.recorder import Outbox
from dashboard.notify.courier import Courier
from dashboard.notify.office import PostOffice
from dashboard.notify.pinger import Pinger
from dashboard.notify.siren import Siren
from dashboard.notify.words import words
from dashboard.settings import NotifySettings

__all__ = ["couriers", "page_link", "pinger", "siren", "whole", "words"]

# The judge turns ten times a second and says so once a second at least.
_STALE_S = 5.0


def couriers(queue: Outbox, clock: Clock, settings: NotifySettings) -> Courier:
    return Courier(queue, clock, settings, PostOffice(settings))


def siren(clock: Clock, settings: NotifySettings) -> Siren:
    return Siren(clock, settings)


def pinger(
    site: Callable[[], Mapping[str, Any] | None],
    watching: Callable[[], bool],
    clock: Clock,
    settings: NotifySettings,
) -> Pinger:
    """`site` gives the newest site document, `watching` says whether any camera is switched on. The address,
    POOLWATCH_PING_URL, is a secret; nobody is pinged where it is not set."""
    url = os.environ.get("POOLWATCH_PING_URL", "").strip()
    return Pinger(url, clock, lambda: watching() and whole(site(), clock.monotonic()), settings)


def whole(site: Mapping[str, Any] | None, now: float) -> bool:
    """Whether the watch is: the judge is alive, every camera that is switched on sees, and what was judged
    is kept."""
    if site is None or now - site["t"] > _STALE_S:
        return False
    return not site["cameras_blind"] and bool(site["store"]["ok"])


def page_link() -> str:
    """Where the pages are, for the messages: POOLWATCH_LINK, "" where nobody has said it."""
    return os.environ.get("POOLWATCH_LINK", "").strip()
