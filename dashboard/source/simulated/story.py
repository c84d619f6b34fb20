"""Stories: what happens in the simulated garden, as written in YAML and checked when loaded."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import lru_cache
from math import hypot
from pathlib import Path
from typing import Any

import yaml

from dashboard.source.simulated.body import Look
from dashboard.source.simulated.checked import Node, Place, StoryError
from dashboard.source.simulated.site import VIEWS, in_pool
from dashboard.source.simulated.skeleton import HEIGHT_M

FOLDER = Path(__file__).resolve().parents[3] / "assets" / "stories"

TOPS = ("shirt", "long", "rash", "tank", "swimsuit", "bikini", "none")
BOTTOMS = ("shorts", "trunks", "trousers", "brief", "skirt")
HAIRS = ("short", "long", "bun", "cap", "bald")
GESTURES = ("idle", "wave", "phone", "watch", "point")
SPECIES = ("cat", "dog", "fox", "hedgehog", "bird")
OBJECTS = ("ball", "ring", "duck", "mattress")
FAULTS = ("black", "frozen", "covered", "moved", "noise", "defocused", "offline")

PATH, TIME, EITHER = "path", "time", "either"
DECK, WATER, RIM, ANY = "deck", "water", "rim", "anywhere"
# Each action: whether it takes a path or a time, and where it may happen.
ACTIONS: dict[str, tuple[str, str]] = {
    "walk": (PATH, DECK),
    "stand": (TIME, DECK),
    "crouch": (TIME, DECK),
    "sit": (TIME, DECK),
    "sit_edge": (TIME, RIM),
    "lie": (TIME, DECK),
    "fall": (TIME, DECK),
    "climb_in": (EITHER, RIM),
    "jump_in": (EITHER, RIM),
    "climb_out": (EITHER, RIM),
    "swim": (PATH, WATER),
    "tread": (TIME, WATER),
    "float_back": (TIME, WATER),
    "float_face_down": (TIME, WATER),
    "dive": (PATH, WATER),
    "sink": (TIME, WATER),
}
SPEED_M_S = {"walk": 1.1, "swim": 0.7, "dive": 0.9, "run": 2.2, "fly": 4.0, "drift": 0.12}
EITHER_S = {"climb_in": 4.0, "jump_in": 2.6, "climb_out": 4.5}
ANIMAL_ACTIONS = {"walk": PATH, "run": PATH, "fly": PATH, "stay": TIME}
OBJECT_ACTIONS = {"rest": TIME, "drift": PATH, "drop": TIME, "thrown": PATH, "carried": TIME}


@dataclass(frozen=True)
class Step:
    """One thing that somebody does. `for_s` of None: until the story ends."""

    action: str
    for_s: float | None
    path: tuple[Place, ...] = ()
    speed_m_s: float = 0.0
    face_deg: float | None = None
    gesture: str = "idle"
    stroke: str = "crawl"
    depth_m: float = 0.9
    struggle_s: float = 15.0
    hold: bool = False
    by: str = ""


@dataclass(frozen=True)
class Actor:
    """A person, an animal (`kind` is its species) or an object (`kind` is its type).

    `repeat` plays the steps that often in the story; their times are stretched so that they fill it.
    """

    name: str
    kind: str
    at: Place
    steps: tuple[Step, ...]
    start_s: float = 0.0
    repeat: int = 0
    face_deg: float = -90.0
    height_m: float = 1.0
    look: Look = field(default_factory=Look)
    colour: tuple[int, int, int] = (24, 124, 246)


@dataclass(frozen=True)
class Weather:
    """`sun_azimuth_deg` from +x to +y, `sun_height_deg` over the horizon; shares 0 to 1 otherwise."""

    sun_azimuth_deg: float = 228.0
    sun_height_deg: float = 52.0
    clouds: float = 0.25
    wind: float = 0.35
    rain: float = 0.0
    glare: float = 0.35
    clarity: float = 1.0


@dataclass(frozen=True)
class LightKey:
    """Light from `t` on towards the next key: daylight 1 is noon, 0 night; with the camera's infrared
    lamps on or not."""

    t: float
    daylight: float
    infrared: bool = False


@dataclass(frozen=True)
class Fault:
    """What is wrong with a camera (or `all`) from `from_s` to `to_s`; `strength` 0 to 1."""

    kind: str
    view: str
    from_s: float
    to_s: float
    strength: float = 0.6

    def applies(self, view: str, t: float) -> bool:
        """Whether the fault holds in a view at story time t."""
        return self.view in ("all", view) and self.from_s <= t < self.to_s


@dataclass(frozen=True)
class Story:
    """A checked story. Times are seconds from its start."""

    name: str
    title: str
    about: str
    duration_s: float
    seed: int
    people: tuple[Actor, ...] = ()
    animals: tuple[Actor, ...] = ()
    objects: tuple[Actor, ...] = ()
    weather: Weather = Weather()
    light: tuple[LightKey, ...] = (LightKey(0.0, 1.0),)
    faults: tuple[Fault, ...] = ()

    @property
    def views(self) -> tuple[str, ...]:
        """The names of the cameras that see it."""
        return VIEWS


def story_names(folder: Path = FOLDER) -> list[str]:
    """The stories that there are, by name."""
    return sorted(path.stem for path in folder.glob("*.yaml"))


def load_story(name_or_path: str | Path) -> Story:
    """The story of a name in `assets/stories/`, or of a path. StoryError names file, key and why."""
    text = str(name_or_path)
    is_name = isinstance(name_or_path, str) and not text.endswith((".yaml", ".yml"))
    path = FOLDER / f"{text}.yaml" if is_name else Path(name_or_path)
    if is_name and ("/" in text or text not in story_names()):
        raise StoryError(f"there is no story named {text!r}; there are {', '.join(story_names())}")
    return _loaded(path.resolve(), path.stat().st_mtime_ns if path.is_file() else 0)


@lru_cache(maxsize=32)
def _loaded(path: Path, _changed: int) -> Story:
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise StoryError(f"{path.name}: the story cannot be read: {error.strerror}") from None
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise StoryError(f"{path.name}: the story is no YAML: {' '.join(str(error).split())}") from None
    return read_story(path.stem, Node(content, path.name))


def read_story(name: str, root: Node) -> Story:
    """The story of a parsed file."""
    keys = (
        "title",
        "about",
        "duration_s",
        "seed",
        "people",
        "animals",
        "objects",
        "weather",
        "light",
        "faults",
    )
    top = root.table(keys, ("title", "duration_s", "seed"))
    duration = top["duration_s"].number(1, 7200)
    people = tuple(_person(node, duration) for node in _list(top, "people"))
    animals = tuple(_animal(node, duration) for node in _list(top, "animals"))
    objects = tuple(_object(node, duration, people) for node in _list(top, "objects"))
    _no_doubles(root, [actor.name for actor in (*people, *animals, *objects)])
    return Story(
        name=name,
        title=top["title"].text(),
        about=top["about"].text() if "about" in top else "",
        duration_s=duration,
        seed=int(top["seed"].number(0, 2**31)),
        people=people,
        animals=animals,
        objects=objects,
        weather=_weather(top["weather"]) if "weather" in top else Weather(),
        light=_light(top["light"], duration) if "light" in top else (LightKey(0.0, 1.0),),
        faults=tuple(_fault(node, duration) for node in _list(top, "faults")),
    )


def _list(top: dict[str, Node], key: str) -> list[Node]:
    return list(top[key].items()) if key in top else []


def _no_doubles(root: Node, names: list[str]) -> None:
    for name in names:
        if names.count(name) > 1:
            raise root.fail(f"the name {name!r} is used twice")


def _stretched(node: Node, steps: tuple[Step, ...], at: Place, total_s: float) -> tuple[Step, ...]:
    """The steps stretched so that together they last `total_s`: their times, or where there are only
    ways, their speeds."""
    ways, here = 0.0, at
    for step in steps:
        for place in step.path if step.for_s == 0.0 else ():
            ways += hypot(place[0] - here[0], place[1] - here[1]) / step.speed_m_s
            here = place
        here = step.path[-1] if step.path else here
    timed = sum(step.for_s or 0.0 for step in steps)
    if not timed:
        return tuple(replace(step, speed_m_s=step.speed_m_s * ways / total_s) for step in steps)
    factor = (total_s - ways) / timed
    if factor < 0.2:
        raise node.fail(f"the ways alone take {ways:.0f} s of the {total_s:.0f} s that one repeat has")
    return tuple(replace(step, for_s=step.for_s * factor) if step.for_s else step for step in steps)


def _played(t: dict[str, Node], steps: tuple[Step, ...], at: Place, duration: float) -> dict[str, Any]:
    """The part of an actor that people, animals and objects share."""
    repeat = int(t["repeat"].number(1, 100)) if "repeat" in t else 0
    if repeat and any(step.for_s is None for step in steps):
        raise t["steps"].fail("each step of a repeated actor must end ('for' is missing)")
    if repeat and (end := next((s.path[-1] for s in reversed(steps) if s.path), at)) != at:
        raise t["steps"].fail(f"a repeated actor must end where it began: at {list(at)}, not at {list(end)}")
    return {
        "name": t["name"].text(),
        "at": at,
        "steps": _stretched(t["steps"], steps, at, duration / repeat) if repeat else steps,
        "start_s": t["start_s"].number(0, duration) if "start_s" in t else 0.0,
        "repeat": repeat,
    }


def _person(node: Node, duration: float) -> Actor:
    keys = ("name", "kind", "height_m", "look", "start_s", "at", "face_deg", "repeat", "steps")
    t = node.table(keys, ("name", "kind", "at", "steps"))
    kind = t["kind"].choice(tuple(HEIGHT_M))
    at = t["at"].place()
    low, high = HEIGHT_M[kind] * 0.8, HEIGHT_M[kind] * 1.2
    return Actor(
        **_played(t, _steps(t["steps"], at), at, duration),
        kind=kind,
        face_deg=t["face_deg"].number(-360, 360) if "face_deg" in t else -90.0,
        height_m=t["height_m"].number(low, high) if "height_m" in t else HEIGHT_M[kind],
        look=_look(t["look"]) if "look" in t else Look(),
    )


def _look(node: Node) -> Look:
    words = {"hair_style": HAIRS, "top": TOPS, "bottom": BOTTOMS}
    colours = ("skin", "hair", "top_colour", "bottom_colour", "shoes", "lanyard", "armbands")
    found = node.table((*words, *colours))
    values: dict[str, object] = {k: found[k].choice(v) for k, v in words.items() if k in found}
    values |= {k: found[k].colour() for k in colours if k in found}
    return Look(**values)  # type: ignore[arg-type]


def _steps(node: Node, at: Place) -> tuple[Step, ...]:
    """Checks the steps in turn, following where each one ends."""
    steps: list[Step] = []
    here, wet = at, in_pool(*at)
    for entry in node.items():
        if steps and steps[-1].for_s is None:
            raise entry.fail("can never begin: the step before it has no end ('for' is missing)")
        name, body = _single(entry, tuple(ACTIONS))
        step = _step(name, body)
        here, wet = _moved(step, body, here, wet)
        steps.append(step)
    if not steps:
        raise node.fail("expected at least one step")
    return tuple(steps)


def _single(entry: Node, names: tuple[str, ...]) -> tuple[str, Node]:
    table = entry.table(names)
    if len(table) != 1:
        raise entry.fail(f"expected one action, one of {', '.join(names)}")
    return next(iter(table.items()))


def _step(name: str, node: Node) -> Step:
    takes, _ = ACTIONS[name]
    keys = ("for", "to", "path", "speed", "face_deg", "gesture", "stroke", "depth_m", "struggle_s", "hold")
    t = node.table(keys)
    path = _path(node, t)
    if takes == PATH and not path:
        raise node.fail("needs 'to' or 'path'")
    if takes == TIME and path:
        raise node.fail("takes no 'to' or 'path'")
    if takes == PATH and "for" in t:
        raise t["for"].fail("a way takes as long as its speed says: give 'speed' instead")
    for_s = t["for"].number(0.1, 7200) if "for" in t else EITHER_S.get(name)
    return Step(
        action=name,
        for_s=0.0 if takes == PATH else for_s,
        path=path,
        speed_m_s=t["speed"].number(0.05, 4) if "speed" in t else SPEED_M_S.get(name, 0.0),
        face_deg=t["face_deg"].number(-360, 360) if "face_deg" in t else None,
        gesture=t["gesture"].choice(GESTURES) if "gesture" in t else "idle",
        stroke=t["stroke"].choice(("crawl", "breast")) if "stroke" in t else "crawl",
        depth_m=t["depth_m"].number(0.1, 1.6) if "depth_m" in t else 0.9,
        struggle_s=t["struggle_s"].number(0, 120) if "struggle_s" in t else 15.0,
        hold=t["hold"].flag() if "hold" in t else False,
    )


def _path(node: Node, t: dict[str, Node]) -> tuple[Place, ...]:
    if "to" in t and "path" in t:
        raise node.fail("give either 'to' or 'path'")
    if "to" in t:
        return (t["to"].place(),)
    return tuple(p.place() for p in t["path"].items()) if "path" in t else ()


def _moved(step: Step, node: Node, here: Place, wet: bool) -> tuple[Place, bool]:
    """Where somebody is after a step, and whether in the water; raises when it cannot happen there."""
    where = ACTIONS[step.action][1]
    if where == WATER and not wet:
        raise node.fail(f"happens in the water, but {list(here)} is not in the pool")
    if where == DECK and wet:
        raise node.fail(f"happens on the deck, but {list(here)} is in the pool: climb out first")
    if step.action in ("climb_in", "jump_in") and wet:
        raise node.fail(f"begins on the deck, but {list(here)} is in the pool")
    if step.action == "climb_out" and not wet:
        raise node.fail(f"begins in the water, but {list(here)} is not in the pool")
    lands_wet = step.action in ("climb_in", "jump_in") or (where == WATER)
    for a, b in zip((here, *step.path), step.path, strict=False):
        if where != RIM:
            _check_way(node, a, b, lands_wet)
    end = step.path[-1] if step.path else here
    if where == RIM and step.action != "sit_edge":
        if not step.path:
            raise node.fail("needs 'to': where it ends")
        if in_pool(*end) != lands_wet:
            raise node.fail(f"ends at {list(end)}, which is {'not in' if lands_wet else 'in'} the pool")
    return end, lands_wet


def _check_way(node: Node, a: Place, b: Place, wet: bool) -> None:
    for n in range(21):
        x, y = a[0] + (b[0] - a[0]) * n / 20, a[1] + (b[1] - a[1]) * n / 20
        if wet and not in_pool(x, y, 0.1):
            raise node.fail(f"the way from {list(a)} to {list(b)} leaves the water at [{x:.1f}, {y:.1f}]")
        if not wet and in_pool(x, y):
            raise node.fail(f"the way from {list(a)} to {list(b)} leads into the water at [{x:.1f}, {y:.1f}]")


def _animal(node: Node, duration: float) -> Actor:
    t = node.table(
        ("name", "species", "start_s", "at", "repeat", "steps"), ("name", "species", "at", "steps")
    )
    species = t["species"].choice(SPECIES)
    at, steps = t["at"].place(), tuple(_plain_step(s, ANIMAL_ACTIONS) for s in t["steps"].items())
    if not steps:
        raise t["steps"].fail("expected at least one step")
    return Actor(**_played(t, steps, at, duration), kind=species)


def _plain_step(entry: Node, actions: dict[str, str]) -> Step:
    name, body = _single(entry, tuple(actions))
    t = body.table(("for", "to", "path", "speed", "by"))
    path = _path(body, t)
    if actions[name] == PATH and not path:
        raise body.fail("needs 'to' or 'path'")
    if name == "carried" and "by" not in t:
        raise body.child("by").fail("is missing: who carries it")
    return Step(
        action=name,
        for_s=0.0 if actions[name] == PATH else (t["for"].number(0.1, 7200) if "for" in t else None),
        path=path,
        speed_m_s=t["speed"].number(0.02, 8) if "speed" in t else SPEED_M_S.get(name, 3.0),
        by=t["by"].text() if "by" in t else "",
    )


def _object(node: Node, duration: float, people: tuple[Actor, ...]) -> Actor:
    keys = ("name", "type", "colour", "start_s", "at", "repeat", "steps")
    t = node.table(keys, ("name", "type", "at", "steps"))
    kind = t["type"].choice(OBJECTS)
    entries = list(t["steps"].items())
    steps = tuple(_plain_step(s, OBJECT_ACTIONS) for s in entries)
    if not steps:
        raise t["steps"].fail("expected at least one step")
    for entry, step in zip(entries, steps, strict=True):
        if step.by and step.by not in [p.name for p in people]:
            raise entry.child("carried.by").fail(f"there is nobody named {step.by!r} in this story")
    return Actor(
        **_played(t, steps, t["at"].place(), duration),
        kind=kind,
        colour=t["colour"].colour() if "colour" in t else (24, 124, 246),
    )


def _weather(node: Node) -> Weather:
    ranges = {
        "sun_azimuth_deg": (0.0, 360.0),
        "sun_height_deg": (5.0, 90.0),
        "clouds": (0.0, 1.0),
        "wind": (0.0, 1.0),
        "rain": (0.0, 1.0),
        "glare": (0.0, 1.0),
        "clarity": (0.05, 1.0),
    }
    t = node.table(tuple(ranges))
    return Weather(**{key: value.number(*ranges[key]) for key, value in t.items()})


def _light(node: Node, duration: float) -> tuple[LightKey, ...]:
    keys: list[LightKey] = []
    for entry in node.items():
        t = entry.table(("t", "daylight", "infrared"), ("t", "daylight"))
        at = t["t"].number(0, duration)
        if keys and at <= keys[-1].t:
            raise t["t"].fail("must be later than the one before")
        keys.append(
            LightKey(at, t["daylight"].number(0, 1), t["infrared"].flag() if "infrared" in t else False)
        )
    if not keys:
        raise node.fail("expected at least one entry")
    return tuple(keys)


def _fault(node: Node, duration: float) -> Fault:
    t = node.table(("kind", "view", "from_s", "to_s", "strength"), ("kind", "from_s", "to_s"))
    start, end = t["from_s"].number(0, duration), t["to_s"].number(0, duration)
    if end <= start:
        raise t["to_s"].fail(f"{end:g} is not after from_s ({start:g})")
    return Fault(
        kind=t["kind"].choice(FAULTS),
        view=t["view"].choice((*VIEWS, "all")) if "view" in t else "all",
        from_s=start,
        to_s=end,
        strength=t["strength"].number(0, 1) if "strength" in t else 0.6,
    )
