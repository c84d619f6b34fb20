"""What every source is: a blocking iterator of frames that can be told to end."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from dashboard.values import Frame


class SourceError(Exception):
    """A source cannot be opened or read.

    The message is one plain sentence without credentials, fit for the page. `hopeless` is true when
    trying again soon cannot help (a wrong password, a forbidden address): cameras lock an account
    after a few refused tries, so whoever retries should wait long.
    """

    def __init__(self, reason: str, hopeless: bool = False) -> None:
        super().__init__(reason)
        self.reason = reason
        self.hopeless = hopeless


class Source(Protocol):
    """One opened camera or recording."""

    def frames(self) -> Iterator[Frame]:
        """Blocks for the next frame; ends when the source has ended; raises SourceError."""
        ...

    def close(self) -> None:
        """Ask `frames` to end. May be called from any thread, and more than once."""
        ...


@contextmanager
def reading(source: Source) -> Iterator[Iterator[Frame]]:
    """`source.frames()`, ended in this thread at once when the block is left, so that nothing lingers."""
    frames = source.frames()
    try:
        yield frames
    finally:
        source.close()
        end = getattr(frames, "close", None)
        if end is not None:
            end()


@dataclass
class Progress:
    """What a source tells of itself while it reads. Written by the source's thread, read by others.

    `corrupt` counts pictures lost to damaged data, `late` those left out because they were old,
    `silence` says in plain words why no picture comes just now, `patient` that waiting long is normal.
    """

    corrupt: int = 0
    late: int = 0
    silence: str = "connecting"
    patient: bool = False


@runtime_checkable
class Reporting(Protocol):
    """A source that keeps a Progress."""

    progress: Progress
