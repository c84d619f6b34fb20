"""What the tests of the alarm share: a tab that counts as somebody's, its band, and what the tab hears."""

from __future__ import annotations

from typing import Any

from playwright.sync_api import Browser, Locator, Page, ViewportSize, expect

from dashboard.monitor.handle import MonitorHandle
from tests.browser.conftest import DESK, PHONE, be
from tests.browser.server import CLOCK, Server, until

START_MS = 60_000
# A test's own questions to the page count as a visitor's gesture: what a browser really lets sound only
# after one has to be played.
GESTURE = """{
  const Real = window.AudioContext;
  let touched = false;
  const touch = (event) => { touched = touched || event.isTrusted; };
  for (const kind of ["pointerdown", "keydown"]) addEventListener(kind, touch, true);
  window.AudioContext = class extends Real {
    constructor() { super(); super.suspend(); }
    get state() { return touched ? super.state : "suspended"; }
    resume() { return touched ? super.resume() : new Promise(() => {}); }
  };
}"""
# In place of the server: says again what it was told to say, keeps what the page asks, answers as told.
JUDGE = """{
  const Real = window.WebSocket;
  const judge = (window.judge = {
    site: null, why: "", sent: [], refuse: "", sockets: new Set(),
    tell(site) { this.site = site; for (const socket of this.sockets) socket.say(); },
    stop() { this.silent = true; },
  });
  class Played extends EventTarget {
    static OPEN = 1;
    constructor() {
      super();
      this.readyState = 0;
      setTimeout(() => (judge.silent ? this.end() : this.open()), 10);
      this.timer = setInterval(() => this.say(), 500);
    }
    open() { this.readyState = 1; judge.sockets.add(this); this.onopen?.(); this.say(); }
    end() { this.close(); this.onclose?.(); }
    say() {
      if (judge.silent || !judge.site || this.readyState !== 1) return;
      const you = { name: "Tom", role: "owner" };
      this.give({ type: "site", connected: !judge.why, why: judge.why, age_s: 0, you, site: judge.site });
    }
    give(message) { this.onmessage?.({ data: JSON.stringify(message) }); }
    send(text) {
      const asked = JSON.parse(text);
      judge.sent.push(asked);
      const reply = { type: "reply", id: asked.id, ok: !judge.refuse, error: judge.refuse, result: {} };
      setTimeout(() => this.give(reply), 30);
    }
    close() { this.readyState = 3; clearInterval(this.timer); judge.sockets.delete(this); }
  }
  window.WebSocket = new Proxy(Real, {
    construct: (target, args) => (String(args[0]).endsWith("/ws/site") ? new Played() : new target(...args)),
  });
}"""


def tab(browser: Browser, who: str = "Tom", small: bool = False, gesture: bool = True, **more: Any) -> Page:
    """A tab of a laptop or of a phone; `gesture`: nobody has touched it yet."""
    size: ViewportSize = PHONE if small else DESK
    context = browser.new_context(viewport=size, has_touch=small, is_mobile=small, **more)
    be(context, who)
    if gesture:
        context.add_init_script(GESTURE)
    return context.new_page()


def visit(page: Page, url: str) -> Page:
    """Goes there and waits until the band hears the judge."""
    page.goto(url)
    page.wait_for_function(
        "() => window.poolwatchAlarm && window.poolwatch.state.connected", timeout=START_MS
    )
    return page


def band(page: Page) -> Locator:
    return page.locator("#poolwatch-alarm")


def card(page: Page, number: int) -> Locator:
    return band(page).locator(f".card[data-id='{number}']")


def siren(page: Page) -> str | None:
    """Which sound should be heard from this page; None is silence."""
    sounding: str | None = page.evaluate("window.poolwatchAlarm.sound.playing")
    return sounding


def wait_siren(page: Page, name: str | None, timeout_ms: float = 10_000) -> None:
    page.wait_for_function(
        "(name) => window.poolwatchAlarm.sound.playing === name", arg=name, timeout=timeout_ms
    )


def drill(server: Server) -> int:
    """Raises a drill past the pages; its number."""
    return int(server.command("alarm.drill", who="Test")["id"])


def acknowledge(page: Page, number: int) -> None:
    card(page, number).get_by_role("button", name="I see it").click()


def clear(server: Server) -> None:
    """Ends every alarm that is open, so that the next test begins in peace."""
    for alarm in site_of(server)["alarms"]:
        if alarm["state"] == "unacknowledged":
            server.command("alarm.acknowledge", id=alarm["id"], who="Test")
        if alarm["state"] != "resolved":
            server.command("alarm.resolve", id=alarm["id"], who="Test", reason="drill")


def site_of(server: Server) -> dict[str, Any]:
    """The judge's newest word, past the pages."""
    handle = MonitorHandle(server.data, CLOCK)
    handle.start()
    try:
        return dict(until(handle.site, "the judge's word"))
    finally:
        handle.stop()


def fits(page: Page) -> bool:
    """Nothing of the band is wider than the page."""
    wide: bool = page.evaluate(
        """() => document.documentElement.scrollWidth <= innerWidth
          && poolwatchAlarm.root.querySelector('.band').scrollWidth <= innerWidth"""
    )
    return wide


def expect_calm(page: Page) -> None:
    """No alarm on the page, and nothing of it left."""
    expect(
        band(page).locator(".card[data-look='emergency'], .card[data-look='drill'], .card[data-look='alert']")
    ).to_have_count(0)
    wait_siren(page, None)


def alarm(number: int = 1, **more: Any) -> dict[str, Any]:
    """One alarm of the site document; `more` replaces fields."""
    title = str(more.get("title", "Guest 2 is under water"))
    return {
        "id": number,
        "level": "emergency",
        "title": title,
        "person": 7,
        "who": "Guest 2",
        "camera": "",
        "camera_name": "Overview",
        "place": "Deep end",
        "since_utc": "2026-07-01T14:31:08+00:00",
        "since_s": 12.0,
        "state": "unacknowledged",
        "escalated": False,
        "by": None,
        "also_seen_by": [],
        "causes": [title],
        "drill": False,
        "cleared": False,
        "reason": None,
        "next": "Tom is called",
        "next_s": 18.0,
        **more,
    }


def document(*alarms: dict[str, Any], **more: Any) -> dict[str, Any]:
    """A site document with these alarms; `more` replaces fields."""
    return {
        "seq": 1,
        "t": 0.0,
        "utc": "2026-07-01T14:31:20+00:00",
        "mode": {
            "mode": "supervised",
            "since_utc": "2026-07-01T14:00:00+00:00",
            "by": "Anna",
            "from": "page",
        },
        "people": [],
        "prompts": [],
        "alarms": list(alarms),
        "siren": bool(alarms),
        "pictures": [],
        "cameras_blind": [],
        "store": {"ok": True, "why": ""},
        "outbox": {"waiting": 0, "failed": []},
        "selftest": None,
        "pin": False,
        **more,
    }


def tell(page: Page, *alarms: dict[str, Any], **more: Any) -> None:
    """The played judge says this from now on."""
    page.evaluate("(site) => judge.tell(site)", document(*alarms, **more))


def asked(page: Page) -> list[dict[str, Any]]:
    """What the page has asked of the played judge."""
    found: list[dict[str, Any]] = page.evaluate("judge.sent")
    return found


def note_click(page: Page, number: int) -> None:
    """`clickedAt`: when "I see it" of this alarm is clicked on this page, milliseconds of the wall clock."""
    page.evaluate(
        """(id) => poolwatchAlarm.cards.get(id).find('.ack')
          .addEventListener('click', () => { window.clickedAt = Date.now(); }, { once: true })""",
        number,
    )


def note_silence(page: Page) -> None:
    """`silentAt`: when this page's siren stops."""
    page.evaluate(
        """() => {
          const { sound } = poolwatchAlarm;
          const play = Object.getPrototypeOf(sound).play;
          window.silentAt = null;
          sound.play = function (name) {
            if (!name && this.playing) window.silentAt = Date.now();
            play.call(this, name);
          };
        }"""
    )
