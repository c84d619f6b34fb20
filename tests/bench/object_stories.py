"""Random stories of things left at the simulated pool, in all weathers, by day, dusk and infrared."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random
from typing import Any

from dashboard.source.simulated.checked import Node
from dashboard.source.simulated.loading import read_story
from dashboard.source.simulated.story import Story

LONG_S = 60.0
_KINDS = ("ball", "ring", "duck", "mattress")
_COLOURS = ("red", "lime", "navy", "yellow", "pink", "orange", "teal")


@dataclass(frozen=True)
class Left:
    """When a thing was left (nobody holds it, it does not fly), and when it was taken up again."""

    name: str
    at_s: float
    taken_s: float | None


@dataclass(frozen=True)
class ObjectStory:
    """A story and what is left in it; `found`: whether people in it are found by the searchers."""

    story: Story
    left: tuple[Left, ...]
    found: bool


def object_story(number: int, seed: int) -> ObjectStory:
    """One to three things: dropped, thrown in, or put down by somebody who comes, stays a little and goes."""
    random = Random(f"objects {seed} {number}")
    people: list[dict[str, Any]] = []
    objects, left = [], []
    for n in range(random.randint(1, 3)):
        name, start = f"toy {n}", round(random.uniform(14, 34), 1)
        toy: dict[str, Any] = {"name": name, "type": random.choice(_KINDS), "colour": random.choice(_COLOURS)}
        how = random.choice(("dropped", "thrown", "put down"))
        if how == "put down" and not people:
            people, steps, at, down_s = _bringer(random, start)
            objects.append({**toy, "at": at, "steps": steps})
            left.append(Left(name, down_s, None))
            continue
        wet = how == "thrown" or random.random() < 0.6
        at = _water(random) if wet else _deck(random)
        steps = (
            [{"drop": {"for": 1.0}}]
            if how != "thrown"
            else [{"thrown": {"to": _near(random, at), "speed": 3.0}}]
        )
        fly_s = 1.0 if how != "thrown" else 0.8
        steps.append({"rest": {}})
        objects.append({**toy, "at": at, "start_s": start, "steps": steps})
        left.append(Left(name, start + fly_s, None))
    content = {"people": people, "objects": objects, **weather_of(random)}
    return ObjectStory(_story(f"objects-{number}", random, content), tuple(left), random.random() < 0.67)


def quiet_story(number: int, seed: int) -> ObjectStory:
    """Nobody and nothing: wind, sun and cloud, glare, rain, dusk, and the change to infrared."""
    random = Random(f"quiet {seed} {number}")
    return ObjectStory(_story(f"quiet-{number}", random, weather_of(random)), (), True)


def _story(name: str, random: Random, content: dict[str, Any]) -> Story:
    whole = {"title": name, "duration_s": LONG_S, "seed": random.randrange(2**31), **content}
    return read_story(name, Node(whole, name))


def weather_of(random: Random, long_s: float = LONG_S) -> dict[str, Any]:
    """Weather and light of a story that is `long_s` long."""
    rain = round(random.uniform(0.2, 0.9), 2) if random.random() < 0.3 else 0.0
    weather = {
        "clouds": round(random.uniform(0, 1), 2),
        "wind": round(random.uniform(0.1, 0.9), 2),
        "glare": round(random.uniform(0, 0.9), 2),
        "rain": rain,
        "sun_azimuth_deg": round(random.uniform(0, 360)),
        "sun_height_deg": round(random.uniform(12, 70)),
    }
    light: list[dict[str, Any]] = [{"t": 0, "daylight": round(random.uniform(0.6, 1.0), 2)}]
    turn = random.random()
    if turn < 0.2:
        light = [{"t": 0, "daylight": 0.5}, {"t": long_s - 5, "daylight": 0.15}]
    elif turn < 0.3:
        at = round(random.uniform(20, 45), 1)
        light = [{"t": 0, "daylight": 0.2}, {"t": at, "daylight": 0.03}]
        light.append({"t": at + 0.5, "daylight": 0.0, "infrared": True})
    elif turn < 0.4:
        light = [{"t": 0, "daylight": 0.0, "infrared": True}]
    return {"weather": weather, "light": light}


def _bringer(
    random: Random, start: float
) -> tuple[list[dict[str, Any]], list[dict[str, Any]], list[float], float]:
    """Somebody who brings a thing from the gate, sets it down, and goes after a while."""
    spot = [round(random.uniform(-0.9, -0.6), 2), round(random.uniform(0.4, 3.4), 2)]
    walk_s = ((spot[0] + 2.4) ** 2 + (spot[1] - 2.2) ** 2) ** 0.5
    hold_s, stay_s = round(random.uniform(1, 4), 1), round(random.uniform(1, 8), 1)
    steps = [
        {"walk": {"path": [spot], "speed": 1.0, "hold": True}},
        {"stand": {"for": hold_s, "face_deg": 0, "hold": True}},
        {"stand": {"for": stay_s, "face_deg": 0}},
        {"walk": {"path": [[-2.6, 2.2]], "speed": 1.0}},
    ]
    look = {"top": "shirt", "top_colour": random.choice(_COLOURS), "bottom": "trousers"}
    kind = random.choice(("adult", "child"))
    who = {"name": "Mara", "kind": kind, "at": [-2.4, 2.2], "start_s": start, "look": look, "steps": steps}
    held_s = round(walk_s + hold_s, 2)
    at = [round(spot[0] + random.uniform(0.35, 0.6), 2), spot[1]]
    # A thing's time runs from the story's start: nobody carries it before its bearer is there.
    toy: list[dict[str, Any]] = [{"carried": {"by": "Mara", "for": round(start + held_s, 2)}}, {"rest": {}}]
    return [who], toy, at, start + held_s + stay_s


def _water(random: Random) -> list[float]:
    return [round(random.uniform(0.8, 7.2), 1), round(random.uniform(0.7, 3.3), 1)]


def _near(random: Random, at: list[float]) -> list[float]:
    x = min(7.2, max(0.8, at[0] + random.choice((-1, 1)) * random.uniform(1.5, 2.5)))
    return [round(x, 1), round(random.uniform(0.8, 3.2), 1)]


def _deck(random: Random) -> list[float]:
    return [round(random.uniform(0.5, 7.5), 1), round(random.choice((random.uniform(-1.2, -0.5), 4.8)), 1)]
