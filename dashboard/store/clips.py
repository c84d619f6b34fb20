"""Named queries for recorded clips: a page of those that are asked for, one with its neighbours, what people
say of them, and which go first when there is too much."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, and_, delete, func, insert, or_, select, update

from dashboard.store.base import Base, aware, json_text, naive, text
from dashboard.store.rows import ClipEvent, ClipFilter, ClipMark, ClipRow, EventRow
from dashboard.store.schema import clips
from dashboard.values import Event, Level

_LONGEST_TEXT = 20_000
# Between the words of a clip and those of its note in `search`. Both are folded here: a database's own way of
# making letters small knows ASCII alone on SQLite, and on PostgreSQL what its locale knows.
_NOTE = "\x1f"
# Worth more than the others: they go last.
LASTING = (Level.ALERT.value, Level.EMERGENCY.value)


class Filmed(Base):
    """See the module's line. Clips are written with everything else, by `record`; the newest come first."""

    def clips_found(
        self, asked: ClipFilter, limit: int, before: ClipMark | None = None
    ) -> tuple[ClipRow, ...]:
        """Those that are asked for and come after `before` in the order."""
        query = select(clips).where(*_conditions(asked))
        if before is not None:
            query = query.where(_older(before))
        query = query.order_by(clips.c.began_at.desc(), clips.c.id.desc()).limit(limit)
        with self._reading() as connection:
            return tuple(_read(row) for row in connection.execute(query))

    def clip(self, clip: str) -> ClipRow | None:
        with self._reading() as connection:
            row = connection.execute(select(clips).where(clips.c.id == clip)).first()
        return None if row is None else _read(row)

    def clip_neighbours(self, of: ClipMark, asked: ClipFilter) -> tuple[str | None, str | None]:
        """The next newer and the next older clip among those that are asked for."""
        query = select(clips.c.id).where(*_conditions(asked)).limit(1)
        newer = query.where(_newer(of)).order_by(clips.c.began_at, clips.c.id)
        older = query.where(_older(of)).order_by(clips.c.began_at.desc(), clips.c.id.desc())
        with self._reading() as connection:
            return connection.execute(newer).scalar(), connection.execute(older).scalar()

    def clip_counts(self, asked: ClipFilter) -> dict[str, int]:
        """How many there are of each kind."""
        query = select(clips.c.kind, func.count()).where(*_conditions(asked)).group_by(clips.c.kind)
        with self._reading() as connection:
            rows = connection.execute(query.order_by(clips.c.kind))
            return {row[0]: int(row[1]) for row in rows}

    def clips_occurring(self, newest: int) -> tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]:
        """The kinds and cameras of all clips, and the names in the `newest` of them."""
        names = select(clips.c.people).order_by(clips.c.began_at.desc()).limit(newest)
        with self._reading() as connection:

            def column(name: str) -> tuple[str, ...]:
                query = select(clips.c[name]).distinct().order_by(clips.c[name])
                return tuple(connection.execute(query).scalars())

            people = [json.loads(row) for row in connection.execute(names).scalars()]
            known = dict.fromkeys(name for row in people for name in row)
            return column("kind"), column("camera"), tuple(known)

    def clip_bytes(self) -> tuple[int, int]:
        """How many clips there are, and their bytes."""
        with self._reading() as connection:
            count, size = connection.execute(
                select(func.count(), func.coalesce(func.sum(clips.c.bytes), 0))
            ).one()
        return int(count), int(size)

    def mark_clip(
        self, clip: str, *, label: str | None = None, note: str | None = None, kept: bool | None = None
    ) -> bool:
        """Keeps what people say of it; `label` "" takes it away, None changes nothing. Is it there?"""
        values: dict[str, Any] = {} if label is None else {"label": label or None}
        values |= {} if kept is None else {"kept": kept}
        with self._writing() as connection:
            if note is not None:
                known = connection.execute(_said_of(clip)).first()
                said = text(note, _LONGEST_TEXT)
                values |= {"note": said, "search": _searched("" if known is None else known.search, said)}
            return bool(connection.execute(update(clips).where(clips.c.id == clip).values(values)).rowcount)

    def forget_clips(self, ids: Sequence[str]) -> None:
        """Removes the rows; the files are the caller's."""
        with self._writing() as connection:
            connection.execute(delete(clips).where(clips.c.id.in_(list(ids))))

    def clips_over(self, before: datetime, lasting: bool, most: int) -> tuple[ClipRow, ...]:
        """The oldest that ended before then and nobody has pinned: alarms (`lasting`), or the others."""
        old = (clips.c.ended_at < naive(before), _loose(), clips.c.level.in_(LASTING) == lasting)
        return self._oldest(old, most)

    def clips_first_to_go(self, most: int) -> tuple[ClipRow, ...]:
        """Whom the disk's need takes first: not pinned, the oldest, alarms only when nothing else is left."""
        found = self._oldest((_loose(), clips.c.level.not_in(LASTING)), most)
        if len(found) < most:
            found += self._oldest((_loose(), clips.c.level.in_(LASTING)), most - len(found))
        return found

    def clips_in(self, state: str) -> tuple[ClipRow, ...]:
        """All clips that are in this state."""
        with self._reading() as connection:
            query = select(clips).where(clips.c.state == state).order_by(clips.c.began_at)
            return tuple(_read(row) for row in connection.execute(query))

    def clip_ids(self) -> dict[str, ClipMark]:
        """Every clip that is known, with its beginning."""
        with self._reading() as connection:
            found = connection.execute(select(clips.c.id, clips.c.began_at))
            return {row.id: ClipMark(aware(row.began_at), row.id) for row in found}

    def _oldest(self, conditions: Iterable[ColumnElement[bool]], most: int) -> tuple[ClipRow, ...]:
        query = select(clips).where(*conditions).order_by(clips.c.began_at, clips.c.id).limit(most)
        with self._reading() as connection:
            return tuple(_read(row) for row in connection.execute(query))


def put_clips(connection: Connection, rows: Iterable[ClipRow]) -> None:
    """Writes clips; of one that is there all but what people have said of it."""
    for row in rows:
        known = connection.execute(_said_of(row.id)).first()
        values = _values(row, row.note if known is None else known.note)
        found = connection.execute(update(clips).where(clips.c.id == row.id).values(values))
        if not found.rowcount:
            own = {"label": row.label, "note": text(row.note, _LONGEST_TEXT), "kept": row.kept}
            connection.execute(insert(clips).values({"id": text(row.id, 32), **values, **own}))


def _loose() -> ColumnElement[bool]:
    return clips.c.kept.is_(False) & (clips.c.state != "recording")


def _older(than: ClipMark) -> ColumnElement[bool]:
    began = naive(than.began)
    return or_(clips.c.began_at < began, and_(clips.c.began_at == began, clips.c.id < than.id))


def _newer(than: ClipMark) -> ColumnElement[bool]:
    began = naive(than.began)
    return or_(clips.c.began_at > began, and_(clips.c.began_at == began, clips.c.id > than.id))


def _conditions(asked: ClipFilter) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    chosen = (("kind", asked.kinds), ("level", asked.levels), ("label", asked.labels))
    found += [clips.c[name].in_(values) for name, values in chosen if values]
    if asked.camera:
        found.append(clips.c.camera == asked.camera)
    if asked.person:
        # As it stands in the list, with its quotation marks: not a part of another name.
        name = json.dumps(asked.person, ensure_ascii=False)
        found.append(clips.c.people.contains(name, autoescape=True))
    if asked.kept is not None:
        found.append(clips.c.kept.is_(asked.kept))
    if asked.since is not None:
        found.append(clips.c.began_at >= naive(asked.since))
    if asked.until is not None:
        found.append(clips.c.began_at < naive(asked.until))
    for word in asked.text.casefold().split():
        # What was noted before notes stood in `search`.
        note = func.lower(clips.c.note).contains(word, autoescape=True)
        found.append(or_(clips.c.search.contains(word, autoescape=True), note))
    return found


def _said_of(clip: str) -> Select[tuple[str, str]]:
    """A clip's note and words, which nobody else changes until this is written."""
    return select(clips.c.note, clips.c.search).where(clips.c.id == clip).with_for_update()


def _searched(search: str, note: str) -> str:
    """A clip's words with those of the note that it has now."""
    words = search.partition(_NOTE)[0]
    return text(f"{words}{_NOTE}{note.casefold()}" if note else words, _LONGEST_TEXT)


def _values(row: ClipRow, note: str) -> dict[str, Any]:
    events = [_event(one) for one in row.events]
    return {
        "camera": text(row.camera, 32),
        "began_at": naive(row.began),
        "ended_at": naive(row.ended),
        "kind": text(row.kind, 40),
        "level": row.level,
        "people": text(json.dumps(list(row.people), ensure_ascii=False), _LONGEST_TEXT),
        "events": json.dumps(events, ensure_ascii=False, default=str).replace("\\u0000", ""),
        "drill": row.drill,
        "state": row.state,
        "bytes": row.bytes,
        "width": row.width,
        "height": row.height,
        "sealed": row.sealed,
        "open": row.open,
        "search": _searched(row.search, note),
    }


def _event(one: ClipEvent) -> dict[str, Any]:
    event = one.row.event
    return {
        "id": one.row.id,
        "at": naive(one.row.at).isoformat(),
        "camera": event.camera,
        "kind": event.kind,
        "level": event.level.value,
        "person": event.person,
        "zone": event.zone,
        "detail": json.loads(json_text(event.detail)),
        "drill": one.row.drill,
        "alarm": one.alarm,
    }


def _read(row: Row[Any]) -> ClipRow:
    return ClipRow(
        id=row.id,
        camera=row.camera,
        began=aware(row.began_at),
        ended=aware(row.ended_at),
        kind=row.kind,
        level=row.level,
        people=tuple(json.loads(row.people)),
        events=tuple(_read_event(one) for one in json.loads(row.events)),
        drill=row.drill,
        label=row.label,
        note=row.note,
        kept=row.kept,
        state=row.state,
        bytes=row.bytes,
        width=row.width,
        height=row.height,
        sealed=row.sealed,
        open=row.open,
        search=row.search,
    )


def _read_event(one: Mapping[str, Any]) -> ClipEvent:
    event = Event(
        0.0, one["camera"], one["kind"], Level(one["level"]), one["person"], one["zone"], one["detail"]
    )
    at = aware(datetime.fromisoformat(one["at"]))
    return ClipEvent(EventRow(at, event, one["drill"], one["id"]), one["alarm"])
