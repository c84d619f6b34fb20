"""What is fixed while a site is judged: zones, scales, settings; and what other parts know of tracks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache

from dashboard.geometry import Point
from dashboard.rules.people import Identity, TrackKey
from dashboard.rules.scale import Ground, Scale, ground_of
from dashboard.rules.zones import CameraZones, camera_zones
from dashboard.settings import RuleSettings
from dashboard.values import Zone, ZoneKind


@dataclass(frozen=True)
class World:
    """The places of a site. `identities` is what faces, tags or hand-over say of tracks."""

    zones: tuple[Zone, ...] = ()
    scales: tuple[Scale, ...] = ()
    settings: RuleSettings = field(default_factory=RuleSettings)
    identities: Mapping[TrackKey, Identity] = field(default_factory=dict)

    def camera(self, camera: str, size_wh: tuple[int, int]) -> CameraZones:
        """The zones of one camera in pixels."""
        return camera_zones(self.zones, camera, size_wh)

    def has_water(self) -> bool:
        """Whether any camera of the site watches water."""
        return any(zone.kind is ZoneKind.WATER for zone in self.zones)

    def ground(self, camera: str, size_wh: tuple[int, int]) -> Ground | None:
        """The camera's scale, None where it has none."""
        scale = next((s for s in self.scales if s.camera == camera), None)
        return None if scale is None else _ground(scale, size_wh)

    def one_ground(self, camera: str, other: str) -> bool:
        """Whether two cameras' metres are of one ground, so that they can be compared."""
        if camera == other:
            return True
        grounds = [{s.ground for s in self.scales if s.camera == one} for one in (camera, other)]
        return bool(grounds[0] & grounds[1])

    def metres(self, camera: str, size_wh: tuple[int, int], point: Point) -> Point | None:
        """Where a pixel is on the ground, None where the camera has no scale."""
        ground = self.ground(camera, size_wh)
        return None if ground is None else ground.metres(point)


@lru_cache(maxsize=256)
def _ground(scale: Scale, size_wh: tuple[int, int]) -> Ground:
    return ground_of(scale, size_wh)
