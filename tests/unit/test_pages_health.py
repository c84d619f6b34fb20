"""The page Health and `/metrics`: what is wrong comes first, and both tell the same numbers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from prometheus_client.parser import text_string_to_metric_families
from starlette.applications import Starlette
from starlette.testclient import TestClient

from dashboard.web.condition import condition, size_words, span_words
from dashboard.web.metrics import Figures, as_text, figures_of
from dashboard.web.routes import routes
from dashboard.web.vitals import cameras_html, headline_html, machine_html, messages_html
from tests.unit.people_stage import JudgedHandle, opened, press, words

LIVE = {"id": "c1", "name": "Pool", "enabled": True, "state": "live", "reason": ""}
BLIND = {**LIVE, "id": "c2", "name": "Gate", "state": "blind", "reason": "no new picture for 4 s"}
STARTING = {**LIVE, "name": "Deck", "state": "starting"}
OFF = {**BLIND, "enabled": False}
MACHINE: dict[str, Any] = {
    "version": "1.2",
    "pid": 7,
    "uptime_s": 3700.0,
    "cpu_s": 12.5,
    "cpu": 4.2,
    "rss_mb": 150.0,
    "disk": {"free": 20e9, "total": 100e9},
    "database": {"kind": "file", "bytes": 2_000_000, "ok": True, "why": ""},
}


STORIES = [
    pytest.param(True, {}, [LIVE], "Everything works.", id="all is well"),
    pytest.param(True, {}, [], "No camera is switched on", id="no camera"),
    pytest.param(True, {}, [OFF], "No camera is switched on", id="all are off"),
    pytest.param(True, {}, [LIVE, OFF], "Everything works.", id="one is off on purpose"),
    pytest.param(True, {}, [LIVE, STARTING], "Deck is starting.", id="one begins"),
    pytest.param(False, {}, [LIVE], "The monitor does not answer", id="no monitor"),
    pytest.param(True, {}, [LIVE, BLIND], "Gate does not see: no new picture for 4 s.", id="blind"),
    pytest.param(
        True,
        {"store": {"ok": False, "why": "The disk is full."}, "outbox": {"waiting": 1, "failed": ["a", "b"]}},
        [LIVE, BLIND],
        "Gate does not see: no new picture for 4 s. And 2 more things are wrong.",
        id="several",
    ),
    pytest.param(
        True,
        {},
        [{**LIVE, "unkept": "No space left on device"}],
        "What Pool usually looks like cannot be kept over a restart: No space left on device.",
        id="nothing can be kept",
    ),
    pytest.param(
        True,
        {"selftest": {"lines": [{"ok": False, "what": "disk", "text": "It is full."}]}},
        [LIVE],
        "The self-test found: It is full.",
        id="self-test",
    ),
]


@pytest.mark.parametrize(("connected", "site", "cameras", "sentence"), STORIES)
def test_the_worst_is_said_first(
    connected: bool, site: Mapping[str, Any], cameras: list[Mapping[str, Any]], sentence: str
) -> None:
    assert condition(connected, site, cameras, MACHINE).sentence.startswith(sentence)


def test_a_full_disk_is_wrong_and_what_is_not_known_is_not() -> None:
    full = {**MACHINE, "disk": {"free": 500e6, "total": 100e9}}
    assert condition(True, {}, [LIVE], full).sentence == "Only 500.0 MB are free on the disk."
    assert condition(True, None, [LIVE], None).sentence == "Everything works."


def test_figures_are_escaped_and_marked_by_more_than_colour() -> None:
    camera = {**BLIND, "name": "<b>Gate</b>", "fps": 9.96, "latency_ms_p50": 41.2, "dropped": 3}
    html = cameras_html([camera]) + messages_html({"waiting": 2, "failed": ["Anna: <i>no answer</i>"]})
    html += machine_html({**MACHINE, "cpu": None}) + headline_html(condition(True, {}, [camera], None))
    assert "<b>Gate" not in html and "<i>no" not in html
    for shown in ("■ does not see: no new picture", "10.0", "41 ms", "2 messages wait", "20.0 GB of", "–"):
        assert shown in html


@pytest.mark.parametrize(
    ("value", "shown"), [(None, "not known"), (12, "12 bytes"), (1500, "1.5 kB"), (2e9, "2.0 GB")]
)
def test_sizes(value: float | None, shown: str) -> None:
    assert size_words(value) == shown


@pytest.mark.parametrize(
    ("value", "shown"), [(0, "0 s"), (61, "1 min 1 s"), (3700, "1 h 1 min"), (90_000, "1 d 1 h")]
)
def test_spans(value: float, shown: str) -> None:
    assert span_words(value) == shown


def test_the_page_runs_the_self_test_and_shows_its_lines(handle: JudgedHandle) -> None:
    handle.rows.append(dict(LIVE))
    app = opened("health")
    assert "It has not run yet" in words(app) and "Everything works." in words(app)
    app = press(app, "Run it now")
    assert "72.0 GB are free." in words(app) and "1 of 2 failed" in words(app)
    app = app.run()
    assert "The self-test found: Nobody is called" in words(app)
    assert not app.exception


def test_the_page_stands_without_a_monitor(handle: JudgedHandle) -> None:
    handle.connected = False
    app = opened("health")
    assert "nobody is watched" in words(app) and "Everything works" not in words(app)
    assert not app.exception


def samples(text: bytes) -> dict[tuple[str, frozenset[tuple[str, str]]], float]:
    """As Prometheus' own parser reads them."""
    families = text_string_to_metric_families(text.decode())
    return {
        (sample.name, frozenset(sample.labels.items())): sample.value
        for family in families
        for sample in family.samples
    }


def one(text: bytes, name: str, **labels: str) -> float | None:
    return samples(text).get((f"poolwatch_{name}", frozenset(labels.items())))


def test_prometheus_reads_the_same_numbers() -> None:
    cameras = [
        {**LIVE, "fps": 9.5, "latency_ms_p50": 40.0, "latency_ms_p95": 90.0, "dropped": 4, "rss_mb": 400.0},
        {**BLIND, "fps": None, "cpu": 50.0},
    ]
    site = {
        "outbox": {"waiting": 3, "failed": ["Anna: no answer"]},
        "alarms": [{"level": "emergency", "state": "acknowledged"}, {"level": "alert", "state": "resolved"}],
        "selftest": {"ok": False},
    }
    text = as_text(Figures(True, cameras, site, MACHINE))
    assert one(text, "monitor_up") == 1 and one(text, "info", version="1.2") == 1
    assert one(text, "camera_frames_per_second", camera="c1") == 9.5
    assert one(text, "camera_latency_p95_seconds", camera="c1") == pytest.approx(0.09)
    assert one(text, "camera_dropped_frames_total", camera="c1") == 4
    assert one(text, "camera_memory_bytes", camera="c1") == 400e6
    assert one(text, "camera_cpu_ratio", camera="c2") == 0.5
    assert one(text, "camera_frames_per_second", camera="c2") is None
    assert one(text, "camera_state", camera="c2", state="blind") == 1
    assert one(text, "camera_state", camera="c2", state="live") == 0
    assert one(text, "outbox_waiting") == 3 and one(text, "outbox_failed") == 1
    assert one(text, "alarms_open", level="emergency") == 1 and one(text, "alarms_open", level="alert") == 0
    assert one(text, "selftest_ok") == 0 and one(text, "database_ok") == 1
    assert one(text, "disk_free_bytes") == 20e9 and one(text, "monitor_cpu_seconds_total") == 12.5
    for private in (b"Pool", b"Gate", b"Anna", b"no new picture"):
        assert private not in text


def test_a_monitor_that_is_gone_is_a_figure() -> None:
    assert one(as_text(figures_of(None)), "monitor_up") == 0


def test_metrics_are_served(handle: JudgedHandle) -> None:
    handle.rows.append(dict(LIVE))
    with TestClient(Starlette(routes=routes())) as client:
        answer = client.get("/metrics")
        assert answer.status_code == 200 and answer.headers["content-type"].startswith("text/plain; version=")
        assert one(answer.content, "camera_state", camera="c1", state="live") == 1
        assert one(answer.content, "database_bytes")
        handle.connected = False
        assert one(client.get("/metrics").content, "monitor_up") == 0
