"""A network that gives maps and fields, and what must be done with a picture for it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import cv2
import numpy as np

from dashboard.values import Floats, Image
from dashboard.vision.openpose.decoder import Page
from dashboard.vision.openpose.layouts import BodyLayout
from dashboard.vision.runtime import VisionError


class MapNetwork(Protocol):
    """Pictures to maps. `multiple`: both sides of a picture must be multiples of it."""

    layout: BodyLayout
    multiple: int

    def maps(self, picture: Image) -> tuple[Floats, Floats]:
        """Maps (P + 1, H, W) and fields (2L, H, W) of a BGR picture of eight times their size."""
        ...


STRIDE = 8  # pixels a cell, in all of OpenPose's networks


@dataclass(frozen=True)
class Looks:
    """How a picture is looked at: `heights` of the picture as the network gets it, in pixels; `flip` again
    mirrored, the maps averaged. `average`: so are those of several heights, as in the paper; without, each
    person is taken from the height that suits them best."""

    heights: tuple[int, ...] = (256,)
    flip: bool = False
    average: bool = False

    @staticmethod
    def of(heights: str, flip: bool = False, average: bool = False) -> Looks:
        """From text: "368" or "256,368,512". VisionError names what is no height."""
        try:
            numbers = tuple(int(word) for word in heights.split(","))
        except ValueError:
            numbers = ()
        if not numbers or len(numbers) > 6 or not all(64 <= n <= 1024 for n in numbers):
            raise VisionError(
                f"openpose.heights = {heights!r}: one to six heights of 64 to 1024 pixels are expected,"
                " for example 368 or 256,368,512"
            )
        return Looks(numbers, flip, average)


def look(network: MapNetwork, image: Image, looks: Looks) -> Page:
    """The network's page for a BGR picture, whose sides keep their ratio: of all looks, on the cells of the
    largest."""
    scales = [height / image.shape[0] for height in looks.heights]
    finest = max(scales)
    size_wh = tuple(max(1, round(side * finest / STRIDE)) for side in (image.shape[1], image.shape[0]))
    seen = [
        (_moved(maps, scale / finest, size_wh), _moved(fields, scale / finest, size_wh))
        for scale in scales
        for maps, fields in _seen(network, _fitted(image, scale, network.multiple), looks.flip)
    ]
    cell, origin = STRIDE / finest, STRIDE / 2 / finest - 0.5
    return Page(_mean([m for m, _ in seen]), _mean([f for _, f in seen]), (cell, cell), (origin, origin))


def _mean(planes: Sequence[Floats]) -> Floats:
    return planes[0] if len(planes) == 1 else np.asarray(np.mean(planes, axis=0), np.float32)


def _fitted(image: Image, scale: float, multiple: int) -> Image:
    """The picture at this scale, with black at its right and lower edge up to the next multiple."""
    width, height = (max(1, round(side * scale)) for side in (image.shape[1], image.shape[0]))
    kind = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    small = cv2.resize(image, (width, height), interpolation=kind)
    right, below = -width % multiple, -height % multiple
    return np.asarray(cv2.copyMakeBorder(small, 0, below, 0, right, cv2.BORDER_CONSTANT), np.uint8)


def _seen(network: MapNetwork, picture: Image, flip: bool) -> list[tuple[Floats, Floats]]:
    """The network's maps of a picture, and those of its mirror image turned back."""
    seen = [network.maps(picture)]
    if flip:
        maps, fields = network.maps(np.ascontiguousarray(picture[:, ::-1]))
        seen.append(mirrored(maps, fields, network.layout))
    return seen


def mirrored(maps: Floats, fields: Floats, layout: BodyLayout) -> tuple[Floats, Floats]:
    """Maps and fields of a mirrored picture as those of the picture itself: sides and names swapped, fields
    pointing the other way."""
    turned = fields[list(layout.mirror_fields), :, ::-1].copy()
    turned[[limb.x for limb in layout.limbs]] *= -1
    return np.ascontiguousarray(maps[list(layout.mirror_maps), :, ::-1]), turned


def _moved(maps: Floats, step: float, size_wh: tuple[int, int]) -> Floats:
    """Maps on another grid whose cells are `step` of theirs wide, from the same corner of the picture."""
    if step == 1.0:
        return maps[:, : size_wh[1], : size_wh[0]]
    matrix = np.array([[step, 0, step / 2 - 0.5], [0, step, step / 2 - 0.5]], np.float64)
    how = cv2.INTER_CUBIC | cv2.WARP_INVERSE_MAP
    planes = [
        cv2.warpAffine(plane, matrix, size_wh, flags=how, borderMode=cv2.BORDER_REPLICATE) for plane in maps
    ]
    return np.asarray(planes, np.float32)
