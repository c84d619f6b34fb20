"""Where key point maps have their peaks, to parts of a cell."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dashboard.values import Floats

Ints = NDArray[np.intp]
_FLOOR = 1e-4
_AROUND = ((-1, -1), (-1, 0), (-1, 1), (0, -1), (0, 1), (1, -1), (1, 0), (1, 1))


@dataclass(frozen=True, eq=False)
class Peaks:
    """`part` (N,) which map, ascending; `xy` (N, 2) in cells, 0 the middle of the first; `score` (N,)."""

    part: Ints
    xy: Floats
    score: Floats

    def of(self, part: int) -> Ints:
        """The indices of a part's peaks."""
        first, last = np.searchsorted(self.part, [part, part + 1])
        return np.arange(first, last)


def find_peaks(maps: Floats, least: float, most: int = 100) -> Peaks:
    """Local maxima above `least` in each of the maps (P, H, W): the `most` highest of a map."""
    parts, height, width = maps.shape
    padded = np.full((parts, height + 2, width + 2), -np.inf, np.float32)
    padded[:, 1:-1, 1:-1] = maps
    flat = padded.reshape(-1)
    places = np.flatnonzero(flat > least)
    values = flat[places]
    top = np.ones(len(places), bool)
    for down, right in _AROUND:
        beside = flat[places + down * (width + 2) + right]
        # of two equal neighbours the later one is the peak
        top &= values > beside if (down, right) > (0, 0) else values >= beside
    places, values = places[top], values[top]
    part, rest = np.divmod(places, (height + 2) * (width + 2))
    row, column = np.divmod(rest, width + 2)
    x = column - 1 + _summit(flat, places, 1)
    y = row - 1 + _summit(flat, places, width + 2)
    peaks = Peaks(part, np.stack([x, y], axis=1).astype(np.float32), values)
    return _highest(peaks, parts, most)


def _summit(flat: Floats, places: Ints, step: int) -> Floats:
    """How far from the highest cell the summit of a Gaussian through it and its neighbours lies."""
    before, here, after = flat[places - step], flat[places], flat[places + step]
    known = np.isfinite(before) & np.isfinite(after)
    a, b, c = (np.log(np.maximum(np.where(known, v, 1.0), _FLOOR)) for v in (before, here, after))
    bend = a - 2 * b + c
    shift = np.divide(a - c, 2 * bend, out=np.zeros_like(bend), where=known & (bend < 0))
    return np.asarray(np.clip(shift, -0.5, 0.5), np.float32)


def _highest(peaks: Peaks, parts: int, most: int) -> Peaks:
    if len(peaks.part) == 0 or np.bincount(peaks.part, minlength=parts).max() <= most:
        return peaks
    kept = [peaks.of(part) for part in range(parts)]
    kept = [np.sort(own[np.argsort(-peaks.score[own], kind="stable")[:most]]) for own in kept]
    chosen = np.concatenate(kept)
    return Peaks(peaks.part[chosen], peaks.xy[chosen], peaks.score[chosen])
