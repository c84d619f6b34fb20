"""Signing in through a real provider on loopback: the right way, and each thing that can be wrong with it."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import parse_qs, parse_qsl, urlsplit

import pytest
from joserfc.jwk import RSAKey
from starlette.testclient import TestClient

from dashboard.accounts.book import Accounts
from dashboard.accounts.roles import Role
from dashboard.oidc.flow import LASTS_S
from dashboard.store import Doors
from dashboard.web import oidc
from dashboard.web.gate import COOKIE
from tests.issuer import SECRET, Claims, Issuer
from tests.unit.fake_monitor import HandClock
from tests.unit.oidc_stage import (
    OWNER,
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
    with_query,
)

__all__ = ["accounts", "browser", "clock", "doors", "issuer", "quick", "secrets_file"]
OTHER_KEY = RSAKey.generate_key(2048)


def test_a_member_comes_in_by_an_address_that_the_provider_vouches_for(
    browser: TestClient, accounts: Accounts, doors: Doors
) -> None:
    page = browser.get("/signin?next=/members").text
    assert 'href="/signin/oidc/house?next=/members">Sign in with House</a>' in page
    done = browser.get(gone(browser, "/members"))
    assert (done.status_code, done.headers["location"]) == (303, "/members")
    told = done.headers["set-cookie"].lower()
    assert told.count("httponly") and "secure" in told and "samesite=lax" in told
    who = accounts.session(browser.cookies[COOKIE])
    assert who is not None and (who.name, who.role) == ("Gus", Role.GUARDIAN)
    assert oidc.COOKIE not in browser.cookies
    last = noted(doors)[-1]
    assert (last["what"], last["who"]) == ("signed_in", "Gus") and '"by": "house"' in last["detail"]
    assert len(accounts.members()) == 2


def test_what_is_sent_there_is_new_each_time_and_no_secret(browser: TestClient) -> None:
    seen = [browser.get("/signin/oidc/house").headers["location"] for _ in range(2)]
    first, second = (parse_qs(urlsplit(address).query) for address in seen)
    assert all(first[key] != second[key] for key in ("state", "nonce", "code_challenge"))
    assert first["code_challenge_method"] == ["S256"] and first["prompt"] == ["select_account"]
    assert "code_verifier" not in first and "client_secret" not in first


def bent(**claims: object) -> Callable[[Issuer], None]:
    """A token whose claims are these; None takes one away."""

    def bend(found: Claims) -> None:
        found.update(claims)
        for key in [key for key, value in claims.items() if value is None]:
            del found[key]

    return lambda issuer: setattr(issuer, "bend", bend)


def signed(how: Callable[[Issuer, Claims], str]) -> Callable[[Issuer], None]:
    return lambda issuer: setattr(issuer, "sign", lambda claims: how(issuer, claims))


def public_pem(issuer: Issuer) -> bytes:
    return issuer.key.as_pem(private=False)


NOW = 1_800_000_000
TOKENS = [
    pytest.param(bent(nonce="another"), "nonce", id="another nonce"),
    pytest.param(bent(nonce=None), "nonce", id="no nonce"),
    pytest.param(bent(aud="another"), "aud", id="another audience"),
    pytest.param(bent(aud=["another", "third"]), "aud", id="others' audience"),
    pytest.param(bent(aud=["poolwatch", "another"]), "azp", id="two audiences, nobody's"),
    pytest.param(bent(azp="another"), "azp", id="another's"),
    pytest.param(bent(iss="https://evil.example"), "iss", id="another issuer"),
    pytest.param(bent(exp=NOW - 61), "expired", id="expired"),
    pytest.param(bent(exp=None), "exp", id="without an end"),
    pytest.param(bent(exp="never"), "exp", id="an end that is none"),
    pytest.param(bent(iat=NOW + 3600), "future", id="of tomorrow"),
    pytest.param(bent(sub=None), "sub", id="of nobody"),
    pytest.param(bent(at_hash="AAAA"), "at_hash", id="of another access token"),
    pytest.param(bent(email_verified=False), "not checked", id="an address that nobody checked"),
    pytest.param(bent(email_verified=None), "not checked", id="an address of which nothing is said"),
    pytest.param(bent(email_verified=1), "not checked", id="1 is not true"),
    pytest.param(bent(email=None), "no e-mail address", id="no address"),
    pytest.param(bent(email=["gus@example.org"]), "no e-mail address", id="an address that is none"),
    pytest.param(bent(email="eve@example.org"), "Nobody here has", id="an address of nobody here"),
    pytest.param(bent(email="gu\u017f@example.org"), "Nobody here has", id="a long s"),
    pytest.param(bent(email=""), "no e-mail address", id="the empty address of the owner"),
    pytest.param(signed(Issuer.unsigned), "not right", id="alg none"),
    pytest.param(signed(lambda i, c: i.by_secret(c, SECRET.encode())), "not right", id="by our secret"),
    pytest.param(signed(lambda i, c: i.by_secret(c, public_pem(i))), "not right", id="by the public key"),
    pytest.param(signed(lambda i, c: i.signed(c, OTHER_KEY)), "bad_signature", id="by another key"),
    pytest.param(signed(lambda i, c: i.signed(c)[:-6] + "AAAAAA"), "bad_signature", id="a torn signature"),
    pytest.param(signed(lambda i, c: "nonsense"), "not right", id="no token"),
    pytest.param(signed(lambda i, c: "a" * 20_000), "not right", id="a very long one"),
    pytest.param(signed(lambda i, c: ["x"]), "not right", id="a list"),  # type: ignore[arg-type,return-value]
]


@pytest.mark.filterwarnings("ignore::joserfc.errors.SecurityWarning")
@pytest.mark.parametrize(("wrong", "says"), TOKENS)
def test_a_token_that_is_not_right_lets_nobody_in(
    browser: TestClient, issuer: Issuer, doors: Doors, wrong: Callable[[Issuer], None], says: str
) -> None:
    wrong(issuer)
    refused(browser.get(gone(browser)), doors, says)
    assert noted(doors)[-1]["what"] == "sign_in_refused"


@pytest.mark.parametrize(
    "right",
    [
        pytest.param(bent(aud=["poolwatch"]), id="a list of one"),
        pytest.param(bent(aud=["poolwatch", "another"], azp="poolwatch"), id="ours among others"),
        pytest.param(bent(email_verified="true"), id="true as text"),
        pytest.param(bent(at_hash=None), id="no hash of the access token"),
        pytest.param(bent(exp=NOW - 30), id="a clock that is half a minute ahead"),
        pytest.param(bent(email=" GUS@example.ORG "), id="in capitals"),
    ],
)
def test_what_providers_may_do_is_taken(
    browser: TestClient, issuer: Issuer, right: Callable[[Issuer], None]
) -> None:
    right(issuer)
    assert browser.get(gone(browser)).status_code == 303


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        pytest.param({"state": "forged"}, "not begun in this browser", id="another state"),
        pytest.param({"state": None}, "not begun in this browser", id="no state"),
        pytest.param({"code": None}, "nothing to sign in with", id="no code"),
        pytest.param({"code": "guessed"}, "does not take this sign-in", id="a code that it never gave"),
        pytest.param({"iss": "https://evil.example"}, "another provider", id="another issuer's answer"),
        pytest.param({"error": "access_denied"}, "You did not sign in there", id="refused there"),
        pytest.param({"error": "<script>x"}, "did not let you sign in", id="an error with a tail"),
    ],
)
def test_an_answer_that_is_not_right_lets_nobody_in(
    browser: TestClient, doors: Doors, changed: dict[str, str | None], says: str
) -> None:
    found = browser.get(with_query(gone(browser), **changed))
    refused(found, doors, says)
    assert "<script" not in found.text


@pytest.mark.parametrize("cookie", ["", "forged", "x" * 5000])
def test_an_answer_for_another_browser_lets_nobody_in(
    browser: TestClient, accounts: Accounts, doors: Doors, cookie: str
) -> None:
    address = gone(browser)
    other = client(accounts)
    headers = {"cookie": f"{oidc.COOKIE}={cookie}"} if cookie else {}
    refused(other.get(address, headers=headers), doors, "not begun in this browser")


def test_an_answer_that_comes_too_late_lets_nobody_in(
    browser: TestClient, clock: HandClock, doors: Doors
) -> None:
    address = gone(browser)
    clock.t += LASTS_S + 1
    refused(browser.get(address), doors, "not begun in this browser")


def test_an_answer_counts_once(browser: TestClient, accounts: Accounts, issuer: Issuer) -> None:
    address = gone(browser)
    held = browser.cookies[oidc.COOKIE]
    assert browser.get(address).status_code == 303
    asked = len(issuer.asked)
    again = client(accounts).get(address, headers={"cookie": f"{oidc.COOKIE}={held}"})
    assert again.status_code == 401 and "used already" in again.text
    assert len(issuer.asked) == asked


def test_a_code_of_another_sign_in_is_of_no_use(
    browser: TestClient, accounts: Accounts, doors: Doors
) -> None:
    """Stolen from one browser and put into the answer of another."""
    stolen = dict(parse_qsl(urlsplit(gone(browser)).query))["code"]
    thief = client(accounts)
    refused(thief.get(with_query(gone(thief), code=stolen)), doors, "does not take this sign-in")


def test_a_removed_member_and_a_removed_address_come_in_no_more(
    browser: TestClient, accounts: Accounts, doors: Doors
) -> None:
    gus = next(one for one in accounts.members() if one.name == "Gus")
    address = gone(browser)
    accounts.change(OWNER, gus.id, Role.GUARDIAN, "", "test")
    refused(browser.get(address), doors, "Nobody here has")
