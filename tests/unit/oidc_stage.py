"""A house with a provider: an owner, a guardian whose e-mail address is known, and a browser at the gate."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest
import requests
from argon2 import PasswordHasher
from sqlalchemy import select
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.testclient import TestClient

from dashboard.accounts import passwords
from dashboard.accounts.book import Accounts
from dashboard.accounts.roles import Account, Role
from dashboard.oidc.config import BACK
from dashboard.oidc.desk import Desk
from dashboard.store import Doors
from dashboard.store.schema import audit
from dashboard.web import service
from dashboard.web.gate import COOKIE, Gate
from dashboard.web.routes import routes
from dashboard.web.service import Service
from tests.issuer import Issuer, running, secrets_toml
from tests.unit.fake_monitor import FakeHandle, HandClock

PASSWORD = "three quiet words"
OWNER = Account("x", "Olga", Role.OWNER)
HOME = "https://pool.lan"
METADATA = "/.well-known/openid-configuration"


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """The real parameters are slow on purpose."""
    monkeypatch.setattr(passwords, "_HASHER", PasswordHasher(time_cost=1, memory_cost=64, parallelism=1))


@pytest.fixture
def clock() -> HandClock:
    return HandClock(1_800_000_000.0)


@pytest.fixture
def issuer(clock: HandClock) -> Iterator[Issuer]:
    with running() as found:
        found.now = lambda: clock.t
        yield found


@pytest.fixture
def doors(tmp_path: Path) -> Iterator[Doors]:
    found = Doors(f"sqlite:///{tmp_path / 'gate.db'}")
    yield found
    found.close()


@pytest.fixture
def accounts(quick: None, doors: Doors, clock: HandClock) -> Accounts:
    found = Accounts(doors, clock)
    found.create_owner("Olga", PASSWORD, "test")
    found.invite(OWNER, "Gus", Role.GUARDIAN, "Gus@Example.org", "test")
    return found


@pytest.fixture
def secrets_file(tmp_path: Path, issuer: Issuer) -> Path:
    file = tmp_path / "secrets.toml"
    file.write_text(secrets_toml(issuer, HOME + BACK), encoding="utf-8")
    return file


@pytest.fixture
def browser(accounts: Accounts, secrets_file: Path, clock: HandClock) -> Iterator[TestClient]:
    service.install(Service(FakeHandle(), clock, accounts, oidc=Desk([secrets_file], 8501, clock)))
    yield client(accounts)
    service.uninstall()


def client(accounts: Accounts, home: str = HOME) -> TestClient:
    app = Starlette(routes=routes(), middleware=[Middleware(Gate, accounts=lambda: accounts)])
    return TestClient(app, base_url=home, client=("192.168.1.20", 50_000), follow_redirects=False)


def gone(browser: TestClient, there: str = "") -> str:
    """To the provider and back as far as its answer: the address that the browser is sent to."""
    begun = browser.get("/signin/oidc/house" + (f"?next={there}" if there else ""))
    assert begun.status_code == 303, begun.text
    onward = requests.get(begun.headers["location"], allow_redirects=False, timeout=5)
    assert onward.headers["location"].startswith(HOME + BACK)
    return onward.headers["location"]


def with_query(address: str, **changed: str | None) -> str:
    query: dict[str, str | None] = {**dict(parse_qsl(urlsplit(address).query)), **changed}
    return BACK + "?" + urlencode({key: value for key, value in query.items() if value is not None})


def refused(found: Any, doors: Doors, says: str, status: int = 401) -> None:
    assert found.status_code == status and says in found.text, found.text
    assert COOKIE not in found.headers.get("set-cookie", "")
    assert not [row for row in noted(doors) if row["what"] == "signed_in"]


def noted(doors: Doors) -> list[Mapping[str, Any]]:
    with doors._reading() as connection:
        return [dict(row) for row in connection.execute(select(audit).order_by(audit.c.id)).mappings()]
