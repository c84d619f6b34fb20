"""The lights that a camera has known, each with its normal picture: colour by day, infrared by night.

When nearly all of the picture changes at once and stays so, another light has come. If it was there before,
what was normal then is normal again, and the things that were known then are known still; else all is learnt
anew.
"""

from __future__ import annotations

from dataclasses import dataclass

from dashboard.vision.normal import Kept, Normal
from dashboard.vision.parts import Part

MOST = 3
FITS = 0.15  # so much of the picture may be unexplained: things have come and gone, the sun has moved


@dataclass(frozen=True, eq=False)
class _Light:
    kept: Kept
    told: tuple[Part, ...]


class Lights:
    """Keeps what was normal in the last few lights. `switch` changes."""

    def __init__(self) -> None:
        self._lights: list[_Light] = []

    def switch(self, normal: Normal, told: tuple[Part, ...]) -> tuple[Part, ...] | None:
        """Leaves the light that was, with the things `told` of in it, for the one that is. The things that
        were told of when this one was last there; None: it is new."""
        fits = [(normal.unexplained(light.kept), n) for n, light in enumerate(self._lights)]
        best, number = min(fits, default=(1.0, -1))
        found = self._lights.pop(number) if best < FITS else None
        self._lights = [*self._lights[1 - MOST :], _Light(normal.kept(), told)]
        if found is None:
            return None
        normal.recall(found.kept)
        return found.told
