"""How soon somebody may try a password again. Time comes as an argument, in seconds.

Two counts: what came from an address, and what was tried on an account from addresses that never signed in
to it. So whoever guesses from elsewhere slows nobody down who signs in where they always do, and whoever
mistypes at the pool waits seconds, not minutes: there may be an alarm.
"""

from __future__ import annotations

import ipaddress
from collections import OrderedDict
from dataclasses import dataclass
from typing import TypeVar

K = TypeVar("K")
V = TypeVar("V")
FREE_FROM_ADDRESS = 5
FREE_ON_ACCOUNT = 10
FIRST_WAIT_S = 2.0
LONGEST_WAIT_S = 30.0
# A count is forgotten when nothing was wrong for so long.
FORGOTTEN_S = 900.0
# Of each kind; the oldest goes first.
_MOST = 2048


@dataclass(frozen=True)
class _Count:
    wrong: int = 0
    until: float = 0.0
    last: float = 0.0


class Throttle:
    """Counts wrong passwords, in memory. Account "" is none: then only the address counts."""

    def __init__(self) -> None:
        self._counts: OrderedDict[tuple[str, str], _Count] = OrderedDict()
        self._known: OrderedDict[tuple[str, str], float] = OrderedDict()

    def wait_s(self, account: str, address: str, t: float) -> float:
        """How long from now until it may be tried; 0 for at once."""
        return max(
            max(self._counts.get(key, _Count()).until - t for key in self._keys(account, address)), 0.0
        )

    def tried(self, account: str, address: str, t: float) -> None:
        """Counts one more as wrong, before it is looked at: many at once are many."""
        for key in self._keys(account, address):
            before = self._counts.get(key, _Count())
            wrong = (before.wrong if t - before.last < FORGOTTEN_S else 0) + 1
            free = FREE_FROM_ADDRESS if key[0] == "address" else FREE_ON_ACCOUNT
            over = wrong - free
            wait_s = min(FIRST_WAIT_S * 2 ** min(over, 10), LONGEST_WAIT_S) if over >= 0 else 0.0
            _put(self._counts, key, _Count(wrong, t + wait_s, t))

    def right(self, account: str, address: str, t: float) -> None:
        """It was right after all: from there the account is no longer waited for."""
        for key in self._keys(account, address):
            before = self._counts.pop(key, _Count())
            if key[0] == "account" and before.wrong > 1:
                _put(self._counts, key, _Count(before.wrong - 1, before.until, before.last))
        if account:
            _put(self._known, (account, network(address)), t)

    def _keys(self, account: str, address: str) -> list[tuple[str, str]]:
        keys = [("address", network(address))]
        if not account:
            return keys
        return keys if (account, network(address)) in self._known else [*keys, ("account", account)]


def network(address: str) -> str:
    """What counts as one place: an IPv4 address, the /64 of an IPv6 address."""
    try:
        found = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return address[:64]
    if isinstance(found, ipaddress.IPv6Address):
        if found.ipv4_mapped is not None:
            return str(found.ipv4_mapped)
        return str(ipaddress.ip_network((found, 64), strict=False))
    return str(found)


def _put(kept: OrderedDict[K, V], key: K, value: V) -> None:
    kept[key] = value
    kept.move_to_end(key)
    while len(kept) > _MOST:
        kept.popitem(last=False)
