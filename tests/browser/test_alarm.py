"""The alarm on every page, with a real monitor: seen, acknowledged from another page, resolved, and nobody
watching."""

from __future__ import annotations

import contextlib
import os
import re
import signal
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser import alarm_stage as stage
from tests.browser.alarm_stage import START_MS, acknowledge, band, card, drill, tab, visit, wait_siren
from tests.browser.places import places
from tests.browser.server import Server, descendants, until
from tests.waiting import fair

HOSTILE = "<img src=x onerror=alert(1)> **\U0001f9dc**"


@pytest.fixture(scope="module")
def site(shared: Server) -> Server:
    """Without a camera: a drill needs none."""
    return shared


@pytest.fixture(autouse=True)
def peace(site: Server) -> Iterator[None]:
    """Each test begins and ends without an alarm."""
    stage.clear(site)
    yield
    stage.clear(site)


@pytest.fixture
def tom(chromium: Browser, site: Server) -> Iterator[Page]:
    """Tom's laptop, on the page of cameras."""
    page = visit(tab(chromium), site.url + "/cameras")
    yield page
    page.context.close()


@pytest.fixture
def anna(chromium: Browser, site: Server) -> Iterator[Page]:
    """Anna's phone, on the live page."""
    page = visit(tab(chromium, "Anna", small=True), site.url)
    yield page
    page.context.close()


def test_the_alarm_is_on_every_page(site: Server, tom: Page) -> None:
    number = drill(site)
    assert len(places()) > 3
    for place in places():
        tom.goto(site.url + place.path)
        shown = card(tom, number)
        expect(shown, place.title).to_be_visible(timeout=START_MS)
        expect(shown).to_contain_text("This is a drill. Nobody is in danger.")
        expect(shown.locator(".word")).to_have_text("Drill")
        wait_siren(tom, "emergency")


def test_it_outlives_a_change_of_page(site: Server, tom: Page) -> None:
    number = drill(site)
    expect(card(tom, number)).to_be_visible()
    tom.evaluate("window.kept = document.querySelector('#poolwatch-alarm')")
    tom.get_by_role("link", name="Alarms").first.click()
    tom.wait_for_url("**/alarms")
    expect(card(tom, number)).to_be_visible()
    assert tom.evaluate(
        "window.kept.isConnected && window.kept === document.querySelector('#poolwatch-alarm')"
    )


def test_acknowledging_on_one_page_silences_every_other(site: Server, tom: Page, anna: Page) -> None:
    number = drill(site)
    for page in (tom, anna):
        wait_siren(page, "emergency")
    stage.note_click(anna, number)
    stage.note_silence(tom)
    acknowledge(anna, number)
    wait_siren(tom, None)
    took_ms = tom.evaluate("silentAt") - anna.evaluate("clickedAt")
    assert took_ms < 1000 * fair(1.0)
    for page in (tom, anna):
        expect(card(page, number)).to_contain_text("Seen by Anna")
        expect(card(page, number).get_by_role("button", name="I see it")).to_be_hidden()


def test_resolving_says_why(site: Server, tom: Page, anna: Page) -> None:
    number = drill(site)
    acknowledge(tom, number)
    card(tom, number).get_by_role("button", name="Resolve").click()
    expect(card(tom, number).get_by_role("radio", name="Drill")).to_be_checked()
    card(tom, number).get_by_role("radio", name="False alarm").check()
    card(tom, number).get_by_label("Note").fill("a ball\ton the water")
    card(tom, number).get_by_role("button", name="It is over").click()
    expect(card(anna, number)).to_contain_text("Over: a false alarm, says Tom.")
    found = next(a for a in stage.site_of(site)["alarms"] if a["id"] == number)
    assert (found["state"], found["reason"], found["by"]) == ("resolved", "false", "Tom")
    expect(card(anna, number)).to_have_count(0, timeout=60_000)


def test_the_form_stays_while_the_document_changes(site: Server, tom: Page) -> None:
    number = drill(site)
    acknowledge(tom, number)
    card(tom, number).get_by_role("button", name="Resolve").click()
    note = card(tom, number).get_by_label("Note")
    note.press_sequentially("slowly", delay=120)
    heard = tom.evaluate("poolwatch.state.site.seq")
    tom.wait_for_function("(seq) => poolwatch.state.site.seq > seq", arg=heard)
    expect(note).to_have_value("slowly")
    expect(note).to_be_focused()


def test_enter_acknowledges(site: Server, tom: Page) -> None:
    number = drill(site)
    expect(card(tom, number).get_by_role("button", name="I see it")).to_be_focused()
    tom.keyboard.press("Enter")
    expect(card(tom, number)).to_contain_text("Seen by Tom")
    expect(card(tom, number).get_by_role("button", name="Resolve")).to_be_focused()


def test_it_is_the_account_that_answers(chromium: Browser, site: Server) -> None:
    """Whatever an older page has kept as a name on this device."""
    page = visit(tab(chromium, who="Anna", small=True), site.url + "/people")
    page.evaluate("localStorage.setItem('poolwatch.who', 'Old Tom')")
    number = drill(site)
    acknowledge(page, number)
    expect(card(page, number)).to_contain_text("Seen by Anna")
    wait_siren(page, None)
    page.context.close()


@pytest.mark.parametrize(
    "name",
    [
        pytest.param(HOSTILE, id="markup"),
        pytest.param("n" * 100, id="100 letters"),
        pytest.param("\U0001f9dc\u200d\u2640\ufe0f" * 20, id="emoji"),
    ],
)
def test_a_hostile_name_is_text(chromium: Browser, site: Server, name: str) -> None:
    page = visit(tab(chromium, small=True), site.url + "/cameras")
    page.on("dialog", lambda _: pytest.fail("the name was run"))
    number = drill(site)
    site.command("alarm.acknowledge", id=number, who=name[:100])
    expect(card(page, number).locator(".seenby")).to_contain_text("Seen by")
    assert card(page, number).locator("img").count() == 0
    assert len(card(page, number).locator(".seenby").inner_text()) < 140
    assert stage.fits(page)
    page.context.close()


def test_a_note_too_long_is_refused_in_words(site: Server, tom: Page) -> None:
    number = drill(site)
    acknowledge(tom, number)
    card(tom, number).get_by_role("button", name="Resolve").click()
    note = card(tom, number).get_by_label("Note")
    note.fill(HOSTILE * 400)
    card(tom, number).get_by_role("button", name="It is over").click()
    # Either the field holds no more than may be sent, or what is refused is said: never silence.
    over = card(tom, number).get_by_text(re.compile("Over: a drill, says Tom|longer than"))
    expect(over.first).to_be_visible()
    assert card(tom, number).locator("img").count() == 0


def cried_without(server: Server, page: Page) -> bool:
    """Whether the page has cried; every monitor that has come up meanwhile is ended."""
    for pid in descendants(server.pid):
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    return bool(page.evaluate("seen.length"))


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGSTOP], ids=["killed", "hangs"])
def test_nobody_is_watching(chromium: Browser, server: Server, how: signal.Signals) -> None:
    """The server starts another monitor soon: what was shown meanwhile is noted in the page."""
    page = visit(tab(chromium), server.url + "/cameras")
    number = drill(server)
    expect(card(page, number)).to_be_visible()
    acknowledge(page, number)
    wait_siren(page, None)
    page.evaluate(
        """() => { window.seen = []; const node = poolwatchAlarm.find('.nobody');
          new MutationObserver(() => {
            const { find, sound } = poolwatchAlarm;
            if (!node.hidden) seen.push([Date.now(), node.innerText, sound.playing, !!find('.card')]);
          }).observe(node, { attributes: true }); }"""
    )
    monitor = server.monitor()
    began_ms = page.evaluate("Date.now()")
    os.kill(monitor, how)
    if how is signal.SIGKILL:
        # One that is back at once was never gone: those that come after it end as well.
        until(lambda: cried_without(server, page), "the page cries", 20)
    page.wait_for_function("() => seen.length", timeout=20_000)
    at_ms, words, sound, alarm_stays = page.evaluate("seen[0]")
    assert at_ms - began_ms < 1000 * fair(5.0)
    assert "NOBODY IS WATCHING" in words.upper() and re.search(r"does not answer since \d\d:\d\d", words)
    assert sound == "nobody" and alarm_stays
    if how is signal.SIGSTOP:
        os.kill(monitor, signal.SIGCONT)
    expect(band(page).locator(".nobody")).to_be_hidden(timeout=60_000)
    wait_siren(page, None)
    page.context.close()


def test_a_server_that_hangs_is_nobody_watching(chromium: Browser, server: Server) -> None:
    page = visit(tab(chromium, small=True), server.url + "/cameras")
    began_ms = page.evaluate("Date.now()")
    os.kill(server.pid, signal.SIGSTOP)
    try:
        page.wait_for_function("() => !poolwatchAlarm.find('.nobody').hidden", timeout=20_000)
        assert page.evaluate("Date.now()") - began_ms < 1000 * fair(5.0)
        wait_siren(page, "nobody")
        band(page).get_by_role("button", name="Silence this page").click()
        wait_siren(page, None)
        expect(band(page).locator(".nobody")).to_be_visible()
    finally:
        os.kill(server.pid, signal.SIGCONT)
    expect(band(page).locator(".nobody")).to_be_hidden(timeout=60_000)
    page.context.close()


def test_sound_is_off_until_it_is_touched(chromium: Browser, site: Server) -> None:
    page = visit(tab(chromium), site.url + "/cameras")
    bar = band(page).get_by_role("button", name="Sound is off. Tap to turn it on")
    expect(bar).to_be_visible()
    drill(site)
    wait_siren(page, "emergency")
    expect(bar).to_be_visible()
    bar.click()
    expect(bar).to_be_hidden()
    assert page.evaluate(
        "[poolwatchAlarm.sound.checks, poolwatchAlarm.sound.on, poolwatchAlarm.sound.voices.length]"
    ) == [
        1,
        True,
        1,
    ]
    page.goto(site.url + "/people")
    expect(bar).to_be_visible(timeout=START_MS)
    page.context.close()


def test_the_alarm_can_be_tested_from_every_page(site: Server, anna: Page) -> None:
    anna.get_by_role("button", name="More").click()
    anna.get_by_role("button", name="Test the alarm").click()
    assert stage.siren(anna) is None
    anna.get_by_role("button", name="Yes: sound it everywhere, as a drill").click()
    expect(band(anna).locator(".card[data-look='drill']")).to_be_visible()
    wait_siren(anna, "emergency")
    by = until(
        lambda: [a for a in stage.site_of(site)["alarms"] if a["drill"] and a["state"] != "resolved"],
        "a drill",
    )
    assert len(by) == 1
