"""What one test leaves on a device, the next one must not find."""

from __future__ import annotations

from playwright.sync_api import Browser, Page

from tests.browser.conftest import be

HOUSE = "http://127.0.0.1:9/"
FOUND = "[localStorage.who ?? '', document.cookie]"
OF_THE_OWNER = "poolwatch_session=the-device-of-Test"


def visited(chromium: Browser) -> Page:
    page = chromium.new_context(locale="en-GB").new_page()
    page.route(HOUSE, lambda route: route.fulfill(body="<p>a house</p>", content_type="text/html"))
    page.goto(HOUSE)
    return page


def test_a_device_that_is_used_again_remembers_nothing(chromium: Browser) -> None:
    first = visited(chromium)
    be(first.context, "Gus")
    first.evaluate("localStorage.who = 'Old Tom'; document.cookie = 'kept=yes; max-age=999'")
    device = first.context
    assert first.evaluate(FOUND) == ["Old Tom", "poolwatch_session=the-device-of-Gus; kept=yes"]
    device.close()
    assert first.is_closed()
    again = visited(chromium)
    assert again.context is device
    assert again.evaluate(FOUND) == ["", OF_THE_OWNER]
    again.context.close()
