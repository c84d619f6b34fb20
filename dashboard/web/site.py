"""`/ws/site`: what the judge says to every open page, and what a page may tell the judge.

The server pushes: each new document at once, and at least one message a second, so that a page that hears
nothing knows that the line is dead. A page sends commands and gets one reply for each, in any order.
"""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from starlette.types import Message
from starlette.websockets import WebSocket, WebSocketDisconnect

from dashboard.accounts.roles import NOBODY, RIGHTS, Account
from dashboard.clock import Clock
from dashboard.monitor.handle import MonitorError
from dashboard.web.guarded import signed
from dashboard.web.service import Handle, Service

# With nothing new a message goes out after this: a page calls silence of a few seconds a dead line.
WAIT_S = 0.8
# A calm judge tells something every second: older than this, and nobody judges.
OLD_S = 4.0
MAX_COMMAND_CHARACTERS = 65_536
# Of one page at once; more is no person's doing.
MAX_RUNNING = 8
_GONE = "The monitor does not answer."
_HANGS = "The monitor runs and judges nothing."
# Whose words say in the journal from where they came.
_TELLS_WHERE = frozenset({"mode.set", "pin.set", "prompt.answer", "alarm.acknowledge", "alarm.resolve"})
# A PIN is set here and not through a page's form: it stays in no widget's memory. The monitor asks for the
# old one and lets nobody guess quickly.
ALLOWED = _TELLS_WHERE | {"alarm.drill", "selftest.run"}
_LONGEST_WHERE = 48
_LOG = logging.getLogger(__name__)


class CommandError(ValueError):
    """A message from the page that is no command; the text says what is wrong with it."""


@dataclass(frozen=True)
class Asked:
    """`id` is the page's own number for it, sent back with the reply."""

    id: int
    command: str
    args: Mapping[str, Any]


def parse_command(text: str) -> Asked:
    """Reads a command; CommandError for anything else. Whether it is allowed is another question."""
    if len(text) > MAX_COMMAND_CHARACTERS:
        raise CommandError(f"a command has at most {MAX_COMMAND_CHARACTERS} characters")
    try:
        message = json.loads(text)
    except (json.JSONDecodeError, RecursionError):
        raise CommandError("a command is JSON") from None
    match message:
        case {"type": "command", "id": int(number), "command": str(command), **rest}:
            args = rest.get("args", {})
            if isinstance(number, bool) or not isinstance(args, dict):
                raise CommandError("a command has a whole number as id and an object as args")
            return Asked(number, command, args)
    raise CommandError("a command has type, id, command and args")


def reply_message(number: int, error: str, result: Mapping[str, Any]) -> str:
    """The outcome of one command: `error` is one plain sentence, "" when it was done."""
    return _dumps({"type": "reply", "id": number, "ok": not error, "error": error, "result": dict(result)})


class Encoded:
    """The newest document as JSON: encoded once, for whichever tab asks first."""

    def __init__(self) -> None:
        self._newest: tuple[int, str] = (-1, "null")

    def body(self, document: Mapping[str, Any] | None) -> tuple[int, str]:
        """Its number (-1 for none) and its text."""
        if document is None:
            return -1, "null"
        seq = int(document["seq"])
        if self._newest[0] != seq:
            self._newest = (seq, _dumps(document))
        return self._newest


class SiteNews:
    """The newest document as a message, with how old it is and whose page it goes to."""

    def __init__(self, service: Service, encoded: Encoded, account: Account = NOBODY) -> None:
        self._you = {
            "name": account.name,
            "role": account.role.value,
            "may": sorted(right.value for right in RIGHTS[account.role]),
        }
        self._handle: Handle = service.handle
        self._clock: Clock = service.clock
        self._encoded = encoded

    async def message(self, after_seq: int) -> tuple[int, str]:
        """The number of the document in it (-1: there is none) and the message, as soon as there is a newer
        document than `after_seq`, and after `WAIT_S` in any case."""
        await self._handle.wait_site(after_seq, WAIT_S)
        return self.newest()

    def newest(self) -> tuple[int, str]:
        """The same, at once."""
        document = self._handle.site()
        seq, body = self._encoded.body(document)
        age_s = 0.0 if document is None else max(self._clock.monotonic() - float(document["t"]), 0.0)
        why = self._why(document, age_s)
        head: dict[str, Any] = {"type": "site", "connected": not why, "why": why, "age_s": round(age_s, 3)}
        head["you"] = self._you
        return seq, f'{_dumps(head)[:-1]},"site":{body}}}'

    def _why(self, document: Mapping[str, Any] | None, age_s: float) -> str:
        if not self._handle.connected:
            return _GONE
        return _HANGS if document is None or age_s > OLD_S else ""


class SiteLine:
    """One tab's line. `serve` ends when the tab leaves (WebSocketDisconnect) or speaks nonsense
    (CommandError)."""

    def __init__(
        self,
        socket: WebSocket,
        service: Service,
        news: SiteNews,
        desk: ThreadPoolExecutor,
        account: Account,
    ) -> None:
        self._account = account
        self._socket = socket
        self._handle = service.handle
        self._news = news
        self._desk = desk
        self._sending = asyncio.Lock()
        self._running: set[asyncio.Task[None]] = set()

    async def serve(self) -> None:
        telling = asyncio.create_task(self._tell())
        hearing = asyncio.create_task(self._hear())
        try:
            await asyncio.wait({telling, hearing}, return_when=asyncio.FIRST_COMPLETED)
            for task in (hearing, telling):
                if task.done() and not task.cancelled():
                    task.result()
        finally:
            for task in (telling, hearing, *self._running):
                task.cancel()
                task.add_done_callback(_looked_at)

    async def _tell(self) -> None:
        seq, text = self._news.newest()
        while True:
            await self._send(text)
            seq, text = await self._news.message(seq)

    async def _hear(self) -> None:
        while True:
            asked = parse_command(_text(await self._socket.receive()))
            if len(self._running) >= MAX_RUNNING:
                await self._send(reply_message(asked.id, "Too much at once: wait for the answers.", {}))
                continue
            task = asyncio.create_task(self._answer(asked))
            self._running.add(task)
            task.add_done_callback(self._running.discard)
            task.add_done_callback(_looked_at)

    async def _answer(self, asked: Asked) -> None:
        error, result = "", {}
        if asked.command not in ALLOWED:
            error = f"A page may not ask for {asked.command[:40]!r} here."
        else:
            try:
                result = await self._done(asked)
            except MonitorError as refused:
                error = str(refused)
        await self._send(reply_message(asked.id, error, result))

    async def _done(self, asked: Asked) -> dict[str, Any]:
        # A field of that name would be an argument of `request` itself.
        args = {key: value for key, value in asked.args.items() if key not in ("command", "payload")}
        if asked.command in _TELLS_WHERE:
            args["where"] = self._where(args.get("where"))
        args = signed(asked.command, args, self._account)
        loop = asyncio.get_running_loop()
        reply = await loop.run_in_executor(self._desk, lambda: self._handle.request(asked.command, **args))
        return dict(reply.result)

    def _where(self, told: object) -> str:
        """The page's own words, and the address that we saw ourselves."""
        client = self._socket.client
        words = told.strip()[:_LONGEST_WHERE] if isinstance(told, str) else ""
        return f"{words or 'a page'} at {client.host}" if client else words or "a page"

    async def _send(self, text: str) -> None:
        async with self._sending:
            await self._socket.send_text(text)


def _looked_at(task: asyncio.Task[None]) -> None:
    """Answers to a tab that left are nobody's loss; anything else is a fault of ours."""
    error = None if task.cancelled() else task.exception()
    if error is not None and not isinstance(error, WebSocketDisconnect | CommandError):
        _LOG.error("a page's line failed", exc_info=error)


def _text(message: Message) -> str:
    if message["type"] == "websocket.disconnect":
        raise WebSocketDisconnect(message.get("code", 1006))
    text = message.get("text")
    if text is None:
        raise CommandError("a command is text")
    return str(text)


def _dumps(value: object) -> str:
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
