"""What the live page says and draws of people, in a real browser, without a server."""

from __future__ import annotations

import re
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]
from playwright.sync_api import Page, ViewportSize, expect

from tests.browser.conftest import DESK, PHONE
from tests.browser.live_stage import alarm, mount, on_deck, person, say, site, under
from tests.browser.server import until
from tests.browser.test_access import RULES

OPEN = "Since 12 s. Nobody has answered yet."
WELL, CARE, DANGER = "calm", "care", "danger"
SENTENCES = [
    pytest.param(site(), WELL, "All is well", "Nobody is here", id="nobody"),
    pytest.param(
        site(on_deck(1), person(2), person(3)),
        WELL,
        "All is well",
        "2 in the water, 1 on deck, 3 of 3 seen",
        id="a swim",
    ),
    pytest.param(site(on_deck(1), under(2, 2.5)), WELL, "All is well", "1 of 2 seen", id="a dive"),
    pytest.param(
        site(on_deck(1), under(2, 4.0)),
        CARE,
        "Guest 2 has not been seen for 4 s",
        "1 of 2 seen",
        id="unseen",
    ),
    pytest.param(
        site(under(2, 1.6, limit_s=5.0)), CARE, "Guest 2 has not been seen for 1 s", "", id="a shorter limit"
    ),
    pytest.param(
        site(under(1, 4.0), under(2, 6.0)),
        CARE,
        "Guest 2, and 1 more have not been seen for 6 s",
        "",
        id="two unseen, the longer one first",
    ),
    pytest.param(site(under(2, 11.0)), DANGER, "Guest 2 has not been seen for 11 s", "", id="over the limit"),
    pytest.param(
        site(under(1, 12.0), alarms=[alarm()]), DANGER, "Guest 1 has been under water", OPEN, id="emergency"
    ),
    pytest.param(
        site(person(1), alarms=[alarm(state="acknowledged", by="Tom")]),
        DANGER,
        "Guest 1 has been under water",
        "Tom has seen it",
        id="answered",
    ),
    pytest.param(site(alarms=[alarm(state="resolved")]), WELL, "All is well", "", id="over"),
    pytest.param(
        site(mode="watch", alarms=[alarm(), alarm(2)]), DANGER, "Guest 1", "and 1 more", id="two alarms"
    ),
    pytest.param(
        site(alarms=[alarm(level="alert", title="Something new is at the pool", person=None)]),
        CARE,
        "Something new is at the pool",
        "",
        id="alert",
    ),
    pytest.param(site(on_deck(1), mode="watch"), CARE, "Guest 1 is here", "mode is Watch", id="unexpected"),
    pytest.param(
        {**site(), "mode": {"mode": "paused", "until_utc": "2026-07-01T12:04:31+00:00"}},
        CARE,
        "Nobody is watching: paused",
        "watches again in 4:31",
        id="paused",
    ),
    pytest.param(
        site(
            on_deck(1), cameras_blind=[{"id": "a", "name": "Overview", "why": "it is too dark", "since_s": 3}]
        ),
        DANGER,
        "Camera Overview is blind",
        "It is too dark. 1 on deck",
        id="blind",
    ),
    pytest.param(
        site(store={"ok": False, "why": "The disk is full."}),
        CARE,
        "All is well, but not all is kept",
        "The disk is full.",
        id="full disk",
    ),
]


@pytest.mark.parametrize(("document", "tone", "sentence", "detail"), SENTENCES)
def test_the_headline(page: Page, document: dict[str, Any], tone: str, sentence: str, detail: str) -> None:
    mount(page, document)
    expect(page.locator(".sentence")).to_contain_text(sentence)
    expect(page.locator(".summary .detail")).to_contain_text(detail)
    expect(page.locator(".summary")).to_have_attribute("data-tone", tone)


def test_what_is_not_heard_is_not_well(page: Page) -> None:
    mount(page, site(person(1)))
    expect(page.locator(".sentence")).to_have_text("All is well")
    say(page, connected=False)
    expect(page.locator(".sentence")).to_have_text("This page cannot tell whether all is well")
    expect(page.locator(".nobody")).to_have_text("Nobody can tell right now.")
    expect(page.locator(".people li")).to_have_count(0)


def test_an_open_alarm_about_somebody_who_is_not_seen_is_said(page: Page) -> None:
    mount(page, site(alarms=[alarm()]))
    expect(page.locator(".nobody")).to_have_text(
        "Nobody is seen any more; an alarm about somebody is still open."
    )


ROWS = [
    pytest.param(
        on_deck(1, responsible=True), "deck", "G1", "responsible", "adult, on deck", id="responsible"
    ),
    pytest.param(on_deck(1, name="Anna Katz"), "deck", "AK", "adult", "on deck", id="known"),
    pytest.param(
        person(1, age="child"), "water", "0", "child", "in water, head seen now, limit 10 s", id="swimmer"
    ),
    pytest.param(
        under(2, 4.3), "countdown", "4", "child?", "in water, head seen 4 s ago, limit 10 s", id="unseen"
    ),
    pytest.param(under(2, 12.0), "emergency", "12", "child?", "head seen 12 s ago", id="over the limit"),
    pytest.param(
        person(1, place="away", limit_s=None, head_seen_s=7.0),
        "away",
        "?",
        "child?",
        "not in view, last seen 7 s ago",
        id="out of view",
    ),
    pytest.param(person(1, name="<b>x</b>"), "water", "0", "child?", "in water", id="hostile name"),
]


@pytest.mark.parametrize(("who", "state", "ring", "tag", "words"), ROWS)
def test_a_person_in_the_list(
    page: Page, who: dict[str, Any], state: str, ring: str, tag: str, words: str
) -> None:
    mount(page, site(who))
    row = page.locator(".people li")
    expect(row).to_have_attribute("data-state", state)
    expect(row.locator("text")).to_have_text(ring)
    expect(row.locator("strong")).to_have_text(who["name"])
    expect(row.locator(".tag.age")).to_have_text(tag)
    expect(row.locator(".alarmed")).to_be_visible(visible=state == "emergency")
    expect(row.locator(".tag.age")).to_have_attribute("title", f"{tag}: {who['age_why']}")
    expect(row.locator(".detail")).to_contain_text(words)


def test_rings_and_seconds_go_on_between_the_judges_words(page: Page) -> None:
    mount(page, site(under(1, 4.0)))
    row = page.locator(".people li")
    expect(row.locator("text")).to_have_text("4")
    before = filled(page)
    say(page, site_age_ms=2500)
    expect(row.locator("text")).to_have_text("6")
    expect(page.locator(".sentence")).to_contain_text("for 6 s")
    assert filled(page) == pytest.approx(before + 0.25, abs=0.02)


def filled(page: Page) -> float:
    """The share of the first ring that is full."""
    drawn = page.locator(".people li .turn").get_attribute("stroke-dasharray") or ""
    part, whole = map(float, drawn.split())
    return part / whole


@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
def test_nothing_jumps_while_seconds_run_and_the_sentence_changes(page: Page, size: ViewportSize) -> None:
    page.set_viewport_size(size)
    people = [person(1), on_deck(2, responsible=True), person(3)]
    mount(page, site(*people))
    expect(page.locator(".people li")).to_have_count(3)
    before = places(page)
    for seen_s in (0.9, 2.0, 4.0, 9.9, 10.5, 65.0, 0.1):
        say(page, site=site(under(1, seen_s), *people[1:]))
        expect(page.locator(".people li[data-person='1']")).to_contain_text(
            "seen now" if seen_s < 1 else f"seen {int(seen_s)} s ago"
        )
        expect(page.locator(".sentence")).to_contain_text(
            f"{int(seen_s)} s" if seen_s >= 3 else "All is well"
        )
        assert places(page) == before, seen_s


def places(page: Page) -> Any:
    return page.evaluate(
        "[...root.querySelectorAll('.summary, .pictures, .who, .machines, .people li')].map((e) => {"
        "const r = e.getBoundingClientRect(); return [r.x, r.y, r.width, r.height].map(Math.round); })"
    )


@pytest.mark.parametrize("theme", ["dark", "light"])
def test_rows_of_people_have_no_violation(page: Page, theme: str) -> None:
    crowd = [
        on_deck(1, responsible=True, name="Anna", known=True),
        on_deck(2),
        person(3, age="child"),
        under(4, 4.0),
        under(5, 12.0),
        person(6, place="away", limit_s=None, head_seen_s=30.0),
    ]
    mount(page, site(*crowd, alarms=[alarm(person=5)], pictures=["a"]), theme)
    say(page, view="camera", released=True)
    expect(page.locator(".people li")).to_have_count(6)
    expect(page.locator(".mark")).to_be_visible()
    found = Axe().run(page, options=RULES).response["violations"]
    assert not found, [(v["id"], [(n["target"], n["html"]) for n in v["nodes"]]) for v in found]


BODY = [[310 + 10 * (i % 2), 100 + 8 * i, 0.9] for i in range(17)]
TRACK = {
    "id": 1,
    "box": [300, 90, 340, 240],
    "keypoints": BODY,
    "state": "confirmed",
    "seen_t": 100,
    "score": 1,
}
AMBER, RED, CYAN, GREEN = (242, 177, 52), (255, 90, 92), (43, 212, 230), (67, 197, 158)
COLOURS = [
    pytest.param(site(on_deck(1)), GREEN, id="deck green"),
    pytest.param(site(person(1)), CYAN, id="water cyan"),
    pytest.param(site(under(1, 4.0)), AMBER, id="countdown amber"),
    pytest.param(site(under(1, 12.0)), RED, id="over the limit red"),
    pytest.param(site(on_deck(1), alarms=[alarm(title="A child is alone")]), RED, id="emergency on deck red"),
]


@pytest.mark.parametrize(("document", "colour"), COLOURS)
def test_a_skeleton_has_the_colour_of_its_state(
    page: Page, document: dict[str, Any], colour: tuple[int, int, int]
) -> None:
    mount(page, document)
    say(page, people=[TRACK])
    until(lambda: pixels(page, colour) > 100, f"pixels of {colour}", 5)
    others = {AMBER, RED, CYAN, GREEN} - {colour}
    assert [other for other in others if pixels(page, other) > 20] == []


def pixels(
    page: Page, rgb: tuple[int, int, int], box: tuple[float, float, float, float] = (0, 0, 1, 1)
) -> int:
    """How many pixels of the picture's canvas have about this colour, in a part of it (0 to 1)."""
    return int(page.evaluate("([rgb, box]) => pixels(rgb, box)", [list(rgb), list(box)]))


def test_a_ring_stands_where_the_head_was_last_seen_also_without_a_skeleton(page: Page) -> None:
    page.set_viewport_size({"width": 640, "height": 900})
    mount(page, site(under(1, 5.0, spot=[0.25, 0.75], track=9, tracks=[])))
    figure = page.locator("figure")
    expect(figure).to_have_attribute("data-rings", "1")
    around = (0.15, 0.6, 0.35, 0.9)
    until(lambda: pixels(page, AMBER, around) > 60, "an amber ring", 5)
    half = pixels(page, AMBER, around)
    assert pixels(page, AMBER, (0.6, 0.0, 1.0, 0.5)) == 0, "and nowhere else"
    say(page, site=site(under(1, 9.0, spot=[0.25, 0.75], tracks=[])))
    until(lambda: pixels(page, AMBER, around) > 1.5 * half, "the ring fills", 5)
    say(page, site=site(person(1)))
    expect(figure).to_have_attribute("data-rings", "")
    until(lambda: pixels(page, AMBER, around) == 0, "who is seen has no ring", 5)


def test_zones_are_drawn_by_their_switch_and_change_at_once(page: Page) -> None:
    mount(page, site())
    blue = (41, 208, 230)
    assert pixels(page, blue) == 0
    say(page, zones=[zone("water", 0.2)])
    until(lambda: pixels(page, blue) > 100, "the water's outline", 5)
    say(page, zones=[zone("water", 0.7)])
    until(lambda: pixels(page, blue, (0.15, 0, 0.25, 1)) == 0, "it has moved", 5)
    page.get_by_role("button", name="Zones").click()
    until(lambda: pixels(page, blue) == 0, "no zones", 5)


def zone(kind: str, left: float) -> dict[str, Any]:
    corners = [[left, 0.2], [left + 0.2, 0.2], [left + 0.2, 0.8], [left, 0.8]]
    return {"name": "Pool", "kind": kind, "polygon": corners}


MAGENTA = (200, 0, 200)


def test_a_released_picture_is_marked_and_sealed_with_the_judges_word(page: Page) -> None:
    mount(page, site(under(1, 12.0), alarms=[alarm()], pictures=["a"]))
    figure = page.locator("figure")
    say(page, view="camera", released=True)
    mark = figure.locator(".mark")
    expect(mark).to_have_text(re.compile(r"Real picture, released because nobody answered, \d\d:\d\d:\d\d"))
    until(lambda: pixels(page, MAGENTA) > 1000, "the real picture", 5)
    expect(page.locator(".rows li")).to_contain_text("real picture released")
    say(page, site=site(), view="redacted", released=False)
    expect(figure).to_have_attribute("data-view", "redacted", timeout=1000)
    expect(mark).to_be_hidden(timeout=1000)
    assert pixels(page, MAGENTA) == 0
    # A server that goes on sending it is not believed.
    say(page, view="camera", released=True)
    before = int(figure.get_attribute("data-drawn") or 0)
    page.wait_for_function("root.querySelector('.summary') && window.stage.seq > 5")
    assert pixels(page, MAGENTA) == 0
    say(page, view="redacted", released=False)
    until(lambda: int(figure.get_attribute("data-drawn") or 0) > before, "the redacted view goes on", 5)
    expect(page.locator(".rows li")).to_contain_text("picture sealed")


def test_a_released_picture_is_sealed_when_nothing_comes_any_more(page: Page) -> None:
    mount(page, site(alarms=[alarm()], pictures=["a"]))
    say(page, view="camera", released=True)
    until(lambda: pixels(page, MAGENTA) > 1000, "the real picture", 5)
    page.evaluate("WebSocket.prototype.send = () => {}")
    say(page, site=site())
    until(lambda: pixels(page, MAGENTA) == 0, "sealed by the word alone", 2)
