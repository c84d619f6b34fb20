"""Signing in through a provider: the owner enters an address, and the guardian comes in by it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from dashboard.oidc.config import BACK
from tests.browser.places import settle
from tests.browser.server import PASSWORD, Server
from tests.browser.test_signin import START_MS, device, looks_well, sign_in
from tests.issuer import Issuer, running, secrets_toml


@pytest.fixture(scope="module")
def issuer() -> Iterator[Issuer]:
    """Under another name than ours: a browser takes it for another site."""
    with running("localhost") as found:
        found.page = True
        yield found


@pytest.fixture(scope="module")
def house(issuer: Issuer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    root = tmp_path_factory.mktemp("house")
    server = Server(root / "data", home=root / "home")
    configure(server, secrets_toml(issuer, server.url + BACK))
    server.start()
    try:
        yield server
    finally:
        server.stop()


def configure(server: Server, text: str) -> None:
    assert server.home is not None
    file = server.home / ".streamlit" / "secrets.toml"
    file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    file.write_text(text, encoding="utf-8")
    file.chmod(0o600)


def through(page: Page, server: Server, path: str) -> None:
    """From the page that was asked for to the provider and back."""
    page.goto(server.url + path)
    page.get_by_role("link", name="Sign in with House").click()
    expect(page.get_by_role("heading", name="The provider")).to_be_visible(timeout=START_MS)
    page.get_by_role("link", name="It is me").click()


def enter(page: Page, server: Server, who: str, email: str) -> None:
    page.goto(server.url + "/members")
    card = page.locator("[class*='st-key-pw-member-']").filter(has_text=who)
    card.get_by_text("Change", exact=True).click(timeout=START_MS)
    card.get_by_role("textbox", name="E-mail").fill(email)
    card.get_by_role("button", name="Save").click()
    expect(card).to_contain_text(email, timeout=START_MS)


def test_a_guardian_comes_in_by_an_address_that_the_owner_has_entered(
    chromium: Browser, house: Server, issuer: Issuer
) -> None:
    with device(chromium, "") as page:
        through(page, house, "/timeline")
        expect(page.get_by_role("alert")).to_contain_text(
            "Nobody here has the e-mail address gus@example.org"
        )
        page.get_by_role("link", name="Back to the sign-in").click()
        expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    with device(chromium, "Test") as page:
        enter(page, house, "Gus", "Gus@Example.org")
    with device(chromium, "") as page:
        through(page, house, "/timeline")
        settle(page)
        assert page.url == house.url + "/timeline"
        assert page.evaluate("() => window.poolwatch.you") == {
            "name": "Gus",
            "role": "guardian",
            "may": ["answer", "label", "look", "modes", "zones"],
        }
    with device(chromium, "Test") as page:
        page.goto(house.url + "/audit")
        expect(page.get_by_test_id("stMain")).to_contain_text("Sign in refused", timeout=START_MS)
        expect(page.get_by_test_id("stMain")).to_contain_text("Signed in")


def test_the_sign_in_with_a_provider_looks_well(chromium: Browser, house: Server) -> None:
    looks_well(chromium, house.url + "/signin", "Sign in", "")
    looks_well(chromium, house.url + f"{BACK}?state=x", "Not signed in", "")


def test_what_is_wrong_is_said_to_the_owner_and_passwords_go_on(
    chromium: Browser, house: Server, issuer: Issuer
) -> None:
    """Changed while it runs, and put right again."""
    right = secrets_toml(issuer, house.url + BACK)
    configure(house, right.replace("client_id", "client_idea"))
    try:
        with device(chromium, "") as page:
            page.goto(house.url + "/signin")
            expect(page.get_by_role("link", name="Sign in with")).to_have_count(0)
            sign_in(page, "Gus", PASSWORD)
            settle(page)
            page.goto(house.url + "/members")
            expect(page.get_by_role("heading", name="Members")).to_be_visible(timeout=START_MS)
            expect(page.get_by_test_id("stAlert")).to_have_count(0)
        looks_well(chromium, house.url + "/members", "Members", "Test")
        with device(chromium, "Test") as page:
            page.goto(house.url + "/members")
            told = page.get_by_test_id("stAlert")
            expect(told).to_contain_text("[auth.house] client_idea is not known.", timeout=START_MS)
    finally:
        configure(house, right)


def test_streamlits_own_door_is_shut(chromium: Browser, house: Server) -> None:
    with device(chromium, "Test") as page:
        for path in ("/auth/login?provider=house", "/auth/logout", "/oauth2callback?code=x&state=y"):
            answer = page.request.get(house.url + path, max_redirects=0)
            assert answer.status == 404, path


def test_a_file_is_only_read(house: Server) -> None:
    assert house.home is not None
    assert [path.name for path in Path(house.home / ".streamlit").iterdir()] == ["secrets.toml"]
