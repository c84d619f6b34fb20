"""Stories as written in YAML: found, read and checked."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

from dashboard.source.simulated.body import Look
from dashboard.source.simulated.checked import Node, Place, StoryError
from dashboard.source.simulated.site import VIEWS
from dashboard.source.simulated.skeleton import HEIGHT_M
from dashboard.source.simulated.steps import (
    ANIMAL_ACTIONS,
    OBJECT_ACTIONS,
    people_steps,
    plain_step,
    stretched,
)
from dashboard.source.simulated.story import Actor, Coat, Fault, LightKey, Step, Story, Weather

FOLDER = Path(__file__).resolve().parents[3] / "assets" / "stories"

TOPS = ("shirt", "long", "rash", "tank", "swimsuit", "bikini", "none")
BOTTOMS = ("shorts", "trunks", "trousers", "brief", "skirt")
HAIRS = ("short", "long", "bun", "cap", "bald")
SPECIES = ("cat", "dog", "fox", "hedgehog", "bird")
OBJECTS = ("ball", "ring", "duck", "mattress")
FAULTS = (
    "black",
    "frozen",
    "covered",
    "leaf",
    "web",
    "moved",
    "noise",
    "defocused",
    "drops",
    "glare",
    "offline",
)


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
        "steps": stretched(t["steps"], steps, at, duration / repeat) if repeat else steps,
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
        **_played(t, people_steps(t["steps"], at), at, duration),
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


def _animal(node: Node, duration: float) -> Actor:
    keys = ("name", "species", "start_s", "at", "repeat", "steps", "coat", "belly", "size")
    t = node.table(keys, ("name", "species", "at", "steps"))
    species = t["species"].choice(SPECIES)
    at, steps = t["at"].place(), tuple(plain_step(s, ANIMAL_ACTIONS) for s in t["steps"].items())
    if not steps:
        raise t["steps"].fail("expected at least one step")
    return Actor(**_played(t, steps, at, duration), kind=species, coat=_coat(t))


def _coat(t: dict[str, Node]) -> Coat | None:
    """One animal's own colours and size; a belly is like the coat where nothing else is said."""
    if "coat" not in t:
        return None
    coat = t["coat"].colour()
    belly = t["belly"].colour() if "belly" in t else coat
    return Coat(coat, belly, t["size"].number(0.4, 2.0) if "size" in t else 1.0)


def _object(node: Node, duration: float, people: tuple[Actor, ...]) -> Actor:
    keys = ("name", "type", "colour", "start_s", "at", "repeat", "steps")
    t = node.table(keys, ("name", "type", "at", "steps"))
    kind = t["type"].choice(OBJECTS)
    entries = list(t["steps"].items())
    steps = tuple(plain_step(s, OBJECT_ACTIONS) for s in entries)
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
