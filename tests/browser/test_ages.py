"""What the live page says of a picture's age, by its own functions in a real browser, without a server."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page

AGES = Path(__file__).resolve().parents[2] / "components" / "live" / "ages.js"
NOW = {"steady": 100.0, "wall": 5000.0}


@pytest.fixture
def ages(page: Page) -> Page:
    page.add_script_tag(path=AGES)
    return page


def camera(
    state: str = "live", age_s: float | None = 0.1, news_s: float = 0.0, **rest: Any
) -> dict[str, Any]:
    """A camera whose picture was `age_s` old when news of it came, `news_s` ago."""
    at = {"steady": NOW["steady"] - news_s, "wall": NOW["wall"] - news_s}
    return {"state": state, "ageAtNews": age_s, "newsAt": at, "enabled": True, "reason": "", **rest}


def test_what_is_called_live(ages: Page) -> None:
    rows = (
        ("fresh", camera(), "live", ""),
        ("just in time", camera(age_s=1.6), "live", ""),
        ("old when it came", camera(age_s=1.8), "does not answer", "Picture is 2 s old"),
        ("silent since", camera(news_s=1.8), "does not answer", "Picture is 2 s old"),
        (
            "slept",
            {**camera(), "newsAt": {"steady": 99.9, "wall": 4000.0}},
            "does not answer",
            "No picture since",
        ),
        ("just added", camera("starting", 0.0), "starting", "Waiting for the first picture"),
        ("nothing known", camera("starting", None), "starting", "Waiting for the first picture"),
        ("just died", camera("blind", 0.1, reason="killed"), "does not answer", "killed"),
        ("off", camera("stopped", enabled=False), "switched off", "Switched off"),
    )
    for name, one, word, stamp in rows:
        said = ages.evaluate(
            "([camera, now]) => [stateWord(camera, now, true), stampText(camera, now, true)]", [one, NOW]
        )
        assert said[0] == word, name
        assert said[1] == stamp if stamp == "" else stamp in said[1], name
