"""The live page as somebody sees it who opens it for the first time."""

from __future__ import annotations

import os
import re
import signal
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.browser.alarm_stage import clear
from tests.browser.conftest import DESK, be
from tests.browser.server import Server, descendants, until

pytestmark = pytest.mark.alone
START_MS = 60_000
# A camera's picture and its row in the list, read before either can change.
OF_ONE_MOMENT = """figure => {
  const rows = [...figure.getRootNode().querySelectorAll(".rows li")];
  const row = rows.find(one => one.dataset.key === figure.dataset.key);
  return [figure.dataset.stale, row.dataset.state, row.querySelector(".detail").textContent];
}"""
PIN = "4711"


def open_live(page: Page, server: Server) -> None:
    page.goto(server.url)
    page.wait_for_selector(".st-key-pw-top", timeout=START_MS)


def camera(page: Page, name: str) -> Locator:
    return page.locator("figure.camera", has_text=name)


def number(figure: Locator, what: str) -> int:
    return int(figure.get_attribute(f"data-{what}") or 0)


@pytest.fixture(scope="module")
def site(shared: Server) -> Server:
    """A server that watches the simulated pool; its tests leave it as they found it."""
    for name in ("Overview", "Entrance"):
        address = f"garden_pool:{name.lower()}"
        # At five pictures a second two busy cores keep up.
        shared.command("cameras.add", name=name, kind="simulated", address=address, max_fps=5)
    shared.command("pin.set", new=PIN, who="Test")
    return shared


@pytest.fixture
def pool(page: Page, site: Server) -> Iterator[Page]:
    """A tab that watches the simulated pool, with no alarm open that would release its picture."""
    clear(site)
    open_live(page, site)
    expect(camera(page, "Overview")).to_have_attribute("data-stale", "false", timeout=START_MS)
    yield page
    for one in site.command("cameras.list")["cameras"]:
        site.command("picture.close", camera=one["id"], who="Test")


def test_first_visit_leads_to_moving_skeletons(page: Page, server: Server) -> None:
    open_live(page, server)
    page.get_by_role("button", name="Try the simulated pool").click()
    overview = camera(page, "Overview")
    expect(overview).to_have_attribute("data-stale", "false", timeout=START_MS)
    until(lambda: number(overview, "skeletons") >= 2, "two skeletons on the canvas", 60)
    before, seq = overview.locator("canvas").screenshot(), number(overview, "seq")
    until(lambda: number(overview, "seq") > seq + 10, "frames advance")
    assert overview.locator("canvas").screenshot() != before
    expect(camera(page, "Entrance")).to_be_visible()
    expect(page.locator(".people li").first).to_contain_text("Guest", timeout=START_MS)


def test_phone_has_no_horizontal_scroll(phone: Page, server: Server) -> None:
    open_live(phone, server)
    for path in ("/", "/cameras", "/device"):
        phone.goto(server.url + path)
        phone.wait_for_selector(".st-key-pw-places a", timeout=START_MS)
        expect(phone.get_by_role("link", name="Live")).to_be_visible()
        assert not scrolls_sideways(phone), path
    phone.goto(server.url)
    phone.get_by_role("button", name="Try the simulated pool").tap()
    expect(camera(phone, "Overview")).to_have_attribute("data-stale", "false", timeout=START_MS)
    assert not scrolls_sideways(phone)
    bar = phone.get_by_role("link", name="Live").bounding_box()
    assert bar is not None
    assert bar["y"] > 800
    assert bar["height"] >= 48


def scrolls_sideways(page: Page) -> bool:
    widths = page.evaluate(
        "[document.documentElement, document.querySelector('[data-testid=stMain]')]"
        ".map((e) => [e.scrollWidth, e.clientWidth])"
    )
    return any(content > frame for content, frame in widths)


def test_the_sentence_and_the_list_agree_with_the_picture(pool: Page) -> None:
    overview = camera(pool, "Overview")
    until(lambda: number(overview, "skeletons") >= 1, "somebody is in view", 60)
    row = pool.locator(".people li").first
    expect(row).to_contain_text("Guest", timeout=START_MS)
    expect(row.locator(".tag.age")).to_have_text(re.compile(r"adult|child\??|responsible"))
    expect(pool.locator(".sentence")).not_to_have_text("Connecting")
    # A busy machine looks late, and both must say so: what counts is that they never differ.
    for _ in range(10):
        stale, state, detail = overview.evaluate(OF_ONE_MOMENT)
        assert state == "not connected" or (stale == "true") == (not state.startswith("live")), (stale, state)
        assert state != "live" or "picture sealed" in detail
        pool.wait_for_timeout(200)


def test_two_tabs_share_one_worker_per_camera(pool: Page, site: Server, chromium: Browser) -> None:
    workers = len(descendants(site.monitor()))
    context = chromium.new_context(viewport=DESK)
    other = context.new_page()
    open_live(other, site)
    expect(camera(other, "Overview")).to_have_attribute("data-stale", "false", timeout=START_MS)
    for tab in (pool, other):
        advances(camera(tab, "Overview"))
    assert len(descendants(site.monitor())) == workers
    context.close()


def advances(figure: Locator) -> None:
    seq = number(figure, "seq")
    until(lambda: number(figure, "seq") > seq, "frames advance")


def test_hidden_tab_asks_for_nothing(pool: Page) -> None:
    set_hidden(pool, True)
    pool.wait_for_function("!poolwatchLive.socket.asking")
    seq = number(camera(pool, "Overview"), "seq")
    expect(camera(pool, "Overview")).to_have_attribute("data-stale", "true")
    assert number(camera(pool, "Overview"), "seq") == seq
    set_hidden(pool, False)
    expect(camera(pool, "Overview")).to_have_attribute("data-stale", "false", timeout=START_MS)


def set_hidden(page: Page, hidden: bool) -> None:
    page.evaluate(
        "(hidden) => { Object.defineProperty(document, 'hidden', { configurable: true, get: () => hidden });"
        "document.dispatchEvent(new Event('visibilitychange')); }",
        hidden,
    )


def test_toggles_are_remembered(pool: Page, site: Server) -> None:
    boxes = pool.get_by_role("button", name="Boxes")
    expect(boxes).to_have_attribute("aria-pressed", "false")
    boxes.click()
    open_live(pool, site)
    expect(pool.get_by_role("button", name="Boxes")).to_have_attribute(
        "aria-pressed", "true", timeout=START_MS
    )


def test_theme_follows_the_switch_on_every_page(page: Page, site: Server) -> None:
    open_live(page, site)
    assert background(page) == SUN
    page.get_by_role("button", name="More").click()
    page.get_by_role("button", name="Night").click()
    until(lambda: background(page) == NIGHT, "the page is dark")
    page.goto(site.url + "/cameras")
    until(lambda: background(page) == NIGHT, "the next page is dark too")
    page.get_by_role("button", name="More").click()
    page.get_by_role("button", name="Auto").click()
    until(lambda: background(page) == SUN, "the page follows the system again")


NIGHT, SUN = "rgb(14, 21, 24)", "rgb(246, 249, 249)"


def background(page: Page) -> str:
    app = page.locator(".stApp")
    app.wait_for(timeout=START_MS)
    return str(app.evaluate("(e) => getComputedStyle(e).backgroundColor"))


def test_nothing_is_fetched_from_elsewhere(page: Page, site: Server) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    for path in ("/", "/cameras", "/device"):
        page.goto(site.url + path)
        page.wait_for_selector(".st-key-pw-places a", timeout=START_MS)
        page.wait_for_load_state("networkidle")
    elsewhere = [u for u in asked if not u.startswith((site.url, "data:", "blob:"))]
    assert elsewhere == []


def test_camera_enlarges_by_keyboard(pool: Page) -> None:
    figure = camera(pool, "Entrance")
    figure.locator("button.picture").focus()
    pool.keyboard.press("Enter")
    box = figure.bounding_box()
    assert box is not None
    assert (box["width"], box["height"]) == (DESK["width"], DESK["height"])
    pool.keyboard.press("Escape")
    until(lambda: (figure.bounding_box() or {"width": 0})["width"] < DESK["width"], "it is small again")


@pytest.mark.parametrize("frozen", ["worker", "monitor", "server"])
def test_frozen_process_is_stamped_and_comes_back(pool: Page, site: Server, frozen: str) -> None:
    figure = camera(pool, "Overview")
    pids = {
        "worker": descendants(site.monitor()),
        "monitor": [site.monitor()],
        "server": [site.pid],
    }[frozen]
    pool.evaluate(_WATCH_AGE)
    try:
        for pid in pids:
            os.kill(pid, signal.SIGSTOP)
        expect(figure).to_have_attribute("data-stale", "true", timeout=10_000)
        expect(figure.locator(".stamp")).to_contain_text("icture")
    finally:
        for pid in pids:
            os.kill(pid, signal.SIGCONT)
    assert pool.evaluate("window.oldestUnstamped") <= 2.1
    expect(figure).to_have_attribute("data-stale", "false", timeout=START_MS)


# The age of the oldest picture that was ever on screen without a stamp, by the page's own clock.
_WATCH_AGE = """() => {
  window.oldestUnstamped = 0;
  const look = () => {
    const page = window.poolwatchLive;
    const camera = [...page.cameras.values()].find((c) => c.name === "Overview");
    const age = camera.ageAtNews + performance.now() / 1000 - camera.newsAt.steady;
    const stamp = page.figure(camera).querySelector(".stamp");
    if (stamp.hidden) window.oldestUnstamped = Math.max(age, window.oldestUnstamped);
    requestAnimationFrame(look);
  };
  look();
}"""


def test_the_real_picture_is_opened_with_pin_and_reason_and_closed(
    pool: Page, site: Server, chromium: Browser
) -> None:
    figure, other = camera(pool, "Overview"), camera(pool, "Entrance")
    expect(figure).to_have_attribute("data-view", "redacted")
    figure.get_by_role("button", name="Show the real picture").click()
    dialog = pool.get_by_role("dialog")
    for pin, reason, why in (("1111", "a noise", "not right"), (PIN, "", "Say why")):
        dialog.get_by_label("PIN").fill(pin)
        dialog.get_by_label("Why").fill(reason)
        dialog.get_by_role("button", name="Show it").click()
        expect(dialog.get_by_role("alert")).to_contain_text(why, timeout=START_MS)
        expect(figure).to_have_attribute("data-view", "redacted")
    dialog.get_by_label("Why").fill("a noise")
    dialog.get_by_role("button", name="Show it").click()
    expect(figure.locator(".mark")).to_contain_text("Real picture, ", timeout=START_MS)
    words = re.compile(r"Real picture, open until \d\d:\d\d, opened by Test, (10:00|9:\d\d) left")
    expect(figure.locator(".until")).to_have_text(words)
    expect(figure).to_have_attribute("data-released", "false")
    expect(other).to_have_attribute("data-view", "redacted")
    expect(other.get_by_role("button", name="Show the real picture")).to_be_visible()
    stays_sealed_to_a_guardian(site, chromium)
    figure.get_by_role("button", name="Close").click()
    expect(figure).to_have_attribute("data-view", "redacted", timeout=START_MS)
    expect(figure.locator(".mark")).to_be_hidden()
    until(lambda: {"picture_opened", "picture_watched", "picture_closed"} <= written(site), "the audit", 10)


def stays_sealed_to_a_guardian(site: Server, chromium: Browser) -> None:
    context = chromium.new_context(viewport=DESK)
    be(context, "Gus")
    page = context.new_page()
    open_live(page, site)
    figure = camera(page, "Overview")
    expect(figure).to_have_attribute("data-stale", "false", timeout=START_MS)
    expect(figure).to_have_attribute("data-view", "redacted")
    expect(page.get_by_role("button", name="Show the real picture")).to_have_count(0)
    context.close()


def written(site: Server) -> set[str]:
    return {str(entry["what"]) for entry in site.command("audit.list")["entries"]}
