"""A monitor's handle that answers from memory, and a clock whose hands the test turns."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from dashboard.monitor.handle import REDACTED, CameraView, MonitorError, Reply

# What a handle says of a real picture that the owner has opened.
OPENED = {"who": "Anna", "until_utc": "2026-07-01T12:10:00+00:00", "left_s": 581.04}


class HandClock:
    """Stands still until it is moved."""

    def __init__(self, t: float = 1000.0) -> None:
        self.t = t

    def monotonic(self) -> float:
        return self.t

    def utc(self) -> datetime:
        return datetime.fromtimestamp(self.t, UTC)


class FakeHandle:
    """Keeps cameras in a list; `refuse` maps a command to the sentence with which it fails."""

    def __init__(self) -> None:
        self.connected = True
        self.rows: list[dict[str, Any]] = []
        self.open_now: dict[str, dict[str, Any]] = {}
        self.views: dict[tuple[str, str], CameraView] = {}
        self.refuse: dict[str, str] = {}
        self.requests: list[tuple[str, dict[str, Any]]] = []
        self.touched: list[tuple[str, str]] = []
        self.pushed: list[tuple[str, float, bytes]] = []
        self.snapshot = b""
        self.drawn: dict[str, list[dict[str, Any]]] = {}
        self.pictures: set[str] = set()
        self.document: dict[str, Any] | None = None

    def request(self, command: str, payload: bytes = b"", **args: Any) -> Reply:
        if not self.connected:
            raise MonitorError("The monitor is not running.")
        if command in self.refuse:
            raise MonitorError(self.refuse[command])
        self.requests.append((command, args))
        answer = getattr(self, "_" + command.replace(".", "_"), None)
        if answer is None:
            raise MonitorError(f"There is no command {command!r}.")
        return answer(**args)  # type: ignore[no-any-return]

    def cameras(self) -> tuple[Mapping[str, Any], ...]:
        return tuple(self.rows)

    def opened(self) -> Mapping[str, Mapping[str, Any]]:
        return self.open_now if self.connected else {}

    def zones(self) -> Mapping[str, Sequence[Mapping[str, Any]]]:
        return self.drawn

    def released(self) -> frozenset[str]:
        return frozenset(self.pictures if self.connected else ())

    def site(self) -> Mapping[str, Any] | None:
        return self.document

    async def wait_site(self, after_seq: int, timeout_s: float) -> Mapping[str, Any] | None:
        await asyncio.sleep(0)
        found = self.document
        return found if found is not None and found["seq"] > after_seq else None

    def touch(self, camera: str, view: str = REDACTED) -> None:
        self.touched.append((camera, view))

    def latest(self, camera: str, view: str = REDACTED) -> CameraView | None:
        return self.views.get((camera, view))

    async def wait_newer(
        self, camera: str, seq: int, timeout_s: float, view: str = REDACTED
    ) -> CameraView | None:
        await asyncio.sleep(0)
        found = self.latest(camera, view)
        return found if found is not None and found.seq > seq else None

    def push_frame(self, camera: str, t: float, jpeg: bytes) -> None:
        self.pushed.append((camera, t, jpeg))

    def _cameras_list(self) -> Reply:
        return Reply({"cameras": [dict(row) for row in self.rows]})

    def _cameras_add(self, name: str, kind: str, address: str = "", **options: Any) -> Reply:
        row = {"id": f"c{len(self.rows) + 1}", "name": name, "kind": kind, "address": address}
        usual = {"loop": True, "max_fps": None, "backend": "poolwatch", "enabled": True, "state": "live"}
        self.rows.append({**usual, **row, **options})
        return Reply({"id": row["id"]})

    def _cameras_edit(self, id: str, **values: Any) -> Reply:
        next(row for row in self.rows if row["id"] == id).update(values)
        return Reply()

    def _cameras_remove(self, id: str, **_how: Any) -> Reply:
        self.rows = [row for row in self.rows if row["id"] != id]
        return Reply()

    def _cameras_order(self, ids: list[str]) -> Reply:
        self.rows.sort(key=lambda row: ids.index(row["id"]))
        return Reply()

    def _cameras_test(self, **_what: Any) -> Reply:
        return Reply({}, self.snapshot)

    def _picture_watched(self, camera: str, where: str) -> Reply:
        return Reply()

    def _picture_open(self, camera: str, who: str, **how: Any) -> Reply:
        self.open_now[camera] = {**OPENED, "who": who}
        return Reply({"until_utc": OPENED["until_utc"]})

    def _picture_close(self, camera: str, who: str, where: str) -> Reply:
        self.open_now.pop(camera, None)
        return Reply()
