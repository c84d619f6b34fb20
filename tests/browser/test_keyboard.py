"""Every page by the keyboard alone: the way past the bar, every stop, and that one sees where one is."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.places import Place, places, settle
from tests.browser.server import Server

MOST_STOPS = 400


@pytest.fixture(scope="module")
def site(shared: Server) -> Server:
    """With a camera that never answers: its page has all its buttons."""
    shared.command("cameras.add", name="Nobody", kind="rtsp", address="rtsp://127.0.0.1:9/x")
    return shared


@pytest.mark.parametrize("place", places(), ids=lambda place: place.title)
def test_tab_reaches_everything_and_shows_where_one_is(page: Page, site: Server, place: Place) -> None:
    page.goto(site.url + place.path)
    settle(page)
    page.evaluate(_LOOK)
    wanted = set(page.evaluate("keys.wanted()"))
    assert len(wanted) > 8, "the bar alone has so many"
    reached: list[str] = []
    for _ in range(MOST_STOPS):
        page.keyboard.press("Tab")
        stop = page.evaluate("keys.stop()")
        if stop is None or stop in reached[:1]:
            break
        reached.append(stop)
    assert wanted - set(reached) == set()
    assert page.evaluate("keys.unseen") == []


@pytest.mark.parametrize("place", places(), ids=lambda place: place.title)
def test_the_first_stop_leads_past_the_bar(page: Page, site: Server, place: Place) -> None:
    page.goto(site.url + place.path)
    settle(page)
    skip = page.get_by_role("link", name=re.compile("skip", re.I))
    expect(skip).to_have_text("Skip to the page")
    expect(skip).not_to_be_in_viewport()
    page.keyboard.press("Tab")
    expect(skip).to_be_focused()
    expect(skip).to_be_in_viewport()
    page.keyboard.press("Enter")
    page.evaluate(_LOOK)
    assert page.evaluate("keys.pastTheBar()")
    page.keyboard.press("Tab")
    assert page.evaluate("keys.pastTheBar()")


# `wanted`: all that can be pressed or typed into and is shown. `stop`: what has the focus; what then looks as
# it does without the focus is `unseen`.
_LOOK = """() => {
  const still = document.createElement("style");
  still.textContent = "* { transition: none !important; }";
  document.head.append(still);
  const CAN = "a[href], button, input, select, textarea, summary, [tabindex]";
  const all = (root) => [...root.querySelectorAll("*")].flatMap((e) =>
    e.shadowRoot ? [e, ...all(e.shadowRoot)] : [e]);
  const shown = (e) => e.checkVisibility({ visibilityProperty: true }) && e.getClientRects().length
    && !e.closest("[inert], [aria-hidden=true]");
  const able = (e) => e.tabIndex >= 0 && !e.matches(":disabled, [type=hidden]");
  const stops = (e) => e.matches(CAN) && able(e) && shown(e);
  // One stop for a group: the arrow keys walk through it.
  const whole = (e) => (e.matches("input[type=radio], [role=radio]") && e.closest("[role=radiogroup]")) || e;
  const focused = () => {
    let e = document.activeElement;
    while (e?.shadowRoot?.activeElement) e = e.shadowRoot.activeElement;
    return e && e !== document.body ? e : null;
  };
  const names = new Map();
  const name = (e) => {
    if (!names.has(e)) {
      const said = e.getAttribute("aria-label") || e.innerText || e.name || e.id || e.className;
      names.set(e, `${names.size} ${e.tagName.toLowerCase()} ${String(said).slice(0, 40)}`);
    }
    return names.get(e);
  };
  const up = (e) => e.parentElement || e.getRootNode().host;
  const look = (e) => {
    const found = [];
    for (let one = e, far = 0; one && far < 6; one = up(one), far += 1)
      for (const pseudo of [null, "::before", "::after"]) {
        const s = getComputedStyle(one, pseudo);
        found.push([s.outlineStyle, s.outlineWidth, s.outlineColor, s.boxShadow, s.borderColor,
          s.backgroundColor, s.top, s.textDecorationLine].join());
      }
    for (const one of e.parentElement?.querySelectorAll("*") || []) {
      const s = getComputedStyle(one);
      found.push([s.outlineStyle, s.outlineWidth, s.boxShadow, s.borderColor, s.backgroundColor].join());
    }
    return found.join("|");
  };
  let before = null;
  window.keys = {
    unseen: [],
    wanted: () => all(document.body).filter(stops).map((e) => name(whole(e))),
    stop() {
      if (before && before.e.isConnected && focused() !== before.e && look(before.e) === before.look)
        this.unseen.push(name(before.e));
      const e = focused();
      before = e && { e, look: look(e) };
      return e && name(whole(e));
    },
    pastTheBar() {
      const e = focused();
      let host = e;
      while (host?.getRootNode().host) host = host.getRootNode().host;
      return Boolean(host?.closest("[data-testid='stMain']") && !host.closest(".st-key-pw-head"));
    },
  };
}"""
