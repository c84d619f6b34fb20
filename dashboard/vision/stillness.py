"""How long a part has not stirred at all: neither its outline nor what is within it.

Whoever stands or sits sways, turns the head, breathes: within seconds the outline is another, if only by a
fiftieth. What lies on the ground does not. (What floats does: of that nothing is said here.)
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from dashboard.values import Floats
from dashboard.vision.blobs import Blob
from dashboard.vision.traits import same

AGO_S, KEPT_S = 2.0, 2.5  # it is compared with what it was so long ago
# Of the outline: most things that lie there do; real people who sit or stand the stillest for a single look.
SAME = 0.985
CHANGE = 0.08  # of how much it stands out from what is usual
FAINT = 6.0  # grey levels: what stands out less shows nothing


@dataclass(frozen=True, eq=False)
class _Look:
    t: float
    blob: Blob
    seen: Floats


@dataclass(frozen=True, eq=False)
class Stillness:
    """Of one part: `still_s`, for so long it has been as it was `AGO_S` before."""

    still_s: float = 0.0
    looks: tuple[_Look, ...] = ()

    def after(self, blob: Blob, quick: Floats, t: float, step: float) -> Stillness:
        """The same after another look at `t`, `step` seconds after the last: the part is `blob` now, in the
        quick picture (h, w, 3)."""
        before = next((look for look in reversed(self.looks) if t - look.t >= AGO_S - 1e-6), None)
        still = before is not None and _alike(before, blob, quick)
        look = _Look(t, blob, quick[blob.place].copy())
        looks = (*(old for old in self.looks if t - old.t <= KEPT_S), look)
        return Stillness(self.still_s + step if still else 0.0, looks)


def _alike(before: _Look, blob: Blob, quick: Floats) -> bool:
    if same(before.blob, blob) < SAME:
        return False
    contrast = max(float(np.abs(blob.colour - blob.usual).max()), FAINT)
    # A cloud changes the thing and the ground alike.
    light = (float(blob.usual.mean()) + 4) / (float(before.blob.usual.mean()) + 4)
    change = np.abs(quick[before.blob.place] - light * before.seen).max(axis=2)[before.blob.mask]
    return float(change.mean()) < CHANGE * contrast
