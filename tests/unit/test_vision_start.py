"""The first seconds of a watch: who stands at the pool or treads water in it already is somebody."""

from __future__ import annotations

from functools import cache

import pytest

from dashboard.settings import TrackSettings, VisionSettings
from dashboard.source.simulated import World
from dashboard.source.simulated.checked import Node
from dashboard.source.simulated.loading import read_story
from dashboard.source.simulated.zones import story_zones
from dashboard.track import Tracker
from dashboard.values import Frame, Track, TrackState, ZoneKind
from dashboard.vision import Seer
from tests.unit.vision_models import models

SIZE = (1280, 720)
FPS, SECONDS, SOON_S = 5.0, 5.0, 3.0


def dusk() -> World:
    """Somebody watches without stirring, a child waits at the rim, another treads water."""
    wet = {"top": "rash", "top_colour": "red", "bottom": "trunks", "hair": "blond"}
    dry = {"top": "shirt", "top_colour": "white", "bottom": "trousers", "lanyard": "orange"}
    stand = [{"stand": {"for": 60, "face_deg": -90, "gesture": "watch"}}]
    people = [
        {"name": "Anna", "kind": "adult", "at": [4.4, 4.9], "look": dry, "steps": stand},
        {"name": "Rim", "kind": "child", "at": [2.6, -0.45], "look": wet, "steps": [{"stand": {"for": 60}}]},
        {"name": "Kid", "kind": "child", "at": [5.4, 1.6], "look": wet, "steps": [{"tread": {"for": 60}}]},
    ]
    light = [{"t": 0, "daylight": 0.4}]
    content = {"title": "dusk", "duration_s": 60, "seed": 11, "people": people, "light": light}
    return World(read_story("dusk", Node(content, "dusk")))


@cache
def first_seconds() -> list[tuple[float, tuple[Track, ...], dict[str, tuple[float, float]]]]:
    """For each picture: its time, the tracks, and where everybody truly is."""
    world, seer, tracker = dusk(), Seer(models(False), VisionSettings()), Tracker(TrackSettings())
    zones = story_zones("drill", "story:overview")
    seer.water = tuple(zone.polygon for zone in zones if zone.kind is ZoneKind.WATER)
    seen = []
    for n in range(int(SECONDS * FPS)):
        t = n / FPS
        frame = Frame("drill", t, world.render("overview", t, SIZE), n + 1)
        tracks = tracker.step(seer.see(frame, tracker.predict(t)))
        people = world.truth(t, "overview", SIZE).persons
        places = {p.name: ((p.xyxy[0] + p.xyxy[2]) / 2, (p.xyxy[1] + p.xyxy[3]) / 2) for p in people}
        seen.append((t, tracks, places))
    return seen


@pytest.mark.parametrize("name", ["Anna", "Rim", "Kid"])
def test_who_is_there_from_the_start_is_known_soon_and_stays_known(name: str) -> None:
    known = [any(_shows(track, places[name]) for track in tracks) for _, tracks, places in first_seconds()]
    times = [t for t, _, _ in first_seconds()]
    assert times[known.index(True)] <= SOON_S
    assert sum(known[int(SOON_S * FPS) :]) >= 0.9 * len(known[int(SOON_S * FPS) :])


def _shows(track: Track, place: tuple[float, float]) -> bool:
    left, top, right, bottom = track.xyxy
    x, y = place
    return track.state is TrackState.CONFIRMED and left <= x <= right and top <= y <= bottom
