"""What the band does with what it hears: a judge that is played says it, so that every case can be had."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]
from playwright.sync_api import Browser, Page, ViewportSize, expect

from tests.browser.alarm_stage import (
    JUDGE,
    alarm,
    asked,
    band,
    card,
    document,
    fits,
    siren,
    tab,
    tell,
    visit,
    wait_siren,
)
from tests.browser.conftest import DESK, PHONE
from tests.browser.server import Server

HOSTILE = "<img src=x onerror=alert(1)>\u202e **x** " + "W" * 10_000 + "\U0001f9dc" * 200
RULES = {"runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"]}}
SIZES = pytest.mark.parametrize("size", [DESK, PHONE], ids=["laptop", "phone"])


@pytest.fixture(scope="module")
def stage(chromium: Browser, shared: Server) -> Iterator[Page]:
    """One tab for all tests here: what differs is what the judge says."""
    page = tab(chromium)
    page.add_init_script(JUDGE)
    page.add_init_script(f"judge.site = {json.dumps(document())}")
    page.on("dialog", lambda _: pytest.fail("a name was run"))
    yield visit(page, shared.url + "/cameras")
    page.context.close()


@pytest.fixture
def page(stage: Page) -> Page:
    """Nothing is open, and the page has been touched: sound is on."""
    stage.set_viewport_size(DESK)
    stage.evaluate("Object.assign(judge, { refuse: '', why: '', silent: false, sent: [] })")
    tell(stage)
    expect(band(stage).locator(".card")).to_have_count(0)
    expect(band(stage).locator(".nobody")).to_be_hidden()
    stage.mouse.click(3, 700)
    return stage


def numbers(page: Page) -> list[int]:
    """The alarms of the band from the top."""
    found: list[int] = page.evaluate(
        "[...poolwatchAlarm.find('.alarms').children].map((card) => +card.dataset.id)"
    )
    return found


def test_a_calm_site_takes_no_room(page: Page) -> None:
    expect(band(page).locator(".band")).to_have_css("height", "0px")
    assert siren(page) is None


def test_what_one_needs_is_said(page: Page) -> None:
    child = {"id": 7, "age": "child", "place": "water", "head_seen_s": 12.3}
    tell(page, alarm(1), people=[child])
    shown = card(page, 1)
    expect(shown.locator(".word")).to_have_text("Emergency")
    expect(shown.locator(".title")).to_have_text("Guest 2 is under water")
    expect(shown.locator(".person")).to_have_text("Child, head last seen 12 s ago")
    expect(shown.locator(".where")).to_contain_text("Deep end, camera Overview, since")
    expect(shown.locator(".next")).to_contain_text("s: Tom is called")
    wait_siren(page, "emergency")


def test_the_clock_runs_when_nothing_is_heard_any_more(page: Page) -> None:
    tell(page, alarm(1))
    expect(card(page, 1).locator(".run")).to_have_text("0:12")
    page.evaluate("judge.stop()")
    expect(card(page, 1).locator(".run")).to_have_text("0:15")
    expect(band(page).locator(".nobody")).to_be_visible()
    expect(card(page, 1).get_by_role("button", name="I see it")).to_be_visible()
    assert siren(page) == "emergency"


def test_the_newest_emergency_is_on_top_and_each_has_its_button(page: Page) -> None:
    quiet = {"level": "alert", "title": "The camera Gate cannot see", "next_s": None}
    tell(page, alarm(3, **quiet), alarm(1), alarm(2), alarm(4, state="acknowledged", by="Anna"))
    expect(band(page).locator(".card")).to_have_count(4)
    assert numbers(page) == [2, 1, 3, 4]
    for number in (1, 2, 3):
        card(page, number).get_by_role("button", name="I see it").click()
    page.wait_for_function("judge.sent.length === 3")
    assert [(one["command"], one["args"]["id"]) for one in asked(page)] == [
        ("alarm.acknowledge", number) for number in (1, 2, 3)
    ]
    assert {one["args"]["who"] for one in asked(page)} == {"Tom"}


@SIZES
def test_many_alarms_leave_room_for_the_page(page: Page, size: ViewportSize) -> None:
    page.set_viewport_size(size)
    seen = alarm(20, state="acknowledged", by="Anna")
    tell(page, *(alarm(n) for n in range(1, 10)), seen)
    more = band(page).locator(".more")
    expect(more).to_have_text("7 more: 6 emergencies, 1 seen. Show all")
    shown = band(page).locator(".card:visible")
    expect(shown).to_have_count(3)
    assert numbers(page)[:3] == [9, 8, 7], "the newest are on top"
    tell(page, *(alarm(n) for n in range(1, 11)), seen)
    expect(card(page, 10)).to_be_visible()
    expect(card(page, 10).get_by_role("button", name="I see it")).to_be_enabled()
    more.click()
    expect(shown).to_have_count(11)
    expect(more).to_have_text("Show fewer")
    assert fits(page)
    more.click()
    expect(shown).to_have_count(3)
    tell(page, *(alarm(n) for n in range(1, 5)))
    expect(shown).to_have_count(4)
    expect(more).to_be_hidden()


@SIZES
def test_the_button_is_large(page: Page, size: ViewportSize) -> None:
    page.set_viewport_size(size)
    tell(page, alarm(1), alarm(2), alarm(3, level="alert"))
    for number in (1, 2, 3):
        box = card(page, number).get_by_role("button", name="I see it").bounding_box()
        assert box is not None and box["height"] >= 56 and box["width"] >= 96
    assert fits(page)


def test_the_button_is_the_same_while_the_document_changes(page: Page) -> None:
    tell(page, alarm(1))
    button = card(page, 1).get_by_role("button", name="I see it")
    expect(button).to_be_enabled()
    handle, before = button.element_handle(), button.bounding_box()
    for second in range(20):
        tell(
            page,
            alarm(1, since_s=12.0 + second, next_s=18.0 - second, causes=["Guest 2 is under water"] * second),
        )
    assert handle.evaluate("(node) => node.isConnected && !node.disabled")
    assert button.bounding_box() == before


def test_nothing_moves_under_a_finger(page: Page) -> None:
    """An emergency that comes while a finger is down waits until it is lifted: the tap is the older one's."""
    tell(page, alarm(1))
    button = card(page, 1).get_by_role("button", name="I see it")
    expect(button).to_be_enabled()
    button.hover()
    page.mouse.down()
    tell(page, alarm(1), alarm(2, title="A child is alone"))
    page.mouse.up()
    page.wait_for_function("judge.sent.length === 1")
    assert asked(page)[0]["args"]["id"] == 1
    expect(card(page, 2)).to_be_visible()
    assert numbers(page) == [2, 1]


def test_a_card_that_has_just_come_takes_no_tap(page: Page) -> None:
    """The finger was on its way to what was there before."""
    taken = page.evaluate(
        """async (site) => {
          judge.tell(site);
          // A line that opens anew at this moment brings the card a little later.
          const pause = () => new Promise((on) => setTimeout(on, 4));
          for (let n = 0; n < 500 && !poolwatchAlarm.cards.get(1); n++) await pause();
          const button = poolwatchAlarm.cards.get(1).find('.ack');
          const off = button.disabled;
          button.click();
          return [off, judge.sent.length];
        }""",
        document(alarm(1)),
    )
    assert taken == [True, 0]
    card(page, 1).get_by_role("button", name="I see it").click()
    page.wait_for_function("judge.sent.length === 1")


def test_a_refusal_is_said_and_the_siren_goes_on(page: Page) -> None:
    tell(page, alarm(1))
    page.evaluate("judge.refuse = 'The disk is full.'")
    button = card(page, 1).get_by_role("button", name="I see it")
    button.click()
    expect(card(page, 1).locator(".error")).to_have_text("The disk is full.")
    expect(button).to_be_enabled()
    assert siren(page) == "emergency"
    page.evaluate("judge.refuse = ''")
    button.click()
    expect(card(page, 1).locator(".error")).to_have_text("")


def test_a_page_without_a_line_says_that_nothing_was_done(page: Page) -> None:
    tell(page, alarm(1))
    expect(card(page, 1).get_by_role("button", name="I see it")).to_be_enabled()
    page.evaluate("() => { judge.stop(); poolwatch.socket.end(); }")
    card(page, 1).get_by_role("button", name="I see it").click()
    expect(card(page, 1).locator(".error")).to_contain_text("this was not done", timeout=15_000)
    assert siren(page) == "emergency"


def test_an_alert_chimes_once(page: Page) -> None:
    chimes = page.evaluate("poolwatchAlarm.sound.chimes")
    for second in range(3):
        tell(page, alarm(8, level="alert", since_s=second))
    expect(card(page, 8).locator(".word")).to_have_text("Alert")
    assert siren(page) is None
    assert page.evaluate("poolwatchAlarm.sound.chimes") == chimes + 1
    tell(page, alarm(8, level="alert"), prompts=[{"id": "mode-1", "text": "?", "choices": []}])
    page.wait_for_function("(n) => poolwatchAlarm.sound.chimes === n", arg=chimes + 2)


def test_a_drill_is_no_emergency(page: Page) -> None:
    tell(page, alarm(1, drill=True, title="This is a test of the alarm"))
    expect(card(page, 1).locator(".word")).to_have_text("Drill")
    expect(card(page, 1)).to_contain_text("Nobody is in danger.")
    expect(card(page, 1)).to_have_attribute("data-look", "drill")
    page.wait_for_function("document.title.startsWith('DRILL')")


def test_the_tab_calls_and_then_is_what_it_was(page: Page) -> None:
    before = page.title()
    tell(page, alarm(1))
    page.wait_for_function("document.title === 'EMERGENCY: Guest 2 is under water'")
    page.wait_for_function("(title) => document.title === title", arg=before)
    tell(page, alarm(1, state="acknowledged", by="Anna"))
    expect(card(page, 1)).to_contain_text("Seen by Anna")
    page.wait_for_function("(title) => document.title === title", arg=before)


def test_it_is_read_out_once(page: Page) -> None:
    tell(page, alarm(41))
    spoken = band(page).get_by_role("alert").first
    expect(spoken).to_contain_text("Emergency. Guest 2 is under water. Deep end")
    page.evaluate(
        "() => { window.read = 0; new MutationObserver(() => { read += 1; }).observe("
        "poolwatchAlarm.find('.spoken'), { childList: true, characterData: true, subtree: true }); }"
    )
    for second in range(5):
        tell(page, alarm(41, since_s=20.0 + second))
    assert page.evaluate("read") == 0


def test_who_types_is_not_interrupted(page: Page) -> None:
    page.evaluate(
        "() => { const field = document.createElement('input'); field.id = 'typing'; "
        "document.body.append(field); field.focus(); }"
    )
    tell(page, alarm(1))
    expect(card(page, 1).get_by_role("button", name="I see it")).to_be_enabled()
    expect(page.locator("#typing")).to_be_focused()
    page.evaluate("document.querySelector('#typing').remove()")


def test_trouble_is_said_and_why(page: Page) -> None:
    tell(
        page,
        store={"ok": False, "why": "the disk is full"},
        outbox={"waiting": 1, "failed": ["Tom: the service answers 500"]},
        cameras_blind=[{"id": "c1", "name": "Gate", "why": "it is dark", "since_s": 75.0}],
    )
    lines = band(page).locator(".troubles li")
    expect(lines).to_have_text(
        [
            "Not everything can be kept, the alarm works all the same: the disk is full",
            "A message did not arrive. Tom: the service answers 500",
            "Gate does not see for 1:15: it is dark",
        ]
    )
    tell(page)
    expect(band(page).locator(".troubles")).to_be_hidden()


@SIZES
def test_hostile_words_are_text_and_have_their_place(page: Page, size: ViewportSize) -> None:
    page.set_viewport_size(size)
    one = alarm(
        1, title=HOSTILE, who=HOSTILE, place=HOSTILE, camera_name=HOSTILE, causes=[HOSTILE] * 5, next=HOSTILE
    )
    two = alarm(2, state="acknowledged", by=HOSTILE, also_seen_by=[HOSTILE] * 9, title=HOSTILE)
    tell(page, one, two, outbox={"waiting": 0, "failed": [HOSTILE] * 50}, store={"ok": False, "why": HOSTILE})
    expect(card(page, 1).locator(".title")).to_contain_text("<img src=x onerror=alert(1)>")
    assert band(page).locator("img").count() == 0
    assert fits(page)
    expect(card(page, 1).get_by_role("button", name="I see it")).to_be_in_viewport(ratio=1)
    high = band(page).locator(".band").bounding_box()
    assert high is not None and high["height"] <= 0.83 * size["height"]


def test_the_page_begins_below_the_band(page: Page) -> None:
    tell(page, alarm(1))
    below = page.locator(".stApp").bounding_box
    page.wait_for_function(
        "Math.abs(document.querySelector('.stApp').getBoundingClientRect().top"
        " - poolwatchAlarm.find('.band').getBoundingClientRect().bottom) <= 1"
        " && document.querySelector('.stApp').getBoundingClientRect().top > 80"
    )
    assert (below() or {"y": 0})["y"] > 80
    tell(page)
    page.wait_for_function("document.querySelector('.stApp').getBoundingClientRect().top === 0")


def test_a_line_that_stumbles_is_not_nobody(page: Page) -> None:
    """Shown is what lasts: a line that is back within two seconds was never gone."""
    page.evaluate(
        "() => { window.cried = 0; new MutationObserver(() => { cried += 1; })"
        ".observe(poolwatchAlarm.find('.nobody'), { attributes: true, attributeFilter: ['hidden'] }); }"
    )
    page.evaluate("poolwatch.socket.end()")
    page.wait_for_function("poolwatch.state.connected")
    assert page.evaluate("cried") == 0


@pytest.mark.parametrize("theme", ["dark", "light"])
@pytest.mark.parametrize("small", [False, True], ids=["laptop", "phone"])
def test_the_band_has_no_violation(chromium: Browser, shared: Server, theme: str, small: bool) -> None:
    """Each look an alarm can have, with the form open, trouble, and the bar for the sound below them."""
    page = tab(chromium, small=small, color_scheme=theme, reduced_motion="reduce")
    page.add_init_script(JUDGE)
    page.add_init_script(f"judge.site = {json.dumps(document())}")
    visit(page, shared.url + "/cameras")
    seen = {"state": "acknowledged", "by": "Anna", "also_seen_by": ["Tom"]}
    everything = (
        alarm(1),
        alarm(2, drill=True),
        alarm(3, level="alert"),
        alarm(4, **seen),
        alarm(5, level="alert", **seen),
        alarm(6, state="resolved", by="Anna", reason="false"),
    )
    calm = {"store": {"ok": False, "why": "the disk is full"}}
    for alarms in (everything, everything[1:], everything[3:]):
        tell(page, *alarms, **calm)
        expect(band(page).locator(".card")).to_have_count(len(alarms))
        check(page)
    card(page, 4).get_by_role("button", name="Resolve").click()
    check(page)
    page.evaluate("judge.why = 'The monitor does not answer.'")
    expect(band(page).locator(".nobody")).to_be_visible()
    check(page)
    page.context.close()


def check(page: Page) -> None:
    page.wait_for_function("[...poolwatchAlarm.cards.values()].every((card) => !card.guarded)")
    assert page.evaluate("poolwatchAlarm.root.getAnimations().length") == 0, "less motion was asked for"
    found = Axe().run(page, options=RULES).response["violations"]
    assert not found, [(v["id"], [(n["target"], n["html"]) for n in v["nodes"]]) for v in found]
    assert fits(page)
