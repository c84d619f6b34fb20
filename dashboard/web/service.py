"""What the pages and routes of this process share: the monitor's handle and a clock.

The server's start fills it in once; pages and routes ask for it. Streamlit runs the pages in the server's own
process, so a module-level place is the one that both see. What a page gets asks for nothing that the account
at its browser may not ask for.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol, cast

from dashboard.accounts.book import Accounts
from dashboard.accounts.roles import NOBODY, Account
from dashboard.clock import Clock
from dashboard.monitor.handle import CameraView, Reply
from dashboard.oidc.desk import Desk


class Handle(Protocol):
    """What the UI needs of the monitor; `MonitorHandle` has it, tests bring their own."""

    @property
    def connected(self) -> bool: ...

    def request(self, command: str, payload: bytes = b"", **args: Any) -> Reply: ...

    def cameras(self) -> tuple[Mapping[str, Any], ...]: ...

    def opened(self) -> Mapping[str, Mapping[str, Any]]: ...

    def zones(self) -> Mapping[str, Sequence[Mapping[str, Any]]]: ...

    def released(self) -> frozenset[str]: ...

    def site(self) -> Mapping[str, Any] | None: ...

    async def wait_site(self, after_seq: int, timeout_s: float) -> Mapping[str, Any] | None: ...

    def touch(self, camera: str, view: str = ...) -> None: ...

    def latest(self, camera: str, view: str = ...) -> CameraView | None: ...

    async def wait_newer(
        self, camera: str, seq: int, timeout_s: float, view: str = ...
    ) -> CameraView | None: ...

    def push_frame(self, camera: str, t: float, jpeg: bytes) -> None: ...


@dataclass(frozen=True)
class Service:
    """The collaborators of every page and route. `here` answers whose browser a page is drawn for, `oidc` is
    the sign-in through providers."""

    handle: Handle
    clock: Clock
    accounts: Accounts | None = None
    here: Callable[[], Account] | None = None
    oidc: Desk | None = None


class NotStartedError(RuntimeError):
    """The server did not go through `dashboard/app.py`, so there is no monitor's handle."""


_installed: list[Service] = []


def without_gate() -> Account:
    """Whom a page is drawn for where no gate stands in front: nobody, who may nothing."""
    return NOBODY


def install(service: Service) -> None:
    """Makes `service` the one of this process."""
    _installed[:] = [service]


def uninstall() -> None:
    """Forgets it, at the end of the server or of a test."""
    _installed.clear()


def account() -> Account:
    """Who sits at the browser of the page that asks; only for pages."""
    found = current_or_none()
    return without_gate() if found is None or found.here is None else found.here()


def current() -> Service:
    """The process's service as a page may use it; NotStartedError before `install`."""
    from dashboard.web.guarded import Guarded

    found = current_or_none()
    if found is None:
        raise NotStartedError("Start Poolwatch with: streamlit run dashboard/app.py")
    return replace(found, handle=cast(Handle, Guarded(found.handle, account)))


def current_or_none() -> Service | None:
    """The process's service as it is, for routes behind the gate; None before `install`."""
    return _installed[0] if _installed else None
