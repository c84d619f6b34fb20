"""Somebody who has never seen the program sets it up on a phone: from an empty folder to a drill."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.browser.alarm_stage import band
from tests.browser.conftest import PHONE
from tests.browser.places import settle
from tests.browser.server import Server
from tests.browser.test_access import check
from tests.browser.test_people import choose, fill
from tests.unit.notify_stage import Service

pytestmark = pytest.mark.alone
START_MS = 60_000


def test_from_nothing_to_a_drill_on_a_phone(phone: Page, server: Server) -> None:
    service = Service().open()
    try:
        phone.goto(server.url)
        phone.get_by_role("link", name="Step 1 of 5").tap(timeout=START_MS)
        stands(phone, "0 of 5")
        check(phone)
        phone.get_by_role("button", name="Choose a camera").tap()
        phone.get_by_role("button", name="Try the simulated pool").tap()
        go_on(phone, "2 of 5 done. Next: say who is called.")
        phone.get_by_role("button", name="Add somebody").tap()
        somebody_to_call(phone, service)
        go_on(phone, "3 of 5 done. Next: hear the sound on this device.")
        phone.get_by_role("button", name="Play the sound").tap()
        stands(phone, "4 of 5")
        phone.get_by_role("button", name="Test the alarm").last.tap()
        start = phone.get_by_role("button", name="Start the test")
        expect(start).to_be_visible(timeout=START_MS)
        start.tap()
        # The simulated pool may have an alarm of its own.
        drill = band(phone).locator(".card", has_text="Drill")
        drill.get_by_role("button", name="I see it").tap(timeout=START_MS)
        expect(drill).to_contain_text("Seen by", timeout=START_MS)
        phone.goto(server.url + "/setup")
        expect(phone.get_by_text("All is set up.")).to_be_visible(timeout=START_MS)
        phone.goto(server.url)
        settle(phone)
        expect(phone.locator(".line[role=note]")).to_be_hidden()
    finally:
        service.close()


def somebody_to_call(phone: Page, service: Service) -> None:
    phone.get_by_role("button", name="Add a contact").tap(timeout=START_MS)
    fill(phone, "Name", "Tom")
    choose(phone, "Reach them by", "Any other service")
    fill(phone, "Apprise address", service.url("tom"))
    phone.get_by_role("button", name="Add contact", exact=True).tap()
    expect(phone.locator(".line[role=note]")).to_contain_text("Here: send a test message.", timeout=START_MS)
    phone.get_by_role("button", name="Send a test message").tap()
    expect(phone.get_by_text("Did it arrive?")).to_be_visible(timeout=START_MS)


def stands(phone: Page, far: str) -> None:
    expect(phone.get_by_text(f"{far} steps are done.")).to_be_visible(timeout=START_MS)
    wide = phone.evaluate("() => document.querySelector('[data-testid=stMain]').scrollWidth")
    assert wide <= PHONE["width"]


def go_on(phone: Page, said: str) -> None:
    """The quiet line says what comes next, and leads there."""
    expect(phone.locator(".line[role=note]")).to_contain_text(said, timeout=START_MS)
    phone.get_by_role("link", name="Go on").tap()
    expect(phone.get_by_role("heading", name="Set up")).to_be_visible(timeout=START_MS)
