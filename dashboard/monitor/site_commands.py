"""What may be asked of the judge: mode, alarms, prompts, zones, contacts, PIN, events."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from dashboard.alarm.machine import Reason
from dashboard.clock import Clock
from dashboard.monitor import entries, pin
from dashboard.monitor.audit_commands import AuditCommands
from dashboard.monitor.contact_commands import ContactCommands
from dashboard.monitor.handle import MonitorError, Reply
from dashboard.monitor.history_commands import HistoryCommands
from dashboard.monitor.judging import Judging
from dashboard.monitor.places import Places
from dashboard.monitor.report_commands import ReportCommands
from dashboard.monitor.reporting import Reporting
from dashboard.monitor.setting_commands import SettingCommands
from dashboard.monitor.setup_commands import SetupCommands
from dashboard.monitor.timeline_commands import TimelineCommands
from dashboard.monitor.zone_commands import ZoneCommands
from dashboard.store import Store
from dashboard.values import Mode

Command = Callable[[Mapping[str, Any]], Awaitable[Reply]]
_LONGEST_NOTE = 1000


class SiteCommands:
    """`changes` run one at a time, `questions` at any time; see `Commands`. `selftest` runs one."""

    def __init__(
        self,
        store: Store,
        judging: Judging,
        places: Places,
        clock: Clock,
        selftest: Callable[[], Awaitable[Mapping[str, Any]]],
    ) -> None:
        self._store = store
        self._judging = judging
        self._clock = clock
        self._selftest = selftest
        self._guesses = pin.Guesses(clock)
        # Waits, not for ever, until it is written: whoever was told that an alarm is there, or that it is
        # seen, finds it so after a crash too.
        self.settled: Callable[[], bool] = lambda: True
        self.contacts = contacts = ContactCommands(store, judging)
        self.settings = settings = SettingCommands(store, judging, clock, self.check_pin_if_set)
        self.reporting = reporting = Reporting(store, places, clock)
        zones = ZoneCommands(store, judging, places, clock, self.check_pin_if_set)
        self.changes: dict[str, Command] = {
            "mode.set": self._set_mode,
            "pin.set": self._set_pin,
            **zones.changes,
            **contacts.changes,
            **settings.changes,
        }
        # Acknowledging waits for nothing that somebody else does.
        self.questions: dict[str, Command] = {
            "prompt.answer": self._answer,
            "alarm.acknowledge": self._acknowledge,
            "alarm.resolve": self._resolve,
            "alarm.drill": self._drill,
            "selftest.run": self._run_selftest,
            **zones.questions,
            **contacts.questions,
            **settings.questions,
            **HistoryCommands(store, judging, places).questions,
            **TimelineCommands(store, judging, places, clock).questions,
            **AuditCommands(store, judging, places).questions,
            **SetupCommands(store, places).questions,
            **ReportCommands(reporting, judging).questions,
        }

    async def _set_mode(self, args: Mapping[str, Any]) -> Reply:
        entries.check_fields(args, ("mode", "who", "where", "pin", "minutes"), ("mode", "who"))
        if args["mode"] not in list(Mode):
            raise MonitorError(f"The mode must be one of {', '.join(Mode)}.")
        mode, minutes = Mode(args["mode"]), args.get("minutes")
        if minutes is not None and (isinstance(minutes, bool) or not isinstance(minutes, int | float)):
            raise MonitorError("The minutes must be a number.")
        if mode is Mode.PAUSED:
            await self.check_pin(str(args.get("pin") or ""), args, "Set a PIN first: a pause needs one.")
        pause_s = float(minutes) * 60 if minutes is not None and mode is Mode.PAUSED else None
        self._judging.set_mode(mode, entries.text(args, "who", 100), _where(args), pause_s)
        return Reply({"mode": mode.value})

    async def _set_pin(self, args: Mapping[str, Any]) -> Reply:
        entries.check_fields(args, ("old", "new", "who", "where"), ("new",))
        try:
            new = pin.checked(entries.text(args, "new", 100))
        except pin.PinError as error:
            raise MonitorError(str(error)) from None
        if await asyncio.to_thread(self._kept_pin) is not None:
            await self.check_pin(str(args.get("old") or ""), args)
        kept = await asyncio.to_thread(pin.hashed, new)
        await asyncio.to_thread(self._store.choose, {"pin": kept}, self._clock.utc())
        self._judging.pin = True
        self._judging.note("pin_changed", str(args.get("who") or "owner"), _where(args), {})
        return Reply()

    async def check_pin_if_set(self, args: Mapping[str, Any]) -> None:
        """As `check_pin` with what stands in `args`; where no PIN is set everything passes."""
        if await asyncio.to_thread(self._kept_pin) is not None:
            await self.check_pin(str(args.get("pin") or ""), args)

    async def check_pin(self, typed: str, args: Mapping[str, Any], unset: str = "Set a PIN first.") -> None:
        """MonitorError when it is not the PIN, was tried too often, or (`unset`) none is set. `args` says
        who typed it and where: a wrong one is written down."""
        kept = await asyncio.to_thread(self._kept_pin)
        if kept is None:
            raise MonitorError(unset)
        try:
            self._guesses.check()
        except pin.PinError as error:
            raise MonitorError(str(error)) from None
        right = await asyncio.to_thread(pin.fits, typed, kept)
        self._guesses.count(right)
        if not right:
            self._judging.note("pin_refused", str(args.get("who") or "somebody"), _where(args), {})
            raise MonitorError("The PIN is not right.")

    def _kept_pin(self) -> Mapping[str, object] | None:
        found = self._store.choices().get("pin")
        return found if isinstance(found, dict) else None

    async def _answer(self, args: Mapping[str, Any]) -> Reply:
        entries.check_fields(args, ("id", "choice", "who", "where"), ("id", "choice", "who"))
        prompt, choice = (entries.text(args, key, 100) for key in ("id", "choice"))
        self._judging.answer(prompt, choice, entries.text(args, "who", 100), _where(args))
        return Reply()

    async def _acknowledge(self, args: Mapping[str, Any]) -> Reply:
        entries.check_fields(args, ("id", "who", "where"), ("id", "who"))
        self._judging.acknowledge(_number(args, "id"), entries.text(args, "who", 100), _where(args))
        await asyncio.to_thread(self.settled)
        return Reply()

    async def _resolve(self, args: Mapping[str, Any]) -> Reply:
        entries.check_fields(args, ("id", "who", "reason", "note", "where"), ("id", "who", "reason"))
        if args["reason"] not in list(Reason):
            raise MonitorError(f"The reason must be one of {', '.join(Reason)}.")
        note = entries.text(args, "note", _LONGEST_NOTE) if args.get("note") is not None else ""
        who = entries.text(args, "who", 100)
        self._judging.resolve(_number(args, "id"), who, Reason(args["reason"]), note, _where(args))
        await asyncio.to_thread(self.settled)
        return Reply()

    async def _drill(self, args: Mapping[str, Any]) -> Reply:
        entries.check_fields(args, ("who", "where"), ("who",))
        number = self._judging.drill(entries.text(args, "who", 100), _where(args))
        await asyncio.to_thread(self.settled)
        return Reply({"id": number})

    async def _run_selftest(self, args: Mapping[str, Any]) -> Reply:
        entries.check_fields(args, ())
        return Reply(await self._selftest())


def _number(args: Mapping[str, Any], field: str) -> int:
    value = args[field]
    if isinstance(value, bool) or not isinstance(value, int):
        raise MonitorError(f"The field {field!r} must be a whole number.")
    return value


def _where(args: Mapping[str, Any]) -> str:
    return entries.text(args, "where", 100) if args.get("where") is not None else ""
