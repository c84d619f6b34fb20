"""The owner's passphrase for sealed video, and the ten minutes for which a clip's real picture is open.

The private key is there only while a passphrase is tried; what stays for ten minutes is the picture of that
one clip, in memory. Who opened it, why, and who watched it, is written down."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from dashboard.clock import Clock
from dashboard.monitor import entries, pin
from dashboard.monitor.clip_entries import clip_id
from dashboard.monitor.handle import MonitorError, Reply
from dashboard.monitor.history_commands import read_number
from dashboard.monitor.judging import Judging, named
from dashboard.record.folder import SEALED, VIDEO, clip_day, clip_path
from dashboard.record.movie import MovieError, joined
from dashboard.record.seal import (
    LEAST_LETTERS,
    Seal,
    SealError,
    checked_passphrase,
    new_seal,
    opened_seal,
    rewrapped,
)
from dashboard.record.sealed import read_sealed
from dashboard.store import AuditRow, ClipRow, Record, Store

Command = Callable[[Mapping[str, Any]], Awaitable[Reply]]
OPEN_S = 600.0
_MOST_OPEN = 4
_MOST_BYTES = 1 << 20
_GONE = "There is no such clip (any more)."


@dataclass(frozen=True, eq=False)
class Opened:
    """A clip's real picture, an MP4, until `until_t` (monotonic)."""

    movie: bytes
    until_t: float
    until: datetime


class SealCommands:
    """`changes` run one at a time, `questions` at any time; see `Commands`. `sealed` is called with the
    public key when there is one."""

    def __init__(self, data: Path, store: Store, judging: Judging, clock: Clock) -> None:
        self._data = data
        self._store = store
        self._judging = judging
        self._clock = clock
        self._guesses = pin.Guesses(clock)
        self._opened: dict[str, Opened] = {}
        self.sealed: Callable[[bytes], None] = lambda public: None
        self.questions: dict[str, Command] = {
            "seal.state": self._state,
            "clips.real": self._real,
        }
        self.changes: dict[str, Command] = {
            "seal.set": self._set,
            "seal.change": self._change,
            "seal.begin_anew": self._begin_anew,
            "clips.open": self._open,
            "clips.close": self._close,
        }

    def begin(self) -> None:
        """Takes up the kept seal. StoreError."""
        seal = self._kept()
        if seal is not None:
            self.sealed(seal.public)

    def turn(self) -> None:
        """Time passes: forgets what was open long enough."""
        now = self._clock.monotonic()
        self._opened = {clip: one for clip, one in self._opened.items() if one.until_t > now}

    def opened_until(self, clip: str) -> datetime | None:
        """Until when a clip's real picture is open."""
        self.turn()
        found = self._opened.get(clip)
        return None if found is None else found.until

    def forget(self, clip: str) -> None:
        """The clip is gone."""
        self._opened.pop(clip, None)

    async def _state(self, args: Mapping[str, Any]) -> Reply:
        entries.check_fields(args, ())
        there = await asyncio.to_thread(self._kept) is not None
        return Reply({"set": there, "least_letters": LEAST_LETTERS, "open_s": OPEN_S})

    async def _begin_anew(self, args: Mapping[str, Any]) -> Reply:
        """For who is at the machine itself; see `begin_anew`. What is open closes: it was somebody else's."""
        entries.check_fields(args, ("passphrase",), ("passphrase",))
        passphrase = _secret(args, "passphrase")
        await asyncio.to_thread(begin_anew, self._store, passphrase, self._clock)
        self._opened.clear()
        self.sealed((await self._there()).public)
        return Reply()

    async def _set(self, args: Mapping[str, Any]) -> Reply:
        """The first passphrase: from now on real pictures are kept, sealed."""
        entries.check_fields(args, ("passphrase", "who", "where"), ("passphrase", "who"))
        if await asyncio.to_thread(self._kept) is not None:
            raise MonitorError("There is a passphrase already: change it with the one that is set.")
        seal = await self._made(lambda: new_seal(checked_passphrase(_secret(args, "passphrase"))))
        self.sealed(seal.public)
        self._note("seal_set", args, {})
        return Reply()

    async def _change(self, args: Mapping[str, Any]) -> Reply:
        """Another passphrase for the same key: what was sealed before opens with the new one."""
        entries.check_fields(args, ("old", "new", "who", "where"), ("old", "new", "who"))
        seal = await self._there()
        new = _secret(args, "new")
        try:
            checked_passphrase(new)
        except SealError as error:
            raise MonitorError(str(error)) from None
        self._check_guesses()
        try:
            await self._made(lambda: rewrapped(seal, _secret(args, "old"), new))
        except MonitorError:
            self._guesses.count(False)
            self._note("seal_refused", args, {})
            raise
        self._guesses.count(True)
        self._note("seal_changed", args, {})
        return Reply()

    async def _open(self, args: Mapping[str, Any]) -> Reply:
        """The real picture of one clip, for ten minutes."""
        entries.check_fields(
            args, ("id", "secret", "reason", "who", "where"), ("id", "secret", "reason", "who")
        )
        reason = entries.text(args, "reason", 200)
        if not reason:
            raise MonitorError("Say why: it is written down.")
        row = await self._row(args)
        if not row.sealed:
            raise MonitorError("There is no sealed picture of this clip.")
        seal = await self._there()
        self._check_guesses()
        self.turn()
        if len(self._opened) >= _MOST_OPEN and row.id not in self._opened:
            raise MonitorError(f"{_MOST_OPEN} clips are open already: close one first.")
        movie = await self._unsealed(row, seal, args)
        until = self._clock.utc() + timedelta(seconds=OPEN_S)
        # Written down before anybody can see it.
        self._note("clip_opened", args, {"clip": row.id, "camera": row.camera, "reason": reason})
        self._opened[row.id] = Opened(movie, self._clock.monotonic() + OPEN_S, until)
        return Reply({"until_utc": until.isoformat()})

    async def _unsealed(self, row: ClipRow, seal: Seal, args: Mapping[str, Any]) -> bytes:
        secret = _secret(args, "secret")
        try:
            private = await asyncio.to_thread(opened_seal, seal, secret)
        except SealError as error:
            self._guesses.count(False)
            self._note("clip_refused", args, {"clip": row.id, "camera": row.camera})
            raise MonitorError(str(error)) from None
        self._guesses.count(True)
        path = clip_path(clip_day(self._data, row.began), row.id, SEALED)
        try:
            return await asyncio.to_thread(lambda: joined(read_sealed(path, row.id, private)[0]))
        except (SealError, MovieError) as error:
            raise MonitorError(f"The real picture cannot be opened: {error}") from None
        except OSError as error:
            raise MonitorError(f"The real picture cannot be read: {error.strerror or error}.") from None

    async def _close(self, args: Mapping[str, Any]) -> Reply:
        entries.check_fields(args, ("id", "who", "where"), ("id", "who"))
        row = await self._row(args)
        if self._opened.pop(row.id, None) is not None:
            self._note("clip_sealed", args, {"clip": row.id, "camera": row.camera})
        return Reply()

    async def _real(self, args: Mapping[str, Any]) -> Reply:
        """A piece of the real picture while it is open; of a clip with only animals at any time."""
        entries.check_fields(args, ("id", "offset", "length"), ("id",))
        clip = clip_id(args)
        offset = max(read_number(args, "offset", 0) or 0, 0)
        length = min(max(read_number(args, "length", 0) or 0, 0), _MOST_BYTES)
        self.turn()
        found = self._opened.get(clip)
        if found is not None:
            return Reply({"size": len(found.movie)}, found.movie[offset : offset + length])
        row = await self._row(args)
        if not row.open:
            raise MonitorError("The real picture of this clip is sealed.")
        path = clip_path(clip_day(self._data, row.began), row.id, VIDEO)
        return await asyncio.to_thread(_piece, path, offset, length)

    async def _row(self, args: Mapping[str, Any]) -> ClipRow:
        row = await asyncio.to_thread(self._store.clip, clip_id(args))
        if row is None:
            raise MonitorError(_GONE)
        return row

    async def _there(self) -> Seal:
        seal = await asyncio.to_thread(self._kept)
        if seal is None:
            raise MonitorError("No passphrase is set yet: no real picture was kept.")
        return seal

    async def _made(self, make: Callable[[], Seal]) -> Seal:
        """A seal that counts because it is kept."""
        try:
            seal = await asyncio.to_thread(make)
        except SealError as error:
            raise MonitorError(str(error)) from None
        kept = {"seal": seal.to_json()}
        await asyncio.to_thread(self._store.choose, kept, self._clock.utc())
        return seal

    def _check_guesses(self) -> None:
        try:
            self._guesses.check()
        except pin.PinError as error:
            raise MonitorError(str(error).replace("wrong PINs", "wrong passphrases")) from None

    def _kept(self) -> Seal | None:
        return _kept(self._store)

    def _note(self, what: str, args: Mapping[str, Any], detail: Mapping[str, object]) -> None:
        where = entries.text(args, "where", 100) if args.get("where") is not None else ""
        self._judging.note(what, named(entries.text(args, "who", 100)), where, detail)


def begin_anew(store: Store, passphrase: str, clock: Clock) -> None:
    """Another lock instead of one whose passphrase is forgotten, for who is at the machine itself: what was
    sealed before stays shut for ever. MonitorError, StoreError: nothing was changed."""
    if "seal" not in store.choices():
        raise MonitorError("No passphrase is set yet: set the first one under People. Nothing was changed.")
    try:
        seal = new_seal(checked_passphrase(passphrase))
    except SealError as error:
        raise MonitorError(f"{error} Nothing was changed.") from None
    now = clock.utc()
    store.record(Record(audit=(AuditRow(now, "seal_begun_anew", "", "the machine itself"),)), now)
    store.choose({"seal": seal.to_json()}, now)


def _kept(store: Store) -> Seal | None:
    found = store.choices().get("seal")
    try:
        return Seal.from_json(found) if isinstance(found, dict) else None
    except SealError as error:
        raise MonitorError(str(error)) from None


def _secret(args: Mapping[str, Any], field: str) -> str:
    """As it was typed: nothing is cut off a secret."""
    value = args[field]
    if not isinstance(value, str) or len(value) > 1000:
        raise MonitorError(f"The {field} must be text.")
    return value


def _piece(path: Path, offset: int, length: int) -> Reply:
    try:
        with path.open("rb") as file:
            file.seek(offset)
            return Reply({"size": path.stat().st_size}, file.read(length))
    except OSError as error:
        raise MonitorError(f"The clip cannot be read: {error.strerror or error}.") from None
