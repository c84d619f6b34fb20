"""A real server with a real monitor on a data folder of its own, and Debian's Chromium in front of it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, ViewportSize, sync_playwright

from tests.browser.server import Server, cookie_of
from tests.conftest import missing

CHROMIUM = "/usr/bin/chromium"
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--use-fake-device-for-media-stream",
    "--use-fake-ui-for-media-stream",
]
DESK: ViewportSize = {"width": 1440, "height": 900}
PHONE: ViewportSize = {"width": 412, "height": 915}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    reason = missing("browser")
    for item in items:
        if "tests/browser" not in str(item.path.as_posix()):
            continue
        item.add_marker(pytest.mark.browser)
        # A browser, a server, a monitor and two cameras share two cores with whatever else the machine does:
        # one that was late may try once more, and the summary says so.
        item.add_marker(pytest.mark.flaky(reruns=1))
        if reason:
            item.add_marker(pytest.mark.skip(reason=reason))


# Per module: while it is open, Playwright runs an event loop, and tests of other modules bring their own.
@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = signed_in(playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS))
        yield browser
        browser.close()


def signed_in(browser: Browser) -> Browser:
    """Every context of it is a device on which the owner of each test's server is signed in; to be another,
    or nobody, a test changes the context's cookies."""
    plain = browser.new_context

    def new_context(**options: Any) -> BrowserContext:
        context = plain(**options)
        context.add_cookies([cookie_of("Test")])  # type: ignore[list-item]
        return context

    browser.new_context = new_context  # type: ignore[method-assign]
    return browser


def be(context: BrowserContext, who: str) -> None:
    """From now on it is the device of another member, "" of nobody."""
    context.clear_cookies()
    if who:
        context.add_cookies([cookie_of(who)])  # type: ignore[list-item]


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    """Without a camera yet."""
    running = Server(tmp_path / "data")
    running.start()
    try:
        yield running
    finally:
        running.stop()


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """One server for the tests of a module that leave it as they found it."""
    running = Server(tmp_path_factory.mktemp("shared") / "data")
    running.start()
    try:
        yield running
    finally:
        running.stop()


@pytest.fixture
def page(chromium: Browser) -> Iterator[Page]:
    """A tab of a laptop."""
    context = chromium.new_context(viewport=DESK)
    yield context.new_page()
    context.close()


@pytest.fixture
def phone(chromium: Browser) -> Iterator[Page]:
    """A tab of a phone."""
    context = chromium.new_context(viewport=PHONE, has_touch=True, is_mobile=True)
    yield context.new_page()
    context.close()
