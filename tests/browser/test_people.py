"""The page People with a real monitor and its couriers: from a few fields to a message that arrives."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.browser.conftest import DESK, PHONE
from tests.browser.places import settle
from tests.browser.server import Server, until
from tests.browser.test_access import check
from tests.unit.notify_stage import REFUSE, Service

START_MS = 60_000
SECRET = "s3cr3t-pass"


@pytest.fixture
def server(shared: Server) -> Server:
    """Without contacts."""
    for contact in shared.command("contacts.list")["contacts"]:
        shared.command("contacts.remove", id=contact["id"])
    return shared


@pytest.fixture
def phones() -> Iterator[Service]:
    """A service that messages go to."""
    found = Service().open()
    yield found
    found.close()


@pytest.fixture
def people(page: Page, server: Server) -> Page:
    go(page, server)
    return page


def go(page: Page, server: Server, place: str = "people") -> None:
    page.goto(f"{server.url}/{place}")
    settle(page)


def fill(page: Page, label: str, text: str) -> None:
    field = page.get_by_label(label, exact=True)
    expect(field).to_be_visible(timeout=START_MS)
    field.fill(text)
    field.press("Tab")


def choose(page: Page, label: str, option: str) -> None:
    page.get_by_role("combobox", name=label).click()
    page.get_by_role("option", name=option).click()


def card(page: Page, name: str) -> Locator:
    return page.locator("[class*='st-key-pw-card-']", has=page.get_by_role("heading", name=name))


def names(server: Server) -> list[str]:
    return [str(one["name"]) for one in server.command("contacts.list")["contacts"]]


def test_from_a_few_fields_to_a_message_that_arrives(people: Page, server: Server, phones: Service) -> None:
    expect(people.get_by_text("Nobody is called now.")).to_be_visible(timeout=START_MS)
    people.get_by_role("button", name="Add a contact").click()
    fill(people, "Name", "Anna")
    choose(people, "Reach them by", "Any other service")
    fill(people, "Apprise address", phones.url("anna"))
    people.get_by_role("button", name="Add contact", exact=True).click()
    expect(card(people, "Anna")).to_contain_text("Reached by JSON", timeout=START_MS)
    people.get_by_role("button", name="Send a test message").click()
    expect(card(people, "Anna")).to_contain_text("JSON: sent. Did it arrive?", timeout=START_MS)
    phones.wait("anna", 1)
    assert "test" in phones.got("anna")[0].title.lower()
    go(people, server)
    assert SECRET not in people.content() and str(phones.port) not in people.content()


def test_what_did_not_arrive_is_said_with_the_reason(people: Page, server: Server, phones: Service) -> None:
    phones.modes["tom"] = REFUSE
    server.command("contacts.add", name="Tom", urls=[phones.url("tom"), phones.url("laptop")])
    go(people, server)
    people.get_by_role("button", name="Send a test message").click()
    tom = card(people, "Tom")
    expect(tom).to_contain_text("JSON: sent", timeout=START_MS)
    expect(tom).to_contain_text("not sent: ", timeout=START_MS)
    expect(tom).to_contain_text("500")
    assert SECRET not in people.content()


def test_a_wrong_address_is_refused_with_apprises_reason(people: Page, server: Server) -> None:
    people.get_by_role("button", name="Add a contact").click()
    fill(people, "Name", "Lisa")
    choose(people, "Reach them by", "Any other service")
    fill(people, "Apprise address", "pover://geheim123")
    people.get_by_role("button", name="Add contact", exact=True).click()
    expect(people.get_by_text("An invalid Pushover User Key")).to_be_visible(timeout=START_MS)
    assert names(server) == []


def test_editing_and_removing(people: Page, server: Server, phones: Service) -> None:
    server.command("contacts.add", name="Anna", urls=[phones.url("anna")])
    go(people, server)
    card(people, "Anna").get_by_role("button", name="Edit").click()
    expect(people.get_by_text("JSON, kept and not shown again")).to_be_visible(timeout=START_MS)
    fill(people, "Name", "Anne")
    people.get_by_role("button", name="Save").click()
    expect(card(people, "Anne")).to_be_visible(timeout=START_MS)
    # The stored address still is the whole one.
    card(people, "Anne").get_by_role("button", name="Send a test message").click()
    phones.wait("anna", 1)
    card(people, "Anne").get_by_role("button", name="Remove").click()
    people.get_by_role("button", name="Keep it").click()
    expect(card(people, "Anne")).to_be_visible()
    card(people, "Anne").get_by_role("button", name="Remove").click()
    people.get_by_role("button", name="Remove it").click()
    expect(people.get_by_text("Nobody is called now.")).to_be_visible(timeout=START_MS)
    assert names(server) == []


def test_the_order_by_keyboard(people: Page, server: Server) -> None:
    for name in ("First", "Second"):
        server.command("contacts.add", name=name, urls=["json://127.0.0.1:9/x"])
    go(people, server)
    card(people, "Second").get_by_role("button", name="Up").press("Enter")
    until(lambda: names(server) == ["Second", "First"], "the new order is kept")
    expect(people.get_by_role("heading", name="1. Second")).to_be_visible(timeout=START_MS)


def test_a_pin_is_set_on_the_page(server: Server, people: Page) -> None:
    expect(people.get_by_text("None is set: the watch cannot be paused.")).to_be_visible(timeout=START_MS)
    fill(people, "New PIN", "2468")
    fill(people, "New PIN once more", "2468")
    people.get_by_role("button", name="Set the PIN").click()
    expect(people.get_by_text("The new PIN holds from now on.")).to_be_visible(timeout=START_MS)
    server.command("mode.set", mode="paused", who="Anna", pin="2468", minutes=1)
    server.command("mode.set", mode="watch", who="Anna")
    assert "2468" not in people.content()


@pytest.mark.parametrize("place", ["people", "a new contact", "health"])
def test_no_violation(chromium: Browser, server: Server, place: str) -> None:
    server.command("contacts.add", name="Anna", urls=["json://127.0.0.1:9/x"])
    server.command("contacts.add", name="Tom", urls=["json://127.0.0.1:9/x"], enabled=False)
    server.command("selftest.run")
    for theme in ("dark", "light"):
        context = chromium.new_context(viewport=DESK, color_scheme=theme)
        page = context.new_page()
        go(page, server, "health" if place == "health" else "people")
        if place == "a new contact":
            page.get_by_role("button", name="Add a contact").click()
            page.get_by_role("button", name="Add contact", exact=True).click()
            expect(page.get_by_text("Give the contact a name")).to_be_visible(timeout=START_MS)
        check(page)
        context.close()


@pytest.mark.parametrize("place", ["people", "health"])
def test_a_phone_does_not_scroll_sideways(phone: Page, server: Server, place: str) -> None:
    server.command("contacts.add", name="Anna" * 15, urls=["json://127.0.0.1:9/x"])
    go(phone, server, place)
    expect(phone.get_by_role("heading", level=1)).to_be_visible(timeout=START_MS)
    wide = phone.evaluate("() => document.querySelector('[data-testid=stMain]').scrollWidth")
    assert wide <= PHONE["width"]


def test_health_runs_the_self_test_and_changes_without_a_jump(page: Page, server: Server) -> None:
    go(page, server, "health")
    page.get_by_role("button", name="Run it now").click()
    expect(page.get_by_text("Contact: Nobody is called in an emergency")).to_be_visible(timeout=START_MS)
    expect(page.get_by_text("No camera is switched on: nobody is watched.")).to_be_visible(timeout=START_MS)
    title = page.get_by_role("heading", name="This machine")
    before = title.bounding_box()
    age = page.locator(".pwr-facts dd").nth(4)
    first = age.inner_text()
    expect(age).not_to_have_text(first, timeout=START_MS)
    assert title.bounding_box() == before
