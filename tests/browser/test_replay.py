"""Replay in a real browser, with a real process that watches the video."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import PHONE
from tests.browser.places import settle
from tests.browser.server import Server
from tests.browser.test_access import check
from tests.clips import write_clip
from tests.unit.test_whatif import LIMIT, SINKS, recorded, written

START_MS = 60_000
WATCHED_MS = 120_000


def seen_before(server: Server) -> None:
    """A video was watched: somebody sinks in it."""
    folder = server.data / "replays" / ("1" * 16)
    folder.mkdir(parents=True, exist_ok=True)
    written(folder / "video.track.gz", recorded(SINKS))
    (folder / "about.json").write_text(
        '{"name": "party.mp4", "camera": "", "at": "2023-11-17T17:00:00+00:00", "why": ""}'
    )


def result(page: Page) -> None:
    expect(page.get_by_role("heading", name="What would have alarmed")).to_be_visible(timeout=START_MS)


@pytest.mark.parametrize("small", [False, True], ids=["laptop", "phone"])
def test_what_if_i_set_8_seconds(page: Page, phone: Page, shared: Server, small: bool) -> None:
    tab = phone if small else page
    seen_before(shared)
    tab.goto(f"{shared.url}/replay?set={LIMIT}&to=8")
    result(tab)
    expect(tab.get_by_text("the siren 2.0 s earlier")).to_be_visible(timeout=START_MS)
    expect(tab.locator(".pwr-compare")).to_contain_text("0:14.0, 2.0 s earlier")
    settle(tab)
    check(tab)
    if small:
        wide = tab.evaluate("() => document.querySelector('[data-testid=stMain]').scrollWidth")
        assert wide <= PHONE["width"]
    tab.get_by_role("link", name="Change it in Settings").click()
    expect(tab.get_by_role("heading", name="Settings")).to_be_visible(timeout=START_MS)
    tab.get_by_role("link", name="Try a value on a recording first").click()
    result(tab)


def test_a_video_is_uploaded_watched_and_gone_and_a_broken_one_is_refused(
    page: Page, shared: Server, tmp_path: Path
) -> None:
    grey = np.full((120, 160, 3), 60, np.uint8)
    clip = write_clip(tmp_path / "yard.mp4", (grey for _ in range(30)), rate=10)
    (tmp_path / "words.mp4").write_text("no video at all\n" * 500)
    page.goto(shared.url + "/replay")
    bring(page, tmp_path / "words.mp4")
    expect(page.get_by_text("this is a text file, not a video")).to_be_visible(timeout=WATCHED_MS)
    bring(page, clip)
    expect(page.get_by_text("Watching “yard.mp4”")).to_be_visible(timeout=START_MS)
    # Whoever closes the page in the middle finds it done.
    page.goto("about:blank")
    page.goto(shared.url + "/replay")
    result_or_progress = page.get_by_text("would have alarmed.").or_(page.get_by_text("Watching “yard.mp4”"))
    expect(result_or_progress.first).to_be_visible(timeout=START_MS)
    expect(page.get_by_text("Nothing on these 3 s would have alarmed.")).to_be_visible(timeout=WATCHED_MS)
    assert not list((shared.data / "replays").rglob("*.mp4"))


def bring(page: Page, file: Path) -> None:
    field = page.locator("input[type=file]")
    field.wait_for(state="attached", timeout=START_MS)
    settle(page)
    if not page.get_by_role("button", name="Watch it").is_visible():
        page.get_by_text("Watch another video").click()
    field.set_input_files(file)
    expect(page.get_by_text(file.name)).to_be_visible(timeout=START_MS)
    page.get_by_role("button", name="Watch it").click()
