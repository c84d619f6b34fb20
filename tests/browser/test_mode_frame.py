"""The frame around the pages: the ways between them, and what is there before the site is heard."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, Page, WebSocketRoute, expect

from tests.browser.conftest import DESK, PHONE
from tests.browser.places import START_MS, Place, places, settle
from tests.browser.server import Server
from tests.waiting import fair

PLACES = places()
ON_A_PHONE = 4
LOOKS = ("desk", "phone")


def opened(chromium: Browser, server: Server, look: str) -> Page:
    size = DESK if look == "desk" else PHONE
    context = chromium.new_context(viewport=size, has_touch=look == "phone", is_mobile=look == "phone")
    page = context.new_page()
    page.goto(server.url)
    settle(page)
    return page


def shows(page: Page, place: Place) -> None:
    expect(page).to_have_title(f"{place.title} · Poolwatch")
    settle(page)


@pytest.mark.parametrize("look", LOOKS)
def test_every_page_is_one_click_or_two_away(chromium: Browser, shared: Server, look: str) -> None:
    page = opened(chromium, shared, look)
    bar = [place for place in PLACES if place.in_bar]
    at_hand = bar if look == "desk" else bar[:ON_A_PHONE]
    for place in (*PLACES[1:], PLACES[0]):
        link = page.get_by_role("link", name=place.title, exact=True)
        if place not in at_hand:
            expect(link).to_have_count(0)
            page.get_by_role("button", name="More").click()
        expect(link).to_have_count(1)
        box = link.bounding_box()
        assert box is not None
        assert box["height"] >= 44
        link.click()
        shows(page, place)
        expect(page.locator(".st-key-pw-more")).to_be_hidden()
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), place.title
    page.context.close()


def test_another_page_is_there_within_a_second(chromium: Browser, shared: Server) -> None:
    """The second visit of each: the first one loads what the browser does not have yet."""
    page = opened(chromium, shared, "desk")
    slow = []
    for visit in (1, 2):
        for place in (*PLACES[1:], PLACES[0]):
            took_s = page.evaluate(_CLICK, place.title) / 1000
            if visit == 2 and took_s > fair(1.0):
                slow.append((place.title, took_s))
    assert slow == []
    page.context.close()


# From the click until the page's script has run to its end.
_CLICK = """async (title) => {
  const app = document.querySelector(".stApp");
  const links = [...document.querySelectorAll("[class*=st-key-pw-place-] a")];
  const link = links.find((a) => a.textContent.trim().endsWith(title));
  const begun = performance.now();
  let ran = false;
  link.click();
  return await new Promise((resolve, reject) => {
    const timer = setInterval(() => {
      if (performance.now() - begun > 60000) {
        clearInterval(timer);
        reject(new Error(`${title} has not come: ${document.title}, ${app.dataset.testScriptState}`));
        return;
      }
      const idle = app.dataset.testScriptState === "notRunning";
      // A script may begin and end between two looks.
      ran ||= !idle || document.title.startsWith(title);
      const old = document.querySelector("[data-stale='true']:not(figure)");
      if (!ran || !idle || old || !document.title.startsWith(title)) return;
      clearInterval(timer);
      resolve(performance.now() - begun);
    }, 4);
  });
}"""


def test_no_page_fetches_anything_from_elsewhere(page: Page, shared: Server) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    for place in PLACES:
        page.goto(shared.url + place.path)
        shows(page, place)
        page.wait_for_load_state("networkidle")
    assert [url for url in asked if not url.startswith((shared.url, "data:", "blob:"))] == []


def test_more_by_keyboard(chromium: Browser, shared: Server) -> None:
    page = opened(chromium, shared, "desk")
    more = page.get_by_role("button", name="More")
    more.focus()
    page.keyboard.press("Enter")
    expect(more).to_have_attribute("aria-expanded", "true")
    page.keyboard.press("Tab")
    hidden = next(place for place in PLACES if not place.in_bar)
    expect(page.get_by_role("link", name=hidden.title, exact=True)).to_be_focused()
    page.keyboard.press("Escape")
    expect(more).to_have_attribute("aria-expanded", "false")
    expect(more).to_be_focused()
    more.click()
    page.mouse.click(300, 500)
    expect(more).to_have_attribute("aria-expanded", "false")
    page.context.close()


def test_the_switch_is_there_before_the_site_is_heard(page: Page, shared: Server) -> None:
    page.route_web_socket("**/ws/site", nobody_speaks)
    page.goto(shared.url)
    watch = page.get_by_role("radio", name="Watch")
    expect(watch).to_be_visible(timeout=START_MS)
    expect(watch).to_have_attribute("aria-disabled", "true")
    before = across(page)
    expect(page.locator(".since")).to_contain_text("not connected", timeout=10_000)
    expect(page.locator(".lamp")).to_have_attribute("data-state", "down")
    assert across(page) == before  # that nobody watches is said above it: it may go down


def across(page: Page) -> list[tuple[float, float]]:
    """Where the switch begins and how wide it is."""
    boxes = [button.bounding_box() for button in page.locator(".mode").get_by_role("radio").all()]
    return [(box["x"], box["width"]) for box in boxes if box is not None]


def nobody_speaks(_line: WebSocketRoute) -> None:
    """Takes the line and says nothing on it."""


def test_the_lamp_tells_the_state_of_the_whole(page: Page, server: Server) -> None:
    page.goto(server.url)
    settle(page)
    expect(page.locator(".whole")).to_have_text("There is no camera yet", timeout=START_MS)
    server.command("cameras.add", name="Nobody", kind="rtsp", address="rtsp://127.0.0.1:9/x")
    expect(page.locator(".whole")).to_contain_text("1 ", timeout=START_MS)  # camera, or alarm about it
    expect(page.locator(".lamp")).to_have_attribute("data-state", "care", timeout=START_MS)
