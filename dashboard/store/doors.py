"""Named queries for who may come in: accounts, signed-in devices, invitations. The pages' process and the
command line write these, also while no monitor runs: nobody must be locked out because the watch is ill."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, Row, delete, func, insert, select, update

from dashboard.store.audited import audit_row
from dashboard.store.base import Base, aware, naive, text
from dashboard.store.rows import AuditRow
from dashboard.store.schema import accounts, audit, invitations, sessions


@dataclass(frozen=True)
class AccountRow:
    """`folded`, `email_key`: name and e-mail address as they are compared; nobody else has the same.
    `password`: an argon2 hash, "" while there is none."""

    id: str
    name: str
    folded: str
    role: str
    password: str = ""
    email: str = ""
    email_key: str = ""


@dataclass(frozen=True)
class SessionRow:
    """A device that is signed in; `id` is the SHA-256 of its cookie."""

    id: str
    account: str
    began_at: datetime
    seen_at: datetime
    origin: str
    device: str


class Doors(Base):
    """Every change is written together with its line of the audit, or not at all."""

    def accounts(self) -> tuple[AccountRow, ...]:
        """In the order in which they came."""
        query = select(accounts).order_by(accounts.c.created_at, accounts.c.id)
        with self._reading() as connection:
            return tuple(_account(row) for row in connection.execute(query))

    def add_account(self, row: AccountRow, at: datetime, noted: AuditRow, first: bool = False) -> bool:
        """False, and nothing is changed, when the name is taken; with `first` when there is any account."""
        with self._writing() as connection:
            taken = select(func.count()).select_from(accounts)
            taken = taken if first else taken.where(accounts.c.folded == row.folded)
            if connection.execute(taken).scalar_one():
                return False
            connection.execute(insert(accounts).values(**_row(row), created_at=naive(at)))
            _note(connection, noted)
        return True

    def change_account(self, row: AccountRow, noted: AuditRow, keep_owner: str) -> bool:
        """Replaces what is kept. False, and nothing is changed, when no account with the role `keep_owner`
        and a password would be left."""
        with self._writing() as connection:
            connection.execute(update(accounts).where(accounts.c.id == row.id).values(**_row(row)))
            if not _has_owner(connection, keep_owner):
                connection.rollback()
                return False
            _note(connection, noted)
        return True

    def set_password(self, account: str, password: str, noted: AuditRow) -> None:
        """All devices of the account are signed out, and its invitations are worth nothing any more."""
        with self._writing() as connection:
            connection.execute(update(accounts).where(accounts.c.id == account).values(password=password))
            connection.execute(delete(sessions).where(sessions.c.account == account))
            connection.execute(delete(invitations).where(invitations.c.account == account))
            _note(connection, noted)

    def remove_account(self, account: str, noted: AuditRow, keep_owner: str) -> bool:
        """As `change_account`."""
        with self._writing() as connection:
            for table in (sessions, invitations):
                connection.execute(delete(table).where(table.c.account == account))
            connection.execute(delete(accounts).where(accounts.c.id == account))
            if not _has_owner(connection, keep_owner):
                connection.rollback()
                return False
            _note(connection, noted)
        return True

    def sessions(self, account: str) -> tuple[SessionRow, ...]:
        """The newest seen first."""
        query = select(sessions).where(sessions.c.account == account).order_by(sessions.c.seen_at.desc())
        with self._reading() as connection:
            return tuple(_session(row) for row in connection.execute(query))

    def session(self, identity: str, since: datetime) -> tuple[SessionRow, AccountRow] | None:
        """A device that was seen after `since`, and whose it is."""
        query = select(sessions).where(sessions.c.id == identity, sessions.c.seen_at >= naive(since))
        with self._reading() as connection:
            found = connection.execute(query).one_or_none()
            if found is None:
                return None
            whose = connection.execute(select(accounts).where(accounts.c.id == found.account)).one()
            return _session(found), _account(whose)

    def add_session(self, row: SessionRow, noted: AuditRow, forget_before: datetime) -> None:
        """Whatever was last seen before `forget_before` goes."""
        with self._writing() as connection:
            connection.execute(delete(sessions).where(sessions.c.seen_at < naive(forget_before)))
            values = {"id": row.id, "account": row.account, "origin": text(row.origin, 100)}
            times = {"began_at": naive(row.began_at), "seen_at": naive(row.seen_at)}
            connection.execute(insert(sessions).values(**values, **times, device=text(row.device, 100)))
            _note(connection, noted)

    def session_seen(self, identity: str, at: datetime) -> None:
        with self._writing() as connection:
            query = update(sessions).where(sessions.c.id == identity)
            connection.execute(query.values(seen_at=naive(at)))

    def end_sessions(self, identities: Iterable[str], noted: AuditRow) -> None:
        with self._writing() as connection:
            connection.execute(delete(sessions).where(sessions.c.id.in_(list(identities))))
            _note(connection, noted)

    def add_invitation(self, identity: str, account: str, until: datetime, noted: AuditRow) -> None:
        """In place of an earlier one of the account."""
        with self._writing() as connection:
            connection.execute(delete(invitations).where(invitations.c.account == account))
            values = {"id": identity, "account": account, "until": naive(until)}
            connection.execute(insert(invitations).values(**values))
            _note(connection, noted)

    def invited(self, identity: str, at: datetime) -> AccountRow | None:
        """Whose invitation it is, None when it is none or over."""
        query = select(accounts).join(invitations, invitations.c.account == accounts.c.id)
        query = query.where(invitations.c.id == identity, invitations.c.until > naive(at))
        with self._reading() as connection:
            found = connection.execute(query).one_or_none()
            return None if found is None else _account(found)

    def note(self, noted: AuditRow) -> None:
        """A line of the audit alone."""
        with self._writing() as connection:
            _note(connection, noted)


def _note(connection: Connection, noted: AuditRow) -> None:
    connection.execute(insert(audit).values(**audit_row(noted)))


def _has_owner(connection: Connection, role: str) -> bool:
    query = select(func.count()).select_from(accounts)
    query = query.where(accounts.c.role == role, accounts.c.password != "")
    return bool(connection.execute(query).scalar_one())


def _row(row: AccountRow) -> dict[str, str | None]:
    return {
        "id": row.id,
        "name": text(row.name, 60),
        "folded": text(row.folded, 200),
        "role": row.role,
        "password": row.password,
        "email": text(row.email, 200),
        "email_key": text(row.email_key, 200) or None,
    }


def _account(row: Row[tuple[object, ...]]) -> AccountRow:
    known = (row.id, row.name, row.folded, row.role, row.password, row.email)
    return AccountRow(*known, row.email_key or "")


def _session(row: Row[tuple[object, ...]]) -> SessionRow:
    times = (aware(row.began_at), aware(row.seen_at))
    return SessionRow(row.id, row.account, *times, row.origin, row.device)
