"""The commands of the UI: checked, kept in the database, and then done. What the database refuses is not
done, and the watch goes on as it was."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Awaitable, Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any, ParamSpec, TypeVar

from dashboard.clock import Clock
from dashboard.monitor import entries
from dashboard.monitor.addresses import LONGEST_ADDRESS, AddressError, checked_address, with_kept_secret
from dashboard.monitor.handle import MonitorError, Reply
from dashboard.monitor.snapshot import SnapshotError, take_snapshot
from dashboard.monitor.watch import Watch
from dashboard.settings import Settings
from dashboard.store import Store, StoreError
from dashboard.values import CameraSpec, SourceKind

P = ParamSpec("P")
T = TypeVar("T")
_Command = Callable[[Mapping[str, Any]], Awaitable[Reply]]
_ENTRY = ("name", "kind", "address", "loop", "max_fps", "enabled", "backend")
# What of this is done is written down with who did it and from where.
_AUDITED = {
    "cameras.add": "camera_added",
    "cameras.edit": "camera_changed",
    "cameras.remove": "camera_removed",
    "cameras.order": "cameras_ordered",
    "cameras.renew": "camera_view_renewed",
}
# Each test is a process that may take a core for seconds.
_TESTS_AT_ONCE = 2


class Commands:
    """Everything that may be asked of the monitor, by name. One change at a time."""

    def __init__(self, store: Store, watch: Watch, clock: Clock, settings: Settings) -> None:
        """`serve` adds what other parts of the monitor answer."""
        self._store = store
        self._watch = watch
        self._clock = clock
        self._settings = settings
        self._changing = asyncio.Lock()
        # Refuses what takes the watch away: MonitorError where a PIN is set and `pin` is not it.
        self.may_disarm: Callable[[Mapping[str, Any]], Awaitable[None]] = _anybody
        self.noted: Callable[[str, str, str, Mapping[str, object]], None] = lambda *entry: None
        self._testing = asyncio.Semaphore(_TESTS_AT_ONCE)
        # The database is slow when the disk is: never in the loop that feeds the viewers.
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="store")
        self._changes: dict[str, _Command] = {
            "cameras.add": self._add,
            "cameras.edit": self._edit,
            "cameras.remove": self._remove,
            "cameras.order": self._order,
            "cameras.renew": self._renew,
        }
        self._questions: dict[str, _Command] = {
            "cameras.list": self._list,
            "cameras.test": self._test,
            "status": self._status,
        }

    def serve(self, changes: Mapping[str, _Command], questions: Mapping[str, _Command]) -> None:
        """More commands: `changes` run one at a time, `questions` at any time."""
        self._changes |= changes
        self._questions |= questions

    async def run(self, command: str, args: Mapping[str, Any], payload: bytes) -> Reply:
        """One command to its end; MonitorError is the refusal, in one sentence."""
        if payload:
            raise MonitorError("No command takes a payload.")
        try:
            if command in self._changes:
                async with self._changing:
                    return await self._changed(command, args)
            if command in self._questions:
                return await self._questions[command](args)
        except (AddressError, StoreError, SnapshotError) as error:
            raise MonitorError(str(error)) from None
        raise MonitorError(f"There is no command {command[:40]!r}.")

    async def _changed(self, command: str, args: Mapping[str, Any]) -> Reply:
        if command not in _AUDITED:
            return await self._changes[command](args)
        if self._disarms(command, args):
            await self.may_disarm(args)
        asked = {key: value for key, value in args.items() if key not in ("who", "where", "pin")}
        named = {spec.id: spec.name for spec in self._watch.cameras()}
        reply = await self._changes[command](asked)
        named |= {spec.id: spec.name for spec in self._watch.cameras()}
        camera = str(asked.get("id") or reply.result.get("id") or "")
        # The names of what was changed, and no address: it may hold a password.
        detail: dict[str, Any] = {"fields": sorted(set(asked) - {"id"})}
        detail |= {"camera": camera, "name": named.get(camera, "")} if camera else {}
        who, where = str(args.get("who") or "owner"), str(args.get("where") or "page")
        self.noted(_AUDITED[command], who, where, detail)
        return reply

    def _disarms(self, command: str, args: Mapping[str, Any]) -> bool:
        """Whether a camera that watches would watch no more."""
        off = command == "cameras.remove" or (command == "cameras.edit" and args.get("enabled") is False)
        return off and any(spec.enabled and spec.id == args.get("id") for spec in self._watch.cameras())

    def close(self) -> None:
        self._thread.shutdown()

    async def _list(self, args: Mapping[str, Any]) -> Reply:
        entries.check_fields(args, ())
        return Reply({"cameras": self._watch.described()})

    async def _status(self, args: Mapping[str, Any]) -> Reply:
        entries.check_fields(args, ())
        return Reply(self._watch.status())

    async def _add(self, args: Mapping[str, Any]) -> Reply:
        entries.check_fields(args, _ENTRY, ("name", "kind"))
        there = self._watch.cameras()
        most = self._settings.monitor.cameras
        if len(there) >= most:
            raise MonitorError(f"There are {most} cameras already, and no more are possible.")
        blank = CameraSpec(secrets.token_hex(6), "", SourceKind.FILE, position=len(there))
        spec = await self._entered(blank, args, there)
        await self._in_store(self._store.add_camera, spec, self._clock.utc())
        self._watch.add(spec)
        return Reply({"id": spec.id})

    async def _edit(self, args: Mapping[str, Any]) -> Reply:
        entries.check_fields(args, ("id", *_ENTRY), ("id",))
        there = self._watch.cameras()
        before = entries.camera(args, there)
        others = [spec for spec in there if spec.id != before.id]
        spec = await self._entered(before, args, others)
        if spec != before:
            await self._in_store(self._store.change_camera, spec, self._clock.utc())
            await self._watch.change(spec)
        return Reply({"id": spec.id})

    async def _remove(self, args: Mapping[str, Any]) -> Reply:
        entries.check_fields(args, ("id",), ("id",))
        spec = entries.camera(args, self._watch.cameras())
        await self._in_store(self._store.remove_camera, spec.id)
        await self._watch.remove(spec.id)
        return Reply()

    async def _renew(self, args: Mapping[str, Any]) -> Reply:
        """What the camera shows now is its view, to be learnt anew."""
        entries.check_fields(args, ("id",), ("id",))
        spec = entries.camera(args, self._watch.cameras())
        if not self._watch.renew(spec.id):
            raise MonitorError(f"{spec.name} is not watching now: there is no view to take.")
        return Reply()

    async def _order(self, args: Mapping[str, Any]) -> Reply:
        entries.check_fields(args, ("ids",), ("ids",))
        order = entries.ids(args, self._watch.cameras())
        await self._in_store(self._store.order_cameras, order)
        self._watch.order(order)
        return Reply()

    async def _test(self, args: Mapping[str, Any]) -> Reply:
        """A picture of a camera as it is typed, or of the kept one (`id`) with what is typed changed."""
        entries.check_fields(args, ("id", "kind", "address"))
        before = entries.camera(args, self._watch.cameras()) if "id" in args else None
        if before is None:
            entries.check_fields(args, ("kind", "address"), ("kind",))
        blank = before or CameraSpec("test", "test", SourceKind.FILE)
        spec = await self._addressed(blank, args)
        if spec.kind is SourceKind.BROWSER:
            raise MonitorError("The camera of a browser is tested by starting it on its page.")
        async with self._testing:
            masks = self._watch.masks(before.id) if before is not None else ()
            return Reply({}, await take_snapshot(spec, self._settings, masks))

    async def _entered(
        self, before: CameraSpec, args: Mapping[str, Any], others: tuple[CameraSpec, ...] | list[CameraSpec]
    ) -> CameraSpec:
        """`before` with what was typed."""
        name = entries.name(args, others) if "name" in args else before.name
        spec = await self._addressed(before, args)
        return replace(
            spec,
            name=name,
            loop=entries.flag(args, "loop", before.loop),
            max_fps=entries.max_fps(args, before.max_fps),
            enabled=entries.flag(args, "enabled", before.enabled),
            backend=entries.backend(args, before.backend),
        )

    async def _addressed(self, before: CameraSpec, args: Mapping[str, Any]) -> CameraSpec:
        kind = entries.kind(args) if "kind" in args else before.kind
        typed = entries.text(args, "address", LONGEST_ADDRESS) if "address" in args else None
        if typed is None:
            typed = before.address if kind is before.kind else ""
        address = with_kept_secret(typed, before.address) if kind is before.kind else typed
        # What was checked once is kept, even if its file is away today; a new camera has no name yet.
        if (kind, address) != (before.kind, before.address) or not before.name:
            # Looks at the disk, which may be a network's.
            address = await asyncio.to_thread(checked_address, kind, address)
        return replace(before, kind=kind, address=address)

    async def _in_store(self, do: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._thread, lambda: do(*args, **kwargs))


async def _anybody(args: Mapping[str, Any]) -> None:
    """No PIN is known of."""
