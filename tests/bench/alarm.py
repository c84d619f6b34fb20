"""How fast an alarm is on the page, and how fast "I see it" is on every other.

A real server with a real monitor and two tabs of Chromium, one of them on another page. A drill is raised
past the pages: measured is from the moment before the monitor is asked to the first frame of each tab that
shows it (asking included: the time from the judge's own raising is less). Then the first tab acknowledges:
from its click to the moment the second tab's siren stops. All clocks are this machine's.
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
from playwright.sync_api import Page, sync_playwright

from dashboard.clock import SystemClock
from dashboard.monitor.handle import MonitorHandle
from tests.browser.alarm_stage import note_click, note_silence, tab, visit
from tests.browser.conftest import ARGUMENTS, CHROMIUM, signed_in
from tests.browser.server import Server

CLOCK = SystemClock()
WAIT_MS = 30_000
LEAST_RUNS = 5
# When a card is in the page the next frame shows it.
NOTE_SHOWN = """() => {
  window.shownAt = {};
  new MutationObserver((changes) => {
    for (const change of changes) for (const node of change.addedNodes) {
      if (node.dataset?.id) requestAnimationFrame(() => { shownAt[node.dataset.id] = Date.now(); });
    }
  }).observe(poolwatchAlarm.find('.alarms'), { childList: true });
}"""
ENABLED = "(id) => poolwatchAlarm.cards.get(id)?.find('.ack').disabled === false"


def run(options: argparse.Namespace) -> dict[str, Any]:
    """As `python -m dashboard bench alarm` prints it: as many drills as `options.seconds` has room for.
    Milliseconds."""
    with tempfile.TemporaryDirectory(prefix="poolwatch-bench-") as folder, sync_playwright() as playwright:
        server = Server(Path(folder) / "data")
        server.start()
        browser = signed_in(playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS))
        try:
            here = visit(tab(browser, "Tom", gesture=False), server.url + "/cameras")
            there = visit(tab(browser, "Anna", small=True, gesture=False), server.url)
            return _measured(server, here, there, options.seconds)
        finally:
            browser.close()
            server.stop()


def _measured(server: Server, here: Page, there: Page, seconds: float) -> dict[str, Any]:
    for page in (here, there):
        page.evaluate(NOTE_SHOWN)
        # The page is drawn by the machine whose time is measured: without this, tabs behind are not drawn.
        page.bring_to_front()
    shown: list[float] = []
    cleared: list[float] = []
    handle = MonitorHandle(server.data, CLOCK)
    handle.start()
    try:
        assert handle.wait_connected(10), "no monitor"
        end = CLOCK.monotonic() + seconds
        while len(cleared) < LEAST_RUNS or CLOCK.monotonic() < end:
            _one(handle, here, there, shown, cleared)
    finally:
        handle.stop()
    return {
        "drills": len(cleared),
        "event_to_page_ms": _figures(shown),
        "click_to_silence_ms": _figures(cleared),
    }


def _one(handle: MonitorHandle, here: Page, there: Page, shown: list[float], cleared: list[float]) -> None:
    asked_ms = CLOCK.utc().timestamp() * 1000
    number = int(handle.request("alarm.drill", who="bench").result["id"])
    for page in (here, there):
        page.wait_for_function("(id) => shownAt[id]", arg=number, timeout=WAIT_MS)
        shown.append(float(page.evaluate("(id) => shownAt[id]", number)) - asked_ms)
    note_silence(there)
    note_click(here, number)
    here.wait_for_function(ENABLED, arg=number, timeout=WAIT_MS)
    here.evaluate("(id) => poolwatchAlarm.cards.get(id).find('.ack').click()", number)
    there.wait_for_function("() => silentAt", timeout=WAIT_MS)
    cleared.append(float(there.evaluate("silentAt")) - float(here.evaluate("clickedAt")))
    handle.request("alarm.resolve", id=number, who="bench", reason="drill")


def _figures(values: list[float]) -> dict[str, float]:
    p50, p90, p99 = np.percentile(values, [50, 90, 99])
    return {
        "p50": round(p50, 1),
        "p90": round(p90, 1),
        "p99": round(p99, 1),
        "max": round(max(values), 1),
    }
