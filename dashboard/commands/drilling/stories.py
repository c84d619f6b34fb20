"""Random stories at the simulated pool: somebody goes under and stays, or everybody plays safely."""

from __future__ import annotations

from dataclasses import dataclass
from math import hypot
from random import Random
from typing import Any

from dashboard.source.simulated.checked import Node
from dashboard.source.simulated.loading import read_story
from dashboard.source.simulated.story import Story

VICTIM = "Vic"
SAFE_S = 40.0
# Everybody has to be known before somebody sinks; afterwards the story is longer than any limit.
_BEFORE_S, _AFTER_S, _LONGEST_S = (4.0, 10.0), 40.0, 80.0
_WATER_X, _WATER_Y = (0.9, 7.1), (0.7, 3.3)
_COLOURS = ("red", "lime", "navy", "yellow", "pink", "orange", "teal")
_Step = dict[str, Any]
_Place = list[float]


@dataclass(frozen=True)
class Drill:
    """A story, and who goes under in it (None: nobody)."""

    number: int
    story: Story
    victim: str | None


def submersion(number: int, seed: int) -> Drill:
    """Somebody comes in from the deck (one in five was in the water already), swims or treads water,
    struggles for up to 4 s in silence and sinks."""
    random = Random(f"submersion {seed} {number}")
    start, steps, here = _entrance(random) if random.random() < 0.8 else _afloat(random)
    steps.append({"tread": {"for": round(random.uniform(*_BEFORE_S), 1)}})
    if random.random() < 0.5:
        here = _water(random, away=here)
        steps.append({"swim": {"to": here, "stroke": random.choice(("crawl", "breast")), "speed": 0.6}})
    steps.append({"sink": {"for": _AFTER_S, "struggle_s": round(random.uniform(0, 4), 1)}})
    victim = _bather(random, VICTIM, start, steps)
    others = [_at_play(random, f"Other {n}", _LONGEST_S) for n in range(random.randint(0, 2))]
    people = [_guard(random), victim, *others]
    return Drill(number, _story(f"submersion-{number}", random, people, _LONGEST_S), VICTIM)


def safe_play(number: int, seed: int) -> Drill:
    """Treading, swimming, short dives, floating on the back, jumping in, climbing out and leaving."""
    random = Random(f"safe {seed} {number}")
    people = [_guard(random)]
    people += [_at_play(random, f"Player {n}", SAFE_S) for n in range(random.randint(1, 3))]
    if random.random() < 0.5:
        people.append(_visitor(random))
    return Drill(number, _story(f"safe-{number}", random, people, SAFE_S), None)


def _story(name: str, random: Random, people: list[dict[str, Any]], duration_s: float) -> Story:
    weather = {
        "clouds": round(random.uniform(0, 0.8), 2),
        "wind": round(random.uniform(0.1, 0.6), 2),
        "glare": round(random.uniform(0, 0.6), 2),
    }
    dusk = random.random() < 0.2
    content = {
        "title": name,
        "duration_s": duration_s,
        "seed": random.randrange(2**31),
        "people": people,
        "weather": weather,
        "light": [{"t": 0, "daylight": round(random.uniform(0.3, 0.5) if dusk else 1.0, 2)}],
    }
    return read_story(name, Node(content, name))


def _guard(random: Random) -> dict[str, Any]:
    """The adult who watches from the deck."""
    at = [round(random.uniform(1.0, 7.0), 1), round(random.uniform(4.6, 5.2), 1)]
    look = {
        "top": "shirt",
        "top_colour": "white",
        "bottom": "trousers",
        "shoes": "brown",
        "lanyard": "orange",
    }
    steps = [{"stand": {"for": 120, "face_deg": -90, "gesture": "watch"}}]
    return {"name": "Anna", "kind": "adult", "at": at, "look": look, "steps": steps}


def _bather(random: Random, name: str, at: _Place, steps: list[_Step]) -> dict[str, Any]:
    look = {"top": random.choice(("none", "swimsuit", "rash")), "top_colour": random.choice(_COLOURS)}
    look |= {"bottom": "trunks", "bottom_colour": random.choice(_COLOURS)}
    look |= {"hair": random.choice(("blond", "auburn", "dark_hair"))}
    look |= {"skin": random.choice(("light_skin", "tan_skin", "brown_skin", "dark_skin"))}
    kind = random.choice(("child", "child", "adult"))
    return {"name": name, "kind": kind, "at": at, "look": look, "steps": steps}


def _entrance(random: Random) -> tuple[_Place, list[_Step], _Place]:
    """Stands at the rim and jumps or climbs in: where, the steps, and where they are then."""
    x = round(random.uniform(1.5, 6.5), 1)
    far = random.random() < 0.5
    at, there = ([x, 4.45], [x, 3.0]) if far else ([x, -0.45], [x, 1.0])
    stand = {"stand": {"for": round(random.uniform(2, 4), 1), "face_deg": -90 if far else 90}}
    return at, [stand, {random.choice(("jump_in", "climb_in")): {"to": there}}], there


def _afloat(random: Random) -> tuple[_Place, list[_Step], _Place]:
    here = _water(random)
    return here, [], here


def _at_play(random: Random, name: str, until_s: float) -> dict[str, Any]:
    start = here = _water(random)
    steps: list[_Step] = [{"tread": {"for": round(random.uniform(3, 6), 1)}}]
    spent_s = 6.0
    while spent_s < until_s:
        game = random.choice(("tread", "swim", "swim", "dive", "float_back"))
        if game in ("tread", "float_back"):
            lasts_s = round(random.uniform(4, 9), 1)
            steps.append({game: {"for": lasts_s}})
        else:
            there = _water(random, away=here) if game == "swim" else _near(random, here)
            speed = 0.6 if game == "swim" else 0.9
            steps.append({game: {"to": there, "speed": speed}})
            lasts_s = hypot(there[0] - here[0], there[1] - here[1]) / speed
            here = there
        if game == "dive":
            # Who comes up takes breath.
            steps.append({"tread": {"for": 4.0}})
            lasts_s += 4.0
        spent_s += lasts_s
    return _bather(random, name, start, steps)


def _visitor(random: Random) -> dict[str, Any]:
    """Jumps in, swims, climbs out and leaves."""
    x = round(random.uniform(2.0, 6.0), 1)
    steps: list[_Step] = [
        {"stand": {"for": round(random.uniform(2, 5), 1), "face_deg": -90}},
        {"jump_in": {"to": [x, 2.9]}},
        {"tread": {"for": round(random.uniform(3, 7), 1)}},
        {"swim": {"to": [x, 3.6], "speed": 0.5}},
        {"climb_out": {"to": [x, 4.6]}},
        {"walk": {"path": [[-1.3, 4.6], [-2.4, 2.1]], "speed": 1.1}},
    ]
    return _bather(random, "Visitor", [x, 4.45], steps)


def _water(random: Random, away: _Place | None = None) -> _Place:
    """A place in the water, at least 1.5 m from `away`."""
    while True:
        place = [round(random.uniform(*_WATER_X), 1), round(random.uniform(*_WATER_Y), 1)]
        if away is None or hypot(place[0] - away[0], place[1] - away[1]) >= 1.5:
            return place


def _near(random: Random, here: _Place) -> _Place:
    """The end of a short dive: under 4 s away."""
    while True:
        place = _water(random, away=here)
        if hypot(place[0] - here[0], place[1] - here[1]) <= 3.0:
            return place
