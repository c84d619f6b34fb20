"""Recorded clips in a data folder, as the recorder leaves them: rows in the database, small real files."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from dashboard.store import ClipEvent, ClipRow, EventRow, Record, Store, database_url
from dashboard.values import CameraSpec, Event, Level, SourceKind
from tests.unit.clips_stage import SECONDS, SIZE_WH, number, write_files

CAMERAS = (("c1", "Overview"), ("c2", "<b>Entrance</b>"))
# Kind, level, who, where.
KINDS = (
    ("submersion", Level.EMERGENCY, "Guest 2", "pool"),
    ("person_entered", Level.ALERT, "Anna", None),
    ("animal", Level.NOTICE, "", None),
    ("child_alone", Level.EMERGENCY, "<i>Ben</i>", "pool"),
    ("object_appeared", Level.PROMPT, "", "pool"),
)
_AT_ONCE = 1000


def clip(n: int, newest: datetime, step: timedelta) -> ClipRow:
    """The n-th newest."""
    kind, level, name, zone = KINDS[n % len(KINDS)]
    camera, camera_name = CAMERAS[n % 2]
    began = newest - n * step
    detail = {"name": name, "label": "cat"} if name or kind == "animal" else {}
    event = Event(0.0, camera, kind, level, 7 if name else None, zone, detail)
    told = EventRow(began + timedelta(seconds=2), event, False, n + 1)
    return ClipRow(
        id=number(n),
        camera=camera,
        began=began,
        ended=began + timedelta(seconds=SECONDS),
        kind=kind,
        level=level.value,
        people=(name,) if name else (),
        events=(ClipEvent(told),),
        state="ready",
        bytes=40_000,
        width=SIZE_WH[0],
        height=SIZE_WH[1],
        open=kind == "animal",
        search=f"{camera_name} {kind} {name} {'cat' if kind == 'animal' else ''}".casefold(),
    )


def seed(
    data: Path, count: int, newest: datetime, step: timedelta = timedelta(hours=2), files: bool = True
) -> list[ClipRow]:
    """Fills the database and the folder; all clips show the same video."""
    rows = [clip(n, newest, step) for n in range(count)]
    data.mkdir(parents=True, exist_ok=True)
    with closing(Store(database_url(data))) as store:
        for place, (camera, name) in enumerate(CAMERAS):
            store.add_camera(
                CameraSpec(camera, name, SourceKind.BROWSER, "", enabled=False),
                newest + timedelta(seconds=place),
            )
        for start in range(0, count, _AT_ONCE):
            store.record(Record(clips=tuple(rows[start : start + _AT_ONCE])), newest)
    if files:
        for row in rows:
            add_files(data, row, rows[0])
    return rows


def add_files(data: Path, row: ClipRow, like: ClipRow) -> None:
    """The files of a clip; the video is that of `like` where that is another."""
    first = data / "clips" / f"{like.began.astimezone(UTC):%Y-%m-%d}" / f"{like.id}.mp4"
    write_files(data, row.id, row.began.astimezone(UTC), first if first.exists() else None)


def one_more(data: Path, row: ClipRow, like: ClipRow) -> None:
    """A clip that is recorded while the pages are open."""
    add_files(data, row, like)
    with closing(Store(database_url(data))) as store:
        store.record(Record(clips=(row,)), row.ended)


def newer(rows: list[ClipRow], n: int) -> Iterator[ClipRow]:
    """Clips after the newest, the oldest of them first."""
    for i in range(n):
        began = rows[0].began + timedelta(minutes=i + 1)
        event = replace(rows[0].events[0].row, at=began + timedelta(seconds=2))
        yield replace(
            rows[0],
            id=f"{0xABC0 + i:032x}",
            began=began,
            ended=began + timedelta(seconds=SECONDS),
            events=(ClipEvent(event),),
        )
