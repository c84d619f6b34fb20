"""What a person has masked is in no picture that leaves a camera's process, and in no finding. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import cv2
import numpy as np

from dashboard.rules.zones import camera_zones, masked
from dashboard.values import Image, Observation, Zone, ZoneKind


def masks_of(zones: Sequence[Zone], camera: str) -> tuple[Zone, ...]:
    """The masks of one camera."""
    return tuple(zone for zone in zones if zone.camera == camera and zone.kind is ZoneKind.MASK)


def water_of(zones: Sequence[Zone], camera: str) -> tuple[Zone, ...]:
    """The waters of one camera."""
    return tuple(zone for zone in zones if zone.camera == camera and zone.kind is ZoneKind.WATER)


def blacked(image: Image, masks: Sequence[Zone]) -> Image:
    """The picture with its masks black, edges included; the same picture where there is no mask."""
    if not masks:
        return image
    height, width = image.shape[:2]
    outlines = [np.array([[x * width, y * height] for x, y in mask.polygon]) for mask in masks]
    points = [np.rint(outline).astype(np.int32) for outline in outlines]
    covered = image.copy()
    for outline in points:
        # One by one: where two masks overlap, both count.
        cv2.fillPoly(covered, [outline], (0, 0, 0))
    # What is half a pixel outside was mixed into the edge when the picture was made smaller.
    cv2.polylines(covered, points, isClosed=True, color=(0, 0, 0), thickness=3)
    return covered


def without_masked_places(observation: Observation, masks: Sequence[Zone]) -> Observation:
    """The observation without what was unexplained in masks; people and things there were left out when
    it was made."""
    if not masks or not observation.foreground:
        return observation
    zones = camera_zones(tuple(masks), observation.camera, observation.size_wh)
    kept = tuple(box for box in observation.foreground if not masked(zones, box))
    return replace(observation, foreground=kept)
