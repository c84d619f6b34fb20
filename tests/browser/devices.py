"""Devices that are used again. A fresh context of the browser fetches and compiles all of Streamlit's scripts
anew, two seconds of a processor each time; here one test's context is, emptied, that of the next."""

from __future__ import annotations

from typing import Any, NoReturn
from urllib.parse import urlsplit

from playwright.sync_api import Browser, BrowserContext, Frame, Page

from tests.browser.server import cookie_of

# What a device remembers of who used it. What the browser keeps of the pages themselves stays.
_MEMORY = "local_storage,indexeddb,service_workers,cache_storage"
# What would stay with the context: a test does it to its page.
_OF_THE_PAGE = ("add_init_script", "route", "route_web_socket", "expose_function", "expose_binding")


def reused(browser: Browser) -> Browser:
    """Every context of it is a device on which the owner of each test's server is signed in; to be another,
    or nobody, a test changes the context's cookies. A context that is closed waits, without cookies, storage
    and pages, for the next test that asks for one like it."""
    plain, waiting = browser.new_context, dict[str, list[BrowserContext]]()

    def new_context(**options: Any) -> BrowserContext:
        spare = waiting.setdefault(repr(sorted(options.items())), [])
        context = spare.pop() if spare else _remembered(plain(**options), spare)
        context.add_cookies([cookie_of("Test")])  # type: ignore[list-item]
        return context

    browser.new_context = new_context  # type: ignore[method-assign]
    return browser


def _remembered(context: BrowserContext, spare: list[BrowserContext]) -> BrowserContext:
    """`context`, which goes to `spare` where it is closed."""
    origins: set[str] = set()

    def visited(frame: Frame) -> None:
        parts = urlsplit(frame.url)
        if parts.scheme in ("http", "https"):
            origins.add(f"{parts.scheme}://{parts.netloc}")

    def opened(page: Page) -> None:
        page.on("framenavigated", visited)

    def close(**_: Any) -> None:
        _empty(context, origins)
        origins.clear()
        spare.append(context)

    context.on("page", opened)
    context.close = close  # type: ignore[method-assign]
    for name in _OF_THE_PAGE:
        setattr(context, name, _refused)
    return context


def _refused(*_: Any, **__: Any) -> NoReturn:
    raise AssertionError("this context is used again by other tests: do it to the page")


def _empty(context: BrowserContext, origins: set[str]) -> None:
    for page in context.pages:
        page.close()
    context.clear_cookies()
    context.clear_permissions()
    page = context.new_page()
    session = context.new_cdp_session(page)
    for origin in origins:
        session.send("Storage.clearDataForOrigin", {"origin": origin, "storageTypes": _MEMORY})
    page.close()
