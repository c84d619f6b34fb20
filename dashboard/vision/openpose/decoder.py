"""A page of maps to people: peaks, line integrals, greedy matching, parsing."""

from __future__ import annotations

from dataclasses import dataclass

from dashboard.settings import OpenPoseSettings
from dashboard.values import Floats
from dashboard.vision.openpose.layouts import BodyLayout
from dashboard.vision.openpose.limbs import matched, possible, scored
from dashboard.vision.openpose.peaks import find_peaks
from dashboard.vision.openpose.people import Person, parsed
from dashboard.vision.runtime import VisionError


@dataclass(frozen=True, eq=False)
class Page:
    """What a network says of one picture: `maps` (P + 1, H, W) with the background last, `fields` (2L, H, W).
    One cell is `cell` pixels of the picture wide and high, and the first one's middle lies at `origin`."""

    maps: Floats
    fields: Floats
    cell: tuple[float, float] = (8.0, 8.0)
    origin: tuple[float, float] = (3.5, 3.5)


def decode(page: Page, layout: BodyLayout, settings: OpenPoseSettings) -> list[Person]:
    """Everybody on the page, surest first, in pixels of the picture. VisionError: another layout's page."""
    if page.maps.shape[0] != layout.maps or page.fields.shape[0] != layout.fields:
        told = f"{page.maps.shape[0]} maps and {page.fields.shape[0]} fields"
        wanted = f"{layout.maps} and {layout.fields}"
        raise VisionError(f"a network of layout {layout.name} gives {wanted}, this one gives {told}")
    peaks = find_peaks(page.maps[:-1], settings.nms_threshold)
    pairs = scored(possible(peaks, layout.limbs), peaks, page.fields, layout.limbs, settings)
    people = parsed(peaks, matched(pairs), layout.limbs, len(layout.points), settings)
    return [_in_pixels(person, page) for person in people]


def _in_pixels(person: Person, page: Page) -> Person:
    points = person.points.copy()
    found = points[:, 2] > 0
    points[found, :2] = points[found, :2] * page.cell + page.origin
    return Person(points, person.score)
