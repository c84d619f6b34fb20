"""What a program can check of accessibility: names, roles, contrast, on every page in both themes."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import DESK
from tests.browser.places import Place, places, settle
from tests.browser.server import Server

RULES = {"runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"]}}
START_MS = 60_000
PIN = "4711"
# Streamlit fades what is new into the page; its colours mean something when it has arrived.
ARRIVED = "() => document.getAnimations().every(a => !(a instanceof CSSTransition))"


@pytest.fixture(scope="module")
def site(shared: Server) -> Server:
    """With a camera that never answers, one of a phone, and a PIN."""
    shared.command("cameras.add", name="Nobody", kind="rtsp", address="rtsp://127.0.0.1:9/x")
    shared.command("cameras.add", name="Phone", kind="browser", address="")
    shared.command("pin.set", new=PIN, who="Test")
    return shared


@pytest.fixture(scope="module", params=["dark", "light"])
def tab(chromium: Browser, site: Server, request: pytest.FixtureRequest) -> Iterator[Page]:
    """A laptop's tab in each theme."""
    context = chromium.new_context(viewport=DESK, color_scheme=request.param)
    yield context.new_page()
    context.close()


@pytest.mark.parametrize("place", places(), ids=lambda place: place.title)
def test_page_has_no_violation(tab: Page, site: Server, place: Place) -> None:
    tab.goto(site.url + place.path)
    settle(tab)
    check(tab)


def test_a_new_camera_has_no_violation(tab: Page, site: Server) -> None:
    tab.goto(site.url + "/cameras")
    tab.get_by_role("button", name="Add a camera").click(timeout=START_MS)
    expect(tab.get_by_label("Name", exact=True)).to_be_visible(timeout=START_MS)
    check(tab)


def test_the_open_frame_has_no_violation(tab: Page, site: Server) -> None:
    """The list under More, what the mode asks, and the band of a pause."""
    tab.goto(site.url + "/cameras")
    settle(tab)
    tab.get_by_role("button", name="More").click()
    check(tab)
    site.command("mode.set", mode="watch", who="Test")
    for mode in ("Supervised", "Pause"):
        tab.get_by_role("radio", name=mode).click()
        expect(tab.locator(".mode .panel")).to_be_visible()
        check(tab)
    site.command("mode.set", mode="paused", who="Test", pin=PIN, minutes=15)
    expect(tab.get_by_text("Paused: nobody is watching.")).to_be_visible()
    check(tab)
    site.command("mode.set", mode="watch", who="Test")


def test_the_first_visit_has_no_violation(page: Page, server: Server) -> None:
    page.goto(server.url)
    expect(page.get_by_role("button", name="Try the simulated pool")).to_be_visible(timeout=START_MS)
    check(page)


def check(page: Page) -> None:
    page.wait_for_function(ARRIVED, timeout=START_MS)
    found = Axe().run(page, options=RULES).response["violations"]
    told = [f"{v['id']}: {n['html']} {n['failureSummary']}" for v in found for n in v["nodes"]]
    assert not told, "\n".join(told)
