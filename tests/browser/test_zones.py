"""The zones page: drawn with mouse, finger and keyboard; two people at once; nothing unsaved is lost."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]
from playwright.sync_api import Browser, BrowserContext, Dialog, FilePayload, Page, Route, expect

from tests.browser.conftest import DESK, PHONE
from tests.browser.server import Server, until

START_MS = 60_000
RULES = {"runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"]}}
ARRIVED = "() => document.getAnimations().every(a => !(a instanceof CSSTransition))"
CORNERS = ((0.2, 0.3), (0.7, 0.3), (0.8, 0.7), (0.1, 0.7))
SQUARE = [[0.2, 0.2], [0.6, 0.2], [0.6, 0.6], [0.2, 0.6]]
POOL = {"name": "Pool", "kind": "water", "polygon": SQUARE}


class Site:
    """A server with two cameras that are switched off: zones are drawn without a picture, too."""

    def __init__(self, server: Server) -> None:
        self.server = server
        there = {c["name"]: c["id"] for c in server.command("cameras.list")["cameras"]}
        for name in ("Back yard", "Front"):
            if name not in there:
                added = server.command(
                    "cameras.add", name=name, kind="rtsp", address="rtsp://127.0.0.1:9/x", enabled=False
                )
                there[name] = added["id"]
        self.camera, self.other = there["Back yard"], there["Front"]

    def kept(self, camera: str = "") -> dict[str, Any]:
        found: dict[str, Any] = self.server.command("zones.list")["zones"][camera or self.camera]
        return found

    def set(self, zones: Sequence[dict[str, Any]], camera: str = "", who: str = "Ben") -> None:
        camera = camera or self.camera
        revision = self.kept(camera)["revision"]
        self.server.command("zones.set", camera=camera, zones=list(zones), revision=revision, who=who)

    def open(self, page: Page) -> Page:
        page.goto(self.server.url + "/zones")
        expect(page.locator(".zones[data-ready=true]")).to_be_visible(timeout=START_MS)
        return page


@pytest.fixture
def site(shared: Server) -> Site:
    found = Site(shared)
    found.set([], found.other)
    found.set([])
    return found


@pytest.fixture
def others(chromium: Browser) -> Iterator[Page]:
    """A second browser."""
    context = chromium.new_context(viewport=DESK)
    yield context.new_page()
    context.close()


def spot(page: Page, at: Sequence[float]) -> tuple[float, float]:
    """A place of the picture (0 to 1) in the window."""
    stage = page.locator(".stage svg")
    stage.scroll_into_view_if_needed()
    box = stage.bounding_box()
    assert box is not None
    return box["x"] + at[0] * box["width"], box["y"] + at[1] * box["height"]


def click(page: Page, at: Sequence[float]) -> None:
    page.mouse.click(*spot(page, at))


def drag(page: Page, start: Sequence[float], end: Sequence[float]) -> None:
    page.mouse.move(*spot(page, start))
    page.mouse.down()
    page.mouse.move(*spot(page, [(a + b) / 2 for a, b in zip(start, end, strict=True)]))
    page.mouse.move(*spot(page, end))
    page.mouse.up()


def add(page: Page, what: str) -> None:
    page.get_by_role("button", name="Add a shape").click()
    page.locator(f"[data-add={what}]").click()


def save(page: Page) -> None:
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.locator(".status")).to_contain_text("Saved.")


def near(polygon: Sequence[Sequence[float]], wanted: Sequence[Sequence[float]], by: float = 0.01) -> bool:
    return len(polygon) == len(wanted) and all(
        abs(a - b) <= by for p, q in zip(polygon, wanted, strict=True) for a, b in zip(p, q, strict=True)
    )


def outline(page: Page, index: int = 0) -> list[list[float]]:
    """The outline of a shape as it is drawn, 0 to 1."""
    found: list[list[float]] = (
        page.locator(".shapes .over")
        .nth(index)
        .evaluate(
            """node => {
        const [, , w, h] = node.ownerSVGElement.getAttribute("viewBox").split(" ").map(Number);
        const points = node.getAttribute("points").split(" ").map(p => p.split(",").map(Number));
        return points.map(([x, y]) => [x / w, y / h]); }"""
        )
    )
    return found


def test_a_pool_is_drawn_with_the_mouse_and_saved(page: Page, site: Site) -> None:
    site.open(page)
    expect(page.locator(".empty")).to_contain_text("Nothing is drawn")
    expect(page.locator(".why")).to_contain_text("switched off")
    page.get_by_role("button", name="Draw the pool").click()
    for corner in CORNERS:
        click(page, corner)
    click(page, CORNERS[0])
    expect(page.get_by_label("Name", exact=True)).to_have_value("Pool")
    expect(page.locator(".template-note")).to_contain_text("somebody under water")
    save(page)
    (zone,) = site.kept()["zones"]
    assert (zone["name"], zone["kind"], zone["template"]) == ("Pool", "water", "pool")
    assert near(zone["polygon"], CORNERS)


def test_without_a_camera_it_says_what_to_do(page: Page, server: Server) -> None:
    page.goto(server.url + "/zones")
    expect(page.get_by_text("There is no camera yet. Zones are drawn")).to_be_visible(timeout=START_MS)
    page.get_by_role("link", name="Add a camera").click()
    expect(page.get_by_role("heading", name="Cameras")).to_be_visible()


def test_the_learnt_picture_is_behind_the_shapes_once_there_is_one(page: Page, site: Site) -> None:
    neutral = np.full((54, 96, 3), 50, np.uint8)
    learnt = neutral.copy()
    learnt[20:40, 30:60] = (200, 160, 60)
    pictures = {"1": neutral, "2": learnt}
    newest = ["1"]

    def answer(route: Route) -> None:
        number = newest[0]
        jpeg = cv2.imencode(".jpg", pictures[number])[1].tobytes()
        shown = {"jpeg": base64.b64encode(jpeg).decode(), "picture": number, "size": [96, 54]}
        revision = site.kept()["revision"]
        route.fulfill(json={"revision": revision, "by": "", "why": "", **shown})

    page.route("**/picture*", answer)
    site.open(page)
    expect(page.locator(".why")).to_contain_text("Nothing is learnt of the empty picture yet")
    expect(page.locator(".stage img")).to_be_hidden()
    newest[0] = "2"
    expect(page.locator(".stage img")).to_be_visible(timeout=START_MS)
    expect(page.locator(".why")).to_have_text("the learnt empty picture, without people")


def test_points_are_dragged_inserted_and_deleted_and_all_is_undone(page: Page, site: Site) -> None:
    site.set([POOL])
    site.open(page)
    page.locator(".list button").click()
    drag(page, (0.2, 0.2), (0.1, 0.1))
    assert near(outline(page)[:1], [[0.1, 0.1]])
    drag(page, (0.6, 0.4), (0.8, 0.4))
    assert near(outline(page)[2:3], [[0.8, 0.4]]) and len(outline(page)) == 5
    drag(page, (0.5, 0.5), (0.55, 0.6))
    assert near(outline(page)[:1], [[0.15, 0.2]]), "the whole shape"
    drag(page, (0.5, 0.6), (0.99, 0.99))
    assert max(v for point in outline(page) for v in point) <= 1.0, "it stays in the picture"
    for _ in range(4):
        page.keyboard.press("Control+z")
    assert near(outline(page), SQUARE)
    page.get_by_role("button", name="Redo").click()
    assert near(outline(page)[:1], [[0.1, 0.1]])
    page.keyboard.press("Control+y")
    assert len(outline(page)) == 5
    page.keyboard.press("Control+Shift+z")
    x, y = spot(page, outline(page)[2])
    page.mouse.dblclick(x, y)
    assert len(outline(page)) == 4, "a double click removes a point"
    assert site.kept()["zones"][0]["polygon"] == SQUARE, "not saved, not changed"


def slide(page: Page, *way: Sequence[float]) -> None:
    """A finger that comes down at the first place, goes on to the others and is lifted."""
    finger = page.context.new_cdp_session(page)
    for kind, at in [("touchStart", way[0]), *(("touchMove", at) for at in way[1:]), ("touchEnd", None)]:
        points = [] if at is None else [dict(zip("xy", spot(page, at), strict=True))]
        finger.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})
    finger.detach()


def test_a_pool_is_drawn_with_a_finger(phone: Page, site: Site) -> None:
    site.open(phone)
    phone.get_by_role("button", name="Draw the pool").tap()
    for corner in CORNERS:
        phone.touchscreen.tap(*spot(phone, corner))
    phone.touchscreen.tap(*spot(phone, (CORNERS[0][0] + 0.03, CORNERS[0][1])))
    expect(phone.get_by_label("Name", exact=True)).to_have_value("Pool")
    # A finger is not exact: it takes hold of the point 15 pixels away.
    slide(phone, (CORNERS[0][0] + 0.03, CORNERS[0][1] + 0.03), (0.3, 0.4), (0.33, 0.43))
    phone.get_by_role("button", name="Save", exact=True).tap()
    expect(phone.locator(".status")).to_contain_text("Saved.")
    (zone,) = site.kept()["zones"]
    assert near(zone["polygon"], [(0.3, 0.4), *CORNERS[1:]], 0.02)


def test_targets_are_large_enough_for_a_thumb(phone: Page, site: Site) -> None:
    site.set([POOL])
    site.open(phone)
    phone.locator(".list button").tap()
    phone.locator(".points > g").first.focus()
    for target in phone.locator(".zones button:visible, .zones select:visible, .zones input:visible").all():
        box = target.bounding_box()
        assert box is not None and box["height"] >= 44, target.evaluate("node => node.outerHTML")
    for hit in phone.locator(".points .hit").all():
        box = hit.bounding_box()
        assert box is not None and min(box["width"], box["height"]) >= 44
    wide = phone.evaluate("() => document.querySelector('[data-testid=stMain]').scrollWidth")
    assert wide <= PHONE["width"]


def test_the_keyboard_alone_does_it(page: Page, site: Site) -> None:
    site.open(page)
    page.get_by_role("button", name="Add a shape").focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Place a ready shape").focus()
    page.keyboard.press("Enter")
    before = outline(page)
    page.keyboard.press("ArrowRight")
    assert near(outline(page), [[x + 0.01, y] for x, y in before], 0.0011)
    while page.evaluate(ACTIVE) != "point":
        page.keyboard.press("Tab")
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Shift+ArrowLeft")
    x, y = before[0]
    assert near(outline(page)[:1], [[x + 0.009, y - 0.01]], 0.0006)
    page.keyboard.press("Delete")
    assert len(outline(page)) == 3
    page.keyboard.press("Delete")
    assert len(outline(page)) == 3
    expect(page.locator(".status")).to_contain_text("Three points are the fewest")
    page.keyboard.press("Control+z")
    assert len(outline(page)) == 4
    page.locator(".middles > g").first.focus()
    page.keyboard.press("Enter")
    assert len(outline(page)) == 5
    page.get_by_role("button", name="Save", exact=True).focus()
    page.keyboard.press("Enter")
    expect(page.locator(".status")).to_contain_text("Saved.")
    assert len(site.kept()["zones"][0]["polygon"]) == 5


ACTIVE = """() => { let node = document.activeElement;
while (node.shadowRoot && node.shadowRoot.activeElement) node = node.shadowRoot.activeElement;
return node.getAttribute("class") || ""; }"""


def test_what_cannot_be_is_refused_next_to_the_shape(page: Page, site: Site) -> None:
    site.set([POOL])
    site.open(page)
    page.locator(".list button").click()
    drag(page, (0.2, 0.2), (0.7, 0.5))
    expect(page.locator(".reasons")).to_contain_text("crosses itself")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.locator(".status")).to_contain_text("Not saved. “Pool”: The outline crosses itself")
    page.get_by_role("button", name="Undo").first.click()
    expect(page.locator(".reasons p")).to_have_count(0)
    for corner, to in zip(SQUARE[1:], ((0.205, 0.2), (0.205, 0.205), (0.2, 0.205)), strict=True):
        drag(page, corner, to)
    expect(page.locator(".reasons")).to_contain_text("too small: less than 1 % by 1 %")
    assert site.kept()["zones"][0]["polygon"] == SQUARE


def move_first_point(page: Page) -> None:
    page.locator(".list button").first.click()
    drag(page, (0.2, 0.2), (0.1, 0.1))


@pytest.mark.parametrize("choice", ["Merge, shape by shape", "Load theirs", "Keep mine, and replace theirs"])
def test_two_at_once_lose_nothing_without_being_told(
    page: Page, others: Page, site: Site, choice: str
) -> None:
    site.set([POOL])
    site.open(page)
    site.open(others)
    move_first_point(page)
    add(others, "mask")
    others.get_by_role("button", name="Place a ready shape").click()
    others.get_by_label("Name", exact=True).fill("Hedge")
    save(others)
    expect(page.locator(".conflict")).to_contain_text("saved other zones meanwhile")
    expect(page.get_by_role("button", name="Save", exact=True)).to_be_disabled()
    page.get_by_role("button", name=choice).click()
    expect(page.locator(".conflict")).to_be_hidden()
    if choice.startswith("Merge"):
        expect(page.locator(".status")).to_contain_text("Merged")
        save(page)
        names = {zone["name"]: zone["polygon"] for zone in site.kept()["zones"]}
        assert set(names) == {"Pool", "Hedge"} and near(names["Pool"][:1], [[0.1, 0.1]])
    elif choice.startswith("Load"):
        expect(page.locator(".list button")).to_have_count(2)
        page.get_by_role("button", name="Undo").first.click()
        assert near(outline(page)[:1], [[0.1, 0.1]]), "mine is not lost"
    else:
        expect(page.locator(".status")).to_contain_text("Saved.")
        (zone,) = site.kept()["zones"]
        assert near(zone["polygon"][:1], [[0.1, 0.1]])


def test_both_changed_the_same_shape_and_both_are_kept(page: Page, site: Site) -> None:
    site.set([POOL])
    site.open(page)
    move_first_point(page)
    site.set([{**POOL, "polygon": [[0.3, 0.3], *SQUARE[1:]]}], who="Anna")
    expect(page.locator(".conflict h2")).to_have_text("Anna has saved other zones meanwhile")
    page.get_by_role("button", name="Merge, shape by shape").click()
    expect(page.locator(".status")).to_contain_text("Both of you changed Pool")
    save(page)
    kept = {zone["name"]: zone["polygon"][0] for zone in site.kept()["zones"]}
    assert near([kept["Pool"]], [[0.1, 0.1]]) and kept["Pool (theirs)"] == [0.3, 0.3]


def test_a_save_that_comes_second_is_told(page: Page, site: Site) -> None:
    site.set([POOL])
    site.open(page)
    page.route("**/picture*", lambda route: route.abort())  # It does not learn of the other's save before.
    move_first_point(page)
    site.set([], who="Anna")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.locator(".conflict h2")).to_have_text("Anna has saved other zones meanwhile")
    assert site.kept()["zones"] == []


def test_zones_that_somebody_else_saved_come_by_themselves(page: Page, site: Site) -> None:
    site.open(page)
    site.set([POOL], who="Anna")
    expect(page.locator(".list")).to_contain_text("Pool")
    expect(page.locator(".status")).to_contain_text("Anna has changed these zones")


def test_work_that_is_not_saved_survives_a_page_and_a_reload(page: Page, site: Site) -> None:
    site.set([POOL])
    site.open(page)
    move_first_point(page)
    page.get_by_role("link", name="Live").first.click()
    expect(page.locator("#poolwatch-zones-left")).to_contain_text("not saved")
    page.get_by_role("link", name="Zones").first.click()
    expect(page.locator(".status")).to_contain_text("are not saved yet")
    assert near(outline(page)[:1], [[0.1, 0.1]])
    asked: list[str] = []

    def answer(dialog: Dialog) -> None:
        asked.append(dialog.type)
        dialog.accept()

    page.on("dialog", answer)
    page.reload()
    expect(page.locator(".status")).to_contain_text("are not saved yet", timeout=START_MS)
    assert asked == ["beforeunload"] and near(outline(page)[:1], [[0.1, 0.1]])
    page.get_by_role("button", name="Undo").first.click()
    assert near(outline(page), SQUARE)
    page.get_by_role("button", name="Redo").click()
    page.get_by_role("button", name="Discard changes").click()
    page.reload()
    expect(page.locator(".list")).to_contain_text("Pool", timeout=START_MS)
    assert near(outline(page), SQUARE) and site.kept()["zones"][0]["polygon"] == SQUARE


def test_a_shape_is_deleted_and_comes_back(page: Page, site: Site) -> None:
    site.set([POOL])
    site.open(page)
    page.locator(".list button").click()
    page.get_by_role("button", name="Delete the shape").click()
    expect(page.locator(".status")).to_contain_text("“Pool” is deleted.")
    expect(page.locator(".empty")).to_be_visible()
    page.locator(".undo-delete").click()
    expect(page.locator(".list")).to_contain_text("Pool")


def test_a_known_size_is_measured_and_saved(page: Page, site: Site) -> None:
    site.open(page)
    add(page, "scale")
    for corner in CORNERS:
        click(page, corner)
    page.get_by_label("From 1 to 2, metres").fill("6")
    page.get_by_label("From 2 to 3, metres").fill("")
    expect(page.locator(".reasons")).to_contain_text("over 0 m")
    page.get_by_label("From 2 to 3, metres").fill("4.5")
    expect(page.locator(".lines line")).to_have_count(5 + 4)
    save(page)
    (zone,) = site.kept()["zones"]
    assert (zone["kind"], zone["size_m"]) == ("scale", [6, 4.5])


def test_portals_are_linked_and_names_are_only_text(page: Page, site: Site) -> None:
    hostile = "<img src=x onerror=window.hacked=1>"
    gate = {"name": hostile, "kind": "portal", "polygon": SQUARE}
    site.set([gate], site.other)
    site.open(page)
    add(page, "portal")
    page.get_by_role("button", name="Place a ready shape").click()
    page.get_by_label("Leads to").select_option(hostile)
    page.get_by_label("Name", exact=True).fill("<b>in</b>")
    save(page)
    (zone,) = site.kept()["zones"]
    assert (zone["name"], zone["to"]) == ("<b>in</b>", hostile)
    expect(page.locator(".list strong")).to_have_text("<b>in</b>")
    assert page.evaluate("() => window.hacked") is None


def test_a_file_goes_out_and_comes_in(page: Page, site: Site) -> None:
    site.set([{**POOL, "size_m": [8.0, 4.0], "template": "pool"}])
    site.open(page)
    with page.expect_download() as started:
        page.get_by_role("button", name="Download zones.json").click()
    text = Path(started.value.path()).read_text()
    (zone,) = json.loads(text)
    assert (zone["camera"], zone["polygon"], zone["size_m"]) == (site.camera, SQUARE, [8, 4])
    broken = json.dumps([{**zone, "polygon": [[0, 0], [1, 1], [1, 0], [0, 1]]}])
    read(page, broken)
    expect(page.locator(".status")).to_contain_text("crosses itself")
    read(page, json.dumps([{**zone, "camera": "garden", "name": "Basin"}]))
    expect(page.locator(".status")).to_contain_text("1 shapes are read and not saved yet")
    save(page)
    assert [z["name"] for z in site.kept()["zones"]] == ["Basin"]


def read(page: Page, text: str) -> None:
    file: FilePayload = {"name": "zones.json", "mimeType": "application/json", "buffer": text.encode()}
    page.locator("input[type=file]").set_input_files(file)


def test_the_new_zones_are_on_live_at_once(page: Page, site: Site) -> None:
    site.open(page)
    page.get_by_role("button", name="Draw the pool").click()
    page.get_by_role("button", name="Place a ready shape").click()
    save(page)
    seen: list[str] = []
    page.on("websocket", lambda socket: socket.on("framereceived", lambda frame: seen.append(str(frame))))
    page.goto(site.server.url)
    until(lambda: bool(page.title()) and any('"zones"' in f and '"Pool"' in f for f in seen), "Live")


@pytest.mark.parametrize("theme", ["dark", "light"])
def test_page_has_no_violation(chromium: Browser, site: Site, theme: str) -> None:
    site.set([POOL, {**POOL, "name": "Crossed", "kind": "boundary"}])
    context: BrowserContext = chromium.new_context(viewport=DESK, color_scheme=theme)  # type: ignore[arg-type]
    page = site.open(context.new_page())
    for stage in ("shown", "selected", "wrong", "drawing"):
        if stage == "selected":
            page.locator(".list button").first.click()
        elif stage == "wrong":
            drag(page, (0.2, 0.2), (0.7, 0.5))
        elif stage == "drawing":
            page.get_by_role("button", name="Add a shape").click()
        page.wait_for_function(ARRIVED, timeout=START_MS)
        found = Axe().run(page, options=RULES).response["violations"]
        assert not found, (stage, [(v["id"], [(n["target"], n["html"]) for n in v["nodes"]]) for v in found])
    context.close()
