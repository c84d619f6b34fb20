"""Animals that come to the garden, from the picture to the event: told as an animal, or an alarm?

Random visits to the simulated pool by day, at dusk and in infrared, in all weathers, seen and judged as live;
and the real cat of a porch. The same observations are judged again with everything taken for somebody."""

from __future__ import annotations

import argparse
import os
import random
from collections.abc import Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from dashboard.monitor.pipeline import build_pipeline
from dashboard.rules.judge import Site, judge_start, judge_step
from dashboard.rules.world import World as Places
from dashboard.settings import RuleSettings, Settings
from dashboard.source.simulated.checked import Node
from dashboard.source.simulated.loading import read_story
from dashboard.source.simulated.world import World
from dashboard.source.simulated.zones import story_zones
from dashboard.values import Event, Frame, Image, Level, Mode, Observation, Zone
from tests.bench.animals import LIGHTS, PATHS, PETS, VIEWS, WILD, animal_of
from tests.bench.clip import pictures
from tests.bench.object_stories import weather_of

CAMERA, FPS, SIZE_WH = "garden", 5.0, (1280, 720)
START_S, LONG_S = 6.0, 26.0
LEAST_SEEN_S = 3.0
_CLIP = "wildlife/cat_night.mp4"


def run(options: argparse.Namespace) -> dict[str, Any]:
    """Of `--stories` visits of `--seed`: shares told as an animal, with an alert, with an emergency."""
    orders = [(n, options.seed) for n in range(options.stories)]
    rows: list[dict[str, Any]] = []
    with ProcessPoolExecutor(min(2, os.cpu_count() or 1), mp_context=get_context("spawn")) as pool:
        for row in pool.map(_visit, orders):
            print(row, flush=True)
            rows += [row] if row["seen_s"] >= LEAST_SEEN_S else []
    clip = options.data / _CLIP if options.data else None
    return {
        "visits": len(rows),
        **{way: _shares([row[way] for row in rows]) for way in ("told_apart", "all_are_people")},
        "porch": _porch(clip) if clip is not None and clip.is_file() else None,
    }


def _shares(told: Sequence[Sequence[str]]) -> dict[str, float]:
    return {
        word: round(sum(word in one for one in told) / max(len(told), 1), 3)
        for word in ("animal", "alert", "emergency")
    }


def _visit(order: tuple[int, int]) -> dict[str, Any]:
    number, seed = order
    dice = random.Random(f"visitors {seed} {number}")
    everybody = {**PETS, **WILD}
    who, light, view = dice.choice(sorted(everybody)), dice.choice(sorted(LIGHTS)), dice.choice(VIEWS)
    species, coat, belly, size = everybody[who]
    animal = {**animal_of(species, coat, belly, size, dice.choice(PATHS)), "start_s": START_S}
    weather = {**weather_of(dice), "light": [{"t": 0, **LIGHTS[light]}]}
    top = {"title": "a visit", "duration_s": 60, "seed": dice.randrange(1 << 20), **weather}
    world = World(read_story("visit", Node({**top, "animals": [animal]}, "visit.yaml")))
    times = [n / FPS for n in range(round(LONG_S * FPS))]
    seen = sum(bool(world.truth(t, view, SIZE_WH).animals) for t in times) / FPS
    film = _seen((t, world.render(view, t, SIZE_WH)) for t in times)
    zones = story_zones(CAMERA, f"visit:{view}")
    return {"who": who, "light": light, "view": view, "seen_s": round(seen, 1), **_both(film, zones)}


def _porch(path: Path) -> dict[str, Any]:
    return _both(_seen(pictures(path, 10.0)), ())


def _seen(frames: Iterable[tuple[float, Image]]) -> list[Observation]:
    pipeline = build_pipeline(CAMERA, Settings(), 1)
    return [pipeline.process(Frame(CAMERA, t, image, n + 1)) for n, (t, image) in enumerate(frames)]


def _both(film: Sequence[Observation], zones: tuple[Zone, ...]) -> dict[str, list[str]]:
    return {
        "told_apart": _told(film, zones, RuleSettings()),
        "all_are_people": _told(film, zones, replace(RuleSettings(), crawling_babies=True)),
    }


def _told(film: Sequence[Observation], zones: tuple[Zone, ...], settings: RuleSettings) -> list[str]:
    """`animal` where one was told of, and the levels of what was said of people."""
    state = judge_start(Site(Places(zones, settings=settings)), Mode.WATCH, 0.0)
    events: list[Event] = []
    for observation in film:
        state, new = judge_step(state, observation)
        events += new
    levels = {e.level.value for e in events if e.person is not None and e.level is not Level.NOTICE}
    return sorted(levels | {e.kind for e in events if e.kind == "animal"})
