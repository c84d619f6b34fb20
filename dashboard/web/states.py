"""A camera's state in words and colour, for pages that show it as Markdown."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dashboard.web.text import as_markdown


def state_words(camera: Mapping[str, Any] | None, answers: bool = True) -> str:
    """One line: the state, how fast, and the reason where there is one. What was last known is not shown
    while the monitor does not answer (`answers`)."""
    if not answers:
        return ":red[■ not known: the monitor does not answer]"
    if camera is None:
        return ":gray[○ not known yet]"
    if not camera.get("enabled", True):
        return ":gray[○ switched off]"
    state, reason = str(camera.get("state") or "starting"), str(camera.get("reason") or "")
    if state == "live":
        trouble = f" · :red[**{as_markdown(reason[:1].upper() + reason[1:], limit=200)}**]" if reason else ""
        return ":green[● live]" + _pace(camera) + trouble
    why = f": {as_markdown(reason, limit=200)}" if reason else ""
    if state == "starting":
        return f":orange[◐ starting]{why}"
    return f":red[■ does not answer]{why}"


def _pace(camera: Mapping[str, Any]) -> str:
    fps, latency = camera.get("fps"), camera.get("latency_ms_p50")
    words = [f"{fps:.1f} frames a second"] if isinstance(fps, (int, float)) else []
    words += [f"seen after {latency:.0f} ms"] if isinstance(latency, (int, float)) else []
    return f" · {', '.join(words)}" if words else ""
