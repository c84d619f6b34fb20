"""The page Alarms with a real monitor: a test of the alarm, resolving it, looking back, saving the table."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.browser.conftest import DESK, PHONE
from tests.browser.places import settle
from tests.browser.server import Server, until
from tests.browser.test_access import check

START_MS = 60_000


@pytest.fixture
def server(shared: Server) -> Server:
    """Without an open alarm."""
    for alarm in open_alarms(shared):
        if alarm["state"] != "acknowledged":
            shared.command("alarm.acknowledge", id=alarm["id"], who="Test")
        shared.command("alarm.resolve", id=alarm["id"], who="Test", reason="drill")
    return shared


def archive(server: Server) -> list[dict[str, object]]:
    return list(server.command("alarms.list", limit=20)["alarms"])


def open_alarms(server: Server) -> list[dict[str, object]]:
    return [alarm for alarm in archive(server) if not alarm["resolved_utc"]]


def go(page: Page, server: Server) -> None:
    page.goto(f"{server.url}/alarms")
    settle(page)
    expect(page.get_by_role("heading", name="Alarms", exact=True)).to_be_visible(timeout=START_MS)


def card(page: Page) -> Locator:
    return page.locator("[class*='st-key-pw-card-open-']")


def test_a_test_of_the_alarm_from_its_start_to_its_end(page: Page, server: Server) -> None:
    go(page, server)
    main = page.get_by_test_id("stMain")
    expect(main.get_by_text("No alarm is open.")).to_be_visible(timeout=START_MS)
    main.locator(".st-key-pw-page").get_by_role("button", name="Test the alarm").click()
    asked = page.get_by_role("dialog")
    expect(asked).to_contain_text("nobody is called: there are no contacts yet")
    asked.get_by_role("button", name="Start the test").click()
    expect(card(page)).to_contain_text("Look now.", timeout=START_MS)
    expect(card(page)).to_contain_text("Drill")
    (alarm,) = open_alarms(server)
    # Somebody answers on another phone: this page hears of it by itself.
    server.command("alarm.acknowledge", id=alarm["id"], who="Tom")
    expect(card(page)).to_contain_text("Tom has seen it", timeout=START_MS)
    card(page).get_by_label("Note (if you like)").fill("<b>worked</b>")
    card(page).get_by_role("button", name="It is over").click()
    expect(main.get_by_text("No alarm is open.")).to_be_visible(timeout=START_MS)
    until(lambda: not open_alarms(server), "the alarm is closed")
    found = archive(server)[0]
    assert (found["reason"], found["resolved_by"], found["note"]) == ("drill", "Test", "<b>worked</b>")
    page.locator("[data-testid='stExpander'] summary").first.click()
    expect(main.locator(".pwr-alarm").first).to_contain_text("It was a drill, says Test")
    expect(main.locator(".pwr-alarm").first).to_contain_text("Note: <b>worked</b>")


def test_everything_noticed_is_filtered_and_saved(page: Page, server: Server, tmp_path: Path) -> None:
    server.command("alarm.drill", who="Anna")
    until(lambda: server.command("events.list", limit=5)["events"], "the event is kept")
    go(page, server)
    page.get_by_role("tab", name="Everything noticed").click()
    expect(page.locator(".pwr-day li").first).to_contain_text("This is a test of the alarm")
    page.get_by_text("Search and filter").click()
    page.get_by_label("Words").fill("no such words")
    page.get_by_label("Words").press("Enter")
    expect(page.get_by_text("Nothing like that was noticed.")).to_be_visible(timeout=START_MS)
    page.get_by_label("Words").fill("test of the")
    page.get_by_label("Words").press("Enter")
    expect(page.locator(".pwr-day li").first).to_contain_text("Drill", timeout=START_MS)
    with page.expect_download(timeout=START_MS) as coming:
        page.get_by_role("button", name="Save as a table (CSV)").click()
    coming.value.save_as(tmp_path / "events.csv")
    with (tmp_path / "events.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert rows and {row["kind"] for row in rows} == {"drill"} and rows[0]["drill"] == "yes"


@pytest.mark.parametrize("theme", ["dark", "light"])
@pytest.mark.parametrize("tab", ["All alarms", "Everything noticed"])
def test_no_violation(chromium: Browser, server: Server, theme: str, tab: str) -> None:
    number = server.command("alarm.drill", who="Anna")["id"]
    server.command("alarm.acknowledge", id=number, who="Tom")
    context = chromium.new_context(viewport=DESK, color_scheme=theme)  # type: ignore[arg-type]
    page = context.new_page()
    go(page, server)
    expect(card(page)).to_contain_text("Tom has seen it", timeout=START_MS)
    page.get_by_role("tab", name=tab).click()
    page.locator("[data-testid='stExpander'] summary").locator("visible=true").first.click()
    check(page)
    context.close()


def test_a_phone_does_not_scroll_sideways(phone: Page, server: Server) -> None:
    server.command("alarm.drill", who="Anna" * 20)
    go(phone, server)
    expect(card(phone)).to_be_visible(timeout=START_MS)
    wide = phone.evaluate("() => document.querySelector('[data-testid=stMain]').scrollWidth")
    assert wide <= PHONE["width"]
