"""Starts and stops `streamlit run dashboard/app.py` as a user would, and looks at its processes."""

from __future__ import annotations

import functools
import os
import signal
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

from dashboard.accounts import passwords
from dashboard.accounts.book import digest
from dashboard.accounts.names import folded
from dashboard.accounts.roles import Role
from dashboard.clock import SystemClock
from dashboard.monitor.handle import MonitorHandle
from dashboard.store import AccountRow, AuditRow, Doors, SessionRow, database_url
from dashboard.web.gate import COOKIE
from tests import waiting

CHECKOUT = Path(__file__).resolve().parents[2]
CLOCK = SystemClock()
PASSWORD = "three quiet words"
# Who is signed in on every server that the tests start, and what each device's cookie holds there.
MEMBERS = {
    "Test": Role.OWNER,
    "Tom": Role.OWNER,
    "Anna": Role.OWNER,
    "Gus": Role.GUARDIAN,
    "Vera": Role.VIEWER,
}


def token_of(who: str) -> str:
    """What the cookie of this member's device holds."""
    return f"the-device-of-{who}"


def cookie_of(who: str) -> dict[str, str]:
    """As Playwright takes it. A cookie counts on every port of its host."""
    return {"name": COOKIE, "value": token_of(who), "domain": "127.0.0.1", "path": "/"}


def until(condition: Callable[[], Any], what: str, deadline_s: float = 30.0) -> Any:
    """The first true value of `condition`, asked again and again; fails saying `what` at the deadline."""
    return waiting.until(condition, deadline_s, what)


class Server:
    """One UI server on a free port of this machine; `members`: with the accounts of `MEMBERS`, as after a
    first visit. `home`: whose Streamlit secrets it reads."""

    def __init__(self, data: Path, members: bool = True, home: Path | None = None) -> None:
        self.data = data
        self.home = home
        self.members = members
        self.port = _free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        self.data.parent.mkdir(parents=True, exist_ok=True)
        if self.members:
            join(self.data)
        log = (self.data.parent / f"server-{self.port}.log").open("wb")
        with log:
            self.process = subprocess.Popen(
                [*_COMMAND, "--server.port", str(self.port), "--server.address", "127.0.0.1"],
                cwd=CHECKOUT,
                env={**os.environ, "POOLWATCH_DATA": str(self.data), **self._home()},
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        until(self.answers, f"the server answers ({log.name})", 60)

    def _home(self) -> dict[str, str]:
        return {} if self.home is None else {"HOME": str(self.home)}

    def answers(self) -> bool:
        assert self.process is not None
        assert self.process.poll() is None, "the server ended"
        try:
            with urllib.request.urlopen(f"{self.url}/healthz", timeout=5):
                return True
        except urllib.error.HTTPError as error:
            error.close()
            return True
        except OSError:
            return False

    def stop(self) -> None:
        """Ends it and everything that it started."""
        if self.process is None:
            return
        family = [self.pid, *descendants(self.pid)]
        for pid in family:
            _signal(pid, signal.SIGCONT)
        _signal(self.pid, signal.SIGTERM)
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            for pid in family:
                _signal(pid, signal.SIGKILL)
            self.process.wait()
            raise AssertionError("the server did not stop within 10 s") from None
        finally:
            self.process = None
        until(lambda: not any(alive(pid) for pid in family), "no process is left", 10)

    @property
    def pid(self) -> int:
        assert self.process is not None
        return self.process.pid

    def monitor(self) -> int:
        """The process id of the monitor that watches on this data folder."""
        return int(self.command("status")["pid"])

    def command(self, command: str, **args: Any) -> dict[str, Any]:
        """One command to the monitor, past the pages."""
        handle = MonitorHandle(self.data, CLOCK)
        handle.start()
        try:
            assert handle.wait_connected(10), "no monitor"
            return dict(handle.request(command, **args).result)
        finally:
            handle.stop()


def join(data: Path) -> None:
    """Makes the accounts of `MEMBERS`, each with a device that is signed in."""
    data.mkdir(parents=True, exist_ok=True, mode=0o700)
    doors = Doors(database_url(data))
    try:
        there = {row.name for row in doors.accounts()}
        for name in MEMBERS.keys() - there:
            _join(doors, name, MEMBERS[name])
    finally:
        doors.close()


def _join(doors: Doors, name: str, role: Role) -> None:
    now = CLOCK.utc()
    row = AccountRow(name.lower(), name, folded(name), role.value, _hash())
    noted = AuditRow(now, "account_created", name, "test")
    assert doors.add_account(row, now, noted)
    session = SessionRow(digest(token_of(name)), row.id, now, now, "127.0.0.1", "a test")
    doors.add_session(session, noted, now - timedelta(days=1))


@functools.cache
def _hash() -> str:
    return passwords.hashed(PASSWORD)


def descendants(pid: int) -> list[int]:
    """The process ids of a process's children, and theirs."""
    found: list[int] = []
    # Linux lists children by the thread that started them.
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        try:
            found += [int(child) for child in task.read_text().split()]
        except OSError:
            continue
    return found + [one for child in found for one in descendants(child)]


def alive(pid: int) -> bool:
    """Whether a process runs; one that only waits to be reaped does not."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z"


def _signal(pid: int, number: int) -> None:
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        return


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


_COMMAND = [sys.executable, "-m", "streamlit", "run", "dashboard/app.py"]
