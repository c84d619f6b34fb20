"""Who looks at what: each look lasts a few seconds and is renewed while somebody is there. Pure."""

from __future__ import annotations


class Interest:
    """The (camera, view) pairs that one viewer, or the whole UI, looks at."""

    def __init__(self, lasts_s: float) -> None:
        self._lasts_s = lasts_s
        self._until: dict[tuple[str, str], float] = {}

    def touch(self, camera: str, view: str, now: float) -> bool:
        """Renews a look; True when it is a new one."""
        new = not self.holds(camera, view, now)
        self._until[camera, view] = now + self._lasts_s
        return new

    def holds(self, camera: str, view: str, now: float) -> bool:
        return self._until.get((camera, view), now) > now

    def active(self, now: float) -> frozenset[tuple[str, str]]:
        """The pairs that are looked at."""
        return frozenset(key for key, until in self._until.items() if until > now)

    def expire(self, now: float) -> None:
        """Forgets what nobody looks at any more."""
        self._until = {key: until for key, until in self._until.items() if until > now}
