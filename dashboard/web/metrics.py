"""`/metrics` for Prometheus: the figures of the page Health, by Prometheus' own library. No names and no
reasons: cameras by the number that the program gave them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from prometheus_client.core import CollectorRegistry, CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4, generate_latest

from dashboard.web.commands import send
from dashboard.web.service import Service

CONTENT_TYPE = CONTENT_TYPE_PLAIN_0_0_4
_STATES = ("live", "starting", "blind", "stopped")
_LEVELS = ("alert", "emergency")
_PER_CAMERA = (
    ("frames_per_second", "fps", 1.0, "Judged frames a second"),
    ("latency_p50_seconds", "latency_ms_p50", 0.001, "From capture to judged, median of 10 s"),
    ("latency_p95_seconds", "latency_ms_p95", 0.001, "From capture to judged, 95th percentile of 10 s"),
    ("cpu_ratio", "cpu", 0.01, "Load of the camera's worker, cores"),
    ("memory_bytes", "rss_mb", 1e6, "Memory of the camera's worker"),
)


@dataclass(frozen=True)
class Figures:
    """What there is to tell. None is not known, and is then left out."""

    connected: bool
    cameras: Sequence[Mapping[str, Any]] = ()
    site: Mapping[str, Any] | None = None
    vitals: Mapping[str, Any] | None = None


def figures_of(found: Service | None) -> Figures:
    """Asks the monitor; where it does not answer, that is the one figure."""
    if found is None or not found.handle.connected:
        return Figures(False)
    outcome = send(found.handle, "health.get")
    if not outcome.done:
        return Figures(found.handle.connected, found.handle.cameras(), found.handle.site())
    return Figures(True, found.handle.cameras(), found.handle.site(), outcome.reply.result)


def as_text(figures: Figures) -> bytes:
    """The figures as Prometheus reads them."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Collector(figures))
    return generate_latest(registry)


class _Collector:
    def __init__(self, figures: Figures) -> None:
        self._figures = figures

    def collect(self) -> Iterator[Metric]:
        yield _gauge("monitor_up", "1 while the monitor answers", float(self._figures.connected))
        yield from _of_cameras(self._figures.cameras)
        if self._figures.vitals is not None:
            yield from _of_machine(self._figures.vitals)
        if self._figures.site is not None:
            yield from _of_site(self._figures.site)


def _gauge(name: str, words: str, value: float) -> GaugeMetricFamily:
    return GaugeMetricFamily(f"poolwatch_{name}", words, value=value)


def _of_cameras(cameras: Sequence[Mapping[str, Any]]) -> Iterator[Metric]:
    state = GaugeMetricFamily(
        "poolwatch_camera_state", "1 for the state that the camera is in", labels=("camera", "state")
    )
    dropped = CounterMetricFamily(
        "poolwatch_camera_dropped_frames", "Frames left out since the worker began", labels=("camera",)
    )
    for camera in cameras:
        identity, now = str(camera["id"]), _state(camera)
        for one in _STATES:
            state.add_metric((identity, one), float(one == now))
        if camera.get("dropped") is not None:
            dropped.add_metric((identity,), float(camera["dropped"]))
    yield state
    yield dropped
    for name, key, scale, words in _PER_CAMERA:
        family = GaugeMetricFamily(f"poolwatch_camera_{name}", words, labels=("camera",))
        for camera in cameras:
            if camera.get(key) is not None:
                family.add_metric((str(camera["id"]),), float(camera[key]) * scale)
        yield family


def _state(camera: Mapping[str, Any]) -> str:
    if not camera.get("enabled", True):
        return "stopped"
    state = str(camera.get("state") or "starting")
    return state if state in _STATES else "blind"


def _of_machine(vitals: Mapping[str, Any]) -> Iterator[Metric]:
    version = GaugeMetricFamily("poolwatch_info", "The program's version", labels=("version",))
    version.add_metric((str(vitals["version"]),), 1.0)
    yield version
    yield _gauge("uptime_seconds", "How long the monitor runs", vitals["uptime_s"])
    yield CounterMetricFamily("poolwatch_monitor_cpu_seconds", "Spent by the monitor", value=vitals["cpu_s"])
    if vitals["rss_mb"] is not None:
        yield _gauge("monitor_memory_bytes", "Memory of the monitor", vitals["rss_mb"] * 1e6)
    if vitals["disk"] is not None:
        yield _gauge("disk_free_bytes", "Free where the data lies", vitals["disk"]["free"])
        yield _gauge("disk_size_bytes", "Size of the disk where the data lies", vitals["disk"]["total"])
    yield _gauge("database_ok", "1 while the database can be written", float(vitals["database"]["ok"]))
    if vitals["database"]["bytes"] is not None:
        yield _gauge("database_bytes", "Size of the database", vitals["database"]["bytes"])


def _of_site(site: Mapping[str, Any]) -> Iterator[Metric]:
    outbox = site.get("outbox") or {}
    yield _gauge("outbox_waiting", "Messages that are still to be sent", float(outbox.get("waiting", 0)))
    yield _gauge(
        "outbox_failed", "Kinds of failure of messages within a day", float(len(outbox.get("failed", ())))
    )
    alarms = GaugeMetricFamily("poolwatch_alarms_open", "Alarms that nobody has closed", labels=("level",))
    still = [str(alarm["level"]) for alarm in site.get("alarms", ()) if alarm["state"] != "resolved"]
    for level in _LEVELS:
        alarms.add_metric((level,), float(still.count(level)))
    yield alarms
    test = site.get("selftest")
    if test is not None:
        yield _gauge("selftest_ok", "1 when the last self-test found nothing wrong", float(test["ok"]))
