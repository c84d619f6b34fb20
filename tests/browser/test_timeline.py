"""Timeline and Audit with a real monitor: a press on an alarm, theme, local time, tables, files."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.browser.conftest import DESK, PHONE
from tests.browser.places import settle
from tests.browser.server import Server, until
from tests.browser.test_access import check

START_MS = 60_000


@pytest.fixture(scope="module")
def site(shared: Server) -> Server:
    """With an alarm that is over."""
    number = int(shared.command("alarm.drill", who="Anna")["id"])
    shared.command("alarm.acknowledge", id=number, who="Tom")
    shared.command("alarm.resolve", id=number, who="Tom", reason="drill")
    until(lambda: shared.command("alarms.list", limit=1)["alarms"][0]["resolved_utc"], "the alarm is closed")
    return shared


@pytest.fixture(params=["dark", "light"])
def tab(chromium: Browser, site: Server, request: pytest.FixtureRequest) -> Iterator[Page]:
    """A laptop's tab by night, a phone's by day; far away from this machine's clock."""
    dark = request.param == "dark"
    size = DESK if dark else PHONE
    context = chromium.new_context(
        viewport=size, color_scheme=request.param, has_touch=not dark, timezone_id="Pacific/Kiritimati"
    )
    yield context.new_page()
    context.close()


def go(page: Page, server: Server, place: str) -> None:
    page.goto(f"{server.url}/{place}")
    settle(page)
    expect(page.get_by_role("heading", level=1)).to_be_visible(timeout=START_MS)


def marks(page: Page) -> Locator:
    return page.locator(".js-plotly-plot .scatterlayer path.point")


def over_the_last_mark(page: Page) -> tuple[float, float]:
    """Where the mouse is then, in pixels of the window."""
    marks(page).last.scroll_into_view_if_needed()
    box = marks(page).last.bounding_box()
    assert box is not None
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    return x, y


def test_a_press_on_an_alarm_opens_it(tab: Page, site: Server) -> None:
    go(tab, site, "timeline")
    expect(marks(tab).first).to_be_visible(timeout=START_MS)
    x, y = over_the_last_mark(tab)
    expect(tab.locator(".js-plotly-plot .hoverlayer")).to_contain_text("This is a test of the alarm")
    expect(tab.locator(".js-plotly-plot .hoverlayer")).to_contain_text("Emergency")
    # More is in the picture by the time that the press arrives; it counts all the same.
    for mode in ("supervised", "watch"):
        site.command("mode.set", mode=mode, who="Test")
    tab.mouse.click(x, y)
    alarms = tab.get_by_role("heading", name="Alarms", exact=True)
    expect(alarms).to_be_visible(timeout=START_MS)
    expect(tab.locator(".pwr-alarm").first).to_contain_text("It was a drill, says Tom", timeout=START_MS)
    assert "alarm=" in tab.url


def test_the_picture_follows_theme_and_width(tab: Page, site: Server) -> None:
    go(tab, site, "timeline")
    expect(marks(tab).first).to_be_visible(timeout=START_MS)
    dark = tab.evaluate("matchMedia('(prefers-color-scheme: dark)').matches")
    night, sun = "rgb(21, 31, 36)", "rgb(255, 255, 255)"
    ground = tab.locator(".js-plotly-plot .main-svg").first
    expect(ground).to_have_css("background-color", night if dark else sun)
    assert tab.evaluate("document.documentElement.scrollWidth") <= tab.evaluate("innerWidth")
    small = tab.evaluate(
        "[...document.querySelectorAll('.js-plotly-plot text')].filter(e => e.textContent"
        " && parseFloat(getComputedStyle(e).fontSize) < 13).map(e => e.textContent)"
    )
    assert small == []
    check(tab)
    tab.get_by_role("button", name="More").click()
    tab.get_by_role("button", name="Sun" if dark else "Night", exact=True).click()
    expect(ground).to_have_css("background-color", sun if dark else night, timeout=START_MS)
    check(tab)


def test_the_same_stands_in_a_table_and_in_a_file(tab: Page, site: Server, tmp_path: Path) -> None:
    go(tab, site, "timeline")
    table = tab.locator(".pwr-table").first
    expect(table).to_contain_text("This is a test of the alarm", timeout=START_MS)
    with tab.expect_download(timeout=START_MS) as coming:
        tab.get_by_role("button", name="Save as a table (CSV)").click()
    coming.value.save_as(tmp_path / "timeline.csv")
    with (tmp_path / "timeline.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert any("This is a test of the alarm" in row["description"] for row in rows)
    # The clock of who looks, 14 hours before Greenwich's.
    assert all(row["from"].endswith("+14:00") for row in rows)
    table.get_by_role("link").last.click()
    expect(tab.locator(".pwr-alarm").first).to_contain_text("It was a drill, says Tom", timeout=START_MS)


def test_the_audit_says_who_did_what(tab: Page, site: Server, tmp_path: Path) -> None:
    go(tab, site, "audit")
    main = tab.get_by_test_id("stMain")
    expect(main.locator(".pwr-audit").first).to_contain_text("Closed an alarm", timeout=START_MS)
    expect(main.locator(".pwr-audit").first).to_contain_text("Tested the alarm")
    assert tab.evaluate("document.documentElement.scrollWidth") <= tab.evaluate("innerWidth")
    with tab.expect_download(timeout=START_MS) as coming:
        tab.get_by_role("button", name="Save as a table (CSV)").click()
    coming.value.save_as(tmp_path / "audit.csv")
    assert "Saved" not in (tmp_path / "audit.csv").read_text(encoding="utf-8-sig").split("\n", 1)[0]
    tab.reload()
    settle(tab)
    expect(main.locator(".pwr-audit").first).to_contain_text("Saved this audit log", timeout=START_MS)
    check(tab)
