"""Masks in pictures and on the way to the worker."""

from __future__ import annotations

import json

import numpy as np
import pytest

from dashboard.geometry import inside
from dashboard.monitor.blackout import blacked, masks_of
from dashboard.monitor.codec import zones_from_json, zones_to_json
from dashboard.values import Zone, ZoneKind

TRIANGLE = ((0.2, 0.1), (0.9, 0.3), (0.4, 0.95))
SQUARE = ((0.3, 0.2), (0.7, 0.2), (0.7, 0.6), (0.3, 0.6))


def mask(*polygon: tuple[float, float]) -> Zone:
    return Zone("a", "neighbour", ZoneKind.MASK, polygon)


WHITE = np.full((97, 161, 3), 255, np.uint8)
OUTLINES = [
    pytest.param((mask(*TRIANGLE),), id="triangle"),
    pytest.param((mask(*TRIANGLE), mask(*SQUARE)), id="two that overlap"),
    pytest.param((mask((0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0)),), id="all of it"),
]


def test_without_masks_the_picture_is_as_it_was() -> None:
    assert blacked(WHITE, ()) is WHITE


@pytest.mark.parametrize("masks", OUTLINES)
def test_every_pixel_of_a_mask_is_black_and_the_frame_itself_is_not_touched(masks: tuple[Zone, ...]) -> None:
    before = WHITE.copy()
    covered = blacked(WHITE, masks)
    for y in range(97):
        for x in range(161):
            point = ((x + 0.5) / 161, (y + 0.5) / 97)
            if any(inside(zone.polygon, point) for zone in masks):
                assert covered[y, x].tolist() == [0, 0, 0], (x, y)
    assert (before == WHITE).all()


def test_far_from_a_mask_nothing_is_black() -> None:
    covered = blacked(WHITE, (mask(*SQUARE),))
    assert covered[:15].min() == 255 and covered[:, 120:].min() == 255


def test_only_the_cameras_own_masks() -> None:
    own = mask(*SQUARE)
    others = (Zone("b", "x", ZoneKind.MASK, SQUARE), Zone("a", "pool", ZoneKind.WATER, SQUARE))
    assert masks_of((*others, own), "a") == (own,)


def test_zones_are_the_same_behind_the_wire() -> None:
    zones = (mask(*SQUARE), Zone("a", "gate", ZoneKind.PORTAL, TRIANGLE, to="door"))
    assert zones_from_json(json.loads(json.dumps(zones_to_json(zones)))) == zones
