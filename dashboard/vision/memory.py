"""What seeing remembers of each known track between frames: when it was looked at, what came of it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

Box = tuple[float, float, float, float]
LEARN = 0.3


@dataclass(frozen=True)
class Recollection:
    """Of one track: `tried_t`, the last landmark run; `agreed_t`, the last time that a searcher saw
    somebody there, `boxed_t` that the whole-picture detector did; `belief`, how present the landmark model
    has found them lately, 0 to 1."""

    tried_t: float = float("-inf")
    agreed_t: float | None = None
    boxed_t: float = float("-inf")
    belief: float = 1.0


class Memory:
    """Recollections by track id; those of tracks that are gone are forgotten."""

    def __init__(self) -> None:
        self._tracks: dict[int, Recollection] = {}

    def of(self, track: int | None) -> Recollection:
        """What is known of a track; of a new one, nothing."""
        return Recollection() if track is None else self._tracks.get(track, Recollection())

    def agreed(self, track: int, t: float, boxed: bool = False) -> None:
        """A searcher has seen somebody where the track is; `boxed`: the whole-picture detector."""
        before = self.of(track)
        self._tracks[track] = replace(before, agreed_t=t, boxed_t=t if boxed else before.boxed_t)

    def tried(self, track: int, t: float, presence: float) -> None:
        """The landmark model has looked for the track and answered with `presence`."""
        before = self.of(track)
        belief = before.belief + LEARN * (presence - before.belief)
        self._tracks[track] = replace(before, tried_t=t, belief=belief)

    def alone_s(self, track: int, t: float) -> float:
        """Seconds since a searcher last agreed; counted from now for a track that none ever saw."""
        before = self.of(track)
        if before.agreed_t is None:
            self.agreed(track, t)
            return 0.0
        return t - before.agreed_t

    def keep(self, tracks: Iterable[int]) -> None:
        """Forgets all other tracks."""
        self._tracks = {track: self._tracks[track] for track in tracks if track in self._tracks}


class Refusals:
    """Places where the landmark model found nobody: not worth another look for `wait_s`."""

    def __init__(self, wait_s: float = 1.0) -> None:
        self._wait_s = wait_s
        self._places: list[tuple[float, Box]] = []

    def note(self, box: Box, t: float) -> None:
        """Nobody was found in the box at `t`."""
        self._places = [(when, place) for when, place in self._places if t - when < self._wait_s]
        self._places.append((t, box))

    def worth(self, box: Box, t: float) -> bool:
        """Whether the box is far enough from every fresh refusal, in place or size."""
        return not any(t - when < self._wait_s and _alike(box, place) for when, place in self._places)


def _alike(a: Box, b: Box) -> bool:
    width, height = max(a[2] - a[0], b[2] - b[0]), max(a[3] - a[1], b[3] - b[1])
    reach = 0.25 * max(width, height)
    return all(abs(one - other) <= reach for one, other in zip(a, b, strict=True))
