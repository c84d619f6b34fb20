"""Accounts as the rest of the program sees them, made from what is kept. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from dashboard.accounts.roles import Account, Role
from dashboard.store import AccountRow


class AccountError(ValueError):
    """Why it was not done, in a plain sentence."""


@dataclass(frozen=True)
class Member:
    """An account as the members' page shows it. `joined`: it has a password."""

    id: str
    name: str
    role: Role
    email: str
    joined: bool


def given(role: Role) -> Role:
    """A role that somebody may have; AccountError for none."""
    if role is Role.NOBODY:
        raise AccountError("A member has a role.")
    return role


def account_of(row: AccountRow, session: str) -> Account:
    return Account(row.id, row.name, _role(row.role), row.email, session)


def member_of(row: AccountRow) -> Member:
    return Member(row.id, row.name, _role(row.role), row.email, bool(row.password))


def _role(kept: str) -> Role:
    """A role that this version does not know may nothing."""
    return Role(kept) if kept in list(Role) else Role.NOBODY
