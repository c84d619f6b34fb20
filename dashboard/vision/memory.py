"""What seeing remembers of each known track between frames: when it was looked at, what came of it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

LEARN = 0.3


@dataclass(frozen=True)
class Recollection:
    """Of one track: `tried_t`, the last landmark run; `agreed_t`, the last time that a searcher saw
    somebody there; `belief`, how present the landmark model has found them lately, 0 to 1."""

    tried_t: float = float("-inf")
    agreed_t: float | None = None
    belief: float = 1.0


class Memory:
    """Recollections by track id; those of tracks that are gone are forgotten."""

    def __init__(self) -> None:
        self._tracks: dict[int, Recollection] = {}

    def of(self, track: int | None) -> Recollection:
        """What is known of a track; of a new one, nothing."""
        return Recollection() if track is None else self._tracks.get(track, Recollection())

    def agreed(self, track: int, t: float) -> None:
        """A searcher has seen somebody where the track is."""
        self._tracks[track] = replace(self.of(track), agreed_t=t)

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
