"""Ten thousand clips: how long a page of the gallery takes, first and deep, with each filter, through a real
server and a real monitor. What a browser draws of it comes on top."""

from __future__ import annotations

import argparse
import json
import tempfile
import urllib.request
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from statistics import median
from typing import Any
from urllib.parse import urlencode

from dashboard.clock import SystemClock
from tests.browser.clips_stage import CAMERAS, seed
from tests.browser.server import Server, cookie_of

COUNT = 10_000
TIMES = 20
DEEP_PAGES = 100
A_PAGE = 48
CLOCK = SystemClock()


def run(_options: argparse.Namespace) -> dict[str, Any]:
    """Milliseconds from asking to the last byte: the median and the longest of `TIMES`. `deep` is one page
    after the other, `DEEP_PAGES` of them."""
    with tempfile.TemporaryDirectory(prefix="poolwatch-bench-") as folder:
        data = Path(folder) / "data"
        rows = seed(data, COUNT, CLOCK.utc(), timedelta(minutes=10), files=False)
        server = Server(data)
        server.start()
        try:
            day = {"since": (rows[5000].began).isoformat(), "until": (rows[4856].began).isoformat()}
            asked: dict[str, dict[str, str]] = {
                "all": {},
                "kind": {"kinds": "animal"},
                "level": {"levels": "emergency"},
                "camera": {"camera": CAMERAS[1][0]},
                "person": {"person": "Anna"},
                "day": day,
                "label_none_has": {"labels": "wildlife"},
                "kept_none_is": {"kept": "1"},
                "search": {"text": "cat"},
                "search_finds_nothing": {"text": "no such words"},
                "kind_camera_person": {"kinds": "submersion", "camera": "c1", "person": "Guest 2"},
            }
            ms = {name: _timed(lambda query=query: _page(server, query)) for name, query in asked.items()}  # type: ignore[misc]
            ms["night"] = _timed(lambda: _get(server, "/api/clips/night"))
            ms["words"] = _timed(lambda: _get(server, "/api/clips/words"))
            ms["one_with_neighbours"] = _timed(
                lambda: _get(server, f"/api/clips/{rows[5000].id}?kinds=animal")
            )
            ms["deep"] = _deep(server)
        finally:
            server.stop()
    return {"clips": COUNT, "page": A_PAGE, "longest_ms": max(one["max"] for one in ms.values()), "ms": ms}


def _deep(server: Server) -> dict[str, float]:
    """By the mark of the page before, as a browser scrolls."""
    mark: list[str] = [""]
    seen: set[str] = set()

    def step() -> None:
        found = _page(server, {"before": mark[0]} if mark[0] else {})
        seen.update(clip["id"] for clip in found["clips"])
        mark[0] = found["before"]

    took = [_once(step) for _ in range(DEEP_PAGES)]
    assert len(seen) == DEEP_PAGES * A_PAGE
    return _figures(took)


def _timed(ask: Callable[[], object]) -> dict[str, float]:
    return _figures([_once(ask) for _ in range(TIMES)])


def _once(ask: Callable[[], object]) -> float:
    began = CLOCK.monotonic()
    ask()
    return 1000 * (CLOCK.monotonic() - began)


def _figures(took_ms: list[float]) -> dict[str, float]:
    return {"p50": round(median(took_ms), 1), "max": round(max(took_ms), 1)}


def _page(server: Server, query: dict[str, str]) -> dict[str, Any]:
    return _get(server, f"/api/clips?{urlencode({**query, 'limit': A_PAGE})}")


def _get(server: Server, path: str) -> dict[str, Any]:
    cookie = cookie_of("Test")
    asked = urllib.request.Request(
        server.url + path, headers={"Cookie": f"{cookie['name']}={cookie['value']}"}
    )
    with urllib.request.urlopen(asked, timeout=30) as answer:
        found: dict[str, Any] = json.load(answer)
    return found
