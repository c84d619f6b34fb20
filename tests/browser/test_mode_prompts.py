"""The questions on every page, over a real line on whose way the test writes what the judge asks."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Locator, Page, WebSocketRoute, expect

from tests.browser.conftest import DESK, PHONE, be
from tests.browser.places import settle
from tests.browser.server import Server, until
from tests.browser.test_access import check

ARRIVED: dict[str, Any] = {
    "id": "mode-1",
    "kind": "mode_prompt",
    "text": "An adult has arrived. Switch to Supervised?",
    "choices": [{"id": "supervised", "label": "Switch to Supervised"}, {"id": "stay", "label": "Leave it"}],
    "since_utc": "2026-07-01T12:05:00+00:00",
}
ALONE: dict[str, Any] = {
    "id": "alarm-7",
    "kind": "no_responsible_adult",
    "text": "No responsible adult is at the pool",
    "choices": [{"id": "seen", "label": "I see to it"}],
    "since_utc": "2026-07-01T12:06:00+00:00",
}


class Asking:
    """What the judge asks; an answer ends its question, as the judge does it, or is refused."""

    def __init__(self) -> None:
        self.prompts: list[dict[str, Any]] = []
        self.answers: list[dict[str, Any]] = []
        self.refusal = ""

    def on_the_way(self, page: Page) -> None:
        page.route_web_socket("**/ws/site", self._between)

    def _between(self, tab: WebSocketRoute) -> None:
        server = tab.connect_to_server()
        server.on_message(lambda message: tab.send(self._told(str(message))))
        tab.on_message(lambda message: self._heard(str(message), tab, server))

    def _told(self, text: str) -> str:
        message = json.loads(text)
        if message["type"] == "site" and message["site"]:
            message["site"]["prompts"] = self.prompts
        return json.dumps(message)

    def _heard(self, text: str, tab: WebSocketRoute, server: WebSocketRoute) -> None:
        asked = json.loads(text)
        if asked["command"] != "prompt.answer":
            server.send(text)
            return
        self.answers.append(asked["args"])
        reply = {
            "type": "reply",
            "id": asked["id"],
            "ok": not self.refusal,
            "error": self.refusal,
            "result": {},
        }
        tab.send(json.dumps(reply))
        if not self.refusal:
            self.prompts = [p for p in self.prompts if p["id"] != asked["args"]["id"]]


@pytest.fixture(scope="module")
def judge() -> Asking:
    return Asking()


@pytest.fixture
def asking(judge: Asking, tabs: tuple[Page, Page]) -> Asking:
    """Each test begins without a question."""
    judge.prompts, judge.answers, judge.refusal = [], [], ""
    for page in tabs:
        expect(page.locator(".prompt")).to_have_count(0)
    return judge


@pytest.fixture(scope="module")
def tabs(chromium: Browser, shared: Server, judge: Asking) -> Iterator[tuple[Page, Page]]:
    """A laptop on the live page and a phone on another, with the same questions."""
    desk = chromium.new_context(viewport=DESK)
    phone = chromium.new_context(viewport=PHONE, has_touch=True, is_mobile=True)
    found = []
    for context, path in ((desk, "/"), (phone, "/cameras")):
        be(context, "Anna")
        page = context.new_page()
        judge.on_the_way(page)
        page.goto(shared.url + path)
        settle(page)
        found.append(page)
    yield found[0], found[1]
    desk.close()
    phone.close()


def card(page: Page, prompt: dict[str, Any]) -> Locator:
    return page.locator(f"[data-prompt='{prompt['id']}']")


def awake(page: Page, prompt: dict[str, Any]) -> Locator:
    """A card that has just come takes no answer for a moment."""
    found = card(page, prompt)
    expect(found).to_have_attribute("data-guarded", "false")
    return found


def test_answered_on_one_page_it_goes_everywhere(tabs: tuple[Page, Page], asking: Asking) -> None:
    desk, phone = tabs
    asking.prompts = [ARRIVED, ALONE]
    for page in tabs:
        expect(card(page, ARRIVED)).to_contain_text("An adult has arrived")
        expect(card(page, ALONE)).to_contain_text("No responsible adult")
    awake(desk, ALONE).get_by_role("button", name="I see to it").click()
    for page in tabs:
        expect(card(page, ALONE)).to_have_count(0)
        expect(card(page, ARRIVED)).to_be_visible()
    awake(phone, ARRIVED).get_by_role("button", name="Leave it").tap()
    for page in tabs:
        expect(card(page, ARRIVED)).to_have_count(0)
    assert [(a["id"], a["choice"], a["who"]) for a in asking.answers] == [
        ("alarm-7", "seen", "Anna"),
        ("mode-1", "stay", "Anna"),
    ]


def test_supervised_asks_who_the_adult_is(tabs: tuple[Page, Page], asking: Asking) -> None:
    _, phone = tabs
    asking.prompts = [ARRIVED]
    asked = awake(phone, ARRIVED)
    asked.get_by_role("button", name="Switch to Supervised").tap()
    assert asking.answers == []
    name = asked.get_by_label("Who is the responsible adult?")
    name.fill(" ")
    awake(phone, ARRIVED).get_by_role("button", name="Switch to Supervised").tap()
    expect(asked.get_by_role("alert")).to_have_text("Say who the responsible adult is.")
    name.fill("Tom")
    asked.get_by_role("button", name="Switch to Supervised").tap()
    expect(card(phone, ARRIVED)).to_have_count(0)
    (answer,) = asking.answers
    assert (answer["choice"], answer["who"]) == ("supervised", "Tom")


def test_a_refused_answer_says_why_and_can_be_given_again(tabs: tuple[Page, Page], asking: Asking) -> None:
    desk, _ = tabs
    asking.prompts, asking.refusal = [ARRIVED], "The monitor does not answer."
    asked = awake(desk, ARRIVED)
    asked.get_by_role("button", name="Leave it").click()
    expect(asked.get_by_role("alert")).to_have_text("The monitor does not answer.")
    asking.refusal = ""
    asked.get_by_role("button", name="Leave it").click()
    expect(card(desk, ARRIVED)).to_have_count(0)


def test_a_card_does_not_come_under_a_finger(tabs: tuple[Page, Page], asking: Asking) -> None:
    desk, phone = tabs
    desk.mouse.move(1200, 800)
    desk.mouse.down()
    asking.prompts = [ARRIVED]
    expect(card(phone, ARRIVED)).to_be_visible()
    heard = desk.evaluate("poolwatch.message.site.seq")
    until(lambda: desk.evaluate("poolwatch.message.site.seq") > heard + 1, "the line tells more")
    expect(card(desk, ARRIVED)).to_have_count(0)
    desk.mouse.up()
    expect(card(desk, ARRIVED)).to_be_visible()


def test_the_keyboard_answers(tabs: tuple[Page, Page], asking: Asking) -> None:
    desk, _ = tabs
    asking.prompts = [ARRIVED]
    asked = awake(desk, ARRIVED)
    asked.get_by_role("button", name="Switch to Supervised").focus()
    desk.keyboard.press("Enter")
    expect(asked.get_by_label("Who is the responsible adult?")).to_be_focused()
    awake(desk, ARRIVED)
    desk.keyboard.press("Enter")
    expect(card(desk, ARRIVED)).to_have_count(0)
    assert [a["choice"] for a in asking.answers] == ["supervised"]


def test_where_cards_stand(tabs: tuple[Page, Page], asking: Asking) -> None:
    _, phone = tabs
    asking.prompts = [{**ARRIVED, "text": "A long question " * 20}, ALONE]
    expect(card(phone, ALONE)).to_be_visible()
    cards, bar = phone.locator(".prompts").bounding_box(), phone.locator(".st-key-pw-places").bounding_box()
    assert cards is not None
    assert bar is not None
    assert cards["x"] >= 0
    assert cards["x"] + cards["width"] <= PHONE["width"]
    assert cards["y"] + cards["height"] <= bar["y"]
    assert cards["height"] <= PHONE["height"] * 0.6 + 1
    for button in card(phone, ALONE).get_by_role("button").all():
        box = button.bounding_box()
        assert box is not None
        assert min(box["height"], box["width"]) >= 44


def test_cards_have_no_violation(tabs: tuple[Page, Page], asking: Asking) -> None:
    """On a phone, before and after it asks for the adult."""
    _, phone = tabs
    asking.prompts = [ARRIVED, ALONE]
    awake(phone, ALONE)
    check(phone)
    awake(phone, ARRIVED).get_by_role("button", name="Switch to Supervised").tap()
    check(phone)


def test_a_name_that_is_markup_is_only_words(tabs: tuple[Page, Page], asking: Asking) -> None:
    desk, _ = tabs
    asking.prompts = [{**ALONE, "text": "<img src=x onerror='window.hit = 1'> is alone"}]
    expect(card(desk, ALONE)).to_contain_text("<img src=x")
    assert desk.evaluate("window.hit") is None
