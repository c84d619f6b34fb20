"""What may be asked about contacts: who is called, by which addresses, and whether a message reaches them."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from typing import Any

from dashboard.monitor import entries
from dashboard.monitor.handle import MonitorError, Reply
from dashboard.monitor.judging import Judging, named
from dashboard.monitor.messengers import LONGEST_URL, hidden, problem_of, service_of
from dashboard.settings import AlarmSettings
from dashboard.store import Store
from dashboard.values import Contact, Delivery

Command = Callable[[Mapping[str, Any]], Awaitable[Reply]]
_MOST_URLS, _MOST_CONTACTS, _MOST_ASKED = 10, 50, 100


class ContactCommands:
    """`changes` run one at a time, `questions` at any time; see `Commands`. `timing` tells when they are
    called."""

    def __init__(self, store: Store, judging: Judging) -> None:
        self._store = store
        self._judging = judging
        self.timing = AlarmSettings()
        self.changes: dict[str, Command] = {
            "contacts.add": self._add,
            "contacts.edit": self._edit,
            "contacts.remove": self._remove,
            "contacts.order": self._order,
        }
        self.questions: dict[str, Command] = {
            "contacts.list": self._list,
            "contacts.check": self._check,
            "contacts.test": self._test,
            "contacts.outcome": self._outcome,
        }

    async def _list(self, args: Mapping[str, Any]) -> Reply:
        entries.check_fields(args, ())
        found = await asyncio.to_thread(self._store.contacts)
        shown = await asyncio.to_thread(lambda: [_described(one) for one in found])
        times = {
            "escalate_s": self.timing.escalate_s,
            "repeat_s": self.timing.repeat_s,
            "contact_step_s": self.timing.contact_step_s,
        }
        return Reply({"contacts": shown, "times": times})

    async def _check(self, args: Mapping[str, Any]) -> Reply:
        """Whether Apprise takes an address; nothing is sent, and nothing kept."""
        entries.check_fields(args, ("url",), ("url",))
        # Apprise reads all its services at the first time.
        url = await asyncio.to_thread(_checked, args["url"], {})
        return Reply({"service": service_of(url), "hidden": hidden(url)})

    async def _add(self, args: Mapping[str, Any]) -> Reply:
        entries.check_fields(args, ("name", "urls", "enabled", "report", "who"), ("name", "urls"))
        there = await asyncio.to_thread(self._store.contacts)
        if len(there) >= _MOST_CONTACTS:
            raise MonitorError(f"There are {_MOST_CONTACTS} contacts already, and no more are possible.")
        contact = await asyncio.to_thread(_entered, Contact(secrets.token_hex(6), ""), args, there)
        await asyncio.to_thread(self._store.add_contact, contact)
        await self._changed("contact_added", contact.name, args)
        return Reply({"id": contact.id})

    async def _edit(self, args: Mapping[str, Any]) -> Reply:
        entries.check_fields(args, ("id", "name", "urls", "enabled", "report", "who"), ("id",))
        there = await asyncio.to_thread(self._store.contacts)
        before = _one(there, args)
        others = tuple(other for other in there if other.id != before.id)
        contact = await asyncio.to_thread(_entered, before, args, others)
        await asyncio.to_thread(self._store.change_contact, contact)
        await self._changed("contact_changed", contact.name, args)
        return Reply({"id": contact.id})

    async def _remove(self, args: Mapping[str, Any]) -> Reply:
        entries.check_fields(args, ("id", "who"), ("id",))
        contact = _one(await asyncio.to_thread(self._store.contacts), args)
        await asyncio.to_thread(self._store.remove_contact, contact.id)
        await self._changed("contact_removed", contact.name, args)
        return Reply()

    async def _order(self, args: Mapping[str, Any]) -> Reply:
        entries.check_fields(args, ("ids", "who"), ("ids",))
        there = await asyncio.to_thread(self._store.contacts)
        ids = args["ids"]
        if not isinstance(ids, list) or sorted(map(str, ids)) != sorted(c.id for c in there):
            raise MonitorError("The order must name every contact once.")
        await asyncio.to_thread(self._store.order_contacts, ids)
        await self._changed("contacts_ordered", "", args)
        return Reply()

    async def _test(self, args: Mapping[str, Any]) -> Reply:
        entries.check_fields(args, ("id", "who"), ("id", "who"))
        contact = _one(await asyncio.to_thread(self._store.contacts), args)
        who = named(entries.text(args, "who", 100))
        rows = self._judging.test_messages(contact, who, secrets.token_hex(4))
        await asyncio.to_thread(self._store.deliveries_add, rows)
        self._judging.call()
        return Reply({"sent": [row.id for row in rows]})

    async def _outcome(self, args: Mapping[str, Any]) -> Reply:
        """What became of messages by now."""
        entries.check_fields(args, ("ids",), ("ids",))
        ids = args["ids"]
        if not isinstance(ids, list) or not all(isinstance(one, str) for one in ids):
            raise MonitorError("The field 'ids' must be a list of messages.")
        found = await asyncio.to_thread(self._store.deliveries_named, ids[:_MOST_ASKED])
        return Reply({"messages": [_outcome(row) for row in found]})

    async def _changed(self, what: str, name: str, args: Mapping[str, Any]) -> None:
        self._judging.use_contacts(await asyncio.to_thread(self._store.contacts))
        who = entries.text(args, "who", 100) if args.get("who") else "owner"
        self._judging.note(what, who, "page", {"name": name})


def _outcome(row: Delivery) -> dict[str, Any]:
    return {
        "id": row.id,
        "address": row.address_index,
        "state": row.state.value,
        "attempts": row.attempts,
        "error": row.last_error,
    }


def _described(contact: Contact) -> dict[str, Any]:
    return {
        "id": contact.id,
        "name": contact.name,
        "urls": [hidden(url) for url in contact.urls],
        "services": [service_of(url) for url in contact.urls],
        "position": contact.position,
        "enabled": contact.enabled,
        "report": contact.report,
    }


def _one(there: tuple[Contact, ...], args: Mapping[str, Any]) -> Contact:
    for contact in there:
        if contact.id == args["id"]:
            return contact
    raise MonitorError("There is no such contact (any more).")


def _entered(before: Contact, args: Mapping[str, Any], others: tuple[Contact, ...]) -> Contact:
    name = entries.text(args, "name", entries.LONGEST_NAME) if "name" in args else before.name
    if not name:
        raise MonitorError("The name is empty.")
    if any(other.name.casefold() == name.casefold() for other in others):
        raise MonitorError(f"There is a contact named {name!r} already.")
    urls = _urls(args["urls"], before.urls) if "urls" in args else before.urls
    enabled, report = (entries.flag(args, key, getattr(before, key)) for key in ("enabled", "report"))
    return replace(before, name=name, urls=urls, enabled=enabled, report=report)


def _urls(typed: Any, kept: tuple[str, ...]) -> tuple[str, ...]:
    """What was typed, with what is hidden put back. What was checked once is kept as it is."""
    if not isinstance(typed, list) or not all(isinstance(one, str) for one in typed):
        raise MonitorError("The field 'urls' must be a list of addresses.")
    if not 0 < len(typed) <= _MOST_URLS:
        raise MonitorError(f"A contact has 1 to {_MOST_URLS} addresses.")
    known = {hidden(url): url for url in kept}
    return tuple(dict.fromkeys(_checked(one, known) for one in typed))


def _checked(typed: Any, known: Mapping[str, str]) -> str:
    if not isinstance(typed, str):
        raise MonitorError("The address must be text.")
    url = typed.strip()
    if url in known:
        return known[url]
    entries.text({"address": url[: LONGEST_URL + 1]}, "address", LONGEST_URL)
    problem = problem_of(url)
    if problem:
        raise MonitorError(problem)
    return url
