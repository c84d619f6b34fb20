"""What a back end saw on its way to the skeletons: for people who want to look at how it works."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol, runtime_checkable

import numpy as np

from dashboard.values import Floats, Image, Pose

Box = tuple[float, float, float, float]


@dataclass(frozen=True, eq=False)
class Inspection:
    """`poses`; the person `boxes` that were proposed and the `crops` that were looked at, `xyxy` pixels; for
    each of `points` a confidence map (K, H, W), for each of `limbs` an affinity field (2L, H, W), x then y.
    One cell is `cell` pixels wide and high, the first one's middle lies at `origin`. Empty is what the back
    end does not have."""

    poses: list[Pose]
    boxes: list[Box]
    crops: list[Box]
    points: tuple[str, ...] = ()
    limbs: tuple[str, ...] = ()
    maps: Floats | None = None
    fields: Floats | None = None
    cell: float = 1.0
    origin: float = 0.0


@runtime_checkable
class Inspects(Protocol):
    """A back end that can show its way."""

    def inspect(self, image: Image) -> Inspection:
        """People in a BGR picture, and how they were found."""
        ...


def pasted(maps: list[Floats], crops: list[Box], size_wh: tuple[int, int], cell: int = 4) -> Floats | None:
    """Each crop's heat maps (K, h, w) at their place in the picture, the highest where they overlap:
    (K, H / cell, W / cell); None without a crop."""
    if not maps:
        return None
    width, height = -(-size_wh[0] // cell), -(-size_wh[1] // cell)
    whole = np.zeros((len(maps[0]), height, width), np.float32)
    for one, (left, top, right, bottom) in zip(maps, crops, strict=True):
        rows = np.arange(max(0, int(top // cell)), min(height, int(bottom // cell) + 1))
        columns = np.arange(max(0, int(left // cell)), min(width, int(right // cell) + 1))
        if not len(rows) or not len(columns):
            continue
        r = ((rows + 0.5) * cell - top) / max(bottom - top, 1e-6) * one.shape[1]
        c = ((columns + 0.5) * cell - left) / max(right - left, 1e-6) * one.shape[2]
        r, c = np.clip(r.astype(int), 0, one.shape[1] - 1), np.clip(c.astype(int), 0, one.shape[2] - 1)
        place = whole[:, rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
        np.maximum(place, one[:, r[:, None], c], out=place)
    return whole
