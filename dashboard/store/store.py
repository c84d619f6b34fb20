"""Named queries. Only the monitor writes."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, delete, func, insert, select, update

from dashboard.store.base import naive
from dashboard.store.looks import Looked
from dashboard.store.schema import cameras, choices
from dashboard.store.timeline import Timelined
from dashboard.values import CameraSpec, SourceKind


class Store(Timelined, Looked):
    """All queries: cameras and choices here, the others where they are inherited from."""

    def cameras(self) -> tuple[CameraSpec, ...]:
        """All cameras in their order."""
        query = select(cameras).order_by(cameras.c.position, cameras.c.added_at)
        with self._reading() as connection:
            return tuple(_spec(row) for row in connection.execute(query))

    def add_camera(self, spec: CameraSpec, at: datetime) -> None:
        """Adds it behind the others, whatever its `position` says."""
        last = select(func.coalesce(func.max(cameras.c.position), -1) + 1).scalar_subquery()
        row = {**_row(spec), "position": last, "added_at": naive(at), "changed_at": naive(at)}
        with self._writing() as connection:
            connection.execute(insert(cameras).values(row))

    def change_camera(self, spec: CameraSpec, at: datetime) -> None:
        """Replaces what is kept of the camera `spec.id`, save its position."""
        query = update(cameras).where(cameras.c.id == spec.id)
        with self._writing() as connection:
            connection.execute(query.values({**_row(spec), "changed_at": naive(at)}))

    def remove_camera(self, camera: str) -> None:
        with self._writing() as connection:
            connection.execute(delete(cameras).where(cameras.c.id == camera))

    def order_cameras(self, ids: Sequence[str]) -> None:
        """Puts the cameras into this order; all or none."""
        with self._writing() as connection:
            for position, camera in enumerate(ids):
                connection.execute(update(cameras).where(cameras.c.id == camera).values(position=position))

    def choices(self) -> dict[str, Any]:
        """Everything that was chosen for the installation; what was never chosen is not in it."""
        with self._reading() as connection:
            return {row.key: json.loads(row.value) for row in connection.execute(select(choices))}

    def choose(self, values: dict[str, Any], at: datetime) -> None:
        """Keeps several choices at once; all or none."""
        with self._writing() as connection:
            for key, value in values.items():
                connection.execute(delete(choices).where(choices.c.key == key))
                row = {"key": key, "value": json.dumps(value), "changed_at": naive(at)}
                connection.execute(insert(choices).values(row))


def _row(spec: CameraSpec) -> dict[str, Any]:
    return {
        "id": spec.id,
        "name": spec.name,
        "kind": spec.kind.value,
        "address": spec.address,
        "loop": spec.loop,
        "max_fps": spec.max_fps,
        "enabled": spec.enabled,
        "backend": spec.backend,
    }


def _spec(row: Row[Any]) -> CameraSpec:
    return CameraSpec(
        id=row.id,
        name=row.name,
        kind=SourceKind(row.kind),
        address=row.address,
        loop=row.loop,
        max_fps=row.max_fps,
        enabled=row.enabled,
        position=row.position,
        backend=row.backend,
    )
