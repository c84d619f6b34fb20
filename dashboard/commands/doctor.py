"""`python -m dashboard doctor`: what of the set-up is right, and what to do about the rest, a line each."""

from __future__ import annotations

import argparse
import importlib
import importlib.metadata
import os
import platform
import re
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from dashboard import preflight
from dashboard.certificate.folder import SERVER, certificate_folder, readable_by_others, server_of, troubles
from dashboard.certificate.machine import own_addresses
from dashboard.certificate.making import CertificateError
from dashboard.clock import SystemClock
from dashboard.oidc.desk import Desk
from dashboard.settings import data_folder
from dashboard.weights import models_folder
from dashboard.weights.folder import damaged, installed_export
from dashboard.weights.registry import Entry, load_registry

REQUIREMENTS = Path(__file__).resolve().parents[2] / "requirements.txt"
OPENCV_WHEELS = (
    "opencv-python",
    "opencv-python-headless",
    "opencv-contrib-python",
    "opencv-contrib-python-headless",
)
# A day of clips and the database fit; below it the recorder would soon have to stop.
FREE_BYTES = 2_000_000_000


class State(StrEnum):
    OK = "ok"
    NOTE = "note"
    WRONG = "WRONG"


@dataclass(frozen=True)
class Finding:
    """One line of the doctor: its state, what was looked at, what was found or what to do."""

    state: State
    what: str
    text: str


Check = Callable[[], Iterator[Finding]]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """No arguments."""


def run(args: argparse.Namespace) -> int:
    findings = examine(CHECKS)
    for finding in findings:
        print(f"{finding.state:5}  {finding.what}: {finding.text}")
    wrong = sum(finding.state is State.WRONG for finding in findings)
    print("Poolwatch can run here." if not wrong else f"{wrong} to put right.")
    return 1 if wrong else 0


def examine(checks: Sequence[tuple[str, Check]]) -> list[Finding]:
    """All findings. A check that fails itself is a finding too: a doctor must not die of the disease."""
    findings: list[Finding] = []
    for what, check in checks:
        try:
            findings.extend(check())
        except Exception as error:
            findings.append(Finding(State.WRONG, what, _words(error)))
    return findings


def python() -> Iterator[Finding]:
    good = sys.version_info >= preflight.PYTHON
    text = f"{platform.python_version()} at {sys.executable}"
    yield Finding(State.OK if good else State.WRONG, "Python", text if good else f"{text}; 3.11 is needed")


def libraries() -> Iterator[Finding]:
    packages = preflight.missing_packages(preflight.LIBRARIES)
    if packages:
        yield Finding(State.WRONG, "system libraries", preflight.needs(packages))
    else:
        yield Finding(State.OK, "system libraries", "all there")
    for sentence in preflight.check_mediapipe():
        yield Finding(State.NOTE, "the mediapipe pose back end", sentence)


def packages() -> Iterator[Finding]:
    pins = pinned(REQUIREMENTS.read_text(encoding="utf-8"))
    wrong = [text for name, version in pins if (text := _differs(name, version))]
    if wrong:
        yield Finding(State.WRONG, "packages", f"{'; '.join(wrong)}: run make setup")
    else:
        yield Finding(State.OK, "packages", f"{len(pins)} at the versions of requirements.txt")
    wheels = [name for name in OPENCV_WHEELS if _version(name)]
    if len(wheels) > 1:
        text = f"{' and '.join(wheels)} overwrite each other: make clean, then make setup"
        yield Finding(State.WRONG, "OpenCV", text)


def pinned(text: str) -> list[tuple[str, str]]:
    """(name, version) of each `name==version` line of a requirements file."""
    return re.findall(r"(?m)^([A-Za-z0-9._-]+)(?:\[[^\]]*\])?==([^\s;#]+)", text)


def imports() -> Iterator[Finding]:
    for name in ("cv2", "av", "openvino", "streamlit"):
        try:
            importlib.import_module(name)
        except ModuleNotFoundError:
            continue  # the line about the packages says so
        except (ImportError, OSError) as error:
            yield Finding(State.WRONG, f"import {name}", _words(error))


def models() -> Iterator[Finding]:
    folder = models_folder()
    for entry in load_registry().values():
        yield _model(entry, folder)


def _model(entry: Entry, folder: Path) -> Finding:
    what = f"weights {entry.name}"
    install = f"python -m dashboard models install {entry.name}"
    export = installed_export(entry, folder)
    if export is None:
        missing = State.WRONG if entry.role == "default" else State.NOTE
        return Finding(missing, what, f"not installed ({entry.without}): {install}")
    wrong = damaged(entry, folder)
    if wrong:
        return Finding(State.WRONG, what, f"{'; '.join(wrong)}: {install}")
    return Finding(State.OK, what, f"{export.name}, hashes right")


def devices() -> Iterator[Finding]:
    core = importlib.import_module("openvino").Core()
    found = [f"{name} ({core.get_property(name, 'FULL_DEVICE_NAME')})" for name in core.available_devices]
    if found:
        yield Finding(State.OK, "OpenVINO devices", ", ".join(found))
    else:
        yield Finding(State.WRONG, "OpenVINO devices", "none: OpenVINO does not know this processor")


def data() -> Iterator[Finding]:
    folder = data_folder().absolute()
    nearest = next(path for path in (folder, *folder.parents) if path.exists())
    try:
        with tempfile.TemporaryFile(dir=nearest):
            free = shutil.disk_usage(nearest).free
    except OSError as error:
        text = f"{folder} cannot be written ({error.strerror}): set POOLWATCH_DATA to a folder that can"
        yield Finding(State.WRONG, "data folder", text)
        return
    state = State.OK if free >= FREE_BYTES else State.WRONG
    yield Finding(state, "data folder", f"{folder}, {free / 1e9:.1f} GB free (2 GB needed)")


def https() -> Iterator[Finding]:
    folder = certificate_folder(data_folder())
    server = server_of(folder / SERVER)
    if server is None:
        yield Finding(State.NOTE, "https", "no certificate; a phone's camera needs one: make certificate")
        return
    wrong = troubles(server, own_addresses(), SystemClock().utc())
    for sentence in wrong:
        yield Finding(State.WRONG, "https", sentence)
    for path in readable_by_others(folder):
        yield Finding(State.WRONG, "https", f"others on this machine can read the key: chmod 600 {path}")
    if not wrong:
        yield Finding(
            State.OK, "https", f"the certificate is good until {server.not_valid_after_utc:%d %B %Y}"
        )


def providers() -> Iterator[Finding]:
    """Sign-in through providers, where it is configured: also whether each answers."""
    what = "sign-in through a provider"
    files = [folder / ".streamlit" / "secrets.toml" for folder in (Path.home(), Path.cwd())]
    desk = Desk(files, _port(), SystemClock())
    config = desk.config()
    for sentence in config.troubles:
        yield Finding(State.WRONG, what, f"{sentence} Until then one signs in with a password.")
    if config.providers:
        for path in files:
            if path.exists() and path.stat().st_mode & 0o077:
                yield Finding(State.WRONG, what, f"others on this machine can read it: chmod 600 {path}")
    for label, wrong in desk.checked():
        yield Finding(State.NOTE if wrong else State.OK, what, wrong or f"{label} answers")


def _port() -> int:
    given = os.environ.get("STREAMLIT_SERVER_PORT", "")
    return int(given) if given.isdigit() else 8501


def test_tools() -> Iterator[Finding]:
    for tool, use in (("ffmpeg", "the tests that encode video"), ("chromium", "the browser tests")):
        found = shutil.which(tool)
        if found:
            yield Finding(State.OK, tool, found)
        else:
            yield Finding(State.NOTE, tool, f"not here; only {use} need it: sudo apt-get install {tool}")


def sound() -> Iterator[Finding]:
    cards = Path("/proc/asound/cards")
    if cards.exists() and "no soundcards" not in cards.read_text(encoding="utf-8", errors="replace"):
        yield Finding(State.OK, "sound", "this machine has a sound card")
    else:
        yield Finding(State.NOTE, "sound", "no sound card here: alarms sound in the open pages alone")


def _words(error: Exception) -> str:
    if isinstance(error, CertificateError):
        return str(error)
    return preflight.cause(error) or f"{type(error).__name__}: {error}"


def _version(name: str) -> str | None:
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return None


def _differs(name: str, wanted: str) -> str:
    found = _version(name)
    return "" if found == wanted else f"{name} is {found or 'missing'}, not {wanted}"


CHECKS: tuple[tuple[str, Check], ...] = (
    ("Python", python),
    ("system libraries", libraries),
    ("packages", packages),
    ("imports", imports),
    ("weights", models),
    ("OpenVINO devices", devices),
    ("data folder", data),
    ("https", https),
    ("sign-in through a provider", providers),
    ("test tools", test_tools),
    ("sound", sound),
)
