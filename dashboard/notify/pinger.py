"""The sign of life to a dead-man service outside: where it stays away, that service calls somebody.

Asked for at most once a minute and only while the watch is whole. It has a thread of its own, so that
nothing waits for the network.
"""

from __future__ import annotations

import logging
import threading
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable

from dashboard.clock import Clock
from dashboard.settings import NotifySettings

_LOG = logging.getLogger(__name__)
_LOOK_S = 1.0
_READ_BYTES = 1024


class Pinger:
    """Fetches `url` every `ping_s` seconds while `healthy` says so. The address is a secret: who knows it
    can feign our life."""

    def __init__(
        self,
        url: str,
        clock: Clock,
        healthy: Callable[[], bool],
        settings: NotifySettings,
        fetch: Callable[[str, float], None] | None = None,
        look_s: float = _LOOK_S,
    ) -> None:
        self._url = url
        self._clock = clock
        self._healthy = healthy
        self._settings = settings
        self._fetch = fetch or fetched
        self._look_s = look_s
        self._told: str | None = None
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="pinger", daemon=True)

    def start(self) -> None:
        if not self._url:
            return
        if urllib.parse.urlsplit(self._url).scheme not in ("http", "https"):
            _LOG.error("the dead-man service's address must begin with http:// or https://: it is not pinged")
            return
        self._thread.start()

    def stop(self) -> None:
        # It may be waiting for the network: it ends with the process.
        self._stopping.set()

    def _run(self) -> None:
        pinged_at = float("-inf")
        while not self._stopping.is_set():
            try:
                now = self._clock.monotonic()
                if now - pinged_at >= self._settings.ping_s and self._healthy():
                    pinged_at = now
                    self._ping()
            except Exception:
                _LOG.exception("the pinger failed")
            self._stopping.wait(self._look_s)

    def _ping(self) -> None:
        try:
            self._fetch(self._url, self._settings.ping_timeout_s)
            why = ""
        except (OSError, ValueError) as error:
            # Its words may hold the address.
            code = error.code if isinstance(error, urllib.error.HTTPError) else None
            why = f"it answered {code}" if code else type(error).__name__
        if why != self._told:
            _LOG.log(
                logging.WARNING if why else logging.INFO,
                "the dead-man service %s",
                f"is not reached: {why}" if why else "is pinged",
            )
        self._told = why


def fetched(url: str, timeout_s: float) -> None:
    """OSError or ValueError when it was not answered with success."""
    request = urllib.request.Request(url, headers={"User-Agent": "Poolwatch"})
    with urllib.request.urlopen(request, timeout=timeout_s) as answer:
        answer.read(_READ_BYTES)
