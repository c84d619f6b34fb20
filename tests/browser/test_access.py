"""What a program can check of accessibility: names, roles, contrast, on every page in both themes at both
sizes, with something on it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]
from playwright.sync_api import Browser, Page, expect

from tests.browser import clips_stage
from tests.browser.conftest import DESK, PHONE
from tests.browser.places import Place, places, settle
from tests.browser.server import CLOCK, Server, until

RULES = {"runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"]}}
START_MS = 60_000
PIN = "4711"
# How wide the content and its frame are.
WIDTHS = """() => [document.documentElement, document.querySelector("[data-testid=stMain]")]
  .filter(Boolean).map((e) => [e.scrollWidth, e.clientWidth])"""
# Streamlit fades what is new into the page; its colours mean something when it has arrived.
ARRIVED = "() => document.getAnimations().every(a => !(a instanceof CSSTransition))"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """With clips, a camera that never answers, one of a phone, somebody to call, an alarm that is over, and a
    PIN."""
    data = tmp_path_factory.mktemp("access") / "data"
    clips_stage.seed(data, 8, CLOCK.utc() - timedelta(minutes=20))
    server = Server(data)
    server.start()
    try:
        server.command("cameras.add", name="Nobody", kind="rtsp", address="rtsp://127.0.0.1:9/x")
        server.command("cameras.add", name="Phone", kind="browser", address="")
        server.command("contacts.add", name="Tom", urls=["json://127.0.0.1:9/tom"], who="Test")
        server.command("pin.set", new=PIN, who="Test")
        number = server.command("alarm.drill", who="Anna")["id"]
        server.command("alarm.acknowledge", id=number, who="Tom")
        server.command("alarm.resolve", id=number, who="Tom", reason="drill")
        until(lambda: server.command("alarms.list", limit=1)["alarms"][0]["resolved_utc"], "it is over")
        yield server
    finally:
        server.stop()


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
    looks_well(tab)


def test_the_page_of_the_certificate_has_no_violation(tab: Page, site: Server) -> None:
    tab.goto(site.url + "/certificate")
    expect(tab.get_by_role("heading", level=1)).to_be_visible()
    looks_well(tab)


def looks_well(tab: Page) -> None:
    """On a laptop's screen and on a phone's; nothing is wider than either."""
    for size in (DESK, PHONE):
        tab.set_viewport_size(size)
        check(tab)
        widths = tab.evaluate(WIDTHS)
        assert all(content <= frame for content, frame in widths), (size, widths)
    tab.set_viewport_size(DESK)


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
