"""How often a picture is searched where pictures come seldom."""

from __future__ import annotations

from typing import cast

import numpy as np
import pytest

from dashboard.geometry import Polygon
from dashboard.settings import TrackSettings, VisionSettings
from dashboard.source.simulated import World
from dashboard.source.simulated.checked import Node
from dashboard.source.simulated.loading import read_story
from dashboard.source.simulated.zones import story_zones
from dashboard.track import Tracker
from dashboard.values import Frame, Patch, ZoneKind
from dashboard.vision import Seer, VisionModels
from dashboard.vision.background import Background
from dashboard.vision.bathers import Bathers
from dashboard.vision.memory import Memory
from tests.unit.vision_models import models

SIZE = (1280, 720)
POOL: Polygon = ((0.08, 0.4), (0.86, 0.4), (0.86, 0.84), (0.08, 0.84))
DAY = 130.0
TILE = 200  # pixels: tiles are longer, close looks are not


@pytest.mark.parametrize(("apart_s", "looks"), [(0.1, 2), (0.2, 3), (0.3, 4), (2.0, 4)])
def test_the_fewer_the_pictures_the_more_closely_each_is_looked_at(apart_s: float, looks: int) -> None:
    settings = VisionSettings()
    background = Background(SIZE, settings.background_width, settings.absorb_s)
    # Choosing where to look asks no model.
    bathers = Bathers(cast(VisionModels, None), Memory(), SIZE)
    patches = [Patch((x, 400.0, x + 50.0, 450.0), 60.0) for x in (200.0, 350.0, 500.0, 650.0, 800.0, 950.0)]
    frame = Frame("pool", 5.0, np.zeros((720, 1280, 3), np.uint8), 2)
    squares = bathers.squares(frame, background, patches, [], [], [POOL], DAY, apart_s)
    assert len(squares) == looks


def test_of_seldom_pictures_two_tiles_are_searched_whoever_is_looked_at_closely() -> None:
    """Else who comes along the deck is found after half a minute."""
    tiles, looks = searched(4)
    assert max(looks) >= 3
    assert min(tiles[1:]) >= 2


def test_of_pictures_that_come_as_they_should_each_is_looked_at_twice_at_most() -> None:
    """Though the background learns from every second one only."""
    _, looks = searched(10)
    assert max(looks[1:]) == 2


def searched(fps: int) -> tuple[list[int], list[int]]:
    """How many tiles and how many close looks each picture of three in the water was given."""
    kids = [
        {"name": name, "kind": "child", "start_s": 0.5, "at": [x, 1.6], "steps": [{"tread": {"for": 9}}]}
        for name, x in (("Kid", 2.6), ("Mia", 4.6), ("Ben", 6.0))
    ]
    world = World(
        read_story("one", Node({"title": "one", "duration_s": 9, "seed": 4, "people": kids}, "one"))
    )
    seer, tracker = Seer(models(False), VisionSettings()), Tracker(TrackSettings())
    zones = story_zones("drill", "story:overview")
    seer.water = tuple(zone.polygon for zone in zones if zone.kind is ZoneKind.WATER)
    tiles, looks = [], []
    for n in range(4 * fps):
        t = n / fps
        sighting = seer.see(Frame("drill", t, world.render("overview", t, SIZE), n + 1), tracker.predict(t))
        tracker.step(sighting)
        wide = sum(box[2] - box[0] > TILE for box in sighting.searched)
        tiles.append(wide)
        looks.append(len(sighting.searched) - wide)
    return tiles, looks
