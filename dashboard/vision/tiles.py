"""Which squares of the picture the pose detector searches, and in what order.

The pose detector sees a person well between about a fifth and all of its tile, so tiles of several
sizes cover the picture with overlap. A fixed number is searched per frame: where something moves, where
the background does not explain what is there, and where nobody has looked for longest. Age wins in the
end, so every tile is searched within a bounded number of frames. Up to half of the searches go to where
somebody may be: one search finds many things, and without a second one at once nobody is sure before the
first is forgotten.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from dashboard.values import Floats
from dashboard.vision.background import Background, Foreground
from dashboard.vision.blazepose import Crop

Box = tuple[float, float, float, float]
# A person's share of the side of a tile in which the pose detector sees them well.
SEEN_WELL = (0.15, 0.9)


def spread(length: float, side: float, overlap: float) -> list[float]:
    """Centres of the fewest intervals of `side` that cover 0 to `length` and overlap by at least the part
    `overlap` of their side; one in the middle when one is enough."""
    if side >= length:
        return [length / 2]
    count = 1 + math.ceil((length - side) / (side * (1 - overlap)))
    return [side / 2 + i * (length - side) / (count - 1) for i in range(count)]


def layout(size_wh: tuple[int, int], parts: tuple[float, ...], overlap: float) -> list[Crop]:
    """Tiles whose sides are `parts` of the picture's shorter side, large ones first; a part of 0 is one
    tile over the whole picture."""
    width, height = size_wh
    tiles = []
    for part in parts:
        side = part * min(width, height) if part else float(max(width, height))
        tiles += [
            Crop((x, y), side, 0.0)
            for y in spread(height, side, overlap)
            for x in spread(width, side, overlap)
        ]
    return tiles


def tile_box(tile: Crop, size_wh: tuple[int, int]) -> tuple[float, float, float, float]:
    """`xyxy` of the part of the tile that lies in the picture."""
    half = tile.side / 2
    left, top = max(0.0, tile.centre[0] - half), max(0.0, tile.centre[1] - half)
    right, bottom = min(size_wh[0], tile.centre[0] + half), min(size_wh[1], tile.centre[1] + half)
    return left, top, float(right), float(bottom)


@dataclass
class Rota:
    """Chooses the next tiles. `age` counts frames since each was searched, `turn` all frames."""

    tiles: list[Crop]
    size_wh: tuple[int, int]
    age: Floats = field(init=False)
    boxes: Floats = field(init=False)
    turn: int = field(init=False, default=0)

    def __post_init__(self) -> None:
        self.boxes = np.array([tile_box(t, self.size_wh) for t in self.tiles], np.float32).reshape(-1, 4)
        # large tiles first on the first frames: they see most
        self.age = np.linspace(1, 0, len(self.tiles), dtype=np.float32)

    def choose(self, count: int, interest: Floats, unsure: Sequence[Box] = ()) -> list[int]:
        """Indices of the `count` most wanted tiles; `interest` (tiles,) is 0 for a still, explained tile
        and up to 1. A fully interesting tile waits about a fifth as long as a dull one. Half of the tiles
        at most are those that show `unsure`, places (pixels) where somebody may be. No state changes."""
        again = [tile for box in unsure if (tile := self._showing(box)) is not None]
        # A single search a frame takes turns.
        most = self.turn % 2 if count == 1 else max(0, count) // 2
        first = sorted(set(again), key=lambda i: (-self.age[i], i))[:most]
        wanted = (self.age + 1) * (1 + 4 * np.clip(interest, 0, 1))
        others = [int(i) for i in np.argsort(-wanted, kind="stable") if int(i) not in first]
        return first + others[: max(0, count) - len(first)]

    def _showing(self, box: Box) -> int | None:
        """The tile that shows a box well and was not searched for longest: another view each time."""
        box_x, box_y = (box[0] + box[2]) / 2, (box[1] + box[3]) / 2
        size = max(box[2] - box[0], box[3] - box[1], 1.0)
        showing = [
            i
            for i, tile in enumerate(self.tiles)
            if SEEN_WELL[0] * tile.side <= size <= SEEN_WELL[1] * tile.side
            and max(abs(box_x - tile.centre[0]), abs(box_y - tile.centre[1])) <= (tile.side - 0.6 * size) / 2
        ]
        return max(showing, key=lambda i: (self.age[i], -i), default=None)

    def done(self, chosen: list[int]) -> None:
        """Notes that a frame has passed in which `chosen` were searched."""
        self.turn += 1
        self.age += 1
        self.age[chosen] = 0

    def bound(self, count: int) -> int:
        """No tile waits more frames than this when `count` are searched per frame."""
        turns = 2 * len(self.tiles) if count == 1 else math.ceil(len(self.tiles) / max(1, count - count // 2))
        return 5 * turns + 1


def interest(rota: Rota, background: Background, foreground: Foreground) -> Floats:
    """How much each tile holds that the background does not explain: (tiles,) 0 to 1."""
    sums = np.pad(foreground.mask.astype(np.int32).cumsum(0).cumsum(1), ((1, 0), (1, 0)))
    box = np.rint(rota.boxes * background.scale).astype(int)
    height, width = foreground.mask.shape
    x0, x1 = np.clip(box[:, [0, 2]], 0, width).T
    y0, y1 = np.clip(box[:, [1, 3]], 0, height).T
    inside = sums[y1, x1] - sums[y0, x1] - sums[y1, x0] + sums[y0, x0]
    part = inside / np.maximum(1, (x1 - x0) * (y1 - y0))
    return np.asarray(np.clip(part * 20, 0, 1), np.float32)
