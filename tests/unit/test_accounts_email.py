"""A member's e-mail address: nobody else's, however it is written, and the owner's to set."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from dashboard.accounts.book import Accounts
from dashboard.accounts.members import AccountError
from dashboard.accounts.names import folded_email
from dashboard.accounts.roles import Account, Role
from dashboard.store import AccountRow, AuditRow, Doors, StoreError
from tests.unit.fake_monitor import HandClock

OWNER = Account("x", "Olga", Role.OWNER)


@pytest.fixture
def doors(tmp_path: Path) -> Iterator[Doors]:
    found = Doors(f"sqlite:///{tmp_path / 'gate.db'}")
    yield found
    found.close()


@pytest.fixture
def accounts(doors: Doors) -> Accounts:
    found = Accounts(doors, HandClock())
    found.create_owner("Olga", "three quiet words", "test")
    found.invite(OWNER, "Gus", Role.GUARDIAN, " Gus@Example.org ", "test")
    found.invite(OWNER, "Vera", Role.VIEWER, "", "test")
    return found


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("", "", True),
        ("Gus@Example.ORG", " gus@example.org", True),
        ("kim@example.org", "\u212aim@example.org", False),
        ("weiss@example.org", "wei\u00df@example.org", False),
        ("i@example.org", "\u0130@example.org", False),
        ("fi@example.org", "\ufb01@example.org", False),
    ],
)
def test_only_what_is_the_same_mailbox_is_the_same(one: str, other: str, same: bool) -> None:
    assert (folded_email(one) == folded_email(other)) is same


@pytest.mark.parametrize("email", ["gus@example.org", "GUS@EXAMPLE.ORG"])
def test_an_address_is_nobody_elses(accounts: Accounts, email: str) -> None:
    vera = next(one for one in accounts.members() if one.name == "Vera")
    with pytest.raises(AccountError, match="Another member"):
        accounts.change(OWNER, vera.id, Role.VIEWER, email, "test")
    with pytest.raises(AccountError, match="Another member"):
        accounts.invite(OWNER, "Anna", Role.VIEWER, email, "test")
    assert sorted(one.email for one in accounts.members()) == ["", "", "Gus@Example.org"]


def test_the_database_keeps_it_so_too(doors: Doors, accounts: Accounts) -> None:
    """Two owners at once."""
    clock = HandClock()
    noted = AuditRow(clock.utc(), "account_created", "Olga", "test")
    row = AccountRow("z", "Zoe", "zoe", "viewer", "", "gus@example.org", "gus@example.org")
    with pytest.raises(StoreError, match="UNIQUE"):
        doors.add_account(row, clock.utc(), noted)


def test_it_stays_ones_own_can_be_given_up_and_taken_by_another(accounts: Accounts) -> None:
    gus, _, vera = sorted(accounts.members(), key=lambda one: one.name)
    accounts.change(OWNER, gus.id, Role.VIEWER, "gus@example.org", "test")
    accounts.change(OWNER, gus.id, Role.VIEWER, "", "test")
    accounts.change(OWNER, vera.id, Role.VIEWER, "gus@example.org", "test")
    assert {one.name: one.email for one in accounts.members()} == {
        "Gus": "",
        "Olga": "",
        "Vera": "gus@example.org",
    }


@pytest.mark.parametrize("role", [Role.GUARDIAN, Role.VIEWER, Role.NOBODY])
def test_only_an_owner_changes_members(accounts: Accounts, role: Role) -> None:
    somebody = Account("y", "Eve", role)
    gus = next(one for one in accounts.members() if one.name == "Gus")
    for doing in (
        lambda: accounts.change(somebody, gus.id, Role.OWNER, "eve@example.org", "test"),
        lambda: accounts.invite(somebody, "Eve", Role.OWNER, "", "test"),
        lambda: accounts.invite_again(somebody, gus.id, "test"),
        lambda: accounts.remove(somebody, gus.id, "test"),
    ):
        with pytest.raises(AccountError, match="Only the owner"):
            doing()
    there = {one.name: one.role for one in accounts.members()}
    assert there == {"Gus": Role.GUARDIAN, "Olga": Role.OWNER, "Vera": Role.VIEWER}
