"""The accounts of one installation: the first visit, sign-in, devices that are signed in, members.

Safe for several threads. Everything here may wait for the disk or a slow hash: not for an event loop.
"""

from __future__ import annotations

import hashlib
import logging
import secrets
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta

from dashboard.accounts import passwords
from dashboard.accounts.members import AccountError, Member, account_of, given, member_of
from dashboard.accounts.names import BadNameError, checked_email, checked_name, folded, folded_email
from dashboard.accounts.roles import REFUSED, Account, Right, Role
from dashboard.accounts.throttle import Throttle
from dashboard.clock import Clock
from dashboard.store import AccountRow, AuditRow, Doors, SessionRow, StoreError

# A phone on the wall stays signed in for as long as it looks now and then.
IDLE_DAYS = 90
INVITED_DAYS = 3
# A device that was signed out elsewhere, by the command line too, is out after this.
CACHED_S = 2.0
_SEEN_EVERY_S = 3600.0
_MOST_CACHED = 512
# A hash takes 64 MiB and a core: more at once would slow the watch down.
_HASHES_AT_ONCE = 2
_LOG = logging.getLogger(__name__)


@dataclass(frozen=True)
class _Cached:
    account: Account | None
    t: float


class Accounts:
    """See the module's line. `origin` is always from where somebody asks: an address and words for it."""

    def __init__(self, doors: Doors, clock: Clock) -> None:
        self._doors = doors
        self._clock = clock
        self._throttle = Throttle()
        # A provider that fails slows nobody down who signs in with a password.
        self._throttle_provided = Throttle()
        self._lock = threading.Lock()
        self._hashing = threading.Semaphore(_HASHES_AT_ONCE)
        self._cache: dict[str, _Cached] = {}
        self._seen: dict[str, float] = {}
        self._exists = False
        # Told when a device may have been signed out, or may do other things than before.
        self.changed: Callable[[], None] = lambda: None

    # Who is there

    def exist(self) -> bool:
        """Whether there is an owner: before, the first visit makes one."""
        if not self._exists:
            self._exists = any(row.role == Role.OWNER and row.password for row in self._doors.accounts())
        return self._exists

    def known(self, token: str) -> _Cached | None:
        """What was found of a cookie a moment ago, None when it must be asked for: waits for nothing."""
        with self._lock:
            found = self._cache.get(digest(token))
        return found if found is not None and self._clock.monotonic() - found.t < CACHED_S else None

    def session(self, token: str) -> Account | None:
        """Who is signed in by this cookie, None for nobody. While the database does not answer, whoever was
        signed in stays so: an alarm must reach them."""
        if not token or len(token) > 200:
            return None
        if (found := self.known(token)) is not None:
            return found.account
        identity = digest(token)
        try:
            account = self._asked(identity)
        except StoreError as error:
            _LOG.error("%s", error)
            with self._lock:
                before = self._cache.get(identity)
            if before is None:
                raise
            account = before.account
        with self._lock:
            if len(self._cache) >= _MOST_CACHED:
                self._cache.clear()
            self._cache[identity] = _Cached(account, self._clock.monotonic())
        return account

    def _asked(self, identity: str) -> Account | None:
        now = self._clock.utc()
        found = self._doors.session(identity, now - timedelta(days=IDLE_DAYS))
        if found is None:
            return None
        self._still_here(identity)
        return account_of(found[1], identity)

    def _still_here(self, identity: str) -> None:
        now = self._clock.monotonic()
        with self._lock:
            if now - self._seen.get(identity, float("-inf")) < _SEEN_EVERY_S:
                return
            self._seen[identity] = now
        try:
            self._doors.session_seen(identity, self._clock.utc())
        except StoreError as error:
            _LOG.warning("it is not kept that a device is here: %s", error)

    def members(self) -> tuple[Member, ...]:
        return tuple(member_of(row) for row in self._doors.accounts())

    def devices(self, account: Account) -> tuple[SessionRow, ...]:
        """Where somebody is signed in."""
        return self._doors.sessions(account.id)

    # Coming in and going out

    def create_owner(self, name: str, password: str, origin: str) -> None:
        """The first account; AccountError when there is one already or it cannot be."""
        kept = self._hashed(password, name)
        row = self._new(name, Role.OWNER, kept)
        noted = self._noted("account_created", row.name, origin, {"role": Role.OWNER.value})
        if not self._doors.add_account(row, self._clock.utc(), noted, first=True):
            raise AccountError("There is an account already: sign in.")
        self._exists = True

    def sign_in(self, name: str, password: str, address: str, device: str) -> str:
        """The cookie of a device that is signed in now; AccountError says why not, the same for a wrong name
        and a wrong password."""
        asked = folded(name)
        wait_s = self._may_try(asked, address)
        if wait_s > 0:
            raise AccountError(f"Too many wrong passwords. Try again in {wait_s:.0f} s.")
        row = next((one for one in self._doors.accounts() if one.folded == asked), None)
        with self._hashing:
            right = passwords.fits(password, row.password if row is not None else "")
        if row is None or not right:
            whom = row.name if row is not None else "somebody"
            self._doors.note(self._noted("sign_in_refused", whom, address, {}))
            raise AccountError("The name or the password is not right.")
        with self._lock:
            self._throttle.right(asked, address, self._clock.monotonic())
        return self._begin(row, address, device, "signed_in")

    def sign_in_by(self, verified: Callable[[], tuple[str, str]], address: str, device: str) -> str:
        """As `sign_in`, for a member whose e-mail address a provider vouches for. `verified` asks it, answers
        with both, and what it raises comes through. Nobody is made a member by it."""
        now = self._clock.monotonic()
        with self._lock:
            wait_s = self._throttle_provided.wait_s("", address, now)
            if wait_s <= 0:
                self._throttle_provided.tried("", address, now)
        if wait_s > 0:
            raise AccountError(f"Too many tries. Try again in {wait_s:.0f} s.")
        try:
            email, provider = verified()
            row = self._with_email(email)
        except ValueError as error:
            detail = {"by": "a provider", "because": str(error)}
            self._doors.note(self._noted("sign_in_refused", "somebody", address, detail))
            raise
        with self._lock:
            self._throttle_provided.right("", address, self._clock.monotonic())
        return self._begin(row, address, device, "signed_in", provider)

    def _with_email(self, email: str) -> AccountRow:
        key = folded_email(email)
        found = next((row for row in self._doors.accounts() if key and row.email_key == key), None)
        if found is None:
            raise AccountError(
                f"Nobody here has the e-mail address {email[:200]}. Ask the owner to enter it under Members."
            )
        return found

    def sign_out(self, account: Account, origin: str) -> None:
        """This device alone."""
        self._doors.end_sessions([account.session], self._noted("signed_out", account.name, origin, {}))
        self._forget()

    def sign_out_everywhere(self, account: Account, origin: str) -> None:
        found = [one.id for one in self._doors.sessions(account.id)]
        detail = {"devices": len(found)}
        self._doors.end_sessions(found, self._noted("signed_out_everywhere", account.name, origin, detail))
        self._forget()

    def change_password(self, account: Account, old: str, new: str, address: str, device: str) -> str:
        """Signs every device out; the cookie of this one, signed in anew."""
        row = self._row(account.id)
        if self._may_try(row.folded, address) > 0:
            raise AccountError("Too many wrong passwords. Wait a moment.")
        with self._hashing:
            right = passwords.fits(old, row.password)
        if not right:
            raise AccountError("The present password is not right.")
        with self._lock:
            self._throttle.right(row.folded, address, self._clock.monotonic())
        self._set_password(row, new, row.name, address)
        return self._begin(row, address, device, "signed_in")

    def accept(self, code: str, password: str, address: str, device: str) -> str:
        """Somebody who was invited sets a password and is signed in."""
        row = self.invited(code)
        if row is None:
            self._doors.note(self._noted("sign_in_refused", "somebody", address, {"by": "invitation"}))
            raise AccountError("This invitation is over or was used. Ask the owner for a new one.")
        self._set_password(row, password, row.name, address)
        return self._begin(row, address, device, "signed_in")

    def invited(self, code: str) -> AccountRow | None:
        return self._doors.invited(digest(code), self._clock.utc()) if 0 < len(code) <= 200 else None

    def reset(self, name: str, password: str, origin: str) -> None:
        """Sets somebody's password, without asking for the old one: for the command line."""
        row = next((one for one in self._doors.accounts() if one.folded == folded(name)), None)
        if row is None:
            there = ", ".join(one.name for one in self._doors.accounts()) or "nobody yet"
            raise AccountError(f"There is no account {name!r}. There are: {there}.")
        self._set_password(row, password, "the command line", origin)

    # Members

    def invite(self, by: Account, name: str, role: Role, email: str, origin: str) -> str:
        """A new account without a password; the code by which it gets one."""
        _own(by)
        row = _reached(self._new(name, given(role), ""), self._email(email, ""))
        detail = {"name": row.name, "role": row.role}
        noted = self._noted("account_created", by.name, origin, detail)
        if not self._doors.add_account(row, self._clock.utc(), noted):
            raise AccountError(f"There is a member named {row.name!r} already.")
        return self._code(by, row, origin)

    def invite_again(self, by: Account, account: str, origin: str) -> str:
        """A code by which a member sets a new password; the old one counts until then."""
        _own(by)
        return self._code(by, self._row(account), origin)

    def change(self, by: Account, account: str, role: Role, email: str, origin: str) -> None:
        _own(by)
        row = self._row(account)
        new = _reached(replace(row, role=given(role).value), self._email(email, account))
        detail = {"name": row.name, "was": row.role, "role": new.role}
        if new.email_key != row.email_key:
            detail |= {"e-mail": new.email or "none"}
        self._keep(
            self._doors.change_account(
                new, self._noted("account_changed", by.name, origin, detail), Role.OWNER
            )
        )
        self._forget()

    def remove(self, by: Account, account: str, origin: str) -> None:
        _own(by)
        row = self._row(account)
        detail = {"name": row.name, "role": row.role}
        noted = self._noted("account_removed", by.name, origin, detail)
        self._keep(self._doors.remove_account(account, noted, Role.OWNER))
        self._forget()

    # Inside

    def _may_try(self, asked: str, address: str) -> float:
        """How long to wait, in seconds; 0 means that it may be tried, and that this is counted."""
        now = self._clock.monotonic()
        with self._lock:
            wait_s = self._throttle.wait_s(asked, address, now)
            if wait_s <= 0:
                self._throttle.tried(asked, address, now)
        return wait_s

    def _begin(self, row: AccountRow, address: str, device: str, what: str, by: str = "") -> str:
        token, now = secrets.token_urlsafe(32), self._clock.utc()
        session = SessionRow(digest(token), row.id, now, now, address, device)
        detail = {key: value for key, value in (("device", device), ("by", by)) if value}
        noted = self._noted(what, row.name, address, detail)
        self._doors.add_session(session, noted, now - timedelta(days=IDLE_DAYS))
        return token

    def _set_password(self, row: AccountRow, password: str, who: str, origin: str) -> None:
        kept = self._hashed(password, row.name)
        noted = self._noted("password_changed", who, origin, {"name": row.name})
        self._doors.set_password(row.id, kept, noted)
        self._forget()

    def _hashed(self, password: str, name: str) -> str:
        try:
            checked = passwords.checked(password, name)
        except passwords.PasswordError as error:
            raise AccountError(str(error)) from None
        with self._hashing:
            return passwords.hashed(checked)

    def _code(self, by: Account, row: AccountRow, origin: str) -> str:
        code = secrets.token_urlsafe(24)
        noted = self._noted("invited", by.name, origin, {"name": row.name, "role": row.role})
        until = self._clock.utc() + timedelta(days=INVITED_DAYS)
        self._doors.add_invitation(digest(code), row.id, until, noted)
        return code

    def _new(self, name: str, role: Role, password: str) -> AccountRow:
        try:
            found = checked_name(name)
        except BadNameError as error:
            raise AccountError(str(error)) from None
        return AccountRow(secrets.token_hex(8), found, folded(found), role.value, password)

    def _email(self, email: str, account: str) -> str:
        try:
            found = checked_email(email)
        except BadNameError as error:
            raise AccountError(str(error)) from None
        key = folded_email(found)
        if key and any(row.email_key == key and row.id != account for row in self._doors.accounts()):
            raise AccountError("Another member has this e-mail address.")
        return found

    def _row(self, account: str) -> AccountRow:
        for row in self._doors.accounts():
            if row.id == account:
                return row
        raise AccountError("There is no such member (any more).")

    def _keep(self, done: bool) -> None:
        if not done:
            raise AccountError("The last owner stays an owner: make somebody else one first.")

    def _forget(self) -> None:
        """Everybody's cookie is looked up anew, and open pages are."""
        with self._lock:
            self._cache.clear()
        self.changed()

    def _noted(self, what: str, who: str, origin: str, detail: Mapping[str, object]) -> AuditRow:
        return AuditRow(self._clock.utc(), what, who, origin, detail)


def digest(secret: str) -> str:
    """What is kept of a cookie or an invitation: whoever reads the database cannot come in by it."""
    return hashlib.sha256(secret.encode("utf-8", "replace")).hexdigest()


def _own(by: Account) -> None:
    if not by.may(Right.OWN):
        raise AccountError(REFUSED[Right.OWN])


def _reached(row: AccountRow, email: str) -> AccountRow:
    return replace(row, email=email, email_key=folded_email(email))
