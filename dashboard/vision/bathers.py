"""Who in the water only a closer look finds, frame by frame: where to look, and whom it showed."""

from __future__ import annotations

from collections.abc import Sequence

from dashboard.geometry import Polygon
from dashboard.values import Detection, Frame, Patch, Track
from dashboard.vision.background import Background
from dashboard.vision.close_look import EXPECTED_SCORE, CloseLook, Square
from dashboard.vision.findings import Finding, detection_of, matched
from dashboard.vision.memory import Memory
from dashboard.vision.models import VisionModels
from dashboard.vision.spots import covered_by, expected, is_known, missed_at, spots_of

# A second, and in a frame at least and at most: whoever swims is seen by one look in two or three, so fewer
# frames need more looks each.
LOOKS_A_SECOND, LOOKS = 16, (2, 4)
# From one picture to the next: more, and what every picture looks for first is found too seldom.
SPARSE_S = 0.15


class Bathers:
    """Of one camera with pictures of `size_wh`; `memory` hears which tracks were seen. `looked` is how many
    squares the last frame was searched in."""

    def __init__(self, models: VisionModels, memory: Memory, size_wh: tuple[int, int]) -> None:
        self._models = models
        self._memory = memory
        self._size_wh = size_wh
        self._close = CloseLook(size_wh)
        self.looked = 0

    def squares(
        self,
        frame: Frame,
        background: Background,
        patches: Sequence[Patch],
        people: Sequence[Detection],
        known: Sequence[Track],
        water: Sequence[Polygon],
        brightness: float,
        since_s: float,
    ) -> list[Square]:
        """Where in the `water` (0 to 1 of width and height) to look closely: at what is not explained, and
        where somebody should be. `people` are those found in this frame, `brightness` is its mean luma,
        `since_s` how long ago the picture before it was taken."""
        spots = [spot for patch in patches for spot in spots_of(patch, frame.image, background, people)]
        spots += covered_by(people, frame.image, background)
        for head, whole in expected(known, people, patches, frame.t):
            spots.append(missed_at(head, whole, frame.image, background, people))
        most = int(min(max(LOOKS_A_SECOND * since_s, LOOKS[0]), LOOKS[1]))
        return self._close.choose(spots, water, brightness, frame.t, most, sparse=since_s > SPARSE_S)

    def found(
        self, frame: Frame, squares: Sequence[Square], people: Sequence[Detection], known: Sequence[Track]
    ) -> list[Detection]:
        """Whom only the close looks find."""
        self.looked = len(squares)
        bathers: list[Detection] = []
        searches = [self._models.search.submit(frame.image, square.crop) for square in squares]
        for square, search in zip(squares, searches, strict=True):
            others = [*people, *bathers]
            shown = self._close.found(square, search.result(EXPECTED_SCORE), frame.t, others)
            bathers += self._sure(shown, known, frame.t)
        return bathers

    def in_vain(self, patch: Patch) -> bool:
        """Whether nobody was found there so often that nobody is there."""
        return self._close.in_vain(patch.xyxy)

    def _sure(self, shown: Sequence[Finding], known: Sequence[Track], t: float) -> list[Detection]:
        """Who is known, or was found by most of the looks."""
        found = [f for f in matched(shown, known, t) if self._close.sure(f) or is_known(f, known)]
        for finding in found:
            if finding.track is not None:
                self._memory.agreed(finding.track, t)
        return [detection_of(f, self._size_wh) for f in found]
