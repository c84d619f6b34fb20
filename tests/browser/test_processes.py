"""Who starts, who stays, who goes: the server, the monitor, and a tab that is open meanwhile."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

from playwright.sync_api import Page, expect

from dashboard.clock import SystemClock
from tests.browser.server import CHECKOUT, Server, alive, until
from tests.browser.test_live import open_live

CLOCK = SystemClock()


def watching(page: Page, server: Server) -> None:
    """A tab with an open line to the server."""
    server.command("cameras.add", name="Nobody", kind="rtsp", address="rtsp://127.0.0.1:9/x")
    open_live(page, server)
    expect(page.locator("figure.camera")).to_be_visible(timeout=60_000)
    page.wait_for_function("window.poolwatchLive && window.poolwatchLive.connected")


def test_sigterm_ends_server_and_its_monitor_while_a_tab_is_open(page: Page, server: Server) -> None:
    watching(page, server)
    monitor, ui = server.monitor(), server.pid
    began = CLOCK.monotonic()
    os.kill(ui, signal.SIGTERM)
    until(lambda: not alive(ui), "the server ends", 10)
    assert CLOCK.monotonic() - began < 2.0
    until(lambda: not alive(monitor), "its monitor ends", 3)
    expect(page.locator(".sentence")).to_have_text("No connection to Poolwatch")


def test_killed_server_takes_its_monitor_along(server: Server) -> None:
    monitor, ui = server.monitor(), server.pid
    os.kill(ui, signal.SIGKILL)
    until(lambda: not alive(monitor), "the monitor ends without its server", 10)


def test_second_server_attaches_and_leaves_the_monitor_running(server: Server) -> None:
    monitor = server.monitor()
    second = Server(server.data)
    second.start()
    try:
        assert second.monitor() == monitor
    finally:
        second.stop()
    assert server.monitor() == monitor


def test_monitor_that_runs_as_a_service_outlives_the_server(tmp_path: Path) -> None:
    data = tmp_path / "data"
    service = subprocess.Popen(
        [sys.executable, "-m", "dashboard", "monitor", "--data", str(data), "--quiet"], cwd=CHECKOUT
    )
    server = Server(data)
    try:
        until(lambda: (data / "monitor.sock").exists(), "the service listens", 60)
        server.start()
        assert server.monitor() == service.pid
        server.stop()
        assert service.poll() is None
    finally:
        server.stop()
        service.terminate()
        service.wait(10)


def test_tab_connects_again_when_the_server_is_back(page: Page, server: Server) -> None:
    watching(page, server)
    server.stop()
    expect(page.locator(".sentence")).to_have_text("No connection to Poolwatch")
    server.start()
    page.wait_for_function("window.poolwatchLive.connected", timeout=30_000)
    expect(page.locator(".sentence")).to_contain_text("Nobody", timeout=30_000)
