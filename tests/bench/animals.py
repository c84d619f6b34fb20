"""Pets told from wildlife after the owner has named a few clips: animals of several species, coats and sizes
walk through the simulated garden by day, at dusk and in infrared, before two cameras.

Each visit is one clip. In every round two animals are the house's, two are wild and were named, in a number
of clips each; the others are strangers whom nobody has named. All other visits are then told. Boxes are the
true ones, shaken as a detector's are; the drawn animals are no cats or dogs to a detector, so finding them
is not measured here. Where the porch camera's pictures are there, cats and raccoons as YOLOX finds them."""

from __future__ import annotations

import argparse
import random
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from dashboard.rules.acquaintance import acquaintance
from dashboard.rules.context import Wild
from dashboard.settings import Settings
from dashboard.source.simulated.checked import Node
from dashboard.source.simulated.loading import read_story
from dashboard.source.simulated.world import World
from dashboard.values import ANIMALS, Floats, Image
from dashboard.vision import load_models
from dashboard.vision.animal_look import animal_look
from dashboard.vision.background import Background
from dashboard.weights import installed

# Who: species, coat, belly, size. The first ones may be pets, the last ones are wild.
PETS = {
    "tabby": ("cat", "#805c40", "#ceb296", 1.0),
    "black cat": ("cat", "#1c1c1e", "#2a2a2c", 1.0),
    "white cat": ("cat", "#e0dcd6", "#ece8e6", 1.1),
    "ginger cat": ("cat", "#d67832", "#e6be96", 1.0),
    "brown dog": ("dog", "#8c5630", "#d4b08c", 1.0),
    "black dog": ("dog", "#201e20", "#3a3a3c", 1.25),
    "small white dog": ("dog", "#ded8d2", "#e8e6e4", 0.6),
}
WILD = {
    "fox": ("fox", "#be6028", "#ded6ce", 1.0),
    "hedgehog": ("hedgehog", "#544236", "#b89e84", 1.0),
    "raccoon": ("fox", "#625e5c", "#969696", 0.9),
    "stray tabby": ("cat", "#5a5046", "#82786e", 0.95),
}
LIGHTS: dict[str, dict[str, Any]] = {
    "day": {"daylight": 1.0},
    "dusk": {"daylight": 0.35},
    "infrared": {"daylight": 0.0, "infrared": True},
}
PATHS = (
    ((-2.8, 5.6), (1.4, 4.7), (6.4, 5.6)),
    ((10.4, 5.8), (8.5, 5.0), (8.4, 3.4)),
    ((9.6, 4.8), (8.6, 0.2), (7.0, -0.8), (3.0, -0.9)),
    ((-1.6, 4.8), (-1.2, 1.0), (-0.4, -0.8), (3.0, -0.9)),
)
VIEWS = ("overview", "entrance")
NAMED = (1, 3, 6)
_ROUNDS, _LOOKS, _EVERY_S, _NOISE, _SHAKEN = 40, 7, 0.8, 4.0, 0.06
_UNTIL_S, _EDGE_PX = 14.0, 2.0


@dataclass(frozen=True, eq=False)
class Walk:
    """One visit: who it was and how it looked on the whole."""

    who: str
    light: str
    look: Floats


def run(options: argparse.Namespace) -> dict[str, Any]:
    """Shares of the visits: told rightly, told as the other kind, not told; and of strangers."""
    dice = random.Random(options.seed)
    walks = list(_walks(dice))
    told = {str(count): _told(walks, count, dice) for count in NAMED}
    return {"visits": len(walks), "named_clips_each": told, "porch": _porch(options.data)}


def _told(walks: Sequence[Walk], count: int, dice: random.Random) -> dict[str, float]:
    named, strangers = Counter[str](), Counter[str]()
    for _ in range(_ROUNDS):
        pets, wild = dice.sample(sorted(PETS), 2), dice.sample(sorted(WILD), 2)
        memory: list[Walk] = []
        for who in (*pets, *wild):
            memory += dice.sample([walk for walk in walks if walk.who == who], count)
        said = {who: Wild.PET if who in pets else Wild.WILDLIFE for who in (*pets, *wild)}
        known = acquaintance([(tuple(w.look.tolist()), said[w.who]) for w in memory])
        for walk in walks:
            if any(walk is one for one in memory):
                continue
            answer = known.told(walk.look)
            if walk.who not in said:
                strangers[answer.value] += 1
            elif answer is Wild.UNKNOWN:
                named["unknown"] += 1
            else:
                named["right" if answer is said[walk.who] else f"{said[walk.who].value}_as_other"] += 1
    shares = {key: round(named[key] / named.total(), 3) for key in ("right", "unknown")}
    shares |= {f"{k}_as_other": round(named[f"{k}_as_other"] / named.total(), 3) for k in ("pet", "wildlife")}
    return shares | {f"stranger_{k}": round(n / strangers.total(), 3) for k, n in sorted(strangers.items())}


def _walks(dice: random.Random) -> Iterator[Walk]:
    noise = np.random.default_rng(dice.randrange(1 << 30))
    for light in LIGHTS:
        backgrounds: dict[str, Background] = {}
        for who, (species, coat, belly, size) in {**PETS, **WILD}.items():
            for path in PATHS:
                animal = animal_of(species, coat, belly, size, path)
                world, empty = _world(light, [animal]), _world(light, [])
                for view in VIEWS:
                    if view not in backgrounds:
                        backgrounds[view] = _learnt(empty.render(view, 0.0))
                    looks = list(_looks(world, view, backgrounds[view], dice, noise))
                    if len(looks) >= 3:
                        whole = np.sum(looks, axis=0)
                        yield Walk(who, light, np.asarray(whole / np.linalg.norm(whole), np.float32))


def animal_of(
    species: str, coat: str, belly: str, size: float, path: Sequence[tuple[float, float]]
) -> dict[str, Any]:
    speed = 0.3 if species == "hedgehog" else 0.8
    steps = [{"walk": {"path": [list(at) for at in path[1:]], "speed": speed}}]
    looks = {"coat": coat, "belly": belly, "size": size}
    return {"name": "a", "species": species, "at": list(path[0]), "steps": steps, **looks}


def _world(light: str, animals: list[dict[str, Any]]) -> World:
    top = {"title": "a walk", "duration_s": 40, "seed": 7, "light": [{"t": 0, **LIGHTS[light]}]}
    return World(read_story("walk", Node({**top, "animals": animals}, "walk.yaml")))


def _learnt(picture: Image) -> Background:
    """The background as a camera has it that has looked at the empty place for a while."""
    settings = Settings().vision
    made = Background((picture.shape[1], picture.shape[0]), settings.background_width, settings.absorb_s)
    small = made.small(picture)
    for n in range(10):
        made.learn(small, float(n), made.compare(small), [])
    return made


def _looks(
    world: World, view: str, background: Background, dice: random.Random, noise: np.random.Generator
) -> Iterator[Floats]:
    count = 0
    for t in np.arange(0.6, _UNTIL_S, _EVERY_S):
        truth = world.truth(float(t), view)
        if not truth.animals or count >= _LOOKS:
            continue
        box = _shaken(truth.animals[0].xyxy, dice)
        width, height = truth.size_wh
        if min(box[:2]) < _EDGE_PX or box[2] > width - _EDGE_PX or box[3] > height - _EDGE_PX:
            continue
        picture = world.render(view, float(t))
        grainy = np.clip(picture + noise.normal(0, _NOISE, picture.shape), 0, 255).astype(np.uint8)
        look = animal_look(grainy, box, background)
        if look is not None:
            count += 1
            yield look


def _shaken(box: tuple[float, float, float, float], dice: random.Random) -> tuple[float, float, float, float]:
    across, down = _SHAKEN * (box[2] - box[0]), _SHAKEN * (box[3] - box[1])
    left, top = box[0] + dice.uniform(-across, across), box[1] + dice.uniform(-down, down)
    return left, top, box[2] + dice.uniform(-across, across), box[3] + dice.uniform(-down, down)


# Real pictures


def _porch(data: Path | None) -> dict[str, Any]:
    """Each picture told by all others of that camera; its background is the pictures without an animal."""
    folder = (data or Path("../shared/data")) / "wildlife" / "porch_images"
    files = {**(installed("mediapipe-pose") or {}), **(installed("yolox-nano") or {})}
    if not folder.is_dir() or "yolox_nano.onnx" not in files:
        return {"missing": "the pictures, or the weights yolox-nano"}
    empty = [cv2.imread(str(path)) for path in sorted((folder / "notraccoon").iterdir())]
    same = [image for image in empty if image is not None]
    usual = np.median([image for image in same if image.shape == same[0].shape], axis=0)
    background = _learnt(usual.astype(np.uint8))
    found = [
        (look, wild)
        for name, wild in (("cat", Wild.PET), ("raccoon", Wild.WILDLIFE))
        for look in _found(folder / name, background, files)
    ]
    answers = Counter[str]()
    for place, (look, wild) in enumerate(found):
        others = [(tuple(one.tolist()), said) for n, (one, said) in enumerate(found) if n != place]
        told = acquaintance(others).told(look)
        answers["unknown" if told is Wild.UNKNOWN else "right" if told is wild else "wrong"] += 1
    return {"animals": len(found), **answers}


def _found(folder: Path, background: Background, files: dict[str, Path]) -> Iterator[Floats]:
    settings = Settings().vision
    detector = load_models(files, 1).detector
    assert detector is not None
    for path in sorted(folder.iterdir()):
        image = cv2.imread(str(path))
        if image is None or (image.shape[1], image.shape[0]) != background.image_wh:
            continue
        boxes = detector.submit(np.asarray(image, np.uint8)).result(settings.thing_score, 0.5)
        animals = [box for box in boxes if box.label in ANIMALS][:1]
        looks = [animal_look(np.asarray(image, np.uint8), one.xyxy, background) for one in animals]
        yield from (look for look in looks if look is not None)
