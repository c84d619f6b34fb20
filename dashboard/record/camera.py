"""One camera's recorder: encodes every picture once, holds the last seconds, and writes the clips that are
ordered. What fails costs a clip, and is told; it never raises."""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import cv2
import numpy as np

from dashboard.record.animals import RECOGNISED
from dashboard.record.clip import Clip, ClipOrder, Finished
from dashboard.record.coding import Coded, Coder, CodingError, Ring, fitted
from dashboard.record.movie import MovieError
from dashboard.record.twin import drawn, neutral, skeletons
from dashboard.settings import RecordSettings
from dashboard.values import Image

# A picture in which nothing changes is encoded once a second.
_CALM_S = 1.0
# So long after its end a clip waits for a last picture.
_GRACE_S = 0.5
_RETRY_S = 10.0
_MOST_RING_BYTES = 16 << 20
_LOG = logging.getLogger(__name__)


@dataclass(frozen=True, eq=False)
class Shot:
    """A picture (BGR, masks are black in it), what was seen in it (as JSON), and the learnt empty picture."""

    image: Image
    t: float
    observation: Mapping[str, Any]
    empty: Image | None


class CameraRecorder:
    """`report` is told what became of each clip. Times are the camera's, monotonic seconds."""

    def __init__(self, settings: RecordSettings, report: Callable[[Finished], None]) -> None:
        self.settings = settings
        self._report = report
        self._public = b""
        self._size_wh = (0, 0)
        self._coders: tuple[Coder, Coder] | None = None
        self._clips: dict[str, Clip] = {}
        self._waiting: list[ClipOrder] = []
        self._seen: deque[Mapping[str, Any]] = deque()
        self._rings = self._new_rings()
        self._empty: Image | None = None
        self._backdrop: Image | None = None
        self._twin_t = self._whole_t = float("-inf")
        self._calm = False
        self._site: tuple[Any, ...] = ()
        self._failed_t: float | None = None
        self.why = ""

    def seal(self, public: bytes) -> None:
        """From now on real pictures are sealed to this key; empty: none is kept."""
        self._public = public

    def people(self, site: tuple[Any, ...]) -> None:
        """Whom the judge knows at this camera, for the next line of the track."""
        self._site = site

    def order(self, order: ClipOrder) -> None:
        """Begins a clip with what is held of the time before, or makes one longer."""
        running = self._clips.get(order.clip)
        if running is not None:
            running.until_t = max(running.until_t, order.until_t)
            running.order = replace(running.order, may_open=running.order.may_open and order.may_open)
            return
        if order.longer:
            self._lengthen_waiting(order)
        elif self._coders is None:
            self._waiting.append(order)
        else:
            self._begin(order, self._coders)

    def _lengthen_waiting(self, order: ClipOrder) -> None:
        self._waiting = [
            replace(one, until_t=order.until_t, may_open=order.may_open) if one.clip == order.clip else one
            for one in self._waiting
        ]

    def film(self, shot: Shot) -> None:
        """One more picture."""
        if self._failed_t is not None and shot.t - self._failed_t < _RETRY_S:
            return
        try:
            self._film(shot)
        except CodingError as error:
            _LOG.warning("recording: %s", error)
            self._failed_t, self.why = shot.t, f"The encoder failed: {error}."
            self.end()
            self._coders, self._rings = None, self._new_rings()

    def turn(self, now: float) -> None:
        """Time passes: ends what is over."""
        for clip in [c for c in self._clips.values() if now >= c.until_t + _GRACE_S]:
            self._end(clip)
        for order in [o for o in self._waiting if now >= o.until_t]:
            self._waiting.remove(order)
            self._report(Finished(order.clip, order.since_t, now, (0, 0), why="there was no picture"))

    def end(self) -> None:
        """Finishes all clips as they are."""
        for clip in list(self._clips.values()):
            self._end(clip, cut=True)

    def _film(self, shot: Shot) -> None:
        image = fitted(shot.image, self.settings.width)
        twin_coder, real_coder = self._coders_for((image.shape[1], image.shape[0]))
        self._failed_t, self.why = None, ""
        observation = self._with_site(shot.observation)
        # Both begin anew at the same moments, so that a clip's two pictures have the same zero.
        whole = shot.t - self._whole_t >= self.settings.segment_s
        self._whole_t = shot.t if whole else self._whole_t
        real = real_coder.encode(image, shot.t, whole)
        twin = self._twin(twin_coder, shot, self._size_wh, whole)
        for clip in list(self._clips.values()):
            if shot.t > clip.until_t:
                self._end(clip)
            else:
                self._add(clip, twin, real, observation, image)
        self._rings[1].put(real)
        if twin is not None:
            self._rings[0].put(twin)
        self._remember(observation, shot.t)
        waiting, self._waiting = self._waiting, []
        for order in waiting:
            self._begin(order, (twin_coder, real_coder))

    def _coders_for(self, size_wh: tuple[int, int]) -> tuple[Coder, Coder]:
        if self._coders is None or size_wh != self._size_wh:
            # Another size is another video: what runs ends here.
            for clip in list(self._clips.values()):
                self._end(clip, cut=True)
            self._coders = Coder(size_wh, self.settings), Coder(size_wh, self.settings)
            self._size_wh, self._rings = size_wh, self._new_rings()
            self._seen.clear()
            self._empty = self._backdrop = None
            self._calm, self._whole_t = False, float("-inf")
        return self._coders

    def _twin(self, coder: Coder, shot: Shot, size_wh: tuple[int, int], whole: bool) -> Coded | None:
        """The redacted picture; None where it is the one before."""
        if self._backdrop is None or shot.empty is not self._empty:
            self._empty, self._calm = shot.empty, False
            self._backdrop = neutral(size_wh) if shot.empty is None else _sized(shot.empty, *size_wh)
        seen = shot.observation
        calm = seen["people"] == [] and not seen["things"]
        if calm and self._calm and not whole and shot.t - self._twin_t < _CALM_S:
            return None
        self._calm, self._twin_t = calm, shot.t
        return coder.encode(drawn(self._backdrop, seen), shot.t, whole)

    def _begin(self, order: ClipOrder, coders: tuple[Coder, Coder]) -> None:
        try:
            seen_wh = tuple(self._seen[-1]["size"]) if self._seen else self._size_wh
            order = replace(order, seen_wh=seen_wh)
            clip = Clip(order, self._size_wh, coders[0].stream, coders[1].stream, self._public)
        except OSError as error:
            self._report(Finished(order.clip, order.since_t, order.since_t, (0, 0), why=_reason(error)))
            return
        self._clips[order.clip] = clip
        try:
            clip.twin(self._rings[0].since(order.since_t))
            clip.real(self._rings[1].since(clip.began_t))
            for observation in self._seen:
                clip.seen(observation)
            clip.thumb(*self._fullest_picture())
        except (OSError, MovieError) as error:
            self._give_up(clip, error)

    def _fullest_picture(self) -> tuple[Image, int]:
        """The newest of the last seconds with the most skeletons in it, and how many those are."""
        backdrop = self._backdrop if self._backdrop is not None else neutral(self._size_wh)
        if not self._seen:
            return backdrop, 0
        fullest = max(reversed(self._seen), key=skeletons)
        return drawn(backdrop, fullest), skeletons(fullest)

    def _add(
        self, clip: Clip, twin: Coded | None, real: Coded, observation: Mapping[str, Any], image: Image
    ) -> None:
        try:
            clip.twin(() if twin is None else (twin,))
            clip.real((real,))
            clip.seen(observation)
            if twin is not None and self._backdrop is not None and clip.wants_thumb(skeletons(observation)):
                clip.thumb(drawn(self._backdrop, observation), skeletons(observation))
            if clip.wants_animal and any(thing["label"] in RECOGNISED for thing in observation["things"]):
                clip.thumb_animal(image)
        except (OSError, MovieError) as error:
            self._give_up(clip, error)

    def _end(self, clip: Clip, cut: bool = False) -> None:
        del self._clips[clip.order.clip]
        if clip.empty:
            self._report(clip.abandon("there was no picture"))
            return
        try:
            self._report(replace(clip.finish(), cut=cut, until_t=clip.until_t))
        except (OSError, MovieError) as error:
            self._report(clip.abandon(_reason(error)))

    def _give_up(self, clip: Clip, error: Exception) -> None:
        del self._clips[clip.order.clip]
        self._report(clip.abandon(_reason(error)))

    def _remember(self, observation: Mapping[str, Any], t: float) -> None:
        self._seen.append(observation)
        kept_s = self.settings.before_s + self.settings.segment_s
        while self._seen and self._seen[0]["t"] < t - kept_s:
            self._seen.popleft()

    def _with_site(self, observation: Mapping[str, Any]) -> Mapping[str, Any]:
        """Once a second with whom the judge knows there."""
        site, self._site = self._site, ()
        return {**observation, "site": list(site)} if site else observation

    def _new_rings(self) -> tuple[Ring, Ring]:
        seconds = self.settings.before_s
        return Ring(seconds, _MOST_RING_BYTES), Ring(seconds, _MOST_RING_BYTES)


def _sized(image: Image, width: int, height: int) -> Image:
    if image.shape[:2] == (height, width):
        return image
    return np.asarray(cv2.resize(image, (width, height), interpolation=cv2.INTER_AREA), np.uint8)


def _reason(error: Exception) -> str:
    return (error.strerror if isinstance(error, OSError) else None) or str(error)
