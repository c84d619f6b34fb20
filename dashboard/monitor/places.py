"""Every camera's zones: what was drawn, or for a simulated camera where its garden has deck and water."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from dashboard.rules.scale import Scale
from dashboard.rules.templates import Template, templates_of
from dashboard.rules.zonefile import ZoneError, scale_of
from dashboard.source.simulated.zones import story_ground, story_zones
from dashboard.store import ZonesRow
from dashboard.values import CameraSpec, SourceKind, Zone, ZoneKind


class Places:
    """Rows of the database, and the cameras that are there."""

    def __init__(self) -> None:
        self._rows: dict[str, ZonesRow] = {}
        self._cameras: tuple[CameraSpec, ...] = ()
        self._by: dict[str, str] = {}

    def use_cameras(self, cameras: Iterable[CameraSpec]) -> None:
        """These cameras watch."""
        self._cameras = tuple(cameras)

    def put(self, row: ZonesRow, who: str = "") -> None:
        """One camera's zones are others now; `who` drew them, as far as it is known."""
        self._rows[row.camera] = row
        self._by[row.camera] = who

    def knows(self, camera: str) -> bool:
        return any(spec.id == camera for spec in self._cameras)

    def names(self) -> dict[str, str]:
        """The cameras' names by id."""
        return {spec.id: spec.name for spec in self._cameras}

    def revision(self, camera: str) -> int:
        """How often a camera's zones were set."""
        row = self._rows.get(camera)
        return 0 if row is None else row.revision

    def by(self, camera: str) -> str:
        """Who set them last, "" when that is not known (any more)."""
        return self._by.get(camera, "")

    def drawn(self) -> tuple[Zone, ...]:
        """What is drawn for all cameras that are there, scales too, links as they were made."""
        return tuple(zone for spec in self._cameras for zone in self._of(spec))

    def zones(self) -> tuple[Zone, ...]:
        """The places of all cameras that are there. A portal whose other end is gone leads nowhere, until
        there is one of that name again."""
        places = [zone for zone in self.drawn() if zone.kind is not ZoneKind.SCALE]
        return tuple(zone if leads(zone, places) else replace(zone, to=None) for zone in places)

    def templates(self) -> dict[str, Template]:
        """What kind of place each one is, by name."""
        return templates_of(self.zones())

    def scales(self) -> tuple[Scale, ...]:
        """What is known of metres: by a measured rectangle, else as the simulated garden has it."""
        found = {spec.id: self._scale(spec) for spec in self._cameras}
        return tuple(scale for scale in found.values() if scale is not None)

    def described(self) -> dict[str, Any]:
        """For the pages; `default` says that nobody has drawn them."""
        return {
            spec.id: {
                "revision": self.revision(spec.id),
                "default": spec.id not in self._rows,
                "by": self.by(spec.id),
                "zones": [entry_of(zone) for zone in self._of(spec)],
            }
            for spec in self._cameras
        }

    def _of(self, spec: CameraSpec) -> tuple[Zone, ...]:
        row = self._rows.get(spec.id)
        if row is not None:
            return row.zones
        return story_zones(spec.id, spec.address) if spec.kind is SourceKind.SIMULATED else ()

    def _scale(self, spec: CameraSpec) -> Scale | None:
        row = self._rows.get(spec.id)
        measured = [zone for zone in row.zones if zone.size_m is not None] if row is not None else []
        for zone in sorted(measured, key=lambda z: z.kind is not ZoneKind.SCALE):
            try:
                return scale_of(zone, _ground(zone))
            except ZoneError:
                continue  # Kept by another version: ages are judged without metres then.
        ground = story_ground(spec.address) if spec.kind is SourceKind.SIMULATED else None
        return None if ground is None else Scale(spec.id, tuple(ground[0]), tuple(ground[1]), "garden")


def entry_of(zone: Zone) -> dict[str, Any]:
    """A zone as `zones.json` has it, without its camera."""
    return {
        "name": zone.name,
        "kind": zone.kind.value,
        "polygon": [list(point) for point in zone.polygon],
        "to": zone.to,
        "size_m": None if zone.size_m is None else list(zone.size_m),
        "template": zone.template,
    }


def leads(zone: Zone, places: Iterable[Zone]) -> bool:
    """Whether a portal's other end is there; also for what leads nowhere on purpose."""
    return zone.to is None or any(
        other.kind is ZoneKind.PORTAL and other.name == zone.to and other.camera != zone.camera
        for other in places
    )


def _ground(zone: Zone) -> str:
    """One rectangle that several cameras see, drawn for each under the same name, gives them one ground. A
    pool's own size does not: where its first corner is would be a guess."""
    if zone.kind is not ZoneKind.SCALE or zone.size_m is None:
        return f"camera {zone.camera}"
    return f"{zone.name} {zone.size_m[0]:g} x {zone.size_m[1]:g}"
