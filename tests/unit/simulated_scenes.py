"""Small stories for the tests of the simulated site."""

from __future__ import annotations

from typing import Any

import yaml

from dashboard.source.simulated.checked import Node
from dashboard.source.simulated.loading import read_story
from dashboard.source.simulated.story import Story

SMALL = (640, 360)

SWIMWEAR: dict[str, Any] = {"top": "none", "bottom": "trunks", "bottom_colour": "red"}
CLOTHES: dict[str, Any] = {"top": "shirt", "bottom": "trousers", "lanyard": "orange", "shoes": "black"}


def person(name: str, kind: str, at: list[float], *steps: dict[str, Any], **more: Any) -> dict[str, Any]:
    """A person of a story's file."""
    return {"name": name, "kind": kind, "at": at, "steps": list(steps), **more}


def scene(*people: dict[str, Any], duration_s: float = 60, seed: int = 3, **more: Any) -> Story:
    """A story from plain values, checked as a file is."""
    content = {"title": "test", "duration_s": duration_s, "seed": seed, "people": list(people), **more}
    return read_story("test", Node(yaml.safe_load(yaml.safe_dump(content)), "test.yaml"))


def still(action: str = "stand", **values: Any) -> dict[str, Any]:
    """A step that goes on until the story's end."""
    return {action: values}
