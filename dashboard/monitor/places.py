"""Every camera's zones: what was drawn, or for a simulated camera where its garden has deck and water."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from dashboard.rules.scale import Scale
from dashboard.source.simulated.zones import story_ground, story_zones
from dashboard.store import ZonesRow
from dashboard.values import CameraSpec, SourceKind, Zone


class Places:
    """Rows of the database, and the cameras that are there."""

    def __init__(self) -> None:
        self._rows: dict[str, ZonesRow] = {}
        self._cameras: tuple[CameraSpec, ...] = ()

    def use_cameras(self, cameras: Iterable[CameraSpec]) -> None:
        """These cameras watch."""
        self._cameras = tuple(cameras)

    def put(self, row: ZonesRow) -> None:
        """One camera's zones are others now."""
        self._rows[row.camera] = row

    def knows(self, camera: str) -> bool:
        return any(spec.id == camera for spec in self._cameras)

    def names(self) -> dict[str, str]:
        """The cameras' names by id."""
        return {spec.id: spec.name for spec in self._cameras}

    def revision(self, camera: str) -> int:
        """How often a camera's zones were set."""
        row = self._rows.get(camera)
        return 0 if row is None else row.revision

    def zones(self) -> tuple[Zone, ...]:
        """The zones of all cameras that are there."""
        return tuple(zone for spec in self._cameras for zone in self._of(spec))

    def scales(self) -> tuple[Scale, ...]:
        """The metres of simulated gardens, which are known."""
        simulated = [spec for spec in self._cameras if spec.kind is SourceKind.SIMULATED]
        return tuple(
            Scale(spec.id, tuple(ground[0]), tuple(ground[1]))
            for spec in simulated
            if (ground := story_ground(spec.address)) is not None
        )

    def described(self) -> dict[str, Any]:
        """For the pages; `default` says that nobody has drawn them."""
        return {
            spec.id: {
                "revision": self.revision(spec.id),
                "default": spec.id not in self._rows,
                "zones": [
                    {
                        "name": zone.name,
                        "kind": zone.kind.value,
                        "polygon": [list(point) for point in zone.polygon],
                        "to": zone.to,
                    }
                    for zone in self._of(spec)
                ],
            }
            for spec in self._cameras
        }

    def _of(self, spec: CameraSpec) -> tuple[Zone, ...]:
        row = self._rows.get(spec.id)
        if row is not None:
            return row.zones
        return story_zones(spec.id, spec.address) if spec.kind is SourceKind.SIMULATED else ()
