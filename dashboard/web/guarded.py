"""The monitor's handle in the hands of an account: what it may not ask for is refused before the monitor
hears of it, and what is written down is written under its name."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, cast

from starlette.requests import HTTPConnection

from dashboard.accounts.roles import NOBODY, REFUSED, Account, right_of_command
from dashboard.monitor.handle import MonitorError, Reply
from dashboard.web import service

# Here `who` is the adult who takes over, who need not be the one at the screen.
_OF_AN_ADULT = frozenset({"mode.set", "prompt.answer"})
_LONGEST_WHERE = 100


def signed(command: str, args: Mapping[str, Any], account: Account) -> dict[str, Any]:
    """The arguments under the account's own name; MonitorError when it may not ask for this."""
    right = right_of_command(command)
    if not account.may(right):
        raise MonitorError("You are signed out: sign in again." if account == NOBODY else REFUSED[right])
    found = dict(args)
    if "who" not in found:
        return found
    said = found["who"]
    if command not in _OF_AN_ADULT or not isinstance(said, str) or not said.strip():
        return {**found, "who": account.name}
    if said.strip() != account.name:
        where = found.get("where")
        words = f"{where if isinstance(where, str) and where else 'a page'}, by {account.name}"
        found["where"] = words[:_LONGEST_WHERE]
    return found


def account_of(line: HTTPConnection) -> Account:
    """Who is at the other end, as the gate has found out."""
    found: Account = line.scope.get("state", {}).get("account") or service.without_gate()
    return found


def handle_of(line: HTTPConnection, here: service.Service) -> service.Handle:
    """The monitor's handle as the account at the other end may use it."""
    return cast(service.Handle, Guarded(here.handle, lambda: account_of(line)))


class Guarded:
    """A handle for one page. `account` is asked anew every time: a device may have been signed out."""

    def __init__(self, handle: service.Handle, account: Callable[[], Account]) -> None:
        self._handle = handle
        self._account = account

    def request(self, command: str, payload: bytes = b"", **args: Any) -> Reply:
        """MonitorError also for what the account may not ask for."""
        return self._handle.request(command, payload, **signed(command, args, self._account()))

    def __getattr__(self, name: str) -> Any:
        """Looking is as it is: whoever has a page may look."""
        return getattr(self._handle, name)

    def for_later(self) -> Guarded:
        """The same for whoever it is now: what runs after the page was drawn, a file that is being made,
        knows no browser any more. The request that fetches the file comes through the gate by itself."""
        account = self._account()
        return Guarded(self._handle, lambda: account)


def for_later(handle: service.Handle) -> service.Handle:
    """A page's handle for what runs after the page was drawn."""
    return cast(service.Handle, handle.for_later()) if isinstance(handle, Guarded) else handle
