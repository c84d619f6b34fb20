"""A child with the owner's unlocked phone: one tap takes nothing away. What takes the watch away wants the
PIN, everything else that cannot be taken back asks once more."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.browser import clips_stage
from tests.browser.alarm_stage import card, clear, drill, site_of, visit
from tests.browser.conftest import PHONE
from tests.browser.places import settle
from tests.browser.server import CLOCK, Server, until

START_MS = 40_000
PIN = "4711"
WRONG = "The PIN is not right."
SQUARE = [[0.2, 0.2], [0.6, 0.2], [0.6, 0.6], [0.2, 0.6]]


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """With a PIN, a camera that watches water, somebody to call, and a clip."""
    server = Server(tmp_path_factory.mktemp("house") / "data")
    clips_stage.seed(server.data, 2, CLOCK.utc() - timedelta(minutes=20))
    server.start()
    try:
        added = server.command("cameras.add", name="Pool", kind="rtsp", address="rtsp://127.0.0.1:9/x")
        others = [one["id"] for one in server.command("cameras.list")["cameras"] if one["name"] != "Pool"]
        server.command("cameras.order", ids=[added["id"], *others])
        server.command("contacts.add", name="Tom", urls=["json://127.0.0.1:9/x"])
        water = {"name": "Basin", "kind": "water", "polygon": SQUARE}
        server.command("zones.set", camera=added["id"], zones=[water], revision=0)
        server.command("pin.set", new=PIN)
        yield server
    finally:
        server.stop()


@pytest.fixture
def phone(chromium: Browser) -> Iterator[Page]:
    """The owner's, unlocked."""
    context = chromium.new_context(viewport=PHONE, has_touch=True, is_mobile=True)
    yield context.new_page()
    context.close()


@pytest.fixture(autouse=True)
def _guesses_forgotten(house: Server) -> None:
    """A right PIN ends the count of wrong ones, which would make the next test wait."""
    house.command("pin.set", old=PIN, new=PIN)


def go(page: Page, house: Server, path: str) -> Locator:
    visit(page, house.url + path)
    settle(page)
    return page.get_by_test_id("stMain")


def pool(house: Server) -> dict[str, Any]:
    return next(one for one in house.command("cameras.list")["cameras"] if one["name"] == "Pool")


def press(where: Locator | Page, name: str) -> None:
    where.get_by_role("button", name=name, exact=True).first.tap(timeout=START_MS)


def test_the_mode(phone: Page, house: Server) -> None:
    """A pause wants the PIN, Supervised the adult's name."""
    go(phone, house, "/timeline")
    for mode, field in (("Pause", "PIN"), ("Supervised", "Who is the responsible adult?")):
        phone.get_by_role("radio", name=mode).tap()
        # A tap that came twice by mistake does not count: the panel takes none at first.
        panel = phone.locator(".mode .panel[data-guarded=false]")
        expect(panel.get_by_label(field)).to_be_visible()
        if mode == "Pause":
            panel.get_by_label(field).fill("1111")
            panel.get_by_role("button", name=re.compile("^Pause for")).tap()
            expect(panel).to_contain_text(WRONG, timeout=START_MS)
        else:
            panel.get_by_label(field).fill("")
            panel.get_by_role("button", name="Switch to Supervised").tap()
            expect(panel).to_contain_text("Say who the responsible adult is.", timeout=START_MS)
        phone.keyboard.press("Escape")
    assert site_of(house)["mode"]["mode"] == "watch"


def test_the_last_water_wants_the_pin(phone: Page, house: Server) -> None:
    camera = pool(house)["id"]
    phone.goto(house.url + "/zones")
    expect(phone.locator(".zones[data-ready=true]")).to_be_visible(timeout=START_MS)
    phone.get_by_label("Camera", exact=True).select_option(camera)
    phone.locator(".list").get_by_role("button", name="Basin").tap()
    press(phone, "Delete the shape")
    press(phone, "Save")
    sure = phone.locator(".sure")
    expect(sure).to_contain_text("nobody is looked for under water")
    sure.get_by_label("PIN").fill("1111")
    press(sure, "Save all the same")
    expect(phone.locator(".status")).to_contain_text(WRONG, timeout=START_MS)
    assert kinds(house, camera) == ["water"]
    press(phone, "Save")
    press(sure, "Leave it as it was saved")
    expect(phone.locator(".list")).to_contain_text("Basin")
    phone.locator(".list").get_by_role("button", name="Basin").tap()
    press(phone, "Delete the shape")
    press(phone, "Save")
    sure.get_by_label("PIN").fill(PIN)
    press(sure, "Save all the same")
    expect(phone.locator(".status")).to_contain_text("Saved.", timeout=START_MS)
    assert kinds(house, camera) == []


def kinds(house: Server, camera: str) -> list[str]:
    return [zone["kind"] for zone in house.command("zones.list")["zones"][camera]["zones"]]


@pytest.mark.parametrize(
    ("field", "key", "value"),
    [
        pytest.param("Record clips", "record.on", None, id="no recording"),
        pytest.param("Longest time under water", "rules.submersion_limit_s", "25", id="a later siren"),
    ],
)
def test_a_dangerous_setting_wants_the_pin(
    phone: Page, house: Server, field: str, key: str, value: str | None
) -> None:
    go(phone, house, "/settings")
    box = phone.locator(f".st-key-pw-setting-{key.replace('.', '-')}")
    group = phone.locator("[class*='st-key-pw-card-']").filter(has=box)
    if value is None:
        box.get_by_text(field).first.tap(timeout=START_MS)
    else:
        box.get_by_role("spinbutton", name=field).fill(value)
        box.get_by_role("spinbutton", name=field).press("Tab")
    before = house.command("settings.list")["values"][key]
    press(group, "Save")
    expect(group.get_by_label("PIN")).to_be_visible(timeout=START_MS)
    group.get_by_label("PIN").fill("1111")
    press(group, "Change it all the same")
    expect(phone.get_by_test_id("stMain")).to_contain_text(WRONG, timeout=START_MS)
    assert house.command("settings.list")["values"][key] == before


def test_a_contact_and_a_member_ask(phone: Page, house: Server) -> None:
    main = go(phone, house, "/people")
    for first, no in (("Switch off", "Keep it on"), ("Remove", "Keep it")):
        press(main, first)
        press(phone, no)
        expect(phone.get_by_role("button", name=no)).to_be_hidden(timeout=START_MS)
    (contact,) = house.command("contacts.list")["contacts"]
    assert contact["enabled"]
    go(phone, house, "/members")
    phone.get_by_text("Change").first.tap(timeout=START_MS)
    expect(phone.get_by_role("button", name="Remove").first).to_be_disabled(timeout=START_MS)


def test_a_clip_asks_and_the_real_picture_wants_the_pin(phone: Page, house: Server) -> None:
    newest = house.command("clips.list", limit=1)["clips"][0]["id"]
    phone.goto(f"{house.url}/clips?clip={newest}")
    press(phone, "Delete")
    press(phone, "Leave it")
    assert newest in [clip["id"] for clip in house.command("clips.list", limit=9)["clips"]]
    go(phone, house, "/")
    phone.get_by_role("button", name="Show the real picture").first.tap(timeout=START_MS)
    box = phone.get_by_role("dialog")
    box.get_by_label("PIN").fill("1111")
    box.get_by_label("Why").fill("a look")
    press(box, "Show it")
    expect(box).to_contain_text(WRONG, timeout=START_MS)


def test_the_end_of_an_alarm_asks(phone: Page, house: Server) -> None:
    go(phone, house, "/timeline")
    number = drill(house)
    try:
        press(card(phone, number), "I see it")
        press(card(phone, number), "Resolve")
        expect(card(phone, number).get_by_role("button", name="It is over")).to_be_visible()
        assert site_of(house)["alarms"][0]["state"] == "acknowledged"
    finally:
        clear(house)


@pytest.mark.parametrize(
    ("first", "yes"), [("Switch off", "Switch it off"), ("Remove", "Remove it")], ids=["off", "removed"]
)
def test_a_camera_wants_the_pin(phone: Page, house: Server, first: str, yes: str) -> None:
    main = go(phone, house, "/cameras")
    one = phone.locator("[class*='st-key-pw-camera-']").filter(
        has=phone.get_by_role("heading", name="Pool", exact=True)
    )
    press(one, first)
    box = phone.get_by_role("dialog")
    expect(box.get_by_label("PIN")).to_be_visible(timeout=START_MS)
    for typed in ("", "1111"):
        box.get_by_label("PIN").fill(typed)
        press(box, yes)
        expect(box).to_contain_text(WRONG, timeout=START_MS)
    assert pool(house)["enabled"]
    box.get_by_label("PIN").fill(PIN)
    press(box, yes)
    if first == "Remove":
        until(lambda: len(house.command("cameras.list")["cameras"]) == 2, "it is gone")
        return
    until(lambda: not pool(house)["enabled"], "it is off")
    expect(one).to_contain_text("switched off", timeout=START_MS)
    # On again is one tap: it only ever watches more.
    press(one, "Switch on")
    until(lambda: pool(house)["enabled"], "it is on")
    expect(main).to_be_visible()
