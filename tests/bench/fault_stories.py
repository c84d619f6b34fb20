"""Random stories of cameras to which something happens, and of cameras to which nothing does, in all weathers
and light, with nobody, a few or a crowd at the simulated pool."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from random import Random
from typing import Any

import cv2
import numpy as np

from dashboard.source.simulated.checked import Node
from dashboard.source.simulated.faults import faulty
from dashboard.source.simulated.lens import handed
from dashboard.source.simulated.loading import read_story
from dashboard.source.simulated.story import Fault, Story
from dashboard.values import Image
from tests.bench.object_stories import weather_of

LONG_S, FROM_S, TO_S = 80.0, (32.0, 42.0), 68.0
SHIFTED = 0.02  # of the picture's width: from there on zones do not fit
KINDS = ("moved", "turned", "pushed", "covered", "leaf", "web", "defocused", "drops", "black", "glare")
# What seeing may call each of them.
NAMES = {
    **dict.fromkeys(("moved", "turned", "pushed"), ("moved",)),
    **dict.fromkeys(("covered", "leaf", "web"), ("covered", "dark", "defocused")),
    **dict.fromkeys(("defocused", "drops"), ("defocused", "covered")),
    "black": ("dark", "covered"),
    "glare": ("glare",),
}
_COLOURS = ("red", "lime", "navy", "yellow", "pink", "orange", "teal")
Paint = Callable[[Image, float], Image]


@dataclass(frozen=True)
class FaultStory:
    """A story, what befalls its camera from `from_s` to `to_s` (`kind` None: nothing), and how that looks
    in a picture of time t."""

    story: Story
    kind: str | None
    from_s: float
    to_s: float
    paint: Paint


def fault_story(number: int, seed: int) -> FaultStory:
    """Something befalls the camera; the kinds come in turn."""
    random = Random(f"faults {seed} {number}")
    kind, from_s = KINDS[number % len(KINDS)], round(random.uniform(*FROM_S), 1)
    told = _story(f"fault-{number}", random, few=True)
    if kind == "moved":
        fault = Fault("moved", "all", from_s, TO_S, random.uniform(0.06, 1.0))
        return FaultStory(replace(told, faults=(fault,)), kind, from_s, TO_S, lambda image, t: image)
    paint, late_s = painted_fault(kind, from_s, random)
    return FaultStory(told, kind, from_s + late_s, TO_S, paint)


def sound_story(number: int, seed: int) -> FaultStory:
    """Nothing befalls the camera: weather, dusk, the infrared lamps, a crowd; now and then somebody's hand or
    back before the lens for two seconds."""
    random = Random(f"sound {seed} {number}")
    told = _story(f"sound-{number}", random, few=random.random() < 0.5)
    if random.random() < 0.5:
        return FaultStory(told, None, LONG_S, LONG_S, lambda image, t: image)
    at_s, look, strength = random.uniform(25, 60), random.randrange(2**31), random.uniform(0.2, 0.9)

    def passing(image: Image, t: float) -> Image:
        if not at_s <= t < at_s + 2.0:
            return image
        return handed(image, strength, np.random.default_rng(look))

    return FaultStory(told, None, LONG_S, LONG_S, passing)


def painted_fault(kind: str, from_s: float, random: Random) -> tuple[Paint, float]:
    """How a fault that is the picture's own looks, and how long after `from_s` it is one: a slow push is one
    once zones no longer fit."""
    if kind in ("turned", "pushed"):
        return _displaced(kind, from_s, random)
    least, most = {"leaf": (0.1, 1.0), "web": (0.4, 1.0), "glare": (0.45, 1.0)}.get(kind, (0.15, 1.0))
    fault = Fault(kind, "all", from_s, TO_S, random.uniform(least, most))

    def painted(image: Image, t: float) -> Image:
        return faulty(image, fault, round(t * 1000)) if from_s <= t < TO_S else image

    return painted, 0.0


def _displaced(kind: str, from_s: float, random: Random) -> tuple[Paint, float]:
    """A camera turned about its own axis or zoomed at once, or pushed aside slowly."""
    turn, zoom, shift = 0.0, 1.0, (0.0, 0.0)
    if kind == "turned":
        turn = random.choice((0, 1)) * random.choice((-1, 1)) * random.uniform(4, 25)
        zoom = random.uniform(1.1, 1.6) if turn == 0 else 1.0
        within_s = 0.3
    else:
        way, far = random.uniform(0, 2 * np.pi), random.uniform(0.03, 0.15)
        shift, within_s = (far * np.cos(way), far * np.sin(way)), random.uniform(3, 20)

    def painted(image: Image, t: float) -> Image:
        if not from_s <= t < TO_S:
            return image
        part = min(1.0, (t - from_s) / within_s)
        height, width = image.shape[:2]
        matrix = cv2.getRotationMatrix2D((width / 2, height / 2), part * turn, 1 + part * (zoom - 1))
        matrix[:, 2] += np.array(shift) * part * width
        moved = cv2.warpAffine(image, matrix, (width, height), borderMode=cv2.BORDER_REFLECT_101)
        return np.asarray(moved, np.uint8)

    late_s = within_s * SHIFTED / float(np.hypot(*shift)) if kind == "pushed" else 0.0
    return painted, late_s


def _story(name: str, random: Random, few: bool) -> Story:
    people = [_walker(n, random) for n in range(random.randint(0, 2) if few else random.randint(5, 9))]
    content = {"people": people, **weather_of(random, LONG_S)}
    whole = {"title": name, "duration_s": LONG_S, "seed": random.randrange(2**31), **content}
    return read_story(name, Node(whole, name))


def _walker(number: int, random: Random) -> dict[str, Any]:
    """Somebody who walks about on the deck, sometimes close by the camera, or treads water."""
    look = {"top": "shirt", "top_colour": random.choice(_COLOURS), "bottom": "trousers"}
    who = {"name": f"Guest {number}", "kind": random.choice(("adult", "child")), "look": look}
    if random.random() < 0.35:
        at = [round(random.uniform(1, 7), 1), round(random.uniform(0.8, 3.2), 1)]
        return {**who, "at": at, "steps": [{"tread": {"for": LONG_S, "face_deg": -90}}]}
    spots = [[round(random.uniform(-1, 9), 1), round(random.uniform(-3.0, -0.6), 1)] for _ in range(6)]
    steps: list[dict[str, Any]] = []
    for spot in spots[1:]:
        steps.append({"walk": {"path": [spot], "speed": round(random.uniform(0.7, 1.3), 1)}})
        steps.append({"stand": {"for": round(random.uniform(2, 9), 1), "face_deg": -90}})
    return {**who, "at": spots[0], "steps": steps}
