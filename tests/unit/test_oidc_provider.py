"""A provider that is ill, slow or away, and our own limits: whoever has a password comes in meanwhile."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from joserfc.jwk import OctKey, RSAKey
from starlette.testclient import TestClient

from dashboard.accounts.book import Accounts
from dashboard.clock import SystemClock
from dashboard.oidc import line
from dashboard.oidc.config import BACK, read
from dashboard.oidc.desk import Desk
from dashboard.oidc.errors import ProviderError
from dashboard.oidc.line import Line
from dashboard.oidc.provider import FAILED_S, KEYS_AGAIN_S
from dashboard.store import Doors
from dashboard.web import oidc, service
from dashboard.web.service import Service
from tests.issuer import SECRET, Claims, Issuer, as_json, as_text
from tests.unit.fake_monitor import FakeHandle, HandClock
from tests.unit.oidc_stage import (
    HOME,
    METADATA,
    PASSWORD,
    accounts,
    browser,
    client,
    clock,
    doors,
    gone,
    issuer,
    noted,
    quick,
    refused,
    secrets_file,
)

__all__ = ["accounts", "browser", "clock", "doors", "issuer", "quick", "secrets_file"]

ILL = [
    pytest.param(lambda: as_text("no", 500), "does not answer", id="broken"),
    pytest.param(lambda: as_text("elsewhere", 302), "does not answer", id="points elsewhere"),
    pytest.param(lambda: as_text("<h1>Hotel WLAN</h1>"), "cannot be read", id="a page"),
    pytest.param(lambda: as_json(["x"]), "cannot be read", id="a list"),
    pytest.param(lambda: as_text("[" * 100_000), "cannot be read", id="nested without end"),
    pytest.param(lambda: as_text("x" * 300_000), "cannot be read", id="far too much"),
]


@pytest.mark.parametrize(("answer", "says"), ILL)
@pytest.mark.parametrize("path", [METADATA, "/token", "/keys"])
def test_a_provider_that_is_ill_is_said_and_passwords_go_on(
    browser: TestClient, issuer: Issuer, doors: Doors, path: str, answer: Callable[[], Any], says: str
) -> None:
    if path == METADATA:
        issuer.answers[path] = answer
        found = browser.get("/signin/oidc/house")
    else:
        address = gone(browser)
        issuer.answers[path] = answer
        found = browser.get(address)
    refused(found, doors, says, 502)
    assert browser.post("/signin", data={"name": "Olga", "password": PASSWORD}).status_code == 303


@pytest.mark.parametrize(
    "more",
    [
        pytest.param({"issuer": "https://evil.example"}, id="calls itself another"),
        pytest.param({"issuer": None}, id="has no name"),
        pytest.param({"token_endpoint": "http://evil.example/token"}, id="wants the secret unencrypted"),
        pytest.param({"jwks_uri": "file:///etc/passwd"}, id="points into our files"),
        pytest.param({"authorization_endpoint": "javascript:alert(1)"}, id="no address"),
        pytest.param({"jwks_uri": 7}, id="a number"),
    ],
)
def test_metadata_that_is_not_right_is_refused(
    browser: TestClient, issuer: Issuer, doors: Doors, more: Claims
) -> None:
    issuer.more = more
    refused(browser.get("/signin/oidc/house"), doors, "cannot be read", 502)


@pytest.mark.parametrize(
    "keys",
    [
        pytest.param({}, id="none"),
        pytest.param({"keys": []}, id="an empty list"),
        pytest.param({"keys": [1, {}, {"kty": "RSA"}]}, id="nonsense"),
        pytest.param({"keys": [OctKey.import_key(SECRET).as_dict()]}, id="a shared secret"),
    ],
)
def test_keys_that_are_none_are_refused(
    browser: TestClient, issuer: Issuer, doors: Doors, keys: Claims
) -> None:
    address = gone(browser)
    issuer.answers["/keys"] = lambda: as_json(keys)
    refused(browser.get(address), doors, "cannot be read", 502)


def test_a_provider_that_is_away_is_asked_again_only_after_a_moment(
    browser: TestClient, issuer: Issuer, clock: HandClock
) -> None:
    issuer.answers[METADATA] = lambda: as_text("no", 503)
    for _ in range(3):
        assert browser.get("/signin/oidc/house").status_code == 502
    assert issuer.asked == [METADATA]
    issuer.answers.clear()
    clock.t += FAILED_S
    assert browser.get(gone(browser)).status_code == 303


def test_a_provider_that_is_down(browser: TestClient, issuer: Issuer, secrets_file: Path) -> None:
    text = secrets_file.read_text(encoding="utf-8")
    secrets_file.write_text(text.replace(issuer.url, "http://127.0.0.1:9"), encoding="utf-8")
    found = browser.get("/signin/oidc/house")
    assert found.status_code == 502 and "does not answer" in found.text


def test_a_wrong_secret_is_the_logs_matter(
    browser: TestClient, secrets_file: Path, doors: Doors, caplog: pytest.LogCaptureFixture
) -> None:
    text = secrets_file.read_text(encoding="utf-8")
    secrets_file.write_text(text.replace(SECRET, "not the secret"), encoding="utf-8")
    refused(browser.get(gone(browser)), doors, "cannot be read", 502)
    assert "look at client_id and client_secret" in caplog.text and "not the secret" not in caplog.text


@pytest.mark.parametrize("way", ["says nothing", "a letter at a time"])
def test_a_slow_provider_is_given_up(
    issuer: Issuer, secrets_file: Path, monkeypatch: pytest.MonkeyPatch, way: str
) -> None:
    monkeypatch.setattr(line, "PIECE_S", 0.3)
    monkeypatch.setattr(line, "ANSWER_S", 0.3)
    config = read([secrets_file], 8501)

    def slow(handler: Any, answer: Any, onward: str = "") -> None:
        if way == "says nothing":
            issuer.stopping.wait(20)
            return
        handler.send_response(200)
        handler.send_header("Content-Length", "100000")
        handler.end_headers()
        while not issuer.stopping.wait(0.02):
            try:
                handler.wfile.write(b" ")
            except OSError:
                return

    monkeypatch.setattr("tests.issuer._Handler._send", slow)
    clock = SystemClock()
    began = clock.monotonic()
    with pytest.raises(ProviderError, match="does not answer"):
        Line(config.providers[0], "", clock).document(issuer.url + "/keys")
    assert clock.monotonic() - began < 5


def test_while_many_wait_for_a_provider_passwords_go_on(
    browser: TestClient, issuer: Issuer, accounts: Accounts
) -> None:
    held, let_go = threading.Event(), threading.Event()

    def wait() -> Any:
        held.set()
        let_go.wait(20)
        return as_json(issuer.metadata())

    issuer.answers[METADATA] = wait
    waiting = [
        threading.Thread(target=client(accounts).get, args=("/signin/oidc/house",), daemon=True)
        for _ in range(oidc.THREADS)
    ]
    try:
        with browser:
            for one in waiting:
                one.start()
            assert held.wait(10)
            assert browser.post("/signin", data={"name": "Olga", "password": PASSWORD}).status_code == 303
    finally:
        let_go.set()
        for one in waiting:
            one.join(10)


def test_a_provider_may_change_its_keys(browser: TestClient, issuer: Issuer, clock: HandClock) -> None:
    assert browser.get(gone(browser)).status_code == 303
    issuer.key = RSAKey.generate_key(2048, auto_kid=True)
    early = browser.get(gone(browser))
    assert early.status_code == 401 and "signed by nobody known" in early.text
    clock.t += KEYS_AGAIN_S
    assert browser.get(gone(browser)).status_code == 303


# Limits


def test_whoever_tries_again_and_again_waits_and_passwords_go_on(browser: TestClient, doors: Doors) -> None:
    found = [browser.get(f"{BACK}?state=x&code=y").status_code for _ in range(7)]
    assert found == [401] * 5 + [429] * 2
    assert len([row for row in noted(doors) if row["what"] == "sign_in_refused"]) == 5
    assert browser.post("/signin", data={"name": "Olga", "password": PASSWORD}).status_code == 303


@pytest.mark.parametrize("path", ["/auth/login", "/auth/logout", "/auth", "/auth/x/y", "/oauth2callback"])
@pytest.mark.parametrize("known", [True, False])
def test_streamlits_own_sign_in_is_not_there(
    browser: TestClient, accounts: Accounts, path: str, known: bool
) -> None:
    if known:
        browser.post("/signin", data={"name": "Olga", "password": PASSWORD})
    assert browser.get(path).status_code == 404


def test_before_there_is_an_owner_nobody_comes_in_so(
    tmp_path: Path, secrets_file: Path, clock: HandClock
) -> None:
    doors = Doors(f"sqlite:///{tmp_path / 'new.db'}")
    accounts = Accounts(doors, clock)
    service.install(Service(FakeHandle(), clock, accounts, oidc=Desk([secrets_file], 8501, clock)))
    try:
        assert client(accounts).get("/signin/oidc/house").status_code == 403
    finally:
        service.uninstall()
        doors.close()


def test_the_way_begins_at_the_address_that_the_provider_knows(
    browser: TestClient, accounts: Accounts
) -> None:
    other = client(accounts, "http://192.168.1.5:8501")
    sent = other.get("/signin/oidc/house?next=/members")
    assert sent.headers["location"] == f"{HOME}/signin/oidc/house?at=home&next=/members"
    lost = other.get("/signin/oidc/house?at=home")
    assert lost.status_code == 421 and HOME in lost.text


@pytest.mark.parametrize("name", ["nobody", "%2e%2e", "x" * 3000, "<b>"])
def test_a_provider_that_is_not_there(browser: TestClient, name: str) -> None:
    assert browser.get(f"/signin/oidc/{name}").status_code == 404
