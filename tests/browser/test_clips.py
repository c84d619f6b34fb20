"""The page Clips with a real monitor over recorded clips: gallery, player, keyboard, touch, what is said of a
clip, files, both themes and sizes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Locator, Page, Route, expect

from tests.browser import clips_stage as stage
from tests.browser.conftest import DESK, PHONE, be
from tests.browser.places import settle
from tests.browser.server import CLOCK, Server, until
from tests.browser.test_access import check
from tests.unit.clips_stage import SECONDS, number

START_MS = 60_000
FINGER_RESTS_MS = 150
COUNT = 70
EVIL = "<img src=x onerror=alert(1)>"


class Stage:
    """A server with clips."""

    def __init__(self, data: Path) -> None:
        self.rows = stage.seed(data, COUNT, CLOCK.utc() - timedelta(minutes=20))
        self.server = Server(data)

    def clip(self, n: int) -> dict[str, Any]:
        return dict(self.server.command("clips.one", id=self.rows[n].id)["clip"])


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    found = Stage(tmp_path_factory.mktemp("clips") / "data")
    found.server.start()
    try:
        yield found
    finally:
        found.server.stop()


def go(page: Page, site: Stage, query: str = "") -> None:
    page.goto(f"{site.server.url}/clips{query}")
    settle(page)


def cards(page: Page) -> Locator:
    return page.locator(".days a.clip")


def gallery(page: Page, site: Stage) -> None:
    go(page, site)
    expect(cards(page).first).to_be_visible(timeout=START_MS)


def player(page: Page, site: Stage, n: int) -> None:
    go(page, site, f"?clip={site.rows[n].id}")
    playing(page)


def playing(page: Page) -> None:
    """The clip is there and moves."""
    page.wait_for_function(
        f"() => {VIDEO} && {VIDEO}.readyState >= 2 && {VIDEO}.currentTime > 0.1", timeout=START_MS
    )


def shown_id(page: Page) -> str:
    # `page.url` is what Playwright has heard of, which may be old.
    return str(page.evaluate("location.search")).partition("clip=")[2][:32]


# The component stands in a shadow root somewhere below.
VIDEO = (
    "[...document.querySelectorAll('*')].map(e => e.shadowRoot?.querySelector('.player video')).find(Boolean)"
)
PIXELS = f"""() => {{
  const canvas = {VIDEO}.parentElement.querySelector("canvas");
  const {{ data }} = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
  return data.some((value) => value);
}}"""
MAIN = "stMain"


def at(page: Page) -> float:
    return float(page.evaluate(f"{VIDEO}.currentTime"))


def scrolled(page: Page) -> float:
    return float(page.evaluate(f"document.querySelector('[data-testid={MAIN}]').scrollTop"))


def test_the_gallery_by_day_with_the_last_night(page: Page, site: Stage) -> None:
    gallery(page, site)
    expect(page.locator(".night")).to_contain_text("Last night")
    first = cards(page).first
    expect(first).to_contain_text("Emergency")
    expect(first.locator(".length")).to_have_text(f"{SECONDS} s")
    # What cameras and people are called is text.
    expect(cards(page).nth(1)).to_contain_text("<b>Entrance</b>")
    expect(cards(page).nth(3)).to_contain_text("<i>Ben</i>")
    assert page.locator(".days a.clip b:has-text('Entrance'), .days i").count() == 0
    page.wait_for_function(
        "(card) => card.querySelector('img').naturalWidth > 0", arg=first.element_handle(), timeout=START_MS
    )
    # More come as one scrolls, until that is all.
    assert cards(page).count() < COUNT
    page.mouse.move(700, 600)
    for _ in range(3):
        page.mouse.wheel(0, 20_000)
        page.wait_for_timeout(200)
    expect(cards(page)).to_have_count(COUNT, timeout=START_MS)
    expect(page.locator(".end")).to_have_text("That is all.")
    days = page.locator(".day").evaluate_all("all => all.map(e => e.dataset.day)")
    assert len(days) == len(set(days)) > 5


def test_filters_search_and_nothing_found(page: Page, site: Stage) -> None:
    gallery(page, site)
    page.locator("[name=kinds]").select_option("animal")
    expect(cards(page)).to_have_count(COUNT // 5, timeout=START_MS)
    page.locator("[name=camera]").select_option("c2")
    expect(cards(page)).to_have_count(COUNT // 10, timeout=START_MS)
    # The arrows stay within what is asked for.
    cards(page).first.click()
    playing(page)
    first = shown_id(page)
    page.keyboard.press("ArrowRight")
    expect(page.locator(".player .title")).to_contain_text("nimal", timeout=START_MS)
    until(lambda: shown_id(page) != first, "the next one is shown")
    assert int(shown_id(page), 16) - int(first, 16) == 10
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Clear").click()
    page.locator("[name=text]").fill("Anna")
    expect(cards(page)).to_have_count(COUNT // 5, timeout=START_MS)
    page.locator("[name=text]").fill("no such words")
    expect(page.get_by_text("No clip is like that")).to_be_visible(timeout=START_MS)
    page.get_by_role("button", name="Clear").click()
    expect(cards(page).first).to_be_visible(timeout=START_MS)
    day = site.rows[30].began.astimezone().date()
    page.locator("[name=day]").fill(day.isoformat())
    there = sum(row.began.astimezone().date() == day for row in site.rows)
    expect(cards(page)).to_have_count(there, timeout=START_MS)


def test_a_clip_is_played_and_sought_in(page: Page, site: Stage) -> None:
    player(page, site, 0)
    expect(page.locator(".player .facts")).to_contain_text("Guest 2")
    page.wait_for_function(PIXELS, timeout=START_MS)
    page.get_by_role("button", name="Names and rings").click()
    assert page.evaluate(PIXELS) is False
    page.get_by_role("button", name="Names and rings").click()
    page.get_by_role("button", name="Pause").click()
    seek = page.get_by_role("slider", name="Place in the clip")
    seek.fill("4.5")
    page.wait_for_function(f"() => !{VIDEO}.seeking && Math.abs({VIDEO}.currentTime - 4.5) < 0.11")
    expect(page.locator(".time")).to_have_text(f"0:04 / 0:0{SECONDS}")
    assert seek.get_attribute("aria-valuetext") == f"0:04 of 0:0{SECONDS}"
    # To where it happened, half a second before.
    page.locator(".event").first.click()
    page.wait_for_function(f"() => Math.abs({VIDEO}.currentTime - 1.5) < 0.11")
    page.locator(".player .title").click()
    page.keyboard.press(".")
    until(lambda: abs(at(page) - 1.6) < 0.06, "one picture on")
    page.get_by_role("button", name="Play", exact=True).click()
    until(lambda: at(page) > 1.8, "it goes on")


def test_only_keys_from_the_gallery_into_a_clip_and_back(page: Page, site: Stage) -> None:
    gallery(page, site)
    page.locator(f".days a.clip[data-id='{site.rows[2].id}']").focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    playing(page)
    assert shown_id(page) == site.rows[3].id
    page.keyboard.press("ArrowRight")
    until(lambda: shown_id(page) == site.rows[4].id, "the older one")
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("ArrowLeft")
    until(lambda: shown_id(page) in (site.rows[2].id, site.rows[3].id), "the newer one")
    playing(page)
    page.keyboard.press(" ")
    page.wait_for_function(f"() => {VIDEO}.paused || {VIDEO}.ended")
    shown = shown_id(page)
    page.keyboard.press("Escape")
    expect(cards(page).first).to_be_visible(timeout=START_MS)
    assert page.url.endswith("/clips")
    focused = (
        "[...document.querySelectorAll('*')].map(e => e.shadowRoot?.activeElement?.dataset?.id).find(Boolean)"
    )
    assert page.evaluate(focused) == shown
    # The browser's own way back and on does the same.
    page.go_forward()
    expect(page.locator(".player")).to_be_visible(timeout=START_MS)
    page.go_back()
    expect(cards(page).first).to_be_visible(timeout=START_MS)


def test_a_label_in_one_tap_a_note_a_pin(page: Page, site: Stage) -> None:
    player(page, site, 5)
    pet = page.locator(".player [data-label=pet]")
    pet.click()
    expect(page.locator(".player .done")).to_have_text("Labelled: Pet.")
    expect(pet).to_have_attribute("aria-pressed", "true")
    assert site.clip(5)["label"] == "pet"
    page.get_by_role("button", name="Undo").click()
    expect(pet).to_have_attribute("aria-pressed", "false")
    until(lambda: site.clip(5)["label"] is None, "the label is taken back")
    page.get_by_role("button", name="Wildlife").click()
    page.locator(".player .note").fill(f"{EVIL} the fox")
    # Arrow keys move in the text, and not to another clip.
    page.locator(".player .note").press("ArrowLeft")
    page.get_by_role("button", name="Save the note").click()
    expect(page.locator(".player .done")).to_have_text("The note is saved.")
    page.get_by_role("button", name="Keep", exact=True).click()
    until(lambda: site.clip(5)["kept"], "it is kept")
    assert (site.clip(5)["label"], site.clip(5)["note"]) == ("wildlife", f"{EVIL} the fox")
    page.reload()
    playing(page)
    expect(page.locator(".player .note")).to_have_value(f"{EVIL} the fox")
    expect(page.get_by_role("button", name="Kept")).to_have_attribute("aria-pressed", "true")
    page.get_by_role("button", name="All clips").click()
    labelled = page.locator(f".days a.clip[data-id='{site.rows[5].id}']")
    expect(labelled).to_contain_text("Wildlife", timeout=START_MS)
    page.locator("[name=text]").fill("the fox")
    expect(cards(page)).to_have_count(1, timeout=START_MS)
    assert page.locator(".days img[src='x']").count() == 0
    page.locator("[name=text]").fill("")
    page.get_by_label("Kept only").check()
    expect(cards(page)).to_have_count(1, timeout=START_MS)


def test_delete_asks_and_goes_on_with_the_next(page: Page, site: Stage) -> None:
    last = COUNT - 1
    player(page, site, last)
    page.get_by_role("button", name="Delete", exact=True).click()
    page.get_by_role("button", name="Leave it").click()
    assert site.clip(last)["id"] == site.rows[last].id
    page.get_by_role("button", name="Delete", exact=True).click()
    page.get_by_role("button", name="Delete it").click()
    until(lambda: shown_id(page) == site.rows[last - 1].id, "the one beside it is shown")
    playing(page)
    day = site.server.data / "clips" / f"{site.rows[last].began:%Y-%m-%d}"
    assert not list(day.glob(f"{site.rows[last].id}*"))
    go(page, site, f"?clip={site.rows[last].id}")
    expect(page.locator(".player .title")).to_have_text("There is no such clip (any more).", timeout=START_MS)
    page.get_by_role("button", name="All clips").click()
    expect(cards(page).first).to_be_visible(timeout=START_MS)


def test_a_file_to_keep_says_where_and_when(page: Page, site: Stage, tmp_path: Path) -> None:
    player(page, site, 0)
    with page.expect_download(timeout=START_MS) as coming:
        page.get_by_role("button", name="Save as a file").click()
    assert coming.value.suggested_filename.startswith("Overview 20")
    coming.value.save_as(tmp_path / "clip.mp4")
    assert (tmp_path / "clip.mp4").read_bytes()[4:8] == b"ftyp"
    audited = site.server.command("audit.list", limit=100)["entries"]
    assert any(entry["what"] == "clip_exported" for entry in audited)


def test_new_clips_come_without_a_jump(page: Page, site: Stage) -> None:
    gallery(page, site)
    first, second = stage.newer(site.rows, 2)
    page.mouse.move(700, 600)
    page.mouse.wheel(0, 1500)
    until(lambda: scrolled(page) > 500, "the gallery is scrolled")
    before = scrolled(page)
    seen = cards(page).nth(12)
    top = seen.evaluate("e => e.getBoundingClientRect().top")
    stage.one_more(site.server.data, first, site.rows[0])
    expect(page.locator(".fresh")).to_have_text("1 new clip: show", timeout=START_MS)
    assert abs(seen.evaluate("e => e.getBoundingClientRect().top") - top) < 1 and scrolled(page) == before
    page.locator(".fresh").click()
    expect(cards(page).first).to_have_attribute("data-id", first.id)
    expect(cards(page).first).to_be_in_viewport()
    page.evaluate(f"document.querySelector('[data-testid={MAIN}]').scrollTop = 0")
    stage.one_more(site.server.data, second, site.rows[0])
    expect(cards(page).first).to_have_attribute("data-id", second.id, timeout=START_MS)
    for row in (first, second):
        site.server.command("clips.delete", id=row.id, who="Test")


def swipe(page: Page, by: int) -> None:
    """A finger over the picture, sideways; it rests before it is lifted, or the page would go on by itself
    and the next tap only stop that."""
    box = page.locator(".screen").bounding_box()
    assert box is not None
    x, y = box["x"] + box["width"] / 2 - by / 2, box["y"] + box["height"] / 2
    line = page.context.new_cdp_session(page)
    for kind, shift in (("touchStart", 0), ("touchMove", by // 2), ("touchMove", by)):
        line.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": [{"x": x + shift, "y": y}]})
    page.wait_for_timeout(FINGER_RESTS_MS)
    line.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    line.detach()


def test_a_phone_swipes_and_does_not_scroll_sideways(phone: Page, site: Stage) -> None:
    gallery(phone, site)
    wide = "document.documentElement.scrollWidth <= innerWidth"
    assert phone.evaluate(wide)
    for place in (0, 1):
        box = cards(phone).nth(place).bounding_box()
        assert box is not None and box["x"] >= 0 and box["x"] + box["width"] <= PHONE["width"]
    assert all(
        box["height"] >= 44
        for box in (b.bounding_box() for b in phone.locator("button:visible").all()[:8])
        if box
    )
    phone.get_by_role("button", name="Filter").tap()
    expect(phone.locator("[name=camera]")).to_be_visible()
    assert phone.evaluate(wide)
    phone.get_by_role("button", name="Filter").tap()
    phone.locator(f".days a.clip[data-id='{site.rows[1].id}']").tap()
    playing(phone)
    assert shown_id(phone) == site.rows[1].id and phone.evaluate(wide)
    swipe(phone, -160)
    until(lambda: shown_id(phone) == site.rows[2].id, "to the left is the next")
    playing(phone)
    swipe(phone, 160)
    until(lambda: shown_id(phone) == site.rows[1].id, "to the right the one before")
    playing(phone)
    expect(phone.locator(".player .facts")).to_contain_text("Anna", timeout=START_MS)
    phone.get_by_role("button", name="Person", exact=True).tap()
    expect(phone.locator(".player .done")).to_have_text("Labelled: Person.")
    until(lambda: site.clip(1)["label"] == "person", "the label is kept")


@pytest.mark.parametrize(
    ("size", "theme"), [(DESK, "dark"), (DESK, "light"), (PHONE, "dark"), (PHONE, "light")]
)
def test_no_violation(chromium: Browser, site: Stage, size: Any, theme: Any) -> None:
    context = chromium.new_context(viewport=size, color_scheme=theme)
    page = context.new_page()
    gallery(page, site)
    check(page)
    player(page, site, 0)
    page.get_by_role("button", name="Pause").click()
    page.get_by_role("button", name="Toy").click()
    expect(page.locator(".player .done")).to_have_text("Labelled: Toy.")
    page.get_by_role("button", name="Delete", exact=True).click()
    check(page)
    page.get_by_role("button", name="Undo").click()
    context.close()


def test_a_full_disk_is_said(page: Page, site: Stage) -> None:
    def nearly_full(route: Route) -> None:
        night = route.fetch().json()
        night["disk"] |= {"low": True, "free_bytes": 900_000_000, "cleared": 3}
        route.fulfill(json=night)

    page.route("**/api/clips/night", nearly_full)
    gallery(page, site)
    low = page.locator(".low")
    expect(low).to_contain_text("The disk has only", timeout=START_MS)
    expect(low).to_contain_text(
        "3 old clips were deleted within the last day because the disk was nearly full"
    )
    page.unroute("**/api/clips/night")


def test_a_damaged_clip_and_one_that_never_was(page: Page, site: Stage) -> None:
    broken = next(stage.newer(site.rows, 1))
    row = replace(broken, id=number(0xBAD))
    stage.one_more(site.server.data, row, site.rows[0])
    day = site.server.data / "clips" / f"{row.began:%Y-%m-%d}"
    (day / f"{row.id}.mp4").unlink()
    (day / f"{row.id}.mp4").write_bytes(b"no video" * 100)
    go(page, site, f"?clip={row.id}")
    expect(page.locator(".player .trouble")).to_have_text("This clip cannot be played.", timeout=START_MS)
    for wrong in (number(9999), "..%2f..%2fpoolwatch.db", EVIL):
        go(page, site, f"?clip={wrong}")
        expect(page.locator(".player .title")).to_have_text(
            "There is no such clip (any more).", timeout=START_MS
        )
    site.server.command("clips.delete", id=row.id, who="Test")


def test_who_may_only_look_sees_no_more(chromium: Browser, site: Stage) -> None:
    context = chromium.new_context(viewport=DESK)
    page = context.new_page()
    for who, labels, removes in (("Vera", 0, 0), ("Gus", 1, 0), ("Tom", 1, 1)):
        be(context, who)
        player(page, site, 10)
        expect(page.locator(".player[data-may]")).to_be_visible()
        expect(page.locator(".player .labels:visible")).to_have_count(labels, timeout=START_MS)
        expect(page.locator(".player .delete:visible")).to_have_count(removes, timeout=START_MS)
    context.close()
