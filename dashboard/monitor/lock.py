"""One monitor per data folder: a lock that the system itself lets go when the process ends."""

from __future__ import annotations

import contextlib
import fcntl
import os
import threading
from pathlib import Path

_AGAIN_S = 0.05


class FolderLock:
    """An flock on the lock file, which holds the process's number for people to read."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file: int | None = None

    def acquire(self, patience_s: float = 10.0) -> bool:
        """True when this process now holds the lock, False when another one does. OSError otherwise.

        A process that is killed while it starts another one (a player, a worker) leaves it the lock until
        that one has begun: the lock of a process that is gone is waited for, at most `patience_s`."""
        file = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        pause = threading.Event()
        for _ in range(max(round(patience_s / _AGAIN_S), 1)):
            if _locked(file):
                break
            if not self._abandoned():
                os.close(file)
                return False
            pause.wait(_AGAIN_S)
        else:
            os.close(file)
            return False
        self._file = file
        # The number is for people: a full disk must not keep the watch from starting.
        with contextlib.suppress(OSError):
            os.ftruncate(file, 0)
            os.write(file, f"{os.getpid()}\n".encode())
        return True

    def _abandoned(self) -> bool:
        """Whether the process that wrote its number is gone."""
        holder = self.holder()
        try:
            if holder is not None:
                os.kill(holder, 0)
        except ProcessLookupError:
            return True
        except PermissionError:
            pass
        return False

    def release(self) -> None:
        if self._file is not None:
            os.close(self._file)
            self._file = None

    def holder(self) -> int | None:
        """The process that wrote its number last; None when nothing readable is there."""
        try:
            return int(self._path.read_text())
        except (OSError, ValueError):
            return None


def _locked(file: int) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def is_held(path: Path) -> bool:
    """Whether some process holds the lock now. Looks without creating the file."""
    try:
        file = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except FileNotFoundError:
        return False
    try:
        # A shared lock, so that two who look at once do not see each other.
        fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        return False
    except BlockingIOError:
        return True
    finally:
        os.close(file)
