"""Who comes in and what they may: a house from its first visit on, with an owner, guardians and a viewer."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.alarm_stage import band, card, clear, drill, siren, site_of, tab, visit, wait_siren
from tests.browser.conftest import DESK, PHONE, be
from tests.browser.places import settle
from tests.browser.server import CHECKOUT, PASSWORD, Server, join, until
from tests.browser.test_access import check

START_MS = 60_000
PIN = "4711"
OWNER = "Olga"
LOOKS = [(size, theme) for size in (DESK, PHONE) for theme in ("dark", "light")]
ONLY_OWNER = "Only the owner may do this."


@pytest.fixture(scope="module")
def house(chromium: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Made by its first visit; a camera that never answers and somebody to call are there."""
    server = Server(tmp_path_factory.mktemp("house") / "data", members=False)
    server.start()
    try:
        first_visit(chromium, server)
        join(server.data)
        server.command("cameras.add", name="Nobody", kind="rtsp", address="rtsp://127.0.0.1:9/x")
        server.command("contacts.add", name="Tom", urls=["json://127.0.0.1:9/x"])
        yield server
    finally:
        server.stop()


def first_visit(browser: Browser, server: Server) -> None:
    looks_well(browser, server.url, "Make your account", "")
    with device(browser, "") as page:
        page.goto(server.url + "/settings")
        expect(page.get_by_role("heading", name="Make your account")).to_be_visible()
        page.get_by_label("Your name").fill(OWNER)
        page.get_by_label("Password", exact=True).fill(PASSWORD)
        page.get_by_label("The same again").fill("something else")
        page.get_by_label("PIN").fill(PIN)
        page.get_by_role("button", name="Begin").click()
        expect(page.get_by_role("alert")).to_have_text("The two passwords are not the same.")
        page.get_by_label("Password", exact=True).fill(PASSWORD)
        page.get_by_label("The same again").fill(PASSWORD)
        page.get_by_label("PIN").fill(PIN)
        page.get_by_role("button", name="Begin").click()
        settle(page)
        assert page.evaluate("() => window.poolwatch.you.role") == "owner"
        assert site_of(server)["pin"] is True


@contextmanager
def device(browser: Browser, who: str) -> Iterator[Page]:
    """A laptop of somebody who is signed in, of nobody with ""."""
    context = browser.new_context(viewport=DESK)
    be(context, who)
    try:
        yield context.new_page()
    finally:
        context.close()


def sign_in(page: Page, name: str, password: str) -> None:
    page.get_by_label("Name").fill(name)
    page.get_by_label("Password", exact=True).fill(password)
    page.get_by_role("button", name="Sign in").click()


def looks_well(browser: Browser, url: str, heading: str, who: str) -> None:
    """At both sizes in both themes: no violation, nothing is wider than the page."""
    for size, theme in LOOKS:
        context = browser.new_context(viewport=size, color_scheme=theme)  # type: ignore[arg-type]
        be(context, who)
        page = context.new_page()
        page.goto(url)
        expect(page.get_by_role("heading", name=heading, exact=True)).to_be_visible(timeout=START_MS)
        if page.locator(".stApp").count():
            settle(page)
        check(page)
        assert page.evaluate("() => document.documentElement.scrollWidth <= innerWidth"), (size, theme)
        context.close()


def test_signing_in_leads_to_where_one_wanted_and_out_again(chromium: Browser, house: Server) -> None:
    with device(chromium, "") as page:
        page.goto(house.url + "/timeline")
        expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
        sign_in(page, OWNER.lower(), PASSWORD)
        expect(page.get_by_role("heading", name="Timeline")).to_be_visible(timeout=START_MS)
        page.goto(house.url + "/account")
        expect(page.get_by_text("this device")).to_be_visible()
        page.get_by_role("button", name="Sign out here").click()
        expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
        page.goto(house.url + "/timeline")
        expect(page.get_by_role("heading", name="Sign in")).to_be_visible()


def test_a_forged_cookie_opens_nothing(chromium: Browser, house: Server) -> None:
    with device(chromium, "") as page:
        forged = {"name": "poolwatch_session", "value": "x" * 43, "domain": "127.0.0.1", "path": "/"}
        page.context.add_cookies([forged])  # type: ignore[list-item]
        page.goto(house.url + "/clips")
        expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
        assert page.request.get(house.url + "/api/clips").status == 401


def test_whoever_guesses_waits_and_is_told_how_long(chromium: Browser, house: Server) -> None:
    with device(chromium, "") as page:
        page.goto(house.url + "/signin")
        for _ in range(6):
            sign_in(page, "Anna", "not this one")
        expect(page.get_by_role("alert")).to_contain_text("Too many wrong passwords. Try again in ")

        def inside() -> bool:
            if page.get_by_label("Password", exact=True).count():
                sign_in(page, "Anna", PASSWORD)
            return page.locator(".stApp").count() > 0

        until(inside, "the right password opens after the wait")


def test_a_viewer_hears_and_sees_an_alarm_and_is_refused_the_rest(chromium: Browser, house: Server) -> None:
    page = visit(tab(chromium, "Vera"), house.url + "/settings")
    try:
        expect(page.get_by_test_id("stAlert")).to_contain_text(ONLY_OWNER, timeout=START_MS)
        page.mouse.click(700, 600)
        number = drill(house)
        expect(card(page, number)).to_contain_text("This is a test of the alarm", timeout=START_MS)
        wait_siren(page, "emergency")
        expect(card(page, number).get_by_role("button")).to_have_count(0)
        expect(page.get_by_role("radio")).to_have_count(1)
        page.get_by_role("button", name="More").click()
        for name in ("Settings", "Cameras", "People", "Zones"):
            expect(page.get_by_role("link", name=name, exact=True)).to_have_count(0)
        expect(page.get_by_role("button", name="Test the alarm")).to_have_count(0)
        for command in ("alarm.acknowledge", "alarm.resolve", "mode.set"):
            assert said(page, command, number).startswith("Only a guardian or the owner")
        assert siren(page) == "emergency"
        assert site_of(house)["alarms"][0]["state"] == "unacknowledged"
    finally:
        page.context.close()
        clear(house)


def said(page: Page, command: str, number: int) -> str:
    """Why the server does not do what this page asks for."""
    asking = """([command, id]) => window.poolwatch.send(command, { id, who: "Tom", mode: "supervised" })
        .then(() => "done", (error) => error.message)"""
    return str(page.evaluate(asking, [command, number]))


def test_an_invited_guardian_answers_under_their_own_name(chromium: Browser, house: Server) -> None:
    with device(chromium, "Test") as page:
        page.goto(house.url + "/members")
        page.get_by_label("Name").fill("Greta")
        page.get_by_role("button", name="Make the invitation").click(timeout=START_MS)
        link = page.get_by_test_id("stCode").inner_text(timeout=START_MS).strip()
    with device(chromium, "") as page, device(chromium, "Vera") as other:
        page.goto(link)
        expect(page.get_by_role("heading", name="Welcome, Greta")).to_be_visible()
        page.get_by_label("Password", exact=True).fill(PASSWORD)
        page.get_by_label("The same again").fill(PASSWORD)
        page.get_by_role("button", name="Go in").click()
        settle(page)
        visit(other, house.url + "/timeline")
        number = drill(house)
        card(page, number).get_by_role("button", name="I see it").click(timeout=START_MS)
        expect(card(other, number)).to_contain_text("Seen by Greta", timeout=START_MS)
        clear(house)
        page.context.clear_cookies()
        page.goto(link)
        expect(page.get_by_role("heading", name="This invitation is over")).to_be_visible()


def test_a_guardian_looks_at_zones_and_changes_none(chromium: Browser, house: Server) -> None:
    (camera,) = house.command("cameras.list")["cameras"]
    water = {"name": "Basin", "kind": "water", "polygon": [[0.2, 0.2], [0.6, 0.2], [0.6, 0.6], [0.2, 0.6]]}
    there = house.command("zones.list")["zones"][camera["id"]]["revision"]
    house.command("zones.set", camera=camera["id"], zones=[water], revision=there)
    with device(chromium, "Gus") as page:
        page.goto(house.url + "/zones")
        expect(page.locator(".zones[data-look=true]")).to_be_visible(timeout=START_MS)
        page.locator(".list").get_by_role("button", name="Basin").click()
        expect(page.get_by_label("Name", exact=True)).to_be_disabled()
        for name in ("Add a shape", "Delete the shape", "Save", "Read a zones.json"):
            expect(page.get_by_role("button", name=name, exact=True)).to_be_hidden()
        page.locator(".stage .shape").focus()
        page.keyboard.press("Delete")
        page.keyboard.press("ArrowRight")
        expect(page.locator(".list")).to_contain_text("Basin")
        check(page)
        answer = page.request.put(
            f"{house.url}/api/zones/{camera['id']}", data={"zones": [], "revision": there + 1}
        )
        assert answer.status == 403
    assert [zone["name"] for zone in house.command("zones.list")["zones"][camera["id"]]["zones"]] == ["Basin"]


# Gus is signed out from here on.
def test_a_page_whose_session_was_ended_elsewhere_says_so_loudly(chromium: Browser, house: Server) -> None:
    with device(chromium, "Gus") as here, device(chromium, "Gus") as elsewhere:
        visit(here, house.url + "/alarms")
        settle(here)
        elsewhere.goto(house.url + "/account")
        elsewhere.get_by_text("Sign out everywhere", exact=True).click()
        elsewhere.get_by_role("button", name="Yes, sign out everywhere").click()
        expect(band(here)).to_contain_text("Signed out: this device hears no alarm since", timeout=START_MS)
        expect(here).to_have_title(re.compile("^NOBODY IS WATCHING"), timeout=START_MS)
        # Streamlit's line is refused as well, and would say it in a box over everything.
        here.wait_for_timeout(6000)
        expect(here.get_by_test_id("stDialog").locator("visible=true")).to_have_count(0)
        band(here).get_by_role("link", name="Sign in").click()
        expect(here.get_by_role("heading", name="Sign in")).to_be_visible()


@pytest.mark.parametrize(
    ("who", "path", "heading"),
    [
        pytest.param("", "/signin", "Sign in", id="sign-in"),
        pytest.param("", "/certificate", "There is no certificate yet", id="no certificate"),
        pytest.param("Test", "/account", "Test", id="account"),
        pytest.param("Test", "/members", "Members", id="members"),
    ],
)
def test_no_violation(chromium: Browser, house: Server, who: str, path: str, heading: str) -> None:
    looks_well(chromium, house.url + path, heading, who)


def test_the_page_of_the_certificate_has_no_violation(chromium: Browser, house: Server) -> None:
    env = {**os.environ, "POOLWATCH_DATA": str(house.data)}
    subprocess.run([sys.executable, "-m", "dashboard", "certificate"], cwd=CHECKOUT, env=env, check=True)
    looks_well(chromium, house.url + "/certificate", "Trust this Poolwatch", "")
