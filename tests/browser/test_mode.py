"""The mode switch with a real monitor: what one page does, every page shows."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from functools import partial

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.browser.conftest import DESK, PHONE, be
from tests.browser.places import settle
from tests.browser.server import Server, until
from tests.waiting import fair

START_MS = 60_000
PIN = "4711"


@pytest.fixture(scope="module")
def site(shared: Server) -> Server:
    """Without a camera: the mode needs none. With a PIN."""
    shared.command("pin.set", new=PIN, who="Test")
    return shared


@pytest.fixture(scope="module")
def laptop(chromium: Browser, site: Server) -> Iterator[Page]:
    """Anna's laptop on the live page."""
    context = chromium.new_context(viewport=DESK)
    be(context, "Anna")
    page = context.new_page()
    page.goto(site.url)
    settle(page)
    yield page
    context.close()


@pytest.fixture(scope="module")
def handset(chromium: Browser, site: Server) -> Iterator[Page]:
    """Tom's phone on another page."""
    context = chromium.new_context(viewport=PHONE, has_touch=True, is_mobile=True)
    be(context, "Tom")
    page = context.new_page()
    page.goto(site.url + "/cameras")
    settle(page)
    yield page
    context.close()


@pytest.fixture
def anna(laptop: Page, site: Server) -> Page:
    return begun(laptop, site)


@pytest.fixture
def tom(handset: Page, site: Server) -> Page:
    return begun(handset, site)


def begun(page: Page, site: Server) -> Page:
    """Each test begins in Watch, with nothing open."""
    site.command("mode.set", mode="watch", who="Test")
    page.keyboard.press("Escape")
    expect(panel(page)).to_be_hidden()
    is_chosen(page, "Watch")
    return page


def choice(page: Page, name: str) -> Locator:
    return page.get_by_role("radio", name=name, exact=True)


def is_chosen(page: Page, name: str) -> None:
    expect(choice(page, name)).to_have_attribute("aria-checked", "true")


def panel(page: Page) -> Locator:
    return page.locator(".mode .panel")


def open_panel(page: Page, name: str) -> Locator:
    """Presses a choice that asks something first."""
    choice(page, name).click()
    expect(panel(page)).to_be_visible()
    awake(page)
    return panel(page)


def awake(page: Page) -> None:
    """A panel that has just opened takes no answer for a moment."""
    expect(panel(page)).to_have_attribute("data-guarded", "false")


def pause(page: Page, pin: str) -> Locator:
    asked = open_panel(page, "Pause")
    asked.get_by_label("PIN").fill(pin)
    asked.get_by_role("button", name="Pause for").click()
    return asked


def test_a_change_on_one_page_shows_on_the_other(anna: Page, tom: Page, site: Server) -> None:
    is_chosen(tom, "Watch")
    tom.evaluate(_NOTE_CHANGE, "supervised")
    asked = open_panel(anna, "Supervised")
    expect(asked.get_by_label("Who is the responsible adult?")).to_have_value("Anna")
    anna.evaluate("document.addEventListener('click', () => (window.pressedAt = Date.now()), true)")
    asked.get_by_role("button", name="Switch to Supervised").click()
    is_chosen(tom, "Supervised")
    is_chosen(anna, "Supervised")
    expect(anna.locator(".since")).to_contain_text("by Anna")
    took_ms = tom.evaluate("window.changedAt") - anna.evaluate("window.pressedAt")
    assert took_ms < 1000 * fair(0.1)
    (event, *_) = site.command("events.list", limit=5)["events"]
    assert event["kind"] == "mode_changed"
    assert event["detail"]["who"] == "Anna"
    assert event["detail"]["origin"] == "Live, on a computer at 127.0.0.1"


_NOTE_CHANGE = """(mode) => {
  const host = [...document.querySelectorAll("*")].find((e) => e.shadowRoot?.querySelector(".mode"));
  const root = host.shadowRoot;
  const button = root.querySelector(`[data-mode=${mode}]`);
  new MutationObserver(() => {
    if (button.ariaChecked === "true" && !window.changedAt) window.changedAt = Date.now();
  }).observe(button, { attributes: true });
}"""


def test_one_tap_does_not_make_it_less_safe(tom: Page) -> None:
    choice(tom, "Supervised").dblclick()
    asked = panel(tom)
    expect(asked).to_be_visible()
    is_chosen(tom, "Watch")
    awake(tom)
    asked.get_by_label("Who is the responsible adult?").fill("   ")
    asked.get_by_role("button", name="Switch to Supervised").click()
    expect(asked.get_by_role("alert")).to_have_text("Say who the responsible adult is.")
    is_chosen(tom, "Watch")
    asked.get_by_role("button", name="Cancel").click()
    expect(asked).to_be_hidden()
    is_chosen(tom, "Watch")


def test_back_to_watch_is_one_tap(anna: Page, site: Server) -> None:
    site.command("mode.set", mode="supervised", who="Tom")
    is_chosen(anna, "Supervised")
    choice(anna, "Watch").click()
    is_chosen(anna, "Watch")
    expect(anna.locator(".since")).to_contain_text("by Anna")


def test_a_pause_counts_down_on_every_page_and_ends_at_a_word(anna: Page, tom: Page) -> None:
    asked = open_panel(anna, "Pause")
    asked.get_by_label("PIN").fill(PIN)
    for _ in range(5):
        asked.get_by_role("button", name="One minute less").click()
    asked.get_by_role("button", name="One minute more").click()
    asked.get_by_role("button", name="Pause for 2 minutes").click()
    for page in (anna, tom):
        is_chosen(page, "Pause")
        expect(page.get_by_text("Paused: nobody is watching.")).to_be_visible()
        until(partial(counts_below, page, 119), "the pause counts down")
    assert abs(left_s(anna) - left_s(tom)) <= 2
    before = left_s(tom)
    until(lambda: left_s(tom) < before, "it goes on")
    anna.get_by_role("link", name="Alarms").or_(anna.get_by_role("link", name="Zones")).first.click()
    expect(anna.get_by_text("Paused: nobody is watching.")).to_be_visible()
    tom.get_by_role("button", name="Watch again now").tap()
    for page in (anna, tom):
        is_chosen(page, "Watch")
        expect(page.get_by_text("Paused: nobody is watching.")).to_be_hidden()
    expect(anna.locator(".since")).to_contain_text("by Tom")


def counts_below(page: Page, seconds: int) -> bool:
    return 0 < left_s(page) < seconds


def left_s(page: Page) -> int:
    minutes, _, seconds = page.locator(".pause .clock").inner_text().partition(":")
    return int(minutes) * 60 + int(seconds)


def test_a_pause_ends_by_itself(anna: Page, site: Server) -> None:
    site.command("mode.set", mode="paused", who="Tom", pin=PIN, minutes=0.05)
    expect(anna.get_by_text("Paused: nobody is watching.")).to_be_visible()
    is_chosen(anna, "Watch")
    expect(anna.get_by_text("Paused: nobody is watching.")).to_be_hidden()
    expect(anna.locator(".since")).to_contain_text("by itself")


def test_wrong_pins_are_refused_and_soon_have_to_wait(page: Page, server: Server) -> None:
    server.command("pin.set", new=PIN, who="Test")
    be(page.context, "Anna")
    page.goto(server.url)
    settle(page)
    asked = pause(page, "0000")
    expect(asked.get_by_role("alert")).to_have_text("The PIN is not right.")
    expect(asked.get_by_label("PIN")).to_have_value("")
    go = asked.get_by_role("button", name="Pause for")
    for _ in range(5):
        expect(go).to_be_enabled()
        asked.get_by_label("PIN").fill("0000")
        go.click()
        expect(asked.get_by_role("alert")).not_to_be_empty()
    expect(asked.get_by_role("alert")).to_contain_text("Too many wrong PINs: try again in")
    expect(go).to_be_disabled()
    first = asked.get_by_role("alert").inner_text()
    until(lambda: asked.get_by_role("alert").inner_text() != first, "the seconds go down")
    is_chosen(page, "Watch")


def test_the_first_pause_sets_the_pin(page: Page, server: Server) -> None:
    be(page.context, "Anna")
    page.goto(server.url)
    settle(page)
    asked = open_panel(page, "Pause")
    expect(asked).to_contain_text("A pause needs a PIN")
    for first, again, why in (("12", "12", "4 to 12 digits"), ("1234", "1235", "not the same")):
        asked.get_by_label("New PIN").fill(first)
        asked.get_by_label("The same again").fill(again)
        asked.get_by_role("button", name="Set the PIN").click()
        expect(asked.get_by_role("alert")).to_contain_text(why)
    asked.get_by_label("The same again").fill("1234")
    asked.get_by_role("button", name="Set the PIN").click()
    expect(asked).to_contain_text("Pause the watch?")
    awake(page)
    asked.get_by_role("button", name="Pause for 5 minutes").click()
    is_chosen(page, "Pause")
    expect(panel(page)).to_be_hidden()


def test_keyboard_only(anna: Page) -> None:
    choice(anna, "Watch").focus()
    anna.keyboard.press("ArrowRight")
    expect(choice(anna, "Supervised")).to_be_focused()
    anna.keyboard.press("ArrowLeft")
    anna.keyboard.press("ArrowLeft")
    expect(choice(anna, "Pause")).to_be_focused()
    is_chosen(anna, "Watch")  # going there is not choosing it
    anna.keyboard.press("ArrowLeft")
    anna.keyboard.press("Enter")
    expect(panel(anna).get_by_label("Who is the responsible adult?")).to_be_focused()
    anna.keyboard.press("Escape")
    expect(panel(anna)).to_be_hidden()
    expect(choice(anna, "Supervised")).to_be_focused()
    anna.keyboard.press("Space")
    awake(anna)
    anna.keyboard.press("Enter")
    is_chosen(anna, "Supervised")
    expect(choice(anna, "Supervised")).to_be_focused()
    outline = choice(anna, "Supervised").evaluate("(e) => getComputedStyle(e).outlineStyle")
    assert outline == "solid"


def test_a_monitor_that_hangs_is_said_and_nothing_can_be_switched(anna: Page, site: Server) -> None:
    pid = site.monitor()
    os.kill(pid, signal.SIGSTOP)
    try:
        expect(choice(anna, "Supervised")).to_have_attribute("aria-disabled", "true", timeout=10_000)
        expect(anna.locator(".since")).to_contain_text("onitor")
        choice(anna, "Supervised").click(force=True)
        expect(panel(anna)).to_be_hidden()
    finally:
        os.kill(pid, signal.SIGCONT)
    expect(choice(anna, "Supervised")).to_have_attribute("aria-disabled", "false", timeout=START_MS)


def test_targets_on_a_phone_are_large(tom: Page) -> None:
    open_panel(tom, "Pause")
    small = [
        (button.inner_text(), box)
        for button in [
            *tom.locator(".mode").get_by_role("radio").all(),
            *panel(tom).get_by_role("button").all(),
        ]
        if (box := button.bounding_box()) is None or box["height"] < 44 or box["width"] < 44
    ]
    assert small == []
    box = panel(tom).bounding_box()
    assert box is not None
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= PHONE["width"]


def test_nothing_moves_when_the_mode_changes(anna: Page, site: Server) -> None:
    before = places_of(anna)
    site.command("mode.set", mode="supervised", who="Somebody with a very long name indeed, of a long family")
    is_chosen(anna, "Supervised")
    assert places_of(anna) == before


def places_of(page: Page) -> list[object]:
    return [
        page.locator(what).first.bounding_box()
        for what in (".mode .choices", ".st-key-pw-places", "button.more", ".st-key-pw-head")
    ]
