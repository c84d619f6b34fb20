"""Which parts of a picture may be shown: those that proved over time to be the empty place itself.

Searchers miss people. So nothing is shown because nobody was found in it. Every pixel keeps two looks that it
had for more than a moment, with the time that each was seen in all, before and after whatever stood in front.
A look is the place's own when it was seen long enough, twice as long as the other one. The look that was
there from the first needs least; where something stirs nearby it may be somebody alive who was there at
the start, and it needs more; a look that came later, as a person or a chair does, needs most.
(After the two-class codebooks of Kim et al. 2005, with suspicion added.)
"""

from __future__ import annotations

from dataclasses import dataclass, field

import cv2
import numpy as np

from dashboard.values import Floats
from dashboard.vision.background import Mask, apart

NOTICED_S = 3.0  # a look that lasted less is something that passed
STEADY_S, STIRRED_S, LATECOMER_S = 60.0, 240.0, 900.0
TIMES_THE_OTHER = 2.0
# Grey levels from second to second: more than the calm quarter of the picture, by half a person's swaying.
RESTLESS, TIMES_CALM = 1.0, 2.0
NEAR = 0.06  # of the picture's width: about a body's width around what stirs
SAME, SAME_DEVIATIONS, SAME_MOST = 16.0, 3.0, 40.0  # grey levels; ripples are the same look, a swimmer is not
FOLLOW = 0.1
CHANGED, CHANGED_S = 0.4, 2.0  # sooner than NOTICED_S
LONGEST_STEP_S = 2.0


@dataclass(eq=False)
class _Look:
    """One look of every pixel: `colour` (h, w, 3), `seen_s` how long in all, `late`: came later."""

    colour: Floats
    seen_s: Floats
    late: Mask


@dataclass(eq=False)
class Trust:
    """The looks of all pixels of a background's picture, `shape` (h, w). `step` changes; the rest answers."""

    shape: tuple[int, int]
    _t: float | None = None
    _strange_s: float = 0.0
    _steady_s: float = STEADY_S
    _looks: list[_Look] = field(default_factory=list)
    _now: np.ndarray = field(init=False)
    _waiting: Floats = field(init=False)
    _waiting_s: Floats = field(init=False)
    _restless: Mask = field(init=False)

    def __post_init__(self) -> None:
        self._looks = [self._blank() for _ in range(2)]
        self._now = np.full(self.shape, -1, np.int8)
        self._waiting = np.zeros((*self.shape, 3), np.float32)
        self._waiting_s = np.zeros(self.shape, np.float32)
        self._restless = np.zeros(self.shape, bool)

    def step(self, small: Floats, t: float, free: Mask, deviation: Floats, stir: Floats) -> None:
        """Takes in the picture (h, w, 3) taken at `t` seconds, where nobody is known (`free`); `deviation`
        and `stir` (h, w) are the background's. When nearly everything has changed for a while, by
        lamps or because the camera was turned, all begins anew, and needs longer: it may be somebody right
        before the lens."""
        step = 0.0 if self._t is None else min(max(t - self._t, 0.0), LONGEST_STEP_S)
        self._t = t
        self._restless = _widened(stir > RESTLESS + TIMES_CALM * float(np.percentile(stir, 25)))
        limit = np.clip(SAME_DEVIATIONS * deviation, SAME, SAME_MOST)
        before, self._now = self._now, self._matched(small, limit)
        if self._all_new(step):
            self._looks = [self._blank(), self._blank()]
            self._now[:] = -1
            self._steady_s = STIRRED_S
        self._drift(small, before)
        for number, look in enumerate(self._looks):
            here = free & (self._now == number)
            look.seen_s += np.where(here, np.float32(step), np.float32(0))
            pace = np.where(here, np.float32(FOLLOW), np.float32(0))
            look.colour += cv2.merge([pace] * 3) * (small - look.colour)
        self._wait(small, limit, free, step)

    def trusted(self) -> Mask:
        """(h, w) where one look is the place's own."""
        return self._own(0) | self._own(1)

    def shown(self) -> Mask:
        """(h, w) where the picture was the place's own when it was last taken in."""
        return np.asarray((self._own(0) & (self._now == 0)) | (self._own(1) & (self._now == 1)))

    def colours(self) -> Floats:
        """(h, w, 3): the place's own look, where `trusted`."""
        later = self._own(1)[..., None]
        return np.asarray(np.where(later, self._looks[1].colour, self._looks[0].colour), np.float32)

    def recall(self, colour: Floats, trusted: Mask) -> None:
        """Takes up what was trusted before."""
        self._looks = [self._blank(), self._blank()]
        self._looks[0].colour[trusted] = colour[trusted]
        self._looks[0].seen_s[trusted] = LATECOMER_S
        self._now = np.full(self.shape, -1, np.int8)

    def _blank(self) -> _Look:
        shape = self.shape
        return _Look(np.zeros((*shape, 3), np.float32), np.zeros(shape, np.float32), np.zeros(shape, bool))

    def _own(self, number: int) -> Mask:
        look, other = self._looks[number], self._looks[1 - number]
        need = np.where(self._restless, np.float32(STIRRED_S), np.float32(self._steady_s))
        need = np.where(look.late, np.float32(LATECOMER_S), need)
        return np.asarray((look.seen_s >= need) & (look.seen_s >= TIMES_THE_OTHER * other.seen_s))

    def _matched(self, small: Floats, limit: Floats) -> np.ndarray:
        """(h, w) int8: which look each pixel has now, -1 for none."""
        far = [np.where(look.seen_s > 0, apart(small, look.colour), np.inf) for look in self._looks]
        nearest = (far[1] < far[0]).astype(np.int8)
        return np.where(np.minimum(*far) < limit, nearest, np.int8(-1)).astype(np.int8)

    def _drift(self, small: Floats, before: np.ndarray) -> None:
        """The look that is hidden now changes with the light as the visible ones do."""
        for number, look in enumerate(self._looks):
            steady = (self._now == number) & (before == number)
            if steady.mean() < 0.1:
                continue
            ratio = np.median((small[steady] + 8) / (look.colour[steady] + 8), axis=0)
            for other in self._looks:
                hidden = self._now != self._looks.index(other)
                other.colour[hidden] = (other.colour[hidden] + 8) * np.clip(ratio, 0.8, 1.25) - 8
            return

    def _all_new(self, step: float) -> bool:
        """Whether hardly anything has looked as before for longer than a passing flash."""
        seen = (self._looks[0].seen_s > 0) | (self._looks[1].seen_s > 0)
        known = float(seen.mean())
        strange = known > 0.2 and float((seen & (self._now >= 0)).mean()) < CHANGED * known
        self._strange_s = self._strange_s + step if strange else 0.0
        return self._strange_s > CHANGED_S

    def _wait(self, small: Floats, limit: Floats, free: Mask, step: float) -> None:
        """A look that is none of the two becomes one when it lasts: in place of the one seen less."""
        odd = free & (self._now < 0)
        same = odd & (apart(small, self._waiting) < limit)
        self._waiting_s = np.where(same, self._waiting_s + np.float32(step), np.float32(0))
        fresh = odd & ~same
        self._waiting[fresh] = small[fresh]
        noticed = odd & (self._waiting_s >= NOTICED_S)
        if not noticed.any():
            return
        fewer = self._looks[1].seen_s <= self._looks[0].seen_s
        unseen = self._looks[0].seen_s <= 0
        late = ~unseen | (self._looks[1].seen_s > 0)
        for number, look in enumerate(self._looks):
            here = noticed & ((fewer & ~unseen) if number else (~fewer | unseen))
            look.colour[here], look.seen_s[here] = small[here], self._waiting_s[here]
            look.late[here] = late[here]
            self._now[here] = number
        self._waiting_s[noticed] = 0


def _widened(mask: Mask) -> Mask:
    reach = 2 * round(NEAR * mask.shape[1]) + 1
    # A box filter of a yes or no is a dilation whose cost does not grow with its size.
    near = cv2.boxFilter(mask.astype(np.float32), -1, (reach, reach), borderType=cv2.BORDER_REPLICATE)
    return np.asarray(near > 0.002, bool)
