"""What all tests share: a data folder of their own, and the reason when a tool of Debian's is missing."""

from __future__ import annotations

import functools
import shutil
import subprocess
from pathlib import Path

import pytest

from dashboard.accounts.roles import Account, Role
from dashboard.preflight import missing_packages
from dashboard.web import service
from tests.databases import _tables_are_made_once, cluster, database, postgres_programs

__all__ = ["_tables_are_made_once", "cluster", "database"]

HEAVY = ("browser", "rtsp", "postgres")
LIGHT_BETWEEN = 4
RTSP_PROBE = "import gi; gi.require_version('GstRtspServer', '1.0'); from gi.repository import GstRtspServer"


@pytest.fixture(autouse=True)
def _own_data_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No test reads or writes the data of the machine that it runs on."""
    monkeypatch.setenv("POOLWATCH_DATA", str(tmp_path / "data"))


@pytest.fixture(autouse=True)
def _signed_in(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pages and routes that are tested without the gate in front of them are the owner's."""
    owner = Account("test", "Test", Role.OWNER)
    monkeypatch.setattr(service, "without_gate", lambda: owner)


# After the folders' own hooks, which mark what they hold.
@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        for marker in item.iter_markers():
            reason = missing(marker.name)
            if reason:
                item.add_marker(pytest.mark.skip(reason=reason))
    items[:] = spread(items)


def spread(items: list[pytest.Item]) -> list[pytest.Item]:
    """The files with the heavy tests among the others, so that the workers of a run on two cores have
    seldom two browsers, servers and sets of cameras to feed at the same time."""
    files: dict[Path, list[pytest.Item]] = {}
    for item in items:
        files.setdefault(item.path, []).append(item)
    heavy = [path for path in files if path.parent.name in HEAVY]
    light = [path for path in files if path.parent.name not in HEAVY]
    order: list[Path] = []
    while heavy or light:
        order += [*heavy[:1], *light[:LIGHT_BETWEEN]]
        del heavy[:1], light[:LIGHT_BETWEEN]
    return [item for path in order for item in files[path]]


@functools.cache
def missing(marker: str) -> str:
    """Why tests with this marker cannot run here; empty when they can."""
    if marker == "browser" and not _has_browser():
        return "needs Debian's chromium and libatomic1: make setup-tests"
    if marker == "rtsp" and not _has_rtsp_server():
        return "needs Debian's GStreamer RTSP server and ffmpeg: make setup-tests"
    if marker == "postgres" and postgres_programs() is None:
        return "needs Debian's postgresql: make setup-tests"
    return ""


def _has_browser() -> bool:
    """The library is for the Node.js inside playwright's wheel."""
    return shutil.which("chromium") is not None and not missing_packages({"libatomic.so.1": "libatomic1"})


def _has_rtsp_server() -> bool:
    """The server runs on the system's Python, which has Debian's bindings."""
    if shutil.which("ffmpeg") is None or not Path("/usr/bin/python3").exists():
        return False
    return subprocess.run(["/usr/bin/python3", "-c", RTSP_PROBE], capture_output=True).returncode == 0
