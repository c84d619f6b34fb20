"""A view of before the start, held against what is seen now: does it fit, or is the camera another way?"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import cv2
import numpy as np

from dashboard.values import FaultKind, Floats
from dashboard.vision.background import Mask

FITS, FITS_S = 0.15, 4.0
UNFIT_S = 20.0
BLANK = 0.6  # of the picture without contrast
EDGE_PX = 13  # half a template: the border of what is known is no corner of the place


@dataclass(frozen=True)
class Look:
    """What one look at the picture found. `lost` and `changed`: the shares of the blocks with a say that have
    lost their edges, and that have others instead; `soft`: how sharp they are, 1 is as usual; `smooth`: the
    largest part of the picture with hardly any contrast; `coarse`: likeness without any detail, -1 to 1;
    `displaced`: the learnt corners are elsewhere, all in one way."""

    kind: FaultKind | None
    lost: float = 0.0
    changed: float = 0.0
    soft: float = 1.0
    smooth: float = 0.0
    coarse: float = 1.0
    displaced: bool = False


class Fit(StrEnum):
    """Whether the view of before is the view now."""

    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"


class Recalled:
    """`known` (h, w) is where the view of before is known; `inner` (h, w) 1 well within it, else 0."""

    def __init__(self, known: Mask) -> None:
        self.known = known
        reach = np.ones((2 * EDGE_PX + 1, 2 * EDGE_PX + 1), np.uint8)
        eroded = cv2.erode(known.astype(np.uint8), reach, borderType=cv2.BORDER_REPLICATE)
        self.inner: Floats = np.asarray(eroded, np.float32)
        self._fits_since: float | None = None
        self._unfit_since: float | None = None

    def step(self, look: Look, t: float) -> Fit:
        """What is known of it after a look at `t` (s)."""
        fits = look.kind is None and look.lost < FITS
        self._fits_since = (self._fits_since if self._fits_since is not None else t) if fits else None
        unfit = not fits and look.kind not in self.sure(look)
        self._unfit_since = (self._unfit_since if self._unfit_since is not None else t) if unfit else None
        if self._fits_since is not None and t - self._fits_since >= FITS_S:
            return Fit.YES
        if self._unfit_since is not None and t - self._unfit_since >= UNFIT_S:
            return Fit.NO
        return Fit.UNKNOWN

    def sure(self, look: Look) -> frozenset[FaultKind]:
        """The faults that count although light and season may be others."""
        blank = {FaultKind.COVERED} if look.smooth >= BLANK else set()
        return frozenset(blank | ({FaultKind.MOVED} if look.displaced else set()))
