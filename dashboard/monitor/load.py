"""When seeing takes longer than the frames are apart, do less for each frame; do more again when there
is room. Pure."""

from __future__ import annotations

from dataclasses import replace

from dashboard.vision import SeeBudget

# Shares of the full budget.
_SHARES = (1.0, 0.75, 0.5, 0.35)
# More pictures a second do not make up for fewer searches in each: of eight runs of the simulated garden with
# one search and four crops, 4.8 pictures a second, two raised an emergency about somebody who swam on; of
# sixteen with two and six, 3.7 pictures for the same work a second, one did.
_LEAST_TILES, _LEAST_LANDMARKS = 2, 6
# The goal for several cameras; a faster camera may drop frames before anything is left out of a frame.
SLOWEST_FPS = 10.0
_EASE_S = 2.0
_RESTORE_S = 10.0
_ROOM = 0.6
_NEWEST_SHARE = 0.2


class LoadControl:
    """Steps between full work (0) and the least. Eases after 2 s of too slow frames, restores after 10 s
    with room to spare, so that it does not swing."""

    def __init__(self) -> None:
        self.eased = 0
        self._since = 0.0
        self._took_s = 0.0
        self._count = 0
        self._room_s = 0.0

    def done(self, now: float, took_s: float, interval_s: float) -> bool:
        """One frame took `took_s`; frames come every `interval_s`. True when `eased` changed."""
        if self._count == 0:
            self._since = now - took_s
        self._took_s += took_s
        self._count += 1
        window_s = now - self._since
        if window_s < _EASE_S:
            return False
        mean_s, self._took_s, self._count = self._took_s / self._count, 0.0, 0
        return self._judged(mean_s, max(interval_s, 1 / SLOWEST_FPS), window_s)

    def _judged(self, mean_s: float, target_s: float, window_s: float) -> bool:
        before = self.eased
        self._room_s = self._room_s + window_s if mean_s < _ROOM * target_s else 0.0
        if mean_s > target_s:
            self.eased = min(self.eased + 1, len(_SHARES) - 1)
        elif self._room_s >= _RESTORE_S:
            self.eased, self._room_s = max(self.eased - 1, 0), 0.0
        return self.eased != before


class Punctuality:
    """Whether a frame can still be judged in time: one that cannot is left out for the next, which will
    be fresher. Dropped rather than late."""

    def __init__(self, limit_s: float) -> None:
        self._limit_s = limit_s
        self._expected_s = 0.0
        self._left_out = False

    def took(self, took_s: float) -> None:
        """A frame was judged in `took_s`."""
        self._expected_s += _NEWEST_SHARE * (took_s - self._expected_s)

    def wanted(self, age_s: float, interval_s: float) -> bool:
        """For a frame `age_s` old while frames come every `interval_s` (0 is unknown). Never leaves out
        two in a row, and none where the next could be no better."""
        could_be_in_time = 0 < interval_s < self._limit_s and self._expected_s < self._limit_s
        late = age_s + self._expected_s > self._limit_s
        self._left_out = could_be_in_time and late and not self._left_out
        return not self._left_out


def eased_budget(full: SeeBudget, eased: int) -> SeeBudget:
    """The budget with `eased` steps of less work; never so little that nobody new could be found."""
    share = _SHARES[eased]
    return replace(
        full,
        detector_every=round(full.detector_every / share),
        tiles=max(min(_LEAST_TILES, full.tiles), round(full.tiles * share)),
        landmarks=max(min(_LEAST_LANDMARKS, full.landmarks), round(full.landmarks * share)),
    )
