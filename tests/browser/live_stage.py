"""The live view alone in a page, without a server: the test says what the sockets say."""

from __future__ import annotations

import base64
import json
import re
import tomllib
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from playwright.sync_api import Page

from components import live

_LIVE = Path(live.__file__).parent
_THEMES = Path(__file__).resolve().parents[2] / ".streamlit" / "config.toml"
_STAGE = Path(__file__).with_name("live_stage.js")


def plain_jpeg(bgr: tuple[int, int, int]) -> str:
    """A picture of one colour, base64."""
    image = np.full((360, 640, 3), bgr, np.uint8)
    return base64.b64encode(cv2.imencode(".jpg", image)[1].tobytes()).decode()


def person(number: int = 1, **rest: Any) -> dict[str, Any]:
    """One of the site document's people: a child of unknown age in the water, just seen."""
    plain = {
        "id": number,
        "name": f"Guest {number}",
        "known": False,
        "camera": "a",
        "track": number,
        "tracks": [["a", number]],
        "age": "unknown",
        "age_why": "the body was not seen well enough yet",
        "responsible": False,
        "place": "water",
        "zone": "pool",
        "spot": [0.5, 0.5],
        "head_seen_s": 0.2,
        "limit_s": 10.0,
        "countdown_s": None,
    }
    return {**plain, **rest}


def under(number: int, seen_s: float, limit_s: float = 10.0, **rest: Any) -> dict[str, Any]:
    """Somebody whose head is not seen."""
    left_s = max(0.0, limit_s - seen_s)
    return person(number, head_seen_s=seen_s, countdown_s=left_s, limit_s=limit_s, **rest)


def on_deck(number: int, **rest: Any) -> dict[str, Any]:
    return person(number, place="deck", limit_s=None, age="adult", **rest)


def alarm(number: int = 1, **rest: Any) -> dict[str, Any]:
    plain = {
        "id": number,
        "level": "emergency",
        "title": "Guest 1 has been under water in the pool",
        "person": 1,
        "since_s": 12.0,
        "state": "unacknowledged",
        "by": None,
    }
    return {**plain, **rest}


def site(*people: dict[str, Any], mode: str = "supervised", **rest: Any) -> dict[str, Any]:
    """A site document of a quiet site."""
    plain = {
        "seq": 1,
        "utc": "2026-07-01T12:00:00+00:00",
        "mode": {"mode": mode, "until_utc": None},
        "people": list(people),
        "prompts": [],
        "alarms": [],
        "pictures": [],
        "cameras_blind": [],
        "store": {"ok": True, "why": ""},
    }
    return {**plain, **rest}


def colours(theme: str) -> str:
    """The theme's colours as Streamlit hands them to components."""
    values = tomllib.loads(_THEMES.read_text(encoding="utf-8"))["theme"][theme]
    named = {re.sub("([A-Z])", lambda m: "-" + m[1].lower(), key): value for key, value in values.items()}
    return "".join(f"--st-{name}: {value};" for name, value in named.items())


def mount(page: Page, document: dict[str, Any], theme: str = "dark") -> None:
    """The view in a shadow root, as Streamlit mounts it, hearing `document`."""
    style = f"margin:0;--st-font:sans-serif;{colours(theme)}background:var(--st-background-color)"
    page.set_content(
        f"<html lang='en'><title>Live</title><body><main style='{style}'><div id='host'></div></main></body>"
    )
    page.add_script_tag(path=_STAGE)
    say(
        page, site=document, jpegs={"redacted": plain_jpeg((60, 60, 60)), "camera": plain_jpeg((200, 0, 200))}
    )
    html = json.dumps(f"<style>{live.text('live.css')}</style>{live.text('live.html')}")
    page.evaluate(
        "([html]) => { const root = document.querySelector('#host').attachShadow({ mode: 'open' });"
        "root.innerHTML = html; window.root = root; }",
        [json.loads(html)],
    )
    script = live.text(*live.SCRIPTS)
    end = "\nwindow.mounted = mount({ parentElement: window.root, setTriggerValue() {} });"
    page.add_script_tag(
        content=script.replace("export default function", "const mount = function") + end, type="module"
    )
    page.wait_for_selector("figure.camera[data-stale='false']")


def say(page: Page, **what: Any) -> None:
    """From now on the sockets say this."""
    page.evaluate("(what) => { Object.assign(window.stage, what); window.poolwatch.say(); }", what)
