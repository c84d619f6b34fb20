"""A phone's or laptop's browser as a camera, with Chromium's fake one."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from tests.browser.server import Server, until

START_MS = 60_000


def test_the_browsers_frames_reach_the_monitor(page: Page, server: Server) -> None:
    page.goto(server.url)
    page.get_by_role("button", name="Use this device’s camera").click(timeout=START_MS)
    page.get_by_role("button", name="Make this device a camera").click(timeout=START_MS)
    expect(page.get_by_text("Not sending")).to_be_visible(timeout=START_MS)
    page.get_by_role("button", name="Start").click()
    expect(page.get_by_text("frames a second from this device")).to_be_visible(timeout=START_MS)
    assert state(server) == "live"
    page.get_by_role("link", name="Live").click()
    until(lambda: state(server) == "blind", "leaving the page ends the stream")
    page.get_by_role("button", name="More").click()
    page.get_by_role("link", name="This device").click()
    expect(page.get_by_text("Not sending")).to_be_visible(timeout=START_MS)


def state(server: Server) -> str:
    (camera,) = server.command("cameras.list")["cameras"]
    return str(camera["state"])


def test_a_page_without_https_says_why_there_is_no_camera(page: Page, server: Server) -> None:
    page.add_init_script("Object.defineProperty(navigator, 'mediaDevices', { value: undefined });")
    page.goto(server.url + "/device")
    expect(page.get_by_role("note")).to_contain_text("https://", timeout=START_MS)
