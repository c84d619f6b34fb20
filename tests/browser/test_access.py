"""What a program can check of accessibility: names, roles, contrast, on every page in both themes."""

from __future__ import annotations

import pytest
from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import DESK
from tests.browser.server import Server

RULES = {"runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"]}}
START_MS = 60_000
# Streamlit fades what is new into the page; its colours mean something when it has arrived.
ARRIVED = "() => document.getAnimations().every(a => !(a instanceof CSSTransition))"


@pytest.fixture(scope="module")
def site(shared: Server) -> Server:
    """With a camera that never answers, and one of a phone."""
    shared.command("cameras.add", name="Nobody", kind="rtsp", address="rtsp://127.0.0.1:9/x")
    shared.command("cameras.add", name="Phone", kind="browser", address="")
    return shared


@pytest.mark.parametrize("theme", ["dark", "light"])
@pytest.mark.parametrize("place", ["live", "cameras", "a new camera", "this device"])
def test_page_has_no_violation(chromium: Browser, site: Server, place: str, theme: str) -> None:
    context = chromium.new_context(viewport=DESK, color_scheme=theme)  # type: ignore[arg-type]
    page = context.new_page()
    go_to(page, site.url, place)
    check(page)
    context.close()


def go_to(page: Page, url: str, place: str) -> None:
    path, landmark = {
        "live": ("/", ".sentence"),
        "cameras": ("/cameras", "h3"),
        "a new camera": ("/cameras", "h3"),
        "this device": ("/device", "iframe"),
    }[place]
    page.goto(url + path)
    expect(page.locator(landmark).first).to_be_visible(timeout=START_MS)
    if place == "a new camera":
        page.get_by_role("button", name="Add a camera").click()
        expect(page.get_by_label("Name", exact=True)).to_be_visible(timeout=START_MS)


def test_the_first_visit_has_no_violation(page: Page, server: Server) -> None:
    page.goto(server.url)
    expect(page.get_by_role("button", name="Try the simulated pool")).to_be_visible(timeout=START_MS)
    check(page)


def check(page: Page) -> None:
    page.wait_for_function(ARRIVED, timeout=START_MS)
    found = Axe().run(page, options=RULES).response["violations"]
    assert not found, [(v["id"], [(n["target"], n["html"]) for n in v["nodes"]]) for v in found]
