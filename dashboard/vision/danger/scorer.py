"""How likely it is that somebody's last second is one of drowning, for every person whom a camera follows.

Keeps the key points of the last second of each track with their times, asks the classifier a few times a
second, and says "unknown" rather than a figure where too little was seen.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Protocol

import numpy as np

from dashboard.settings import VisionSettings
from dashboard.values import Floats, PoseDanger, Track, TrackState
from dashboard.vision.danger.model import Doing
from dashboard.vision.danger.reasons import reasons
from dashboard.vision.danger.window import FRAMES, RATE_HZ, Windows, joined, window_at

_WINDOW_S = (FRAMES - 1) / RATE_HZ
_TRUNK = (5, 6, 11, 12)
_DROWN = list(Doing).index(Doing.DROWN)


class Classifies(Protocol):
    """The model, or what stands in for it in tests."""

    def probabilities(self, windows: Windows) -> Floats: ...


@dataclass
class _Past:
    """One track's last second and what was last said of it, at `said_t`."""

    looks: deque[tuple[float, Floats]] = field(default_factory=deque)
    said: PoseDanger | None = None
    said_t: float = float("-inf")


class DangerScorer:
    """One camera's. Not for several threads at once."""

    def __init__(self, model: Classifies, settings: VisionSettings) -> None:
        self._model = model
        self._settings = settings
        self._past: dict[int, _Past] = {}

    def step(self, tracks: Sequence[Track], t: float) -> tuple[Track, ...]:
        """The tracks of one moment with what their poses say: new where it is due, else how old the last
        word is; nothing where that is longer ago than a second."""
        self._past = {track.id: self._past.get(track.id, _Past()) for track in tracks}
        due = [track.id for track in tracks if self._took_in(track, t)]
        self._judge(due, t)
        return tuple(replace(track, danger=self._word(track.id, t)) for track in tracks)

    def _took_in(self, track: Track, t: float) -> bool:
        """Whether this look makes a new judgement due."""
        past = self._past[track.id]
        if track.pose is None or track.pose_t is None or track.state is not TrackState.CONFIRMED:
            return False
        if past.looks and track.pose_t <= past.looks[-1][0]:
            return False
        past.looks.append((track.pose_t, track.pose.keypoints))
        # One look from before the second is kept: the window begins between two looks.
        while len(past.looks) > 2 and past.looks[1][0] <= t - _WINDOW_S:
            past.looks.popleft()
        return track.pose_t >= t - 1e-6 and t - past.said_t >= self._settings.danger_every_s - 1e-6

    def _judge(self, due: Sequence[int], t: float) -> None:
        windows: dict[int, Windows] = {}
        for number in due:
            past = self._past[number]
            past.said, past.said_t = PoseDanger(None), t
            times, points = zip(*past.looks, strict=True)
            if enough(times, points, t, self._settings):
                windows[number] = window_at(times, points, t)
        if not windows:
            return
        batch = joined(list(windows.values()))
        scores = self._model.probabilities(batch)[:, _DROWN].tolist()
        for number, score, why in zip(windows, scores, reasons(batch), strict=True):
            self._past[number].said = PoseDanger(score, why)

    def _word(self, number: int, t: float) -> PoseDanger | None:
        past = self._past[number]
        age_s = t - past.said_t
        return None if past.said is None or age_s > 1.0 else replace(past.said, age_s=age_s)


def enough(times: Sequence[float], points: Sequence[Floats], t: float, settings: VisionSettings) -> bool:
    """Whether the last second was seen well enough to say anything: looks close enough together over most of
    it, and in the usual look enough sure points, the trunk's among them."""
    seen = np.array([min(t, max(at, t - _WINDOW_S)) for at in times])
    if seen[-1] - seen[0] < settings.danger_least_s or np.diff(seen).max(initial=0) > settings.danger_gap_s:
        return False
    sure = np.stack(points)[..., 2] >= settings.danger_point_score
    counts = np.median(sure.sum(1)), np.median(sure[:, list(_TRUNK)].sum(1))
    return bool(counts[0] >= settings.danger_points and counts[1] >= len(_TRUNK) - 1)
