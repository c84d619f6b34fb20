"""What a program can check of accessibility: names, roles, contrast, on every page in both themes."""

from __future__ import annotations

import pytest
from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]
from playwright.sync_api import Browser, expect

from tests.browser.conftest import DESK
from tests.browser.server import Server

RULES = {"runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"]}}
# Streamlit's own: a heading level, the landmark of its main block, its iframe's title.
NOT_OURS = {"frame-title", "aria-allowed-attr"}


@pytest.mark.parametrize("theme", ["dark", "light"])
@pytest.mark.parametrize("path", ["/", "/cameras", "/device"])
def test_page_has_no_violation(chromium: Browser, server: Server, path: str, theme: str) -> None:
    context = chromium.new_context(viewport=DESK, color_scheme=theme)  # type: ignore[arg-type]
    page = context.new_page()
    if path != "/device":
        server.command("cameras.add", name="Nobody", kind="rtsp", address="rtsp://127.0.0.1:9/x")
    page.goto(server.url + path)
    page.wait_for_selector(".st-key-pw-top", timeout=60_000)
    landmark = {"/": ".sentence", "/cameras": "h3", "/device": "h1"}[path]
    expect(page.locator(landmark).first).to_be_visible(timeout=60_000)
    found = Axe().run(page, options=RULES).response["violations"]
    ours = [v for v in found if v["id"] not in NOT_OURS]
    assert not ours, [(v["id"], [n["target"] for n in v["nodes"]]) for v in ours]
    context.close()
