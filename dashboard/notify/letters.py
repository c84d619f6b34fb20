"""What is sent, what came of it, and who sends."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol


@dataclass(frozen=True)
class Letter:
    """One message to one address. `kind` as in `values.Delivery`. The address holds credentials."""

    address: str = field(repr=False)
    kind: str
    title: str
    text: str


@dataclass(frozen=True)
class Outcome:
    """What one attempt came to. `error` is a plain sentence without credentials, "" when it worked. `cut`:
    our own end cut it off, and nobody knows whether it arrived."""

    ok: bool
    error: str = ""
    cut: bool = False


class Sender(Protocol):
    """Carries one letter at a time for each thread that asks."""

    def start(self) -> None:
        """Gets ready, without waiting for it."""
        ...

    def send(self, letter: Letter) -> Outcome:
        """Sends it; comes back within a bounded time, whatever the service does."""
        ...

    def stop(self) -> None:
        """Breaks off what is on its way."""
        ...
