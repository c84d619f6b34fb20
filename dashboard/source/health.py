"""How a camera is doing: what is counted, how long to wait after a cut, whether its picture lives."""

from __future__ import annotations

import zlib
from dataclasses import dataclass, fields

from dashboard.values import Image


@dataclass(frozen=True)
class Counts:
    """What a reader has gone through since its start.

    `read`: frames from the source; `dropped`: replaced or grown old before anybody took them; `corrupt`:
    pictures lost to damaged data; `late`: left out by the source because they were old; `unchanged`: the
    very same picture for too long; `reconnects`: openings after the first; `abandoned`: threads left
    behind because the source did not come back; `failures`: errors of the program itself.
    """

    read: int = 0
    dropped: int = 0
    corrupt: int = 0
    late: int = 0
    unchanged: int = 0
    reconnects: int = 0
    abandoned: int = 0
    failures: int = 0

    def __add__(self, other: Counts) -> Counts:
        return Counts(*(getattr(self, f.name) + getattr(other, f.name) for f in fields(Counts)))


# A refused password is tried at 30 s, then ever more seldom up to this many times that.
MOST_REFUSED_PAUSES = 10


class Pauses:
    """How long to wait before the next try: doubling from `first_s` up to `most_s`; and where trying
    again soon cannot help, from `refused_s` up to ten times that, because cameras lock an account."""

    def __init__(self, first_s: float, most_s: float, refused_s: float) -> None:
        self._first_s = min(first_s, most_s)
        self._most_s = most_s
        self._next_s = self._first_s
        self._next_refused_s = refused_s
        self._most_refused_s = MOST_REFUSED_PAUSES * refused_s

    def after(self, pictures: bool, hopeless: bool) -> float:
        """The pause after a try that gave `pictures` or not."""
        if hopeless:
            pause = self._next_refused_s
            self._next_refused_s = min(self._most_refused_s, 2 * pause)
            return pause
        pause = self._first_s if pictures else self._next_s
        self._next_s = min(self._most_s, 2 * pause)
        return pause


class Stillness:
    """For how long a camera has sent the very same picture, byte for byte in every fourth row.

    A live picture has noise, and most cameras write a clock into it; a stuck encoder has neither.
    """

    def __init__(self) -> None:
        self._mark: tuple[tuple[int, ...], int] | None = None
        self._since = 0.0

    def since(self, image: Image, now: float) -> float:
        """Takes in the picture got at `now`; the time at which its like was first got."""
        mark = (image.shape, zlib.crc32(image[::4].tobytes()))
        if mark != self._mark:
            self._mark, self._since = mark, now
        return self._since
