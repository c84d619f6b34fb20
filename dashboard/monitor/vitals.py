"""How the monitor itself is: its memory and load, the disk, the database, its version."""

from __future__ import annotations

import asyncio
import os
import resource
import shutil
import tomllib
from collections import deque
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from sqlalchemy.engine import make_url

from dashboard.clock import Clock
from dashboard.monitor import entries
from dashboard.monitor.handle import Reply

_PROJECT = Path(__file__).resolve().parents[2] / "pyproject.toml"
# The load is that of the last ten seconds or so, however often somebody asks.
_WINDOW_S = 10.0


class Vitals:
    """Answers `health.get`. `address` is the database's, `why` tells why it cannot be written."""

    def __init__(self, data: Path, address: str, clock: Clock, why: Callable[[], str]) -> None:
        self._data = data
        self._file = _file(address)
        self._clock = clock
        self._why = why
        self._began = clock.monotonic()
        self._used: deque[tuple[float, float]] = deque([(self._began, _cpu_s())])

    async def answer(self, args: Mapping[str, Any]) -> Reply:
        """{version, pid, uptime_s, cpu_s, cpu (percent of a core, None before it is known), rss_mb, disk:
        {free, total} bytes or None, database: {kind, bytes or None, ok, why}}."""
        entries.check_fields(args, ())
        disk, size = await asyncio.to_thread(lambda: (_disk(self._data), _size(self._file)))
        why = self._why()
        return Reply(
            {
                "version": version(),
                "pid": os.getpid(),
                "uptime_s": round(self._clock.monotonic() - self._began, 1),
                "cpu_s": round(_cpu_s(), 2),
                "cpu": self._cpu(),
                "rss_mb": rss_mb(),
                "disk": disk,
                "database": {
                    "kind": "file" if self._file else "server",
                    "bytes": size,
                    "ok": not why,
                    "why": why,
                },
            }
        )

    def _cpu(self) -> float | None:
        now = (self._clock.monotonic(), _cpu_s())
        self._used.append(now)
        while len(self._used) > 2 and self._used[1][0] <= now[0] - _WINDOW_S:
            self._used.popleft()
        began = self._used[0]
        return round(100 * (now[1] - began[1]) / (now[0] - began[0]), 1) if now[0] > began[0] else None


def version() -> str:
    """Of this program, as its project file has it; "unknown" without one."""
    try:
        return str(tomllib.loads(_PROJECT.read_text(encoding="utf-8"))["project"]["version"])
    except (OSError, KeyError, tomllib.TOMLDecodeError):
        return "unknown"


def rss_mb() -> float | None:
    """What this process holds in memory, in millions of bytes."""
    try:
        pages = int(Path("/proc/self/statm").read_text().split()[1])
    except (OSError, ValueError, IndexError):
        return None
    return round(pages * os.sysconf("SC_PAGE_SIZE") / 1e6, 1)


def _cpu_s() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def _file(address: str) -> Path | None:
    url = make_url(address)
    return Path(url.database) if url.get_backend_name() == "sqlite" and url.database else None


def _disk(data: Path) -> dict[str, int] | None:
    try:
        found = shutil.disk_usage(data)
    except OSError:
        return None
    return {"free": found.free, "total": found.total}


def _size(file: Path | None) -> int | None:
    """With what has not been brought into the file yet."""
    if file is None:
        return None
    try:
        return sum(f.stat().st_size for f in (file, file.with_name(file.name + "-wal")) if f.exists())
    except OSError:
        return None
