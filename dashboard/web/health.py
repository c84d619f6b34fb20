"""Whether the watch is whole, for machines that look after it: no names, no addresses."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from dashboard.web.service import Service


@dataclass(frozen=True)
class Health:
    """`missing` names what is not as it should be: `monitor`, `camera 2` (its place in the list);
    `starting` those of them that have only just begun, `poor` those that are live and do not see well."""

    missing: tuple[str, ...]
    cameras: int
    starting: tuple[str, ...] = ()
    poor: tuple[str, ...] = ()

    @property
    def whole(self) -> bool:
        return not self.missing

    def as_json(self) -> dict[str, Any]:
        word = "ok" if self.whole else "degraded"
        return {
            "status": word,
            "missing": list(self.missing),
            "starting": list(self.starting),
            "poor": list(self.poor),
            "cameras": self.cameras,
        }


def health_of(found: Service | None) -> Health:
    """Of the whole system as this server sees it; a camera that is switched off is not missed."""
    if found is None or not found.handle.connected:
        return Health(("monitor",), 0)
    cameras = found.handle.cameras()
    not_live = [(f"camera {i}", c) for i, c in enumerate(cameras, start=1) if not _is_fine(c)]
    starting = tuple(name for name, camera in not_live if camera.get("state") == "starting")
    poor = tuple(name for name, camera in not_live if camera.get("state") == "live")
    return Health(tuple(name for name, _ in not_live), len(cameras), starting, poor)


def _is_fine(camera: Mapping[str, Any]) -> bool:
    sees = camera.get("state") == "live" and not camera.get("reason")
    return not camera.get("enabled", True) or sees
