"""What may be asked of the judge: mode, alarms, prompts, zones, contacts, PIN, events."""

from __future__ import annotations

import asyncio
import hashlib
import json
import re
import secrets
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from typing import Any

from dashboard.alarm.machine import Reason
from dashboard.clock import Clock
from dashboard.monitor import entries, pin
from dashboard.monitor.handle import MonitorError, Reply
from dashboard.monitor.judging import Judging, named
from dashboard.monitor.places import Places
from dashboard.monitor.wording import sentence
from dashboard.rules.zonefile import ZoneError, parse_zones
from dashboard.store import EventRow, Store, ZonesRow
from dashboard.values import Contact, Mode

Command = Callable[[Mapping[str, Any]], Awaitable[Reply]]
_LONGEST_NOTE = 1000
_LONGEST_URL = 2000
_MOST_URLS, _MOST_CONTACTS, _MOST_EVENTS = 10, 50, 500
_URL = re.compile(r"[a-z][a-z0-9+.\-]*://\S+")


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
        self._places = places
        self._clock = clock
        self._selftest = selftest
        self._guesses = pin.Guesses(clock)
        self.changes: dict[str, Command] = {
            "mode.set": self._set_mode,
            "pin.set": self._set_pin,
            "zones.set": self._set_zones,
            "contacts.add": self._add_contact,
            "contacts.edit": self._edit_contact,
            "contacts.remove": self._remove_contact,
            "contacts.order": self._order_contacts,
        }
        # Acknowledging waits for nothing that somebody else does.
        self.questions: dict[str, Command] = {
            "prompt.answer": self._answer,
            "alarm.acknowledge": self._acknowledge,
            "alarm.resolve": self._resolve,
            "alarm.drill": self._drill,
            "selftest.run": self._run_selftest,
            "zones.list": self._list_zones,
            "contacts.list": self._list_contacts,
            "contacts.test": self._test_contact,
            "events.list": self._list_events,
        }

    async def _set_mode(self, args: Mapping[str, Any]) -> Reply:
        entries.check_fields(args, ("mode", "who", "where", "pin", "minutes"), ("mode", "who"))
        if args["mode"] not in list(Mode):
            raise MonitorError(f"The mode must be one of {', '.join(Mode)}.")
        mode, minutes = Mode(args["mode"]), args.get("minutes")
        if minutes is not None and (isinstance(minutes, bool) or not isinstance(minutes, int | float)):
            raise MonitorError("The minutes must be a number.")
        if mode is Mode.PAUSED:
            await self._check_pin(str(args.get("pin") or ""))
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
            await self._check_pin(str(args.get("old") or ""))
        kept = await asyncio.to_thread(pin.hashed, new)
        await asyncio.to_thread(self._store.choose, {"pin": kept}, self._clock.utc())
        self._judging.pin = True
        self._judging.note("pin_changed", str(args.get("who") or "owner"), _where(args), {})
        return Reply()

    async def _check_pin(self, typed: str) -> None:
        kept = await asyncio.to_thread(self._kept_pin)
        if kept is None:
            raise MonitorError("Set a PIN first: a pause needs one.")
        try:
            self._guesses.check()
        except pin.PinError as error:
            raise MonitorError(str(error)) from None
        right = await asyncio.to_thread(pin.fits, typed, kept)
        self._guesses.count(right)
        if not right:
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
        return Reply()

    async def _resolve(self, args: Mapping[str, Any]) -> Reply:
        entries.check_fields(args, ("id", "who", "reason", "note", "where"), ("id", "who", "reason"))
        if args["reason"] not in list(Reason):
            raise MonitorError(f"The reason must be one of {', '.join(Reason)}.")
        note = entries.text(args, "note", _LONGEST_NOTE) if args.get("note") is not None else ""
        who = entries.text(args, "who", 100)
        self._judging.resolve(_number(args, "id"), who, Reason(args["reason"]), note, _where(args))
        return Reply()

    async def _drill(self, args: Mapping[str, Any]) -> Reply:
        entries.check_fields(args, ("who",), ("who",))
        return Reply({"id": self._judging.drill(entries.text(args, "who", 100))})

    async def _run_selftest(self, args: Mapping[str, Any]) -> Reply:
        entries.check_fields(args, ())
        return Reply(await self._selftest())

    async def _list_zones(self, args: Mapping[str, Any]) -> Reply:
        entries.check_fields(args, ())
        return Reply({"zones": self._places.described()})

    async def _set_zones(self, args: Mapping[str, Any]) -> Reply:
        entries.check_fields(args, ("camera", "zones", "revision", "who"), ("camera", "zones", "revision"))
        camera = entries.text(args, "camera", 100)
        if not self._places.knows(camera):
            raise MonitorError("There is no such camera (any more).")
        revision = _number(args, "revision")
        if revision != self._places.revision(camera):
            raise MonitorError("Somebody else has changed these zones meanwhile: load them anew.")
        row = ZonesRow(camera, revision + 1, self._parsed(camera, args["zones"]))
        await asyncio.to_thread(self._store.set_zones, row, self._clock.utc())
        self._places.put(row)
        self._judging.use_zones(self._places.zones(), self._places.scales())
        who = str(args.get("who") or "owner")
        self._judging.note("zones_changed", who, "page", {"camera": camera, "zones": len(row.zones)})
        return Reply({"revision": row.revision})

    def _parsed(self, camera: str, typed: Any) -> tuple[Any, ...]:
        if not isinstance(typed, list) or not all(isinstance(one, dict) for one in typed):
            raise MonitorError("The field 'zones' must be a list of zones.")
        others = [z for z in self._places.zones() if z.camera != camera]
        known = [
            {
                "camera": z.camera,
                "name": z.name,
                "kind": z.kind.value,
                "polygon": [list(point) for point in z.polygon],
                "to": z.to,
            }
            for z in others
        ]
        try:
            zones = parse_zones(json.dumps([{**one, "camera": camera} for one in typed] + known))
        except ZoneError as error:
            raise MonitorError(f"{str(error).capitalize()}.") from None
        return tuple(zone for zone in zones if zone.camera == camera)

    async def _list_contacts(self, args: Mapping[str, Any]) -> Reply:
        entries.check_fields(args, ())
        found = await asyncio.to_thread(self._store.contacts)
        return Reply({"contacts": [_described(contact) for contact in found]})

    async def _add_contact(self, args: Mapping[str, Any]) -> Reply:
        entries.check_fields(args, ("name", "urls", "enabled"), ("name", "urls"))
        there = await asyncio.to_thread(self._store.contacts)
        if len(there) >= _MOST_CONTACTS:
            raise MonitorError(f"There are {_MOST_CONTACTS} contacts already, and no more are possible.")
        contact = _entered(Contact(secrets.token_hex(6), ""), args)
        await asyncio.to_thread(self._store.add_contact, contact)
        await self._contacts_changed("contact_added", contact.name)
        return Reply({"id": contact.id})

    async def _edit_contact(self, args: Mapping[str, Any]) -> Reply:
        entries.check_fields(args, ("id", "name", "urls", "enabled"), ("id",))
        contact = _entered(await self._contact(args), args)
        await asyncio.to_thread(self._store.change_contact, contact)
        await self._contacts_changed("contact_changed", contact.name)
        return Reply({"id": contact.id})

    async def _remove_contact(self, args: Mapping[str, Any]) -> Reply:
        entries.check_fields(args, ("id",), ("id",))
        contact = await self._contact(args)
        await asyncio.to_thread(self._store.remove_contact, contact.id)
        await self._contacts_changed("contact_removed", contact.name)
        return Reply()

    async def _order_contacts(self, args: Mapping[str, Any]) -> Reply:
        entries.check_fields(args, ("ids",), ("ids",))
        there = await asyncio.to_thread(self._store.contacts)
        ids = args["ids"]
        if not isinstance(ids, list) or sorted(map(str, ids)) != sorted(c.id for c in there):
            raise MonitorError("The order must name every contact once.")
        await asyncio.to_thread(self._store.order_contacts, ids)
        await self._contacts_changed("contacts_ordered", "")
        return Reply()

    async def _test_contact(self, args: Mapping[str, Any]) -> Reply:
        entries.check_fields(args, ("id", "who"), ("id", "who"))
        contact, who = await self._contact(args), named(entries.text(args, "who", 100))
        rows = self._judging.test_messages(contact, who, secrets.token_hex(4))
        await asyncio.to_thread(self._store.deliveries_add, rows)
        self._judging.call()
        return Reply({"sent": [row.id for row in rows]})

    async def _contact(self, args: Mapping[str, Any]) -> Contact:
        for contact in await asyncio.to_thread(self._store.contacts):
            if contact.id == args["id"]:
                return contact
        raise MonitorError("There is no such contact (any more).")

    async def _contacts_changed(self, what: str, name: str) -> None:
        self._judging.use_contacts(await asyncio.to_thread(self._store.contacts))
        self._judging.note(what, "owner", "page", {"name": name})

    async def _list_events(self, args: Mapping[str, Any]) -> Reply:
        entries.check_fields(args, ("limit", "before"))
        limit = min(_number(args, "limit"), _MOST_EVENTS) if args.get("limit") is not None else 100
        before = _number(args, "before") if args.get("before") is not None else None
        rows = await asyncio.to_thread(self._store.events, max(limit, 1), before)
        names = self._places.names()
        return Reply({"events": [_event(row, names) for row in rows]})


def _event(row: EventRow, names: Mapping[str, str]) -> dict[str, Any]:
    event = row.event
    return {
        "id": row.id,
        "utc": row.at.isoformat(),
        "camera": event.camera,
        "kind": event.kind,
        "level": event.level.value,
        "person": event.person,
        "zone": event.zone,
        "detail": dict(event.detail),
        "text": sentence(event, names),
        "drill": row.drill,
    }


def _described(contact: Contact) -> dict[str, Any]:
    return {
        "id": contact.id,
        "name": contact.name,
        "urls": [hidden(url) for url in contact.urls],
        "position": contact.position,
        "enabled": contact.enabled,
    }


def hidden(url: str) -> str:
    """An address without what is secret in it, which may be any of its parts; the mark at its end tells
    two of one service apart."""
    mark = hashlib.sha256(url.encode()).hexdigest()[:6]
    return f"{url.partition('://')[0]}://***{mark}"


def _entered(before: Contact, args: Mapping[str, Any]) -> Contact:
    name = entries.text(args, "name", entries.LONGEST_NAME) if "name" in args else before.name
    if not name:
        raise MonitorError("The name is empty.")
    urls = _urls(args["urls"], before.urls) if "urls" in args else before.urls
    return replace(before, name=name, urls=urls, enabled=entries.flag(args, "enabled", before.enabled))


def _urls(typed: Any, kept: tuple[str, ...]) -> tuple[str, ...]:
    """What was typed, with what is hidden put back."""
    if not isinstance(typed, list) or not all(isinstance(one, str) for one in typed):
        raise MonitorError("The field 'urls' must be a list of addresses.")
    if not 0 < len(typed) <= _MOST_URLS:
        raise MonitorError(f"A contact has 1 to {_MOST_URLS} addresses.")
    known = {hidden(url): url for url in kept}
    found = tuple(known.get(one.strip(), one.strip()) for one in typed)
    for url in found:
        if len(url) > _LONGEST_URL or not _URL.fullmatch(url) or "://***" in url:
            raise MonitorError("An address must look like service://..., as Apprise reads it.")
    return found


def _number(args: Mapping[str, Any], field: str) -> int:
    value = args[field]
    if isinstance(value, bool) or not isinstance(value, int):
        raise MonitorError(f"The field {field!r} must be a whole number.")
    return value


def _where(args: Mapping[str, Any]) -> str:
    return entries.text(args, "where", 100) if args.get("where") is not None else ""
