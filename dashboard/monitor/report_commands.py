"""What may be asked of the night's report: its text and who gets it, and that it is sent now."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from datetime import date
from typing import Any

from dashboard.monitor import entries
from dashboard.monitor.handle import MonitorError, Reply
from dashboard.monitor.judging import Judging, named
from dashboard.monitor.reporting import Reporting

Command = Callable[[Mapping[str, Any]], Awaitable[Reply]]


class ReportCommands:
    """`questions` run at any time; see `Commands`."""

    def __init__(self, reporting: Reporting, judging: Judging) -> None:
        self._reporting = reporting
        self._judging = judging
        self.questions: dict[str, Command] = {"report.night": self._night, "report.send": self._send}

    async def _night(self, args: Mapping[str, Any]) -> Reply:
        """As it would be sent, and to whom and when it goes by itself."""
        entries.check_fields(args, ("day",))
        written = await asyncio.to_thread(self._reporting.written, _day(args))
        people = await asyncio.to_thread(self._reporting.wanted_by)
        said = {"day": written.day.isoformat(), "title": written.title, "text": written.text}
        from_h = self._judging.settings.notify.report_h
        return Reply({**said, "people": [one.name for one in people], "from_h": from_h})

    async def _send(self, args: Mapping[str, Any]) -> Reply:
        entries.check_fields(args, ("day", "who"), ("who",))
        who, day = named(entries.text(args, "who", 100)), _day(args)
        people = await asyncio.to_thread(self._reporting.send_now, day)
        if not people:
            raise MonitorError("Nobody gets the report: switch it on for a contact under People first.")
        self._judging.note("report_sent", who, "page", {"to": [one.name for one in people]})
        self._judging.call()
        return Reply({"people": [one.name for one in people]})


def _day(args: Mapping[str, Any]) -> date | None:
    if args.get("day") is None:
        return None
    try:
        return date.fromisoformat(entries.text(args, "day", 10))
    except ValueError:
        raise MonitorError("The field 'day' must be a day such as 2026-07-01.") from None
