"""Windows to learn from, drawn once for all members and all parts of a cross-validation."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from dashboard.commands.schooling.draw import drawn
from dashboard.commands.schooling.material import Material
from dashboard.values import Floats
from dashboard.vision.danger.features import features
from dashboard.vision.danger.model import Doing
from dashboard.vision.danger.window import Array, Bools, Windows, clip_windows, joined, unscored

_STRIDE = 3
# Harder windows of a clip: so many times the root of its frames, and at least so many.
_OFTEN, _LEAST = 24, 60
_AT_ONCE = 256


@dataclass(frozen=True, eq=False)
class Pool:
    """R rows: `windows`, their `figures` (R, F), the numbers of their clips `whose` (R,) and classes `doing`
    (R,); `harder` (R,) says which are made harder, the others are as they are. `chances` (R,): how often each
    is drawn; harder ones and others sum to one each, and in either every class has the same."""

    windows: Windows
    figures: Floats
    whose: Array
    doing: Array
    harder: Bools
    chances: Array

    def only(self, some: Sequence[int]) -> Pool:
        """What belongs to some of the clips, by number."""
        rows = np.isin(self.whose, some)
        windows = Windows(self.windows.points[rows], self.windows.known[rows])
        doing, harder = self.doing[rows], self.harder[rows]
        chances = _evened(self.chances[rows], doing, harder)
        return Pool(windows, self.figures[rows], self.whose[rows], doing, harder, chances)


def pool_of(material: Material, seed: int) -> Pool:
    """The windows of all that can be learnt from, as they are and harder. The same for the same seed."""
    rng = np.random.default_rng(seed)
    heard: Callable[[Windows], Windows] = (lambda windows: windows) if material.scored else unscored
    windows, figures, counts = [], [], []
    for clip in material.learnt:
        count = max(_LEAST, int(_OFTEN * np.sqrt(len(clip.points))))
        for some in (_as_they_are(clip.points), drawn([clip.points], [0] * count, rng)):
            windows.append(heard(some))
            figures.append(_figures(windows[-1]))
            counts.append(len(some))
    piece = np.repeat(np.arange(len(counts)) // 2, counts)
    harder = np.repeat(np.arange(len(counts)) % 2 == 1, counts)
    doing = np.array([list(Doing).index(clip.doing) for clip in material.learnt if clip.doing])[piece]
    often = material.chances[piece] / np.repeat(counts, counts)
    chances = _evened(often, doing, harder)
    return Pool(joined(windows), np.concatenate(figures), material.whose[piece], doing, harder, chances)


def _as_they_are(points: Floats) -> Windows:
    windows = clip_windows(points, _STRIDE)
    return windows if len(windows) else clip_windows(np.repeat(points, 3, 0))


def _figures(windows: Windows) -> Floats:
    """A few at a time: what is worked on together should lie together."""
    parts = [features(windows[i : i + _AT_ONCE]) for i in range(0, len(windows), _AT_ONCE)]
    return np.concatenate(parts)


def _evened(chances: Array, doing: Array, harder: Bools) -> Array:
    found = chances.copy()
    for kind in (harder, ~harder):
        classes = set(doing[kind].tolist())
        for one in classes:
            some = kind & (doing == one)
            found[some] /= found[some].sum() * len(classes)
    return found
