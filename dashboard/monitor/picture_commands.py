"""The real picture of one camera, opened by the owner with PIN and reason, for ten minutes.

What is open is kept in memory alone: after a restart every picture is sealed. Who opened it, why, and when it
was sealed again, is written down."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol

from dashboard.clock import Clock
from dashboard.monitor import entries
from dashboard.monitor.handle import MonitorError, Reply
from dashboard.monitor.sayable import named
from dashboard.monitor.watch import Watch

# For so long the owner sees it; then it is asked for again.
OPEN_S = 600.0
_UNSET = "No PIN is set: set one on the page People first. The real picture opens with the PIN alone."
_TIMER = "timer"

Command = Callable[[Mapping[str, Any]], Awaitable[Reply]]
Note = Callable[[str, str, str, Mapping[str, object]], None]


class CheckPin(Protocol):
    """MonitorError when `typed` is not the PIN, or (`unset`) none is set; see `SiteCommands.check_pin`."""

    async def __call__(self, typed: str, args: Mapping[str, Any], unset: str) -> None: ...


@dataclass(frozen=True)
class Opening:
    """Open while both clocks are before their end: the one stands still while a machine sleeps, the other
    may be set back. `until_t` is monotonic."""

    who: str
    until_t: float
    until: datetime


class PictureCommands:
    """`changes` run one at a time, `questions` at any time; see `Commands`. `note` writes an entry of the
    audit: what, who, from where, detail."""

    def __init__(self, watch: Watch, check_pin: CheckPin, note: Note, clock: Clock) -> None:
        self._watch = watch
        self._check_pin = check_pin
        self._note = note
        self._clock = clock
        self._opened: dict[str, Opening] = {}
        self.changes: dict[str, Command] = {"picture.open": self._open}
        # Sealing waits for nothing that somebody else does.
        self.questions: dict[str, Command] = {"picture.close": self._close}

    def described(self) -> dict[str, dict[str, Any]]:
        """What is open, for the pages: camera -> {who, until_utc, until_t}."""
        return {
            camera: {"who": one.who, "until_utc": one.until.isoformat(), "until_t": one.until_t}
            for camera, one in self._opened.items()
        }

    def turn(self) -> None:
        """Time passes, several times a second: seals what was open long enough, or has no camera any more."""
        there = {spec.id for spec in self._watch.cameras() if spec.enabled}
        now, utc = self._clock.monotonic(), self._clock.utc()
        for camera, one in list(self._opened.items()):
            if camera not in there:
                self._seal(camera, _TIMER, _TIMER, "the camera is gone or switched off")
            elif now >= one.until_t or utc >= one.until:
                self._seal(camera, _TIMER, _TIMER, f"{OPEN_S / 60:.0f} minutes are over")

    async def _open(self, args: Mapping[str, Any]) -> Reply:
        fields = ("camera", "pin", "reason", "who")
        entries.check_fields(args, (*fields, "where"), fields)
        spec = entries.camera({"id": args["camera"]}, self._watch.cameras())
        if not spec.enabled:
            raise MonitorError(f"{spec.name} is switched off: there is no picture to show.")
        reason, who = entries.text(args, "reason", 200), named(entries.text(args, "who", 100))
        if not reason:
            raise MonitorError("Say why: it is written down.")
        await self._check_pin(entries.text(args, "pin", 100), args, _UNSET)
        until = self._clock.utc() + timedelta(seconds=OPEN_S)
        # Written down before anybody can see it.
        self._note("picture_opened", who, _where(args), {"camera": spec.id, "reason": reason})
        self._opened[spec.id] = Opening(who, self._clock.monotonic() + OPEN_S, until)
        self._tell()
        return Reply({"until_utc": until.isoformat()})

    async def _close(self, args: Mapping[str, Any]) -> Reply:
        entries.check_fields(args, ("camera", "who", "where"), ("camera", "who"))
        camera = entries.text(args, "camera", 100)
        if camera in self._opened:
            who = named(entries.text(args, "who", 100))
            self._seal(camera, who, _where(args), "before its time was over")
        return Reply()

    def _seal(self, camera: str, who: str, where: str, because: str) -> None:
        del self._opened[camera]
        self._tell()
        self._note("picture_closed", who, where, {"camera": camera, "because": because})

    def _tell(self) -> None:
        self._watch.use_opened(frozenset(self._opened))


def _where(args: Mapping[str, Any]) -> str:
    return entries.text(args, "where", 100) if args.get("where") is not None else ""
