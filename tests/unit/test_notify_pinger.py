"""The sign of life: only while the watch is whole, and without telling its address."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any

import pytest

from dashboard.monitor.notifying import page_link, pinger, whole
from dashboard.notify.pinger import Pinger, fetched
from dashboard.settings import NotifySettings
from tests.unit.fake_monitor import HandClock
from tests.unit.site_server import SiteServer
from tests.waiting import until

SETTINGS = NotifySettings()
SITE: dict[str, Any] = {"t": 1000.0, "cameras_blind": [], "store": {"ok": True, "why": ""}}


@pytest.fixture
def server() -> Iterator[SiteServer]:
    made = SiteServer()
    made.start()
    yield made
    made.stop()


class Outside:
    """A dead-man service."""

    def __init__(self) -> None:
        self.pings: list[str] = []
        self.error: Exception | None = None

    def wait(self, count: int) -> None:
        until(lambda: len(self.pings) == count, 10, f"ping {count}")

    def fetch(self, url: str, timeout_s: float) -> None:
        self.pings.append(url)
        if self.error is not None:
            raise self.error


@pytest.mark.parametrize(
    ("site", "now", "is_whole"),
    [
        (None, 1000.0, False),
        (SITE, 1001.0, True),
        (SITE, 1010.0, False),
        ({**SITE, "cameras_blind": [{"id": "a"}]}, 1001.0, False),
        ({**SITE, "store": {"ok": False, "why": "full"}}, 1001.0, False),
    ],
    ids=["nothing", "whole", "the judge hangs", "a camera is blind", "nothing is kept"],
)
def test_when_the_watch_is_whole(site: dict[str, Any] | None, now: float, is_whole: bool) -> None:
    assert whole(site, now) is is_whole


def test_it_pings_once_a_minute_and_only_while_the_watch_is_whole() -> None:
    outside, clock, well = Outside(), HandClock(), threading.Event()
    asked = threading.Semaphore(0)

    def healthy() -> bool:
        asked.release()
        return well.is_set()

    made = Pinger("https://dead.man/abc", clock, healthy, SETTINGS, outside.fetch, look_s=0.01)
    made.start()
    try:
        for _ in range(3):
            assert asked.acquire(timeout=10)
        assert outside.pings == []
        well.set()
        outside.wait(1)
        clock.t += 59
        assert not asked.acquire(timeout=0.2) or len(outside.pings) == 1
        clock.t += 1
        outside.wait(2)
        well.clear()
        clock.t += 600
        while asked.acquire(blocking=False):
            pass
        for _ in range(3):
            assert asked.acquire(timeout=10)
        assert len(outside.pings) == 2
    finally:
        made.stop()


def test_a_service_that_is_away_is_told_once_without_its_address(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO")
    outside, clock = Outside(), HandClock()
    outside.error = OSError("https://dead.man/s3cret is not there")
    made = Pinger("https://dead.man/s3cret", clock, lambda: True, SETTINGS, outside.fetch, look_s=0.01)
    made.start()
    try:
        for n in range(1, 4):
            outside.wait(n)
            clock.t += 60
        outside.error = None
        until(lambda: "is pinged" in caplog.text, 10, "it is told when it is back")
    finally:
        made.stop()
    assert caplog.text.count("is not reached") == 1 and "s3cret" not in caplog.text


@pytest.mark.parametrize("address", ["", "file:///etc/passwd", "dead.man/abc"])
def test_what_is_no_web_address_is_never_pinged(address: str) -> None:
    made = Pinger(address, HandClock(), lambda: True, SETTINGS, Outside().fetch)
    made.start()
    assert not made._thread.is_alive()


def test_a_real_service_is_pinged_by_the_address_of_the_environment(
    server: SiteServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.files["/ping/abc"] = b"OK"
    monkeypatch.setenv("POOLWATCH_PING_URL", f"{server.address}/ping/abc")
    asleep = pinger(lambda: SITE, lambda: False, HandClock(), SETTINGS)
    asleep.start()
    made = pinger(lambda: SITE, lambda: True, HandClock(), SETTINGS)
    made.start()
    until(lambda: server.asked == ["/ping/abc"], 10, "it is pinged")
    made.stop()
    asleep.stop()
    assert server.asked == ["/ping/abc"], "nobody is watched there"
    with pytest.raises(OSError):
        fetched(f"{server.address}/no/such/check", 5.0)


def test_where_the_pages_are_is_what_the_environment_says(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("POOLWATCH_LINK", raising=False)
    assert page_link() == ""
    monkeypatch.setenv("POOLWATCH_LINK", " https://pool.lan:8501 ")
    assert page_link() == "https://pool.lan:8501"
