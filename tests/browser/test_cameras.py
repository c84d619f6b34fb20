"""The cameras page: add, test, edit, order, remove, and whatever people type."""

from __future__ import annotations

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.server import Server, until

START_MS = 60_000
NOBODY = "rtsp://anna:geheim123@127.0.0.1:9/stream"


@pytest.fixture
def server(shared: Server) -> Server:
    """Without a camera."""
    for camera in shared.command("cameras.list")["cameras"]:
        shared.command("cameras.remove", id=camera["id"])
    return shared


@pytest.fixture
def cameras(page: Page, server: Server) -> Page:
    page.goto(server.url + "/cameras")
    expect(page.get_by_role("button", name="Add a camera")).to_be_visible(timeout=START_MS)
    return page


def fill(page: Page, label: str, text: str) -> None:
    field = page.get_by_label(label, exact=True)
    field.fill(text)
    field.press("Tab")


def card(page: Page, name: str) -> Locator:
    return page.locator(
        "[class*='st-key-pw-camera-']", has=page.get_by_role("heading", name=name, exact=True)
    )


def add(page: Page, name: str, address: str) -> None:
    page.get_by_role("button", name="Add a camera").click()
    fill(page, "Name", name)
    fill(page, "Address", address)
    page.get_by_role("button", name="Add camera").click()
    expect(card(page, name)).to_be_visible(timeout=START_MS)


def test_empty_form_says_what_is_missing(cameras: Page, server: Server) -> None:
    cameras.get_by_role("button", name="Add a camera").click()
    cameras.get_by_role("button", name="Add camera").click()
    expect(cameras.get_by_text("Give the camera a name")).to_be_visible()
    expect(cameras.get_by_text("The address is missing")).to_be_visible()
    assert server.command("cameras.list")["cameras"] == []


def test_wrong_address_is_tested_with_the_exact_reason(cameras: Page) -> None:
    cameras.get_by_role("button", name="Add a camera").click()
    fill(cameras, "Name", "Pool")
    fill(cameras, "Address", NOBODY)
    cameras.get_by_role("button", name="Test").click()
    expect(cameras.get_by_text("127.0.0.1 port 9")).to_be_visible(timeout=START_MS)
    expect(cameras.get_by_test_id("stAlertContainer")).not_to_contain_text("geheim123")


def test_add_edit_and_remove(cameras: Page, server: Server) -> None:
    add(cameras, "Pool", NOBODY)
    expect(card(cameras, "Pool")).to_contain_text("rtsp://***@127.0.0.1:9/stream")
    assert "geheim123" not in cameras.content()
    card(cameras, "Pool").get_by_role("button", name="Edit").click()
    expect(cameras.get_by_label("Address", exact=True)).to_have_value("rtsp://***@127.0.0.1:9/stream")
    fill(cameras, "Name", "Deep end")
    cameras.get_by_role("button", name="Save").click()
    expect(card(cameras, "Deep end")).to_contain_text("does not answer", timeout=START_MS)
    assert server.command("cameras.list")["cameras"][0]["name"] == "Deep end"
    card(cameras, "Deep end").get_by_role("button", name="Remove").click()
    cameras.get_by_role("button", name="Keep it").click()
    expect(card(cameras, "Deep end")).to_be_visible()
    card(cameras, "Deep end").get_by_role("button", name="Remove").click()
    cameras.get_by_role("button", name="Remove it").click()
    expect(card(cameras, "Deep end")).to_be_hidden(timeout=START_MS)
    assert server.command("cameras.list")["cameras"] == []


def test_order_and_switching_off(cameras: Page, server: Server) -> None:
    add(cameras, "First", NOBODY)
    add(cameras, "Second", NOBODY)
    expect(card(cameras, "First").get_by_role("button", name="Up")).to_be_disabled()
    card(cameras, "Second").get_by_role("button", name="Up").press("Enter")
    until(lambda: names(server) == ["Second", "First"], "the new order is kept")
    card(cameras, "First").get_by_role("button", name="Switch off").click()
    # A finger that slipped switches nothing off.
    cameras.get_by_role("button", name="Switch it off").click(timeout=START_MS)
    expect(card(cameras, "First")).to_contain_text("switched off", timeout=START_MS)
    expect(card(cameras, "First").get_by_role("button", name="Switch on")).to_be_visible()


def names(server: Server) -> list[str]:
    return [str(camera["name"]) for camera in server.command("cameras.list")["cameras"]]


HOSTILE = [
    pytest.param("<img src=x onerror=window.hit=1>", id="html"),
    pytest.param("[a](javascript:window.hit=1) **b** $x^2$ :red[c]", id="markdown"),
    pytest.param("Pool 🏊‍♀️ Becken ümläut 泳池", id="emoji"),
]


@pytest.mark.parametrize("name", HOSTILE)
def test_names_are_shown_as_they_are(cameras: Page, server: Server, name: str) -> None:
    add(cameras, name, NOBODY)
    cameras.goto(server.url)
    expect(cameras.locator("figure.camera strong")).to_have_text(name, timeout=START_MS)
    assert cameras.evaluate("window.hit") is None


def test_ten_kilobytes_are_refused_and_nothing_breaks(cameras: Page, server: Server) -> None:
    cameras.get_by_role("button", name="Add a camera").click()
    fill(cameras, "Name", "x" * 10_000)
    fill(cameras, "Address", NOBODY)
    cameras.get_by_role("button", name="Add camera").click()
    expect(cameras.get_by_text("at most 60 fit")).to_be_visible()
    assert server.command("cameras.list")["cameras"] == []
