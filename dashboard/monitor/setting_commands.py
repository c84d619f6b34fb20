"""What may be asked of the settings that an owner may change: what they are, what a change would mean, and
the change itself. A change is kept first and then counts at once, in the running judge."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable, Mapping
from typing import Any

from dashboard.clock import Clock
from dashboard.monitor import entries
from dashboard.monitor.handle import MonitorError, Reply
from dashboard.monitor.judging import Judging, named
from dashboard.monitor.missed import missed
from dashboard.monitor.owned import ORDERED, OWNED, is_risky, spec_of, value_of, worded
from dashboard.settings import SettingError, Settings
from dashboard.store import Store

Command = Callable[[Mapping[str, Any]], Awaitable[Reply]]
Values = dict[str, Any]
CHOICE = "settings"
_LARGEST = 1e12
_LONGEST_SHOWN = 40
_LOG = logging.getLogger(__name__)


def with_kept(settings: Settings, choices: Mapping[str, Any]) -> Settings:
    """The settings as the database has them. What cannot be is left at its default: a wrong number in a file
    must not keep anybody from being watched."""
    kept, refused = readable(choices.get(CHOICE))
    for key, why in refused.items():
        _LOG.error("a kept setting is not used: %s: %s", key, why)
    return settings.with_values(kept)


def readable(kept: object) -> tuple[Values, dict[str, str]]:
    """Which of what is kept can be used, and why not the rest."""
    good: Values = {}
    bad: dict[str, str] = {}
    for key, value in kept.items() if isinstance(kept, dict) else ():
        try:
            good[key] = checked(key, value)
        except MonitorError as error:
            bad[str(key)[:_LONGEST_SHOWN]] = str(error)
    for key, why in disordered(Settings().with_values(good)).items():
        good.pop(key, None)
        bad[key] = why
    # Whatever is out of order with a default that took its place.
    for key, why in disordered(Settings().with_values(good)).items():
        bad[key] = why
        for pair in ORDERED:
            if key in pair:
                good.pop(pair[0], None)
                good.pop(pair[1], None)
    return good, bad


def checked(key: object, value: object) -> Any:
    """One value as `settings.py` takes it; MonitorError is its reason."""
    if not isinstance(key, str) or key not in OWNED:
        raise MonitorError(f"There is no setting {str(key)[:_LONGEST_SHOWN]!r} that can be changed here.")
    default = spec_of(key).default
    if isinstance(default, bool):
        if not isinstance(value, bool):
            raise MonitorError("It must be true or false.")
        return value
    if isinstance(value, bool) or not isinstance(value, int | float) or value != value:
        raise MonitorError("It must be a number.")
    if abs(value) > _LARGEST:
        raise MonitorError("The number is too large.")
    if float(value).is_integer():
        value = int(value)
    elif isinstance(default, int):
        raise MonitorError(f"{value:g} is not a whole number.")
    try:
        return value_of(Settings().with_values({key: value}), key)
    except SettingError as error:
        raise MonitorError(f"{str(error).removeprefix(f'{key} = ').rstrip()}.") from None


def disordered(settings: Settings) -> dict[str, str]:
    """Pairs of which the second would come before the first."""
    found = {}
    for first, later in ORDERED:
        least = value_of(settings, first)
        if value_of(settings, later) < least:
            found[later] = f"It must not be less than “{OWNED[first].label}” ({worded(first, least)})."
    return found


class SettingCommands:
    """`changes` run one at a time, `questions` at any time; see `Commands`. `check_pin` refuses a wrong PIN
    where one is set. `applied` is told of every change, `behind` answers which values the running cameras do
    not have yet, `restart` starts them again."""

    def __init__(
        self,
        store: Store,
        judging: Judging,
        clock: Clock,
        check_pin: Callable[[Mapping[str, Any]], Awaitable[None]],
    ) -> None:
        self._store = store
        self._judging = judging
        self._clock = clock
        self._check_pin = check_pin
        self.applied: Callable[[Settings], None] = lambda settings: None
        self.behind: Callable[[Iterable[str]], list[str]] = lambda keys: []
        self.restart: Callable[[], Awaitable[None]] = _nothing
        self.changes: dict[str, Command] = {
            "settings.change": self._change,
            "settings.restart_cameras": self._restart,
        }
        self.questions: dict[str, Command] = {"settings.list": self._list, "settings.check": self._check}

    async def _list(self, args: Mapping[str, Any]) -> Reply:
        entries.check_fields(args, ())
        kept = (await asyncio.to_thread(self._store.choices)).get(CHOICE)
        return self._described(readable(kept)[1])

    async def _check(self, args: Mapping[str, Any]) -> Reply:
        """What is wrong with a change, and what it would mean; nothing is changed."""
        entries.check_fields(args, ("values",), ("values",))
        asked, wrong = self._asked(args)
        risks = [] if wrong else self._risks(asked)
        found = [{**risk, "missed": await self._missed(risk["key"], asked)} for risk in risks]
        return Reply({"wrong": wrong, "risks": found, "pin": self._judging.pin})

    async def _change(self, args: Mapping[str, Any]) -> Reply:
        """`values`: the new ones, null for the default. `sure`: the settings whose risk somebody has read."""
        entries.check_fields(args, ("values", "who", "where", "pin", "sure"), ("values", "who"))
        who = named(entries.text(args, "who", 100))
        where = entries.text(args, "where", 100) if args.get("where") is not None else ""
        asked, wrong = self._asked(args)
        for key, why in wrong.items():
            raise MonitorError(f"{OWNED[key].label}: {why}" if key in OWNED else why)
        risks = self._risks(asked)
        sure = args.get("sure", [])
        unread = [r for r in risks if not isinstance(sure, list) or r["key"] not in sure]
        if unread:
            raise MonitorError(f"This must be confirmed: {unread[0]['means']}")
        if risks:
            await self._check_pin(args)
        await self._apply(asked, who, where)
        return self._described({})

    async def _apply(self, asked: Values, who: str, where: str) -> None:
        kept, _ = readable((await asyncio.to_thread(self._store.choices)).get(CHOICE))
        kept = {k: v for k, v in {**kept, **asked}.items() if v != spec_of(k).default}
        await asyncio.to_thread(self._store.choose, {CHOICE: kept}, self._clock.utc())
        before = self._judging.settings
        settings = before.with_values(asked)
        self._judging.use_settings(settings)
        self.applied(settings)
        for key in asked:
            was, now = value_of(before, key), value_of(settings, key)
            if was != now:
                detail = {
                    "setting": key,
                    "label": OWNED[key].label,
                    "was": was,
                    "now": now,
                    "unit": spec_of(key).unit,
                }
                self._judging.note("settings_changed", who, where, detail)
                _LOG.warning("%s is now %s (was %s)", key, worded(key, now), worded(key, was))

    async def _restart(self, args: Mapping[str, Any]) -> Reply:
        entries.check_fields(args, ("who", "where"), ("who",))
        who = named(entries.text(args, "who", 100))
        if any(person.in_water for person in self._judging.state.ledger.people.values()):
            raise MonitorError("Somebody is in the water. The cameras must not be blind now: do it later.")
        await self.restart()
        self._judging.note("cameras_restarted", who, str(args.get("where") or "")[:100], {})
        return Reply()

    def _asked(self, args: Mapping[str, Any]) -> tuple[Values, dict[str, str]]:
        values = args["values"]
        if not isinstance(values, dict) or not 0 < len(values) <= len(OWNED):
            raise MonitorError("The values must name the settings to be changed.")
        asked: Values = {}
        wrong: dict[str, str] = {}
        for key, value in values.items():
            try:
                asked[key] = spec_of(key).default if value is None and key in OWNED else checked(key, value)
            except MonitorError as error:
                wrong[str(key)[:_LONGEST_SHOWN]] = str(error)
        return asked, wrong or disordered(self._judging.settings.with_values(asked))

    def _risks(self, asked: Values) -> list[dict[str, str]]:
        now = self._judging.settings
        return [
            {"key": key, "label": OWNED[key].label, "means": OWNED[key].risk.format(worded(key, value))}
            for key, value in asked.items()
            if is_risky(key, value_of(now, key), value)
        ]

    async def _missed(self, key: str, asked: Values) -> str:
        settings = self._judging.settings.with_values({k: v for k, v in asked.items() if k != key})
        return (
            ""
            if OWNED[key].forgets
            else await asyncio.to_thread(missed, self._store, settings, key, asked[key])
        )

    def _described(self, ignored: Mapping[str, str]) -> Reply:
        settings = self._judging.settings
        later = [key for key, one in OWNED.items() if one.restart]
        return Reply(
            {
                "values": {key: value_of(settings, key) for key in OWNED},
                "behind": self.behind(later),
                "ignored": dict(ignored),
                "pin": self._judging.pin,
            }
        )


async def _nothing() -> None:
    """There are no cameras."""
