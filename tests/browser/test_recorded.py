"""A clip that the recorder itself has made because somebody came: from the detection to the gallery, the
player and the sealed real picture. A visitor walks by the simulated pool while nobody should be there."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import closing
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
import yaml
from playwright.sync_api import Browser, Page, expect

from dashboard.store import Store, database_url
from dashboard.values import CameraSpec, SourceKind
from tests import waiting
from tests.browser.alarm_stage import clear
from tests.browser.conftest import DESK
from tests.browser.places import settle
from tests.browser.server import CLOCK, Server, until
from tests.browser.test_clips import VIDEO

pytestmark = pytest.mark.alone
START_MS = 60_000
PASSPHRASE = "correct horse battery"
STORY_S = 240
# The camera learns the empty garden first.
ALONE_S = 30.0
READY_S = 5.0
# What the shown picture is made of, at 64 x 36.
SHOWN = f"""() => {{
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [64, 36];
  const g = canvas.getContext("2d");
  g.drawImage({VIDEO}, 0, 0, 64, 36);
  return [...g.getImageData(0, 0, 64, 36).data];
}}"""
STATUS = "(path) => fetch(path, { cache: 'no-store' }).then((answer) => answer.status)"


def visit(path: Path) -> Path:
    """The story of one visitor. A looping story's time is the machine's clock modulo its length."""
    comes_s = (CLOCK.monotonic() + ALONE_S) % STORY_S
    comes_s = comes_s if comes_s < STORY_S - 40 else 1.0
    visitor = {
        "name": "Tom",
        "kind": "adult",
        "look": {"top": "shirt", "top_colour": "teal", "bottom": "trousers", "shoes": "black"},
        "start_s": round(comes_s, 1),
        "at": [-2.2, 2.1],
        "steps": [
            {"walk": {"path": [[-1.2, 3.4], [-0.6, 4.8], [4.4, 4.7]], "speed": 0.9}},
            {"walk": {"path": [[-0.6, 4.8], [-2.2, 2.1]], "speed": 0.9}},
        ],
    }
    story = {"title": "A visitor", "duration_s": STORY_S, "seed": 5, "people": [visitor]}
    path.write_text(yaml.safe_dump(story), encoding="utf-8")
    return path


class Recorded:
    """The one clip, when it ended and when it was ready, by the wall clock, and a page that was open all the
    time."""

    def __init__(self, server: Server, page: Page) -> None:
        self.server = server
        self.page = page
        page.goto(f"{server.url}/clips")
        settle(page)
        expect(page.get_by_text("There is no clip yet")).to_be_visible(timeout=START_MS)
        page.evaluate("window.neverLoadedAgain = true")
        self.clip = until(self._ready, "a clip is ready", 120 + STORY_S)
        self.ready_at = CLOCK.utc()
        clear(server)

    def _ready(self) -> dict[str, Any] | None:
        found = self.server.command("clips.list")["clips"]
        return dict(found[-1]) if found and found[-1]["state"] != "recording" else None

    @property
    def path(self) -> str:
        return f"/clips/{self.clip['id']}"

    def audit(self) -> list[str]:
        """What was done with clips, the oldest first."""
        rows = self.server.command("audit.list", limit=100)["entries"]
        return [row["what"] for row in reversed(rows) if row["what"].startswith(("clip_", "seal_"))]


@pytest.fixture(scope="module")
def recorded(chromium: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Recorded]:
    folder = tmp_path_factory.mktemp("recorded")
    server = Server(folder / "data")
    # A story from a file: the pages offer those that come with the program alone.
    address = f"{visit(folder / 'visitor.yaml')}:overview"
    server.data.mkdir()
    with closing(Store(database_url(server.data))) as store:
        store.add_camera(CameraSpec("c1", "Overview", SourceKind.SIMULATED, address), CLOCK.utc())
    server.start()
    try:
        server.command("seal.set", passphrase=PASSPHRASE, who="Test")
        context = chromium.new_context(viewport=DESK)
        yield Recorded(server, context.new_page())
        context.close()
    finally:
        server.stop()


def playing(page: Page) -> None:
    page.wait_for_function(
        f"() => {VIDEO} && {VIDEO}.readyState >= 2 && {VIDEO}.currentTime > 0.1", timeout=START_MS
    )


def sought(page: Page, t: float) -> list[int]:
    """The picture at `t` seconds, as the browser has decoded it."""
    page.get_by_role("slider", name="Place in the clip").fill(str(t))
    page.wait_for_function(
        f"(t) => !{VIDEO}.seeking && {VIDEO}.readyState >= 2 && Math.abs({VIDEO}.currentTime - t) < 0.2",
        arg=t,
        timeout=START_MS,
    )
    # A frame may be decoded and not yet shown.
    page.evaluate("() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
    return list(page.evaluate(SHOWN))


def differ(a: list[int], b: list[int]) -> float:
    """The share of pixels that are another colour in one than in the other."""
    far = sum(
        max(abs(x - y) for x, y in zip(a[i : i + 3], b[i : i + 3], strict=True)) > 24
        for i in range(0, len(a), 4)
    )
    return far / (len(a) // 4)


def test_it_is_ready_in_time_and_says_what_it_is_of(recorded: Recorded) -> None:
    clip = recorded.clip
    assert clip["state"] == "ready" and clip["sealed"] and not clip["open"]
    assert "person_entered" in {event["kind"] for event in clip["events"]}
    began, ended = (datetime.fromisoformat(clip[name]) for name in ("began_utc", "ended_utc"))
    first = datetime.fromisoformat(clip["events"][0]["utc"])
    assert 8.0 <= (first - began).total_seconds() <= 13.0, "ten seconds before, from a whole picture on"
    assert (ended - first).total_seconds() >= 9.0
    late_s = (recorded.ready_at - ended).total_seconds()
    assert late_s < waiting.fair(READY_S), f"ready {late_s:.1f} s after its end"


def test_the_open_gallery_shows_it_without_being_loaded_again(recorded: Recorded) -> None:
    page = recorded.page
    card = page.locator(f".days a.clip[data-id='{recorded.clip['id']}']")
    expect(card).to_be_visible(timeout=START_MS)
    expect(card.locator(".length")).to_have_text(re.compile(r"\d+ s|1:\d\d|2:\d\d"), timeout=START_MS)
    assert page.evaluate("window.neverLoadedAgain") is True
    picture = card.locator("img")
    expect(picture).to_be_visible(timeout=START_MS)
    until(lambda: picture.evaluate("e => e.complete && e.naturalWidth >= 320"), "its thumbnail")


def test_it_plays_seeks_and_has_its_skeletons(recorded: Recorded) -> None:
    page = recorded.page
    # Anew, so that a second try is one: a clip that is open hides the gallery.
    page.goto(f"{recorded.server.url}/clips")
    settle(page)
    page.locator(f".days a.clip[data-id='{recorded.clip['id']}']").click()
    playing(page)
    page.get_by_role("button", name="Pause").click()
    length = float(page.evaluate(f"{VIDEO}.duration"))
    kept = datetime.fromisoformat(recorded.clip["ended_utc"]) - datetime.fromisoformat(
        recorded.clip["began_utc"]
    )
    assert abs(length - kept.total_seconds()) < 1.0
    lines = page.evaluate(f"() => fetch('{recorded.path}/track').then((answer) => answer.text())")
    track = page.evaluate("(text) => text.trim().split('\\n').map(JSON.parse)", lines)
    seen = [line["t"] for line in track[1:] if any(one["keypoints"] for one in line["people"] or ())]
    assert len(seen) >= 10, "the visitor's skeleton"
    empty, visited = sought(page, 1.0), sought(page, round(seen[len(seen) // 2], 1))
    assert 0.001 < differ(empty, visited) < 0.5, "a skeleton more, over the same place"
    assert differ(visited, sought(page, round(length - 0.5, 1))) > 0.001
    last = float(page.evaluate(f"{VIDEO}.currentTime"))
    assert abs(last - (length - 0.5)) < 0.3
    sought(page, 1.0)
    page.get_by_role("button", name="Play", exact=True).click()
    until(lambda: float(page.evaluate(f"{VIDEO}.currentTime")) > 1.5, "it goes on from there")
    page.get_by_role("button", name="Pause").click()


def test_the_real_picture_opens_with_passphrase_and_reason_alone(recorded: Recorded) -> None:
    page, real = recorded.page, f"{recorded.path}/real"
    playing(page)
    assert page.evaluate(STATUS, real) == 403
    redacted = sought(page, 3.0)
    page.get_by_role("button", name="Open the real picture").click()
    for secret, reason in (("wrong words here", "who was it"), (PASSPHRASE, " ")):
        page.locator(".opening [name=secret]").fill(secret)
        page.locator(".opening [name=reason]").fill(reason)
        page.get_by_role("button", name="Open for 10 minutes").click()
        expect(page.locator(".opening .wrong")).to_have_text(
            re.compile("passphrase is not right|Say why"), timeout=START_MS
        )
        assert page.evaluate(STATUS, real) == 403
    page.locator(".opening [name=secret]").fill(PASSPHRASE)
    page.locator(".opening [name=reason]").fill("who was at the gate")
    page.get_by_role("button", name="Open for 10 minutes").click()
    page.wait_for_function(
        f"() => {VIDEO}.src.endsWith('/real') && {VIDEO}.readyState >= 2", timeout=START_MS
    )
    shown = sought(page, 3.0)
    assert differ(shown, redacted) > 0.005, "it is another picture"
    assert "clip_watched" in recorded.audit()
    page.get_by_role("button", name="Seal it now").click()
    page.wait_for_function(f"() => {VIDEO}.src.endsWith('/video')", timeout=START_MS)
    until(lambda: page.evaluate(STATUS, real) == 403, "it is sealed again")
    done = recorded.audit()
    assert [what for what in done if what != "clip_watched"] == [
        *("seal_set", "clip_refused", "clip_opened", "clip_sealed"),
    ]
    said = recorded.server.command("audit.list", limit=100)["entries"]
    opened = next(row for row in said if row["what"] == "clip_opened")
    assert opened["who"] == "Test" and "who was at the gate" in str(opened)
